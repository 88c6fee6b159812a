package people

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/memberstate"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// SetSuspended suspends a member state from today (UTC) on, or lifts that:
// administrators. Doing what is done changes nothing. The runs follow by an
// outbox job. Faults: not_found.
func (s *Service) SetSuspended(ctx context.Context, actor training.Actor, code string, suspended bool) error {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error {
		row, err := tx.MemberState.Query().Where(memberstate.Code(code)).Only(ctx)
		if ent.IsNotFound(err) {
			return training.NotFound()
		}
		if err != nil {
			return fmt.Errorf("load the member state: %w", err)
		}
		state, err := stateRecord{Code: row.Code, Kind: row.Kind, From: row.MemberFrom,
			Until: row.MemberUntil, SuspendedFrom: row.SuspendedFrom}.state()
		if err != nil {
			return err
		}
		today := training.DateOf(tx.Now)
		if state.Suspended(today) == suspended {
			return nil
		}
		from := ""
		if suspended {
			from = today.String()
		}
		if err := tx.MemberState.Update().Where(memberstate.Code(code)).SetSuspendedFrom(from).Exec(ctx); err != nil {
			return fmt.Errorf("change member state %s: %w", code, err)
		}
		return outbox.Put(ctx, tx, outbox.Job{Kind: training.FollowState,
			Key: fmt.Sprintf("state:%s:%d", code, tx.Now.UnixMicro()), Payload: training.StateJob{Country: code}})
	})
}
