package roster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// step is one change of status.
type step struct{ from, to training.Status }

// changeSet collects changes of status that happen together, so that they are
// written in few statements.
type changeSet struct {
	reasons map[training.Status]string // message key by new status; default event.<status>
	args    map[string]any
	actor   training.Actor
	steps   map[step][]*ent.Enrolment
}

func (c *changeSet) add(e *ent.Enrolment, to training.Status) {
	if c.steps == nil {
		c.steps = map[step][]*ent.Enrolment{}
	}
	s := step{e.Status, to}
	c.steps[s] = append(c.steps[s], e)
}

func (c *changeSet) write(ctx context.Context, tx *store.Tx) error {
	for _, s := range slices.SortedFunc(maps.Keys(c.steps), func(a, b step) int {
		return strings.Compare(string(a.from+a.to), string(b.from+b.to))
	}) {
		for some := range slices.Chunk(c.steps[s], chunk) {
			if err := c.writeSome(ctx, tx, s, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *changeSet) writeSome(ctx context.Context, tx *store.Tx, s step, rows []*ent.Enrolment) error {
	if !s.from.MayBecome(s.to) {
		return fmt.Errorf("an enrolment never goes from %s to %s", s.from, s.to)
	}
	ids := make([]int, 0, len(rows))
	events := make([]*ent.EnrolmentEventCreate, 0, len(rows))
	reason := c.reasons[s.to]
	if reason == "" {
		reason = "event." + string(s.to)
	}
	for _, e := range rows {
		ids = append(ids, e.ID)
		event := tx.EnrolmentEvent.Create().SetEnrolmentID(e.ID).SetFromStatus(string(s.from)).
			SetToStatus(string(s.to)).SetReason(reason).SetActorID(c.actor.PersonID).SetAt(tx.Now)
		if c.args != nil {
			event.SetArgs(c.args)
		}
		events = append(events, event)
	}
	update := tx.Enrolment.Update().Where(enrolment.IDIn(ids...), enrolment.StatusEQ(s.from)).
		SetStatus(s.to).SetUpdatedAt(tx.Now)
	if !s.to.Living() {
		update.ClearPoolID().ClearDeadlineAt()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("change %s to %s: %w", s.from, s.to, err)
	}
	if n != len(ids) {
		return training.NewFault(training.KindConflict, "fault.busy", nil) // somebody else changed one of them
	}
	if err := tx.EnrolmentEvent.CreateBulk(events...).Exec(ctx); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}
