// Package model is the seat contract of one run as a small pure model, written
// from the papers (the seat contract, what outside programs rely on) and not
// from the program: it knows neither database nor Redis, and takes nothing from
// the other rooms. Its tests live random sequences of events through both and
// hold the program to what the model says.
package model

import (
	"slices"
	"time"
)

// The statuses and the codes of refusals, in the words of the contract.
const (
	Pending   = "pending"
	Confirmed = "confirmed"
	Waiting   = "waiting"
	Offered   = "offered"
	Declined  = "declined"
	Lapsed    = "lapsed"
	Cancelled = "cancelled"
	Absent    = "absent"

	Invalid     = "invalid"
	NotFound    = "not_found"
	SeatGone    = "seat_gone"
	HoldExpired = "hold_expired"
	Already     = "already_enrolled"
	NotEligible = "not_eligible"
	ClosedNow   = "enrolment_closed"
	Conflict    = "conflict"
	RateLimited = "rate_limited"
	Unavailable = "unavailable"
)

// Rules are what is set for a run and for the installation.
type Rules struct {
	Opens, Closes, Starts             time.Time
	WithdrawUntil                     time.Time // zero: until the run is closed
	Approval                          bool
	HoldLife                          time.Duration
	ToAccept, ToAcceptLate, ToApprove time.Duration // how long people have; late: in the last two weeks
}

// Person is somebody with the confirmed state and agency; empty: none.
type Person struct{ Name, State, Agency string }

// Pool is the open pool (no country) or the quota of a state.
type Pool struct {
	Country     string
	Size, Taken int
	ReleasesAt  time.Time
	Released    bool
}

// Hold is a seat set aside for one person.
type Hold struct {
	Person    *Person
	Elsewhere int   // 0: in the run; else in another run, of which only this is known
	Pool      *Pool // nil elsewhere
	Ends      time.Time
	Cut       bool // it ends early because enrolment closes
	Prolonged bool
	Over      bool // ended, used or given back
	Adrift    bool // its seat moved to the open pool while Redis could not be told
}

// Step is one line of an enrolment's history.
type Step struct {
	To    string
	Quota string // of an offer: the country of its pool
	Place int    // of an offer or a joining: the number in the order of joining; 0: not said
	Maybe bool   // the papers leave open whether it is written
}

// Enrolment is one person's place in the run, or wish for one.
type Enrolment struct {
	Person   *Person
	Status   string
	Pool     *Pool // nil: no seat
	Deadline time.Time
	nth      int   // deadline that was set, for the order of those that are alike
	Of       *Hold // that it was made of; nil: none was sent
	Steps    []Step
	// told: the person knows that a seat is free that may be accepted now.
	told bool
}

// limit sets a deadline: never past the start, unless that has passed.
func (r *Run) limit(e *Enrolment, until time.Time) {
	if r.Now.Before(r.Starts) {
		until = earlier(until, r.Starts)
	}
	r.deadlines++
	e.Deadline, e.nth = until, r.deadlines
}

// Living reports whether the enrolment still stands.
func (e *Enrolment) Living() bool {
	return e.Status != Declined && e.Status != Lapsed && e.Status != Cancelled
}

func (e *Enrolment) seated() bool { return e.Living() && e.Status != Waiting }

func (e *Enrolment) become(status string, pool *Pool) {
	e.Status, e.Pool, e.Deadline, e.told = status, pool, time.Time{}, false
	e.Steps = append(e.Steps, Step{To: status})
}

// Run is the state of the model.
type Run struct {
	Rules
	Now        time.Time
	Away       bool // Redis does not answer
	Closed     bool // by the instructor
	Pools      []*Pool
	Suspended  map[string]bool
	Enrolments []*Enrolment // in the order they were made
	Holds      []*Hold      // in the order they were taken, ended ones too
	Mails      map[Mail]int // that were due
	unused     map[tallied]tally
	deadlines  int // that were set so far
	// stirred: seats were freed otherwise than in a transaction since the last
	// sweep, so those who were told may be told again.
	stirred bool
}

// Mail is what a mail is about.
type Mail int

// The mails that go out at once.
const (
	TellOffer Mail = iota
	TellLapse
	AskApproval
	TellApproval
)

type tallied struct {
	person    *Person
	elsewhere int
}

// tally counts the holds of one person in one run that ended unused.
type tally struct {
	n    int
	last time.Time
}

// New begins a run; the first pool is the open one.
func New(rules Rules, now time.Time, pools []*Pool) *Run {
	return &Run{Rules: rules, Now: now, Pools: pools, Suspended: map[string]bool{}, unused: map[tallied]tally{}, Mails: map[Mail]int{}}
}

// Answer is what somebody is told. Where several reasons stand in the way, the
// papers do not say which is named.
type Answer struct {
	No        []string // none: it was done
	Enrolment *Enrolment
	Hold      *Hold
	Again     bool // the hold was there before
}

func no(reasons ...string) Answer { return Answer{No: reasons} }

func shows(e *Enrolment) Answer { return Answer{Enrolment: e} }

func (r *Run) open() *Pool { return r.Pools[0] }

// Quota is the pool of a state, nil where it has none.
func (r *Run) Quota(country string) *Pool {
	for _, p := range r.Pools[1:] {
		if p.Country == country {
			return p
		}
	}
	return nil
}

// gives reports whether the pool still gives seats of its own.
func (r *Run) gives(p *Pool) bool {
	return p.Country == "" || !p.Released && !r.Suspended[p.Country]
}

// usable are the pools that people of a state take from, in their order.
func (r *Run) usable(state string) []*Pool {
	if q := r.Quota(state); q != nil && r.gives(q) {
		return []*Pool{q, r.open()}
	}
	return []*Pool{r.open()}
}

// Lives reports whether a hold has neither ended nor been used.
func (r *Run) Lives(h *Hold) bool { return !h.Over && r.Now.Before(h.Ends) }

// HoldOf is the living hold of a person in the run or elsewhere.
func (r *Run) HoldOf(p *Person, elsewhere int) *Hold {
	for _, h := range r.Holds {
		if h.Person == p && h.Elsewhere == elsewhere && r.Lives(h) {
			return h
		}
	}
	return nil
}

// Held counts the living holds of a pool.
func (r *Run) Held(p *Pool) int {
	n := 0
	for _, h := range r.Holds {
		if h.Pool == p && r.Lives(h) {
			n++
		}
	}
	return n
}

// unheld counts the seats neither taken nor held, as the gate does.
func (r *Run) unheld(p *Pool) int {
	free := p.Size - p.Taken
	if !r.Away {
		free -= r.Held(p)
	}
	return max(0, free)
}

// List are those who wait, in the order of joining.
func (r *Run) List() []*Enrolment {
	var list []*Enrolment
	for _, e := range r.Enrolments {
		if e.Status == Waiting {
			list = append(list, e)
		}
	}
	return list
}

// Skips reports whether the state of somebody who waits is suspended.
func (r *Run) Skips(e *Enrolment) bool { return r.Suspended[e.Person.State] }

// may reports whether somebody who waits may take a seat of the pool.
func (r *Run) may(e *Enrolment, p *Pool) bool {
	return !r.Skips(e) && slices.Contains(r.usable(e.Person.State), p)
}

// WaitingFor counts those who may take a seat of a pool and have none.
func (r *Run) WaitingFor(p *Pool) int {
	n := 0
	for _, e := range r.List() {
		if r.may(e, p) {
			n++
		}
	}
	return n
}

// LivingOf is the person's enrolment that stands, nil if there is none.
func (r *Run) LivingOf(p *Person) *Enrolment {
	for _, e := range r.Enrolments {
		if e.Person == p && e.Living() {
			return e
		}
	}
	return nil
}

// Place counts from 1, in order of joining, among those who wait for a seat that
// this person may take; own is the same for the seats of the own state's quota,
// 0 where it gives none.
func (r *Run) Place(self *Enrolment) (all, own int) {
	quota := r.Quota(self.Person.State)
	if quota != nil && r.gives(quota) {
		own = 1
	} else {
		quota = nil
	}
	all = 1
	for _, e := range r.List() {
		if e == self {
			break
		}
		// Who is skipped keeps the place: as if the own state were not suspended.
		if !r.Skips(e) || e.Person.State == self.Person.State {
			all++
		}
		if quota != nil && r.may(e, quota) {
			own++
		}
	}
	return all, own
}

// How the list is served as the start comes nearer.
type mode int

const (
	byOffer mode = iota
	byFirstAnswer
	byInstructor
)

func (r *Run) mode() mode {
	switch {
	case !r.Now.Before(r.Starts):
		return byInstructor
	case !r.Now.Before(r.Starts.Add(-48 * time.Hour)):
		return byFirstAnswer
	}
	return byOffer
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
