package kv

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// The client library prints each failed dial past the program's log; while Redis
// is away that would be some hundred lines a second, and the requests that suffer
// are logged as it is.
func init() { redis.SetLogger(libraryLog{}) }

type libraryLog struct{}

// Printf takes a line of the library.
func (libraryLog) Printf(ctx context.Context, format string, values ...any) {
	slog.DebugContext(ctx, fmt.Sprintf(format, values...))
}
