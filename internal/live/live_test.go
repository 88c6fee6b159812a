package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a seat lock that tells what a test has it tell.
type gate struct {
	changes chan int
	mu      sync.Mutex
	marked  [][]int
}

func (g *gate) Watch(_ context.Context, runIDs []int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	slices.Sort(runIDs)
	g.marked = append(g.marked, runIDs)
	return nil
}

// rounds is how often runs were marked, and which the last time.
func (g *gate) rounds() (int, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.marked), fmt.Sprint(g.marked[len(g.marked)-1])
}

func (g *gate) Changes(ctx context.Context) <-chan int {
	told := make(chan int)
	go func() {
		defer close(told)
		for {
			select {
			case id := <-g.changes:
				told <- id
			case <-ctx.Done():
				return
			}
		}
	}()
	return told
}

// seats is how many are free in each run, and how often that was asked and shown.
type seats struct {
	mu    sync.Mutex
	free  map[string]int
	looks map[string]int
	shows int
	fails error
	slow  time.Duration
	now   int // looks under way
	most  int
}

func (s *seats) look(_ context.Context, code string) (Seats, error) {
	s.mu.Lock()
	s.now++
	s.most = max(s.most, s.now)
	slow := s.slow
	s.mu.Unlock()
	time.Sleep(slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	s.looks[code]++
	if s.fails != nil {
		return Seats{}, s.fails
	}
	free := s.free[code]
	return Seats{Mark: fmt.Sprint(free), Show: func(v View) ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.shows++
		return fmt.Appendf(nil, "%d %s %s", free, v.Lang, v.Country), nil
	}}, nil
}

func (s *seats) set(code string, free int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free[code] = free
}

func (s *seats) looked(code string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks[code]
}

// inBubble runs a test with a running hub and a clock that costs no time. The
// bubble fails where anything of the hub goes on after it was waited for.
func inBubble(t *testing.T, test func(t *testing.T, h *Hub, g *gate, s *seats)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g, s := &gate{changes: make(chan int)}, &seats{free: map[string]int{}, looks: map[string]int{}}
		h := New(g, s.look, slog.New(slog.NewTextHandler(io.Discard, nil)))
		ctx, stop := context.WithCancel(t.Context())
		wait := h.Start(ctx)
		test(t, h, g, s)
		stop()
		wait()
	})
}

func listen(t *testing.T, h *Hub, id int) *Listener {
	t.Helper()
	l, err := h.Listen(id, fmt.Sprintf("R%d", id))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sees fails unless the next picture comes within so long and shows the text.
func sees(t *testing.T, l *Listener, within time.Duration, v View, want string) {
	t.Helper()
	select {
	case p, open := <-l.Pictures():
		if !open {
			t.Fatal("it has ended")
		}
		if got, err := p.Show(v); err != nil || string(got) != want {
			t.Fatalf("sees %q, %v, want %q", got, err, want)
		}
	case <-time.After(within):
		t.Fatalf("nothing came, want %q", want)
	}
}

func seesNothing(t *testing.T, l *Listener, within time.Duration) {
	t.Helper()
	select {
	case p, open := <-l.Pictures():
		t.Fatalf("something came: %v, %v", p, open)
	case <-time.After(within):
	}
}

var latvian = View{Lang: "lv", Country: "LV"}

func TestWhoListensSeesTheSeatsAndThenEachChangeSoon(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		s.set("R1", 3)
		l := listen(t, h, 1)
		sees(t, l, 10*time.Millisecond, latvian, "3 lv LV")
		time.Sleep(time.Second)
		s.set("R1", 2)
		g.changes <- 1
		sees(t, l, 10*time.Millisecond, latvian, "2 lv LV")
		l.Close()
		l.Close()
	})
}

func TestARunThatManyLookAtIsAskedForOnceAndShownOnceForEachKindOfReader(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		s.set("R1", 3)
		var all []*Listener
		for range 1000 {
			all = append(all, listen(t, h, 1))
		}
		for i, l := range all {
			v := View{Lang: []string{"lv", "en"}[i%2], Country: []string{"", "LV", "EE"}[i%3]}
			sees(t, l, time.Second, v, "3 "+v.Lang+" "+v.Country)
		}
		if s.looked("R1") != 1 || s.shows != 6 {
			t.Errorf("asked for %d times, shown %d times, want 1 and 6", s.looked("R1"), s.shows)
		}
	})
}

func TestARushIsFollowedAtTheReadersPace(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		s.set("R1", 1000)
		l := listen(t, h, 1)
		sees(t, l, time.Second, latvian, "1000 lv LV")
		const changes, every = 1000, 3 * time.Millisecond
		for n := range changes {
			s.set("R1", changes-1-n)
			g.changes <- 1
			time.Sleep(every)
		}
		time.Sleep(apart)
		synctest.Wait()
		if looks := s.looked("R1"); looks > int(changes*every/apart)+3 {
			t.Errorf("looked %d times in %s", looks, changes*every)
		}
		sees(t, l, 10*time.Millisecond, latvian, "0 lv LV") // the latest, however many were missed
		seesNothing(t, l, time.Minute)
	})
}

func TestWhatIsTheSameIsNotSentAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		l := listen(t, h, 1)
		sees(t, l, time.Second, latvian, "0 lv LV")
		for range 5 {
			g.changes <- 1
			time.Sleep(time.Second)
		}
		seesNothing(t, l, time.Minute)
	})
}

func TestWhatNobodyToldIsSeenAMomentLater(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		l := listen(t, h, 1)
		sees(t, l, time.Second, latvian, "0 lv LV")
		s.set("R1", 1)
		sees(t, l, again+apart+10*time.Millisecond, latvian, "1 lv LV")
	})
}

func TestWatchingManyRunsAsksNoMoreOften(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		s.slow = 5 * time.Millisecond
		const runs = 1000
		for id := range runs {
			listen(t, h, id)
		}
		time.Sleep(5 * time.Second)
		before := 0
		for id := range runs {
			before += s.looked(fmt.Sprintf("R%d", id))
		}
		time.Sleep(time.Minute)
		after := 0
		for id := range runs {
			after += s.looked(fmt.Sprintf("R%d", id))
		}
		if perSecond := (after - before) / 60; perSecond > 55 {
			t.Errorf("%d looks a second", perSecond)
		}
		if s.most > looksAtOnce {
			t.Errorf("%d looks at once", s.most)
		}
	})
}

func TestRunsAreMarkedAtOnceAndAsLongAsSomebodyLooks(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		first := listen(t, h, 1)
		time.Sleep(apart + 10*time.Millisecond)
		listen(t, h, 2)
		time.Sleep(apart + 10*time.Millisecond)
		before, which := g.rounds()
		if which != "[1 2]" {
			t.Errorf("marked %s, want both", which)
		}
		first.Close()
		time.Sleep(10 * time.Second)
		after, which := g.rounds()
		if n := after - before; n < 4 || n > 6 {
			t.Errorf("marked %d times in 10 seconds", n)
		}
		if which != "[2]" {
			t.Errorf("marked %s, though nobody looks at run 1", which)
		}
	})
}

func TestARunIsLeftAloneWhenNobodyLooksAnyMore(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		one, two := listen(t, h, 1), listen(t, h, 1)
		time.Sleep(10 * time.Second)
		one.Close()
		time.Sleep(10 * time.Second)
		two.Close()
		looks := s.looked("R1")
		g.changes <- 1
		time.Sleep(time.Minute)
		if s.looked("R1") != looks || looks < 5 {
			t.Errorf("%d looks, then %d", looks, s.looked("R1"))
		}
		// Who comes later is not shown what was the case then.
		s.set("R1", 9)
		sees(t, listen(t, h, 1), time.Second, latvian, "9 lv LV")
	})
}

func TestWhoComesLaterSeesTheLatestAtOnceAndWhatChangedSince(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		listen(t, h, 1)
		time.Sleep(time.Second)
		s.mu.Lock()
		s.slow = 50 * time.Millisecond
		s.mu.Unlock()
		s.set("R1", 7)
		late := listen(t, h, 1)
		sees(t, late, time.Millisecond, latvian, "0 lv LV")
		sees(t, late, apart+100*time.Millisecond, latvian, "7 lv LV")
	})
}

func TestMoreThanAServerBearsAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, h *Hub, g *gate, s *seats) {
		var last *Listener
		for range MaxListeners {
			last = listen(t, h, 1)
		}
		if _, err := h.Listen(2, "R2"); !errors.Is(err, ErrFull) {
			t.Errorf("one more: %v", err)
		}
		last.Close()
		listen(t, h, 2)
	})
}

func TestNobodyListensToAServerThatDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &seats{free: map[string]int{}, looks: map[string]int{}}
		h := New(&gate{changes: make(chan int)}, s.look, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if _, err := h.Listen(1, "R1"); !errors.Is(err, ErrEnded) {
			t.Errorf("before it runs: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		wait := h.Start(ctx)
		l := listen(t, h, 1)
		stop()
		wait()
		for open := true; open; {
			_, open = <-l.Pictures()
		}
		l.Close()
		if _, err := h.Listen(1, "R1"); !errors.Is(err, ErrEnded) {
			t.Errorf("after it ran: %v", err)
		}
	})
}

func TestALookThatFailsIsToldOnceAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &seats{free: map[string]int{}, looks: map[string]int{}, fails: errors.New("the database is away")}
		h := New(&gate{changes: make(chan int)}, s.look, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, stop := context.WithCancel(t.Context())
		wait := h.Start(ctx)
		l := listen(t, h, 1)
		seesNothing(t, l, time.Minute)
		if n := strings.Count(log.String(), "the database is away"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		s.mu.Lock()
		s.fails = nil
		s.mu.Unlock()
		sees(t, l, 3*time.Second, latvian, "0 lv LV")
		stop()
		wait()
	})
}
