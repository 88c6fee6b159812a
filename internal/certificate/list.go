package certificate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Listed is a certificate in a list.
type Listed struct {
	Number     string
	Holder     string
	Titles     training.Titles // of the course, as at issue
	CourseSlug string
	RunCode    string
	Starts     training.Date // of the run, this and Ends
	Ends       training.Date
	Language   string     // the holder's at issue
	IssuedAt   time.Time  // UTC
	ExpiresAt  *time.Time // UTC; nil: it does not expire
	// IssuedOn and ValidUntil, the last day it is valid, are days where the run was.
	IssuedOn, ValidUntil training.Date // ValidUntil zero: it does not expire
	State                string        // valid, revoked, replaced or expired
}

// Filter narrows a list; what is empty does not.
type Filter struct {
	Course   string        // slug, or id of the imported catalogue
	From, To training.Date // days of issue in the run's time zone, both included
	Numbers  []string      // of the certificates chosen; what is no number finds none
	Holder   string        // part of the name, however it is accented or cased
	Expiring int           // those that stand and lapse within so many days
	Run      string        // code of the edition, in capitals or not
	State    string        // valid, revoked, replaced or expired
}

// Mine are the actor's own certificates, the latest first.
func (s *Service) Mine(ctx context.Context, actor training.Actor) ([]Listed, error) {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return nil, err
	}
	return s.list(ctx, Filter{}, certificate.PersonID(actor.PersonID))
}

// OfAgency are the certificates that name an agency, the latest first. They are
// for its own staff; an agency that does not exist answers as a foreign one.
func (s *Service) OfAgency(ctx context.Context, actor training.Actor, slug string, f Filter) ([]Listed, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, f, certificate.AgencyID(id))
}

// managed is the id of an agency, if the actor manages it.
func (s *Service) managed(ctx context.Context, actor training.Actor, slug string) (int, error) {
	const noAgency = -1
	id, err := s.db.Ent.Agency.Query().Where(agency.Slug(slug)).OnlyID(ctx)
	missing := ent.IsNotFound(err)
	if err != nil && !missing {
		return 0, fmt.Errorf("find agency %s: %w", slug, err)
	}
	if missing {
		id = noAgency
	}
	if err := training.Can(actor, training.ActManageAgency, training.Subject{AgencyID: id}); err != nil {
		return 0, err
	}
	if missing {
		return 0, training.NotFound()
	}
	return id, nil
}

type listRow struct {
	*ent.Certificate
	facts Facts
}

// together is how many certificates are read from the database at once, so that a
// list of any length needs the memory of a short one.
const together = 100

func (s *Service) list(ctx context.Context, f Filter, whose predicate.Certificate) ([]Listed, error) {
	ids, err := s.chosen(ctx, f, whose)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(ids))
	err = s.inParts(ctx, ids, func(rows []listRow) error {
		part, err := s.listed(ctx, rows)
		list = append(list, part...)
		return err
	})
	return list, err
}

// chosen are the ids of the certificates that a filter leaves, the latest first.
func (s *Service) chosen(ctx context.Context, f Filter, whose ...predicate.Certificate) ([]int, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	query := s.db.Ent.Certificate.Query().Where(append(f.narrow(now), whose...)...).
		Order(ent.Desc(certificate.FieldIssuedAt, certificate.FieldID))
	if f.toldByDatabase() {
		ids, err := query.IDs(ctx)
		if err != nil {
			return nil, fmt.Errorf("list certificates: %w", err)
		}
		return ids, nil
	}
	rows, err := query.Select(certificate.FieldID, certificate.FieldIssuedAt, certificate.FieldHolder, certificate.FieldRunID).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(c *ent.Certificate) bool { return !called(c.Holder, f.Holder) })
	zones, err := s.zonesOf(ctx, f, rows)
	if err != nil {
		return nil, err
	}
	ids := make([]int, 0, len(rows))
	for _, c := range rows {
		if f.holds(Facts{TimeZone: zones[c.RunID]}.dayOfIssue(c.IssuedAt)) {
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

// zonesOf are the time zones of runs by id, where the filter has days that need them.
// They are read part by part: a statement takes only so many values.
func (s *Service) zonesOf(ctx context.Context, f Filter, rows []*ent.Certificate) (map[int]string, error) {
	zones := map[int]string{}
	if f.From.IsZero() && f.To.IsZero() {
		return zones, nil
	}
	for _, c := range rows {
		zones[c.RunID] = ""
	}
	for part := range slices.Chunk(slices.Collect(maps.Keys(zones)), together) {
		runs, err := s.db.Ent.Run.Query().Where(run.IDIn(part...)).Select(run.FieldTimeZone).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the time zones of runs: %w", err)
		}
		for _, r := range runs {
			zones[r.ID] = r.TimeZone
		}
	}
	return zones, nil
}

// toldByDatabase reports whether narrow is all of a filter.
func (f Filter) toldByDatabase() bool {
	return f.Holder == "" && f.From.IsZero() && f.To.IsZero()
}

// narrow is what the database can tell of a filter.
func (f Filter) narrow(now time.Time) []predicate.Certificate {
	var where []predicate.Certificate
	if f.Course != "" {
		where = append(where, certificate.HasRunWith(run.HasCourseWith(course.Or(course.Slug(f.Course), course.ImportID(f.Course)))))
	}
	if len(f.Numbers) > 0 {
		chosen := []string{}
		for _, typed := range f.Numbers {
			if canonical, ok := number.Parse(typed); ok {
				chosen = append(chosen, canonical)
			}
		}
		where = append(where, certificate.NumberIn(chosen...))
	}
	// The database narrows to a day more on either side, because the days are
	// those of each run's own time zone.
	if !f.From.IsZero() {
		where = append(where, certificate.IssuedAtGTE(f.From.AddDays(-1).In(time.UTC)))
	}
	if !f.To.IsZero() {
		where = append(where, certificate.IssuedAtLT(f.To.AddDays(2).In(time.UTC)))
	}
	if f.Expiring > 0 {
		where = append(where, certificate.RevokedAtIsNil(), certificate.ReplacedBy(""),
			certificate.ExpiresAtGT(now), certificate.ExpiresAtLTE(now.AddDate(0, 0, f.Expiring)))
	}
	if f.Run != "" {
		where = append(where, certificate.HasRunWith(run.CodeEqualFold(f.Run)))
	}
	return append(where, inState(f.State, now)...)
}

// inParts reads certificates part by part, in the order of the ids.
func (s *Service) inParts(ctx context.Context, ids []int, visit func([]listRow) error) error {
	for part := range slices.Chunk(ids, together) {
		found, err := s.db.Ent.Certificate.Query().Where(certificate.IDIn(part...)).
			WithRun(func(q *ent.RunQuery) { q.WithCourse() }).All(ctx)
		if err != nil {
			return fmt.Errorf("read certificates: %w", err)
		}
		byID := make(map[int]listRow, len(found))
		for _, c := range found {
			facts, err := readFacts(c)
			if err != nil {
				return err
			}
			byID[c.ID] = listRow{c, facts}
		}
		rows := make([]listRow, 0, len(part))
		for _, id := range part {
			rows = append(rows, byID[id])
		}
		if err := visit(rows); err != nil {
			return err
		}
	}
	return nil
}

func (f Filter) holds(day training.Date) bool {
	return (f.From.IsZero() || !day.Before(f.From)) && (f.To.IsZero() || !f.To.Before(day))
}

func (s *Service) listed(ctx context.Context, rows []listRow) ([]Listed, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(rows))
	for _, row := range rows {
		titles := row.facts.Titles
		titles.CourseID = row.Edges.Run.CourseID
		one := Listed{
			Number: row.Number, Holder: row.Holder, Titles: titles,
			CourseSlug: row.Edges.Run.Edges.Course.Slug, RunCode: row.facts.Run, Language: row.Language,
			IssuedAt: store.Instant(row.IssuedAt), ExpiresAt: instant(row.ExpiresAt), State: stateOf(row.Certificate, now),
			IssuedOn: row.facts.dayOfIssue(row.IssuedAt),
		}
		one.Starts, one.Ends = row.facts.dates()
		if row.ExpiresAt != nil {
			one.ValidUntil = row.facts.dayOfIssue(*row.ExpiresAt)
		}
		list = append(list, one)
	}
	return list, nil
}
