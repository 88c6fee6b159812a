package enrolment

import (
	"context"
	"errors"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
)

// ReleaseDue moves what is unused of each quota whose release date has come to
// its run's open pool, once, whatever number of servers calls it. It answers how
// many quotas this call released.
func (s *Service) ReleaseDue(ctx context.Context) (int, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return 0, err
	}
	due, err := s.db.Ent.SeatPool.Query().
		Where(seatpool.CountryNEQ(""), seatpool.ReleasedAtIsNil(), seatpool.ReleasesAtLTE(now),
			seatpool.HasRunWith(run.ClosedAtIsNil(), run.CancelledAtIsNil())).
		Order(ent.Asc(seatpool.FieldID)).Limit(1000).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for quotas to release: %w", err)
	}
	released := 0
	var failed error
	for _, pool := range due {
		did, err := s.release(ctx, pool.RunID, pool.ID)
		if did {
			released++
		}
		failed = errors.Join(failed, err)
	}
	return released, failed
}

// release is one quota's, in one transaction with its open pool.
func (s *Service) release(ctx context.Context, runID, poolID int) (bool, error) {
	var after hold.Figures
	did := false
	err := s.db.InTx(ctx, func(tx *store.Tx) error {
		did = false
		if err := lockOpenPool(ctx, tx, runID); err != nil {
			return err
		}
		// Taking the mark first locks the row: the figures read after it stand.
		n, err := tx.SeatPool.Update().Where(seatpool.ID(poolID), seatpool.ReleasedAtIsNil()).SetReleasedAt(tx.Now).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		pool, err := tx.SeatPool.Get(ctx, poolID)
		if err != nil {
			return err
		}
		unused := pool.Size - pool.Taken
		if err := moveSeats(ctx, tx, runID, poolID, unused); err != nil {
			return err
		}
		if err := raiseSeatVersion(ctx, tx, runID); err != nil {
			return err
		}
		did = true
		after, err = figuresIn(ctx, tx, runID)
		return err
	})
	if err != nil || !did {
		return false, err
	}
	s.untold(ctx, fmt.Sprint(runID), s.holds.Learn(ctx, after))
	s.gone.clear()
	return true, nil
}

// moveSeats takes free seats out of a quota and puts them into the open pool.
func moveSeats(ctx context.Context, tx *store.Tx, runID, poolID, n int) error {
	if n == 0 {
		return nil
	}
	if err := tx.SeatPool.UpdateOneID(poolID).AddSize(-n).Exec(ctx); err != nil {
		return fmt.Errorf("take seats out of the quota: %w", err)
	}
	moved, err := tx.SeatPool.Update().Where(seatpool.RunID(runID), seatpool.Country("")).AddSize(n).Save(ctx)
	if err != nil {
		return fmt.Errorf("put seats into the open pool: %w", err)
	}
	if moved != 1 {
		return fmt.Errorf("run %d has %d open pools", runID, moved)
	}
	return nil
}

// lockOpenPool keeps the one fixed order of pools, the open one first: it is
// changed to what it is.
func lockOpenPool(ctx context.Context, tx *store.Tx, runID int) error {
	if err := tx.SeatPool.Update().Where(seatpool.RunID(runID), seatpool.Country("")).AddSize(0).Exec(ctx); err != nil {
		return fmt.Errorf("lock the open pool: %w", err)
	}
	return nil
}

// giveBack frees one seat of a pool. In a quota that is released or suspended a
// freed seat moves to the open pool at once.
func giveBack(ctx context.Context, tx *store.Tx, pool *ent.SeatPool) error {
	if pool.Country != "" {
		if err := lockOpenPool(ctx, tx, pool.RunID); err != nil {
			return err
		}
	}
	n, err := tx.SeatPool.Update().Where(seatpool.ID(pool.ID), seatpool.TakenGT(0)).AddTaken(-1).Save(ctx)
	if err != nil {
		return fmt.Errorf("give the seat back: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("pool %d has no seat to give back", pool.ID)
	}
	if pool.Country == "" {
		return nil
	}
	gone, err := tx.SeatPool.Query().Where(seatpool.ID(pool.ID),
		seatpool.Or(seatpool.ReleasedAtNotNil(), seatpool.SuspendedAtNotNil())).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look whether the quota still stands: %w", err)
	}
	if !gone {
		return nil
	}
	return moveSeats(ctx, tx, pool.RunID, pool.ID, 1)
}
