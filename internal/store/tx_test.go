package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/setting"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// put writes a setting; the tests use settings as rows without a meaning.
func put(ctx context.Context, tx *store.Tx, name, value string) error {
	return tx.Setting.Create().SetName(name).SetValue(value).Exec(ctx)
}

func settingsOf(t *testing.T, s *testkit.Setup) map[string]string {
	t.Helper()
	rows, err := s.DB.Ent.Setting.Query().All(s.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, row := range rows {
		all[row.Name] = row.Value
	}
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFaultUndoesEverythingAndIsGivenBackAsItIs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		fault := training.NewFault(training.KindSeatGone, "fault.seat_gone", nil)
		tries := 0
		err := s.DB.InTx(ctx, func(tx *store.Tx) error {
			tries++
			must(t, put(ctx, tx, "one", "by ent"))
			_, err := tx.SQL.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ('two', 'by SQL')")
			must(t, err)
			// A bulk insert would open a transaction of its own and commit it.
			must(t, tx.Setting.CreateBulk(tx.Setting.Create().SetName("three").SetValue("3"),
				tx.Setting.Create().SetName("four").SetValue("4")).Exec(ctx))
			return fault
		})
		if err != error(fault) {
			t.Errorf("gave back %v, want the very fault", err)
		}
		if tries != 1 {
			t.Errorf("a fault was tried %d times", tries)
		}
		if left := settingsOf(t, s); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestWhatEndsWellIsThereAtOnceAndWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		must(t, s.DB.InTx(ctx, func(tx *store.Tx) error {
			return errors.Join(put(ctx, tx, "one", "1"), put(ctx, tx, "two", "2"))
		}))
		if all := settingsOf(t, s); all["one"] != "1" || all["two"] != "2" {
			t.Errorf("stored: %v", all)
		}
	})
}

func TestAPanicUndoesEverythingAndBlocksNobody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = s.DB.InTx(ctx, func(tx *store.Tx) error {
				must(t, put(ctx, tx, "half", "done"))
				panic("in the middle")
			})
		}()
		must(t, s.DB.InTx(ctx, func(tx *store.Tx) error { return put(ctx, tx, "next", "1") }))
		if all := settingsOf(t, s); len(all) != 1 || all["next"] != "1" {
			t.Errorf("stored: %v", all)
		}
	})
}

func TestNoChangeIsLostWhenManyChangeTheSame(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.DB.InTx(ctx, func(tx *store.Tx) error { return store.RaiseCatalogueVersion(ctx, tx) }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := settingsOf(t, s)[store.CatalogueVersionSetting]; got != "20" {
			t.Errorf("version %q after 20 changes", got)
		}
	})
}

// increment adds one to a setting and so holds its row until the end.
func increment(ctx context.Context, tx *store.Tx, name string) error {
	_, err := tx.SQL.ExecContext(ctx,
		"UPDATE settings SET value = CAST(CAST(value AS bigint) + 1 AS text) WHERE name = $1", name)
	return err
}

// Two transactions that lock two rows in opposite order: PostgreSQL ends one of
// them, SQLite lets one in after the other. Both must end well.
func TestTwoWhoLockInOppositeOrderBothEndWell(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		must(t, s.DB.InTx(ctx, func(tx *store.Tx) error {
			return errors.Join(put(ctx, tx, "a", "0"), put(ctx, tx, "b", "0"))
		}))
		var met, tries atomic.Int32
		var wg sync.WaitGroup
		for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
			wg.Go(func() {
				err := s.DB.InTx(ctx, func(tx *store.Tx) error {
					tries.Add(1)
					if err := increment(ctx, tx, order[0]); err != nil {
						return err
					}
					met.Add(1)
					if s.Name == "postgres" {
						waitUntil(t, func() bool { return met.Load() >= 2 })
					}
					return increment(ctx, tx, order[1])
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if all := settingsOf(t, s); all["a"] != "2" || all["b"] != "2" {
			t.Errorf("stored %v, want each twice", all)
		}
		if least := int32(3); s.Name == "postgres" && tries.Load() < least {
			t.Errorf("%d tries, want %d or more: one of the two must have lost its race", tries.Load(), least)
		}
	})
}

func waitUntil(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("waited in vain")
			return
		}
	}
}

func wantBusy(t *testing.T, err error) {
	t.Helper()
	fault, ok := training.AsFault(err)
	if !ok || fault.Kind != training.KindConflict || fault.Key != "fault.busy" || fault.Cause == nil {
		t.Errorf("got %v, want a conflict that says fault.busy and knows its cause", err)
	}
}

func TestARaceThatIsLostEachTimeEndsInBusy(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		if s.Name == "postgres" {
			for _, code := range []string{"40001", "40P01"} {
				tries := 0
				wantBusy(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error {
					tries++
					_, err := tx.SQL.ExecContext(s.Context(), "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '"+code+"'; END $$")
					return fmt.Errorf("lose: %w", err)
				}))
				if tries != 5 {
					t.Errorf("%s: %d tries", code, tries)
				}
			}
			return
		}
		impatient(t, s)
		release := lockFromOutside(t, s)
		wantBusy(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error { return put(s.Context(), tx, "one", "1") }))
		release()
		must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error { return put(s.Context(), tx, "one", "1") }))
	})
}

func TestASQLiteFileThatAnotherProcessLocksForAMomentIsWaitedFor(t *testing.T) {
	s := testkit.SQLite(t)
	impatient(t, s)
	release := lockFromOutside(t, s)
	time.AfterFunc(30*time.Millisecond, release)
	must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error { return put(s.Context(), tx, "one", "1") }))
}

// impatient makes SQLite give up a lock after a moment instead of ten seconds.
func impatient(t *testing.T, s *testkit.Setup) {
	t.Helper()
	s.DB.SQL.SetMaxOpenConns(1) // the pragma is the connection's own
	_, err := s.DB.SQL.ExecContext(s.Context(), "PRAGMA busy_timeout = 20")
	must(t, err)
}

// lockFromOutside writes to the same SQLite file as another process would.
func lockFromOutside(t *testing.T, s *testkit.Setup) func() {
	t.Helper()
	other, err := store.Open(s.Context(), s.DatabaseURL)
	must(t, err)
	tx, err := other.SQL.BeginTx(s.Context(), nil)
	must(t, err)
	release := sync.OnceFunc(func() {
		tx.Rollback()
		other.Close()
	})
	t.Cleanup(release)
	return release
}

func TestWhoGivesUpIsNotKeptWaiting(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		inside, leave := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			err := s.DB.InTx(s.Context(), func(tx *store.Tx) error {
				err := put(s.Context(), tx, "one", "1")
				close(inside)
				<-leave
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-inside
		ctx, cancel := context.WithTimeout(s.Context(), 50*time.Millisecond)
		defer cancel()
		err := s.DB.InTx(ctx, func(tx *store.Tx) error { return put(ctx, tx, "one", "2") })
		if err == nil || ctx.Err() == nil {
			t.Errorf("got %v, want the end of the context", err)
		}
		close(leave)
		wg.Wait()
		if got := settingsOf(t, s)["one"]; got != "1" {
			t.Errorf("stored %q", got)
		}
	})
}

// breach is a write that a constraint has to stop.
type breach struct {
	what, constraint, columns string
	write                     func(ctx context.Context, c *ent.Client) error
}

// breaches fills a run with one person and says what may then not be written.
func breaches(t *testing.T, s *testkit.Setup) []breach {
	t.Helper()
	p := s.Person(t, testkit.P{Email: "anna@example.org"})
	run := s.Run(t, testkit.R{Code: "R1", Size: 2})
	now := s.Now(t)
	enrol := func(ref string) func(context.Context, *ent.Client) error {
		return func(ctx context.Context, c *ent.Client) error {
			return c.Enrolment.Create().SetRef(ref).SetRunID(run).SetPersonID(p.PersonID).SetStatus(training.Waiting).
				SetCreatedAt(now).SetUpdatedAt(now).Exec(ctx)
		}
	}
	must(t, enrol("first")(s.Context(), s.DB.Ent))
	return []breach{
		{"a unique column", "people_email_key", "people.email", func(ctx context.Context, c *ent.Client) error {
			return c.Person.Create().SetEmail("anna@example.org").SetName("").SetCreatedAt(now).Exec(ctx)
		}},
		{"a unique column in bulk", "settings_name_key", "settings.name", func(ctx context.Context, c *ent.Client) error {
			return c.Setting.CreateBulk(c.Setting.Create().SetName("x").SetValue(""), c.Setting.Create().SetName("x").SetValue("")).Exec(ctx)
		}},
		{"a partial index", "enrolment_one_living", "enrolments.run_id, enrolments.person_id", enrol("second")},
		{"a unique index of two columns", "seatpool_run_id_country", "seat_pools.run_id, seat_pools.country", func(ctx context.Context, c *ent.Client) error {
			return c.SeatPool.Create().SetRunID(run).SetSize(1).Exec(ctx)
		}},
		{"a check", "seat_pool_never_one_too_many", "", func(ctx context.Context, c *ent.Client) error {
			return c.SeatPool.Update().SetTaken(3).Exec(ctx)
		}},
	}
}

func TestBrokeNamesTheConstraint(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		all := breaches(t, s)
		for i, b := range all {
			inside := s.DB.InTx(ctx, func(tx *store.Tx) error { return b.write(ctx, tx.Client) })
			for where, err := range map[string]error{"outside": b.write(ctx, s.DB.Ent), "inside": fmt.Errorf("wrapped: %w", inside)} {
				if !store.Broke(err, b.constraint, b.columns) {
					t.Errorf("%s, %s a transaction: %v is not seen to break %s", b.what, where, err, b.constraint)
				}
				for j, other := range all {
					if i != j && store.Broke(err, other.constraint, other.columns) {
						t.Errorf("%s: %v is taken for a breach of %s", b.what, err, other.constraint)
					}
				}
			}
		}
		if store.Broke(nil, "people_email_key", "people.email") || store.Broke(errors.New("people.email"), "people_email_key", "people.email") {
			t.Error("what is no error of the database breaks nothing")
		}
		_, err := s.DB.Ent.Setting.Query().Where(setting.Name("none")).Only(ctx)
		if store.Broke(err, "settings_name_key", "settings.name") {
			t.Errorf("%v is taken for a breach", err)
		}
	})
}

func TestARaisedVersionIsThatOfTheTransaction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		raise := func(end error) {
			err := s.DB.InTx(ctx, func(tx *store.Tx) error {
				must(t, store.RaiseCatalogueVersion(ctx, tx))
				return end
			})
			if !errors.Is(err, end) {
				t.Fatal(err)
			}
		}
		for want := 1; want <= 3; want++ {
			raise(errors.New("not this time"))
			raise(nil)
			if got := settingsOf(t, s)[store.CatalogueVersionSetting]; got != strconv.Itoa(want) {
				t.Errorf("version %q, want %d", got, want)
			}
		}
	})
}
