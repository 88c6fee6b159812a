// Package roster owns what an instructor does with the people of a run: seeing
// them, marking presence, setting results, closing the run. It does not own how
// people came onto the roster, nor the certificates that follow from a closing.
package roster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Service works on rosters.
type Service struct{ db *store.DB }

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db} }

// Run is an edition as its instructor sees it in a list.
type Run struct {
	Code         string
	CourseID     int
	CourseSlug   string
	Titles       training.Titles // of the course
	Starts, Ends training.Date   // days in TimeZone
	TimeZone     string          // IANA name
	Place        string
	Country      string // ISO 3166-1 alpha-2
	Size         int    // seats
	Enrolled     int    // people on the roster
	ClosedAt     time.Time
	CancelledAt  time.Time // both UTC; zero: it is not
}

// Closed reports whether the results are final.
func (r Run) Closed() bool { return !r.ClosedAt.IsZero() }

// Item is one person of a roster. Agency and country are those that the
// enrolment names, not what the person has declared since.
type Item struct {
	Enrolment  string // public identifier
	PersonID   int
	Name       string
	Email      string
	Country    string // empty: not confirmed when enrolling
	AgencyName string // both empty: not confirmed when enrolling
	AgencySlug string
	Status     training.Status
	Presence   map[string]bool // by key of the half day; a missing key: not marked
	Attendance training.Attendance
	// Result is the outcome of a closed run, before that the one the instructor
	// chose; empty: none, it will follow from the attendance.
	Result training.Status
}

// Roster is the people of one run, by name.
type Roster struct {
	Run
	HalfDays  []training.HalfDay // in the run's own order
	Threshold int                // percent of half days that a certificate needs
	Items     []Item
}

const maxRuns = 200

// Runs are the runs that the actor teaches, an administrator's all, the latest
// first; at most 200.
func (s *Service) Runs(ctx context.Context, actor training.Actor) ([]Run, error) {
	if err := training.Can(actor, training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return nil, err
	}
	query := s.db.Ent.Run.Query().WithCourse(withTitles).
		Order(ent.Desc(run.FieldStarts, run.FieldID)).Limit(maxRuns)
	if actor.Role != training.RoleAdmin {
		query.Where(run.HasInstructorsWith(person.ID(actor.PersonID)))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("find runs to teach: %w", err)
	}
	enrolled, err := s.enrolled(ctx, rows)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(rows))
	for _, row := range rows {
		plain, err := plainRun(row, enrolled[row.ID])
		if err != nil {
			return nil, err
		}
		runs = append(runs, plain)
	}
	return runs, nil
}

// withTitles loads the titles that people wrote, which are those of mails and
// certificates: who teaches is to see the course under the same name.
func withTitles(q *ent.CourseQuery) {
	q.WithTexts(func(q *ent.CourseTextQuery) {
		q.Where(coursetext.Kind("title"), coursetext.OriginNEQ("machine"), coursetext.TextNEQ(""))
	})
}

// enrolled counts the people on the rosters of runs.
func (s *Service) enrolled(ctx context.Context, runs []*ent.Run) (map[int]int, error) {
	ids := make([]int, 0, len(runs))
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	var counts []struct {
		RunID int `json:"run_id"`
		Count int `json:"count"`
	}
	err := s.db.Ent.Enrolment.Query().Where(enrolment.RunIDIn(ids...), onRoster()).
		GroupBy(enrolment.FieldRunID).Aggregate(ent.Count()).Scan(ctx, &counts)
	if err != nil {
		return nil, fmt.Errorf("count the people of runs: %w", err)
	}
	enrolled := make(map[int]int, len(counts))
	for _, c := range counts {
		enrolled[c.RunID] = c.Count
	}
	return enrolled, nil
}

func onRoster() predicate.Enrolment {
	var shown []training.Status
	for _, status := range training.Statuses() {
		if status.OnRoster() {
			shown = append(shown, status)
		}
	}
	return enrolment.StatusIn(shown...)
}

// Roster is the people of a run with their presence.
func (s *Service) Roster(ctx context.Context, actor training.Actor, runCode string) (Roster, error) {
	r, err := s.taught(ctx, actor, runCode)
	if err != nil {
		return Roster{}, err
	}
	rows, err := s.db.Ent.Enrolment.Query().Where(enrolment.RunID(r.ID), onRoster()).
		WithPerson().WithAgency().WithPresence().All(ctx)
	if err != nil {
		return Roster{}, fmt.Errorf("read the roster of %s: %w", runCode, err)
	}
	plain, err := plainRun(r, len(rows))
	if err != nil {
		return Roster{}, err
	}
	list := Roster{Run: plain, HalfDays: r.HalfDays, Threshold: r.Threshold, Items: make([]Item, 0, len(rows))}
	for _, row := range rows {
		list.Items = append(list.Items, plainItem(row, r.HalfDays))
	}
	slices.SortFunc(list.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Enrolment, b.Enrolment))
	})
	return list, nil
}

// taught is the run of that code, if the actor may teach it.
func (s *Service) taught(ctx context.Context, actor training.Actor, code string) (*ent.Run, error) {
	if err := training.Can(actor, training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return nil, err // whoever teaches nothing is told so before any run is looked at
	}
	r, err := s.db.Ent.Run.Query().Where(run.Code(code)).WithCourse(withTitles).
		WithInstructors(func(q *ent.PersonQuery) { q.Where(person.ID(actor.PersonID)) }).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, training.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find run %s: %w", code, err)
	}
	subject := training.Subject{Instructs: len(r.Edges.Instructors) > 0}
	if err := training.Can(actor, training.ActTeach, subject); err != nil {
		return nil, err
	}
	return r, nil
}

func plainRun(r *ent.Run, enrolled int) (Run, error) {
	starts, err := training.ParseDate(r.Starts)
	if err != nil {
		return Run{}, fmt.Errorf("run %s: %w", r.Code, err)
	}
	ends, err := training.ParseDate(r.Ends)
	if err != nil {
		return Run{}, fmt.Errorf("run %s: %w", r.Code, err)
	}
	course := r.Edges.Course
	titles := training.Titles{CourseID: r.CourseID, Text: map[string]string{}}
	for _, t := range course.Edges.Texts {
		titles.Text[t.Language] = t.Text
		if t.Origin == "original" {
			titles.Original = t.Language
		}
	}
	return Run{
		Code: r.Code, CourseID: r.CourseID, CourseSlug: course.Slug, Titles: titles, Starts: starts, Ends: ends,
		TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Size: r.Size, Enrolled: enrolled,
		ClosedAt: instant(r.ClosedAt), CancelledAt: instant(r.CancelledAt),
	}, nil
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return store.Instant(*t)
}

func plainItem(e *ent.Enrolment, half []training.HalfDay) Item {
	item := Item{
		Enrolment: e.Ref, PersonID: e.PersonID, Name: e.Edges.Person.Name, Email: e.Edges.Person.Email,
		Country: e.Country, Status: e.Status, Presence: marksOf(e), Result: training.Status(e.Result),
	}
	item.Attendance = training.CountAttendance(half, item.Presence)
	if a := e.Edges.Agency; a != nil {
		item.AgencyName, item.AgencySlug = a.Name, a.Slug
	}
	if e.Status.IsResult() {
		item.Result = e.Status
	}
	return item
}

// marksOf are the marks of one person, by key of the half day.
func marksOf(e *ent.Enrolment) map[string]bool {
	marks := make(map[string]bool, len(e.Edges.Presence))
	for _, mark := range e.Edges.Presence {
		marks[mark.HalfDay] = mark.Present
	}
	return marks
}

func hasHalfDay(half []training.HalfDay, key string) bool {
	return slices.ContainsFunc(half, func(h training.HalfDay) bool { return h.Key == key })
}
