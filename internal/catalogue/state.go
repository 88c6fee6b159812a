package catalogue

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/training"
)

// Quota is the seats that a run keeps for one member state, or kept until they
// were opened to all. Pool has Held not filled in.
type Quota struct {
	Listed
	Pool training.Pool
}

// QuotasOf gives the quotas of a member state in the runs to come, by start, as
// they are now in the database. It is for the state's coordinator.
func (s *Service) QuotasOf(ctx context.Context, actor training.Actor, country string) ([]Quota, error) {
	if err := training.CanCoordinate(actor, country); err != nil {
		return nil, err
	}
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, err
	}
	now := v.now()
	// West of Greenwich it can still be the day before. Which runs are over is
	// judged below, in the time of the place.
	since := training.DateOf(now).AddDays(-1).String()
	rows, err := s.db.Ent.SeatPool.Query().Where(seatpool.Country(country),
		seatpool.HasRunWith(run.EndsGTE(since), run.ClosedAtIsNil(), run.CancelledAtIsNil())).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state's quotas: %w", err)
	}
	pools := make(map[int]training.Pool, len(rows))
	for _, row := range rows {
		pools[row.RunID] = poolOf(row)
	}
	var quotas []Quota
	for _, at := range v.runs {
		if pool, ok := pools[at.run.ID]; ok && at.run.coming(now) {
			quotas = append(quotas, Quota{Listed{at.run, at.course}, pool})
		}
	}
	return quotas, nil
}
