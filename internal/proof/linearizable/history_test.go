package linearizable_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// A history: so many people, some with two tabs, each asking for so many things.
// probers come when all is over and look whether every free seat can be taken.
const (
	participants = 8
	tabs         = 3 // of the people have a second tab
	probers      = 5 // more than any run has seats
	stepsEach    = 6
)

// world is what one history is about and what came of it.
type world struct {
	name   string
	seed   uint64
	people []*person
	admin  *person
	runs   []*run
	bases  []string // where the servers answer
	began  time.Time

	patient bool // nobody gives up before the answer

	mu       sync.Mutex
	requests []*request
	order    map[*run][]changed // as the database has it; nil: not known
	calm     time.Duration      // when nothing was under way any more; 0: not waited for
}

func (w *world) note(r *request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, r)
}

// play lets all clients work at the same time.
func (w *world) play(ctx context.Context) {
	var wg sync.WaitGroup
	w.began = time.Now()
	for _, c := range w.clients() {
		wg.Go(func() { c.work(ctx) })
	}
	wg.Wait()
}

func (w *world) clients() []*client {
	var list []*client
	add := func(p *person) {
		n := len(list)
		list = append(list, &client{number: n, world: w, person: p, steps: stepsEach, patient: w.patient || slices.Contains(w.people[:tabs], p),
			random: rand.New(rand.NewPCG(w.seed, uint64(n)))})
	}
	for _, p := range w.people[:participants] {
		add(p)
	}
	for _, p := range w.people[:tabs] {
		add(p)
	}
	if slices.ContainsFunc(w.runs, func(r *run) bool { return r.approval }) {
		add(nil)
	}
	return list
}

// The longest that the program may take to offer a free seat to who waits for it:
// a second, and what a busy machine makes of it.
const patience = 20 * time.Second

// calm waits until all that was asked for is done, answered or not, and all seats
// that somebody waits for are offered, and then until no copy that a no is answered
// from can be of a moment before.
func calm(ctx context.Context, t *testing.T, worlds []*world) {
	t.Helper()
	time.Sleep(aftermath)
	for _, w := range worlds {
		for _, r := range w.runs {
			for end := time.Now().Add(patience); w.idle(ctx, t, r); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("%s: a seat stays free while somebody waits for it", r.code)
				}
			}
		}
	}
	time.Sleep(aftermath)
	for _, w := range worlds {
		w.calm = time.Since(w.began)
	}
	time.Sleep(noOlder + 100*time.Millisecond)
}

// aftermath is how long a server may still be at a request whose client has gone,
// or at telling Redis of an offer that it has just made.
const aftermath = time.Second / 2

// idle reports whether a seat of the run is free while somebody waits who may take
// it. It asks beside the history.
func (w *world) idle(ctx context.Context, t *testing.T, r *run) bool {
	t.Helper()
	of := &request{do: askSeats, run: r}
	if err := (sending{base: w.bases[0], token: w.admin.token}).send(ctx, of); err != nil || of.status != 200 {
		t.Fatalf("%s: seats asked for: %d, %v", r.code, of.status, err)
	}
	return !r.soon && of.answer.Seats.Waiting > 0 && of.answer.Pools[0].Free > 0
}

func (w *world) prober(i int) *client {
	return &client{number: participants + tabs + 1 + i, world: w, person: w.people[participants+i], patient: true,
		random: rand.New(rand.NewPCG(w.seed, uint64(1000+i)))}
}

// probe comes when nothing has moved for longer than a copy may live. One after
// the other, people who have not been there yet ask for a seat: as many as are
// free have to get one, and the next has to be refused. The others look what
// became of them, which also tells what requests without an answer did.
func (w *world) probe(ctx context.Context) {
	for i, p := range w.people[:participants] {
		c := &client{number: i, world: w, person: p, patient: true, random: rand.New(rand.NewPCG(w.seed, uint64(1000+i)))}
		for _, r := range w.runs {
			w.ask(ctx, c, &request{do: askOwn, run: r, person: p})
		}
	}
	for i := range probers {
		c := w.prober(i)
		for _, r := range w.runs {
			w.ask(ctx, c, &request{do: askSeats, run: r, person: c.person})
			w.ask(ctx, c, &request{do: askHold, run: r, person: c.person})
		}
	}
}
