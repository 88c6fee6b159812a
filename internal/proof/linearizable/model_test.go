package linearizable_test

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"github.com/varde-platform/varde/internal/training"
)

// What a history may hold at most: the state is one comparable value of fixed
// size, so that the checker recognises a state that it has seen.
const (
	maxPeople = participants + probers
	maxPlaces = 40
	maxPools  = 3
	maxLooks  = 320
)

// run is one run with its pools, the open one first.
type run struct {
	code     string
	pools    []pool
	approval bool
	soon     bool             // it starts in two days: no offers, the first to accept gets the seat
	listed   bool             // people may join its waiting list
	may      [maxPeople]uint8 // the pools that each may take seats of, one bit each

	// Of the history that is judged:
	looks []*atom
	owner [maxPlaces]int8            // of each enrolment
	turns map[kind]*[maxPlaces]int16 // of the changes, by enrolment, from 1; nil: their order is not known
}

type pool struct {
	country string
	size    int
}

// usable are the pools that people of a country may take from, in order.
func (r *run) usable(country string) []int8 {
	for i, p := range r.pools {
		if i > 0 && country != "" && p.country == country {
			return []int8{int8(i), 0}
		}
	}
	return []int8{0}
}

// all are the run's pools.
func (r *run) all() []int8 {
	list := make([]int8, len(r.pools))
	for i := range list {
		list[i] = int8(i)
	}
	return list
}

// mays reports whether a person may take seats of a pool.
func (r *run) mays(person, pool int8) bool { return r.may[person]&(1<<pool) != 0 }

// state is all that the model knows of one run: who holds a seat, who has one and
// who waits. Figures are counted from it, never kept beside it.
type state struct {
	people  [maxPeople]someone
	places  [maxPlaces]place // by reference
	turn    int16            // the changes so far, where their order is given
	pending bits             // the looks that have not had their moment
}

// bits is a set of looks.
type bits [maxLooks / 64]uint64

func (b *bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b *bits) set(i int, to bool) {
	b[i/64] &^= 1 << (i % 64)
	if to {
		b[i/64] |= 1 << (i % 64)
	}
}

type someone struct {
	hold   held
	aside  held // the seat set aside while a free one is accepted from the list
	unused int8 // holds given back since the last seat taken
}

// held is a hold. Tokens are numbered from 1; a number below zero is a hold
// whose token nobody was told: the answer was lost, or the program took the hold
// on the person's behalf.
type held struct {
	token int16 // 0: none
	by    int16 // the request that took it
	pool  int8
	done  bool // a seat came of it, and Redis has yet to be told
}

// place is an enrolment. References are numbered from 1.
type place struct {
	by     int16 // the request that made it, or the first that was answered with it
	hold   int16 // that it came of
	untold int16 // the request that has yet to tell Redis of its last change; bySweep: nobody knows when
	pool   int8  // noPool: it never had a seat
	rank   int8  // among those who wait, by joining
	status status
}

const (
	noPool  int8  = -1
	bySweep int16 = -1
)

// status is a training.Status in a byte; zero: no enrolment.
type status int8

const (
	pending status = 1 + iota
	confirmed
	waiting
	offered
	cancelled
	declined
)

var statuses = []training.Status{"none", training.Pending, training.Confirmed, training.Waiting, training.Offered,
	training.Cancelled, training.Declined}

func statusOf(s string) (status, bool) {
	i := slices.Index(statuses, training.Status(s))
	return status(max(i, 0)), i > 0
}

func (s status) String() string { return string(statuses[s]) }

func (s status) seated() bool { return s == pending || s == confirmed || s == offered }
func (s status) living() bool { return s.seated() || s == waiting }

// living gives the place of somebody's living enrolment, or nil.
func (s *state) living(r *run, person int8) *place {
	return s.find(r, person, func(l *place) bool { return l.status.living() })
}

// byHold gives the place that came of a hold, or nil.
func (s *state) byHold(r *run, person int8, token int16) *place {
	return s.find(r, person, func(l *place) bool { return l.hold == token })
}

func (s *state) find(r *run, person int8, so func(*place) bool) *place {
	for i := range s.places {
		if l := &s.places[i]; l.status != 0 && r.owner[i] == person && so(l) {
			return l
		}
	}
	return nil
}

func (s *state) count(so func(*place) bool) int {
	n := 0
	for i := range s.places {
		if l := &s.places[i]; l.status != 0 && so(l) {
			n++
		}
	}
	return n
}

// taken counts the seats that the database has given.
func (s *state) taken(pool int8) int {
	return s.count(func(l *place) bool { return l.status.seated() && l.pool == pool })
}

// held counts the holds that Redis has; done are those of them that a seat has
// come of.
func (s *state) held(pool int8) (all, done int) {
	for i := range s.people {
		for _, h := range []held{s.people[i].hold, s.people[i].aside} {
			if h.token != 0 && h.pool == pool {
				all++
				if h.done {
					done++
				}
			}
		}
	}
	return all, done
}

// free counts the seats that are neither taken nor held. A yes needs one.
func (s *state) free(r *run, pool int8) int {
	all, done := s.held(pool)
	return r.pools[pool].size - s.taken(pool) - (all - done)
}

// crowded reports whether it is right that nobody new finds a seat. Redis is told
// after the commit: until the request that takes a seat or gives one back is
// answered, the seat may count as not free, and while it is being taken as two.
func (s *state) crowded(r *run, pool int8) bool {
	return s.scarce(r, pool) || s.among(r, pool, func(l *place) bool {
		return l.status == waiting || l.untold != 0 && (l.status == offered || l.pool == noPool)
	})
}

// among reports whether somebody is so who may take seats of the pool.
func (s *state) among(r *run, pool int8, so func(*place) bool) bool {
	for i := range s.places {
		if l := &s.places[i]; l.status != 0 && r.mays(r.owner[i], pool) && so(l) {
			return true
		}
	}
	return false
}

// scarce is the same for somebody whom those who wait do not stand before.
func (s *state) scarce(r *run, pool int8) bool {
	_, done := s.held(pool)
	return s.free(r, pool)-done-s.count(func(l *place) bool { return l.untold != 0 && l.pool == pool }) <= 0
}

// waited reports whether somebody waits for a seat of the pool and Redis has been
// told: newcomers then get none of it.
func (s *state) waited(r *run, pool int8) bool {
	return s.among(r, pool, func(l *place) bool { return l.status == waiting && l.untold == 0 })
}

// next offers seats of a pool to those who wait for one, the first to join first,
// as the transaction does that freed them; by is its request.
func (s *state) next(r *run, pool int8, by int16) bool {
	if r.soon {
		return false
	}
	var first *place
	for i := range s.places {
		if l := &s.places[i]; l.status == waiting && r.mays(r.owner[i], pool) && (first == nil || l.rank < first.rank) {
			first = l
		}
	}
	if first == nil {
		return false
	}
	first.status, first.pool, first.untold = offered, pool, by
	return true
}

func (s state) String() string {
	var parts []string
	for i, p := range s.people {
		for _, h := range []held{p.hold, p.aside} {
			if h.token != 0 {
				parts = append(parts, fmt.Sprintf("p%d holds %s in pool %d%s", i, name("h", h.token), h.pool, mark(h.done, ", a seat came of it")))
			}
		}
	}
	for ref, l := range s.places {
		if l.status != 0 {
			parts = append(parts, fmt.Sprintf("%s %s in pool %d%s", name("e", int16(ref)), l.status, l.pool, mark(l.untold != 0, ", Redis not told")))
		}
	}
	return strings.Join(parts, "; ")
}

// name writes the number of a token or reference; what nobody was told carries
// the number of its request.
func name(letter string, n int16) string {
	if n < 0 {
		return fmt.Sprintf("%s?%d", letter, -n)
	}
	return fmt.Sprintf("%s%d", letter, n)
}

func mark(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

var seed = maphash.MakeSeed()

// model is the run as contract and design promise it, in the words of the
// checker: an input is an atom, which says what came of it as well.
func model() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Partition: partition,
		Init:      func() []any { return []any{state{}} },
		Step: func(s, in, _ any) []any {
			var out []any
			for _, next := range in.(*atom).after(s.(state)) {
				out = append(out, next)
			}
			return out
		},
		Hash:              func(s any) uint64 { return maphash.Comparable(seed, s.(state)) },
		DescribeOperation: func(in, _ any) string { return in.(*atom).String() },
		DescribeState:     func(s any) string { return s.(state).String() },
	}
	return m.ToModel()
}

// partition takes the runs apart. Only the limit on one person's holds joins
// them, and nobody comes near that.
func partition(history []porcupine.Operation) [][]porcupine.Operation {
	var parts [][]porcupine.Operation
	at := map[*run]int{}
	for _, op := range history {
		r := op.Input.(*atom).run
		i, ok := at[r]
		if !ok {
			i = len(parts)
			at[r] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], op)
	}
	return parts
}
