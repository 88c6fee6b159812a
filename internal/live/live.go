// Package live owns telling those who look at a run's page that its seats
// changed: how often a server asks how they stand, however many look, and who
// has yet to hear it. It owns no figures: where seats are counted and how they
// are shown is given in.
package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Source says when the seats of runs change: the seat lock.
type Source interface {
	// Watch marks runs as looked at for some seconds; Changes tells of no others.
	Watch(ctx context.Context, runIDs []int) error
	// Changes delivers the ids of runs whose seats changed, until ctx ends; then
	// the channel closes. It may miss some.
	Changes(ctx context.Context) <-chan int
}

// Look finds out how the seats of a run stand.
type Look func(ctx context.Context, code string) (Seats, error)

// Seats are those of a run at one moment.
type Seats struct {
	Mark string                     // differs where anything that is shown does
	Show func(View) ([]byte, error) // for one kind of reader; may be called from several goroutines
}

const (
	// MaxListeners bounds how many look at runs on one server; each costs a
	// connection and some 40 kB. Whoever comes after them asks now and then.
	MaxListeners = 5000
	// apart is the least time between two looks at one run: in a rush its seats
	// change a hundred times a second, which no reader could follow.
	apart = 300 * time.Millisecond
	// again is after how long a run is looked at without being told that it
	// changed: what Redis never heard of, because it was away, shows then.
	again = 2 * time.Second
	// eachRun stretches that where many runs are watched, so that looking unasked
	// stays below 50 looks a second.
	eachRun = 20 * time.Millisecond
	// markEvery is how often runs are marked as watched, by which their expired
	// holds end.
	markEvery = 2 * time.Second
	// looksAtOnce is how much of the database watching may use at one time.
	looksAtOnce = 4
	lookLimit   = 5 * time.Second
)

// Why nobody can listen.
var (
	ErrFull  = errors.New("live: too many listen already")
	ErrEnded = errors.New("live: the server is not running")
)

// Hub brings changes to those who listen. It is safe for concurrent use.
type Hub struct {
	source  Source
	look    Look
	log     *slog.Logger
	slots   chan struct{} // looks under way
	news    chan struct{} // holds one: there is a run that nobody follows yet
	marks   chan struct{} // holds one: there is a run that is not marked yet
	failing atomic.Bool   // the last look failed, and that is logged

	mu      sync.Mutex
	running bool
	count   int // listeners
	runs    map[int]*watched
}

// watched is a run at which somebody looks.
type watched struct {
	id        int
	code      string
	listeners map[*Listener]bool
	last      *Picture           // nil: not looked at yet
	changed   chan struct{}      // holds one: look again
	marked    bool               // its changes are told
	stop      context.CancelFunc // nil: nobody follows it yet
}

// New makes a hub, which does nothing until it is started.
func New(source Source, look Look, log *slog.Logger) *Hub {
	return &Hub{source: source, look: look, log: log, slots: make(chan struct{}, looksAtOnce),
		news: make(chan struct{}, 1), marks: make(chan struct{}, 1), runs: map[int]*watched{}}
}

// Start lets the hub work until ctx ends. What it gives waits until the hub has
// then let go of all who listened, and nothing of it goes on.
func (h *Hub) Start(ctx context.Context) (wait func()) {
	var work sync.WaitGroup
	h.mu.Lock()
	h.running = true
	h.mu.Unlock()
	work.Go(func() { h.hear(ctx) })
	work.Go(func() { h.keepMarked(ctx) })
	work.Go(func() { h.run(ctx, &work) })
	return work.Wait
}

// run follows each run that somebody looks at.
func (h *Hub) run(ctx context.Context, work *sync.WaitGroup) {
	for {
		select {
		case <-ctx.Done():
			h.end()
			return
		case <-h.news:
			for _, r := range h.unfollowed() {
				following, stop := context.WithCancel(ctx)
				if h.begin(r, stop) {
					work.Go(func() { h.follow(following, r) })
				}
			}
			signal(h.marks)
		}
	}
}

func (h *Hub) unfollowed() []*watched {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*watched
	for _, r := range h.runs {
		if r.stop == nil {
			list = append(list, r)
		}
	}
	return list
}

// begin notes how to stop following a run; false where nobody looks any more.
func (h *Hub) begin(r *watched, stop context.CancelFunc) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.runs[r.id] != r {
		stop()
		return false
	}
	r.stop = stop
	return true
}

// end lets go of everybody.
func (h *Hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = false
	for _, r := range h.runs {
		for l := range r.listeners {
			h.drop(l)
		}
	}
}

// hear passes on what the source tells.
func (h *Hub) hear(ctx context.Context) {
	for id := range h.source.Changes(ctx) {
		h.mu.Lock()
		r := h.runs[id]
		h.mu.Unlock()
		if r != nil {
			signal(r.changed)
		}
	}
}

// keepMarked marks the runs that somebody looks at.
func (h *Hub) keepMarked(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.marks:
		case <-time.After(markEvery):
		}
		h.mark(ctx)
		if !pause(ctx, apart) { // many may begin to look at this moment
			return
		}
	}
}

// mark marks runs. A failure means that Redis is away: the next round tries
// again, and meanwhile runs are looked at unasked.
func (h *Hub) mark(ctx context.Context) {
	h.mu.Lock()
	ids := make([]int, 0, len(h.runs))
	for id := range h.runs {
		ids = append(ids, id)
	}
	h.mu.Unlock()
	if len(ids) == 0 || h.source.Watch(ctx, ids) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if r := h.runs[id]; r != nil && !r.marked {
			r.marked = true
			signal(r.changed) // what changed before was not told
		}
	}
}

// follow looks at a run again and again until ctx ends.
func (h *Hub) follow(ctx context.Context, r *watched) {
	for {
		h.lookAt(ctx, r)
		if !pause(ctx, apart) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
		case <-time.After(h.unasked()):
		}
	}
}

// unasked is after how long a run is looked at unasked.
func (h *Hub) unasked() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(again, time.Duration(len(h.runs))*eachRun)
}

func (h *Hub) lookAt(ctx context.Context, r *watched) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	seats, err := h.look(ctx, r.code)
	if err != nil {
		if !errors.Is(err, context.Canceled) && h.failing.CompareAndSwap(false, true) { // the rest would say the same
			h.log.Warn("look at the seats of a watched run", "run", r.code, "error", err)
		}
		return
	}
	h.failing.Store(false)
	h.tell(r, seats)
}

// tell gives the seats to all who listen, where they differ from the last.
func (h *Hub) tell(r *watched, seats Seats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.last != nil && r.last.seats.Mark == seats.Mark {
		return
	}
	r.last = &Picture{seats: seats}
	for l := range r.listeners {
		l.offer(r.last)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pause answers false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
