package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestAFailingJobIsTriedAgainWithGrowingPausesAndGivenUpAfterTwoDays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		tries := 0
		w := doing(s, "k", func(context.Context, json.RawMessage) error {
			tries++
			return fmt.Errorf("the mail server is away, try %d", tries)
		})
		var passed, last time.Duration
		for drain(t, s, w); theOne(t, s).GivenUpAt == nil; drain(t, s, w) {
			row := theOne(t, s)
			pause := row.DueAt.Sub(s.Now(t)) + time.Second // the try itself took a moment
			if tries != row.Tries || row.LastError != fmt.Sprintf("the mail server is away, try %d", tries) || row.DoneAt != nil {
				t.Fatalf("after try %d: %v", tries, row)
			}
			if pause.Truncate(time.Second) < last || pause > 12*time.Hour+time.Second {
				t.Fatalf("after try %d a pause of %v, before it %v", tries, pause, last)
			}
			drain(t, s, w)
			if tries != row.Tries {
				t.Fatalf("tried again at once")
			}
			last = pause.Truncate(time.Second)
			passed += pause
			s.DB.Shift(passed)
		}
		if passed < 36*time.Hour || passed > 60*time.Hour {
			t.Errorf("given up after %v and %d tries, want about two days", passed, tries)
		}
		s.DB.Shift(passed + 30*24*time.Hour)
		before := tries
		drain(t, s, w)
		if row := theOne(t, s); tries != before || row.LastError == "" || row.DoneAt != nil {
			t.Errorf("a job that was given up: %v", row)
		}
	})
}

func TestAJobThatFailedOnceIsDoneInTheEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		failure := errors.New("away")
		w := doing(s, "k", func(context.Context, json.RawMessage) error { return failure })
		drain(t, s, w)
		failure = nil
		s.DB.Shift(time.Minute)
		drain(t, s, w)
		if row := theOne(t, s); row.DoneAt == nil || row.LastError != "" || row.Tries != 2 {
			t.Errorf("got %v", row)
		}
	})
}

// Mail servers answer in whatever encoding they like.
func TestAnyTextOfAnErrorIsKept(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		w := doing(s, "k", func(context.Context, json.RawMessage) error { return errors.New("Empf\xe4nger \x00unbekannt") })
		drain(t, s, w)
		row := theOne(t, s)
		if !strings.Contains(row.LastError, "unbekannt") || !row.DueAt.After(s.Now(t)) || row.Lease != "" {
			t.Errorf("got %v", row)
		}
	})
}

func TestAPanicIsAFailureOfItsJobAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		jobs, _ := numbered(3)
		put(t, s, jobs...)
		done := &tally{}
		w := doing(s, "k", func(_ context.Context, payload json.RawMessage) error {
			if string(payload) == "1" {
				panic("no such font")
			}
			done.add(payload)
			return nil
		})
		drain(t, s, w)
		if diff := cmp.Diff(map[string]int{"0": 1, "2": 1}, done.counts()); diff != "" {
			t.Error(diff)
		}
		if row := stored(t, s)[1]; row.DoneAt != nil || !strings.Contains(row.LastError, "no such font") {
			t.Errorf("got %v", row)
		}
	})
}

// A job that takes its whole server down is not tried for ever.
func TestAJobThatNobodySurvivesIsGivenUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "1"})
		var passed time.Duration
		for deaths := 0; theOne(t, s).GivenUpAt == nil; deaths++ {
			if deaths > 100 {
				t.Fatal("tried for ever")
			}
			ctx, die := context.WithCancel(s.Context())
			w := doing(s, "k", func(context.Context, json.RawMessage) error {
				die()
				return ctx.Err()
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
