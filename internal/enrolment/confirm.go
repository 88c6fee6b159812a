package enrolment

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Confirm turns a hold into a place; without one (token empty) it first takes a
// hold of its own through the same gate. While Redis is away it goes on from
// the database alone. The same hold again gives the first answer. Faults as of
// Hold, and hold_expired; a forged or foreign hold is not_found, one of another
// run invalid.
func (s *Service) Confirm(ctx context.Context, actor training.Actor, code, token string) (Enrolment, error) {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Enrolment{}, err
	}
	if token == "" && s.gone.refuses(code, actor) {
		return Enrolment{}, &training.Fault{Kind: training.KindSeatGone}
	}
	r, err := s.loadRun(ctx, code)
	if err != nil {
		return Enrolment{}, err
	}
	c, err := s.candidate(ctx, actor)
	if err != nil {
		return Enrolment{}, err
	}
	if token != "" {
		if done, err := s.confirmedBefore(ctx, actor, r.row.ID, token); err != nil || done != nil {
			return s.describe(ctx, done, err)
		}
	}
	e, err := s.gate(ctx, r, c, token)
	if token != "" && (training.IsKind(err, training.KindAlreadyEnrolled) || training.IsKind(err, training.KindHoldExpired)) {
		// Perhaps by this very form, sent twice at once: the other has committed
		// since we looked, and settled the hold.
		if done, wrong := s.confirmedBefore(ctx, actor, r.row.ID, token); wrong != nil || done != nil {
			return s.describe(ctx, done, wrong)
		}
	}
	if err != nil {
		return Enrolment{}, err
	}
	ref, err := s.place(ctx, r, c, e)
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// confirmedBefore finds the enrolment that came of the hold, so that a form
// sent twice takes one seat.
func (s *Service) confirmedBefore(ctx context.Context, actor training.Actor, runID int, token string) (*ent.Enrolment, error) {
	of, err := s.holds.RunOf(token, actor.PersonID)
	if err != nil {
		return nil, err
	}
	if of != runID {
		return nil, training.InvalidField("hold", "invalid.hold_other_run", nil)
	}
	row, err := s.db.Ent.Enrolment.Query().Where(enrolment.Hold(token)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// entry is how a confirmation comes in: through which hold, to which pools. The
// zero hold means that Redis is away and the database decides alone.
type entry struct {
	hold    hold.Hold
	pools   []training.Pool
	unasked bool   // the hold was taken just now, on the person's behalf
	sent    string // the hold that came with the form, of use or not
}

// mark tells the same form when it comes again, even where Redis was away and
// the hold in it of no use; empty: nothing does.
func (e entry) mark() string { return cmp.Or(e.sent, e.hold.Token) }

// gate lets a confirmation in.
func (s *Service) gate(ctx context.Context, r runState, c candidate, token string) (entry, error) {
	if token != "" {
		h, err := s.holds.Keep(ctx, token, r.row.ID, c.row.ID)
		if err == nil {
			return entry{hold: h, pools: onlyPool(r.pools, h.PoolID), sent: token}, nil
		}
		if !training.IsKind(err, training.KindUnavailable) {
			return entry{}, err
		}
	}
	if err := s.mayEnrol(ctx, r, c); err != nil {
		return entry{}, err
	}
	if err := s.notEnrolled(ctx, r.row.ID, c.row.ID); err != nil {
		return entry{}, err
	}
	usable := training.UsablePools(c.country, r.pools)
	h, err := s.holds.Take(ctx, r.figures(), c.row.ID, usable)
	switch {
	case training.IsKind(err, training.KindUnavailable):
		return entry{pools: usable, sent: token}, nil
	case err != nil:
		return entry{}, err
	}
	kept, err := s.holds.Keep(ctx, h.Token, r.row.ID, c.row.ID)
	if training.IsKind(err, training.KindUnavailable) { // it went away in this moment
		return entry{pools: usable, sent: token}, nil
	}
	return entry{hold: kept, pools: onlyPool(r.pools, h.PoolID), unasked: !h.Existing, sent: token}, err
}

func onlyPool(pools []training.Pool, id int) []training.Pool {
	for _, p := range pools {
		if p.ID == id {
			return []training.Pool{p}
		}
	}
	return nil
}

// place commits the seat and tells Redis; it answers with the reference.
func (s *Service) place(ctx context.Context, r runState, c candidate, e entry) (string, error) {
	var ref string
	var after hold.Figures
	// A client that leaves does not undo a confirmation under way, and the
	// transaction ends before the seat stops being kept.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), training.ConfirmLimit)
	defer cancel()
	err := s.db.InTx(limited, func(tx *store.Tx) error {
		var err error
		ref, err = seat(limited, tx, r, c, e)
		if err != nil {
			return err
		}
		after, err = figuresIn(limited, tx, r.row.ID)
		return err
	})
	if err != nil {
		return s.notPlaced(limited, r, c, e, err)
	}
	if e.hold.Token == "" {
		err = s.holds.Learn(limited, after)
	} else {
		err = s.holds.Settle(limited, e.hold, c.row.ID, after)
	}
	s.untold(ctx, r.row.Code, err)
	return ref, nil
}

// untold notes that Redis did not get the new figures. While it is away that is
// nothing to note: it learns them with the next hold.
func (s *Service) untold(ctx context.Context, runCode string, err error) {
	if err != nil && !training.IsKind(err, training.KindUnavailable) {
		slog.WarnContext(ctx, "seat figures not told to Redis", "run", runCode, "error", err)
	}
}

// notPlaced gives the hold its own end back and says what stood in the way. A
// form sent twice at once ends here for the second: it gets the first answer.
func (s *Service) notPlaced(ctx context.Context, r runState, c candidate, e entry, cause error) (string, error) {
	switch {
	case e.unasked:
		_ = s.holds.DropUnasked(ctx, e.hold.Token, c.row.ID) // else it ends by itself
	case e.hold.Token != "":
		s.holds.Unkeep(ctx, e.hold, c.row.ID)
	}
	if store.Broke(cause, "enrolments_hold_key", "enrolments.hold") ||
		store.Broke(cause, "enrolment_one_living", "enrolments.run_id, enrolments.person_id") {
		row, err := s.db.Ent.Enrolment.Query().Where(living(r.row.ID, c.row.ID)...).First(ctx)
		if err != nil {
			return "", fmt.Errorf("find the enrolment in the way: %w", err)
		}
		if row.Hold != nil && *row.Hold == e.mark() {
			return row.Ref, nil
		}
		return "", alreadyEnrolled(row.Ref)
	}
	return "", cause
}

// seat takes a seat of the first pool that has one, by a conditional update,
// together with the enrolment's row.
func seat(ctx context.Context, tx *store.Tx, r runState, c candidate, e entry) (string, error) {
	pool, err := takeSeat(ctx, tx, r.row.ID, e)
	if err != nil {
		return "", err
	}
	if err := raiseSeatVersion(ctx, tx, r.row.ID); err != nil {
		return "", err
	}
	status, reason := training.Confirmed, "event.confirmed"
	if r.row.Approval && c.agency != nil {
		status, reason = training.Pending, "event.pending"
	}
	ref := newRef()
	create := tx.Enrolment.Create().SetRef(ref).SetRunID(r.row.ID).SetPersonID(c.row.ID).SetPoolID(pool).
		SetStatus(status).SetCountry(c.country).SetNillableAgencyID(c.agency).
		SetCreatedAt(tx.Now).SetUpdatedAt(tx.Now)
	if mark := e.mark(); mark != "" {
		create.SetHold(mark)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return "", fmt.Errorf("write the enrolment: %w", err)
	}
	if err := record(ctx, tx, row.ID, "", status, reason, c.row.ID); err != nil {
		return "", err
	}
	return ref, outbox.Put(ctx, tx, outbox.Job{Kind: MailJob, Key: "enrolled:" + ref, Payload: MailPayload{Enrolment: ref, Name: mailOf(status)}})
}

// takeSeat takes a seat of the first pool that has one. A newcomer without a hold
// does not pass those who wait; a hold follows its seat: where its quota was
// released or suspended meanwhile, it is confirmed from the open pool.
func takeSeat(ctx context.Context, tx *store.Tx, runID int, e entry) (int, error) {
	held := e.hold.Token != ""
	for _, p := range e.pools {
		if taken, err := takeFrom(ctx, tx, p.ID, held); err != nil || taken {
			return p.ID, err
		}
	}
	if !held {
		return 0, &training.Fault{Kind: training.KindSeatGone}
	}
	open, err := tx.SeatPool.Query().Where(seatpool.RunID(runID), seatpool.Country(""),
		seatpool.HasRunWith(run.HasPoolsWith(seatpool.ID(e.hold.PoolID), seatpool.CountryNEQ(""),
			seatpool.Or(seatpool.ReleasedAtNotNil(), seatpool.SuspendedAtNotNil())))).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return 0, &training.Fault{Kind: training.KindSeatGone}
	}
	if err != nil {
		return 0, fmt.Errorf("look where the seat of the hold went: %w", err)
	}
	taken, err := takeFrom(ctx, tx, open, true)
	if err == nil && !taken {
		err = &training.Fault{Kind: training.KindSeatGone}
	}
	return open, err
}

func takeFrom(ctx context.Context, tx *store.Tx, poolID int, held bool) (bool, error) {
	where := []predicate.SeatPool{seatpool.ID(poolID), hasFreeSeat}
	if !held {
		where = append(where, seatpool.Waiting(0))
	}
	n, err := tx.SeatPool.Update().Where(where...).AddTaken(1).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("take a seat: %w", err)
	}
	return n == 1, nil
}

// raiseSeatVersion also holds the confirmation to a run that still stands, and
// lets the figures be read in the order of their versions: its row is locked
// until the commit.
func raiseSeatVersion(ctx context.Context, tx *store.Tx, runID int) error {
	n, err := tx.Run.Update().Where(run.ID(runID), run.ClosedAtIsNil(), run.CancelledAtIsNil()).AddSeatVersion(1).Save(ctx)
	if err != nil {
		return fmt.Errorf("raise the seat version: %w", err)
	}
	if n == 0 {
		return training.NewFault(training.KindEnrolmentClosed, "fault.run_closed", nil)
	}
	return nil
}

func figuresIn(ctx context.Context, tx *store.Tx, runID int) (hold.Figures, error) {
	row, err := tx.Run.Query().Where(run.ID(runID)).WithPools(inOrder).Only(ctx)
	if err != nil {
		return hold.Figures{}, fmt.Errorf("read the figures: %w", err)
	}
	return hold.Figures{RunID: runID, Version: row.SeatVersion, Pools: poolsOf(row), Closes: row.ClosesAt}, nil
}

func record(ctx context.Context, tx *store.Tx, enrolmentID int, from, to training.Status, reason string, actorID int) error {
	err := tx.EnrolmentEvent.Create().SetEnrolmentID(enrolmentID).SetFromStatus(string(from)).SetToStatus(string(to)).
		SetReason(reason).SetActorID(actorID).SetAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	return nil
}

// refAlphabet leaves out what is easily misread; a reference is read out on the
// telephone.
const refAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newRef is a public identifier of 12 characters, 59 random bits.
func newRef() string {
	out := make([]byte, 0, 12)
	var buf [32]byte
	for len(out) < cap(out) {
		rand.Read(buf[:]) //nolint:errcheck // never fails: crypto/rand ends the program instead
		for _, b := range buf {
			// 248 is the largest multiple of 31 in a byte: no letter is likelier.
			if b < 248 && len(out) < cap(out) {
				out = append(out, refAlphabet[int(b)%len(refAlphabet)])
			}
		}
	}
	return string(out)
}

func living(runID, personID int) []predicate.Enrolment {
	return []predicate.Enrolment{enrolment.RunID(runID), enrolment.PersonID(personID),
		enrolment.StatusNotIn(training.Declined, training.Lapsed, training.Cancelled, training.NotSelected)}
}
