package enrolment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Enrolment is one person's place in one run, as the person, the agency and the
// instructor see it.
type Enrolment struct {
	Ref        string
	Status     training.Status
	Position   int // on the waiting list, from 1; 0: not waiting
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
}

// MayWithdraw reports whether the person may still withdraw.
func (e Enrolment) MayWithdraw() bool { return e.Status.MayBecome(training.Cancelled) }

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
	list := make([]Enrolment, len(rows))
	for i, row := range rows {
		list[i] = describe(row, titles[row.Edges.Run.CourseID])
	}
	return list, nil
}

func describe(row *ent.Enrolment, titles training.Titles) Enrolment {
	r := row.Edges.Run
	starts, _ := training.ParseDate(r.Starts) // written by us, checked on the way in
	ends, _ := training.ParseDate(r.Ends)
	e := Enrolment{Ref: row.Ref, Status: row.Status, Run: r.Code, CourseSlug: r.Edges.Course.Slug, Titles: titles,
		Starts: starts, Ends: ends, TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Language: r.Language,
		HalfDays: r.HalfDays, PersonID: row.PersonID, PersonName: row.Edges.Person.Name, State: row.Country,
		CreatedAt: row.CreatedAt.UTC(), UpdatedAt: row.UpdatedAt.UTC(), Deadline: deref(row.DeadlineAt)}
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
	where := []predicate.Enrolment{enrolment.AgencyID(id)}
	if f.Status != "" {
		where = append(where, enrolment.StatusEQ(f.Status))
	}
	if f.Run != "" {
		where = append(where, enrolment.HasRunWith(run.Code(f.Run)))
	}
	rows, err := s.whole(s.db.Ent.Enrolment.Query().Where(where...)).
		Order(ent.Desc(enrolment.FieldCreatedAt, enrolment.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the agency's enrolments: %w", err)
	}
	return s.describeAll(ctx, rows)
}

// change is a step of an enrolment along the table of transitions.
type change struct {
	action training.Action
	from   func(training.Actor, *ent.Enrolment) []training.Status // allowed for this actor
	to     training.Status
	reason string
}

// Cancel ends an enrolment and frees its seat: the person, an officer of the
// enrolment's agency, the run's instructor.
func (s *Service) Cancel(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	return s.step(ctx, actor, ref, change{training.ActCancel, anyFrom(training.Cancelled), training.Cancelled, "event.cancelled"})
}

// Accept takes an offered seat: that person alone.
func (s *Service) Accept(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	return s.step(ctx, actor, ref, change{training.ActAccept, only(training.Offered), training.Confirmed, "event.accepted"})
}

// Approve confirms a pending enrolment: an officer of its agency.
func (s *Service) Approve(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	return s.step(ctx, actor, ref, change{training.ActApprove, only(training.Pending), training.Confirmed, "event.approved"})
}

// Decline refuses an offer (the person) or a pending enrolment (an officer).
func (s *Service) Decline(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	from := func(a training.Actor, row *ent.Enrolment) []training.Status {
		var allowed []training.Status
		if a.PersonID == row.PersonID || a.Role == training.RoleAdmin {
			allowed = append(allowed, training.Offered)
		}
		if a.Role == training.RoleAdmin || a.Role == training.RoleAgency && row.AgencyID != nil && *row.AgencyID == a.AgencyID {
			allowed = append(allowed, training.Pending)
		}
		return allowed
	}
	return s.step(ctx, actor, ref, change{training.ActDecline, from, training.Declined, "event.declined"})
}

func only(s training.Status) func(training.Actor, *ent.Enrolment) []training.Status {
	return func(training.Actor, *ent.Enrolment) []training.Status { return []training.Status{s} }
}

func anyFrom(to training.Status) func(training.Actor, *ent.Enrolment) []training.Status {
	return func(training.Actor, *ent.Enrolment) []training.Status { return training.From(to) }
}

func (s *Service) step(ctx context.Context, actor training.Actor, ref string, c change) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, c.action)
	if err != nil {
		return Enrolment{}, err
	}
	if !slices.Contains(c.from(actor, row), row.Status) {
		return Enrolment{}, statusConflict(row.Status)
	}
	var after hold.Figures
	err = s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := move(ctx, tx, row, c.to); err != nil {
			return err
		}
		if err := record(ctx, tx, row.ID, row.Status, c.to, c.reason, actor.PersonID); err != nil {
			return err
		}
		if err := outbox.Put(ctx, tx, outbox.Job{Kind: MailJob, Key: fmt.Sprintf("%s:%s:%d", mailOf(c.to), ref, tx.Now.UnixMicro()),
			Payload: MailPayload{Enrolment: ref, Name: mailOf(c.to)}}); err != nil {
			return err
		}
		after, err = figuresIn(ctx, tx, row.RunID)
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	s.untold(ctx, row.Edges.Run.Code, s.holds.Learn(ctx, after))
	s.gone.clear()
	return s.Get(ctx, actor, ref)
}

func statusConflict(status training.Status) error {
	return training.NewFault(training.KindConflict, "fault.status", training.Args{"status": status})
}

// move changes the status by a conditional update and gives the seat back where
// the new status takes none.
func move(ctx context.Context, tx *store.Tx, row *ent.Enrolment, to training.Status) error {
	frees := row.Status.TakesSeat() && !to.TakesSeat() && row.Edges.Pool != nil
	if frees {
		if err := giveBack(ctx, tx, row.Edges.Pool); err != nil {
			return err
		}
		if err := raiseSeatVersion(ctx, tx, row.RunID); err != nil {
			return err
		}
	}
	update := tx.Enrolment.Update().Where(enrolment.ID(row.ID), enrolment.StatusEQ(row.Status)).
		SetStatus(to).SetUpdatedAt(tx.Now)
	if frees {
		update.ClearPoolID()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("change the status: %w", err)
	}
	if n == 0 {
		return training.NewFault(training.KindConflict, "", nil)
	}
	return nil
}
