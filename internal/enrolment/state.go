package enrolment

import (
	"context"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/training"
)

// pastShown is for how many days after its last one a run's people are still
// listed for their state.
const pastShown = 366

// OfState lists the enrolments that name a member state, newest first, across its
// agencies: those in runs to come, under way, and of the year before. It is for
// the state's coordinator.
func (s *Service) OfState(ctx context.Context, actor training.Actor, country string, f Filter) ([]Enrolment, error) {
	if err := training.CanCoordinate(actor, country); err != nil {
		return nil, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	since := training.DateOf(now).AddDays(-pastShown).String()
	return s.listed(ctx, f, enrolment.Country(country), enrolment.HasRunWith(run.EndsGTE(since)))
}
