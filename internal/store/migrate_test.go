package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
)

// fresh gives the addresses of databases in which there is nothing yet.
func fresh(t *testing.T) map[string]string {
	t.Helper()
	server, err := services.SharedPostgres()
	must(t, err)
	url, drop, err := server.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	return map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "varde.db"), "postgres": url}
}

func migrations(t *testing.T, db *store.DB) map[string]string {
	t.Helper()
	rows, err := db.SQL.QueryContext(t.Context(), "SELECT name, sum || applied_at FROM schema_migrations")
	must(t, err)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, rest string
		must(t, rows.Scan(&name, &rest))
		all[name] = rest
	}
	must(t, rows.Err())
	return all
}

func TestMigratingAgainChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Person(t, testkit.P{Email: "anna@example.org"})
		before := migrations(t, s.DB)
		if len(before) == 0 {
			t.Error("no migration is listed")
		}
		must(t, s.DB.Migrate(s.Context()))
		if diff := cmp.Diff(before, migrations(t, s.DB)); diff != "" {
			t.Error(diff)
		}
		if n, err := s.DB.Ent.Person.Query().Count(s.Context()); n != 1 || err != nil {
			t.Errorf("%d people (%v)", n, err)
		}
	})
}

// Servers that start together all bring the database up to date.
func TestEightMayMigrateAtOnce(t *testing.T) {
	for name, url := range fresh(t) {
		t.Run(name, func(t *testing.T) {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					db, err := store.Open(t.Context(), url)
					if err != nil {
						t.Error(err)
						return
					}
					if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			db, err := store.Open(t.Context(), url)
			must(t, err)
			defer db.Close()
			must(t, db.Migrate(t.Context()))
			if _, err := db.Ent.Person.Query().Count(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestADatabaseOfANewerProgramIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		_, err := s.DB.SQL.ExecContext(s.Context(),
			"INSERT INTO schema_migrations (name, sum, applied_at) VALUES ('29990101000000_later.sql', '', 'then')")
		must(t, err)
		err = s.DB.Migrate(s.Context())
		if err == nil || !strings.Contains(err.Error(), "29990101000000_later.sql") || !strings.Contains(err.Error(), "newer") {
			t.Errorf("got %v, want the unknown migration named", err)
		}
	})
}

func TestAMigrationThatWasChangedSinceIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		_, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE schema_migrations SET sum = 'other'")
		must(t, err)
		if err = s.DB.Migrate(s.Context()); err == nil || !strings.Contains(err.Error(), "differs") {
			t.Errorf("got %v, want it told that the migration differs", err)
		}
	})
}

// A migration pauses foreign keys on the connection it uses; that connection
// goes back into the pool.
func TestForeignKeysHoldAfterMigrating(t *testing.T) {
	for name, url := range fresh(t) {
		t.Run(name, func(t *testing.T) {
			db, err := store.Open(t.Context(), url)
			must(t, err)
			defer db.Close()
			db.SQL.SetMaxOpenConns(1)
			for range 2 {
				must(t, db.Migrate(t.Context()))
				_, err = db.SQL.ExecContext(t.Context(),
					"INSERT INTO seat_pools (run_id, size) VALUES (4711, 1)")
				if err == nil {
					t.Error("a pool of a run that does not exist was stored")
				}
			}
		})
	}
}

func TestOneProcessServesFromASQLiteFile(t *testing.T) {
	s := testkit.SQLite(t)
	second, err := store.Open(t.Context(), s.DatabaseURL)
	must(t, err)
	defer second.Close()
	must(t, s.DB.LockForServing(s.DatabaseURL))
	if err := second.LockForServing(s.DatabaseURL); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second server: %v", err)
	}
	must(t, second.Ready(t.Context())) // the commands may still work on it
	must(t, s.DB.Close())
	must(t, second.LockForServing(s.DatabaseURL))
}

func TestManyServeFromPostgreSQL(t *testing.T) {
	url := fresh(t)["postgres"]
	for range 2 {
		db, err := store.Open(t.Context(), url)
		must(t, err)
		defer db.Close()
		must(t, db.LockForServing(url))
	}
}
