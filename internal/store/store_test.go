package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestOpenRefusesWhatItCannotReach(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, address := range []string{
		"", "sqlite:", "sqlite::memory:", "varde.db", "mysql://root@localhost/varde", "sqlite3:varde.db", "file:varde.db",
		"postgres://varde:hunter2@127.0.0.1:1/varde?connect_timeout=2",
		"postgres://varde:hunter2@127.0.0.1:notaport/varde",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		db, err := store.Open(ctx, address)
		cancel()
		if err == nil {
			db.Close()
			t.Errorf("%q was opened", address)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password stands in the error: %v", err)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) != 0 {
		t.Errorf("a refused address left %v behind (%v)", left, err)
	}
}

func TestASQLiteFileMayHaveAnyName(t *testing.T) {
	for _, name := range []string{"varde.db", "new folder/my varde.db", "50%.db", "what?.db", "#1.db", "Ķekava & Ж.db", "a%20b.db"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(t.Context(), "sqlite:"+path)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		must(t, db.Migrate(t.Context()))
		must(t, db.Close())
		info, err := os.Stat(path)
		if err != nil {
			t.Errorf("%q went elsewhere: %v", name, err)
			continue
		}
		// It holds the hashes of passwords.
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%q can be read by others: %v", name, info.Mode())
		}
	}
}

func TestReadyWhileTheDatabaseAnswers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		must(t, s.DB.Ready(s.Context()))
		must(t, s.DB.Close())
		if s.DB.Ready(s.Context()) == nil {
			t.Error("a closed database is ready")
		}
	})
}

func TestTheClockIsInUTCAndMicroseconds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		now := s.Now(t)
		if now.Location() != time.UTC || !now.Equal(now.Truncate(time.Microsecond)) {
			t.Errorf("now is %v", now)
		}
		if away := time.Since(now).Abs(); away > time.Minute {
			t.Errorf("the clock of a database on this machine is %v off", away)
		}
		for _, by := range []time.Duration{48 * time.Hour, -90 * 24 * time.Hour, 0} {
			s.DB.Shift(by)
			if off := s.Now(t).Sub(now.Add(by)); off < 0 || off > time.Minute {
				t.Errorf("shifted by %v the clock is %v beside it", by, off)
			}
			must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error {
				if off := tx.Now.Sub(now.Add(by)); off < 0 || off > time.Minute || tx.Now.Location() != time.UTC {
					t.Errorf("shifted by %v a transaction's clock is %v beside it", by, off)
				}
				return nil
			}))
		}
	})
}

func TestTimeStandsStillInATransaction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		before := s.Now(t)
		must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error {
			began := tx.Now
			time.Sleep(5 * time.Millisecond)
			if tx.Now != began || began.Before(before) {
				t.Errorf("began at %v, now %v, before %v", began, tx.Now, before)
			}
			return nil
		}))
	})
}

func TestInstantIsWhatIsStored(t *testing.T) {
	riga, err := time.LoadLocation("Europe/Riga")
	must(t, err)
	got := store.Instant(time.Date(2027, 3, 15, 12, 0, 0, 123456789, riga))
	if want := time.Date(2027, 3, 15, 10, 0, 0, 123456000, time.UTC); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// SQLite keeps times as text: whole seconds must sort before fractions of them,
// and the same instant must be the same text whatever zone it came in.
func TestTimesComeBackEqualAndCompareRight(t *testing.T) {
	riga, err := time.LoadLocation("Europe/Riga")
	must(t, err)
	whole := time.Date(2027, 3, 15, 12, 0, 0, 0, time.UTC)
	// In order.
	times := []time.Time{
		whole.Add(-time.Hour), whole.Add(-time.Microsecond), whole, whole.Add(time.Microsecond), whole.Add(10 * time.Microsecond),
		whole.Add(500 * time.Millisecond), whole.Add(510 * time.Millisecond), whole.Add(time.Second - time.Microsecond),
		whole.Add(time.Second).In(riga), whole.Add(90 * time.Minute), whole.Add(10 * time.Hour).In(riga), whole.Add(12 * time.Hour),
	}
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		for _, i := range []int{5, 2, 9, 0, 11, 3, 7, 1, 10, 4, 8, 6} {
			must(t, s.DB.Ent.OutboxJob.Create().SetKind("k").SetDedupeKey(fmt.Sprint(i)).SetPayload([]byte("{}")).
				SetCreatedAt(times[i]).SetDueAt(times[i]).Exec(ctx))
		}
		rows, err := s.DB.Ent.OutboxJob.Query().Order(ent.Asc(outboxjob.FieldDueAt)).All(ctx)
		must(t, err)
		for i, row := range rows {
			if row.DedupeKey != fmt.Sprint(i) || !row.DueAt.Equal(times[i]) {
				t.Errorf("place %d: job %s, due %v, want %v", i, row.DedupeKey, row.DueAt, times[i])
			}
		}
		for i, at := range times {
			type counts struct{ Before, At, After int }
			count := func(n int, err error) int { must(t, err); return n }
			got := counts{
				count(s.DB.Ent.OutboxJob.Query().Where(outboxjob.DueAtLT(at)).Count(ctx)),
				count(s.DB.Ent.OutboxJob.Query().Where(outboxjob.DueAt(at)).Count(ctx)),
				count(s.DB.Ent.OutboxJob.Query().Where(outboxjob.DueAtGT(at)).Count(ctx)),
			}
			if diff := cmp.Diff(counts{i, 1, len(times) - i - 1}, got); diff != "" {
				t.Errorf("around %v: %s", at, diff)
			}
		}
	})
}
