// Package enrolment owns the way from a hold to a place in a run: seats taken
// and given back, confirmation, withdrawal. It decides nothing by itself: rules
// are those of training, who may try is hold's, who has a seat is the
// database's. It does not own courses, presence or results.
package enrolment

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// Options are what an installation sets.
type Options struct {
	MailOut   bool // mails leave the house, so addresses have to be confirmed
	Deadlines training.Deadlines
}

// Service enrols people.
type Service struct {
	db      *store.DB
	holds   *hold.Keeper
	options Options
	gone    soldOut
	away    awaySince

	forHold, toConfirm *arrivals
	placings           *placings
	newFigures         *together.Asker[int, hold.Figures]
}

// New makes the service.
func New(db *store.DB, holds *hold.Keeper, options Options) *Service {
	if options.Deadlines == (training.Deadlines{}) {
		options.Deadlines = training.DefaultDeadlines()
	}
	s := &Service{db: db, holds: holds, options: options}
	s.forHold, s.toConfirm = s.newArrivals(holdQuery), s.newArrivals(confirmQuery)
	s.placings, s.newFigures = s.newPlacings(), together.New(s.figuresOf)
	return s
}

// candidate is a person as enrolling sees it.
type candidate struct {
	row       *ent.Person
	country   string // confirmed
	agency    *int   // confirmed
	suspended bool   // the country is a member state that is suspended
}

func (s *Service) candidate(ctx context.Context, personID int, now time.Time) (candidate, error) {
	row, err := s.db.Ent.Person.Query().Where(person.ID(personID), person.DisabledAtIsNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return candidate{}, &training.Fault{Kind: training.KindUnauthenticated}
	}
	if err != nil {
		return candidate{}, fmt.Errorf("load the person: %w", err)
	}
	c := candidate{row: row}
	if row.AffiliationConfirmedAt != nil {
		c.country, c.agency = row.Country, row.AgencyID
	}
	if c.country != "" {
		suspended, err := store.SuspendedStates(ctx, s.db.Ent, now, c.country)
		if err != nil {
			return candidate{}, err
		}
		c.suspended = suspended[c.country]
	}
	return c, nil
}

// runState is a run with its pools as the database has them at one instant.
type runState struct {
	row   *ent.Run
	pools []training.Pool // the open pool first, then by country
	now   time.Time       // the database's clock
}

func (s *Service) loadRun(ctx context.Context, code string) (runState, error) {
	return s.loadRunWhere(ctx, run.Code(code))
}

func (s *Service) loadRunByID(ctx context.Context, id int) (runState, error) {
	return s.loadRunWhere(ctx, run.ID(id))
}

func (s *Service) loadRunWhere(ctx context.Context, which predicate.Run) (runState, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return runState{}, err
	}
	row, err := s.db.Ent.Run.Query().Where(which).WithPools(inOrder).Only(ctx)
	if ent.IsNotFound(err) {
		return runState{}, training.NotFound()
	}
	if err != nil {
		return runState{}, fmt.Errorf("load the run: %w", err)
	}
	return runState{row: row, pools: poolsOf(row), now: now}, nil
}

func inOrder(q *ent.SeatPoolQuery) { q.Order(ent.Asc(seatpool.FieldCountry)) }

func poolsOf(row *ent.Run) []training.Pool { return poolsFrom(row.Edges.Pools) }

func poolsFrom(rows []*ent.SeatPool) []training.Pool {
	pools := make([]training.Pool, len(rows))
	for i, p := range rows {
		pools[i] = training.Pool{ID: p.ID, Country: p.Country, Size: p.Size, Taken: p.Taken, Waiting: p.Waiting, Told: p.Told,
			ReleasesAt: deref(p.ReleasesAt), ReleasedAt: deref(p.ReleasedAt), Suspended: p.SuspendedAt != nil}
	}
	return pools
}

// startOf is the first instant of the run's first day.
func startOf(row *ent.Run) (time.Time, error) {
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("time zone of run %s: %w", row.Code, err)
	}
	day, err := training.ParseDate(row.Starts)
	if err != nil {
		return time.Time{}, fmt.Errorf("run %s: %w", row.Code, err)
	}
	return day.In(zone), nil
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func (r runState) window() training.Window {
	opens := deref(r.row.OpensAt)
	if r.now.Before(opens) { // who comes too early is told when, as clocks show it there
		opens = inZoneOf(r.row, opens)
	}
	return training.Window{Opens: opens, Closes: r.row.ClosesAt.UTC(),
		Closed: r.row.ClosedAt != nil || r.row.CancelledAt != nil}
}

func (r runState) figures() hold.Figures {
	return hold.Figures{RunID: r.row.ID, Version: r.row.SeatVersion, Pools: r.pools, Closes: r.row.ClosesAt}
}

// mayEnrol asks everything about the person and the run but whether there is a
// seat.
func (s *Service) mayEnrol(ctx context.Context, r runState, c candidate) error {
	if err := r.window().Check(r.now); err != nil {
		return err
	}
	return s.mayHaveSeat(ctx, r, c)
}

// mayHaveSeat asks everything about the person alone.
func (s *Service) mayHaveSeat(ctx context.Context, r runState, c candidate) error {
	if c.suspended {
		return training.NewFault(training.KindNotEligible, "fault.not_eligible_suspended", training.Args{"country": c.country})
	}
	if err := training.MayHold(c.row.EmailConfirmedAt != nil, s.options.MailOut, c.row.Name); err != nil {
		return err
	}
	passed, err := s.passed(ctx, r, c)
	if err != nil {
		return err
	}
	return r.row.Conditions.Eligible(training.Candidate{Profession: c.row.Profession, Country: c.country,
		LanguageLevel: c.row.LanguageLevel, Passed: passed})
}

// passed lists the codes of the courses that the person holds a standing
// certificate of, where the run asks for any.
func (s *Service) passed(ctx context.Context, r runState, c candidate) ([]string, error) {
	if len(r.row.Conditions.Prerequisites) == 0 {
		return nil, nil
	}
	codes, err := s.db.Ent.Certificate.Query().
		Where(certificate.PersonID(c.row.ID), certificate.RevokedAtIsNil(), certificate.ReplacedBy(""),
			certificate.Or(certificate.ExpiresAtIsNil(), certificate.ExpiresAtGT(r.row.ClosesAt))).
		QueryRun().QueryCourse().Where(course.CodeNotNil()).Select(course.FieldCode).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the courses passed: %w", err)
	}
	return codes, nil
}

// titles gives the titles of courses as people wrote them: mails are sent with
// them, and no mail names a course in a machine's words.
func (s *Service) titles(ctx context.Context, courseIDs []int) (map[int]training.Titles, error) {
	rows, err := s.db.Ent.CourseText.Query().
		Where(coursetext.CourseIDIn(courseIDs...), coursetext.Kind("title"), coursetext.OriginNEQ("machine"), coursetext.TextNEQ("")).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load titles: %w", err)
	}
	titles := make(map[int]training.Titles, len(courseIDs))
	for _, id := range courseIDs {
		titles[id] = training.Titles{CourseID: id, Text: map[string]string{}}
	}
	for _, row := range rows {
		t := titles[row.CourseID]
		t.Text[row.Language] = row.Text
		if row.Origin == "original" {
			t.Original = row.Language
		}
		titles[row.CourseID] = t
	}
	return titles, nil
}
