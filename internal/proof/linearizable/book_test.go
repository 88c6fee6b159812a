package linearizable_test

import (
	"slices"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

// noOlder is how old the copy may be that a no is answered from (seat contract,
// point 3).
const noOlder = time.Second

// book writes the requests of a history down as atoms. Tokens and references get
// numbers, which are easier to read and to compare.
type book struct {
	requests   []*request
	holds      map[string]int16
	refs       map[*run]map[string]int16
	calm, last time.Duration // since the history began
	operations []porcupine.Operation
	unexpected []string // answers that no state of a run gives
}

// write makes the book of a history. Where the order of changes is known, each has
// its turn in it.
func (w *world) write() *book {
	b := &book{requests: w.requests, holds: map[string]int16{}, refs: map[*run]map[string]int16{}, calm: w.calm}
	for _, r := range w.runs {
		r.looks, r.turns, b.refs[r] = nil, nil, map[string]int16{}
		if w.calm > 0 {
			b.operations = append(b.operations, porcupine.Operation{Call: w.calm.Nanoseconds(), Return: w.calm.Nanoseconds(),
				Input: &atom{run: r, what: calmDown}})
		}
	}
	for i, r := range w.requests {
		b.last = max(b.last, r.end)
		e := &entry{book: b, request: r, by: int16(i + 1), usable: r.run.usable(r.person.country)}
		expected := e.answered
		if r.lost {
			expected = e.lost
		}
		if !expected() {
			b.unexpected = append(b.unexpected, r.String()+" "+r.answer.Detail)
		}
	}
	for r, changes := range w.order {
		b.giveTurns(r, changes)
	}
	b.prune()
	b.split()
	return b
}

// changed is a change of an enrolment, as the database has written it down.
type changed struct {
	ref      string
	from, to status
	at       time.Time // of its transaction
}

// giveTurns tells each change of a run its place in the order. Offers that come
// with the change that freed the seat need none; those that the program makes by
// itself become atoms.
func (b *book) giveTurns(r *run, changes []changed) {
	r.turns = map[kind]*[maxPlaces]int16{enrol: {}, offer: {}, accept: {}, leave: {}}
	turn := int16(0)
	var left time.Time // when the last enrolment ended
	for _, c := range changes {
		ref := b.refs[r][c.ref]
		what := c.kind()
		if what == leave {
			left = c.at
		}
		if what == offer && c.at.Equal(left) {
			continue
		}
		if what != "" {
			turn++
			r.turns[what][ref] = turn
		}
		if what == offer {
			a := &atom{run: r, what: offer, person: r.owner[ref], ref: ref, pools: r.all()}
			b.operations = append(b.operations, porcupine.Operation{Return: b.last.Nanoseconds(), Input: a})
		}
	}
}

// kind is what the change is to the model; empty: nothing that has to wait for
// its turn, because it changes no seat.
func (c changed) kind() kind {
	switch {
	case c.from == 0:
		return enrol
	case c.to == offered:
		return offer
	case c.from == waiting && c.to.seated():
		return accept
	case !c.to.living():
		return leave
	}
	return ""
}

// general are the looks that are the same whoever takes them.
var general = []kind{full, scarce, seesTaken, seesHeld, seesWaiting}

// prune leaves out looks that another implies: one that finds the same within a
// longer time.
func (b *book) prune() {
	sort.SliceStable(b.operations, func(i, j int) bool { // the shortest first
		x, y := b.operations[i], b.operations[j]
		return x.Return-x.Call < y.Return-y.Call
	})
	var kept []porcupine.Operation
	for _, op := range b.operations {
		if !slices.ContainsFunc(kept, func(k porcupine.Operation) bool { return implies(k, op) }) {
			kept = append(kept, op)
		}
	}
	b.operations = kept
}

// split makes two points of each look, its beginning and its end. The checker
// would otherwise try all looks in every order, though none is in another's way.
func (b *book) split() {
	var points []porcupine.Operation
	for _, op := range b.operations {
		a := op.Input.(*atom)
		if looks[a.what] == nil {
			points = append(points, op)
			continue
		}
		first, last := op, op
		first.Input = &atom{run: a.run, by: a.by, what: begin, look: len(a.run.looks)}
		last.Input = &atom{run: a.run, by: a.by, what: finish, look: len(a.run.looks)}
		first.Return, last.Call = first.Call, last.Return
		a.run.looks = append(a.run.looks, a)
		points = append(points, first, last)
	}
	b.operations = points
}

func implies(known, op porcupine.Operation) bool {
	a, b := *known.Input.(*atom), *op.Input.(*atom)
	if a.what != b.what || a.run != b.run || looks[a.what] == nil || known.Call < op.Call || known.Return > op.Return {
		return false
	}
	if a.person != b.person && !slices.Contains(general, a.what) {
		return false
	}
	return slices.Equal(a.list, b.list) && a.do == b.do && a.hold == b.hold && a.ref == b.ref && a.status == b.status && a.counts == b.counts && slices.Equal(a.pools, b.pools)
}

// ref gives an enrolment its number in the run, from 1.
func (e *entry) numbered(ref string) int16 {
	n := number(e.refs[e.run], ref)
	e.run.owner[n] = int8(e.person.index)
	return n
}

func number(in map[string]int16, text string) int16 {
	if text == "" {
		return 0
	}
	if in[text] == 0 {
		in[text] = int16(len(in) + 1)
	}
	return in[text]
}
