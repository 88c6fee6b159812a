package hold

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// changedChannel is where hold.lua tells that seats of a watched run changed.
const changedChannel = "varde:seats"

const (
	// watchedLife is how long a run counts as watched after Watch named it: long
	// enough to outlast a slow moment of the server that watches, short enough
	// that the runs of one that is gone are soon told of no more.
	watchedLife = 10 * time.Second
	// subscriptionQuiet is how long nothing may come before Redis is asked whether
	// it is still there: a connection that was cut says nothing by itself.
	subscriptionQuiet = 2 * time.Second
	// subscribeAgain is the pause before the next try while Redis is away.
	subscribeAgain = time.Second
)

// Watch marks runs as looked at for some seconds, so that changes of their seats
// are told, and ends holds in them whose time is over, which is such a change.
// Many runs cost two round trips.
func (k *Keeper) Watch(ctx context.Context, runIDs []int) error {
	if len(runIDs) == 0 {
		return nil
	}
	_, err := k.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range runIDs {
			p.Set(ctx, watchedKey(id), 1, watchedLife)
		}
		return nil
	})
	if err != nil {
		return away(err)
	}
	_, err = k.LookMany(ctx, runIDs)
	return err
}

// Changes delivers the ids of watched runs whose seats changed, whichever server
// changed them, until ctx ends; then the channel closes. All of a process' runs
// come over one subscription. What happens while Redis is away is not told
// afterwards.
func (k *Keeper) Changes(ctx context.Context) <-chan int {
	changed := make(chan int)
	go func() {
		defer close(changed)
		for ctx.Err() == nil {
			k.subscribe(ctx, changed)
			select {
			case <-ctx.Done():
			case <-time.After(subscribeAgain):
			}
		}
	}()
	return changed
}

// subscribe delivers until ctx ends or Redis is lost. go-redis would come back by
// itself, but takes a connection that was cut in silence for a living one.
func (k *Keeper) subscribe(ctx context.Context, changed chan<- int) {
	subscription := k.redis.Subscribe(ctx, changedChannel)
	stop := context.AfterFunc(ctx, func() { _ = subscription.Close() })
	defer func() {
		stop()
		_ = subscription.Close()
	}()
	asked := false
	for {
		message, err := subscription.ReceiveTimeout(ctx, subscriptionQuiet)
		var quiet net.Error
		switch {
		case err == nil:
			asked = false
		case errors.As(err, &quiet) && quiet.Timeout() && !asked && subscription.Ping(ctx) == nil:
			asked = true
			continue
		default:
			return
		}
		if m, ok := message.(*redis.Message); ok && !deliver(ctx, m.Payload, changed) {
			return
		}
	}
}

// deliver passes on the run whose key was named; false when ctx has ended.
func deliver(ctx context.Context, key string, changed chan<- int) bool {
	id, ok := runOfKey(key)
	if !ok {
		return true
	}
	select {
	case changed <- id:
		return true
	case <-ctx.Done():
		return false
	}
}

const runKeyStart, watchedEnd = "varde:{run", "}:watched"

func watchedKey(runID int) string { return runKeyStart + strconv.Itoa(runID) + watchedEnd }

// runOfKey reads the run out of its watched key.
func runOfKey(key string) (int, bool) {
	rest, ok := strings.CutPrefix(key, runKeyStart)
	number, whole := strings.CutSuffix(rest, watchedEnd)
	id, err := strconv.Atoi(number)
	return id, ok && whole && err == nil
}
