package kv

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	notePrefix = "varde:note:"
	noteLife   = 10 * time.Minute
	// noteWait: nobody waits long for what is only said in passing.
	noteWait = 500 * time.Millisecond
)

// Notes are short texts that all servers share for ten minutes, such as how far a
// download is. Nothing depends on them: while Redis is away there are none.
type Notes struct{ client redis.UniversalClient }

// NewNotes keeps notes in the Redis of a connection.
func NewNotes(client redis.UniversalClient) Notes { return Notes{client} }

// Put keeps a note in the place of the one before.
func (n Notes) Put(ctx context.Context, key, note string) {
	ctx, end := context.WithTimeout(ctx, noteWait)
	defer end()
	n.client.Set(ctx, notePrefix+key, note, noteLife)
}

// Get reads a note; false: there is none.
func (n Notes) Get(ctx context.Context, key string) (string, bool) {
	ctx, end := context.WithTimeout(ctx, noteWait)
	defer end()
	note, err := n.client.Get(ctx, notePrefix+key).Result()
	return note, err == nil
}
