package model_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/proof/model"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

const (
	hour = time.Hour
	day  = 24 * hour
	// tick is the least that the clocks are moved by, and holdLife and everything
	// else that ends some time after something are several of it. Real time passes
	// besides, but less in a whole sequence, so model and program agree on what is
	// over. Instants that are set lie between two ticks.
	tick     = 4 * time.Minute
	between  = tick / 2
	holdLife = 5 * tick
	// nudge is added at each move, so that what ends at that very instant has
	// surely ended, however coarsely the database's clock was read.
	nudge = 200 * time.Millisecond
)

// kind is what sort of sequences are lived through.
type kind struct {
	servers int
	away    bool // Redis is away now and then
}

// world is one sequence: the run as the program has it, and as the model has it.
type world struct {
	*stage
	kind
	t        *rapid.T
	m        *model.Run
	code     string
	cast     []*model.Person
	options  enrolment.Options
	holds    *hold.Keeper
	servers  []*enrolment.Service
	begun    time.Time     // by the real clock
	nudged   time.Duration // altogether
	refs     map[*model.Enrolment]string
	tokens   map[*model.Hold]string
	matched  map[*model.Enrolment]int // how many lines of the history have been compared
	changed  time.Time                // when something last changed, by the real clock
	epilogue int                      // events after the closing
	places   string                   // the places in the list as last compared
}

func poolOf(runID int, country string) []predicate.SeatPool {
	return []predicate.SeatPool{seatpool.RunID(runID), seatpool.Country(country)}
}

// draw takes one of a few, each as often as the others; the earlier the simpler.
func draw[T any](t *rapid.T, label string, from ...T) T {
	return rapid.Custom(func(t *rapid.T) T { return from[index(t, len(from))] }).Draw(t, label)
}

// index is a number below n. It is put together of bits, because rapid itself
// prefers small numbers, and most of what may happen would hardly ever.
func index(t *rapid.T, n int) int {
	i := 0
	for range bits.Len(uint(n-1)) + 3 {
		i <<= 1
		if rapid.Bool().Draw(t, "") {
			i++
		}
	}
	return i % n
}

// begin sets a run up.
func (st *stage) begin(t *rapid.T, k kind) *world {
	st.clear()
	now := st.start().Add(-draw(t, "before the start", 30*day, 13*day, 5*day, 50*hour, 30*hour))
	rules := drawRules(t, st.start(), now)
	if draw(t, "opens later", false, false, false, false, false, false, false, true) {
		rules.Opens = now.Add(30 * time.Minute)
	}
	w := &world{stage: st, kind: k, t: t, cast: cast[:draw(t, "people", 6, 8, 10)],
		refs: map[*model.Enrolment]string{}, tokens: map[*model.Hold]string{}, matched: map[*model.Enrolment]int{},
		options: enrolment.Options{Deadlines: training.Deadlines{Offer: rules.ToAccept, LateOffer: rules.ToAcceptLate, Approval: rules.ToApprove}}}
	w.m = model.New(rules, now, drawPools(t, rules, now))
	w.holds = hold.New(st.Redis, []byte("secret"), rules.HoldLife)
	w.shift, w.begun = time.Until(now)+nudge, time.Now()
	w.move()
	w.code = st.run(testkit.R{}, rules, w.m.Pools)
	t.Logf("%s: %s, closes %s, %s", w.clock(), w.describePools(), w.before(rules.Closes), describeRules(rules))
	return w
}

func drawRules(t *rapid.T, starts, now time.Time) model.Rules {
	rules := model.Rules{Starts: starts, Closes: starts, HoldLife: holdLife,
		ToAccept: 48 * hour, ToAcceptLate: 24 * hour, ToApprove: 168 * hour}
	rules.Approval = draw(t, "approval", false, true)
	// One minute off, so that nothing else falls on the same instant.
	if by := draw(t, "closes after the start by", 0, 2*day, -3*day); by != 0 && starts.Add(by).After(now) {
		rules.Closes = starts.Add(by + between)
	}
	if draw(t, "other deadlines", false, false, true) {
		rules.ToAccept, rules.ToAcceptLate, rules.ToApprove = 30*day, 10*day, 6*hour
	}
	if draw(t, "withdrawal ends", false, false, true) {
		rules.WithdrawUntil = starts.Add(-4*day + between)
	}
	return rules
}

func drawPools(t *rapid.T, rules model.Rules, now time.Time) []*model.Pool {
	pools := []*model.Pool{{Size: draw(t, "open seats", 1, 2, 0)}}
	for _, country := range draw(t, "quotas", nil, []string{"LV"}, []string{"EE", "LV"}) {
		q := &model.Pool{Country: country, Size: draw(t, "seats of "+country, 1, 2), ReleasesAt: rules.Closes}
		at := now.Add(draw(t, "release of "+country, 0, 2*day, 9*day) + between)
		if at.After(rules.Opens) && at.Before(rules.Closes) && at.After(now.Add(hour)) {
			q.ReleasesAt = at
		}
		pools = append(pools, q)
	}
	if len(pools) == 1 {
		pools[0].Size = max(1, pools[0].Size)
	}
	return pools
}

func describeRules(r model.Rules) string {
	var words []string
	if r.Approval {
		words = append(words, "with approval")
	}
	if !r.Opens.IsZero() {
		words = append(words, "opens half an hour later")
	}
	return strings.Join(append(words, fmt.Sprintf("%v to accept, %v late, %v to approve", r.ToAccept, r.ToAcceptLate, r.ToApprove)), ", ")
}

func (w *world) describePools() string {
	var words []string
	for _, p := range w.m.Pools {
		line := fmt.Sprintf("%d %s", p.Size, poolName(p))
		if p.Country != "" {
			line += " released " + w.before(p.ReleasesAt)
		}
		words = append(words, line)
	}
	return strings.Join(words, ", ")
}

func poolName(p *model.Pool) string {
	if p == nil {
		return "-"
	}
	if p.Country == "" {
		return "open"
	}
	return p.Country
}

// before says an instant as time before the start.
func (w *world) before(at time.Time) string {
	d := w.m.Starts.Sub(at).Round(time.Minute)
	sign := "start-"
	if d < 0 {
		d, sign = -d, "start+"
	}
	return fmt.Sprintf("%s%dd%02dh%02d", sign, d/day, d%day/hour, d%hour/time.Minute)
}

func (w *world) clock() string { return w.before(w.m.Now) }

// move sets the clocks of database and Redis, and makes the servers anew: more
// than a second has passed for them, so no refusal that they remember is good.
func (w *world) move() {
	w.DB.Shift(w.shift)
	w.holds.Shift(w.shift)
	w.servers = nil
	for range max(1, w.kind.servers) {
		w.servers = append(w.servers, enrolment.New(w.DB, w.holds, w.options))
	}
}

// outrun reports whether so much real time has passed that model and program may
// no longer agree on what is over.
func (w *world) outrun() bool { return time.Since(w.begun)+w.nudged > between-15*time.Second }

// server is one of them.
func (w *world) server() *enrolment.Service {
	if len(w.servers) == 1 {
		return w.servers[0]
	}
	return w.servers[draw(w.t, "server", indexes(len(w.servers))...)]
}

func (w *world) advance(to time.Time) {
	w.shift += to.Sub(w.m.Now) + nudge
	w.nudged += nudge
	w.m.Advance(to)
	w.move()
}

// pass lets time pass while servers look every second, which is: whenever
// something ends.
func (w *world) pass(to time.Time) {
	w.sweep()
	for w.m.Now.Before(to) {
		next := w.m.Due()
		if next.IsZero() || next.After(to) {
			next = to
		}
		w.advance(next)
		w.sweep()
	}
}

func (w *world) sweep() {
	w.m.Sweep()
	for _, server := range w.servers { // each thing ends once, however many look
		if err := server.Sweep(w.Context()); err != nil {
			w.fail("sweep: %v", code(err))
		}
	}
	w.compare("sweep")
	for _, e := range w.m.List() {
		w.checkInvitation(e)
	}
}

// fail ends the sequence; what it says must be the same each time that the same
// sequence is lived through, else it cannot be shrunk.
func (w *world) fail(format string, args ...any) {
	w.t.Fatalf("%s: "+format, append([]any{w.clock()}, args...)...)
}

// label names an enrolment: the person, with a number from the second of one person on.
func (w *world) label(e *model.Enrolment) string {
	n := 0
	for _, other := range w.m.Enrolments[:slices.Index(w.m.Enrolments, e)+1] {
		if other.Person == e.Person {
			n++
		}
	}
	if n == 1 {
		return e.Person.Name
	}
	return fmt.Sprintf("%s(%d)", e.Person.Name, n)
}
