package demo_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/demo"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

var quiet = slog.New(slog.DiscardHandler)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// settingsOf gives an installation with a secret of its own in a new folder.
func settingsOf(t *testing.T, databaseURL string) config.Settings {
	t.Helper()
	env := map[string]string{"VARDE_DATABASE_URL": databaseURL, "VARDE_SECRET_FILE": filepath.Join(t.TempDir(), "secret"),
		"VARDE_SMTP_URL": "smtp://127.0.0.1:1", "VARDE_REDIS_URL": "redis://127.0.0.1:1"}
	s, err := config.Read(func(name string) string { return env[name] })
	must(t, err)
	_, err = config.Secret(s.SecretFile, true)
	must(t, err)
	return s
}

func open(t *testing.T, s config.Settings) *app.App {
	t.Helper()
	s.RedisURL = ""
	a, err := app.Open(t.Context(), s, quiet)
	must(t, err)
	t.Cleanup(func() { a.Close() })
	return a
}

func fill(t *testing.T, s config.Settings) string {
	t.Helper()
	var out bytes.Buffer
	must(t, demo.Fill(t.Context(), s, quiet, &out))
	return out.String()
}

// filesIn lists a folder with the contents of its files.
func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		must(t, err)
		files[e.Name()] = string(text)
	}
	return files
}

func TestAnEmptySQLiteFileIsFilledOnce(t *testing.T) {
	folder := t.TempDir()
	s := settingsOf(t, "sqlite:"+filepath.Join(folder, "varde.db"))
	stoppedInTheMiddle(t, s, folder)
	out := fill(t, s)
	if names := filesIn(t, folder); len(names) != 1 || names["varde.db"] == "" {
		t.Errorf("files: %v", keys(names))
	}
	kept, err := os.ReadFile(filepath.Join(filepath.Dir(s.SecretFile), "demo-logins.txt"))
	if err != nil || string(kept) != out {
		t.Errorf("kept log-ins %q (%v), printed %q", kept, err, out)
	}
	a := open(t, s)
	t.Run("filled", func(t *testing.T) { checkFilled(t, a, out) })
	must(t, a.Close())

	before := filesIn(t, folder)["varde.db"]
	var again bytes.Buffer
	if err := demo.Fill(t.Context(), s, quiet, &again); !errors.Is(err, demo.ErrNotEmpty) || again.Len() != 0 {
		t.Errorf("filled twice: %v, %q", err, again.String())
	}
	after := filesIn(t, folder)
	if after["varde.db"] != before {
		t.Error("a refused demonstration changed the database")
	}
	if _, there := after["varde.db.demo"]; there {
		t.Errorf("a refused demonstration left files behind: %v", keys(after))
	}
	if now, err := os.ReadFile(filepath.Join(filepath.Dir(s.SecretFile), "demo-logins.txt")); err != nil || string(now) != out {
		t.Errorf("the kept log-ins are now %q (%v)", now, err)
	}
}

func keys(m map[string]string) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// stoppedInTheMiddle stops a filling while it is at its courses, people or runs.
func stoppedInTheMiddle(t *testing.T, s config.Settings, folder string) {
	t.Helper()
	for _, after := range []time.Duration{0, 200 * time.Millisecond, 900 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		err := demo.Fill(ctx, s, quiet, io.Discard)
		cancel()
		if err == nil {
			t.Fatalf("filled within %v", after)
		}
		if left := filesIn(t, folder); len(left) != 0 {
			t.Errorf("stopped after %v (%v), left behind: %v", after, err, keys(left))
		}
	}
}

func TestAnEmptyPostgreSQLIsFilledOnce(t *testing.T) {
	server, err := services.SharedPostgres()
	must(t, err)
	url, drop, err := server.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	s := settingsOf(t, url)
	out := fill(t, s)
	a := open(t, s)
	checkFilled(t, a, out)
	people := a.DB.Ent.Person.Query().CountX(t.Context())
	if err := demo.Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("filled twice: %v", err)
	}
	if now := a.DB.Ent.Person.Query().CountX(t.Context()); now != people {
		t.Errorf("%d people, before %d", now, people)
	}
}

func TestADatabaseThatIsServedIsNotTouched(t *testing.T) {
	s := settingsOf(t, "sqlite:"+filepath.Join(t.TempDir(), "varde.db"))
	a := open(t, s)
	must(t, a.DB.LockForServing(s.DatabaseURL))
	if err := demo.Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, store.ErrInUse) {
		t.Errorf("got %v", err)
	}
}

// A database that was only brought up to date, or that holds one course, person
// or agency.
func TestWhatCountsAsEmpty(t *testing.T) {
	s := settingsOf(t, "sqlite:"+filepath.Join(t.TempDir(), "varde.db"))
	a := open(t, s)
	must(t, a.DB.Ent.Agency.Create().SetSlug("lv-vugd").SetName("VUGD").SetCountry("LV").SetKind("fire_rescue").
		SetCreatedAt(time.Now()).Exec(t.Context()))
	must(t, a.Close())
	if err := demo.Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("got %v", err)
	}
}

func checkFilled(t *testing.T, a *app.App, out string) {
	t.Helper()
	for what, check := range map[string]func(*testing.T, *app.App){
		"seats": checkSeats, "runs": checkRuns, "certificates": checkCertificates, "people": checkPeople, "jobs": checkJobs, "times": checkTimes,
	} {
		t.Run(what, func(t *testing.T) { check(t, a) })
	}
	t.Run("log-ins", func(t *testing.T) { checkLogIns(t, a, out) })
}

func checkSeats(t *testing.T, a *app.App) {
	pools := a.DB.Ent.SeatPool.Query().WithRun().AllX(t.Context())
	taken := map[int]int{}
	living := map[[2]int]int{}
	for _, e := range a.DB.Ent.Enrolment.Query().AllX(t.Context()) {
		if e.Status.TakesSeat() != (e.PoolID != nil) {
			t.Errorf("enrolment %s is %s, its pool %v", e.Ref, e.Status, e.PoolID)
		}
		if e.PoolID != nil {
			taken[*e.PoolID]++
		}
		if e.Status.Living() {
			living[[2]int{e.RunID, e.PersonID}]++
		}
	}
	for who, n := range living {
		if n > 1 {
			t.Errorf("run %d has person %d %d times", who[0], who[1], n)
		}
	}
	size := map[int]int{}
	for _, p := range pools {
		if p.Taken != taken[p.ID] || p.Taken > p.Size {
			t.Errorf("run %s, pool %q: %d of %d taken, %d rows", p.Edges.Run.Code, p.Country, p.Taken, p.Size, taken[p.ID])
		}
		size[p.RunID] += p.Size
	}
	for _, r := range a.DB.Ent.Run.Query().AllX(t.Context()) {
		if size[r.ID] != r.Size {
			t.Errorf("run %s has %d seats, its pools %d", r.Code, r.Size, size[r.ID])
		}
	}
}

func checkRuns(t *testing.T, a *app.App) {
	runs := a.DB.Ent.Run.Query().WithPools().WithEnrolments().WithInstructors().AllX(t.Context())
	var sizes []int
	today := training.DateOf(time.Now()).String()
	var past, underWay, coming, withFree, soon int
	for _, r := range runs {
		sizes = append(sizes, r.Size)
		if len(r.Edges.Instructors) == 0 {
			t.Errorf("run %s has no instructor", r.Code)
		}
		taken := 0
		for _, p := range r.Edges.Pools {
			taken += p.Taken
			if p.Country != "" && (p.Size < 1 || p.Size > 2) {
				t.Errorf("run %s has a quota of %d for %s", r.Code, p.Size, p.Country)
			}
		}
		switch {
		case r.Ends < today:
			past++
			if r.ClosedAt == nil {
				t.Errorf("run %s ended on %s and is not closed", r.Code, r.Ends)
			}
		case r.Starts <= today:
			underWay++
		default:
			coming++
			if taken < r.Size {
				withFree++
			}
			if r.Starts < training.DateOf(time.Now()).AddDays(92).String() && taken > 0 {
				soon++
			}
		}
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median != 22 {
		t.Errorf("the median run has %d seats", median)
	}
	if past < 3 || underWay < 1 || coming < 20 || withFree < 10 || soon < 5 {
		t.Errorf("%d runs past, %d under way, %d to come, %d of them with free seats, %d of them soon and with people", past, underWay, coming, withFree, soon)
	}
}

func checkCertificates(t *testing.T, a *app.App) {
	revoked := 0
	for _, r := range a.DB.Ent.Run.Query().WithEnrolments().AllX(t.Context()) {
		if r.ClosedAt == nil {
			continue
		}
		progress, err := a.Certificates.Progress(t.Context(), r.ID)
		if err != nil || progress.Due == 0 || progress.Issued != progress.Due || len(progress.Stopped) != 0 {
			t.Errorf("run %s: certificates %+v (%v)", r.Code, progress, err)
		}
		for _, e := range r.Edges.Enrolments {
			if e.Status.Living() && !e.Status.IsResult() {
				t.Errorf("run %s is closed, and %s is %s", r.Code, e.Ref, e.Status)
			}
		}
	}
	for _, c := range a.DB.Ent.Certificate.Query().AllX(t.Context()) {
		if c.RevokedAt != nil {
			revoked++
		}
	}
	if revoked != 1 {
		t.Errorf("%d certificates are revoked, want one to show", revoked)
	}
}

func checkPeople(t *testing.T, a *app.App) {
	unconfirmed := a.DB.Ent.Person.Query().Where(person.AffiliationConfirmedAtIsNil(),
		person.HasAgencyWith(agency.Slug("lv-vugd"))).CountX(t.Context())
	if unconfirmed == 0 {
		t.Error("nobody waits for the training officer of lv-vugd")
	}
	roles := map[training.Role]int{}
	for _, p := range a.DB.Ent.Person.Query().AllX(t.Context()) {
		roles[p.Role]++
		if p.Name == "" || !strings.HasSuffix(p.Email, ".example") {
			t.Errorf("person %q, %s: the people must be invented and have names", p.Name, p.Email)
		}
	}
	for _, role := range training.Roles {
		if roles[role] == 0 {
			t.Errorf("there is no %s", role)
		}
	}
}

// What followed from what was done is done, but for the mails, which stay.
func checkJobs(t *testing.T, a *app.App) {
	for _, job := range a.DB.Ent.OutboxJob.Query().Where(outboxjob.DoneAtIsNil()).AllX(t.Context()) {
		if job.Kind != "mail" || job.Tries != 0 {
			t.Errorf("left in the outbox: %v", job)
		}
	}
}

func checkTimes(t *testing.T, a *app.App) {
	now := time.Now().Add(time.Minute)
	for _, e := range a.DB.Ent.Enrolment.Query().WithRun().AllX(t.Context()) {
		starts, err := training.ParseDate(e.Edges.Run.Starts)
		must(t, err)
		if e.CreatedAt.After(now) || e.CreatedAt.After(starts.In(time.UTC)) || e.CreatedAt.Before(e.Edges.Run.CreatedAt) {
			t.Errorf("enrolled at %v in a run made at %v that starts on %s", e.CreatedAt, e.Edges.Run.CreatedAt, starts)
		}
	}
	for _, c := range a.DB.Ent.Certificate.Query().WithRun().AllX(t.Context()) {
		ends, err := training.ParseDate(c.Edges.Run.Ends)
		must(t, err)
		if c.IssuedAt.After(now) || c.IssuedAt.Before(ends.In(time.UTC)) {
			t.Errorf("a certificate issued at %v for a run that ended on %s", c.IssuedAt, ends)
		}
	}
}

func checkLogIns(t *testing.T, a *app.App, out string) {
	password := regexp.MustCompile(`password of all: (\S+)\)`).FindStringSubmatch(out)
	if password == nil || !strings.Contains(out, a.Settings.BaseURL) {
		t.Fatalf("printed: %s", out)
	}
	roles := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\S+) +(\S+@\S+) +(\S.*)$`).FindAllStringSubmatch(out, -1) {
		account, err := a.People.LogIn(t.Context(), m[2], password[1])
		if err != nil {
			t.Errorf("%s cannot log in: %v", m[2], err)
			continue
		}
		roles[m[1]] = string(account.Role)
		if account.Name != m[3] {
			t.Errorf("%s is printed as %q, and is %q", m[2], m[3], account.Name)
		}
		if account.Role != training.RoleAdmin && !account.AffiliationConfirmed {
			t.Errorf("%s is not confirmed", m[2])
		}
	}
	want := map[string]string{"trainee": "trainee", "instructor": "instructor", "agency": "agency", "coordinator": "coordinator", "admin": "admin"}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
}
