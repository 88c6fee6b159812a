package model

import "time"

// Accept is the person's yes: to an offer until its deadline; in the last 48
// hours before the start to a seat that is free.
func (r *Run) Accept(e *Enrolment) Answer {
	switch {
	case e.Status == Offered && r.Now.Before(e.Deadline):
		r.settleIn(e, e.Pool)
		return shows(e)
	case e.Status == Waiting && r.mode() == byFirstAnswer:
		pool, refused := r.toMove(e)
		if pool == nil {
			return no(refused)
		}
		pool.Taken++
		r.settleIn(e, pool)
		return shows(e)
	}
	return no(Conflict)
}

// toMove is the pool whose free seat somebody who waits gets.
func (r *Run) toMove(e *Enrolment) (*Pool, string) {
	if r.Skips(e) {
		return nil, NotEligible
	}
	return r.mayAccept(e), SeatGone
}

// Admit moves somebody from the list, from the start on: the instructor.
func (r *Run) Admit(e *Enrolment) Answer {
	if e.Status != Waiting || r.mode() != byInstructor {
		return no(Conflict)
	}
	pool, refused := r.toMove(e)
	if pool == nil {
		return no(refused)
	}
	pool.Taken++
	e.become(Confirmed, pool)
	return shows(e)
}

// Approve is the agency's yes, until the deadline.
func (r *Run) Approve(e *Enrolment) Answer {
	if e.Status != Pending || !r.Now.Before(e.Deadline) {
		return no(Conflict)
	}
	e.become(Confirmed, e.Pool)
	r.Mails[TellApproval]++
	return shows(e)
}

// Decline is the person's no to an offer, or the agency's to a pending
// enrolment; byPerson says whose.
func (r *Run) Decline(e *Enrolment, byPerson bool) Answer {
	if byPerson && e.Status != Offered || !byPerson && e.Status != Pending {
		return no(Conflict)
	}
	r.end(e, Declined)
	return shows(e)
}

// Cancel ends an enrolment; people themselves give up a seat until the set day.
func (r *Run) Cancel(e *Enrolment, byPerson bool) Answer {
	late := !r.WithdrawUntil.IsZero() && !r.Now.Before(r.WithdrawUntil)
	switch {
	case !e.Living() || r.Closed:
		return no(Conflict)
	case byPerson && late && (e.Status == Pending || e.Status == Confirmed):
		return no(Conflict)
	}
	r.end(e, Cancelled)
	return shows(e)
}

// Replace gives a seat to another person of the same agency without its ever
// being free; who waited leaves the list by it.
func (r *Run) Replace(e *Enrolment, next *Person) Answer {
	if r.Closed || r.mode() == byInstructor || e.Status != Confirmed && e.Status != Pending {
		return no(Conflict)
	}
	if next == e.Person || next.Agency == "" || next.Agency != e.Person.Agency {
		return no(Invalid)
	}
	var reasons []string
	if r.Suspended[next.State] {
		reasons = append(reasons, NotEligible)
	}
	there := r.LivingOf(next)
	if there != nil && there.Status != Waiting {
		reasons = append(reasons, Already)
	}
	if len(reasons) > 0 {
		return no(reasons...)
	}
	pool := e.Pool
	e.become(Cancelled, nil)
	if there == nil {
		there = &Enrolment{Person: next}
		r.Enrolments = append(r.Enrolments, there)
	}
	there.become(Confirmed, pool)
	return shows(there)
}

// end is a step after which an enrolment stands no more; its seat passes to the
// next in the same transaction.
func (r *Run) end(e *Enrolment, status string) {
	pool, seated := e.Pool, e.seated()
	e.become(status, nil)
	if seated {
		r.free(pool)
	}
}

// free gives back a taken seat. In a quota that is released or suspended it
// moves to the open pool.
func (r *Run) free(p *Pool) {
	p.Taken--
	if !r.gives(p) {
		p.Size--
		p = r.open()
		p.Size++
	}
	r.pass(p, 1)
}

// pass gives seats that were freed just now to those who wait for them.
func (r *Run) pass(p *Pool, seats int) {
	if r.Closed {
		return
	}
	switch r.mode() {
	case byOffer:
		r.offer(p, min(seats, p.Size-p.Taken))
	case byFirstAnswer:
		for _, e := range r.List() {
			if r.may(e, p) {
				r.tell(e)
			}
		}
	}
}

// offer gives seats of a pool in the order of joining.
func (r *Run) offer(p *Pool, seats int) {
	place := 0
	for _, e := range r.List() {
		if place >= seats {
			return
		}
		if !r.may(e, p) {
			continue
		}
		place++
		p.Taken++
		r.Mails[TellOffer]++
		e.become(Offered, p)
		e.Steps[len(e.Steps)-1] = Step{To: Offered, Quota: p.Country, Place: place}
		life := r.ToAccept
		if !r.Now.Before(r.Starts.Add(-lastWeeks)) {
			life = r.ToAcceptLate
		}
		r.limit(e, r.Now.Add(life))
	}
}

// lastWeeks is how long before the start people have less time to accept.
const lastWeeks = 14 * 24 * time.Hour

func (r *Run) tell(e *Enrolment) {
	e.Steps = append(e.Steps, Step{To: Waiting})
	e.told = true
}
