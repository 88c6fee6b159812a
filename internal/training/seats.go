package training

import (
	"cmp"
	"slices"
	"time"
)

// Pool is a number of seats of one run: the open pool, or the quota of one
// member state until its release.
type Pool struct {
	ID         int
	Country    string // ISO 3166-1 alpha-2 or EU; empty: the open pool
	Size       int
	Taken      int // committed enrolments that take a seat
	Held       int // living holds; from Redis
	Waiting    int // people on the waiting list who may take a seat of it
	Told       int // free seats of which they have been told, in the last days before the start
	ReleasesAt time.Time
	ReleasedAt time.Time
	Suspended  bool
}

// Open reports whether the pool is for everyone.
func (p Pool) Open() bool { return p.Country == "" }

// Free is the number of seats neither taken nor held; never below zero, because
// a lost and restored Redis can for a while hold more than there is.
func (p Pool) Free() int { return max(0, p.Size-p.Taken-p.Held) }

// ForNewcomers reports whether the pool still gives seats of its own.
func (p Pool) ForNewcomers() bool {
	return p.Open() || (p.ReleasedAt.IsZero() && !p.Suspended)
}

// UsablePools are the pools a person may take from, in the order they are
// tried: the quota of the own, confirmed state, then the open pool. country is
// empty where the person's state is not confirmed.
func UsablePools(country string, pools []Pool) []Pool {
	usable := make([]Pool, 0, 2)
	for _, p := range pools {
		if p.Open() || (country != "" && p.Country == country && p.ForNewcomers()) {
			usable = append(usable, p)
		}
	}
	slices.SortStableFunc(usable, func(a, b Pool) int {
		return cmp.Compare(openLast(a), openLast(b))
	})
	return usable
}

func openLast(p Pool) int {
	if p.Open() {
		return 1
	}
	return 0
}

// SeatFigures are the seats of a run, or of one pool, added up.
type SeatFigures struct {
	Size, Taken, Held, Free, Waiting int
	HeldKnown                        bool // false while Redis is away: Held is then 0 and not shown
}

// Figures adds up pools. waiting is the number of people on the run's list: one
// person may wait for two pools, so the pools' own counts do not add up.
func Figures(pools []Pool, waiting int, heldKnown bool) SeatFigures {
	total := SeatFigures{Waiting: waiting, HeldKnown: heldKnown}
	for _, p := range pools {
		total.Size += p.Size
		total.Taken += p.Taken
		total.Held += p.Held
		total.Free += p.Free()
	}
	return total
}

// Window is when enrolment in a run is possible. Opens zero: since always.
type Window struct {
	Opens, Closes time.Time
	Closed        bool // the run itself is closed or cancelled
}

// Check answers nil inside the window, else why not.
func (w Window) Check(now time.Time) error {
	switch {
	case w.Closed:
		return NewFault(KindEnrolmentClosed, "fault.run_closed", nil)
	case now.Before(w.Opens):
		return NewFault(KindEnrolmentClosed, "fault.enrolment_not_open", Args{"at": w.Opens})
	case !now.Before(w.Closes):
		return NewFault(KindEnrolmentClosed, "fault.enrolment_closed", nil)
	}
	return nil
}

// QuotaPlan is what the secretariat sets for one member state.
type QuotaPlan struct {
	Country    string
	Size       int
	ReleasesAt time.Time // zero: at the close of enrolment
}

// PlanPools splits a run's size into quotas and the open pool, which is the
// rest. A quota without a release date is released when enrolment closes.
func PlanPools(size int, quotas []QuotaPlan, w Window) ([]Pool, error) {
	var faults []FieldFault
	if size < 1 || size > MaxSeats {
		faults = append(faults, FieldFault{Field: "size", Key: "invalid.between", Args: Args{"min": 1, "max": MaxSeats}})
	}
	pools, rest := []Pool{}, size
	seen := map[string]bool{}
	for _, q := range quotas {
		faults = append(faults, checkQuota(q, seen, w)...)
		seen[q.Country] = true
		rest -= q.Size
		releases := q.ReleasesAt
		if releases.IsZero() {
			releases = w.Closes
		}
		pools = append(pools, Pool{Country: q.Country, Size: q.Size, ReleasesAt: releases})
	}
	if rest < 0 && len(faults) == 0 {
		faults = append(faults, FieldFault{Field: "quotas", Key: "invalid.quotas_exceed", Args: Args{"size": size}})
	}
	if err := Invalid(faults); err != nil {
		return nil, err
	}
	slices.SortFunc(pools, func(a, b Pool) int { return cmp.Compare(a.Country, b.Country) })
	return append([]Pool{{Size: rest}}, pools...), nil
}

// MaxSeats bounds a run; above it somebody mistyped.
const MaxSeats = 10000

func checkQuota(q QuotaPlan, seen map[string]bool, w Window) []FieldFault {
	var faults []FieldFault
	if !IsCountry(q.Country) {
		faults = append(faults, FieldFault{Field: "quotas", Key: "invalid.country", Args: Args{"value": q.Country}})
	}
	if seen[q.Country] {
		faults = append(faults, FieldFault{Field: "quotas", Key: "invalid.duplicate", Args: Args{"value": q.Country}})
	}
	if q.Size < 1 || q.Size > MaxSeats {
		faults = append(faults, FieldFault{Field: "quotas", Key: "invalid.between", Args: Args{"min": 1, "max": MaxSeats}})
	}
	if !q.ReleasesAt.IsZero() && (q.ReleasesAt.Before(w.Opens) || q.ReleasesAt.After(w.Closes)) {
		faults = append(faults, FieldFault{Field: "quotas", Key: "invalid.release_outside", Args: nil})
	}
	return faults
}

// CheckResize refuses a size that a pool of the run cannot have; that no seat in
// use is taken back is the gate's to say.
func CheckResize(pools []Pool, p Pool, size int) error {
	if size < 0 || size > MaxSeats {
		return InvalidField("size", "invalid.between", Args{"min": 0, "max": MaxSeats})
	}
	total := size - p.Size
	for _, other := range pools {
		total += other.Size
	}
	if total < 1 || total > MaxSeats {
		return InvalidField("size", "invalid.seats_total", Args{"min": 1, "max": MaxSeats})
	}
	return nil
}
