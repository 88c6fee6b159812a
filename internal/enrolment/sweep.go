package enrolment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/training"
)

// Sweep ends what time ends: offers, approvals, quotas, holds that others wait
// for. Any number of servers may call it; each thing ends once.
func (s *Service) Sweep(ctx context.Context) error {
	_, lapsed := s.LapseDue(ctx)
	_, released := s.ReleaseDue(ctx)
	return errors.Join(lapsed, released, s.ServeDue(ctx))
}

// LapseDue ends offers and approvals whose deadline has come and passes their
// seats on. It answers how many this call ended.
func (s *Service) LapseDue(ctx context.Context) (int, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return 0, err
	}
	due := []predicate.Enrolment{enrolment.DeadlineAtLTE(now), enrolment.StatusIn(training.Offered, training.Pending)}
	rows, err := s.db.Ent.Enrolment.Query().Where(due...).Where(enrolment.HasRunWith(run.ClosedAtIsNil(), run.CancelledAtIsNil())).
		Order(ent.Asc(enrolment.FieldDeadlineAt, enrolment.FieldID)).Limit(500).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for deadlines that have come: %w", err)
	}
	lapsed := 0
	var failed error
	for _, row := range rows {
		why, mail := because("event.offer_lapsed", nil), "offer_lapsed"
		if row.Status == training.Pending {
			why, mail = because("event.approval_lapsed", nil), "approval_lapsed"
		}
		err := s.end(ctx, row, training.Lapsed, why, mail, 0, due...)
		switch {
		case err == nil:
			lapsed++
		case !training.IsKind(err, training.KindConflict) && !training.IsKind(err, training.KindEnrolmentClosed):
			failed = errors.Join(failed, err) // else another server, or the person, was quicker
		}
	}
	return lapsed, failed
}

// ReleaseDue moves what is unused of each quota whose release date has come to
// its run's open pool. It answers how many quotas this call released.
func (s *Service) ReleaseDue(ctx context.Context) (int, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return 0, err
	}
	due, err := s.db.Ent.SeatPool.Query().
		Where(seatpool.CountryNEQ(""), seatpool.ReleasedAtIsNil(), seatpool.ReleasesAtLTE(now),
			seatpool.HasRunWith(run.ClosedAtIsNil(), run.CancelledAtIsNil())).
		Order(ent.Asc(seatpool.FieldID)).Limit(1000).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for quotas to release: %w", err)
	}
	released := 0
	var failed error
	for _, pool := range due {
		did, err := s.release(ctx, pool.RunID, pool.Country)
		if did {
			released++
		}
		failed = errors.Join(failed, err)
	}
	return released, failed
}

// ServeDue offers the seats that holds gave back to those who wait.
func (s *Service) ServeDue(ctx context.Context) error {
	now, err := s.db.Now(ctx)
	if err != nil {
		return err
	}
	ids, err := s.db.Ent.Run.Query().Where(run.ClosedAtIsNil(), run.CancelledAtIsNil(),
		// Time zones reach from 12 hours behind to 14 ahead: a day more is none too few.
		run.StartsGTE(training.DateOf(now).AddDays(-1).String()),
		run.HasPoolsWith(seatpool.WaitingGT(0), hasFreeSeat)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for seats that somebody waits for: %w", err)
	}
	var failed error
	for _, id := range ids {
		if err := s.serve(ctx, id); !training.IsKind(err, training.KindEnrolmentClosed) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// aloneAfter is how long Redis has to be away before seats that holds may still
// keep are offered to those who wait. It is below the minute after which the
// audit names a seat that nobody is offered.
const aloneAfter = 30 * time.Second

// awaySince remembers since when Redis does not answer this server.
type awaySince struct {
	mu    sync.Mutex
	since time.Time
}

// note takes the outcome of a call to Redis and answers whether one may go on:
// it answered, or has been away for long.
func (a *awaySince) note(err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.since = time.Time{}
		return true
	}
	if a.since.IsZero() {
		a.since = time.Now()
	}
	return time.Since(a.since) >= aloneAfter
}
