package roster

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Close ends a run, from its first day on: results become final, whoever still
// waits, has an offer or awaits approval lapses, and the certificates follow in
// the background. Closing a closed run again is no error.
func (s *Service) Close(ctx context.Context, actor training.Actor, runCode string) error {
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return err
	}
	starts, err := firstInstant(r)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if tx.Now.Before(starts) {
			return training.NewFault(training.KindConflict, "fault.run_not_started", nil)
		}
		if r.CancelledAt != nil {
			return training.NewFault(training.KindConflict, "fault.run_cancelled", nil)
		}
		// The run's own row first, as in whatever changes its seats: it locks them.
		n, err := tx.Run.Update().Where(run.ID(r.ID), run.ClosedAtIsNil(), run.CancelledAtIsNil()).
			SetClosedAt(tx.Now).AddSeatVersion(1).SetSeatChangedAt(tx.Now).Save(ctx)
		if err != nil {
			return fmt.Errorf("close run %s: %w", r.Code, err)
		}
		if n == 0 {
			return nil // closed before
		}
		return s.settle(ctx, tx, actor, r)
	})
}

func firstInstant(r *ent.Run) (time.Time, error) {
	loc, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of run %s: %w", r.Code, err)
	}
	day, err := training.ParseDate(r.Starts)
	if err != nil {
		return time.Time{}, fmt.Errorf("run %s: %w", r.Code, err)
	}
	return day.In(loc), nil
}

// settle does what follows from a closing.
func (s *Service) settle(ctx context.Context, tx *store.Tx, actor training.Actor, r *ent.Run) error {
	query := tx.Enrolment.Query().WithPresence().Order(ent.Asc(enrolment.FieldID)).
		Where(enrolment.RunID(r.ID), enrolment.StatusIn(append(training.From(training.Lapsed), training.Confirmed)...))
	if s.db.Dialect == dialect.Postgres {
		query.ForUpdate()
	}
	rows, err := query.All(ctx)
	if err != nil {
		return fmt.Errorf("read who is to be settled: %w", err)
	}
	changes := changeSet{reasons: map[training.Status]string{training.Lapsed: "event.run_closed"}, actor: actor}
	freed := map[int]int{}
	var jobs []outbox.Job
	for _, e := range rows {
		to := training.Lapsed
		if e.Status == training.Confirmed {
			to = finalResult(e, r)
		} else if e.PoolID != nil {
			freed[*e.PoolID]++
		}
		if to == training.Lapsed {
			mail := training.EnrolmentMailJob{Enrolment: e.Ref, Name: "run_closed", At: tx.Now.UnixMicro()}
			jobs = append(jobs, outbox.Job{Kind: training.EnrolmentMail, Key: mail.Key(), Payload: mail})
		}
		changes.add(e, to)
	}
	if err := changes.write(ctx, tx); err != nil {
		return err
	}
	if err := giveBack(ctx, tx, r.ID, freed); err != nil {
		return err
	}
	jobs = append(jobs, outbox.Job{
		Kind: training.IssueCertificates, Key: fmt.Sprintf("issue:%d:%d", r.ID, tx.Now.UnixMicro()),
		Payload: training.IssueJob{RunID: r.ID},
	})
	if err := outbox.PutAll(ctx, tx, jobs); err != nil {
		return err
	}
	return store.RaiseCatalogueVersion(ctx, tx)
}

func finalResult(e *ent.Enrolment, r *ent.Run) training.Status {
	if e.Result != "" {
		return training.Status(e.Result)
	}
	return training.ResultAtClose(training.CountAttendance(r.HalfDays, marksOf(e)), r.Threshold)
}

// giveBack returns the seats of those who lapsed, by id of the pool. Nobody
// waits in a closed run, so no seat goes to the next; one of a quota that is
// released or suspended moves to the open pool, as any seat freed there.
func giveBack(ctx context.Context, tx *store.Tx, runID int, freed map[int]int) error {
	pools, err := tx.SeatPool.Query().Where(seatpool.RunID(runID)).Order(ent.Asc(seatpool.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the pools: %w", err)
	}
	moved, open := 0, 0
	for _, p := range pools {
		if p.Country == "" {
			open = p.ID
		}
		n := freed[p.ID]
		if n == 0 && p.Waiting == 0 {
			continue
		}
		update := tx.SeatPool.Update().Where(seatpool.ID(p.ID), seatpool.TakenGTE(n)).AddTaken(-n).SetWaiting(0).SetTold(0)
		if p.Country != "" && (p.ReleasedAt != nil || p.SuspendedAt != nil) {
			update.AddSize(-n)
			moved += n
		}
		changed, err := update.Save(ctx)
		if err != nil {
			return fmt.Errorf("give seats back: %w", err)
		}
		if changed == 0 {
			return fmt.Errorf("pool %d has fewer than the %d seats taken that are given back", p.ID, n)
		}
	}
	if moved == 0 {
		return nil
	}
	if err := tx.SeatPool.UpdateOneID(open).AddSize(moved).Exec(ctx); err != nil {
		return fmt.Errorf("move seats to the open pool: %w", err)
	}
	return nil
}
