package hold_test

import (
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

var secret = []byte("a secret of thirty-two bytes....")

func figures(runID, version int, pools ...training.Pool) hold.Figures {
	return hold.Figures{RunID: runID, Version: version, Pools: pools, Closes: time.Now().Add(time.Hour)}
}

func open(id, size, taken int) training.Pool { return training.Pool{ID: id, Size: size, Taken: taken} }

func take(t *testing.T, k *hold.Keeper, f hold.Figures, person int) hold.Hold {
	t.Helper()
	h, err := k.Take(t.Context(), f, person, f.Pools)
	if err != nil {
		t.Fatalf("person %d: %v", person, err)
	}
	return h
}

func wantKind(t *testing.T, err error, kind training.Kind) {
	t.Helper()
	if !training.IsKind(err, kind) {
		t.Fatalf("answer %v, want %s", err, kind)
	}
}

func TestNoMoreHoldsThanSeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 8, 1))
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := 0
		for person := 1; person <= 60; person++ {
			wg.Go(func() {
				_, err := k.Take(t.Context(), f, person, f.Pools)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got++
				} else if !training.IsKind(err, training.KindSeatGone) {
					t.Errorf("person %d: %v", person, err)
				}
			})
		}
		wg.Wait()
		if got != 7 {
			t.Errorf("%d holds on 7 free seats", got)
		}
	})
}

func TestAskingAgainGivesTheSameHoldAndDoesNotProlong(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 1, 0))
		first := take(t, k, f, 5)
		again := take(t, k, f, 5)
		if again.Token != first.Token || !again.ExpiresAt.Equal(first.ExpiresAt) || !again.Existing || first.Existing {
			t.Errorf("first %+v, again %+v", first, again)
		}
	})
}

func TestAnExpiredHoldFreesItsSeatAndCannotBeConfirmed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, 150*time.Millisecond)
		f := figures(1, 1, open(10, 1, 0))
		h := take(t, k, f, 5)
		_, err := k.Take(t.Context(), f, 6, f.Pools)
		wantKind(t, err, training.KindSeatGone)
		time.Sleep(200 * time.Millisecond)
		take(t, k, f, 6)
		_, err = k.Keep(t.Context(), h.Token, 1, 5)
		wantKind(t, err, training.KindHoldExpired)
	})
}

func TestAKeptHoldOutlivesItsEndUntilItIsSettled(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, 150*time.Millisecond)
		f := figures(1, 1, open(10, 1, 0))
		h := take(t, k, f, 5)
		if _, err := k.Keep(t.Context(), h.Token, 1, 5); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		_, err := k.Take(t.Context(), f, 6, f.Pools)
		wantKind(t, err, training.KindSeatGone)
		if err := k.Settle(t.Context(), h, 5, figures(1, 2, open(10, 1, 1))); err != nil {
			t.Fatal(err)
		}
		// A late server still has the figures of before: the newer ones stand.
		_, err = k.Take(t.Context(), f, 6, f.Pools)
		wantKind(t, err, training.KindSeatGone)
	})
}

// Else somebody else would be given the seat that is being confirmed.
func TestAHoldThatIsBeingConfirmedCannotBeGivenBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 1, 0))
		h := take(t, k, f, 5)
		if _, err := k.Keep(t.Context(), h.Token, 1, 5); err != nil {
			t.Fatal(err)
		}
		wantKind(t, k.Drop(t.Context(), h.Token, 5), training.KindConflict)
		_, err := k.Take(t.Context(), f, 6, f.Pools)
		wantKind(t, err, training.KindSeatGone)
		k.Unkeep(t.Context(), h, 5)
		if err := k.Drop(t.Context(), h.Token, 5); err != nil {
			t.Errorf("after the confirmation failed: %v", err)
		}
		take(t, k, f, 6)
	})
}

func TestAFailedConfirmationGivesTheHoldItsOwnEndBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, 150*time.Millisecond)
		f := figures(1, 1, open(10, 1, 0))
		h := take(t, k, f, 5)
		if _, err := k.Keep(t.Context(), h.Token, 1, 5); err != nil {
			t.Fatal(err)
		}
		k.Unkeep(t.Context(), h, 5)
		time.Sleep(200 * time.Millisecond)
		take(t, k, f, 6)
	})
}

func TestForeignForgedAndMisplacedHolds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		h := take(t, k, figures(1, 1, open(10, 1, 0)), 5)
		forger := hold.New(s.Redis, []byte("another secret"), time.Minute)
		forged := take(t, forger, figures(2, 1, open(20, 1, 0)), 5)
		for name, token := range map[string]string{"nonsense": "x", "empty": "", "forged": forged.Token} {
			_, err := k.Keep(t.Context(), token, 1, 5)
			if !training.IsKind(err, training.KindNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := k.Keep(t.Context(), h.Token, 1, 6)
		wantKind(t, err, training.KindNotFound)
		wantKind(t, k.Drop(t.Context(), h.Token, 6), training.KindNotFound)
		_, err = k.Prolong(t.Context(), h.Token, 6)
		wantKind(t, err, training.KindNotFound)
		_, err = k.Keep(t.Context(), h.Token, 2, 5)
		wantKind(t, err, training.KindInvalid)
	})
}

func TestThreeLivingHoldsAtMost(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		var last hold.Hold
		for run := 1; run <= 3; run++ {
			last = take(t, k, figures(run, 1, open(run*10, 5, 0)), 5)
		}
		f := figures(4, 1, open(40, 5, 0))
		_, err := k.Take(t.Context(), f, 5, f.Pools)
		wantKind(t, err, training.KindRateLimited)
		if fault, _ := training.AsFault(err); fault.RetryAfter <= 0 {
			t.Error("no Retry-After")
		}
		take(t, k, figures(3, 1, open(30, 5, 0)), 5) // the same again is no fourth
		if err := k.Drop(t.Context(), last.Token, 5); err != nil {
			t.Fatal(err)
		}
		take(t, k, f, 5)
	})
}

func TestAskingAgainDoesNotCountTheHoldBeyondItsEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const life = 400 * time.Millisecond
		k := hold.New(s.Redis, secret, life)
		for run := 1; run <= 3; run++ {
			take(t, k, figures(run, 1, open(run*10, 1, 0)), 5)
		}
		time.Sleep(life * 3 / 4)
		for run := 1; run <= 3; run++ {
			take(t, k, figures(run, 1, open(run*10, 1, 0)), 5)
		}
		time.Sleep(life / 2) // all three have ended
		take(t, k, figures(4, 1, open(40, 1, 0)), 5)
	})
}

func TestDroppingAnEndedHoldAgainMakesNoRoomForAnother(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, open(10, 1, 0))
		old := take(t, k, f, 5)
		if err := k.Drop(t.Context(), old.Token, 5); err != nil {
			t.Fatal(err)
		}
		for run := 1; run <= 3; run++ {
			take(t, k, figures(run, 1, open(run*10, 1, 0)), 5)
		}
		if err := k.Drop(t.Context(), old.Token, 5); err != nil {
			t.Fatal(err)
		}
		fourth := figures(4, 1, open(40, 1, 0))
		_, err := k.Take(t.Context(), fourth, 5, fourth.Pools)
		wantKind(t, err, training.KindRateLimited)
	})
}

func TestARefusalDoesNotCountAsALivingHold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		for run := 1; run <= 4; run++ {
			f := figures(run, 1, open(run*10, 1, 1))
			_, err := k.Take(t.Context(), f, 5, f.Pools)
			wantKind(t, err, training.KindSeatGone)
		}
		take(t, k, figures(9, 1, open(90, 1, 0)), 5)
	})
}

func TestAfterTwoUnusedHoldsTheThirdWaits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const life = 300 * time.Millisecond
		k := hold.New(s.Redis, secret, life)
		f := figures(1, 1, open(10, 5, 0))
		for range 2 {
			h := take(t, k, f, 5)
			if err := k.Drop(t.Context(), h.Token, 5); err != nil {
				t.Fatal(err)
			}
		}
		_, err := k.Take(t.Context(), f, 5, f.Pools)
		wantKind(t, err, training.KindRateLimited)
		fault, _ := training.AsFault(err)
		if fault.RetryAfter <= 0 || fault.RetryAfter > life {
			t.Errorf("Retry-After %v for a life of %v", fault.RetryAfter, life)
		}
		take(t, k, f, 6) // others are not kept waiting
		time.Sleep(life + 50*time.Millisecond)
		take(t, k, f, 5)
	})
}

func TestProlongedOnceInTheLastFifth(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const life = 600 * time.Millisecond
		k := hold.New(s.Redis, secret, life)
		h := take(t, k, figures(1, 1, open(10, 1, 0)), 5)
		_, err := k.Prolong(t.Context(), h.Token, 5)
		wantKind(t, err, training.KindConflict)
		time.Sleep(life*4/5 + 20*time.Millisecond)
		longer, err := k.Prolong(t.Context(), h.Token, 5)
		if err != nil {
			t.Fatal(err)
		}
		if want := h.ExpiresAt.Add(life); !longer.ExpiresAt.Equal(want) {
			t.Errorf("ends %v, want %v", longer.ExpiresAt, want)
		}
		_, err = k.Prolong(t.Context(), h.Token, 5)
		wantKind(t, err, training.KindConflict)
	})
}

func TestAHoldNeverLastsBeyondTheCloseOfEnrolment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Hour)
		f := figures(1, 1, open(10, 1, 0))
		f.Closes = time.Now().Add(time.Minute).Truncate(time.Millisecond)
		if h := take(t, k, f, 5); !h.ExpiresAt.Equal(f.Closes) {
			t.Errorf("ends %v, enrolment closes %v", h.ExpiresAt, f.Closes)
		}
	})
}

func TestTheOwnQuotaComesFirstThenTheOpenPool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		quota, everyone := training.Pool{ID: 11, Country: "LV", Size: 1}, open(10, 1, 0)
		f := figures(1, 1, everyone, quota)
		usable := training.UsablePools("LV", f.Pools)
		for i, want := range []int{11, 10} {
			h, err := k.Take(t.Context(), f, i+1, usable)
			if err != nil || h.PoolID != want {
				t.Fatalf("hold %d: pool %d, %v; want pool %d", i, h.PoolID, err, want)
			}
		}
		view, err := k.Look(t.Context(), 1, 2)
		if err != nil || view.Held[10] != 1 || view.Held[11] != 1 || view.Mine == nil || view.Mine.PoolID != 10 {
			t.Errorf("view %+v, %v", view, err)
		}
		many, err := k.LookMany(t.Context(), []int{1, 2})
		if err != nil || many[1][11] != 1 || len(many[2]) != 0 {
			t.Errorf("view of many %+v, %v", many, err)
		}
	})
}

func TestNewcomersDoNotPassThoseWhoWait(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		k := hold.New(s.Redis, secret, time.Minute)
		f := figures(1, 1, training.Pool{ID: 10, Size: 3, Taken: 2, Waiting: 1})
		_, err := k.Take(t.Context(), f, 5, f.Pools)
		wantKind(t, err, training.KindSeatGone)
	})
}

func TestRedisAwayIsSaidPlainly(t *testing.T) {
	s := testkit.SQLite(t)
	k := hold.New(s.Redis, secret, time.Minute)
	if err := s.Redis.Close(); err != nil {
		t.Fatal(err)
	}
	f := figures(1, 1, open(10, 1, 0))
	_, err := k.Take(t.Context(), f, 5, f.Pools)
	wantKind(t, err, training.KindUnavailable)
}
