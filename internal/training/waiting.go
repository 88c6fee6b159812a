package training

import (
	"cmp"
	"slices"
	"time"
)

// The rules of the waiting list (design.md, the seat contract, points 6 and 7).
const (
	// LastCall is how long before the start offers with a deadline end: from
	// then on all who wait are told of a free seat, and the first to accept it
	// gets it.
	LastCall = 48 * time.Hour
	// LateOffers is how long before the start an offer gets the shorter deadline.
	LateOffers = 14 * 24 * time.Hour
)

// ListMode is how a waiting list is served, which changes as the start comes
// nearer.
type ListMode int

// The modes, in their order.
const (
	ByOffer       ListMode = iota // a freed seat is offered to the next, with a deadline
	ByFirstAnswer                 // all are told; the first to accept gets it
	ByInstructor                  // the course has begun: its instructor moves people
)

// ListModeAt tells how the list of a run that starts then is served now.
func ListModeAt(now, starts time.Time) ListMode {
	switch {
	case !now.Before(starts):
		return ByInstructor
	case !now.Before(starts.Add(-LastCall)):
		return ByFirstAnswer
	}
	return ByOffer
}

// Deadlines are how long people have, as the installation sets it.
type Deadlines struct {
	Offer     time.Duration // to accept an offered seat
	LateOffer time.Duration // the same, in the last two weeks
	Approval  time.Duration // of an agency, to approve or decline
}

// DefaultDeadlines hold where nothing else is set.
func DefaultDeadlines() Deadlines {
	return Deadlines{Offer: 48 * time.Hour, LateOffer: 24 * time.Hour, Approval: 7 * 24 * time.Hour}
}

// OfferUntil is when an offer made now lapses; never past the start.
func (d Deadlines) OfferUntil(now, starts time.Time) time.Time {
	life := d.Offer
	if !now.Before(starts.Add(-LateOffers)) {
		life = min(d.Offer, d.LateOffer)
	}
	return earlier(now.Add(life), starts)
}

// ApprovalUntil is when an enrolment that the agency has yet to approve lapses;
// never past the start, unless it was made after it.
func (d Deadlines) ApprovalUntil(now, starts time.Time) time.Time {
	until := now.Add(d.Approval)
	if now.Before(starts) {
		return earlier(until, starts)
	}
	return until
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Waiter is one person on a run's waiting list.
type Waiter struct {
	ID      int    // of the enrolment
	Country string // confirmed when joining; empty: none
	// Skipped: the person's state is suspended. The place in the list is kept.
	Skipped bool
}

// May reports whether the person may take a seat of the pool.
func (w Waiter) May(p Pool) bool {
	return !w.Skipped && (p.Open() || w.Country != "" && p.Country == w.Country && p.ForNewcomers())
}

// Offer is a seat for somebody who waits.
type Offer struct {
	Waiter Waiter
	Pool   Pool
	Place  int // of the person among those who wait for a seat of this pool, from 1
}

// NextOffers decides who gets seats: those of a quota go to the people of its
// state, then those of the open pool to everybody, both in the order of joining.
// seats is how many there are to give, by id of the pool; waiting is in the order
// of joining.
func NextOffers(pools []Pool, seats map[int]int, waiting []Waiter) []Offer {
	var offers []Offer
	served := map[int]bool{}
	for _, p := range quotasFirst(pools) {
		left, place := seats[p.ID], 0
		for _, w := range waiting {
			if left == 0 {
				break
			}
			if served[w.ID] || !w.May(p) {
				continue
			}
			place++
			offers = append(offers, Offer{w, p, place})
			served[w.ID] = true
			left--
		}
	}
	return offers
}

func quotasFirst(pools []Pool) []Pool {
	list := slices.Clone(pools)
	slices.SortStableFunc(list, func(a, b Pool) int { return cmp.Compare(openLast(a), openLast(b)) })
	return list
}

// CountWaiting fills in how many people wait for each pool.
func CountWaiting(pools []Pool, waiting []Waiter) {
	for i := range pools {
		pools[i].Waiting = 0
		for _, w := range waiting {
			if w.May(pools[i]) {
				pools[i].Waiting++
			}
		}
	}
}

// Place is where somebody stands in a list: from 1, in order of joining.
type Place struct {
	Any int // among all who wait for a seat that this person may take
	Own int // among those of the same state, for the seats of its quota; 0: it has none
}

// PlaceOf tells where the person with this enrolment stands; zero: not in the
// list. Everyone may take a seat of the open pool, so all who joined before are
// ahead, but those who are skipped.
func PlaceOf(id int, pools []Pool, waiting []Waiter) Place {
	at := slices.IndexFunc(waiting, func(w Waiter) bool { return w.ID == id })
	if at < 0 {
		return Place{}
	}
	self := waiting[at]
	place := Place{Any: 1}
	quota := slices.IndexFunc(pools, func(p Pool) bool { return !p.Open() && self.May(p) })
	if quota >= 0 {
		place.Own = 1
	}
	for _, w := range waiting[:at] {
		if w.Skipped && !self.Skipped {
			continue
		}
		place.Any++
		if quota >= 0 && w.May(pools[quota]) {
			place.Own++
		}
	}
	return place
}
