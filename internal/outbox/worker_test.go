package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
)

var quiet = slog.New(slog.DiscardHandler)

// tally counts how often each payload was done.
type tally struct {
	mutex sync.Mutex
	times map[string]int
}

func (c *tally) add(payload json.RawMessage) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.times == nil {
		c.times = map[string]int{}
	}
	c.times[string(payload)]++
}

func (c *tally) counts() map[string]int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	copied := map[string]int{}
	for payload, n := range c.times {
		copied[payload] = n
	}
	return copied
}

// worker makes a worker that counts the jobs of one kind.
func worker(s *testkit.Setup, kind string) (*outbox.Worker, *tally) {
	done := &tally{}
	return doing(s, kind, func(_ context.Context, payload json.RawMessage) error {
		done.add(payload)
		return nil
	}), done
}

func doing(s *testkit.Setup, kind string, do outbox.Doer) *outbox.Worker {
	return outbox.NewWorker(s.DB, map[string]outbox.Doer{kind: do}, quiet)
}

// drain does all that is due.
func drain(t *testing.T, s *testkit.Setup, w *outbox.Worker) {
	t.Helper()
	for {
		n, err := w.Drain(s.Context())
		must(t, err)
		if n == 0 {
			return
		}
	}
}

func numbered(n int) ([]outbox.Job, map[string]int) {
	var jobs []outbox.Job
	once := map[string]int{}
	for i := range n {
		jobs = append(jobs, outbox.Job{Kind: "k", Key: fmt.Sprint("job ", i), Payload: i})
		once[fmt.Sprint(i)] = 1
	}
	return jobs, once
}

func TestTwoWorkersAtOnceDoEachJobOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(20)
		put(t, s, jobs...)
		done := &tally{}
		do := func(_ context.Context, payload json.RawMessage) error {
			time.Sleep(2 * time.Millisecond)
			done.add(payload)
			return nil
		}
		ctx, stop := context.WithCancel(s.Context())
		var wg sync.WaitGroup
		for range 2 {
			w := doing(s, "k", do)
			wg.Go(func() { w.Run(ctx) })
		}
		waitUntil(t, func() bool {
			for _, row := range stored(t, s) {
				if row.DoneAt == nil {
					return false
				}
			}
			return true
		})
		stop()
		wg.Wait()
		if diff := cmp.Diff(once, done.counts()); diff != "" {
			t.Error(diff)
		}
		for _, row := range stored(t, s) {
			if row.Tries != 1 || row.Lease != "" || row.LeasedUntil != nil || row.LastError != "" {
				t.Errorf("a job that is done: %v", row)
			}
		}
	})
}

func waitUntil(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

func TestAJobIsNotDoneBeforeItIsDue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "later", Payload: "later", Due: s.Now(t).Add(time.Hour)},
			outbox.Job{Kind: "k", Key: "now", Payload: "now"})
		w, done := worker(s, "k")
		for _, step := range []struct {
			after time.Duration
			want  map[string]int
		}{
			{0, map[string]int{`"now"`: 1}},
			{59 * time.Minute, map[string]int{`"now"`: 1}},
			{61 * time.Minute, map[string]int{`"now"`: 1, `"later"`: 1}},
		} {
			s.DB.Shift(step.after)
			drain(t, s, w)
			if diff := cmp.Diff(step.want, done.counts()); diff != "" {
				t.Errorf("after %v: %s", step.after, diff)
			}
		}
	})
}

func TestWhatADeadWorkerLeftIsDoneByAnotherAfterTheLease(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(2)
		put(t, s, jobs...)
		ctx, die := context.WithCancel(s.Context())
		dying := doing(s, "k", func(ctx context.Context, _ json.RawMessage) error {
			die()
			<-ctx.Done()
			return ctx.Err()
		})
		if _, err := dying.Drain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the dying worker: %v", err)
		}
		heir, done := worker(s, "k")
		drain(t, s, heir)
		if len(done.counts()) != 0 {
			t.Errorf("done while the lease lasts: %v", done.counts())
		}
		s.DB.Shift(3 * time.Minute)
		drain(t, s, heir)
		if diff := cmp.Diff(once, done.counts()); diff != "" {
			t.Error(diff)
		}
		for _, row := range stored(t, s) {
			if row.DoneAt == nil || row.Tries != 2 {
				t.Errorf("got %v", row)
			}
		}
	})
}

// A mail that went out while the server was told to stop must not go out again.
func TestWhatWasDoneWhileStoppingCountsAsDone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		ctx, stop := context.WithCancel(s.Context())
		w := doing(s, "k", func(context.Context, json.RawMessage) error {
			stop()
			return nil
		})
		_, _ = w.Drain(ctx)
		if theOne(t, s).DoneAt == nil {
			t.Errorf("got %v", theOne(t, s))
		}
	})
}

// Ten slow jobs in a batch together last longer than a lease: the last ones
// would be done by two workers.
func TestASlowBatchIsNotDoneTwice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, once := numbered(10)
		put(t, s, jobs...)
		second, bySecond := worker(s, "k")
		byFirst := &tally{}
		var passed time.Duration
		first := doing(s, "k", func(_ context.Context, payload json.RawMessage) error {
			passed += 50 * time.Second
			s.DB.Shift(passed)
			if string(payload) == "4" {
				drain(t, s, second)
			}
			byFirst.add(payload)
			return nil
		})
		drain(t, s, first)
		all := byFirst.counts()
		for payload, n := range bySecond.counts() {
			all[payload] += n
		}
		if diff := cmp.Diff(once, all); diff != "" {
			t.Errorf("%s\nby the second: %v", diff, bySecond.counts())
		}
	})
}

func TestJobsThatNobodyDoesStay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: outbox.MailKind, Key: "mail", Payload: "mail"}, outbox.Job{Kind: "k", Key: "k", Payload: "k"})
		w, done := worker(s, "k")
		drain(t, s, w)
		none := outbox.NewWorker(s.DB, nil, quiet)
		drain(t, s, none)
		if diff := cmp.Diff(map[string]int{`"k"`: 1}, done.counts()); diff != "" {
			t.Error(diff)
		}
		if row := stored(t, s)[0]; row.Tries != 0 || row.DoneAt != nil || row.Lease != "" {
			t.Errorf("a job without a doer: %v", row)
		}
		mailer, sent := worker(s, outbox.MailKind)
		drain(t, s, mailer)
		if diff := cmp.Diff(map[string]int{`"mail"`: 1}, sent.counts()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnIdleWorkerLooksAtOnceWhenWoken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		w, done := worker(s, "k")
		ctx, stop := context.WithCancel(s.Context())
		var wg sync.WaitGroup
		wg.Go(func() { w.Run(ctx) })
		time.Sleep(50 * time.Millisecond)
		jobs, once := numbered(6)
		began := time.Now()
		for i, job := range jobs {
			put(t, s, job)
			w.Wake()
			w.Wake() // being woken twice blocks nobody
			waitUntil(t, func() bool { return len(done.counts()) == i+1 })
		}
		// By itself it looks once a second.
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("six jobs took %v", took)
		}
		stop()
		wg.Wait()
		if diff := cmp.Diff(once, done.counts()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAWorkerThatIsNotWokenLooksByItself(t *testing.T) {
	s := testkit.SQLite(t)
	w, done := worker(s, "k")
	ctx, stop := context.WithCancel(s.Context())
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	time.Sleep(50 * time.Millisecond)
	put(t, s, outbox.Job{Kind: "k", Key: "1", Payload: 1})
	waitUntil(t, func() bool { return len(done.counts()) == 1 })
	stop()
	wg.Wait()
}

func TestADoerIsGivenLessTimeThanTheLease(t *testing.T) {
	s := testkit.SQLite(t)
	put(t, s, outbox.Job{Kind: "k", Key: "1"})
	w := doing(s, "k", func(ctx context.Context, _ json.RawMessage) error {
		end, limited := ctx.Deadline()
		if until := theOne(t, s).LeasedUntil; !limited || until == nil || !end.Before(*until) {
			t.Errorf("works until %v, lease until %v", end, until)
		}
		return nil
	})
	drain(t, s, w)
}
