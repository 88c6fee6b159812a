package enrolment

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Confirm turns a hold into a place; without one (token empty) it first takes a
// hold of its own through the same gate. While Redis is away it goes on from
// the database alone. The same hold again gives the first answer, of which the
// titles of the course are no part. Faults as of Hold, and hold_expired; a forged
// or foreign hold is not_found, one of another run invalid.
func (s *Service) Confirm(ctx context.Context, actor training.Actor, code, token string) (Enrolment, error) {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Enrolment{}, err
	}
	if token == "" && s.gone.refuses(code, actor) {
		return Enrolment{}, &training.Fault{Kind: training.KindSeatGone}
	}
	return s.confirm(ctx, actor, code, token, false, confirmTries)
}

// ConfirmOrWait is Confirm for who would rather wait than be told that no seat is
// free: the answer is then an enrolment on the waiting list.
func (s *Service) ConfirmOrWait(ctx context.Context, actor training.Actor, code, token string) (Enrolment, error) {
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Enrolment{}, err
	}
	return s.confirm(ctx, actor, code, token, true, confirmTries)
}

// confirmTries is how often somebody without a hold is let through the gate.
const confirmTries = 3

func (s *Service) confirm(ctx context.Context, actor training.Actor, code, token string, wait bool, tries int) (Enrolment, error) {
	if token != "" { // what is forged goes into no question that others share
		if _, err := s.holds.RunOf(token, actor.PersonID); err != nil {
			return Enrolment{}, err
		}
	}
	a, err := s.arrive(ctx, actor, code, token)
	if err != nil {
		return Enrolment{}, err
	}
	if token != "" {
		if err := s.ofRun(token, actor, a.r.row.ID); err != nil {
			return Enrolment{}, err
		}
		if a.byHold != "" { // the form was sent twice
			return s.Get(ctx, actor, a.byHold)
		}
	}
	e, err := s.gate(ctx, a, token)
	if token != "" && (training.IsKind(err, training.KindAlreadyEnrolled) || training.IsKind(err, training.KindHoldExpired)) {
		// Perhaps by this very form, sent twice at once: the other has committed
		// since we looked, and settled the hold.
		again, wrong := s.arrive(ctx, actor, code, token)
		if wrong != nil || again.byHold != "" {
			return s.getAfter(ctx, actor, again.byHold, wrong)
		}
	}
	// The person's own hold, which the gate had just given, was dropped meanwhile.
	if token == "" && training.IsKind(err, training.KindHoldExpired) && tries > 1 {
		return s.confirm(ctx, actor, code, token, wait, tries-1)
	}
	if err == nil {
		return s.place(ctx, actor, a, e, wait)
	}
	if wait && (training.IsKind(err, training.KindSeatGone) || training.IsKind(err, training.KindRateLimited) && s.full(ctx, a)) {
		ref, err := s.join(ctx, a.r, a.c, token)
		return s.getAfter(ctx, actor, ref, err)
	}
	return Enrolment{}, err
}

// full reports whether there is no seat for a newcomer: whoever has had too many
// holds may wait all the same.
func (s *Service) full(ctx context.Context, a arrival) bool {
	view, err := s.holds.Look(ctx, a.r.row.ID, 0)
	if err != nil {
		return false
	}
	for _, p := range training.UsablePools(a.c.country, a.r.pools) {
		p.Held = view.Held[p.ID]
		if p.Waiting == 0 && p.Free() > 0 {
			return false
		}
	}
	return true
}

func (s *Service) getAfter(ctx context.Context, actor training.Actor, ref string, err error) (Enrolment, error) {
	if err != nil {
		return Enrolment{}, err
	}
	return s.Get(ctx, actor, ref)
}

// ofRun refuses a hold that is forged, foreign or of another run.
func (s *Service) ofRun(token string, actor training.Actor, runID int) error {
	of, err := s.holds.RunOf(token, actor.PersonID)
	if err == nil && of != runID {
		err = training.InvalidField("hold", "invalid.hold_other_run", nil)
	}
	return err
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
func (s *Service) gate(ctx context.Context, a arrival, token string) (entry, error) {
	r, c := a.r, a.c
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
	if err := a.notEnrolled(); err != nil {
		return entry{}, err
	}
	usable := training.UsablePools(c.country, r.pools)
	h, err := s.take(ctx, r, c.row.ID, usable)
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

// place commits the seat and tells Redis.
func (s *Service) place(ctx context.Context, actor training.Actor, a arrival, e entry, wait bool) (Enrolment, error) {
	// A client that leaves does not undo a confirmation under way, and the
	// transaction ends before the seat stops being kept.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), training.ConfirmLimit)
	defer cancel()
	p, err := s.takePlace(limited, a, e)
	if err != nil {
		s.giveUp(limited, a.c, e)
		ref, err := s.alreadyThere(limited, a.r.row.ID, a.c.row.ID, e.mark(), err)
		if wait && training.IsKind(err, training.KindSeatGone) {
			ref, err = s.join(ctx, a.r, a.c, e.sent)
		}
		return s.getAfter(ctx, actor, ref, err)
	}
	after, err := s.figuresAfter(limited, a.r, p)
	if err == nil && e.hold.Token == "" {
		err = s.holds.Learn(limited, after)
	} else if err == nil {
		err = s.holds.Settle(limited, e.hold, a.c.row.ID, after)
	}
	s.untold(ctx, a.r.row.ID, err)
	return a.enrolled(p), nil
}

// giveUp gives the hold of a confirmation that failed its own end back.
func (s *Service) giveUp(ctx context.Context, c candidate, e entry) {
	switch {
	case e.unasked:
		_ = s.holds.DropUnasked(ctx, e.hold.Token, c.row.ID) // else it ends by itself
	case e.hold.Token != "":
		s.holds.Unkeep(ctx, e.hold, c.row.ID)
	}
}

// untold notes that Redis did not get the new figures. While it is away that is
// nothing to note: it learns them with the next hold.
func (s *Service) untold(ctx context.Context, runID int, err error) {
	if err != nil && !training.IsKind(err, training.KindUnavailable) {
		slog.WarnContext(ctx, "seat figures not told to Redis", "run", runID, "error", err)
	}
}

// alreadyThere says what stood in the way of a new enrolment: another of the same
// person, which is the answer where the same form made it.
func (s *Service) alreadyThere(ctx context.Context, runID, personID int, mark string, cause error) (string, error) {
	if !training.IsKind(cause, training.KindSeatGone) && !store.Broke(cause, "enrolments_hold_key", "enrolments.hold") &&
		!store.Broke(cause, "enrolment_one_living", "enrolments.run_id, enrolments.person_id") {
		return "", cause
	}
	rows, err := s.db.Ent.Enrolment.Query().Where(enrolment.RunID(runID), enrolment.PersonID(personID)).All(ctx)
	if err != nil {
		return "", fmt.Errorf("find the enrolment in the way: %w", err)
	}
	for _, row := range rows { // of the same form, even where it has ended since
		if mark != "" && row.Hold != nil && *row.Hold == mark {
			return row.Ref, nil
		}
	}
	for _, row := range rows {
		if row.Status.Living() {
			return "", alreadyEnrolled(row.Ref)
		}
	}
	if training.IsKind(cause, training.KindSeatGone) {
		return "", cause
	}
	return "", training.NewFault(training.KindConflict, "", nil) // it has ended in this moment
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
