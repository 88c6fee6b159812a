package model

import (
	"cmp"
	"slices"
	"time"
)

// Due is the next instant after now at which time ends something, or zero: the
// servers, which look every second, act then.
func (r *Run) Due() time.Time {
	var next time.Time
	at := func(t time.Time) {
		if t.After(r.Now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	if r.Closed {
		return next
	}
	for _, e := range r.Enrolments {
		if e.Status == Offered || e.Status == Pending {
			at(e.Deadline)
		}
	}
	for _, q := range r.Pools[1:] {
		if !q.Released {
			at(q.ReleasesAt)
		}
	}
	if len(r.List()) > 0 {
		for _, h := range r.Holds {
			if !h.Over && h.Elsewhere == 0 {
				at(h.Ends)
			}
		}
	}
	return next
}

// Advance lets time pass; nobody looks meanwhile.
func (r *Run) Advance(to time.Time) {
	r.Now = to
	for _, h := range r.Holds {
		if !h.Over && !r.Lives(h) {
			r.endUnused(h, h.Ends)
		}
	}
}

// Sweep ends what time ends: offers and approvals, quotas, holds.
func (r *Run) Sweep() {
	if r.Closed {
		return
	}
	for _, e := range r.due() {
		if e.Status == Offered {
			r.Mails[TellLapse]++
		}
		r.end(e, Lapsed)
	}
	for _, q := range r.Pools[1:] {
		if !q.Released && !r.Now.Before(q.ReleasesAt) {
			r.release(q)
		}
	}
	r.serve()
	if !r.Away { // else nobody has been told yet
		r.stirred = false
	}
}

// due are those whose deadline has come, in the order of the deadlines.
func (r *Run) due() []*Enrolment {
	var list []*Enrolment
	for _, e := range r.Enrolments {
		if (e.Status == Offered || e.Status == Pending) && !r.Now.Before(e.Deadline) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b *Enrolment) int {
		return cmp.Or(a.Deadline.Compare(b.Deadline), cmp.Compare(a.nth, b.nth))
	})
	return list
}

// serve gives the seats neither taken nor held to those who wait, those of a
// quota first. Without Redis nobody can say which are held.
func (r *Run) serve() {
	if r.Away || r.Closed {
		return
	}
	switch r.mode() {
	case byOffer:
		for _, p := range append(slices.Clone(r.Pools[1:]), r.open()) {
			if r.gives(p) {
				r.offer(p, r.unheld(p))
			}
		}
	case byFirstAnswer:
		r.tellServed()
	}
}

// tellServed tells everybody of the seats that may be accepted; who knows of one
// may be told again if there is news.
func (r *Run) tellServed() {
	list := slices.DeleteFunc(r.List(), func(e *Enrolment) bool { return r.mayAccept(e) == nil })
	news := r.stirred || slices.ContainsFunc(list, func(e *Enrolment) bool { return !e.told })
	for _, e := range list {
		if !e.told {
			r.tell(e)
		} else if news {
			e.Steps = append(e.Steps, Step{To: Waiting, Maybe: true})
		}
	}
}

// Settle ends an event: who can accept nothing any more will have to be told of
// the next seat.
func (r *Run) Settle() {
	for _, e := range r.List() {
		if r.Skips(e) || r.mayAccept(e) == nil {
			e.told = false
		}
	}
}

// MustSee reports whether the page has to show somebody who waits that a seat can
// be accepted, and mustNot whether it has to be silent.
func (r *Run) MustSee(e *Enrolment) (must, mustNot bool) {
	if r.mode() != byFirstAnswer {
		return false, false
	}
	if r.Skips(e) {
		return false, true
	}
	free := false
	for _, p := range r.usable(e.Person.State) {
		free = free || p.Taken < p.Size
	}
	return e.told && !r.Away && r.mayAccept(e) != nil, !free
}
