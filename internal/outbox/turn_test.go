package outbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
)

// turning makes a worker that only turns jobs of kind k.
func turning(s *testkit.Setup, turn outbox.Turner) *outbox.Worker {
	w := outbox.NewWorker(s.DB, nil, quiet)
	w.Turn(map[string]outbox.Turner{"k": turn})
	return w
}

// letters turns each job into one of kind letter; refused payloads are failures,
// and calls counts how many jobs came with each call.
type letters struct {
	refused string
	mutex   sync.Mutex
	calls   []int
}

func (l *letters) turn(_ context.Context, payloads []json.RawMessage) ([][]outbox.Job, error) {
	l.mutex.Lock()
	l.calls = append(l.calls, len(payloads))
	l.mutex.Unlock()
	following := make([][]outbox.Job, len(payloads))
	for i, payload := range payloads {
		if string(payload) == l.refused {
			return nil, errors.New("no such enrolment")
		}
		following[i] = []outbox.Job{{Kind: "letter", Key: "letter " + string(payload), Payload: payload}}
	}
	return following, nil
}

// written counts the letters by payload.
func written(t *testing.T, s *testkit.Setup) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, row := range stored(t, s) {
		if row.Kind == "letter" {
			counts[string(row.Payload)]++
		}
	}
	return counts
}

func TestManyJobsAreTurnedAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(30)
		put(t, s, append(jobs, outbox.Job{Kind: "k", Key: "later", Payload: "later", Due: s.Now(t).Add(time.Hour)},
			outbox.Job{Kind: "other", Key: "other", Payload: "other"})...)
		var l letters
		drain(t, s, turning(s, l.turn))
		if diff := cmp.Diff([]int{30}, l.calls); diff != "" {
			t.Errorf("jobs of each call: %s", diff)
		}
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
		for _, row := range stored(t, s) {
			done := row.Kind == "k" && row.DedupeKey != "later"
			if done != (row.DoneAt != nil) || done && (row.Tries != 1 || row.Lease != "" || row.LeasedUntil != nil) {
				t.Errorf("got %v", row)
			}
		}
	})
}

func TestAJobMayTurnIntoNothingOrIntoSeveral(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, _ := numbered(3)
		put(t, s, jobs...)
		w := turning(s, func(_ context.Context, payloads []json.RawMessage) ([][]outbox.Job, error) {
			following := make([][]outbox.Job, len(payloads))
			for i := range payloads {
				for n := range i {
					following[i] = append(following[i], outbox.Job{Kind: "letter", Key: fmt.Sprint(i, n), Payload: i})
				}
			}
			return following, nil
		})
		drain(t, s, w)
		if diff := cmp.Diff(map[string]int{"1": 1, "2": 2}, written(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOneBadJobDoesNotKeepTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(8)
		put(t, s, jobs...)
		l := letters{refused: "5"}
		w := turning(s, l.turn)
		drain(t, s, w)
		delete(once, "5")
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
		bad := stored(t, s)[5]
		if bad.DoneAt != nil || bad.Tries != 1 || bad.LastError != "no such enrolment" || !bad.DueAt.After(s.Now(t)) {
			t.Errorf("the bad job: %v", bad)
		}
		l.refused = ""
		s.DB.Shift(time.Minute)
		drain(t, s, w)
		once["5"] = 1
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Errorf("when it went well: %s", diff)
		}
	})
}

func TestATurnThatNeverEndsWellIsGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		w := turning(s, func(context.Context, []json.RawMessage) ([][]outbox.Job, error) { panic("no such font") })
		var passed time.Duration
		for tries := 0; theOne(t, s).GivenUpAt == nil; tries++ {
			if tries > 100 {
				t.Fatal("tried for ever")
			}
			drain(t, s, w)
			passed += 13 * time.Hour
			s.DB.Shift(passed)
		}
		if row := theOne(t, s); !strings.Contains(row.LastError, "no such font") || row.DoneAt != nil {
			t.Errorf("got %v", row)
		}
	})
}

func TestATurnThatNobodySurvivesIsGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		var passed time.Duration
		for deaths := 0; theOne(t, s).GivenUpAt == nil; deaths++ {
			if deaths > 100 {
				t.Fatal("tried for ever")
			}
			ctx, die := context.WithCancel(s.Context())
			w := turning(s, func(context.Context, []json.RawMessage) ([][]outbox.Job, error) {
				die()
				return nil, ctx.Err()
			})
			_, _ = w.Drain(ctx)
			die()
			passed += 3 * time.Minute
			s.DB.Shift(passed)
		}
		if row := theOne(t, s); row.LastError == "" || row.DoneAt != nil {
			t.Errorf("got %v", row)
		}
	})
}

func TestWhatADeadTurnerLeftIsTurnedByAnotherAfterTheLease(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(3)
		put(t, s, jobs...)
		ctx, die := context.WithCancel(s.Context())
		dying := turning(s, func(ctx context.Context, _ []json.RawMessage) ([][]outbox.Job, error) {
			die()
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if _, err := dying.Drain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the dying worker: %v", err)
		}
		var l letters
		heir := turning(s, l.turn)
		drain(t, s, heir)
		if len(l.calls) != 0 {
			t.Errorf("turned while the lease lasts: %v", l.calls)
		}
		s.DB.Shift(3 * time.Minute)
		drain(t, s, heir)
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}

// A worker that was slow for longer than its lease ends its batch after another
// has done it: everything follows once, and stays done.
func TestABatchThatOutlivesItsLeaseFollowsOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(5)
		put(t, s, jobs...)
		var fast, slow letters
		second := turning(s, fast.turn)
		first := turning(s, func(ctx context.Context, payloads []json.RawMessage) ([][]outbox.Job, error) {
			s.DB.Shift(3 * time.Minute)
			drain(t, s, second)
			return slow.turn(ctx, payloads)
		})
		drain(t, s, first)
		if len(fast.calls) == 0 || len(slow.calls) == 0 {
			t.Fatalf("both were to have the batch: %v, %v", fast.calls, slow.calls)
		}
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
		for _, row := range stored(t, s) {
			if row.Kind == "k" && (row.DoneAt == nil || row.Tries != 2) {
				t.Errorf("got %v", row)
			}
		}
	})
}

func TestThreeWorkersAtOnceTurnEachJobOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const many = 300
		jobs, once := numbered(many)
		ctx, stop := context.WithCancel(s.Context())
		var turned atomic.Int64
		var l letters
		var wg sync.WaitGroup
		var workers []*outbox.Worker
		for range 3 {
			w := turning(s, func(ctx context.Context, payloads []json.RawMessage) ([][]outbox.Job, error) {
				turned.Add(int64(len(payloads)))
				return l.turn(ctx, payloads)
			})
			workers = append(workers, w)
			wg.Go(func() { w.Run(ctx) })
		}
		for i, job := range jobs {
			put(t, s, job)
			workers[i%3].Wake()
		}
		waitUntil(t, func() bool { return len(written(t, s)) == many })
		stop()
		wg.Wait()
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
		if turned.Load() != many {
			t.Errorf("%d turns of %d jobs", turned.Load(), many)
		}
		if len(l.calls) > many/2 {
			t.Errorf("%d jobs put one after the other were turned in %d goes", many, len(l.calls))
		}
	})
}

func TestMoreThanABatchIsTurnedWithoutPause(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(250)
		put(t, s, jobs...)
		var l letters
		w := turning(s, l.turn)
		ctx, stop := context.WithCancel(s.Context())
		var wg sync.WaitGroup
		w.Idle(time.Hour) // whoever pauses between the batches is not through today
		wg.Go(func() { w.Run(ctx) })
		waitUntil(t, func() bool { return len(written(t, s)) == len(jobs) })
		stop()
		wg.Wait()
		if diff := cmp.Diff(once, written(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestABatchTriedOneByOneIsToldInTheLog(t *testing.T) {
	s := testkit.SQLite(t)
	jobs, _ := numbered(2)
	put(t, s, jobs...)
	var text bytes.Buffer
	l := letters{refused: "1"}
	w := outbox.NewWorker(s.DB, nil, slog.New(slog.NewTextHandler(&text, nil)))
	w.Turn(map[string]outbox.Turner{"k": l.turn})
	drain(t, s, w)
	if !strings.Contains(text.String(), "one by one") || !strings.Contains(text.String(), "no such enrolment") {
		t.Errorf("the log says %q", text.String())
	}
}
