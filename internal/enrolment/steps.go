package enrolment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// reason is why a status changed, as the person can read it.
type reason struct {
	key  string
	args training.Args
}

func because(key string, args training.Args) reason { return reason{key, args} }

// change moves an enrolment along the table of transitions by a conditional
// update and writes why; actorID 0: the program, by a rule. What a status does
// not have, a seat or a deadline, goes.
func change(ctx context.Context, tx *store.Tx, row *ent.Enrolment, to training.Status, why reason, actorID int,
	with func(*ent.EnrolmentUpdate), where ...predicate.Enrolment) error {
	update := tx.Enrolment.Update().Where(enrolment.ID(row.ID), enrolment.StatusEQ(row.Status)).Where(where...).
		SetStatus(to).SetUpdatedAt(tx.Now)
	if with != nil {
		with(update)
	}
	if _, set := update.Mutation().DeadlineAt(); !set {
		update.ClearDeadlineAt()
	}
	if !to.TakesSeat() {
		update.ClearPoolID()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("change the status: %w", err)
	}
	if n == 0 || !row.Status.MayBecome(to) {
		return training.NewFault(training.KindConflict, "", nil)
	}
	return record(ctx, tx, row.ID, row.Status, to, why, actorID)
}

func record(ctx context.Context, tx *store.Tx, enrolmentID int, from, to training.Status, why reason, actorID int) error {
	create := tx.EnrolmentEvent.Create().SetEnrolmentID(enrolmentID).SetFromStatus(string(from)).SetToStatus(string(to)).
		SetReason(why.key).SetAt(tx.Now)
	if len(why.args) > 0 {
		create.SetArgs(why.args)
	}
	if actorID != 0 {
		create.SetActorID(actorID)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	return nil
}

func statusConflict(status training.Status) error {
	return training.NewFault(training.KindConflict, "fault.status", training.Args{"status": status})
}

// end is a step after which an enrolment stands no more; its seat goes on to the
// next at once.
func (s *Service) end(ctx context.Context, row *ent.Enrolment, to training.Status, why reason, mail string, actorID int,
	where ...predicate.Enrolment) error {
	return s.inRun(ctx, row.RunID, nil, func(l *locked) error {
		if err := change(ctx, l.tx, row, to, why, actorID, nil, where...); err != nil {
			return err
		}
		l.leave(row.ID)
		if row.Status.TakesSeat() {
			if err := l.free(*row.PoolID); err != nil {
				return err
			}
		}
		return putMail(ctx, l.tx, row.Ref, mail)
	})
}

// Cancel ends an enrolment and frees its seat: the person (from a seat until the
// day that the run has set), an officer of the enrolment's agency, the run's
// instructor.
func (s *Service) Cancel(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActCancel)
	if err != nil {
		return Enrolment{}, err
	}
	if !row.Status.MayBecome(training.Cancelled) {
		return Enrolment{}, statusConflict(row.Status)
	}
	why := because("event.cancelled", nil)
	if actor.PersonID == row.PersonID {
		now, err := s.db.Now(ctx)
		if err != nil {
			return Enrolment{}, err
		}
		if until := deref(row.Edges.Run.WithdrawUntil); !training.MayWithdraw(row.Status, until, now) {
			return Enrolment{}, training.NewFault(training.KindConflict, "fault.withdraw_over", training.Args{"at": training.ToldDeadline(until, row.Edges.Run.TimeZone)})
		}
		why = because("event.withdrawn", nil)
	}
	mail := "enrolment_cancelled"
	if row.Status == training.Waiting {
		mail = "left_list"
	}
	if err := s.end(ctx, row, training.Cancelled, why, mail, actor.PersonID); err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// Decline refuses an offer (the person) or a pending enrolment (an officer).
func (s *Service) Decline(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActDecline)
	if err != nil {
		return Enrolment{}, err
	}
	admin := actor.Role == training.RoleAdmin
	officer := actor.Role == training.RoleAgency && row.AgencyID != nil && *row.AgencyID == actor.AgencyID
	switch {
	case row.Status == training.Offered && (admin || actor.PersonID == row.PersonID):
		err = s.end(ctx, row, training.Declined, because("event.offer_declined", nil), "offer_declined", actor.PersonID)
	case row.Status == training.Pending && (admin || officer):
		err = s.end(ctx, row, training.Declined, because("event.declined", nil), "enrolment_declined", actor.PersonID)
	default:
		err = statusConflict(row.Status)
	}
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// Approve confirms a pending enrolment: an officer of its agency.
func (s *Service) Approve(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActApprove)
	if err != nil {
		return Enrolment{}, err
	}
	if row.Status != training.Pending {
		return Enrolment{}, statusConflict(row.Status)
	}
	err = s.keepSeat(ctx, row, training.Confirmed, because("event.approved", nil), actor.PersonID, "fault.approval_lapsed")
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// Accept takes an offered seat, that person alone; in the last days before the
// start, a seat that is free to the first of those who wait.
func (s *Service) Accept(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActAccept)
	if err != nil {
		return Enrolment{}, err
	}
	starts, err := startOf(row.Edges.Run)
	if err != nil {
		return Enrolment{}, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return Enrolment{}, err
	}
	approved := afterSeat(row.Edges.Run, row.AgencyID)
	switch {
	case row.Status == training.Offered:
		err = s.keepSeat(ctx, row, approved, because("event.accepted", nil), actor.PersonID, "fault.offer_lapsed")
	case row.Status == training.Waiting && training.ListModeAt(now, starts) == training.ByFirstAnswer:
		err = s.takeWaiting(ctx, row, training.ByFirstAnswer, approved, because("event.accepted_free", nil), actor.PersonID)
	default:
		err = statusConflict(row.Status)
	}
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// afterSeat is what somebody becomes who takes a seat: an agency may have to
// approve first.
func afterSeat(r *ent.Run, agency *int) training.Status {
	if r.Approval && agency != nil {
		return training.Pending
	}
	return training.Confirmed
}

// keepSeat changes the status of somebody who keeps the seat, while the deadline
// has not come.
func (s *Service) keepSeat(ctx context.Context, row *ent.Enrolment, to training.Status, why reason, actorID int, late string) error {
	starts, err := startOf(row.Edges.Run)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if row.DeadlineAt != nil && !tx.Now.Before(*row.DeadlineAt) {
			return training.NewFault(training.KindConflict, late, nil)
		}
		until := s.options.Deadlines.ApprovalUntil(tx.Now, starts)
		err := change(ctx, tx, row, to, why, actorID, func(u *ent.EnrolmentUpdate) {
			if to == training.Pending {
				u.SetDeadlineAt(until)
			}
		})
		if err != nil {
			return err
		}
		if row.Status == training.Pending {
			return putMail(ctx, tx, row.Ref, "approval_given")
		}
		return putSeatMails(ctx, tx, row.Ref, to, until)
	})
}

// putSeatMails tells the person, and the agency where it has to approve and until
// when.
func putSeatMails(ctx context.Context, tx *store.Tx, ref string, status training.Status, until time.Time) error {
	if status == training.Pending {
		if err := putMailWith(ctx, tx, training.EnrolmentMailJob{Enrolment: ref, Name: approvalAsked, Deadline: until}); err != nil {
			return err
		}
		return putMail(ctx, tx, ref, "enrolment_pending")
	}
	return putMail(ctx, tx, ref, "enrolment_confirmed")
}

// Admit gives somebody who waits a free seat at once, whoever waits before: the
// run's instructor, from the start on.
func (s *Service) Admit(ctx context.Context, actor training.Actor, ref string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActAdmit)
	if err != nil {
		return Enrolment{}, err
	}
	if row.Status != training.Waiting {
		return Enrolment{}, statusConflict(row.Status)
	}
	starts, err := startOf(row.Edges.Run)
	if err != nil {
		return Enrolment{}, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return Enrolment{}, err
	}
	if training.ListModeAt(now, starts) != training.ByInstructor {
		return Enrolment{}, training.NewFault(training.KindConflict, "fault.admit_early", nil)
	}
	err = s.takeWaiting(ctx, row, training.ByInstructor, training.Confirmed, because("event.admitted", nil), actor.PersonID)
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// Replace gives a person's seat to another confirmed member of the same agency,
// named by e-mail address, without the seat ever being free: an officer of that
// agency, until the course begins. It answers with the new person's enrolment.
func (s *Service) Replace(ctx context.Context, actor training.Actor, ref, email string) (Enrolment, error) {
	row, err := s.load(ctx, actor, ref, training.ActReplace)
	if err != nil {
		return Enrolment{}, err
	}
	if row.Status != training.Confirmed && row.Status != training.Pending {
		return Enrolment{}, statusConflict(row.Status)
	}
	r, err := s.loadRunByID(ctx, row.RunID)
	if err != nil {
		return Enrolment{}, err
	}
	starts, err := startOf(r.row)
	if err != nil {
		return Enrolment{}, err
	}
	if !r.now.Before(starts) {
		return Enrolment{}, training.NewFault(training.KindConflict, "fault.replace_late", nil)
	}
	next, err := s.colleague(ctx, row, r, email)
	if err != nil {
		return Enrolment{}, err
	}
	made, err := s.handOver(ctx, actor, row, next)
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, made)
}

// colleague finds another member of the enrolment's agency who may have its
// seat. Who is not one of them is told from nobody.
func (s *Service) colleague(ctx context.Context, row *ent.Enrolment, r runState, email string) (candidate, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if row.AgencyID == nil {
		return candidate{}, statusConflict(row.Status)
	}
	id, err := s.db.Ent.Person.Query().Where(person.Email(email), person.AgencyID(*row.AgencyID),
		person.AffiliationConfirmedAtNotNil(), person.DisabledAtIsNil(), person.IDNEQ(row.PersonID)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return candidate{}, training.InvalidField("email", "invalid.not_a_colleague", nil)
	}
	if err != nil {
		return candidate{}, fmt.Errorf("find the colleague: %w", err)
	}
	next, err := s.candidate(ctx, id, r.now)
	if err != nil {
		return candidate{}, err
	}
	if err := s.mayHaveSeat(ctx, r, next); err != nil {
		return candidate{}, err
	}
	if p := row.Edges.Pool; p != nil && p.Country != "" && p.Country != next.country {
		return candidate{}, training.NewFault(training.KindNotEligible, "fault.not_eligible_country", training.Args{"countries": []string{p.Country}})
	}
	return next, nil
}

// handOver moves the seat from one enrolment to another in one transaction.
func (s *Service) handOver(ctx context.Context, actor training.Actor, row *ent.Enrolment, next candidate) (string, error) {
	var ref string
	err := s.inRun(ctx, row.RunID, nil, func(l *locked) error {
		why := because("event.replaced", nil)
		if err := change(ctx, l.tx, row, training.Cancelled, why, actor.PersonID, nil); err != nil {
			return err
		}
		var err error
		ref, err = l.seatFor(ctx, next, *row.PoolID, actor.PersonID)
		if err != nil {
			return err
		}
		if err := putMail(ctx, l.tx, row.Ref, "enrolment_replaced"); err != nil {
			return err
		}
		return putMail(ctx, l.tx, ref, "enrolment_placed")
	})
	if err != nil {
		return s.alreadyThere(ctx, row.RunID, next.row.ID, "", err)
	}
	return ref, nil
}

// seatFor writes a confirmed enrolment with a seat that is taken already; who
// waits leaves the list by it.
func (l *locked) seatFor(ctx context.Context, c candidate, poolID, actorID int) (string, error) {
	why := because("event.placed", nil)
	rows, err := l.tx.Enrolment.Query().Where(living(l.run.ID, c.row.ID)...).All(ctx)
	if err != nil {
		return "", fmt.Errorf("look for an enrolment: %w", err)
	}
	if len(rows) == 1 && slices.Contains(training.From(training.Confirmed), rows[0].Status) && !rows[0].Status.TakesSeat() {
		l.leave(rows[0].ID)
		return rows[0].Ref, change(ctx, l.tx, rows[0], training.Confirmed, why, actorID, func(u *ent.EnrolmentUpdate) { u.SetPoolID(poolID) })
	}
	if len(rows) > 0 {
		return "", alreadyEnrolled(rows[0].Ref)
	}
	row, err := l.tx.Enrolment.Create().SetRef(newRef()).SetRunID(l.run.ID).SetPersonID(c.row.ID).SetPoolID(poolID).
		SetStatus(training.Confirmed).SetCountry(c.country).SetNillableAgencyID(c.agency).
		SetCreatedAt(l.tx.Now).SetUpdatedAt(l.tx.Now).Save(ctx)
	if err != nil {
		return "", fmt.Errorf("write the enrolment: %w", err)
	}
	return row.Ref, record(ctx, l.tx, row.ID, "", training.Confirmed, why, actorID)
}

// inZoneOf tells an instant in the run's own time zone.
func inZoneOf(r *ent.Run, t time.Time) time.Time {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		return t // the zone was checked on the way in
	}
	return t.In(zone)
}
