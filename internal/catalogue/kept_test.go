package catalogue

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counter is a kept number of loads, each of which takes a while.
func counter(takes time.Duration) (*kept[int], *atomic.Int64) {
	var loads atomic.Int64
	return newKept(time.Second, func(context.Context, *int) (int, error) {
		n := loads.Add(1)
		time.Sleep(takes)
		return int(n), nil
	}), &loads
}

func want(t *testing.T, k *kept[int], n int) {
	t.Helper()
	if got, err := k.get(t.Context()); err != nil || got != n {
		t.Errorf("got load %d (%v), want %d", got, err, n)
	}
}

func TestAKeptValueIsLoadedAtMostOnceInItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _ := counter(0)
		want(t, k, 1)
		time.Sleep(999 * time.Millisecond)
		want(t, k, 1)
		time.Sleep(time.Millisecond)
		want(t, k, 2)
		k.expire()
		want(t, k, 3)
		want(t, k, 3)
	})
}

func TestHoweverManyAskOneLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, loads := counter(50 * time.Millisecond)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { want(t, k, 1) })
		}
		all.Wait()
		if loads.Load() != 1 {
			t.Errorf("%d loads", loads.Load())
		}
	})
}

func TestWhileOneLoadsTheOthersGetTheLastValueButNoOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _ := counter(100 * time.Millisecond)
		want(t, k, 1)
		time.Sleep(time.Second)
		var all sync.WaitGroup
		all.Go(func() { want(t, k, 2) })
		synctest.Wait()
		want(t, k, 1)
		all.Wait()
		time.Sleep(5 * time.Second)
		all.Go(func() { want(t, k, 3) })
		synctest.Wait()
		want(t, k, 3)
		all.Wait()
	})
}

func TestAChangeWhileLoadingIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _ := counter(100 * time.Millisecond)
		var all sync.WaitGroup
		all.Go(func() { want(t, k, 1) })
		synctest.Wait()
		k.expire()
		all.Wait()
		want(t, k, 2)
	})
}

func TestAFailureIsToldAndTriedAnew(t *testing.T) {
	failure := errors.New("away")
	fails := true
	k := newKept(time.Hour, func(_ context.Context, last *int) (int, error) {
		if fails {
			return 0, failure
		}
		return 7, nil
	})
	if _, err := k.get(t.Context()); !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	fails = false
	want(t, k, 7)
}

func TestWhoGivesUpWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _ := counter(time.Minute)
		var all sync.WaitGroup
		all.Go(func() { want(t, k, 1) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline's", err)
		}
		all.Wait()
	})
}
