package hold

import (
	"context"
	"time"

	"github.com/varde-platform/varde/internal/training"
)

// Reservation is seats that the program itself is about to give to somebody who
// waits, or to take away. It ends by itself after training.ConfirmGrace.
type Reservation struct {
	RunID, PoolID, Seats int
	name                 string
}

// Reserve sets n seats of one pool aside, of the first that has so many; those
// who wait are not in its way. With all false fewer will do. Faults: seat_gone,
// unavailable.
func (k *Keeper) Reserve(ctx context.Context, f Figures, pools []training.Pool, n int, all bool) (Reservation, error) {
	how := "some"
	if all {
		how = "all"
	}
	name := k.newToken(f.RunID, 0) + ":"
	args := append([]any{"reserve", name, training.ConfirmGrace.Milliseconds(), n, how}, figureArgs(f)...)
	for _, p := range pools {
		args = append(args, p.ID)
	}
	out, err := k.run(ctx, f.RunID, args...)
	if err != nil {
		return Reservation{}, err
	}
	if out[0] != "reserved" {
		return Reservation{}, &training.Fault{Kind: training.KindSeatGone}
	}
	return Reservation{RunID: f.RunID, PoolID: int(number(out[1])), Seats: int(number(out[2])), name: name}, nil
}

// Spend ends a reservation after the commit, and gives the figures that came of
// it in the same step.
func (k *Keeper) Spend(ctx context.Context, r Reservation, f Figures) error {
	_, err := k.run(context.WithoutCancel(ctx), r.RunID, append([]any{"spend", r.name, r.Seats}, figureArgs(f)...)...)
	return err
}

// Release ends a reservation of which nothing came. What cannot be told to Redis
// ends by itself.
func (k *Keeper) Release(ctx context.Context, r Reservation) {
	_, _ = k.run(context.WithoutCancel(ctx), r.RunID, "spend", r.name, r.Seats)
}

// Quiet is what Redis knows of a pool's holds.
type Quiet struct {
	Held  int       // living holds
	Since time.Time // when one last ended, by Redis' clock; zero: not known
}

// Quiet tells of each pool of a run how many holds live and when one last ended.
func (k *Keeper) Quiet(ctx context.Context, runID int) (map[int]Quiet, error) {
	out, err := k.run(ctx, runID, "since")
	if err != nil {
		return nil, err
	}
	quiet := map[int]Quiet{}
	for i := 0; i+2 < len(out); i += 3 {
		q := Quiet{Held: int(number(out[i+2]))}
		if at := number(out[i+1]); at > 0 {
			q.Since = time.UnixMilli(at).UTC()
		}
		quiet[int(number(out[i]))] = q
	}
	return quiet, nil
}
