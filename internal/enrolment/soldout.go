package enrolment

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/training"
)

// goneLife is how old a copy may be that a "no" is answered from (the seat
// contract, point 3). A "yes" never is.
const goneLife = time.Second

// maxGone bounds the memory of the copies.
const maxGone = 10_000

// soldOut remembers for a moment which runs had no seat left, so that a rush is
// refused without asking database and Redis for each person.
type soldOut struct {
	mu   sync.RWMutex
	runs map[string]gone
}

// gone is a run in which somebody was just refused.
type gone struct {
	until time.Time
	pools []training.Pool // with what is held
	known map[int]bool    // people who hold or have a seat: they get another answer
}

// refuses reports whether the run surely has no seat for a newcomer.
func (s *soldOut) refuses(code string, actor training.Actor) bool {
	s.mu.RLock()
	g, ok := s.runs[code]
	s.mu.RUnlock()
	if !ok || !time.Now().Before(g.until) || g.known[actor.PersonID] {
		return false
	}
	for _, p := range training.UsablePools(actor.Country, g.pools) {
		if p.Free() > 0 && p.Waiting == 0 {
			return false
		}
	}
	return true
}

// fresh reports whether there is a copy that is still good.
func (s *soldOut) fresh(code string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return time.Now().Before(s.runs[code].until)
}

func (s *soldOut) put(code string, g gone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs == nil || len(s.runs) >= maxGone {
		s.runs = map[string]gone{}
	}
	s.runs[code] = g
}

// clear drops all copies: this server freed a seat.
func (s *soldOut) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = nil
}

// remember copies a run that has just refused somebody. read is when its figures
// were asked for. What cannot be copied is asked for again the next time.
func (s *Service) remember(ctx context.Context, r runState, read time.Time) {
	if s.gone.fresh(r.row.Code) {
		return
	}
	view, err := s.holds.Look(ctx, r.row.ID, 0)
	if err != nil {
		return
	}
	known, err := s.knownIn(ctx, r.row.ID)
	if err != nil {
		return
	}
	g := gone{until: read.Add(goneLife), known: known}
	for _, p := range r.pools {
		p.Held = view.Held[p.ID]
		g.pools = append(g.pools, p)
	}
	s.gone.put(r.row.Code, g)
}

// Knows gives a question: whether a person holds a seat of the run, has one or
// waits for one, so that its page is another for them than for everybody else. It
// tells nobody who they are, so everyone may ask. While Redis is away nobody holds
// one.
func (s *Service) Knows(ctx context.Context, code string) (func(personID int) bool, error) {
	id, err := s.db.Ent.Run.Query().Where(run.Code(code)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return nil, training.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find the run: %w", err)
	}
	known, err := s.knownIn(ctx, id)
	return func(personID int) bool { return known[personID] }, err
}

func (s *Service) knownIn(ctx context.Context, runID int) (map[int]bool, error) {
	holders, err := s.holds.Holders(ctx, runID)
	if err != nil && !training.IsKind(err, training.KindUnavailable) {
		return nil, err
	}
	enrolled, err := s.db.Ent.Enrolment.Query().
		Where(enrolment.RunID(runID), enrolment.StatusNotIn(training.Declined, training.Lapsed, training.Cancelled, training.NotSelected)).
		Select(enrolment.FieldPersonID).Ints(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who is enrolled: %w", err)
	}
	known := make(map[int]bool, len(holders)+len(enrolled))
	for _, id := range append(holders, enrolled...) {
		known[id] = true
	}
	return known, nil
}
