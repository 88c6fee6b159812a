package enrolment

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// join puts somebody who found no seat at the end of the waiting list; token is
// the hold that came with the form, of no use any more, or empty.
func (s *Service) join(ctx context.Context, r runState, c candidate, token string) (string, error) {
	ref := newRef()
	err := s.inRun(ctx, r.row.ID, nil, func(l *locked) error {
		if err := (runState{row: l.run, now: l.tx.Now}).window().Check(l.tx.Now); err != nil {
			return err
		}
		create := l.tx.Enrolment.Create().SetRef(ref).SetRunID(l.run.ID).SetPersonID(c.row.ID).
			SetStatus(training.Waiting).SetCountry(c.country).SetNillableAgencyID(c.agency).
			SetWaitingSince(l.tx.Now).SetCreatedAt(l.tx.Now).SetUpdatedAt(l.tx.Now)
		if token != "" {
			create.SetHold(token)
		}
		row, err := create.Save(ctx)
		if err != nil {
			return fmt.Errorf("write the enrolment: %w", err)
		}
		l.waiting = append(l.waiting, training.Waiter{ID: row.ID, Country: c.country})
		place := training.PlaceOf(row.ID, l.pools, l.waiting)
		reason := because("event.waiting", training.Args{"position": place.Any})
		if err := record(ctx, l.tx, row.ID, "", training.Waiting, reason, c.row.ID); err != nil {
			return err
		}
		return putMailWith(ctx, l.tx, training.EnrolmentMailJob{Enrolment: ref, Name: "enrolment_waiting", Position: place.Any})
	})
	if err != nil {
		return s.alreadyThere(ctx, r.row.ID, c.row.ID, token, err)
	}
	return ref, nil
}

// pass gives the seats that this transaction freed to those who wait.
func (l *locked) pass(ctx context.Context) error {
	if len(l.waiting) == 0 || len(l.freed) == 0 {
		return nil
	}
	switch training.ListModeAt(l.tx.Now, l.starts) {
	case training.ByOffer:
		return l.offer(ctx)
	case training.ByFirstAnswer:
		return l.tell(ctx)
	}
	return nil
}

func (l *locked) offer(ctx context.Context) error {
	until := l.s.options.Deadlines.OfferUntil(l.tx.Now, l.starts)
	for _, o := range training.NextOffers(l.pools, l.freed, l.waiting) {
		p := l.pool(o.Pool.ID)
		if p.Taken >= p.Size { // figures that Redis was wrong about
			continue
		}
		p.Taken++
		l.freed[p.ID]--
		row, err := l.tx.Enrolment.Get(ctx, o.Waiter.ID)
		if err != nil {
			return fmt.Errorf("read who is next: %w", err)
		}
		err = change(ctx, l.tx, row, training.Offered, reasonOfOffer(o), 0, func(u *ent.EnrolmentUpdate) {
			u.SetPoolID(p.ID).SetDeadlineAt(until)
		})
		if err != nil {
			return err
		}
		if err := putMailWith(ctx, l.tx, training.EnrolmentMailJob{Enrolment: row.Ref, Name: "seat_offered", Deadline: until}); err != nil {
			return err
		}
		l.leave(row.ID)
	}
	return nil
}

func reasonOfOffer(o training.Offer) reason {
	keys := [2]string{"event.offered_open_first", "event.offered_open_next"}
	if !o.Pool.Open() {
		keys = [2]string{"event.offered_quota_first", "event.offered_quota_next"}
	}
	key := keys[0]
	if o.Place > 1 {
		key = keys[1]
	}
	return because(key, training.Args{"country": o.Pool.Country, "position": o.Place})
}

// tell lets all who may take a freed seat know that the first to accept it gets
// it: shortly before the start there is no time for offers one after the other.
func (l *locked) tell(ctx context.Context) error {
	told := map[int]bool{}
	for i := range l.pools {
		p := &l.pools[i]
		if l.freed[p.ID] <= 0 {
			continue
		}
		p.Told = min(p.Told+l.freed[p.ID], p.Size-p.Taken)
		for _, w := range l.waiting {
			if w.May(*p) {
				told[w.ID] = true
			}
		}
	}
	var ids []int
	for _, w := range l.waiting {
		if told[w.ID] {
			ids = append(ids, w.ID)
		}
	}
	return l.note(ctx, ids, "event.seat_free", "seat_free")
}

// note writes a reason into the history of people whose status stays, and sends
// them the mail, if one is named.
func (l *locked) note(ctx context.Context, ids []int, key, mail string) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := l.tx.Enrolment.Query().Where(enrolment.IDIn(ids...)).Order(ent.Asc(enrolment.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("read who is told: %w", err)
	}
	for _, row := range rows {
		if err := record(ctx, l.tx, row.ID, row.Status, row.Status, because(key, nil), 0); err != nil {
			return err
		}
		if mail == "" {
			continue
		}
		if err := putMail(ctx, l.tx, row.Ref, mail); err != nil {
			return err
		}
	}
	return nil
}

// serve gives seats that became free otherwise than in a transaction of their
// own (a hold ended, a quota was released) to those who wait, through the gate.
func (s *Service) serve(ctx context.Context, runID int) error {
	r, err := s.loadRunByID(ctx, runID)
	if err != nil {
		return err
	}
	starts, err := startOf(r.row)
	if err != nil {
		return err
	}
	waiting, err := waitersOf(ctx, s.db.Ent, r.now, runID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	seats, ok := s.unheld(ctx, r)
	if !ok {
		return nil
	}
	switch training.ListModeAt(r.now, starts) {
	case training.ByOffer:
		return s.offerUnheld(ctx, r, training.NextOffers(r.pools, seats, waiting))
	case training.ByFirstAnswer:
		return s.tellUnheld(ctx, r, seats)
	}
	return nil
}

// unheld counts the seats of each pool that are neither taken nor held. While
// Redis is away it waits until no hold of before can still live in a page that
// somebody is filling in; ok is false until then.
func (s *Service) unheld(ctx context.Context, r runState) (map[int]int, bool) {
	view, err := s.holds.Look(ctx, r.row.ID, 0)
	if !s.away.note(err) {
		return nil, false
	}
	seats := map[int]int{}
	for _, p := range r.pools {
		p.Held = view.Held[p.ID]
		if p.Free() > 0 && p.ForNewcomers() {
			seats[p.ID] = p.Free()
		}
	}
	return seats, true
}

func (s *Service) offerUnheld(ctx context.Context, r runState, offers []training.Offer) error {
	wanted := map[int]int{}
	for _, o := range offers {
		wanted[o.Pool.ID]++
	}
	for _, o := range offers { // quotas first, as the offers are
		p, n := o.Pool, wanted[o.Pool.ID]
		if n == 0 {
			continue
		}
		delete(wanted, p.ID)
		reserved, err := s.reserve(ctx, r, []training.Pool{p}, n, false)
		if training.IsKind(err, training.KindSeatGone) {
			continue
		}
		if err != nil {
			return err
		}
		if reserved != nil {
			n = reserved.Seats
		}
		err = s.inRun(ctx, r.row.ID, reserved, func(l *locked) error {
			now := l.where(p.ID)
			l.freed[now.ID] = min(n, now.Size-now.Taken)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// reserve sets seats aside in Redis; nil without a fault: Redis is away.
func (s *Service) reserve(ctx context.Context, r runState, pools []training.Pool, n int, all bool) (*hold.Reservation, error) {
	reserved, err := s.holds.Reserve(ctx, r.figures(), pools, n, all)
	if training.IsKind(err, training.KindUnavailable) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &reserved, nil
}

func (s *Service) tellUnheld(ctx context.Context, r runState, seats map[int]int) error {
	news := false
	for _, p := range r.pools {
		news = news || p.Waiting > 0 && seats[p.ID] > p.Told
	}
	if !news {
		return nil
	}
	return s.inRun(ctx, r.row.ID, nil, func(l *locked) error {
		for _, p := range l.pools {
			if more := min(seats[p.ID], p.Size-p.Taken) - p.Told; more > 0 && p.Waiting > 0 {
				l.freed[p.ID] = more
			}
		}
		return nil
	})
}

// takeWaiting gives somebody who waits a seat that is free now, through the gate.
func (s *Service) takeWaiting(ctx context.Context, row *ent.Enrolment, mode training.ListMode,
	to training.Status, why reason, actorID int) error {
	r, err := s.loadRunByID(ctx, row.RunID)
	if err != nil {
		return err
	}
	self, err := s.waiter(ctx, r, row)
	if err != nil {
		return err
	}
	usable := self.usable(r.pools)
	if len(usable) == 0 {
		return training.NewFault(training.KindNotEligible, "fault.not_eligible_suspended", training.Args{"country": self.Country})
	}
	reserved, err := s.reserve(ctx, r, usable, 1, true)
	if err != nil {
		return err
	}
	return s.inRun(ctx, row.RunID, reserved, func(l *locked) error {
		if training.ListModeAt(l.tx.Now, l.starts) != mode {
			return statusConflict(row.Status)
		}
		p := l.freeSeat(reserved, self)
		if p == nil {
			return &training.Fault{Kind: training.KindSeatGone}
		}
		p.Taken++
		p.Told = max(0, p.Told-1)
		l.leave(row.ID)
		until := s.options.Deadlines.ApprovalUntil(l.tx.Now, l.starts)
		err := change(ctx, l.tx, row, to, why, actorID, func(u *ent.EnrolmentUpdate) {
			u.SetPoolID(p.ID)
			if to == training.Pending {
				u.SetDeadlineAt(until)
			}
		})
		if err != nil {
			return err
		}
		return putSeatMails(ctx, l.tx, row.Ref, to, until)
	})
}

// freeSeat is the pool of the seat set aside, or while Redis is away the first
// that has one.
func (l *locked) freeSeat(reserved *hold.Reservation, w oneWaiter) *training.Pool {
	candidates := w.usable(l.pools)
	if reserved != nil {
		candidates = nil
		if p := l.where(reserved.PoolID); p != nil {
			candidates = []training.Pool{*p}
		}
	}
	for _, p := range candidates {
		if p.Taken < p.Size {
			return l.pool(p.ID)
		}
	}
	return nil
}

// oneWaiter is a person of a list with what decides which seats are open to it.
type oneWaiter struct{ training.Waiter }

func (w oneWaiter) usable(pools []training.Pool) []training.Pool {
	if w.Skipped {
		return nil
	}
	return training.UsablePools(w.Country, pools)
}

func (s *Service) waiter(ctx context.Context, r runState, row *ent.Enrolment) (oneWaiter, error) {
	suspended, err := store.SuspendedStates(ctx, s.db.Ent, r.now)
	if err != nil {
		return oneWaiter{}, err
	}
	return oneWaiter{training.Waiter{ID: row.ID, Country: row.Country, Skipped: suspended[row.Country]}}, nil
}
