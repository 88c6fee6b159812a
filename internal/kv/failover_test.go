package kv

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// answers waits until the connection can be written to, for a time well below
// the minute after which every client would look anew.
func answers(t *testing.T, conn *Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		err := conn.Set(ctx, "word", 1, 0).Err()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no answer: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestWhoReplacesALostMasterIsFoundByItself(t *testing.T) {
	t.Run("Sentinel", func(t *testing.T) {
		s, err := services.StartRedisSentinel(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		lose(t, "redis+sentinel://:"+s.Password+"@"+strings.Join(s.Addresses, ",")+"/"+s.MasterName, s.Master)
	})
	t.Run("Cluster", func(t *testing.T) {
		c, err := services.StartRedisCluster(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		lose(t, "redis://:"+c.Password+"@"+strings.Join(c.Addresses, ","), func(ctx context.Context) (*services.Server, error) {
			return c.MasterOf(ctx, "word")
		})
	})
}

func lose(t *testing.T, address string, master func(context.Context) (*services.Server, error)) {
	t.Helper()
	conn, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	answers(t, conn)
	lost, err := master(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost.Crash()
	answers(t, conn)
	if now, err := master(t.Context()); err != nil || now == lost {
		t.Errorf("it answered though nobody replaced the lost one (%v)", err)
	}
}
