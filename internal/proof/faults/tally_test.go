package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/training"
)

// call is one question to one server and what came of it.
type call struct {
	what   string // hold, enrol (without a hold), confirm (with one), accept …
	server int
	status int    // 0: no answer
	code   string // of a refusal; else the status of the enrolment, if it is one
	began  time.Time
	took   time.Duration
	phase  phase // when the answer came, or did not
}

// phase is how far the weather has come.
type phase int32

const (
	before phase = iota
	during
	after
)

// tally counts what the crowd is answered. It is safe for concurrent use.
type tally struct {
	now      atomic.Int32 // phase
	underWay []atomic.Int32

	mu    sync.Mutex
	calls []call
}

func newTally(servers int) *tally { return &tally{underWay: make([]atomic.Int32, servers)} }

func (t *tally) begin(server int) { t.underWay[server].Add(1) }

func (t *tally) end(c call) {
	c.phase = phase(t.now.Load())
	t.underWay[c.server].Add(-1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, c)
}

// count tells how many calls are like that.
func (t *tally) count(like func(call) bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, c := range t.calls {
		if like(c) {
			n++
		}
	}
	return n
}

// tell is what was answered in each phase, and how soon, for whoever reads the
// proof.
func (t *tally) tell() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var text strings.Builder
	for p, name := range []string{"before", "during", "after"} {
		took, answers := map[string][]time.Duration{}, map[string]int{}
		for _, c := range t.calls {
			if c.phase == phase(p) {
				took[c.what] = append(took[c.what], c.took)
				answers[fmt.Sprintf("%s %d %s", c.what, c.status, c.code)]++
			}
		}
		fmt.Fprintf(&text, "%s:", name)
		for _, what := range slices.Sorted(maps.Keys(answers)) {
			fmt.Fprintf(&text, " %s %d,", strings.TrimSpace(what), answers[what])
		}
		for _, what := range slices.Sorted(maps.Keys(took)) {
			slices.Sort(took[what])
			last := len(took[what]) - 1
			fmt.Fprintf(&text, " %s took %v to %v,", what, took[what][last/2].Round(time.Millisecond), took[what][last].Round(time.Millisecond))
		}
		text.WriteString("\n")
	}
	return text.String()
}

// The kinds of answers that a kind of weather is known by.

// enrolled: somebody got a seat.
func enrolled(c call) bool {
	return (c.what == "enrol" || c.what == "confirm" || c.what == "accept") && c.code == string(training.Confirmed)
}

func held(c call) bool { return c.what == "hold" && c.status == 201 }

// lost: the server was gone before it had answered.
func lost(c call) bool { return c.status == 0 }

func failed(c call) bool { return c.status >= 500 || c.status == 0 }

// expired: the hold that came with the form is not known any more.
func expired(c call) bool { return c.what == "confirm" && c.code == "hold_expired" }

// betrayed: the hold lived when the confirmation arrived, and its seat was gone.
func betrayed(c call) bool { return c.what == "confirm" && c.code == "seat_gone" }

// noHolds: the server does not reach Redis.
func noHolds(c call) bool { return c.what == "hold" && c.code == "unavailable" }

func in(p phase, like func(call) bool) func(call) bool {
	return func(c call) bool { return c.phase == p && like(c) }
}

func at(server int, like func(call) bool) func(call) bool {
	return func(c call) bool { return c.server == server && like(c) }
}

func elsewhere(server int, like func(call) bool) func(call) bool {
	return func(c call) bool { return c.server != server && like(c) }
}

func since(began time.Time, like func(call) bool) func(call) bool {
	return func(c call) bool { return c.began.After(began) && like(c) }
}

// looked: somebody's own enrolment was read from the database.
func looked(c call) bool { return c.what == "look" && c.status == 200 }

func quickerThan(limit time.Duration, like func(call) bool) func(call) bool {
	return func(c call) bool { return c.took < limit && like(c) }
}

// desk is where people ask: any of the servers, by one client.
type desk struct {
	cluster *cluster.Cluster
	client  *cluster.Client
	tally   *tally
}
