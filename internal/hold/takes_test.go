package hold_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// Holds that are asked for at the same moment are taken together. Each has its own
// answer: what fails in one run is nothing to those of another.
func TestTakesOfAMomentAnswerEachForItself(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		sound, broken := figures(1, 1, open(10, 100, 0)), figures(2, 1, open(20, 100, 0))
		if err := s.Redis.Set(t.Context(), "varde:{run2}:figures", "not a hash", 0).Err(); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		var wg sync.WaitGroup
		var mu sync.Mutex
		for person := 1; person <= 60; person++ {
			wg.Go(func() {
				_, err := k.Take(t.Context(), broken, person, broken.Pools)
				if !training.IsKind(err, training.KindUnavailable) {
					t.Errorf("person %d in the broken run: %v", person, err)
				}
			})
			wg.Go(func() {
				h, err := k.Take(t.Context(), sound, person, sound.Pools)
				if err != nil {
					t.Errorf("person %d: %v", person, err)
				}
				if of, err := k.RunOf(h.Token, person); of != 1 || err != nil {
					t.Errorf("person %d got the hold of another: run %d, %v", person, of, err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[h.Token]++
			})
		}
		wg.Wait()
		if len(got) != 60 {
			t.Errorf("60 people have %d holds", len(got))
		}
	})
}

// A Redis that was restarted has forgotten the script: whoever comes then is
// served, and so are those who come at the same moment.
func TestTheScriptIsBroughtAgainToARedisThatForgotIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 100, 0))
		take(t, k, f, 1)
		if err := s.Redis.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for person := 2; person <= 40; person++ {
			wg.Go(func() {
				if _, err := k.Take(t.Context(), f, person, f.Pools); err != nil {
					t.Errorf("person %d: %v", person, err)
				}
			})
		}
		wg.Wait()
	})
}

// again is a connection that ends in the middle of an answer: the client sends the
// pipeline once more.
type again struct{}

func (again) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (again) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (again) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		_ = next(ctx, cmds)
		return next(ctx, cmds)
	}
}

// TestWhatIsSentTwiceHappensOnce: no seat may stay held for nobody because a
// pipeline went twice.
func TestWhatIsSentTwiceHappensOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Redis.AddHook(again{})
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 100, 0))
		var wg sync.WaitGroup
		for person := 1; person <= 40; person++ {
			wg.Go(func() {
				h, err := k.Take(t.Context(), f, person, f.Pools)
				if err != nil {
					t.Errorf("person %d: %v", person, err)
				} else if err := k.Drop(t.Context(), h.Token, person); err != nil {
					t.Errorf("person %d gives back: %v", person, err)
				}
			})
			wg.Go(func() {
				r, err := k.Reserve(t.Context(), f, f.Pools, 1, true)
				if err != nil {
					t.Errorf("reserve: %v", err)
				}
				k.Release(t.Context(), r)
			})
		}
		wg.Wait()
		if view, err := k.Look(t.Context(), 1, 0); err != nil || view.Held[10] != 0 {
			t.Errorf("%d seats are held for nobody, %v", view.Held[10], err)
		}
	})
}
