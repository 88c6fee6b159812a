package enrolment

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/internal/training"
)

// Step is one line of an enrolment's history, as its person can read it.
type Step struct {
	At       time.Time // UTC
	From, To training.Status
	Reason   string // message key
	Args     training.Args
}

// History lists what happened to an enrolment, the first step first, to those who
// may see the enrolment.
func (s *Service) History(ctx context.Context, actor training.Actor, ref string) ([]Step, error) {
	row, err := s.load(ctx, actor, ref, training.ActViewEnrolment)
	if err != nil {
		return nil, err
	}
	events, err := s.db.Ent.EnrolmentEvent.Query().Where(enrolmentevent.EnrolmentID(row.ID)).
		Order(ent.Asc(enrolmentevent.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the history: %w", err)
	}
	steps := make([]Step, len(events))
	for i, e := range events {
		steps[i] = Step{At: e.At.UTC(), From: training.Status(e.FromStatus), To: training.Status(e.ToStatus),
			Reason: e.Reason, Args: e.Args}
	}
	return steps, nil
}
