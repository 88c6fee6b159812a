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
local n = redis.call('INCRBY', KEYS[1], ARGV[2])
if n == tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}`)

// Counter counts. It is safe for concurrent use.
type Counter struct {
	redis redis.UniversalClient
	clock func() time.Time

	mu    sync.Mutex
	local map[string]window
}

// window is what the process knows of one key.
type window struct {
	n    int // as Redis said last, or this process's own count while it is away
	more int // counted here since
	ends time.Time
}

// maxLocal bounds the memory of the process's own counters.
const maxLocal = 100_000

// share is the part of a limit that a server may count by itself before it asks
// Redis again: a limit of thousands a minute need not be exact to the last one,
// and one of a few tries is.
const share = 20

// New makes a counter.
func New(client redis.UniversalClient, clock func() time.Time) *Counter {
	return &Counter{redis: client, clock: clock, local: map[string]window{}}
}

// Over counts one more of key and reports whether that is more than most within
// the time given; wait is then how long until it is not.
func (c *Counter) Over(ctx context.Context, key string, most int, within time.Duration) (over bool, wait time.Duration) {
	w, ask := c.here(key, most, within)
	if ask == 0 {
		return w.n+w.more > most, w.ends.Sub(c.clock())
	}
	out, err := count.Run(ctx, c.redis, []string{"varde:limit:" + key}, within.Milliseconds(), ask).Int64Slice()
	if err != nil || len(out) != 2 {
		return w.n+ask > most, w.ends.Sub(c.clock())
	}
	left := time.Duration(out[1]) * time.Millisecond
	c.learn(key, int(out[0]), left)
	return int(out[0]) > most, left
}

// here counts in the process. ask is how many Redis has to be told of; 0: none
// yet.
func (c *Counter) here(key string, most int, within time.Duration) (w window, ask int) {
	now := c.clock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.local) >= maxLocal {
		clear(c.local)
	}
	w = c.local[key]
	if !now.Before(w.ends) {
		w = window{ends: now.Add(within)}
	}
	w.more++
	if w.more >= most/share {
		ask = w.more
		c.local[key] = window{n: w.n + ask, ends: w.ends}
		return w, ask
	}
	c.local[key] = w
	return w, 0
}

// learn takes over what Redis counted for all servers.
func (c *Counter) learn(key string, n int, left time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.local[key]
	w.n, w.ends = n, c.clock().Add(left)
	c.local[key] = w
}
