package linearizable_test

import (
	"slices"

	"github.com/varde-platform/varde/internal/training"
)

// looks are the kinds that change nothing: what they find must be so at some
// moment between begin and finish.
var looks = map[kind]func(*atom, *state) bool{
	own: (*atom).own, full: (*atom).full, scarce: (*atom).scarce, without: (*atom).without, passed: (*atom).passed,
	limited: (*atom).limited, absent: (*atom).absent, present: (*atom).present, ended: (*atom).ended, has: (*atom).has,
	stands: (*atom).stands, refused: (*atom).refused, seesTaken: (*atom).seesTaken, seesHeld: (*atom).seesHeld,
	seesWaiting: (*atom).seesWaiting,
}

// begin puts a look among those that wait for their moment.
func (a *atom) begin(s state) []state {
	s.pending.set(a.look, true)
	return []state{s}
}

func (a *atom) finish(s state) []state { return when(s, !s.pending.has(a.look)) }

// meet crosses off the looks whose moment this state is. To do so at once is
// never wrong, so that the checker has no choice to try.
func (s state) meet(r *run) state {
	for i, look := range r.looks {
		if s.pending.has(i) && looks[look.what](look, &s) {
			s.pending.set(i, false)
		}
	}
	return s
}

func (a *atom) full(s *state) bool {
	return a.all(func(pool int8) bool { return s.crowded(a.run, pool) })
}

func (a *atom) scarce(s *state) bool {
	return a.all(func(pool int8) bool { return s.scarce(a.run, pool) })
}

func (a *atom) all(so func(pool int8) bool) bool {
	return !slices.ContainsFunc(a.pools, func(pool int8) bool { return !so(pool) })
}

func (a *atom) without(s *state) bool { return a.self(s).hold.token == 0 }

// passed: the next pool is asked only where the own quota has no seat, or the
// person holds one of the next.
func (a *atom) passed(s *state) bool { return !a.without(s) || a.full(s) }

func (a *atom) limited(s *state) bool {
	return a.without(s) && a.self(s).unused >= training.MaxUnusedHolds
}

func (a *atom) absent(s *state) bool { return s.living(a.run, a.person) == nil }

// present: a living enrolment is in the way, which did not come of this hold.
func (a *atom) present(s *state) bool {
	l := s.living(a.run, a.person)
	return l != nil && (a.hold == 0 || l.hold != a.hold)
}

// ended: the hold lives no more, and no enrolment came of it.
func (a *atom) ended(s *state) bool {
	p := a.self(s)
	return p.hold.token != a.hold && s.byHold(a.run, a.person, a.hold) == nil
}

func (a *atom) has(s *state) bool {
	l := a.place(s)
	return l != nil && l.status == a.status
}

// stands compares the position in the list: from 1, in the order of joining.
func (a *atom) stands(s *state) bool {
	l := a.place(s)
	if l == nil || l.status != waiting {
		return false
	}
	before := s.count(func(other *place) bool { return other.status == waiting && other.rank < l.rank })
	return before+1 == int(a.counts[0])
}

// refused: the step to the atom's status was not allowed.
func (a *atom) refused(s *state) bool {
	l := a.place(s)
	return l != nil && !a.allowed(l.status)
}

// own compares the person's own list.
func (a *atom) own(s *state) bool {
	n := 0
	for ref, l := range s.places {
		if l.status == 0 || a.run.owner[ref] != a.person {
			continue
		}
		if !slices.Contains(a.list, line{int16(ref), l.status}) {
			return false
		}
		n++
	}
	return n == len(a.list)
}

func (a *atom) seesTaken(s *state) bool {
	return a.all(func(pool int8) bool { return s.taken(pool) == int(a.counts[pool]) })
}

// seesHeld: where there is a waiting list, the program sets free seats aside
// for moments of its own, which no request tells of.
func (a *atom) seesHeld(s *state) bool {
	return a.all(func(pool int8) bool {
		all, done := s.held(pool)
		n := int(a.counts[pool])
		return n == all || a.run.listed && n >= all-done && n <= a.run.pools[pool].size
	})
}

func (a *atom) seesWaiting(s *state) bool {
	return s.count(func(l *place) bool { return l.status == waiting }) == int(a.counts[0])
}
