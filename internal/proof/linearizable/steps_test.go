package linearizable_test

import (
	"fmt"
	"slices"
	"strings"
)

// atom is one step of a request that the database or Redis takes in one go,
// somewhere between the request's call and its answer. A request has one to five.
type atom struct {
	run    *run
	what   kind
	person int8
	by     int16 // number of the request
	maybe  bool  // nobody knows whether it happened: the answer was lost
	hold   int16
	ref    int16
	pools  []int8 // those that it may be about
	status status
	do     action         // the change that is asked for
	office bool           // by an administrator
	counts [maxPools]int8 // by pool, or the one number that it is about
	list   []line
	refs   []int16 // the enrolments that may have come of a form without an answer
	look   int     // number of the look that begins or is finished
}

// line is one of a person's own enrolments.
type line struct {
	ref    int16
	status status
}

// kind says in plain words what an atom does or finds.
type kind string

const (
	take        kind = "takes a hold"
	same        kind = "still has the hold"
	drop        kind = "gives the hold back"
	unask       kind = "has an unasked hold given back"
	enrol       kind = "enrols"
	settle      kind = "has the hold taken out"
	join        kind = "joins the waiting list"
	enrolAny    kind = "enrols, it seems"
	calmDown    kind = "all is told to Redis"
	settleAny   kind = "has whatever hold it was taken out"
	setAside    kind = "has a seat set aside"
	accept      kind = "accepts"
	offer       kind = "is offered a seat that a hold gave back"
	grant       kind = "is approved"
	leave       kind = "ends the enrolment"
	told        kind = "has Redis told"
	own         kind = "sees the own enrolments"
	full        kind = "finds no seat"
	scarce      kind = "finds no seat, whoever waits"
	without     kind = "has no hold"
	passed      kind = "finds no seat in the quota"
	limited     kind = "has left too many holds unused"
	absent      kind = "is not enrolled"
	present     kind = "is enrolled"
	ended       kind = "has the hold no more"
	has         kind = "has the status"
	stands      kind = "stands in the list at"
	refused     kind = "has a status that does not allow it"
	seesTaken   kind = "sees seats taken"
	seesHeld    kind = "sees seats held"
	seesWaiting kind = "sees people waiting"
	begin       kind = "begins to look whether it"
	finish      kind = "has looked whether it"
)

// steps is what the kinds of atoms do that change something: the states that they
// may lead to; none: it cannot have happened in this state.
var steps = map[kind]func(*atom, state) []state{
	take: (*atom).take, same: (*atom).same, drop: (*atom).drop, unask: (*atom).unask, enrol: (*atom).enrol,
	settle: (*atom).settle, join: (*atom).join, enrolAny: (*atom).enrolAny, calmDown: (*atom).calmDown, settleAny: (*atom).settleAny, setAside: (*atom).setAside, accept: (*atom).accept,
	offer: (*atom).offer, grant: (*atom).grant, leave: (*atom).leave, told: (*atom).told, begin: (*atom).begin, finish: (*atom).finish,
}

func when(s state, so bool) []state {
	if so {
		return []state{s}
	}
	return nil
}

// after gives the states that the atom may lead to.
func (a *atom) after(s state) []state {
	next := steps[a.what](a, s)
	if a.maybe {
		next = append(next, s)
	}
	for i := range next {
		next[i] = next[i].meet(a.run)
	}
	return next
}

func (a *atom) self(s *state) *someone { return &s.people[a.person] }

// place is the enrolment that the atom is about, or nil while there is none.
func (a *atom) place(s *state) *place {
	if l := &s.places[a.ref]; l.status != 0 {
		return l
	}
	return nil
}

// inTurn reports whether a change of the enrolment comes when it is its turn.
func (a *atom) inTurn(s *state, what kind) bool {
	if a.run.turns == nil {
		return true
	}
	s.turn++
	return s.turn == a.run.turns[what][a.ref]
}

// take sets a seat aside. Without a token it is taken on the person's behalf:
// then a hold that is there already does.
func (a *atom) take(s state) []state {
	if a.self(&s).hold.token != 0 {
		return when(s, a.hold < 0)
	}
	var next []state
	for _, pool := range a.pools {
		if s.free(a.run, pool) > 0 && !s.waited(a.run, pool) {
			after := s
			a.self(&after).hold = held{token: a.hold, by: a.by, pool: pool}
			next = append(next, after)
		}
	}
	return next
}

// same finds the hold that is there; of one whose token nobody was told it tells
// the token.
func (a *atom) same(s state) []state {
	p := a.self(&s)
	if !slices.Contains(a.pools, p.hold.pool) {
		return nil
	}
	if p.hold.token < 0 {
		if l := s.byHold(a.run, a.person, p.hold.token); l != nil {
			l.hold = a.hold
		}
		p.hold.token = a.hold
	}
	return when(s, p.hold.token == a.hold)
}

// drop of a hold that has ended is answered as one of a living hold, and so is
// one of a hold that has just become a seat.
func (a *atom) drop(s state) []state {
	p := a.self(&s)
	if p.hold.token != a.hold {
		return []state{s}
	}
	kept := s
	done := p.hold.done
	p.hold = held{}
	if done {
		return []state{kept, s}
	}
	p.unused++
	return []state{s}
}

func (a *atom) unask(s state) []state {
	p := a.self(&s)
	if p.hold.token == 0 || p.hold.by != a.by || p.hold.done {
		return nil
	}
	p.hold = held{}
	return []state{s}
}

// enrol turns the person's hold into an enrolment, or finds the one that came of
// the same form before.
func (a *atom) enrol(s state) []state {
	p := a.self(&s)
	if l := a.place(&s); l != nil {
		return when(s, a.hold == 0 || l.hold == a.hold)
	}
	if s.living(a.run, a.person) != nil || p.hold.token == 0 || p.hold.done || a.hold != 0 && p.hold.token != a.hold ||
		!slices.Contains(a.pools, p.hold.pool) || !a.inTurn(&s, enrol) {
		return nil
	}
	p.hold.done = true
	s.places[a.ref] = place{by: a.by, hold: p.hold.token, pool: p.hold.pool, status: a.status}
	return []state{s}
}

// settle tells Redis of an enrolment: its hold goes, and the count of unused
// ones begins anew. Of a form without an answer that came to the same, only the
// one does that made the enrolment.
func (a *atom) settle(s state) []state {
	p, l := a.self(&s), a.place(&s)
	if l == nil || l.pool == noPool {
		return nil
	}
	if l.by == a.by {
		p.unused = 0
		if p.hold.token == l.hold {
			p.hold = held{}
		}
	}
	return []state{s}
}

// join puts somebody at the end of the waiting list.
func (a *atom) join(s state) []state {
	if s.living(a.run, a.person) != nil || a.place(&s) != nil || !a.inTurn(&s, enrol) {
		return nil
	}
	var last int8
	for _, l := range s.places {
		if l.status == waiting {
			last = max(last, l.rank)
		}
	}
	s.places[a.ref] = place{by: a.by, pool: noPool, status: waiting, rank: last + 1, untold: a.by}
	return []state{s}
}

// enrolAny is what a form without an answer may have done.
func (a *atom) enrolAny(s state) []state { return a.any(s, (*atom).enrol) }

func (a *atom) settleAny(s state) []state { return a.any(s, (*atom).settle) }

func (a *atom) any(s state, step func(*atom, state) []state) []state {
	var next []state
	for _, ref := range a.refs {
		one := *a
		one.ref = ref
		next = append(next, step(&one, s)...)
	}
	return next
}

// calmDown: nothing is under way any more, so that Redis knows of all that was
// committed.
func (a *atom) calmDown(s state) []state {
	for i := range s.people {
		p := &s.people[i]
		p.aside = held{}
		if p.hold.done {
			p.hold = held{}
		}
	}
	for i := range s.places {
		s.places[i].untold = 0
	}
	return []state{s}
}

// setAside keeps a free seat for somebody who waits and accepts it.
func (a *atom) setAside(s state) []state {
	var next []state
	for _, pool := range a.pools {
		if s.free(a.run, pool) > 0 {
			after := s
			a.self(&after).aside = held{token: -a.by, by: a.by, pool: pool}
			next = append(next, after)
		}
	}
	return next
}

// accept takes the seat that is offered, or set aside.
func (a *atom) accept(s state) []state {
	p := a.self(&s)
	l := a.place(&s)
	switch {
	case l == nil:
		return nil
	case l.status == offered:
		l.status, l.untold = a.status, 0
		return []state{s}
	case l.status == waiting && a.run.soon && p.aside.by == a.by && a.inTurn(&s, accept):
		l.status, l.pool, l.untold, p.aside.done = a.status, p.aside.pool, a.by, true
		return []state{s}
	}
	return nil
}

// offer is the program's own step, where it is known from the order of changes.
func (a *atom) offer(s state) []state {
	l := a.place(&s)
	if l == nil || !a.inTurn(&s, offer) {
		return nil
	}
	var next []state
	for _, pool := range a.pools {
		after := s
		if s.free(a.run, pool) > 0 && after.next(a.run, pool, bySweep) && a.place(&after).status == offered {
			next = append(next, after)
		}
	}
	return next
}

func (a *atom) grant(s state) []state {
	l := a.place(&s)
	if l == nil || !a.allowed(l.status) {
		return nil
	}
	l.status = confirmed
	return []state{s}
}

// leave ends an enrolment. Its seat goes to the next who waits at once.
func (a *atom) leave(s state) []state {
	l := a.place(&s)
	if l == nil || !a.allowed(l.status) || !a.inTurn(&s, leave) {
		return nil
	}
	freed := l.status.seated()
	l.status, l.untold = a.status, a.by
	if freed {
		s.next(a.run, l.pool, a.by)
	}
	return []state{s}
}

// allowed reports whether a status allows the step that is asked for.
func (a *atom) allowed(from status) bool {
	switch a.do {
	case askCancel:
		return from.living()
	case askDecline: // an offer by the person, what is to be approved by the office
		return from == offered || from == pending && a.office
	case askApprove:
		return from == pending
	}
	return from == offered || from == waiting && a.run.soon
}

// told: Redis knows now what the request changed. It comes after the change.
func (a *atom) told(s state) []state {
	l := a.place(&s)
	if l == nil || a.do != askConfirm && l.status == waiting || a.do != askAccept && a.do != askConfirm && l.status.living() {
		return nil
	}
	if p := a.self(&s); p.aside.by == a.by {
		p.aside = held{}
	}
	for i := range s.places {
		if s.places[i].untold == a.by {
			s.places[i].untold = 0
		}
	}
	return []state{s}
}

func (a *atom) String() string {
	if a.what == begin || a.what == finish {
		return strings.Replace(a.run.looks[a.look].String(), " ", fmt.Sprintf(" %s: ", a.what), 1)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#%d p%d %s%s", a.by, a.person, mark(a.maybe, "perhaps "), a.what)
	if a.hold != 0 {
		fmt.Fprintf(&b, " %s", name("h", a.hold))
	}
	if a.ref != 0 {
		fmt.Fprintf(&b, " %s", name("e", a.ref))
	}
	if a.status != 0 {
		fmt.Fprintf(&b, " %s", a.status)
	}
	if len(a.pools) > 0 {
		fmt.Fprintf(&b, " in pools %d", a.pools)
	}
	switch a.what {
	case seesTaken, seesHeld:
		fmt.Fprintf(&b, ": %d", a.counts[:len(a.run.pools)])
	case seesWaiting, stands:
		fmt.Fprintf(&b, " %d", a.counts[0])
	}
	for _, ref := range a.refs {
		fmt.Fprintf(&b, " %s", name("e", ref))
	}
	for _, l := range a.list {
		fmt.Fprintf(&b, " %s %s", name("e", l.ref), l.status)
	}
	return b.String()
}
