package audit

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Holds is what can be known of the seats that are held.
type Holds struct {
	// Quiet tells of each pool of a run what Redis knows (hold.Keeper.Quiet); nil
	// where it is embedded in a server, and only that one knows.
	Quiet func(ctx context.Context, runID int) (map[int]hold.Quiet, error)
	Life  time.Duration // of a hold
}

// patience is how long a seat may be free while somebody waits who may take it.
const patience = time.Minute

// idleQuery finds seats that somebody waits for and nobody has taken.
const idleQuery = `SELECT r.id, r.code, r.starts, r.time_zone, r.seat_changed_at, p.id, p.country, p.size - p.taken
	FROM seat_pools p JOIN runs r ON r.id = p.run_id
	WHERE p.waiting > 0 AND p.taken < p.size AND r.closed_at IS NULL AND r.cancelled_at IS NULL ORDER BY r.id, p.id`

type idle struct {
	runID, poolID, free            int
	run, starts, timeZone, country string
	changed                        sql.NullTime
}

// Idle names the seats that have been free and unheld for over a minute while
// somebody waits who may take them. From 48 hours before the start on a seat is
// there for whoever accepts it first, and is none of these.
func Idle(ctx context.Context, db *store.DB, holds Holds) ([]string, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return nil, err
	}
	var candidates []idle
	err = db.Snapshot(ctx, func(read store.Reader) error {
		var err error
		candidates, err = readIdle(ctx, read)
		return err
	})
	if err != nil {
		return nil, err
	}
	var breaches []string
	for _, seats := range candidates {
		left, err := seats.left(ctx, now, holds)
		if err != nil {
			return nil, err
		}
		if left > 0 {
			breaches = append(breaches, fmt.Sprintf("run %s, pool %q: %d seats have been free for over a minute while people wait for them",
				seats.run, seats.country, left))
		}
	}
	return breaches, nil
}

func readIdle(ctx context.Context, read store.Reader) ([]idle, error) {
	rows, err := read.QueryContext(ctx, idleQuery)
	if err != nil {
		return nil, fmt.Errorf("look for free seats: %w", err)
	}
	defer rows.Close()
	var list []idle
	for rows.Next() {
		var i idle
		if err := rows.Scan(&i.runID, &i.run, &i.starts, &i.timeZone, &i.changed, &i.poolID, &i.country, &i.free); err != nil {
			return nil, fmt.Errorf("read free seats: %w", err)
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

// left counts the seats that should have been offered.
func (i idle) left(ctx context.Context, now time.Time, holds Holds) (int, error) {
	day, err := training.ParseDate(i.starts)
	if err != nil {
		return 0, fmt.Errorf("run %s: %w", i.run, err)
	}
	zone, err := time.LoadLocation(i.timeZone)
	if err != nil {
		return 0, fmt.Errorf("time zone of run %s: %w", i.run, err)
	}
	if training.ListModeAt(now, day.In(zone)) != training.ByOffer || now.Sub(i.changed.Time) < patience {
		return 0, nil
	}
	if holds.Quiet == nil {
		// A hold lives at most twice its life, and a moment more while it is confirmed.
		if now.Sub(i.changed.Time) < 2*holds.Life+training.ConfirmGrace+patience {
			return 0, nil
		}
		return i.free, nil
	}
	pools, err := holds.Quiet(ctx, i.runID)
	if training.IsKind(err, training.KindUnavailable) { // then there are no holds
		return i.free, nil
	}
	if err != nil {
		return 0, err
	}
	quiet := pools[i.poolID]
	if now.Sub(quiet.Since) < patience {
		return 0, nil
	}
	return i.free - quiet.Held, nil
}
