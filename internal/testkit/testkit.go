// Package testkit owns what tests of services share: the table of the two
// set-ups, fresh databases, and builders of agencies, people, courses and runs.
// It holds no expectation.
package testkit

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit/services"
)

// Setup is one of the two ways Varde is run: SQLite with the embedded Redis, or
// PostgreSQL with a real one.
type Setup struct {
	Name         string
	DatabaseURL  string
	RedisURL     string // empty: embedded
	DB           *store.DB
	Redis        *kv.Conn
	context      context.Context
	nextCourseID int
}

// Context ends with the test.
func (s *Setup) Context() context.Context { return s.context }

// Each runs a test over both set-ups, each with an empty, migrated database of
// its own. A server that cannot be had fails the test.
func Each(t *testing.T, test func(t *testing.T, s *Setup)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, open(t, "sqlite", sqliteCopy(t), "")) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// Postgres is the second set-up alone, for what only PostgreSQL does.
func Postgres(t *testing.T) *Setup {
	t.Helper()
	return open(t, "postgres", postgresCopy(t), redisDatabase(t))
}

// SQLite is the first set-up alone, for what does not depend on the database.
func SQLite(t *testing.T) *Setup {
	t.Helper()
	return open(t, "sqlite", sqliteCopy(t), "")
}

func open(t *testing.T, name, databaseURL, redisURL string) *Setup {
	t.Helper()
	db, err := store.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	redis, err := kv.Open(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Close() })
	return &Setup{Name: name, DatabaseURL: databaseURL, RedisURL: redisURL, DB: db, Redis: redis, context: t.Context()}
}

// sqliteTemplate is a migrated, empty file; copying it is quicker than
// migrating anew for each test.
var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "varde-test")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}

func sqliteCopy(t *testing.T) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("make the SQLite template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "varde.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var postgresTemplate = sync.OnceValues(func() (string, error) {
	server, err := services.SharedPostgres()
	if err != nil {
		return "", err
	}
	url, _, err := server.NewDatabase(context.Background())
	if err != nil {
		return "", err
	}
	return url, migrate(url)
})

func postgresCopy(t *testing.T) string {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("make the PostgreSQL template: %v", err)
	}
	url, drop, err := services.CopyDatabase(t.Context(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}

func redisDatabase(t *testing.T) string {
	t.Helper()
	server, err := services.SharedRedis()
	if err != nil {
		t.Fatal(err)
	}
	url, drop, err := server.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return url
}
