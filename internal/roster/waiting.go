package roster

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Waiter is one person on a run's waiting list. Agency and country are those
// that the enrolment names.
type Waiter struct {
	Enrolment  string // public identifier
	Name       string
	Country    string // empty: not confirmed when joining
	AgencyName string // empty: not confirmed when joining
	Place      int    // on the list, from 1, as the person reads it
	Skipped    bool   // the state is suspended: the person keeps the place and gets no seat
}

// WaitingList is who waits for a seat of a run, in the order of joining.
type WaitingList struct {
	Mode   training.ListMode // how the list is served now
	People []Waiter
}

// Waiting is the waiting list of a run.
func (s *Service) Waiting(ctx context.Context, actor training.Actor, runCode string) (WaitingList, error) {
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return WaitingList{}, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return WaitingList{}, err
	}
	starts, err := startOf(r)
	if err != nil {
		return WaitingList{}, err
	}
	rows, err := s.db.Ent.Enrolment.Query().Where(enrolment.RunID(r.ID), enrolment.StatusEQ(training.Waiting)).
		WithPerson().WithAgency().Order(ent.Asc(enrolment.FieldID)).All(ctx)
	if err != nil {
		return WaitingList{}, fmt.Errorf("read the waiting list of %s: %w", runCode, err)
	}
	suspended, err := store.SuspendedStates(ctx, s.db.Ent, now)
	if err != nil {
		return WaitingList{}, err
	}
	return WaitingList{Mode: training.ListModeAt(now, starts), People: waitersOf(rows, suspended)}, nil
}

// startOf is the first instant of the run's first day.
func startOf(r *ent.Run) (time.Time, error) {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of run %s: %w", r.Code, err)
	}
	first, err := training.ParseDate(r.Starts)
	if err != nil {
		return time.Time{}, fmt.Errorf("run %s: %w", r.Code, err)
	}
	return first.In(zone), nil
}

func waitersOf(rows []*ent.Enrolment, suspended map[string]bool) []Waiter {
	list := make([]training.Waiter, len(rows))
	for i, row := range rows {
		list[i] = training.Waiter{ID: row.ID, Country: row.Country, Skipped: suspended[row.Country]}
	}
	people := make([]Waiter, len(rows))
	for i, row := range rows {
		people[i] = Waiter{Enrolment: row.Ref, Name: row.Edges.Person.Name, Country: row.Country, Skipped: list[i].Skipped,
			Place: training.PlaceOf(row.ID, nil, list).Any}
		if a := row.Edges.Agency; a != nil {
			people[i].AgencyName = a.Name
		}
	}
	return people
}
