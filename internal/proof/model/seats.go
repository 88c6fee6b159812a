package model

// Release moves what is unused of a quota to the open pool before its date: the
// secretariat, once enrolment has opened.
func (r *Run) Release(country string) Answer {
	q := r.Quota(country)
	switch {
	case q == nil && !r.Closed:
		return no(NotFound)
	case q == nil:
		return no(NotFound, Conflict)
	case r.Closed, r.Now.Before(r.Opens), !r.gives(q):
		return no(Conflict)
	}
	r.release(q)
	return Answer{}
}

func (r *Run) release(q *Pool) {
	q.Released = true
	r.openUp(q)
	r.serve()
}

// openUp moves the seats of a quota that are not taken to the open pool; living
// holds follow their seats.
func (r *Run) openUp(q *Pool) {
	r.open().Size += q.Size - q.Taken
	q.Size = q.Taken
	for _, h := range r.Holds {
		if h.Pool == q && r.Lives(h) {
			h.Pool = r.open()
			h.Adrift = r.Away
		}
	}
	r.stirred = true
}

// Resize sets how many seats a pool has: never fewer than are taken and held.
func (r *Run) Resize(country string, size int) Answer {
	p := r.open()
	if country != "" {
		p = r.Quota(country)
	}
	if r.Closed || p != nil && !r.gives(p) {
		return no(Conflict)
	}
	if p == nil {
		return no(NotFound)
	}
	total := size - p.Size
	for _, other := range r.Pools {
		total += other.Size
	}
	if size < 0 || total < 1 {
		return no(Invalid)
	}
	if size < p.Size && p.Size-size > r.unheld(p) {
		return no(Conflict)
	}
	added := size - p.Size
	p.Size = size
	if added > 0 {
		r.pass(p, added)
	}
	return Answer{}
}

// Suspend suspends a member state, or restores it: its free seats go to the open
// pool, its people keep what they have, and those who wait are skipped.
func (r *Run) Suspend(country string, suspended bool) {
	if r.Suspended[country] == suspended {
		return
	}
	q := r.Quota(country)
	r.Suspended[country] = suspended
	if r.Closed {
		return
	}
	if q != nil && suspended {
		r.openUp(q)
	}
	for _, e := range r.List() {
		if e.Person.State != country {
			continue
		}
		e.Steps = append(e.Steps, Step{To: Waiting})
		// Who comes back sees on the page what may be accepted at once, and may be
		// told of it.
		e.told = !suspended && r.mode() == byFirstAnswer && r.mayAccept(e) != nil
	}
	r.stirred = true
	r.serve()
}

// CloseRun ends the run, from its first day on: nobody was present.
func (r *Run) CloseRun() Answer {
	if r.mode() != byInstructor {
		return no(Conflict)
	}
	if r.Closed {
		return Answer{}
	}
	r.Closed = true
	for _, e := range r.Enrolments {
		switch e.Status {
		case Confirmed:
			e.become(Absent, e.Pool)
		case Waiting, Offered, Pending:
			r.end(e, Lapsed)
		}
	}
	return Answer{}
}
