// Package limit owns counting how often somebody did something lately: in
// Redis, so that all servers count together, and in the process while Redis is
// away. It does not own how often is too often.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// count raises the counter of a window and answers what it is, and how long the
// window still lasts.
var count = redis.NewScript(`
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}`)

// Counter counts. It is safe for concurrent use.
type Counter struct {
	redis redis.UniversalClient
	clock func() time.Time

	mu    sync.Mutex
	local map[string]window
}

type window struct {
	n    int
	ends time.Time
}

// maxLocal bounds the memory of the process's own counters.
const maxLocal = 100_000

// New makes a counter.
func New(client redis.UniversalClient, clock func() time.Time) *Counter {
	return &Counter{redis: client, clock: clock, local: map[string]window{}}
}

// Over counts one more of key and reports whether that is more than most within
// the time given; wait is then how long until it is not.
func (c *Counter) Over(ctx context.Context, key string, most int, within time.Duration) (over bool, wait time.Duration) {
	out, err := count.Run(ctx, c.redis, []string{"varde:limit:" + key}, within.Milliseconds()).Int64Slice()
	if err != nil || len(out) != 2 {
		n, left := c.here(key, within)
		return n > most, left
	}
	return int(out[0]) > most, time.Duration(out[1]) * time.Millisecond
}

func (c *Counter) here(key string, within time.Duration) (int, time.Duration) {
	now := c.clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.local) >= maxLocal {
		clear(c.local)
	}
	w := c.local[key]
	if !now.Before(w.ends) {
		w = window{ends: now.Add(within)}
	}
	w.n++
	c.local[key] = w
	return w.n, w.ends.Sub(now)
}
