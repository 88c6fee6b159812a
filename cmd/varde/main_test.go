package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/testkit"
)

// install gives the test an installation of its own: SQLite in a new folder,
// which it returns.
func install(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "VARDE_") && !strings.HasPrefix(name, "VARDE_TEST_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("VARDE_DATABASE_URL", "sqlite:"+filepath.Join(folder, "varde.db"))
	t.Setenv("VARDE_SECRET_FILE", filepath.Join(folder, "secret"))
	keys := t.TempDir()
	testkit.SigningKey(t, keys)
	for name, file := range map[string]string{"KEY": "signing.key", "CHAIN": "signing.pem", "PASSPHRASE": "signing.pass"} {
		t.Setenv("VARDE_SIGNING_"+name+"_FILE", filepath.Join(keys, file))
	}
	return folder
}

// bare gives an installation without an issuer's key: it takes a while to make
// one, so that other tests are given theirs.
func bare(t *testing.T) string {
	t.Helper()
	folder := install(t)
	for _, name := range []string{"KEY", "CHAIN", "PASSPHRASE"} {
		t.Setenv("VARDE_SIGNING_"+name+"_FILE", "")
	}
	return folder
}

// output is safe for the goroutines of a server to write to.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

type result struct {
	code     int
	out, err string
}

func call(t *testing.T, in string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs output
	code := run(ctx, args, strings.NewReader(in), &out, &errs)
	return result{code, out.String(), errs.String()}
}

// done calls a command that must end well and gives what it printed.
func done(t *testing.T, in string, args ...string) string {
	t.Helper()
	r := call(t, in, args...)
	if r.code != exitDone || r.err != "" {
		t.Fatalf("varde %s: exit %d, %q", strings.Join(args, " "), r.code, r.err)
	}
	return r.out
}

// refused calls a command that must end with the code, print nothing, and tell
// why in one plain line that has all of the words.
func refused(t *testing.T, code int, in string, args []string, words ...string) {
	t.Helper()
	r := call(t, in, args...)
	what := "varde " + strings.Join(args, " ")
	if r.code != code || r.out != "" {
		t.Errorf("%s: exit %d, want %d; printed %q, told %q", what, r.code, code, r.out, r.err)
	}
	if !strings.HasPrefix(r.err, "varde: ") || strings.Count(r.err, "\n") != 1 || !strings.HasSuffix(r.err, "\n") {
		t.Errorf("%s: not one plain line: %q", what, r.err)
	}
	for _, word := range words {
		if !strings.Contains(r.err, word) {
			t.Errorf("%s: %q does not say %q", what, r.err, word)
		}
	}
}

// installation opens what the commands work on.
func installation(t *testing.T) *app.App {
	t.Helper()
	s, err := settings()
	must(t, err)
	a, err := app.Open(t.Context(), s, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(func() { a.Close() })
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestVersionTellsVersionCommitAndGo(t *testing.T) {
	install(t)
	if out := done(t, "", "version"); !regexp.MustCompile(`^varde dev, commit unknown, go1\.\d+\S*\n$`).MatchString(out) {
		t.Errorf("printed %q", out)
	}
}

func TestHelpListsAllCommands(t *testing.T) {
	install(t)
	for _, word := range []string{"help", "--help", "-h"} {
		out := done(t, "", word)
		for _, name := range []string{"serve", "migrate", "import", "demo", "user", "token", "audit", "certificate", "keys", "version"} {
			if !strings.Contains(out, "\n  varde "+name) {
				t.Errorf("%s does not list %s: %s", word, name, out)
			}
		}
	}
	r := call(t, "")
	if r.code != exitUsage || r.out != "" || !strings.Contains(r.err, "varde serve") {
		t.Errorf("without a command: %+v", r)
	}
}

func TestEachCommandTellsItsFlags(t *testing.T) {
	folder := install(t)
	for _, tt := range []struct {
		args  []string
		words []string
	}{
		{[]string{"serve", "--help"}, []string{"--addr"}},
		{[]string{"migrate", "-h"}, []string{"migrate"}},
		{[]string{"keys", "--help"}, []string{"--past"}},
		{[]string{"certificate", "verify", "--help"}, []string{"-chain", "-tsa-chain"}},
		{[]string{"user", "--help"}, []string{"add", "link"}},
		{[]string{"user", "add", "--help"}, []string{"-email", "-name", "-role", "-country", "-agency", "-locale", "-password-stdin", "-from"}},
		{[]string{"user", "link", "-h"}, []string{"-email"}},
		{[]string{"token", "issue", "--help"}, []string{"-email", "-days", "-emails-from", "30"}},
	} {
		out := done(t, "", tt.args...)
		for _, word := range tt.words {
			if !strings.Contains(out, word) {
				t.Errorf("%v does not tell %q: %s", tt.args, word, out)
			}
		}
	}
	nothingMade(t, folder)
}

func nothingMade(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("made %v (%v)", entries, err)
	}
}

func TestWrongUse(t *testing.T) {
	folder := install(t)
	for _, tt := range []struct {
		call string
		word string
	}{
		{"juggle", `"juggle"`}, {"--version", `"--version"`}, {"Serve", `"Serve"`},
		{"serve now", `"now"`}, {"serve --nope", "nope"}, {"serve --addr", "addr"},
		{"migrate now", `"now"`}, {"demo --force", `"--force"`}, {"keys all", `"all"`}, {"version 2", `"2"`}, {"audit all", `"all"`},
		{"import", "import courses [--overwrite] FILE"}, {"import courses", "import courses [--overwrite] FILE"}, {"import people x.json", "import courses [--overwrite] FILE"},
		{"import courses a b", "import courses [--overwrite] FILE"}, {"import courses " + folder + "/missing.json", "missing.json"},
		{"user", "add or link"}, {"user remove", `"remove"`},
		{"user add", "--email"}, {"user add --email", "email"}, {"user add --name Anna", "--email"}, {"user add --email a@b.example extra", `"extra"`},
		{"user add --email a@b.example --from x.csv", "--from"}, {"user add --from " + folder + "/missing.csv", "missing.csv"},
		{"user add --email a@b.example --password secret", "password"},
		{"user add --email a@b.example --password-stdin", "password"}, // there is none
		{"user link", "--email"}, {"user link --email a@b.example more", "--email"},
		{"token", "issue"}, {"token revoke", "issue"}, {"token issue", "--email"}, {"token issue --days 3", "--email"},
		{"token issue --email a@b.example --emails-from -", "--emails-from"}, {"token issue --email a@b.example --days many", "many"},
		{"token issue --emails-from -", "no address"}, // standard input is empty
		{"token issue --emails-from " + folder + "/missing", "missing"},
	} {
		refused(t, exitUsage, "", strings.Fields(tt.call), tt.word)
	}
	refused(t, exitUsage, "", []string{""}, `""`)
	nothingMade(t, folder)
}

func TestASettingThatCannotBeIsWrongUse(t *testing.T) {
	for _, args := range []string{"serve", "migrate", "keys", "demo", "audit", "user link --email a@b.example"} {
		folder := install(t)
		t.Setenv("VARDE_HOLD_MINUTES", "ten")
		t.Setenv("VARDE_BASE_URL", "varde.example")
		refused(t, exitUsage, "", strings.Fields(args), "VARDE_HOLD_MINUTES", "VARDE_BASE_URL")
		nothingMade(t, folder)
	}
}

func TestADatabaseThatCannotBeReached(t *testing.T) {
	install(t)
	t.Setenv("VARDE_DATABASE_URL", "mysql://root@localhost/varde")
	for _, args := range []string{"migrate", "audit", "user link --email a@b.example"} {
		done(t, "", "keys")
		refused(t, exitNo, "", strings.Fields(args), "postgres://")
	}
}

func TestMigrateBringsTheDatabaseUpToDate(t *testing.T) {
	folder := install(t)
	for range 2 {
		if out := done(t, "", "migrate"); out != "" {
			t.Errorf("printed %q", out)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "secret")); err == nil {
		t.Error("it did more than bring the database up to date")
	}
	a := installation(t)
	_, err := a.DB.SQL.ExecContext(t.Context(), "INSERT INTO schema_migrations (name, sum, applied_at) VALUES ('29990101000000_later.sql', '', '')")
	must(t, err)
	must(t, a.Close())
	for _, args := range []string{"migrate", "serve", "user link --email a@b.example"} {
		refused(t, exitNo, "", strings.Fields(args), "29990101000000_later.sql", "newer version")
	}
}

func TestKeysMakesTheSecretOnce(t *testing.T) {
	folder := install(t)
	first := done(t, "", "keys")
	if !regexp.MustCompile(`^secret [0-9a-f]{16} \S+\n`).MatchString(first) {
		t.Errorf("printed %q", first)
	}
	before, err := os.ReadFile(filepath.Join(folder, "secret"))
	must(t, err)
	info, err := os.Stat(filepath.Join(folder, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the secret: %v", info.Mode())
	}
	if strings.Contains(first, strings.TrimSpace(string(before))) {
		t.Error("the secret itself is printed")
	}
	if again := done(t, "", "keys"); again != first {
		t.Errorf("printed %q, before %q", again, first)
	}
	if after, err := os.ReadFile(filepath.Join(folder, "secret")); err != nil || string(after) != string(before) {
		t.Error("the secret was made anew")
	}
}

func TestAuditTellsEachBreach(t *testing.T) {
	install(t)
	done(t, "", "migrate")
	if out := done(t, "", "audit"); out != "all invariants hold\n" {
		t.Errorf("printed %q", out)
	}
	done(t, `[{"id": "a", "title": "Course"}]`, "import", "courses", "-")
	a := installation(t)
	for _, insert := range []string{
		`INSERT INTO runs (course_id, code, starts, ends, time_zone, place, country, language, closes_at, size, conditions, half_days, created_at)
			VALUES (1, 'R1', '2027-03-15', '2027-03-16', 'Europe/Riga', 'Riga', 'LV', 'en', '2027-03-01 00:00:00+00:00', 22, '{}', '[]', '2026-11-01 00:00:00+00:00')`,
		`INSERT INTO seat_pools (run_id, size, taken) VALUES (1, 20, 3)`,
	} {
		_, err := a.DB.SQL.ExecContext(t.Context(), insert)
		must(t, err)
	}
	must(t, a.Close())
	r := call(t, "", "audit")
	if r.code != exitNo || strings.Count(r.err, "\n") != 1 || strings.Count(r.out, "\n") != 2 || strings.Count(r.out, "R1") != 2 {
		t.Errorf("a run with two breaches: %+v", r)
	}
}

func TestTheDemonstrationIsForAnEmptyDatabaseAlone(t *testing.T) {
	install(t)
	done(t, "", "user", "add", "--email", "anna@example.org", "--name", "Anna")
	refused(t, exitNo, "", []string{"demo"}, "not empty")
}

func TestACommandThatIsStoppedEndsSo(t *testing.T) {
	install(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs output
	if code := run(ctx, []string{"migrate"}, strings.NewReader(""), &out, &errs); code != exitNo || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("exit %d, %q", code, errs.String())
	}
}
