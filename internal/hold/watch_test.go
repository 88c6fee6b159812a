package hold_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/testkit/services"
)

// eachRedis runs a test over the embedded Redis and a real one of its own: what
// is told of changes reaches all databases of a Redis, so that a shared one
// would tell of other tests' runs.
func eachRedis(t *testing.T, test func(t *testing.T, conn *kv.Conn)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { test(t, connect(t, "")) })
	t.Run("real", func(t *testing.T) { test(t, connect(t, ownRedis(t).URL)) })
}

func ownRedis(t *testing.T) *services.Server {
	t.Helper()
	server, err := services.Redis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

func connect(t *testing.T, address string) *kv.Conn {
	t.Helper()
	conn, err := kv.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// subscribed waits until so many connections listen.
func subscribed(t *testing.T, conn *kv.Conn, want int64) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n, err := conn.PubSubNumSub(t.Context(), "varde:seats").Result()
		if err == nil && n["varde:seats"] == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("subscriptions: %v, %v, want %d", n, err, want)
		}
	}
}

func watched(t *testing.T, k *hold.Keeper, runs ...int) {
	t.Helper()
	if err := k.Watch(t.Context(), runs); err != nil {
		t.Fatal(err)
	}
}

func told(t *testing.T, changed <-chan int, run int) {
	t.Helper()
	select {
	case got := <-changed:
		if got != run {
			t.Fatalf("told of run %d, want %d", got, run)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("a change of run %d was not told", run)
	}
}

func notTold(t *testing.T, changed <-chan int) {
	t.Helper()
	select {
	case got, open := <-changed:
		t.Fatalf("told of run %d, %v", got, open)
	case <-time.After(100 * time.Millisecond):
	}
}

func TestEveryChangeOfAWatchedRunIsTold(t *testing.T) {
	eachRedis(t, func(t *testing.T, conn *kv.Conn) {
		k := hold.New(conn, secret, time.Minute)
		changed := k.Changes(t.Context())
		subscribed(t, conn, 1)
		f := figures(1, 1, open(10, 3, 0))
		take(t, k, f, 5) // nobody looks yet
		notTold(t, changed)
		watched(t, k, 1, 2)
		h := take(t, k, f, 6)
		told(t, changed, 1)
		take(t, k, f, 6) // the same hold once more
		notTold(t, changed)
		if err := k.Settle(t.Context(), h, 6, figures(1, 2, open(10, 3, 1))); err != nil {
			t.Fatal(err)
		}
		told(t, changed, 1)
		if err := k.Learn(t.Context(), figures(2, 7, open(20, 3, 1))); err != nil {
			t.Fatal(err)
		}
		told(t, changed, 2)
		take(t, k, figures(3, 1, open(30, 3, 0)), 7) // of another run
		notTold(t, changed)
	})
}

func TestAHoldWhoseTimeIsOverIsToldWhenItsRunIsWatchedOn(t *testing.T) {
	eachRedis(t, func(t *testing.T, conn *kv.Conn) {
		k := hold.New(conn, secret, 500*time.Millisecond)
		changed := k.Changes(t.Context())
		subscribed(t, conn, 1)
		h := take(t, k, figures(1, 1, open(10, 1, 0)), 5)
		watched(t, k, 1)
		notTold(t, changed)
		time.Sleep(h.Left())
		watched(t, k, 1)
		told(t, changed, 1)
	})
}

// A server that is gone must not leave its runs watched for good.
func TestARunIsWatchedForSecondsOnly(t *testing.T) {
	eachRedis(t, func(t *testing.T, conn *kv.Conn) {
		watched(t, hold.New(conn, secret, time.Minute), 1)
		left, err := conn.TTL(t.Context(), "varde:{run1}:watched").Result()
		if err != nil || left < 5*time.Second || left > 10*time.Second {
			t.Errorf("the mark lives %s, %v", left, err)
		}
	})
}

func TestChangesAreToldAgainWhenRedisIsBack(t *testing.T) {
	server := ownRedis(t)
	conn := connect(t, server.URL)
	k := hold.New(conn, secret, time.Minute)
	changed := k.Changes(t.Context())
	subscribed(t, conn, 1)
	server.Crash()
	if err := k.Watch(t.Context(), []int{1}); err == nil {
		t.Error("a run was watched without Redis")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	subscribed(t, conn, 1)
	watched(t, k, 1)
	take(t, k, figures(1, 1, open(10, 3, 0)), 5)
	told(t, changed, 1)
}

func TestChangesAreToldAgainAfterALostMaster(t *testing.T) {
	t.Run("Sentinel", func(t *testing.T) {
		s, err := services.StartRedisSentinel(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Stop)
		outlive(t, "redis+sentinel://:"+s.Password+"@"+strings.Join(s.Addresses, ",")+"/"+s.MasterName, s.Master)
	})
	t.Run("Cluster", func(t *testing.T) {
		c, err := services.StartRedisCluster(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		// The node that keeps the channel is the one that go-redis listens at.
		outlive(t, "redis://:"+c.Password+"@"+strings.Join(c.Addresses, ","), func(ctx context.Context) (*services.Server, error) {
			return c.MasterOf(ctx, "varde:seats")
		})
	})
}

func outlive(t *testing.T, address string, master func(context.Context) (*services.Server, error)) {
	t.Helper()
	k := hold.New(connect(t, address), secret, time.Minute)
	changed := k.Changes(t.Context())
	toldSoon(t, k, changed, 5)
	lost, err := master(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost.Crash()
	toldSoon(t, k, changed, 1000)
}

// toldSoon takes holds in runs of all nodes until one of each is told of.
func toldSoon(t *testing.T, k *hold.Keeper, changed <-chan int, person int) {
	t.Helper()
	heard := map[int]bool{}
	for end := time.Now().Add(40 * time.Second); len(heard) < 6; person++ {
		if time.Now().After(end) {
			t.Fatalf("told of %v only", heard)
		}
		for run := 1; run <= 6; run++ {
			if k.Watch(t.Context(), []int{run}) == nil { // one after the other: they are on several nodes
				f := figures(run, 1, open(run*10, 1000, 0))
				_, _ = k.Take(t.Context(), f, person*10+run, f.Pools)
			}
		}
		quiet := time.After(200 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case run := <-changed:
				heard[run] = true
			case <-quiet:
				waiting = false
			}
		}
	}
}

// TestAConnectionCutInSilenceIsNoticed: nothing tells that the other end is
// gone, as when a cable is pulled.
func TestAConnectionCutInSilenceIsNoticed(t *testing.T) {
	server := ownRedis(t)
	direct := connect(t, server.URL)
	cable := newCable(t, server.URL)
	k := hold.New(connect(t, cable.url), secret, time.Minute)
	changed := k.Changes(t.Context())
	subscribed(t, direct, 1)
	cable.pull()
	subscribed(t, direct, 2) // the old one, of whose end nobody told Redis either, and a new one
	watched(t, k, 1)
	take(t, hold.New(direct, secret, time.Minute), figures(1, 1, open(10, 3, 0)), 5)
	told(t, changed, 1)
}

// cable leads to a server and can be pulled, which its connections do not learn.
type cable struct {
	url    string
	mu     sync.Mutex
	pulled chan struct{}
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := u.Host
	u.Host = listener.Addr().String()
	c := &cable{url: u.String(), pulled: make(chan struct{})}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				near.Close()
				continue
			}
			t.Cleanup(func() { near.Close(); far.Close() })
			c.mu.Lock()
			pulled := c.pulled
			c.mu.Unlock()
			go carry(near, far, pulled)
			go carry(far, near, pulled)
		}
	})
	t.Cleanup(func() { listener.Close(); open.Wait() })
	return c
}

// pull silences what is connected now; new connections are fine.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.pulled)
	c.pulled = make(chan struct{})
}

func carry(from, to net.Conn, pulled <-chan struct{}) {
	some := make([]byte, 4096)
	for {
		n, err := from.Read(some)
		if err != nil {
			to.Close()
			return
		}
		select {
		case <-pulled:
			_, _ = io.Copy(io.Discard, from)
			return
		default:
		}
		if _, err := to.Write(some[:n]); err != nil {
			from.Close()
			return
		}
	}
}

func TestChangesEndWithTheirContext(t *testing.T) {
	eachRedis(t, func(t *testing.T, conn *kv.Conn) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		changed := hold.New(conn, secret, time.Minute).Changes(ctx)
		subscribed(t, conn, 1)
		cancel()
		select {
		case run, open := <-changed:
			if open {
				t.Errorf("told of run %d after the end", run)
			}
		case <-time.After(time.Second):
			t.Error("a second later it still listens")
		}
		subscribed(t, conn, 0)
	})
}
