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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
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
	testkit.SigningKey(t, filepath.Dir(s.SecretFile))
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
