package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/outboxjob"
	account "github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
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

func filled(t *testing.T, s config.Settings) string {
	t.Helper()
	var out bytes.Buffer
	must(t, Fill(t.Context(), s, quiet, &out))
	return out.String()
}

// The whole of it is filled into PostgreSQL; a part shows that SQLite, slow
// under the race detector, is filled alike.
func aPartOfTheRuns(t *testing.T) {
	t.Helper()
	var all []json.RawMessage
	must(t, json.Unmarshal(plannedRuns, &all))
	some, err := json.Marshal(slices.Concat(all[:1], all[5:9]))
	must(t, err)
	before := plannedRuns
	plannedRuns = some
	t.Cleanup(func() { plannedRuns = before })
}

func TestAnEmptySQLiteFileIsFilledOnce(t *testing.T) {
	aPartOfTheRuns(t)
	folder := t.TempDir()
	s := settingsOf(t, "sqlite:"+filepath.Join(folder, "varde.db"))
	for _, table := range []string{"", "enrolments"} {
		stopAt(t, s, table)
		if left := names(t, folder); len(left) != 0 {
			t.Errorf("stopped at %q, left behind: %v", table, left)
		}
	}
	out := filled(t, s)
	if got := names(t, folder); !slices.Equal(got, []string{"varde.db"}) {
		t.Errorf("files: %v", got)
	}
	kept := logInsOf(t, s)
	if kept != out {
		t.Errorf("kept log-ins %q, printed %q", kept, out)
	}
	a := open(t, s)
	t.Run("filled", func(t *testing.T) { checkFilled(t, a, out) })
	before := contents(t, a)
	var again bytes.Buffer
	if err := Fill(t.Context(), s, quiet, &again); !errors.Is(err, ErrNotEmpty) || again.Len() != 0 {
		t.Errorf("filled twice: %v, %q", err, again.String())
	}
	if diff := cmp.Diff(before, contents(t, a)); diff != "" {
		t.Errorf("a refused demonstration changed the database: %s", diff)
	}
	if got := names(t, folder); slices.Contains(got, "varde.db.demo") || logInsOf(t, s) != kept {
		t.Errorf("a refused demonstration left files %v, log-ins %q", got, logInsOf(t, s))
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func logInsOf(t *testing.T, s config.Settings) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(s.SecretFile), "demo-logins.txt")
	text, err := os.ReadFile(path)
	must(t, err)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the log-ins: %v, %v", info.Mode(), err)
	}
	return string(text)
}

// contents are all rows of a SQLite file, by table.
func contents(t *testing.T, a *app.App) map[string][]string {
	t.Helper()
	rows, err := a.DB.SQL.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	must(t, err)
	all := map[string][]string{}
	for rows.Next() {
		var table string
		must(t, rows.Scan(&table))
		all[table] = nil
	}
	must(t, errors.Join(rows.Err(), rows.Close()))
	for table := range all {
		all[table] = rowsOf(t, a, table)
	}
	return all
}

func rowsOf(t *testing.T, a *app.App, table string) []string {
	t.Helper()
	rows, err := a.DB.SQL.QueryContext(t.Context(), `SELECT * FROM "`+table+`" ORDER BY 1`)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var list []string
	for rows.Next() {
		must(t, rows.Scan(into...))
		list = append(list, fmt.Sprint(values...))
	}
	must(t, rows.Err())
	return list
}

// stopAt stops a filling as soon as there is a row in the table; before it has
// begun where none is named.
func stopAt(t *testing.T, s config.Settings, table string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if table == "" {
		stop()
	}
	var watching sync.WaitGroup
	watching.Go(func() {
		for ctx.Err() == nil && !hasRow(ctx, s.DatabaseURL+".demo", table) {
			time.Sleep(2 * time.Millisecond)
		}
		stop()
	})
	err := Fill(ctx, s, quiet, io.Discard)
	stop()
	watching.Wait()
	if err == nil {
		t.Fatalf("filled to the end, though stopped at %q", table)
	}
}

func hasRow(ctx context.Context, url, table string) bool {
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:")); err != nil {
		return false
	}
	db, err := store.Open(ctx, url)
	if err != nil {
		return false
	}
	defer db.Close()
	var n int
	return db.SQL.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n) == nil && n > 0
}

func TestAnEmptyPostgreSQLIsFilledOnce(t *testing.T) {
	server, err := services.SharedPostgres()
	must(t, err)
	url, drop, err := server.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	s := settingsOf(t, url)
	out := filled(t, s)
	a := open(t, s)
	checkFilled(t, a, out)
	t.Run("runs", func(t *testing.T) { checkRuns(t, a) })
	people := a.DB.Ent.Person.Query().CountX(t.Context())
	if err := Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, ErrNotEmpty) {
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
	if err := Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, store.ErrInUse) {
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
	if err := Fill(t.Context(), s, quiet, io.Discard); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("got %v", err)
	}
}

func checkFilled(t *testing.T, a *app.App, out string) {
	t.Helper()
	for what, check := range map[string]func(*testing.T, *app.App){
		"seats": checkSeats, "certificates": checkCertificates, "people": checkPeople, "jobs": checkJobs, "times": checkTimes,
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
	unconfirmed := a.DB.Ent.Person.Query().Where(account.AffiliationConfirmedAtIsNil(),
		account.HasAgencyWith(agency.Slug("lv-vugd"))).CountX(t.Context())
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
		who, err := a.People.LogIn(t.Context(), m[2], password[1])
		if err != nil {
			t.Errorf("%s cannot log in: %v", m[2], err)
			continue
		}
		roles[m[1]] = string(who.Role)
		if who.Name != m[3] {
			t.Errorf("%s is printed as %q, and is %q", m[2], m[3], who.Name)
		}
		if who.Role != training.RoleAdmin && !who.AffiliationConfirmed {
			t.Errorf("%s is not confirmed", m[2])
		}
	}
	want := map[string]string{"trainee": "trainee", "instructor": "instructor", "agency": "agency", "coordinator": "coordinator", "admin": "admin"}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
}
