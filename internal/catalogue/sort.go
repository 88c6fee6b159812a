package catalogue

import (
	"cmp"
	"context"
	"slices"
)

// The orders in which a query can be answered. The empty one is that of Find:
// best match first where words are looked for, then by the next start.
const (
	SortDate  = "date"  // by the next start alone
	SortTitle = "title" // by title, as the reader's language sorts
	SortSeats = "seats" // most free seats in the next run first
)

// Sorts are all orders but the empty one.
var Sorts = []string{SortDate, SortTitle, SortSeats}

// arrange puts what was found, which is in the order of Find, into the order
// that was asked for. Free seats are those of the database, up to a second old:
// who has one reserved for the time of a form may yet give it back.
func (s *Service) arrange(ctx context.Context, sort string, v view, found []match) error {
	switch sort {
	case SortDate:
		slices.SortStableFunc(found, func(a, b match) int { return cmp.Or(byNextRun(a, b), cmp.Compare(a.rank, b.rank)) })
	case SortTitle:
		slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(a.rank, b.rank) })
	case SortSeats:
		free, err := s.free.get(ctx)
		if err != nil {
			return err
		}
		seats := make(map[*Course]int, len(found))
		for _, m := range found {
			if m.next != nil && m.next.open(v.now()) {
				seats[m.course] = free.count(m.next.ID)
			}
		}
		slices.SortStableFunc(found, func(a, b match) int {
			return cmp.Or(cmp.Compare(seats[b.course], seats[a.course]), byNextRun(a, b), cmp.Compare(a.rank, b.rank))
		})
	}
	return nil
}

// byNextRun puts courses with coming runs first, by start.
func byNextRun(a, b match) int {
	if (a.next != nil) != (b.next != nil) {
		return trueFirst(a.next != nil)
	}
	if a.next == nil || a.next.Starts == b.next.Starts {
		return 0
	}
	return byStart(a.next, b.next)
}

// count is how many seats of a run somebody can take.
func (f freeSeats) count(runID int) int {
	n := 0
	for _, p := range f[runID] {
		if p.ForNewcomers() {
			n += p.Free()
		}
	}
	return n
}
