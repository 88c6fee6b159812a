package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/training"
)

// Correction is what a certificate in the place of another would state otherwise.
type Correction struct {
	Holder  string   // the name that it would have
	Changed []string // facts that differ, as factNamed calls them; empty: none
	Shown   string   // sum of all that it would state, to hand to Correct
}

// Corrected is what became of a correction.
type Corrected struct {
	Number string // of the new certificate; empty: it could not be made
	Holder string // the name that was to stand on it
	Stop   Stop   // what stopped it
}

// Correction says what a certificate that is issued now in the place of another
// would state otherwise, since a name or a title was put right; or why none can be
// issued. It is for administrators.
func (s *Service) Correction(ctx context.Context, actor training.Actor, typed string) (Correction, error) {
	_, p, err := s.correctable(ctx, actor, typed)
	if err != nil {
		return Correction{}, err
	}
	changed, err := p.changes()
	if err != nil {
		return Correction{}, err
	}
	shown, err := p.sum()
	return Correction{Holder: p.Edges.Person.Name, Changed: changed, Shown: shown}, err
}

// Correct issues a certificate in the place of another one, and the holder is told.
// Shown is that of the Correction which was confirmed: if anything would be stated
// otherwise by now, nothing is issued.
func (s *Service) Correct(ctx context.Context, actor training.Actor, typed, shown string) (Corrected, error) {
	r, p, err := s.correctable(ctx, actor, typed)
	if err != nil {
		return Corrected{}, err
	}
	now, err := p.sum()
	if err != nil {
		return Corrected{}, err
	}
	if now != shown {
		return Corrected{}, movedOn()
	}
	d, err := s.draft(r, p)
	if err != nil {
		return Corrected{}, err
	}
	stop, err := s.tryOut(ctx, d)
	if err != nil {
		return Corrected{}, err
	}
	if stop.Reason != "" {
		stop.Enrolment = p.Ref
		return Corrected{Holder: d.row.Holder, Stop: stop}, nil
	}
	err = s.write(ctx, r, p, d)
	if errors.Is(err, errDoneBefore) || errors.Is(err, errNoLongerClosed) {
		return Corrected{}, movedOn()
	}
	return Corrected{Number: d.row.Number, Holder: d.row.Holder}, err
}

func movedOn() error {
	return training.NewFault(training.KindConflict, "fault.certificate_moved_on", nil)
}

// forGood reports whether a certificate was revoked so that no other is given in
// its place: for another reason than wrong facts, as decide has it.
func forGood(row *ent.Certificate) bool {
	return row.RevokedAt != nil && row.RevokedReason != factsWrong
}

// correctable is the run and the plan of a certificate that another can be issued
// in the place of.
func (s *Service) correctable(ctx context.Context, actor training.Actor, typed string) (*ent.Run, plan, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, plan{}, err
	}
	row, err := s.find(ctx, typed, nil)
	if err != nil {
		return nil, plan{}, err
	}
	barred := func(key string) (*ent.Run, plan, error) {
		return nil, plan{}, training.NewFault(training.KindConflict, key, nil)
	}
	if row.ReplacedBy != "" {
		return barred("fault.certificate_replaced")
	}
	if forGood(row) {
		return barred("fault.certificate_for_good")
	}
	r, p, err := s.planOf(ctx, row)
	switch {
	case err != nil:
		return nil, plan{}, err
	case r == nil:
		return barred("fault.run_not_closed")
	case p.last == nil || p.last.ID != row.ID: // it was replaced in this moment
		return nil, plan{}, movedOn()
	case !p.earned:
		return barred("fault.certificate_not_earned")
	}
	if p.facts.ValidMonths, err = validityOf(row); err != nil {
		return nil, plan{}, err
	}
	changed, err := p.changes()
	if err == nil && len(changed) == 0 && row.RevokedAt == nil {
		return barred("fault.certificate_same")
	}
	return r, p, err
}

// validityOf is for how many months a certificate was issued: to put a name right must
// not prolong it, whatever its course says by now.
func validityOf(row *ent.Certificate) (int, error) {
	facts, err := readFacts(row)
	return facts.ValidMonths, err
}

// sum is of all that the plan's certificate would state, and of whom.
func (p plan) sum() (string, error) {
	text, err := json.Marshal([]any{p.last.Number, p.Edges.Person.Name, speakable(p.Edges.Person.Locale), p.facts})
	if err != nil {
		return "", fmt.Errorf("sum up what it would state: %w", err)
	}
	return digest(text), nil
}

// planOf is the plan of one certificate's enrolment; no run: it is not closed.
func (s *Service) planOf(ctx context.Context, row *ent.Certificate) (*ent.Run, plan, error) {
	r, rows, err := s.closedRun(ctx, row.RunID)
	if err != nil || r == nil {
		return nil, plan{}, err
	}
	at := slices.IndexFunc(rows, func(e *ent.Enrolment) bool { return e.ID == row.EnrolmentID })
	if at < 0 {
		return r, plan{}, nil
	}
	look, err := s.appearanceOf(ctx, r.Edges.Course.Programme)
	if err != nil {
		return nil, plan{}, err
	}
	p, err := s.plan(r, rows[at], look)
	return r, p, err
}

// changes names what the plan states otherwise than the last certificate.
func (p plan) changes() ([]string, error) {
	before, err := readFacts(p.last)
	if err != nil {
		return nil, err
	}
	now := p.facts
	var changed []string
	for _, one := range []struct {
		name string
		same bool
	}{
		{"holder", p.last.Holder == p.Edges.Person.Name},
		{"course", reflect.DeepEqual(now.Titles, before.Titles)},
		{"code", now.CourseCode == before.CourseCode},
		{"organiser", now.Provider == before.Provider},
		{"dates", now.Starts == before.Starts && now.Ends == before.Ends && now.TimeZone == before.TimeZone},
		{"place", now.Place == before.Place && now.Country == before.Country},
		{"duration", now.Days == before.Days && now.Minutes == before.Minutes},
		{"attendance", now.Attendance == before.Attendance},
		{"language", now.Language == before.Language},
		{"agency", now.Agency == before.Agency},
		{"state", now.AgencyState == before.AgencyState},
	} {
		if !one.same {
			changed = append(changed, one.name)
		}
	}
	if len(changed) == 0 && !now.sameStatement(before) {
		changed = append(changed, "other")
	}
	return changed, nil
}

// Issuing reports whether certificates of a run are asked for and not all done
// yet.
func (s *Service) Issuing(ctx context.Context, runID int) (bool, error) {
	asked, err := s.db.Ent.OutboxJob.Query().Where(issuingOf(runID)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look for what is to be issued of run %d: %w", runID, err)
	}
	return asked, nil
}

// issuingOf are the jobs that are to issue a run's certificates, or are at it.
func issuingOf(runID int) predicate.OutboxJob {
	return outboxjob.And(outboxjob.Kind(training.IssueCertificates), outboxjob.DedupeKeyHasPrefix(fmt.Sprintf("issue:%d:", runID)),
		outboxjob.DoneAtIsNil(), outboxjob.GivenUpAtIsNil())
}
