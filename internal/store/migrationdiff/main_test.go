package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/internal/testkit/services"
)

const committed = "../../../ent/migrate/migrations"

// database is where the migrations of one dialect are played through.
type database struct{ name, driver, address, dialect string }

func databases(t *testing.T) []database {
	t.Helper()
	server, err := services.SharedPostgres()
	if err != nil {
		t.Fatal(err)
	}
	url, drop, err := server.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	lite := "file:" + filepath.Join(t.TempDir(), "dev.db") + "?_pragma=foreign_keys(1)"
	return []database{{"sqlite", "sqlite", lite, dialect.SQLite}, {"postgres", "pgx", url, dialect.Postgres}}
}

// copied gives a folder with the committed migrations of a dialect.
func copied(t *testing.T, name string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(committed, name))); err != nil {
		t.Fatal(err)
	}
	return folder
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s (%v)", folder, err)
	}
	return files
}

// If this fails, the schema was changed without make generate.
func TestTheCommittedMigrationsLeadToThePresentSchema(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			folder := copied(t, d.name)
			before := filesIn(t, folder)
			if err := diff(t.Context(), d.driver, d.address, d.dialect, folder, "missing"); err != nil {
				t.Fatal(err)
			}
			for _, file := range filesIn(t, folder) {
				if slices.Contains(before, file) {
					continue
				}
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				t.Errorf("no migration leads to the present schema yet; missing is\n%s", text)
			}
		})
	}
}

// The other way round: what a migration lacks is written.
func TestAMissingIndexIsWritten(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.name, func(t *testing.T) {
			folder := copied(t, d.name)
			withoutIndex(t, folder, "enrolment_one_living")
			before := filesIn(t, folder)
			if err := diff(t.Context(), d.driver, d.address, d.dialect, folder, "missing"); err != nil {
				t.Fatal(err)
			}
			var written []string
			for _, file := range filesIn(t, folder) {
				if !slices.Contains(before, file) {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					written = append(written, string(text))
				}
			}
			if len(written) != 1 || !strings.Contains(written[0], "CREATE UNIQUE INDEX") || !strings.Contains(written[0], "enrolment_one_living") {
				t.Errorf("written: %q", written)
			}
		})
	}
}

// withoutIndex takes the making of an index out of the migrations.
func withoutIndex(t *testing.T, folder, index string) {
	t.Helper()
	taken := 0
	for _, file := range filesIn(t, folder) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool {
			found := strings.HasPrefix(line, "CREATE UNIQUE INDEX") && strings.Contains(line, index)
			if found {
				taken++
			}
			return found
		})
		if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if taken != 1 {
		t.Fatalf("%s is made %d times", index, taken)
	}
	dir, err := atlas.NewLocalDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	if err := atlas.WriteSumFile(dir, sum); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutPostgreSQLItSaysWhatToDo(t *testing.T) {
	t.Setenv(services.PostgresURLVariable, "")
	folder := t.TempDir()
	for _, name := range []string{"sqlite", "postgres"} {
		target := filepath.Join(folder, "ent", "migrate", "migrations", name)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(target, os.DirFS(filepath.Join(committed, name))); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	if err := run(t.Context(), "missing"); err == nil || !strings.Contains(err.Error(), "make generate") {
		t.Errorf("got %v, want it to say make generate", err)
	}
}
