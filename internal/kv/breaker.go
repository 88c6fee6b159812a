package kv

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// breaker spares everybody the wait for a Redis that does not answer: after one
// call has waited in vain the next ones fail at once, and now and then one of
// them asks whether it is back. A cluster has one for each node.
type breaker struct {
	born time.Time
	// until is when the next call may ask, counted from born: the monotonic
	// clock alone. Zero: all may.
	until atomic.Int64
}

// askAgain is how often a Redis that is away is asked.
const askAgain = 500 * time.Millisecond

// errAway says that Redis was away a moment ago.
var errAway = errors.New("redis did not answer a moment ago")

func newBreaker() *breaker { return &breaker{born: time.Now()} }

// asking marks the context of a call that asks: what the client says to begin a
// new connection for it passes here too.
type asking struct{}

// enter fails while Redis is away, but lets one call through to ask.
func (b *breaker) enter(ctx context.Context) (context.Context, error) {
	until := b.until.Load()
	if until == 0 || ctx.Value(asking{}) != nil {
		return ctx, nil
	}
	now := time.Since(b.born)
	if now < time.Duration(until) || !b.until.CompareAndSwap(until, int64(now+askAgain)) {
		return ctx, errAway
	}
	return context.WithValue(ctx, asking{}, true), nil
}

// leave learns from what came of a call. That a caller's own time was over, or
// that all connections were busy, tells nothing.
func (b *breaker) leave(ctx context.Context, err error) {
	_, spoken := errors.AsType[redis.Error](err)
	switch {
	case err == nil || spoken:
		b.until.Store(0)
	case ctx.Err() == nil && !errors.Is(err, errAway) && !errors.Is(err, redis.ErrPoolTimeout) && !errors.Is(err, redis.ErrClosed):
		b.until.Store(int64(time.Since(b.born) + askAgain))
	}
}

// DialHook leaves dialling as it is.
func (b *breaker) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook guards a single command.
func (b *breaker) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, err := b.enter(ctx)
		if err != nil {
			cmd.SetErr(err)
			return err
		}
		err = next(ctx, cmd)
		b.leave(ctx, err)
		return err
	}
}

// ProcessPipelineHook guards a pipeline, which is away as a whole.
func (b *breaker) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, err := b.enter(ctx)
		if err != nil {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
			return err
		}
		err = next(ctx, cmds)
		b.leave(ctx, err)
		return err
	}
}
