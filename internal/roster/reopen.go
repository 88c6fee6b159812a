package roster

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Reopen makes the results of a closed run changeable again. The reason is
// written into the history of each person concerned. Certificates stay as they
// are until the run is closed again.
func (s *Service) Reopen(ctx context.Context, actor training.Actor, runCode, reason string) error {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if err := checkReason(reason); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.Run.Update().Where(run.ID(r.ID), run.ClosedAtNotNil()).
			ClearClosedAt().AddSeatVersion(1).Save(ctx)
		if err != nil {
			return fmt.Errorf("reopen run %s: %w", r.Code, err)
		}
		if n == 0 {
			return training.NewFault(training.KindConflict, "fault.run_not_closed", nil)
		}
		return s.unsettle(ctx, tx, actor, r.ID, reason)
	})
}

const maxReason = 1000 // characters

// checkReason also keeps out what PostgreSQL cannot store.
func checkReason(reason string) error {
	switch {
	case reason == "":
		return training.InvalidField("reason", "invalid.required", nil)
	case utf8.RuneCountInString(reason) > maxReason:
		return training.InvalidField("reason", "invalid.too_long", training.Args{"max": maxReason})
	case !utf8.ValidString(reason) || strings.ContainsRune(reason, 0):
		return training.InvalidField("reason", "invalid.characters", nil)
	}
	return nil
}

func (s *Service) unsettle(ctx context.Context, tx *store.Tx, actor training.Actor, runID int, reason string) error {
	rows, err := tx.Enrolment.Query().Order(ent.Asc(enrolment.FieldID)).
		Where(enrolment.RunID(runID), enrolment.StatusIn(training.Completed, training.NotCompleted, training.Absent)).All(ctx)
	if err != nil {
		return fmt.Errorf("read whose results are reopened: %w", err)
	}
	changes := changeSet{
		reasons: map[training.Status]string{training.Confirmed: "event.run_reopened"},
		args:    map[string]any{"reason": reason}, actor: actor,
	}
	for _, e := range rows {
		changes.add(e, training.Confirmed)
	}
	if err := changes.write(ctx, tx); err != nil {
		return err
	}
	return store.RaiseCatalogueVersion(ctx, tx)
}
