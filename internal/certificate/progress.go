package certificate

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Stop says why somebody who earned a certificate has none.
type Stop struct {
	Enrolment string // public identifier
	Reason    string // missing_glyph, too_long or name_missing
	Field     string // of a missing glyph: the fact that has it, such as holder or course
	Rune      string // of a missing glyph: what cannot be drawn, readable
}

// IssueResult is how far the certificates of a run are.
type IssueResult struct {
	Due     int // people who earned one
	Issued  int // how many of them got theirs
	Stopped []Stop
}

// Progress is how far the certificates of a run are; all zero while it is open.
// Somebody whose certificate was stopped at this closing and has not been issued
// since is among Stopped.
func (s *Service) Progress(ctx context.Context, runID int) (IssueResult, error) {
	r, rows, err := s.closedRun(ctx, runID)
	if err != nil || r == nil {
		return IssueResult{}, err
	}
	stops, err := s.stops(ctx, r)
	if err != nil {
		return IssueResult{}, err
	}
	var result IssueResult
	for _, e := range rows {
		p, err := s.plan(r, e, Appearance{})
		if err != nil {
			return IssueResult{}, err
		}
		if !p.earned {
			continue
		}
		result.Due++
		if p.step == nothing {
			result.Issued++
		} else if event := stops[e.ID]; event != nil {
			result.Stopped = append(result.Stopped, stopOf(e, event))
		}
	}
	return result, nil
}

// stops are the last stops since the run was closed, by id of the enrolment.
func (s *Service) stops(ctx context.Context, r *ent.Run) (map[int]*ent.EnrolmentEvent, error) {
	events, err := s.db.Ent.EnrolmentEvent.Query().
		Where(stopSince(r), enrolmentevent.HasEnrolmentWith(enrolment.RunID(r.ID))).
		Order(ent.Asc(enrolmentevent.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the stops of run %s: %w", r.Code, err)
	}
	stops := make(map[int]*ent.EnrolmentEvent, len(events))
	for _, event := range events {
		stops[event.EnrolmentID] = event
	}
	return stops, nil
}

// IssueAgain asks once more for the certificates of a closed run, for what
// stopped them may have been put right, as a name that could not be printed. Where a
// job waits that has not begun, it will see that, and no other is put.
func (s *Service) IssueAgain(ctx context.Context, actor training.Actor, runCode string) error {
	if err := training.Can(actor, training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return err
	}
	r, err := s.db.Ent.Run.Query().Where(run.Code(runCode)).
		WithInstructors(func(q *ent.PersonQuery) { q.Where(person.ID(actor.PersonID)) }).Only(ctx)
	if ent.IsNotFound(err) {
		return training.NotFound()
	}
	if err != nil {
		return fmt.Errorf("find run %s: %w", runCode, err)
	}
	subject := training.Subject{Instructs: len(r.Edges.Instructors) > 0}
	if err := training.Can(actor, training.ActTeach, subject); err != nil {
		return err
	}
	if r.ClosedAt == nil {
		return training.NewFault(training.KindConflict, "fault.run_not_closed", nil)
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		waits, err := tx.OutboxJob.Query().Where(issuingOf(r.ID), outboxjob.Tries(0)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for what is to be issued of run %s: %w", r.Code, err)
		}
		if waits {
			return nil
		}
		return outbox.Put(ctx, tx, outbox.Job{
			Kind: training.IssueCertificates, Key: fmt.Sprintf("issue:%d:%d", r.ID, tx.Now.UnixMicro()),
			Payload: training.IssueJob{RunID: r.ID},
		})
	})
}
