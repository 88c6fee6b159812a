package certificate

import (
	"context"
	"fmt"
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
	Language   string     // the holder's at issue
	IssuedAt   time.Time  // UTC
	ExpiresAt  *time.Time // UTC; nil: it does not expire
	State      string     // valid, revoked, replaced or expired
}

// Filter narrows a list; what is empty does not.
type Filter struct {
	Course   string        // slug, or id of the imported catalogue
	From, To training.Date // days of issue in the run's time zone, both included
	Numbers  []string      // of the certificates chosen; what is no number finds none
}

// Mine are the actor's own certificates, the latest first.
func (s *Service) Mine(ctx context.Context, actor training.Actor) ([]Listed, error) {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, Filter{}, certificate.PersonID(actor.PersonID))
	if err != nil {
		return nil, err
	}
	return s.listed(ctx, rows)
}

// OfAgency are the certificates that name an agency, the latest first. They are
// for its own staff; an agency that does not exist answers as a foreign one.
func (s *Service) OfAgency(ctx context.Context, actor training.Actor, slug string, f Filter) ([]Listed, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, f, certificate.AgencyID(id))
	if err != nil {
		return nil, err
	}
	return s.listed(ctx, rows)
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

func (s *Service) rows(ctx context.Context, f Filter, whose predicate.Certificate) ([]listRow, error) {
	query := s.db.Ent.Certificate.Query().Where(whose).
		WithRun(func(q *ent.RunQuery) { q.WithCourse() }).
		Order(ent.Desc(certificate.FieldIssuedAt, certificate.FieldID))
	if f.Course != "" {
		query.Where(certificate.HasRunWith(run.HasCourseWith(course.Or(course.Slug(f.Course), course.ImportID(f.Course)))))
	}
	if len(f.Numbers) > 0 {
		chosen := []string{}
		for _, typed := range f.Numbers {
			if canonical, ok := number.Parse(typed); ok {
				chosen = append(chosen, canonical)
			}
		}
		query.Where(certificate.NumberIn(chosen...))
	}
	// The database narrows to a day more on either side, because the days are
	// those of each run's own time zone.
	if !f.From.IsZero() {
		query.Where(certificate.IssuedAtGTE(f.From.AddDays(-1).In(time.UTC)))
	}
	if !f.To.IsZero() {
		query.Where(certificate.IssuedAtLT(f.To.AddDays(2).In(time.UTC)))
	}
	all, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list certificates: %w", err)
	}
	rows := make([]listRow, 0, len(all))
	for _, c := range all {
		facts, err := readFacts(c)
		if err != nil {
			return nil, err
		}
		if f.holds(facts.dayOfIssue(c.IssuedAt)) {
			rows = append(rows, listRow{c, facts})
		}
	}
	return rows, nil
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
		list = append(list, Listed{
			Number: row.Number, Holder: row.Holder, Titles: row.facts.Titles,
			CourseSlug: row.Edges.Run.Edges.Course.Slug, RunCode: row.facts.Run, Language: row.Language,
			IssuedAt: store.Instant(row.IssuedAt), ExpiresAt: instant(row.ExpiresAt), State: stateOf(row.Certificate, now),
		})
	}
	return list, nil
}
