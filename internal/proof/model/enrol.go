package model

import "time"

const (
	mostHolds   = 3 // living, over all runs
	mostUnused  = 2 // of one run, before one has to wait
	prolongPart = 5
)

// window names why nobody may enrol or join the list now.
func (r *Run) window() []string {
	if r.Closed || r.Now.Before(r.Opens) || !r.Now.Before(r.Closes) {
		return []string{ClosedNow}
	}
	return nil
}

// against names what bars a person, seats aside.
func (r *Run) against(p *Person) []string {
	reasons := r.window()
	if r.Suspended[p.State] {
		reasons = append(reasons, NotEligible)
	}
	if r.LivingOf(p) != nil {
		reasons = append(reasons, Already)
	}
	return reasons
}

// limited reports whether the person may not have another hold there now.
func (r *Run) limited(p *Person, elsewhere int) bool {
	living := 0
	for _, h := range r.Holds {
		if h.Person == p && h.Elsewhere != elsewhere && r.Lives(h) {
			living++
		}
	}
	t := r.unused[tallied{p, elsewhere}]
	return living >= mostHolds || t.n >= mostUnused && r.Now.Before(t.last.Add(r.HoldLife))
}

// forNewcomer is the pool that gives a newcomer a seat: nobody passes those who
// wait for it.
func (r *Run) forNewcomer(p *Person) *Pool {
	for _, pool := range r.usable(p.State) {
		if r.unheld(pool) > 0 && r.WaitingFor(pool) == 0 {
			return pool
		}
	}
	return nil
}

// TakeHold sets a seat of the run aside for the person.
func (r *Run) TakeHold(p *Person) Answer {
	h := r.HoldOf(p, 0)
	if h != nil && !r.Away && !r.Closed && r.madeOf(h) == nil {
		return Answer{Hold: h, Again: true}
	}
	reasons := r.against(p)
	if r.Away {
		return no(append(reasons, Unavailable)...)
	}
	if len(reasons) == 0 {
		r.seenUsed(h)
	}
	if r.limited(p, 0) {
		reasons = append(reasons, RateLimited)
	}
	pool := r.forNewcomer(p)
	if pool == nil {
		reasons = append(reasons, SeatGone)
	}
	if len(reasons) > 0 {
		return no(reasons...)
	}
	ends := earlier(r.Now.Add(r.HoldLife), r.Closes)
	return Answer{Hold: r.hold(&Hold{Person: p, Pool: pool, Ends: ends, Cut: ends.Equal(r.Closes)})}
}

// seenUsed gives back a hold of which an enrolment came while Redis was away: the
// gate finds that out when the person comes again. It is not one that ended unused.
func (r *Run) seenUsed(h *Hold) {
	if h != nil && r.madeOf(h) != nil {
		h.Over = true
	}
}

// TakeHoldElsewhere takes one in another run, which has seats enough.
func (r *Run) TakeHoldElsewhere(p *Person, elsewhere int) Answer {
	if h := r.HoldOf(p, elsewhere); h != nil && !r.Away {
		return Answer{Hold: h, Again: true}
	}
	var reasons []string
	if r.Suspended[p.State] {
		reasons = append(reasons, NotEligible)
	}
	if r.Away {
		return no(append(reasons, Unavailable)...)
	}
	if r.limited(p, elsewhere) {
		reasons = append(reasons, RateLimited)
	}
	if len(reasons) > 0 {
		return no(reasons...)
	}
	return Answer{Hold: r.hold(&Hold{Person: p, Elsewhere: elsewhere, Ends: r.Now.Add(r.HoldLife)})}
}

func (r *Run) hold(h *Hold) *Hold {
	r.Holds = append(r.Holds, h)
	return h
}

// Drop gives a hold back; what has ended may be given back again.
func (r *Run) Drop(h *Hold) Answer {
	if r.Away {
		return no(Unavailable)
	}
	if r.Lives(h) {
		r.endUnused(h, r.Now)
	}
	return Answer{}
}

func (r *Run) endUnused(h *Hold, at time.Time) {
	h.Over = true
	key := tallied{h.Person, h.Elsewhere}
	r.unused[key] = tally{r.unused[key].n + 1, at}
	r.stirred = true
}

// Prolong gives a hold its life once more, once, in its last fifth.
func (r *Run) Prolong(h *Hold) Answer {
	switch {
	case r.Away:
		return no(Unavailable)
	case !r.Lives(h):
		return no(HoldExpired)
	case h.Prolonged || r.Now.Before(h.Ends.Add(-r.HoldLife/prolongPart)):
		return no(Conflict)
	}
	h.Prolonged = true
	h.Ends = h.Ends.Add(r.HoldLife)
	if h.Elsewhere == 0 {
		h.Ends = earlier(h.Ends, r.Closes)
	}
	return Answer{Hold: h}
}

// Forget is Redis losing all it knew.
func (r *Run) Forget() {
	for _, h := range r.Holds {
		h.Over = true
	}
	r.unused = map[tallied]tally{}
	r.stirred = true
}

// Confirm makes an enrolment of a hold, or without one (nil) through the same
// gate. With wait somebody who finds no seat joins the list.
func (r *Run) Confirm(p *Person, h *Hold, wait bool) Answer {
	if h != nil {
		if e := r.madeOf(h); e != nil {
			return shows(e)
		}
		if h.Elsewhere != 0 {
			return no(Invalid)
		}
		if !r.Away {
			if !r.Lives(h) {
				return no(append(r.against(p), HoldExpired)...)
			}
			return r.confirmHeld(p, h, h, wait)
		}
	}
	if reasons := r.against(p); len(reasons) > 0 {
		return no(reasons...)
	}
	if !r.Away {
		r.seenUsed(r.HoldOf(p, 0))
	}
	if own := r.HoldOf(p, 0); own != nil && !r.Away {
		return r.confirmHeld(p, own, h, wait)
	}
	pool := r.forNewcomer(p)
	limited := !r.Away && r.limited(p, 0)
	switch {
	case pool == nil && wait:
		return r.join(p, h)
	case pool == nil && limited:
		return no(SeatGone, RateLimited)
	case pool == nil:
		return no(SeatGone)
	case limited:
		return no(RateLimited)
	}
	if !r.Away { // it took a hold of its own, which was used
		delete(r.unused, tallied{p, 0})
	}
	return r.seat(p, pool, h)
}

func (r *Run) madeOf(h *Hold) *Enrolment {
	for _, e := range r.Enrolments {
		if e.Of == h {
			return e
		}
	}
	return nil
}

// confirmHeld is a confirmation that arrives while the hold lives, whether it was
// sent or not. A hold stays good whatever became of window, state and list.
func (r *Run) confirmHeld(p *Person, h, sent *Hold, wait bool) Answer {
	var reasons []string
	if r.Closed {
		reasons = append(reasons, ClosedNow)
	}
	if r.LivingOf(p) != nil {
		reasons = append(reasons, Already)
	}
	if len(reasons) > 0 {
		return no(reasons...)
	}
	if h.Pool.Taken >= h.Pool.Size { // given away while Redis was away
		if wait && r.window() == nil {
			return r.join(p, sent)
		}
		return no(SeatGone)
	}
	h.Over = true
	delete(r.unused, tallied{p, 0})
	return r.seat(p, h.Pool, h)
}

func (r *Run) seat(p *Person, pool *Pool, of *Hold) Answer {
	pool.Taken++
	e := &Enrolment{Person: p, Of: of}
	r.settleIn(e, pool)
	r.Enrolments = append(r.Enrolments, e)
	return shows(e)
}

// settleIn gives the status of somebody who took a seat just now: where the run
// asks for it, the agency has yet to approve.
func (r *Run) settleIn(e *Enrolment, pool *Pool) {
	if !r.Approval || e.Person.Agency == "" {
		e.become(Confirmed, pool)
		return
	}
	e.become(Pending, pool)
	r.Mails[AskApproval]++
	r.limit(e, r.Now.Add(r.ToApprove))
}

func (r *Run) join(p *Person, of *Hold) Answer {
	e := &Enrolment{Person: p, Of: of}
	e.become(Waiting, nil)
	r.Enrolments = append(r.Enrolments, e)
	e.Steps[0].Place, _ = r.Place(e)
	// Who joins sees on the page what may be accepted at once.
	e.told = r.mode() == byFirstAnswer && r.mayAccept(e) != nil
	return shows(e)
}

// mayAccept is the pool of a seat that somebody who waits could take now.
func (r *Run) mayAccept(e *Enrolment) *Pool {
	for _, pool := range r.usable(e.Person.State) {
		if r.may(e, pool) && r.unheld(pool) > 0 {
			return pool
		}
	}
	return nil
}
