package enrolment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/training"
)

// Enrolment is one person's place in one run, as the person, the agency and the
// instructor see it.
type Enrolment struct {
	Ref        string
	Status     training.Status
	Standing   training.Place // on the waiting list; zero: not waiting
	Skipped    bool           // waiting, but the person's state is suspended
	SeatFree   bool           // waiting, and a seat is free that the person may accept now
	Run        string
	CourseSlug string
	Titles     training.Titles // of the course
	Starts     training.Date
	Ends       training.Date
	TimeZone   string
	Place      string
	Country    string // of the run
	Language   string
	HalfDays   []training.HalfDay
	PersonID   int
	PersonName string
	AgencySlug string // confirmed when enrolling; empty: none
	AgencyName string
	State      string // confirmed service country when enrolling
	Quota      string // country of the seat's pool; empty: the open pool
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Deadline   time.Time // of an offer or approval; zero: none
	// WithdrawUntil is until when people withdraw from a seat by themselves; zero:
	// until the run is closed.
	WithdrawUntil time.Time
	Now           time.Time // the database's clock when this was read
}

// MayWithdraw reports whether the person may still withdraw.
func (e Enrolment) MayWithdraw() bool {
	return e.Status.MayBecome(training.Cancelled) && training.MayWithdraw(e.Status, e.WithdrawUntil, e.Now)
}

// MayAccept reports whether there is a seat that the person may accept now.
func (e Enrolment) MayAccept() bool {
	return e.Status == training.Offered && e.Now.Before(e.Deadline) || e.SeatFree
}

// Get gives one enrolment to the person, an officer of its agency, the run's
// instructor or an administrator.
func (s *Service) Get(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActViewEnrolment)
	return s.describe(ctx, row, err)
}

// load finds an enrolment and asks whether the actor may do it. A missing one
// answers as one that is not the actor's.
func (s *Service) load(ctx context.Context, actor training.Actor, ref string, action training.Action) (*ent.Enrolment, error) {
	row, err := s.whole(s.db.Ent.Enrolment.Query().Where(enrolment.Ref(ref))).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("load the enrolment: %w", err)
	}
	subject := training.Subject{PersonID: -1, AgencyID: -1}
	if row != nil {
		if subject, err = s.subject(ctx, actor, row); err != nil {
			return nil, err
		}
	}
	if err := training.Can(actor, action, subject); err != nil {
		return nil, err
	}
	if row == nil {
		return nil, training.NotFound()
	}
	return row, nil
}

func (s *Service) whole(q *ent.EnrolmentQuery) *ent.EnrolmentQuery {
	return q.WithPerson().WithAgency().WithPool().WithRun(func(q *ent.RunQuery) { q.WithCourse() })
}

func (s *Service) subject(ctx context.Context, actor training.Actor, row *ent.Enrolment) (training.Subject, error) {
	subject := training.Subject{PersonID: row.PersonID}
	if row.AgencyID != nil {
		subject.AgencyID = *row.AgencyID
	}
	if actor.Role != training.RoleInstructor {
		return subject, nil
	}
	teaches, err := s.db.Ent.Run.Query().
		Where(run.ID(row.RunID), run.HasInstructorsWith(person.ID(actor.PersonID))).Exist(ctx)
	if err != nil {
		return subject, fmt.Errorf("ask who teaches: %w", err)
	}
	subject.Instructs = teaches
	return subject, nil
}

func (s *Service) describe(ctx context.Context, row *ent.Enrolment, err error) (Enrolment, error) {
	if err != nil {
		return Enrolment{}, err
	}
	if row.Edges.Run == nil {
		if row, err = s.whole(s.db.Ent.Enrolment.Query().Where(enrolment.ID(row.ID))).Only(ctx); err != nil {
			return Enrolment{}, fmt.Errorf("load the enrolment: %w", err)
		}
	}
	list, err := s.describeAll(ctx, []*ent.Enrolment{row})
	if err != nil {
		return Enrolment{}, err
	}
	return list[0], nil
}

func (s *Service) describeAll(ctx context.Context, rows []*ent.Enrolment) ([]Enrolment, error) {
	var courses []int
	for _, row := range rows {
		courses = append(courses, row.Edges.Run.CourseID)
	}
	slices.Sort(courses)
	titles, err := s.titles(ctx, slices.Compact(courses))
	if err != nil {
		return nil, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	lists, err := s.listsOf(ctx, rows, now)
	if err != nil {
		return nil, err
	}
	list := make([]Enrolment, len(rows))
	for i, row := range rows {
		list[i] = describe(row, titles[row.Edges.Run.CourseID])
		list[i].Now = now
		if row.Status == training.Waiting {
			lists[row.RunID].stand(&list[i], row)
		}
	}
	return list, nil
}

// waitingList is a run's list with what decides about it.
type waitingList struct {
	pools   []training.Pool
	waiting []training.Waiter
	mode    training.ListMode
}

// listsOf reads the waiting lists of the runs in which any of these wait.
func (s *Service) listsOf(ctx context.Context, rows []*ent.Enrolment, now time.Time) (map[int]waitingList, error) {
	runs := map[int]*ent.Run{}
	for _, row := range rows {
		if row.Status == training.Waiting {
			runs[row.RunID] = row.Edges.Run
		}
	}
	if len(runs) == 0 {
		return nil, nil
	}
	ids := slices.Collect(maps.Keys(runs))
	waiting, err := waitersIn(ctx, s.db.Ent, now, ids)
	if err != nil {
		return nil, err
	}
	pools, err := s.db.Ent.SeatPool.Query().Where(seatpool.RunIDIn(ids...)).Order(ent.Asc(seatpool.FieldCountry)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the pools: %w", err)
	}
	byRun := map[int][]*ent.SeatPool{}
	for _, p := range pools {
		byRun[p.RunID] = append(byRun[p.RunID], p)
	}
	lists := map[int]waitingList{}
	for id, row := range runs {
		starts, err := startOf(row)
		if err != nil {
			return nil, err
		}
		lists[id] = waitingList{poolsFrom(byRun[id]), waiting[id], training.ListModeAt(now, starts)}
	}
	return lists, nil
}

// stand tells where somebody who waits stands.
func (l waitingList) stand(e *Enrolment, row *ent.Enrolment) {
	e.Standing = training.PlaceOf(row.ID, l.pools, l.waiting)
	for _, w := range l.waiting {
		if w.ID != row.ID {
			continue
		}
		e.Skipped = w.Skipped
		for _, p := range l.pools {
			e.SeatFree = e.SeatFree || l.mode == training.ByFirstAnswer && w.May(p) && p.Told > 0 && p.Taken < p.Size
		}
	}
}

func describe(row *ent.Enrolment, titles training.Titles) Enrolment {
	r := row.Edges.Run
	starts, _ := training.ParseDate(r.Starts) // written by us, checked on the way in
	ends, _ := training.ParseDate(r.Ends)
	e := Enrolment{Ref: row.Ref, Status: row.Status, Run: r.Code, CourseSlug: r.Edges.Course.Slug, Titles: titles,
		Starts: starts, Ends: ends, TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Language: r.Language,
		HalfDays: r.HalfDays, PersonID: row.PersonID, PersonName: row.Edges.Person.Name, State: row.Country,
		CreatedAt: row.CreatedAt.UTC(), UpdatedAt: row.UpdatedAt.UTC(), Deadline: deref(row.DeadlineAt),
		WithdrawUntil: deref(r.WithdrawUntil)}
	if a := row.Edges.Agency; a != nil {
		e.AgencySlug, e.AgencyName = a.Slug, a.Name
	}
	if p := row.Edges.Pool; p != nil {
		e.Quota = p.Country
	}
	return e
}

// Mine lists the actor's own enrolments, the next run first.
func (s *Service) Mine(ctx context.Context, actor training.Actor) ([]Enrolment, error) {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return nil, err
	}
	rows, err := s.whole(s.db.Ent.Enrolment.Query().Where(enrolment.PersonID(actor.PersonID))).
		Order(ent.Desc(enrolment.FieldCreatedAt)).Limit(500).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load own enrolments: %w", err)
	}
	list, err := s.describeAll(ctx, rows)
	slices.SortStableFunc(list, func(a, b Enrolment) int { return a.Starts.In(time.UTC).Compare(b.Starts.In(time.UTC)) })
	return list, err
}

// Filter narrows a list of enrolments; empty fields do not.
type Filter struct {
	Status training.Status
	Run    string
}

// OfAgency lists the enrolments that name the agency, newest first, to its
// officers. An agency that is missing answers as one that is not the actor's.
func (s *Service) OfAgency(ctx context.Context, actor training.Actor, slug string, f Filter) ([]Enrolment, error) {
	id, err := s.db.Ent.Agency.Query().Where(agency.Slug(slug)).OnlyID(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("find the agency: %w", err)
	}
	missing := ent.IsNotFound(err)
	if missing {
		id = -1
	}
	if err := training.Can(actor, training.ActManageAgency, training.Subject{AgencyID: id}); err != nil {
		return nil, err
	}
	if missing {
		return nil, training.NotFound()
	}
	return s.listed(ctx, f, enrolment.AgencyID(id))
}

// listed gives the enrolments of which all that holds, narrowed by f, newest first.
func (s *Service) listed(ctx context.Context, f Filter, where ...predicate.Enrolment) ([]Enrolment, error) {
	if f.Status != "" {
		where = append(where, enrolment.StatusEQ(f.Status))
	}
	if f.Run != "" {
		where = append(where, enrolment.HasRunWith(run.Code(f.Run)))
	}
	rows, err := s.whole(s.db.Ent.Enrolment.Query().Where(where...)).
		Order(ent.Desc(enrolment.FieldCreatedAt, enrolment.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list enrolments: %w", err)
	}
	return s.describeAll(ctx, rows)
}
