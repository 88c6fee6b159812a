package enrolment

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/training"
)

// Held is a hold with what a page says about it.
type Held struct {
	hold.Hold
	Run     string // code
	Country string // of its pool; empty: the open pool
}

// Hold sets a seat aside for the actor while the form is filled in, or gives
// the one that the actor already has. Faults: not_found, enrolment_closed,
// not_eligible, already_enrolled, seat_gone, rate_limited, unavailable.
func (s *Service) Hold(ctx context.Context, actor training.Actor, code string) (Held, error) {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Held{}, err
	}
	if s.gone.refuses(code, actor) {
		return Held{}, &training.Fault{Kind: training.KindSeatGone}
	}
	read := time.Now()
	a, err := s.arriveForHold(ctx, actor, code)
	if err != nil {
		return Held{}, err
	}
	r, c := a.r, a.c
	if err := s.mayEnrol(ctx, r, c); err != nil {
		return s.heldBefore(ctx, r, actor, err)
	}
	if err := a.notEnrolled(); err != nil {
		return Held{}, err
	}
	h, err := s.take(ctx, r, actor.PersonID, training.UsablePools(c.country, r.pools))
	if training.IsKind(err, training.KindSeatGone) {
		s.remember(ctx, r, read)
	}
	if err != nil {
		return Held{}, err
	}
	return Held{Hold: h, Run: code, Country: r.countryOf(h.PoolID)}, nil
}

// take sets a seat aside, or gives the hold that the person has. One that an
// enrolment came of is a hold no more: Redis has not been told of the commit yet,
// or never will be, because the server died or lost Redis in between.
func (s *Service) take(ctx context.Context, r runState, personID int, usable []training.Pool) (hold.Hold, error) {
	h, err := s.holds.Take(ctx, r.figures(), personID, usable)
	if err != nil || !h.Existing {
		return h, err
	}
	made, err := s.db.Ent.Enrolment.Query().Where(enrolment.Hold(h.Token)).
		Select(enrolment.FieldRef, enrolment.FieldStatus).Only(ctx)
	if ent.IsNotFound(err) {
		return h, nil
	}
	if err != nil {
		return hold.Hold{}, fmt.Errorf("look whether the hold was used: %w", err)
	}
	// The seat has to count as taken before it stops counting as held: by figures of
	// before the commit it would be given once more.
	after, err := s.newFigures.Ask(ctx, r.row.ID)
	if err != nil {
		return hold.Hold{}, err
	}
	if err := s.holds.Learn(ctx, after); err != nil {
		return hold.Hold{}, err
	}
	if err := s.holds.DropUnasked(ctx, h.Token, personID); err != nil {
		return hold.Hold{}, err
	}
	if made.Status.Living() {
		return hold.Hold{}, alreadyEnrolled(made.Ref)
	}
	return s.holds.Take(ctx, after, personID, usable)
}

// heldBefore gives the living hold of somebody who would get no new one, because
// the own state has been suspended since; without one it is the refusal.
func (s *Service) heldBefore(ctx context.Context, r runState, actor training.Actor, refusal error) (Held, error) {
	if !training.IsKind(refusal, training.KindNotEligible) {
		return Held{}, refusal
	}
	view, err := s.holds.Look(ctx, r.row.ID, actor.PersonID)
	if err != nil || view.Mine == nil {
		return Held{}, refusal
	}
	return Held{Hold: *view.Mine, Run: r.row.Code, Country: r.countryOf(view.Mine.PoolID)}, nil
}

func (r runState) countryOf(poolID int) string {
	for _, p := range r.pools {
		if p.ID == poolID {
			return p.Country
		}
	}
	return ""
}

func alreadyEnrolled(ref string) error {
	return training.NewFault(training.KindAlreadyEnrolled, "", training.Args{"enrolment": ref})
}

// Drop gives a hold back.
func (s *Service) Drop(ctx context.Context, actor training.Actor, token string) error {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	if err := s.holds.Drop(ctx, token, actor.PersonID); err != nil {
		return err
	}
	s.gone.clear()
	return nil
}

// Prolong gives a hold its life once more, once, in its last fifth.
func (s *Service) Prolong(ctx context.Context, actor training.Actor, token string) (Held, error) {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Held{}, err
	}
	h, err := s.holds.Prolong(ctx, token, actor.PersonID)
	if err != nil {
		return Held{}, err
	}
	row, err := s.db.Ent.Run.Query().Where(run.ID(h.RunID)).WithPools(inOrder).Only(ctx)
	if err != nil {
		return Held{}, fmt.Errorf("load the run of the hold: %w", err)
	}
	r := runState{row: row, pools: poolsOf(row)}
	return Held{Hold: h, Run: row.Code, Country: r.countryOf(h.PoolID)}, nil
}

// Seats are the figures of a run as the page shows them.
type Seats struct {
	training.SeatFigures
	Pools []training.Pool // with Held filled in
	Mine  *Held           // the hold of the person who looks
	// Enrolled is the living enrolment of the person who looks; empty: none.
	Enrolled string
	Status   training.Status
}

// Seats tells the figures of a run; everyone may ask. While Redis is away,
// HeldKnown is false.
func (s *Service) Seats(ctx context.Context, actor training.Actor, code string) (Seats, error) {
	r, err := s.loadRun(ctx, code)
	if err != nil {
		return Seats{}, err
	}
	waiting, err := s.db.Ent.Enrolment.Query().
		Where(enrolment.RunID(r.row.ID), enrolment.StatusEQ(training.Waiting)).Count(ctx)
	if err != nil {
		return Seats{}, fmt.Errorf("count who waits: %w", err)
	}
	view, redisFault := s.holds.Look(ctx, r.row.ID, actor.PersonID)
	for i := range r.pools {
		r.pools[i].Held = view.Held[r.pools[i].ID]
	}
	seats := Seats{SeatFigures: training.Figures(r.pools, waiting, redisFault == nil), Pools: r.pools}
	if view.Mine != nil {
		seats.Mine = &Held{Hold: *view.Mine, Run: code, Country: r.countryOf(view.Mine.PoolID)}
	}
	if !actor.SignedIn() {
		return seats, nil
	}
	row, err := s.db.Ent.Enrolment.Query().Where(living(r.row.ID, actor.PersonID)...).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return Seats{}, fmt.Errorf("look for an enrolment: %w", err)
	}
	if err == nil {
		seats.Enrolled, seats.Status = row.Ref, row.Status
	}
	return seats, nil
}

// HeldIn tells how many seats are held in each pool of several runs, by run and
// pool, and whether that is known: it is not while Redis is away.
func (s *Service) HeldIn(ctx context.Context, runIDs []int) (map[int]map[int]int, bool) {
	held, err := s.holds.LookMany(ctx, runIDs)
	return held, err == nil
}

// RedisReady answers nil while the seat lock does.
func (s *Service) RedisReady(ctx context.Context) error { return s.holds.Ready(ctx) }
