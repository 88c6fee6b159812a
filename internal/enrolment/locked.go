package enrolment

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// locked is one run in a transaction that has locked it: nobody else takes, frees
// or moves a seat of it, or steps on its waiting list, until the end. Whatever
// changes the seats of a run begins with its row, then come the pools, then the
// enrolments: the one order of locks.
type locked struct {
	s       *Service
	tx      *store.Tx
	run     *ent.Run
	starts  time.Time
	asRead  []training.Pool
	pools   []training.Pool
	waiting []training.Waiter // in the order of joining
	freed   map[int]int       // seats freed in this transaction, by pool; nobody can hold them
}

func (s *Service) lock(ctx context.Context, tx *store.Tx, runID int) (*locked, error) {
	if err := raiseSeatVersion(ctx, tx, runID); err != nil {
		return nil, err
	}
	row, err := tx.Run.Query().Where(run.ID(runID)).WithPools(inOrder).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the run: %w", err)
	}
	l := &locked{s: s, tx: tx, run: row, asRead: poolsOf(row), pools: poolsOf(row), freed: map[int]int{}}
	if l.starts, err = startOf(row); err != nil {
		return nil, err
	}
	l.waiting, err = waitersOf(ctx, tx.Client, tx.Now, runID)
	return l, err
}

// waitersOf reads a run's waiting list in the order of joining, which is that of
// the ids: they are given while the run is locked, the instants before.
func waitersOf(ctx context.Context, db *ent.Client, now time.Time, runID int) ([]training.Waiter, error) {
	lists, err := waitersIn(ctx, db, now, []int{runID})
	return lists[runID], err
}

func waitersIn(ctx context.Context, db *ent.Client, now time.Time, runIDs []int) (map[int][]training.Waiter, error) {
	rows, err := db.Enrolment.Query().Where(enrolment.RunIDIn(runIDs...), enrolment.StatusEQ(training.Waiting)).
		Order(ent.Asc(enrolment.FieldID)).
		Select(enrolment.FieldID, enrolment.FieldRunID, enrolment.FieldCountry).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "read the waiting list")
	}
	suspended, err := store.SuspendedStates(ctx, db, now)
	if err != nil {
		return nil, err
	}
	lists := map[int][]training.Waiter{}
	for _, row := range rows {
		lists[row.RunID] = append(lists[row.RunID],
			training.Waiter{ID: row.ID, Country: row.Country, Skipped: suspended[row.Country]})
	}
	return lists, nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (l *locked) pool(id int) *training.Pool {
	for i := range l.pools {
		if l.pools[i].ID == id {
			return &l.pools[i]
		}
	}
	return nil
}

func (l *locked) openPool() *training.Pool {
	for i := range l.pools {
		if l.pools[i].Open() {
			return &l.pools[i]
		}
	}
	return nil
}

func (l *locked) quota(country string) *training.Pool {
	for i := range l.pools {
		if !l.pools[i].Open() && l.pools[i].Country == country {
			return &l.pools[i]
		}
	}
	return nil
}

// free gives back one taken seat. In a quota that is released or suspended it
// moves to the open pool at once.
func (l *locked) free(poolID int) error {
	p := l.pool(poolID)
	if p == nil || p.Taken == 0 {
		return fmt.Errorf("pool %d of run %s has no seat to give back", poolID, l.run.Code)
	}
	p.Taken--
	if p.ForNewcomers() {
		l.freed[p.ID]++
		return nil
	}
	open := l.openPool()
	p.Size--
	open.Size++
	l.freed[open.ID]++
	return nil
}

// where gives the pool that a seat set aside in another is in now.
func (l *locked) where(poolID int) *training.Pool {
	p := l.pool(poolID)
	if p != nil && !p.ForNewcomers() {
		return l.openPool()
	}
	return p
}

// size is how many seats the run has.
func (l *locked) size() int {
	n := 0
	for _, p := range l.pools {
		n += p.Size
	}
	return n
}

// leave takes somebody off the list.
func (l *locked) leave(enrolmentID int) {
	rest := make([]training.Waiter, 0, len(l.waiting))
	for _, w := range l.waiting {
		if w.ID != enrolmentID {
			rest = append(rest, w)
		}
	}
	l.waiting = rest
}

// save writes what changed and gives the figures as they now are.
func (l *locked) save(ctx context.Context) (hold.Figures, error) {
	training.CountWaiting(l.pools, l.waiting)
	for i := range l.pools {
		if l.pools[i].Waiting == 0 { // nobody is left who was told
			l.pools[i].Told = 0
		}
	}
	for i, p := range l.pools {
		if p == l.asRead[i] {
			continue
		}
		update := l.tx.SeatPool.UpdateOneID(p.ID).SetSize(p.Size).SetTaken(p.Taken).SetWaiting(p.Waiting).SetTold(p.Told)
		setOrClear(p.ReleasedAt, update.SetReleasedAt, update.ClearReleasedAt)
		if p.Suspended != l.asRead[i].Suspended {
			var since time.Time
			if p.Suspended {
				since = l.tx.Now
			}
			setOrClear(since, update.SetSuspendedAt, update.ClearSuspendedAt)
		}
		if err := update.Exec(ctx); err != nil {
			return hold.Figures{}, fmt.Errorf("write the pool: %w", err)
		}
	}
	if err := l.saveSize(ctx); err != nil {
		return hold.Figures{}, err
	}
	return hold.Figures{RunID: l.run.ID, Version: l.run.SeatVersion, Pools: l.pools, Closes: l.run.ClosesAt}, nil
}

func setOrClear(at time.Time, set func(time.Time) *ent.SeatPoolUpdateOne, forget func() *ent.SeatPoolUpdateOne) {
	if at.IsZero() {
		forget()
		return
	}
	set(at)
}

func (l *locked) saveSize(ctx context.Context) error {
	size := l.size()
	if size == l.run.Size {
		return nil
	}
	if err := l.tx.Run.Update().Where(run.ID(l.run.ID)).SetSize(size).Exec(ctx); err != nil {
		return fmt.Errorf("write the size of the run: %w", err)
	}
	return store.RaiseCatalogueVersion(ctx, l.tx)
}

// inRun does work on a run whose seats are locked, passes on what it freed, and
// tells Redis. Seats that the work takes or removes without having freed them
// are set aside before, in r; nil: there are none, or Redis is away.
func (s *Service) inRun(ctx context.Context, runID int, r *hold.Reservation, work func(*locked) error) error {
	var after hold.Figures
	// As in a confirmation: who leaves does not undo it, and it ends before what
	// was set aside does.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), training.ConfirmLimit)
	defer cancel()
	err := s.db.InTx(limited, func(tx *store.Tx) error {
		l, err := s.lock(limited, tx, runID)
		if err != nil {
			return err
		}
		if err := work(l); err != nil {
			return err
		}
		if err := l.pass(limited); err != nil {
			return err
		}
		after, err = l.save(limited)
		return err
	})
	switch {
	case err != nil && r != nil:
		s.holds.Release(ctx, *r)
	case err == nil && r != nil:
		s.untold(ctx, runID, s.holds.Spend(ctx, *r, after))
	case err == nil:
		s.untold(ctx, runID, s.holds.Learn(limited, after))
	}
	s.gone.clear()
	return err
}
