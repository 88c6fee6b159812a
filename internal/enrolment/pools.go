package enrolment

import (
	"context"
	"errors"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// release moves what is unused of a quota to the open pool, once: false where it
// was released before. Seats that are held follow.
func (s *Service) release(ctx context.Context, runID int, country string) (bool, error) {
	did := false
	err := s.inRun(ctx, runID, nil, func(l *locked) error {
		q := l.quota(country)
		if did = q != nil && q.ReleasedAt.IsZero(); !did {
			return nil
		}
		q.ReleasedAt = l.tx.Now
		l.openUp(q)
		return nil
	})
	if err != nil || !did {
		return false, err
	}
	return true, s.serve(ctx, runID)
}

// openUp moves the seats of a quota that are not taken to the open pool.
func (l *locked) openUp(q *training.Pool) {
	l.openPool().Size += q.Size - q.Taken
	q.Size = q.Taken
}

// ReleaseQuota releases a quota before its date: the coordinator of its state and
// administrators, once enrolment has opened.
func (s *Service) ReleaseQuota(ctx context.Context, actor training.Actor, code, country string) error {
	if err := training.CanCoordinate(actor, country); err != nil {
		return err
	}
	r, err := s.openedRun(ctx, code)
	if err != nil {
		return err
	}
	if _, err := r.quotaOf(country); err != nil {
		return err
	}
	if opens := r.window().Opens; r.now.Before(opens) {
		return training.NewFault(training.KindConflict, "fault.release_before_opening", training.Args{"at": opens})
	}
	did, err := s.release(ctx, r.row.ID, country)
	if err == nil && !did {
		err = training.NewFault(training.KindConflict, "fault.quota_released", nil)
	}
	return err
}

func (s *Service) administered(ctx context.Context, actor training.Actor, code string) (runState, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return runState{}, err
	}
	return s.openedRun(ctx, code)
}

// openedRun loads a run that is not closed.
func (s *Service) openedRun(ctx context.Context, code string) (runState, error) {
	r, err := s.loadRun(ctx, code)
	if err == nil && r.window().Closed {
		err = training.NewFault(training.KindConflict, "fault.run_closed", nil)
	}
	return r, err
}

// quotaOf finds the quota of a state, one that still gives seats.
func (r runState) quotaOf(country string) (training.Pool, error) {
	for _, p := range r.pools {
		if p.Open() || p.Country != country {
			continue
		}
		switch {
		case !p.ReleasedAt.IsZero():
			return p, training.NewFault(training.KindConflict, "fault.quota_released", nil)
		case p.Suspended:
			return p, training.NewFault(training.KindConflict, "fault.quota_suspended", nil)
		}
		return p, nil
	}
	return training.Pool{}, training.NotFound()
}

// Resize sets how many seats a pool has (country empty: the open pool). Added
// seats go to those who wait; seats are taken back only while they are free:
// administrators.
func (s *Service) Resize(ctx context.Context, actor training.Actor, code, country string, size int) error {
	return s.resize(ctx, actor, code, country, size, nil)
}

// ResizeFrom is Resize for somebody who has seen how many seats the pool had: if
// there are others now, somebody else has changed them, and it is a conflict.
func (s *Service) ResizeFrom(ctx context.Context, actor training.Actor, code, country string, seen, size int) error {
	return s.resize(ctx, actor, code, country, size, &seen)
}

func (s *Service) resize(ctx context.Context, actor training.Actor, code, country string, size int, seen *int) error {
	r, err := s.administered(ctx, actor, code)
	if err != nil {
		return err
	}
	p := r.pools[0]
	if country != "" {
		if p, err = r.quotaOf(country); err != nil {
			return err
		}
	}
	if err := training.CheckResize(r.pools, p, size); err != nil {
		return err
	}
	// What is written is compared once more where the pools are locked.
	if seen != nil && p.Size != *seen && p.Size != size {
		return training.NewFault(training.KindConflict, "fault.conflict_size", training.Args{"size": p.Size})
	}
	if size < p.Size {
		return s.shrink(ctx, r, p, size)
	}
	return s.inRun(ctx, r.row.ID, nil, func(l *locked) error {
		now := l.pool(p.ID)
		if now.Size != p.Size || now.ForNewcomers() != p.ForNewcomers() {
			return training.NewFault(training.KindConflict, "", nil)
		}
		l.freed[p.ID] += size - now.Size
		now.Size = size
		return nil
	})
}

// shrink takes seats back that are neither taken nor held, through the gate.
func (s *Service) shrink(ctx context.Context, r runState, p training.Pool, size int) error {
	view, _ := s.holds.Look(ctx, r.row.ID, 0) // while Redis is away nothing is held
	inUse := training.NewFault(training.KindConflict, "fault.seats_in_use", training.Args{"count": p.Taken + view.Held[p.ID]})
	reserved, err := s.reserve(ctx, r, []training.Pool{p}, p.Size-size, true)
	if training.IsKind(err, training.KindSeatGone) {
		return inUse
	}
	if err != nil {
		return err
	}
	return s.inRun(ctx, r.row.ID, reserved, func(l *locked) error {
		now := l.pool(p.ID)
		if now.Size != p.Size || now.ForNewcomers() != p.ForNewcomers() {
			return training.NewFault(training.KindConflict, "", nil)
		}
		if now.Taken > size {
			return inUse
		}
		now.Size = size
		now.Told = min(now.Told, size-now.Taken)
		return nil
	})
}

// FollowState brings the runs to come into line with whether a member state is
// suspended: the free seats of its quotas go to the open pools, its people who
// wait are skipped, or no longer. Calling it again changes nothing.
func (s *Service) FollowState(ctx context.Context, country string) error {
	ids, err := s.db.Ent.Run.Query().Where(run.ClosedAtIsNil(), run.CancelledAtIsNil(), run.Or(
		run.HasPoolsWith(seatpool.Country(country)),
		run.HasEnrolmentsWith(enrolment.StatusEQ(training.Waiting), enrolment.Country(country)))).
		Order(ent.Asc(run.FieldID)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for the runs of a state: %w", err)
	}
	var failed error
	for _, id := range ids {
		err := s.inRun(ctx, id, nil, func(l *locked) error { return l.followState(ctx, country) })
		if training.IsKind(err, training.KindEnrolmentClosed) { // closed meanwhile
			continue
		}
		if err == nil {
			err = s.serve(ctx, id)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

func (l *locked) followState(ctx context.Context, country string) error {
	suspended, err := store.SuspendedStates(ctx, l.tx.Client, l.tx.Now, country)
	if err != nil {
		return err
	}
	if q := l.quota(country); q != nil && q.Suspended != suspended[country] {
		q.Suspended = suspended[country]
		if q.Suspended {
			l.openUp(q)
		}
	}
	key := "event.state_restored"
	if suspended[country] {
		key = "event.state_suspended"
	}
	ids, err := l.notYetNoted(ctx, country, suspended[country])
	if err != nil {
		return err
	}
	return l.note(ctx, ids, key, "")
}

// notYetNoted are the people of a state who wait and whose history does not tell
// yet that it is suspended, or no longer.
func (l *locked) notYetNoted(ctx context.Context, country string, suspended bool) ([]int, error) {
	var ids []int
	for _, w := range l.waiting {
		if w.Country == country {
			ids = append(ids, w.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	events, err := l.tx.EnrolmentEvent.Query().Where(enrolmentevent.EnrolmentIDIn(ids...),
		enrolmentevent.ReasonIn("event.state_suspended", "event.state_restored")).
		Order(ent.Asc(enrolmentevent.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was noted: %w", err)
	}
	noted := map[int]bool{}
	for _, e := range events {
		noted[e.EnrolmentID] = e.Reason == "event.state_suspended"
	}
	var rest []int
	for _, id := range ids {
		if noted[id] != suspended {
			rest = append(rest, id)
		}
	}
	return rest, nil
}
