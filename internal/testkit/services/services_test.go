package services

import (
	"context"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

type starter func(context.Context) (*Server, error)

// sharers are for tests that do not mind the databases of others on the same server.
var sharers = map[string]starter{
	"postgres": func(context.Context) (*Server, error) { return SharedPostgres() },
	"redis":    func(context.Context) (*Server, error) { return SharedRedis() },
}

var starters = map[string]starter{
	"postgres": func(ctx context.Context) (*Server, error) { return Postgres(ctx, Fast...) },
	"redis":    Redis,
}

func obtain(t *testing.T, get starter) *Server {
	t.Helper()
	s, err := get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start gives a server of the test's own.
func start(t *testing.T, start starter) *Server {
	t.Helper()
	s := obtain(t, start)
	t.Cleanup(s.Stop)
	return s
}

func newDatabase(t *testing.T, s *Server) string {
	t.Helper()
	url, drop, err := s.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

// put and get keep one word under one name, in a table or under a key.
func put(ctx context.Context, url, word string) error {
	if strings.HasPrefix(url, "redis:") {
		return onRedis(url, func(c *redis.Client) error { return c.Set(ctx, "word", word, 0).Err() })
	}
	return execPostgres(ctx, url, "CREATE TABLE words AS SELECT '"+word+"' AS word")
}

func get(ctx context.Context, url string) (string, error) {
	var word string
	if strings.HasPrefix(url, "redis:") {
		err := onRedis(url, func(c *redis.Client) error {
			var err error
			word, err = c.Get(ctx, "word").Result()
			return err
		})
		return word, err
	}
	err := onPostgres(ctx, url, func(c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT word FROM words").Scan(&word)
	})
	return word, err
}

func TestTestsDoNotSeeEachOthersDatabases(t *testing.T) {
	for kind, starter := range sharers {
		t.Run(kind, func(t *testing.T) {
			s := obtain(t, starter)
			const tests = 8
			urls := make([]string, tests)
			var asking sync.WaitGroup
			for i := range urls {
				asking.Go(func() {
					url, drop, err := s.NewDatabase(t.Context())
					if err == nil {
						t.Cleanup(drop)
						err = put(t.Context(), url, "test-"+strconv.Itoa(i))
					}
					if err != nil {
						t.Error(err)
					}
					urls[i] = url
				})
			}
			asking.Wait()
			for i, url := range urls {
				if word, err := get(t.Context(), url); err != nil || word != "test-"+strconv.Itoa(i) {
					t.Errorf("database %d holds %q (%v)", i, word, err)
				}
			}
			slices.Sort(urls)
			if distinct := len(slices.Compact(urls)); distinct != tests {
				t.Errorf("%d databases for %d tests", distinct, tests)
			}
		})
	}
}

func TestADroppedDatabaseLeavesNothingToTheNextTest(t *testing.T) {
	for kind, starter := range starters {
		t.Run(kind, func(t *testing.T) {
			s := start(t, starter)
			// Redis has a fixed number of databases, so going round more often than that meets each again.
			rounds := 5
			if kind == "redis" {
				rounds = 3 * redisDatabases
			}
			for range rounds {
				url, drop, err := s.NewDatabase(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if word, err := get(t.Context(), url); err == nil {
					t.Fatalf("a new database already holds %q", word)
				}
				if err := put(t.Context(), url, "left over"); err != nil {
					t.Fatal(err)
				}
				drop()
				drop()
				if word, err := get(t.Context(), url); err == nil {
					t.Fatalf("a dropped database still holds %q", word)
				}
			}
		})
	}
}

func TestAPostgresDatabaseIsDroppedUnderAnOpenConnection(t *testing.T) {
	s := obtain(t, sharers["postgres"])
	url, drop, err := s.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	drop()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the dropped database still answers")
	}
}

func TestRedisSaysSoWhenItsDatabasesAreUsedUp(t *testing.T) {
	s := start(t, Redis)
	for range redisDatabases - 1 {
		newDatabase(t, s)
	}
	_, _, err := s.NewDatabase(t.Context())
	if err == nil || !strings.Contains(err.Error(), "all 63 are in use") {
		t.Errorf("got %v", err)
	}
}

func TestACopyHoldsWhatItsSourceHeld(t *testing.T) {
	s := obtain(t, sharers["postgres"])
	source := newDatabase(t, s)
	if err := put(t.Context(), source, "template"); err != nil {
		t.Fatal(err)
	}
	copied, drop, err := CopyDatabase(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if word, err := get(t.Context(), copied); err != nil || word != "template" {
		t.Errorf("copy holds %q (%v)", word, err)
	}
	drop()
	if word, err := get(t.Context(), source); err != nil || word != "template" {
		t.Errorf("after the copy is dropped its source holds %q (%v)", word, err)
	}
}

func TestPostgresKnowsLettersOfEveryLanguageAndKeepsItsPromises(t *testing.T) {
	promises := map[string]string{
		"SELECT upper('åäöøæþšžłőчё')": "ÅÄÖØÆÞŠŽŁŐЧЁ",
		"SHOW server_encoding":         "UTF8",
		"SHOW fsync":                   "on",
		"SHOW full_page_writes":        "on",
		"SHOW synchronous_commit":      "on",
	}
	s := start(t, func(ctx context.Context) (*Server, error) { return Postgres(ctx) })
	err := onPostgres(t.Context(), newDatabase(t, s), func(c *pgx.Conn) error {
		for question, want := range promises {
			var got string
			if err := c.QueryRow(t.Context(), question).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s: %q, want %q", question, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNotInstalledIsSaidWithWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	searches := map[string]func() error{
		"Redis":    func() error { _, err := Redis(t.Context()); return err },
		"chromium": func() error { _, err := Chromium(); return err },
		"zbarimg":  func() error { _, err := Tool("zbarimg"); return err },
	}
	for program, search := range searches {
		err := search()
		if err == nil || !strings.Contains(err.Error(), program) || !strings.Contains(err.Error(), "run make test, which installs what is missing") {
			t.Errorf("%s: got %v", program, err)
		}
	}
}

func TestWhatIsInstalledIsFound(t *testing.T) {
	path, err := Chromium()
	if err == nil {
		err = exec.Command(path, "--version").Run()
	}
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"qpdf", "pdfsig", "pdftotext", "zbarimg"} {
		if _, err := Tool(name); err != nil {
			t.Error(err)
		}
	}
}

func TestSharedServersAreThoseOfTheTestRun(t *testing.T) {
	run := map[string]*Server{
		PostgresURLVariable: obtain(t, sharers["postgres"]), RedisURLVariable: obtain(t, sharers["redis"]),
	}
	shared := map[string]func() (*Server, error){
		PostgresURLVariable: newSharedPostgres, RedisURLVariable: newSharedRedis,
	}
	for variable, server := range run {
		t.Setenv(variable, server.URL)
		got, err := shared[variable]()
		if err != nil {
			t.Fatal(err)
		}
		if got.URL != server.URL {
			t.Errorf("%s: %s, want %s", variable, got.URL, server.URL)
		}
		url := newDatabase(t, got)
		got.Stop()
		if err := put(t.Context(), url, "still here"); err != nil {
			t.Errorf("after Stop: %v", err)
		}
	}
}
