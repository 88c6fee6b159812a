package kv

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// line is a Redis behind a breaker: what it says, and how often it was asked.
type line struct {
	says  error
	asked int
	one   redis.ProcessHook
	many  redis.ProcessPipelineHook
}

func newLine() *line {
	l := &line{}
	b := newBreaker()
	l.one = b.ProcessHook(func(context.Context, redis.Cmder) error { l.asked++; return l.says })
	l.many = b.ProcessPipelineHook(func(context.Context, []redis.Cmder) error { l.asked++; return l.says })
	return l
}

// call asks for one command and for two at once, and tells whether each got
// through.
func (l *line) call(ctx context.Context) (one, many bool) {
	asked := l.asked
	_ = l.one(ctx, redis.NewCmd(ctx))
	one = l.asked > asked
	asked = l.asked
	_ = l.many(ctx, []redis.Cmder{redis.NewCmd(ctx), redis.NewCmd(ctx)})
	return one, l.asked > asked
}

var noAnswer = &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}

func TestWhileRedisIsAwayOneCallNowAndThenAsks(t *testing.T) {
	for _, away := range []error{noAnswer, io.EOF, &net.OpError{Op: "dial", Err: errors.New("refused")}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLine()
			if one, many := l.call(t.Context()); !one || !many {
				t.Fatal("a Redis that answers is not asked")
			}
			l.says = away
			l.call(t.Context())
			l.asked = 0
			const seconds = 60
			for end := time.Now().Add(seconds * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
				l.call(t.Context())
			}
			if most := seconds * int(time.Second/askAgain); l.asked > most || l.asked < most/2 {
				t.Errorf("%v: in a minute %d calls got through", away, l.asked)
			}
			l.says = nil
			time.Sleep(askAgain)
			for range 3 {
				if one, many := l.call(t.Context()); !one || !many {
					t.Errorf("%v: it is back, and not everybody gets through", away)
				}
			}
		})
	}
}

func TestACallThatDoesNotGetThroughSaysSo(t *testing.T) {
	l := newLine()
	l.says = noAnswer
	l.call(t.Context())
	one, two := redis.NewCmd(t.Context()), redis.NewCmd(t.Context())
	if err := l.one(t.Context(), one); !errors.Is(err, errAway) || !errors.Is(one.Err(), errAway) {
		t.Errorf("a command: %v, %v", err, one.Err())
	}
	if err := l.many(t.Context(), []redis.Cmder{one, two}); !errors.Is(err, errAway) || !errors.Is(two.Err(), errAway) {
		t.Errorf("a pipeline: %v, %v", err, two.Err())
	}
}

// reply is an error that Redis itself answers with.
type reply string

func (r reply) Error() string { return string(r) }
func (reply) RedisError()     {}

func TestWhatIsNoSignOfItsAbsence(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for what, tt := range map[string]struct {
		ctx  context.Context
		says error
	}{
		"nothing found":             {t.Context(), redis.Nil},
		"an error in the answer":    {t.Context(), reply("READONLY You can't write against a read only replica.")},
		"the caller's time is over": {over, noAnswer},
		"all connections are busy":  {t.Context(), redis.ErrPoolTimeout},
		"the connection was left":   {t.Context(), redis.ErrClosed},
	} {
		l := newLine()
		l.says = tt.says
		for range 3 {
			if one, many := l.call(tt.ctx); !one || !many {
				t.Errorf("%s: Redis is taken to be away", what)
			}
		}
	}
}

// A script that was run and whose answer got lost is not run again: it may have
// taken a hold.
func TestACallWhoseAnswerGotLostIsNotMadeAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var asked atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go readRequests(conn, &asked)
		}
	}()
	conn, err := Open("redis://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Do(t.Context(), "EVALSHA", "1234").Err(); err == nil {
		t.Error("there is an answer")
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}

// readRequests answers as Redis does when a connection begins, and hangs up on a
// script, which it counts.
func readRequests(conn net.Conn, scripts *atomic.Int32) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch strings.ToUpper(lines.Text()) {
		case "EVALSHA":
			scripts.Add(1)
			return
		case "HELLO", "CLIENT":
			if _, err := io.WriteString(conn, "-ERR unknown command\r\n"); err != nil {
				return
			}
		}
	}
}

func TestARedisThatComesBackIsFoundByItself(t *testing.T) {
	server, err := services.Redis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	conn, err := Open(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	answers(t, conn)
	server.Crash()
	if err := conn.Ping(t.Context()).Err(); err == nil {
		t.Error("the crashed one answers")
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, conn)
}
