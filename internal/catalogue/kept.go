package catalogue

import (
	"context"
	"sync/atomic"
	"time"
)

// kept is a value that is loaded anew when it is older than its life, by one
// caller at a time however many ask.
type kept[T any] struct {
	life  time.Duration
	load  func(ctx context.Context, last *T) (T, error) // last is nil the first time
	clock func() time.Time
	turn  chan struct{}
	epoch atomic.Int64
	value atomic.Pointer[stamped[T]]
}

type stamped[T any] struct {
	value T
	asked time.Time // when loading began: what changed later may be missing
	epoch int64
}

func newKept[T any](life time.Duration, load func(context.Context, *T) (T, error)) *kept[T] {
	return &kept[T]{life: life, load: load, clock: time.Now, turn: make(chan struct{}, 1)}
}

// expire makes the next caller load: something is known to have changed.
func (k *kept[T]) expire() { k.epoch.Add(1) }

// forget drops the value, so that the next load starts from nothing.
func (k *kept[T]) forget() {
	k.turn <- struct{}{}
	k.value.Store(nil)
	<-k.turn
}

// get gives the value. While another caller loads, the last one is given as
// long as it is not older than twice its life; else the caller waits.
func (k *kept[T]) get(ctx context.Context) (T, error) {
	if v := k.notOlderThan(k.life); v != nil {
		return v.value, nil
	}
	select {
	case k.turn <- struct{}{}:
	default:
		if v := k.notOlderThan(2 * k.life); v != nil {
			return v.value, nil
		}
		select {
		case k.turn <- struct{}{}:
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
	defer func() { <-k.turn }()
	if v := k.notOlderThan(k.life); v != nil {
		return v.value, nil
	}
	return k.renew(ctx)
}

func (k *kept[T]) notOlderThan(age time.Duration) *stamped[T] {
	v := k.value.Load()
	if v == nil || v.epoch != k.epoch.Load() || k.clock().Sub(v.asked) >= age {
		return nil
	}
	return v
}

func (k *kept[T]) renew(ctx context.Context) (T, error) {
	next := &stamped[T]{asked: k.clock(), epoch: k.epoch.Load()}
	var last *T
	if v := k.value.Load(); v != nil {
		last = &v.value
	}
	value, err := k.load(ctx, last)
	if err != nil {
		return value, err
	}
	next.value = value
	k.value.Store(next)
	return value, nil
}
