package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/app"
	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// world is an installation in which every page has every state that it can be
// in, and more servers for what cannot be beside the rest.
type world struct {
	*testkit.Setup
	app     *app.App
	servers map[string]string // addresses; "" is the usual one
	people  map[string]training.Actor
	// own are the people of servers that have a database of their own.
	own  map[string]map[string]training.Actor
	apps map[string]*app.App
	// values stand for {name} in the address of a page.
	values map[string]string
}

// holdLife is longer than one reader's visits take.
const holdLife = 2 * time.Hour

// The servers besides the usual one.
const (
	redisAway   = "Redis away"
	databaseOut = "database gone"
	nothingYet  = "nothing yet" // nobody has filled it
	brokenPart  = "part of the database gone"
	crowded     = "more editions in a month than are shown"
)

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Setup: testkit.SQLite(t), servers: map[string]string{}, people: map[string]training.Actor{},
		own: map[string]map[string]training.Actor{}, apps: map[string]*app.App{}, values: map[string]string{}}
	secret := filepath.Join(t.TempDir(), "secret")
	w.app = w.start(t, "", w.Setup, secret, "smtp://127.0.0.1:1")
	away := w.start(t, redisAway, w.Setup, secret, "")
	if err := away.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	gone := w.start(t, databaseOut, w.Setup, secret, "")
	if err := gone.DB.Close(); err != nil {
		t.Fatal(err)
	}
	empty := testkit.SQLite(t)
	w.start(t, nothingYet, empty, secret, "")
	w.own[nothingYet] = map[string]training.Actor{
		"admin of nothing": empty.Person(t, testkit.P{Email: "first@secretariat.example", Name: "Sigrid Almquist", Role: training.RoleAdmin})}
	w.addBroken(t, secret)
	w.addCrowd(t, secret)
	if _, err := w.app.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(catalogue.Courses)); err != nil {
		t.Fatal(err)
	}
	w.addPeople(t)
	w.addRuns(t)
	w.addEnrolments(t)
	w.addCertificates(t)
	w.addStopped(t)
	w.addRegister(t)
	w.addMarked(t)
	w.addLinks(t)
	return w
}

// start serves on a free port. Every visit comes from an address of its own,
// said by a proxy: what is limited by address is then limited for no test.
func (w *world) start(t *testing.T, name string, s *testkit.Setup, secret, smtp string) *app.App {
	t.Helper()
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	w.servers[name] = "http://" + listener.Addr().String()
	settings := config.Settings{DatabaseURL: s.DatabaseURL, BaseURL: w.servers[name], Issuer: "Varde", SecretFile: secret,
		SMTPURL: smtp, MailFrom: "varde@varde.example", Contact: "secretariat@varde.example", HoldLife: holdLife, APILimit: 3000, SignInLimit: 1_000_000,
		TrustedProxies: []string{"127.0.0.1"}}
	a := must[*app.App](t)(app.Open(t.Context(), settings, slog.New(slog.DiscardHandler)))
	w.apps[name] = a
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ctx, listener, "test") }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server %q ended with %v", name, err)
		}
		a.Close() //nolint:errcheck // two of them are closed in part already, on purpose
	})
	return a
}

// addPeople makes one or more of every role.
func (w *world) addPeople(t *testing.T) {
	t.Helper()
	w.Agency(t, "fi-hel", "FI")
	for name, p := range map[string]testkit.P{
		"trainee":             {Name: "Jānis Bērziņš-Ķēniņš", Country: "LV", Agency: "lv-vugd", Confirmed: true},
		"enrolled":            {Name: "Þórdís Ægisdóttir", Country: "LV", Agency: "lv-vugd", Confirmed: true},
		"colleague":           {Name: "Märta Åkesson-Öhrnér", Country: "LV", Agency: "lv-vugd", Confirmed: true},
		"slow":                {Name: "Lāsma Ģērmane", Country: "LV", Agency: "lv-vugd", Confirmed: true},
		"idle":                {Name: "Õnne Ööbik", Country: "EE", Agency: "ee-ppa", Confirmed: true},
		"declared":            {Name: "Liucija Žąsytė", Country: "LV", Agency: "lv-vugd"},
		"unreached":           {Name: "Tomasz Źdźbło", Country: "PL", Agency: "pl-psp", Confirmed: true, EmailUnconfirmed: true},
		"suspended":           {Name: "Søren Østergård", Country: "DK", Agency: "dk-brs", Confirmed: true},
		"instructor":          {Name: "Kertu Õunapuu", Role: training.RoleInstructor, Country: "EE", Agency: "ee-paa", Confirmed: true},
		"idle instructor":     {Name: "Gunnhild Sørlie", Role: training.RoleInstructor, Country: "NO", Agency: "no-dsb", Confirmed: true},
		"officer":             {Name: "Ilze Kārkliņa-Ozola", Role: training.RoleAgency, Country: "LV", Agency: "lv-vugd", Confirmed: true},
		"idle officer":        {Name: "Harri Töyrylä", Role: training.RoleAgency, Country: "FI", Agency: "fi-raja", Confirmed: true},
		"unconfirmed officer": {Name: "Ulrike Nähterholt", Role: training.RoleAgency, Country: "DE", Agency: "de-thw"},
		"coordinator":         {Name: "Leena Ylönen-Hietala", Role: training.RoleCoordinator, Country: "FI", Agency: "fi-ministry", Confirmed: true},
		"unprintable":         {Name: "Kertu \u2615 Õunapuu", Country: "EE", Agency: "ee-ppa", Confirmed: true},
		"veteran":             {Name: "Wolfgang Schwarzenberger-Müller", Country: "DE", Agency: "de-thw", Confirmed: true},
		"busy coordinator":    {Name: "Kārlis Vītols-Zvaigznājs", Role: training.RoleCoordinator, Country: "LV", Agency: "lv-ministry", Confirmed: true},
		"new coordinator":     {Name: "Grażyna Święcicka", Role: training.RoleCoordinator, Country: "PL", Agency: "pl-ministry"},
		"admin":               {Name: "Sigrid Almquist-Rehn", Role: training.RoleAdmin},
	} {
		p.Email = strings.ReplaceAll(name, " ", ".") + "@people.example"
		w.people[name] = w.Person(t, p)
	}
	newcomer := people.SignUp{Email: "newcomer@people.example", Password: password, Locale: "en"}
	w.people["newcomer"] = must[people.Account](t)(w.app.People.SignUp(t.Context(), newcomer)).Actor()
}

// addRuns makes editions of a real course in every state.
func (w *world) addRuns(t *testing.T) {
	t.Helper()
	now := w.Now(t)
	today := training.DateOf(now)
	basic := w.courseID(t, "ucpm-mbc")
	teachers := []training.Actor{w.people["instructor"]}
	for _, r := range []testkit.R{
		{Code: "OPEN", Quotas: map[string]int{"LV": 2, "FI": 1}},
		{Code: "LARGE", Size: 60, Quotas: map[string]int{"LV": 4}},
		{Code: "FULL", Size: 1}, {Code: "WAITS", Size: 1},
		{Code: "CLOSED", Closes: now.Add(-time.Hour)},
		{Code: "SOON", Opens: now.AddDate(0, 0, 3)},
		{Code: "CANCELLED"},
		{Code: "STRICT", Conditions: training.Conditions{Countries: []string{"SE"}, Professions: []string{"coast_guard"}, LanguageLevel: "B2"}},
		{Code: "ASKS", Approval: true}, {Code: "HELD", Size: 3}, {Code: "OFFERS", Size: 1}, {Code: "MINE", Size: 5},
		{Code: "LEFT", Size: 5}, {Code: "REFUSED", Approval: true}, {Code: "LISTED", Size: 1},
		{Code: "NOW", Starts: today, Ends: today.AddDays(1), Closes: now.AddDate(0, 0, 1), Size: 3},
		{Code: "NOBODY", Starts: today, Ends: today.AddDays(1), Closes: now.AddDate(0, 0, 1)},
	} {
		r.Course, r.Instructors = basic, teachers
		w.Run(t, r)
	}
	w.underWay(t, "NOW")
	w.change(t, "UPDATE runs SET cancelled_at = $1 WHERE code = 'CANCELLED'", now)
	w.courseID(t, "jcbrn-21243")
	w.values["month"] = today.AddDays(30).String()[:len("2006-01")]
	for i := range 30 { // more than one page of the secretariat's list holds
		w.Run(t, testkit.R{Code: fmt.Sprintf("SERIES-%d", i), Course: w.courseID(t, "fi-10220"), Size: 12})
	}
}

// courseID finds a course of the shipped catalogue, and keeps its address.
func (w *world) courseID(t *testing.T, importID string) int {
	t.Helper()
	row := must[*ent.Course](t)(w.DB.Ent.Course.Query().Where(course.ImportID(importID)).Only(t.Context()))
	w.values[importID] = row.Slug
	return row.ID
}

// change writes what no service does, as time or another server would.
func (w *world) change(t *testing.T, statement string, args ...any) {
	t.Helper()
	err := w.DB.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.SQL.ExecContext(t.Context(), statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// addEnrolments brings people into every status that a person sees.
func (w *world) addEnrolments(t *testing.T) {
	t.Helper()
	confirm := func(name, code, who string) {
		t.Helper()
		made, err := w.app.Enrolment.ConfirmOrWait(t.Context(), w.people[who], code, "")
		if err != nil {
			t.Fatalf("%s in %s: %v", who, code, err)
		}
		w.values[name] = made.Ref
	}
	confirm("full", "FULL", "idle")
	confirm("first", "WAITS", "idle")
	confirm("waiting", "WAITS", "enrolled")
	confirm("behind", "WAITS", "colleague")
	confirm("mine", "MINE", "enrolled")
	confirm("pending", "ASKS", "enrolled")
	confirm("declined", "REFUSED", "enrolled")
	confirm("pending too", "ASKS", "colleague")
	confirm("cancelled", "LEFT", "enrolled")
	confirm("listed", "LISTED", "idle")
	confirm("present", "NOW", "enrolled")
	confirm("absent", "NOW", "colleague")
	confirm("late", "NOW", "idle")
	confirm("too late", "NOW", "suspended")
	confirm("gives way", "OFFERS", "idle")
	confirm("offered", "OFFERS", "enrolled")
	for who, ref := range map[string]string{"enrolled": "cancelled", "idle": "gives way"} {
		must[enrolment.Enrolment](t)(w.app.Enrolment.Cancel(t.Context(), w.people[who], w.values[ref]))
	}
	slow := w.people["slow"] // whose first hold has ended
	ended := must[enrolment.Held](t)(w.app.Enrolment.Hold(t.Context(), slow, "HELD"))
	w.values["ended hold"] = ended.Token
	if err := w.app.Enrolment.Drop(t.Context(), slow, ended.Token); err != nil {
		t.Fatal(err)
	}
	must[enrolment.Held](t)(w.app.Enrolment.Hold(t.Context(), slow, "HELD"))
	must[enrolment.Enrolment](t)(w.app.Enrolment.Decline(t.Context(), w.people["officer"], w.values["declined"]))
	if err := w.app.Enrolment.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.app.People.SetSuspended(t.Context(), w.people["admin"], "DK", true); err != nil {
		t.Fatal(err)
	}
}

// addCertificates closes editions and waits for what follows.
func (w *world) addCertificates(t *testing.T) {
	t.Helper()
	for _, name := range []string{"valid", "revoked", "replaced", "expired", "discreet", "misspelt"} {
		w.values[name] = w.certify(t, "C-"+strings.ToUpper(name), name == "discreet")
	}
	if err := w.app.Certificates.Revoke(t.Context(), w.people["admin"], w.values["revoked"], "facts_wrong", "inside"); err != nil {
		t.Fatal(err)
	}
	w.change(t, "UPDATE certificates SET replaced_by = $1 WHERE number = $2", w.values["valid"], w.values["replaced"])
	w.change(t, "UPDATE certificates SET expires_at = $1 WHERE number = $2", w.Now(t).Add(-time.Minute), w.values["expired"])
	w.change(t, "UPDATE certificates SET holder = $1 WHERE number = $2", "Thordis Aegisdottir", w.values["misspelt"])
}

// halfDaysOf are those of an edition of today and tomorrow: the first has begun at
// any hour, and the last has not.
func halfDaysOf(now time.Time) []training.HalfDay {
	today := training.DateOf(now)
	return []training.HalfDay{{Key: today.String() + "/am", From: "00:00", To: "12:00"}, {Key: today.AddDays(1).String() + "/am", From: "00:00", To: "12:00"},
		{Key: today.AddDays(1).String() + "/pm", From: "23:58", To: "23:59"}}
}

// underWay gives an edition these half days.
func (w *world) underWay(t *testing.T, code string) {
	t.Helper()
	half := halfDaysOf(w.Now(t))
	w.values["half day ahead"] = half[len(half)-1].Key
	w.DB.Ent.Run.Update().Where(run.Code(code)).SetHalfDays(half).ExecX(t.Context())
}

func (w *world) certify(t *testing.T, code string, discreet bool) string {
	t.Helper()
	teacher := w.people["instructor"]
	w.finish(t, code, w.people["enrolled"], discreet)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		list, err := w.app.Certificates.OfRun(t.Context(), teacher, code)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			return list[0].Number
		}
	}
	t.Fatalf("no certificate of %s", code)
	return ""
}

// finish holds an edition of one day that somebody completes, and closes it.
func (w *world) finish(t *testing.T, code string, holder training.Actor, discreet bool) int {
	t.Helper()
	teacher := w.people["instructor"]
	day := training.DateOf(w.Now(t)).AddDays(-1) // a half day to come takes no marks
	run := w.Run(t, testkit.R{Code: code, Course: w.courseID(t, "ucpm-mbc"), Instructors: []training.Actor{teacher},
		Starts: day, Ends: day, Closes: w.Now(t).AddDate(0, 0, 1), Discreet: discreet})
	made, err := w.app.Enrolment.Confirm(t.Context(), holder, code, "")
	if err != nil {
		t.Fatal(err)
	}
	w.values["ref of "+code] = made.Ref
	yes := true
	w.underWay(t, code)
	for _, half := range halfDaysOf(w.Now(t)) {
		change := roster.Change{Presence: []roster.Mark{{HalfDay: half.Key, Present: &yes}}}
		if _, _, err := w.app.Roster.Mark(t.Context(), teacher, code, made.Ref, change); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.app.Roster.Close(t.Context(), teacher, code); err != nil {
		t.Fatal(err)
	}
	w.app.Outbox.Wake()
	return run
}

// addLinks has the mails written whose links lead to pages of their own.
func (w *world) addLinks(t *testing.T) {
	t.Helper()
	idle := "idle@people.example"
	for name, send := range map[string]func() error{
		"login_link":     func() error { return w.app.People.SendLogInLink(t.Context(), idle, "en") },
		"reset_password": func() error { return w.app.People.SendReset(t.Context(), idle, "en") },
		"confirm_email":  func() error { return w.app.People.SendConfirmation(t.Context(), w.people["unreached"]) },
	} {
		if err := send(); err != nil {
			t.Fatal(err)
		}
		w.values[name] = w.mailed(t, name)
	}
}

// mailed is the path of the link in the mail of a name, without the language.
func (w *world) mailed(t *testing.T, name string) string {
	t.Helper()
	var found []string
	for _, job := range w.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).AllX(t.Context()) {
		var mail outbox.Mail
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			t.Fatal(err)
		}
		found = append(found, mail.Name)
		if mail.Name == name {
			path := strings.TrimPrefix(mail.Args["link"], w.servers[""])
			return path[strings.Index(path[1:], "/")+1:]
		}
	}
	t.Fatalf("no mail %s among %v", name, found)
	return ""
}
