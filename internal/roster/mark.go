package roster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/presence"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// BelowThreshold is the note on a person who is to be completed without having
// been present often enough for a certificate.
const BelowThreshold = "below_threshold"

// Mark says of one half day whether a person was present; nil takes the mark
// back.
type Mark struct {
	HalfDay string
	Present *bool
}

// Change is what changes for one person; what it does not name stays as it is.
type Change struct {
	Presence    []Mark // of two for one half day the later one counts
	Result      *training.Status
	ClearResult bool // takes a chosen result back, so that it follows from the attendance
}

// Mark changes presence and result of one person of an open run and gives the
// person's line as it now is. The text beside it is BelowThreshold or empty. The
// days may lie ahead: programs that bring marks from elsewhere rely on that.
// People at a list mark with MarkMany.
func (s *Service) Mark(ctx context.Context, actor training.Actor, runCode, ref string, change Change) (Item, string, error) {
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return Item{}, "", err
	}
	if err := change.check(r.HalfDays); err != nil {
		return Item{}, "", err
	}
	err = s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := s.keepOpen(ctx, tx, r.ID); err != nil {
			return err
		}
		e, err := onePerson(ctx, tx, r.ID, ref)
		if err != nil {
			return err
		}
		marks := change.marks()
		for _, half := range slices.Sorted(maps.Keys(marks)) {
			if err := setPresence(ctx, tx, actor, half, map[int]*bool{e.ID: marks[half]}); err != nil {
				return err
			}
		}
		return change.setResult(ctx, tx, e)
	})
	if err != nil {
		return Item{}, "", err
	}
	return s.item(ctx, r, ref)
}

func (c Change) check(half []training.HalfDay) error {
	var faults []training.FieldFault
	for _, mark := range c.Presence {
		if !hasHalfDay(half, mark.HalfDay) {
			faults = append(faults, unknownHalfDay(mark.HalfDay))
		}
	}
	if c.Result != nil && !c.Result.IsResult() {
		faults = append(faults, training.FieldFault{Field: "result", Key: "invalid.result"})
	}
	return training.Invalid(faults)
}

func unknownHalfDay(key string) training.FieldFault {
	return training.FieldFault{Field: "presence", Key: "invalid.half_day", Args: training.Args{"value": key}}
}

func (c Change) marks() map[string]*bool {
	marks := make(map[string]*bool, len(c.Presence))
	for _, mark := range c.Presence {
		marks[mark.HalfDay] = mark.Present
	}
	return marks
}

func (c Change) setResult(ctx context.Context, tx *store.Tx, e *ent.Enrolment) error {
	if c.Result == nil && !c.ClearResult {
		return nil
	}
	chosen := ""
	if c.Result != nil {
		chosen = string(*c.Result)
	}
	n, err := tx.Enrolment.Update().Where(enrolment.ID(e.ID), onRoster()).
		SetResult(chosen).SetUpdatedAt(tx.Now).Save(ctx)
	if err != nil {
		return fmt.Errorf("set the result of %s: %w", e.Ref, err)
	}
	if n == 0 {
		return training.NotFound() // withdrawn in this moment
	}
	return nil
}

// keepOpen refuses where the run is closed, and keeps it from being closed
// until the transaction ends, so that no mark slips in after the results.
func (s *Service) keepOpen(ctx context.Context, tx *store.Tx, runID int) error {
	query := tx.Run.Query().Where(run.ID(runID))
	if s.db.Dialect == dialect.Postgres { // SQLite has one writer at a time
		query.ForShare()
	}
	r, err := query.Only(ctx)
	if err != nil {
		return fmt.Errorf("look whether the run is open: %w", err)
	}
	if r.ClosedAt != nil {
		return training.NewFault(training.KindConflict, "fault.run_closed", nil)
	}
	return nil
}

func onePerson(ctx context.Context, tx *store.Tx, runID int, ref string) (*ent.Enrolment, error) {
	e, err := tx.Enrolment.Query().Where(enrolment.Ref(ref), enrolment.RunID(runID), onRoster()).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, training.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find enrolment %s: %w", ref, err)
	}
	return e, nil
}

// setPresence sets or takes back the marks of one half day, by id of the
// enrolment.
func setPresence(ctx context.Context, tx *store.Tx, actor training.Actor, half string, marks map[int]*bool) error {
	var rows []*ent.PresenceCreate
	var unmarked []int
	// Everybody marks in order of half days and ids, so that two forms sent at
	// once do not wait for each other crosswise.
	for _, id := range slices.Sorted(maps.Keys(marks)) {
		present := marks[id]
		if present == nil {
			unmarked = append(unmarked, id)
			continue
		}
		rows = append(rows, tx.Presence.Create().SetEnrolmentID(id).SetHalfDay(half).
			SetPresent(*present).SetMarkedBy(actor.PersonID).SetMarkedAt(tx.Now))
	}
	for some := range slices.Chunk(rows, chunk) {
		err := tx.Presence.CreateBulk(some...).
			OnConflictColumns(presence.FieldEnrolmentID, presence.FieldHalfDay).
			Update(func(u *ent.PresenceUpsert) { u.UpdatePresent().UpdateMarkedBy().UpdateMarkedAt() }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("mark %s: %w", half, err)
		}
	}
	for some := range slices.Chunk(unmarked, chunk) {
		_, err := tx.Presence.Delete().Where(presence.HalfDay(half), presence.EnrolmentIDIn(some...)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("unmark %s: %w", half, err)
		}
	}
	return nil
}

// chunk bounds the rows of one statement, because both databases bound its
// parameters.
const chunk = 500

func (s *Service) item(ctx context.Context, r *ent.Run, ref string) (Item, string, error) {
	e, err := s.db.Ent.Enrolment.Query().Where(enrolment.Ref(ref), enrolment.RunID(r.ID)).
		WithPerson().WithAgency().WithPresence().Only(ctx)
	if err != nil {
		return Item{}, "", fmt.Errorf("read enrolment %s again: %w", ref, err)
	}
	item, note := plainItem(e, r.HalfDays), ""
	if item.Result == training.Completed && !item.Attendance.Reaches(r.Threshold) {
		note = BelowThreshold
	}
	return item, note, nil
}

// MarkMany sets the marks of one half day for many people of an open run at
// once, by public identifier of the enrolment; nil takes a mark back. A half day
// that has not begun takes no marks. An identifier that the run does not know
// undoes all of them; somebody who has left the run since the form was opened is
// passed over.
func (s *Service) MarkMany(ctx context.Context, actor training.Actor, runCode, halfDay string, marks map[string]*bool) error {
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return err
	}
	begins, err := beginningOf(r, halfDay)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := s.keepOpen(ctx, tx, r.ID); err != nil {
			return err
		}
		if tx.Now.Before(begins) && anyMark(marks) {
			return training.InvalidField("presence", "invalid.half_day_ahead", training.Args{"at": begins})
		}
		byID := make(map[int]*bool, len(marks))
		known := 0
		for some := range slices.Chunk(slices.Collect(maps.Keys(marks)), chunk) {
			rows, err := tx.Enrolment.Query().Where(enrolment.RunID(r.ID), enrolment.RefIn(some...)).All(ctx)
			if err != nil {
				return fmt.Errorf("find the people to mark: %w", err)
			}
			for _, e := range rows {
				known++
				if e.Status.OnRoster() {
					byID[e.ID] = marks[e.Ref]
				}
			}
		}
		if known < len(marks) {
			return training.NotFound()
		}
		return setPresence(ctx, tx, actor, halfDay, byID)
	})
}

// beginningOf is when a half day of the run starts, in the run's own zone.
func beginningOf(r *ent.Run, key string) (time.Time, error) {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of run %s: %w", r.Code, err)
	}
	i := slices.IndexFunc(r.HalfDays, func(h training.HalfDay) bool { return h.Key == key })
	if i < 0 {
		return time.Time{}, training.Invalid([]training.FieldFault{unknownHalfDay(key)})
	}
	return r.HalfDays[i].Begins(zone), nil
}

// anyMark reports whether somebody is marked; a mark can be taken back whenever
// the half day is.
func anyMark(marks map[string]*bool) bool {
	for _, present := range marks {
		if present != nil {
			return true
		}
	}
	return false
}
