package enrolment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// placed is a seat that was taken, as it was written.
type placed struct {
	ref      string
	status   training.Status
	at       time.Time
	deadline time.Time // for the agency to approve; zero: none
	pool     int
	version  int  // of the run's figures
	beside   bool // others took seats in the same version
}

// takePlace takes a seat by a conditional update together with the enrolment's
// row.
func (s *Service) takePlace(ctx context.Context, a arrival, e entry) (placed, error) {
	p := placed{ref: newRef(), status: afterSeat(a.r.row, a.c.agency)}
	if s.db.Dialect == dialect.Postgres && p.status == training.Confirmed {
		if err := s.placeAtOnce(ctx, a, e, &p); err != nil || p.pool != 0 {
			return p, err
		}
	}
	err := s.db.InTx(ctx, func(tx *store.Tx) error { return s.placeIn(ctx, tx, a, e, &p) })
	return p, err
}

func runClosed() error {
	return training.NewFault(training.KindEnrolmentClosed, "fault.run_closed", nil)
}

// placeIn is the same in several statements, whatever the database and the
// status.
func (s *Service) placeIn(ctx context.Context, tx *store.Tx, a arrival, e entry, p *placed) error {
	if err := raiseSeatVersion(ctx, tx, a.r.row.ID); err != nil {
		return err
	}
	var err error
	if p.pool, err = takeSeat(ctx, tx, a.r.row.ID, e); err != nil {
		return err
	}
	if p.version, err = seatVersion(ctx, tx, a.r.row.ID); err != nil {
		return err
	}
	p.at = tx.Now
	create := tx.Enrolment.Create().SetRef(p.ref).SetRunID(a.r.row.ID).SetPersonID(a.c.row.ID).SetPoolID(p.pool).
		SetStatus(p.status).SetCountry(a.c.country).SetNillableAgencyID(a.c.agency).
		SetCreatedAt(tx.Now).SetUpdatedAt(tx.Now)
	why := because("event.confirmed", nil)
	if p.status == training.Pending {
		why = because("event.pending", nil)
		starts, err := startOf(a.r.row)
		if err != nil {
			return err
		}
		p.deadline = s.options.Deadlines.ApprovalUntil(tx.Now, starts)
		create.SetDeadlineAt(p.deadline)
	}
	if mark := e.mark(); mark != "" {
		create.SetHold(mark)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return fmt.Errorf("write the enrolment: %w", err)
	}
	if err := record(ctx, tx, row.ID, "", p.status, why, a.c.row.ID); err != nil {
		return err
	}
	return putSeatMails(ctx, tx, p.ref, p.status, p.deadline)
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
	update := tx.SeatPool.Update().Where(seatpool.ID(poolID), hasFreeSeat)
	if !held {
		update.Where(hasNobodyWaiting)
	}
	n, err := update.AddTaken(1).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("take a seat: %w", err)
	}
	return n == 1, nil
}

// raiseSeatVersion is the first thing that a transaction does which changes the
// seats of a run: it locks the run until the end, and holds to a run that still
// stands.
func raiseSeatVersion(ctx context.Context, tx *store.Tx, runID int) error {
	n, err := tx.Run.Update().Where(run.ID(runID), run.ClosedAtIsNil(), run.CancelledAtIsNil()).
		AddSeatVersion(1).SetSeatChangedAt(tx.Now).Save(ctx)
	if err != nil {
		return fmt.Errorf("raise the seat version: %w", err)
	}
	if n == 0 {
		return runClosed()
	}
	return nil
}

func seatVersion(ctx context.Context, tx *store.Tx, runID int) (int, error) {
	row, err := tx.Run.Query().Where(run.ID(runID)).Select(run.FieldSeatVersion).Only(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the seat version: %w", err)
	}
	return row.SeatVersion, nil
}

// figuresAfter are figures at least as new as the seat that was taken. Where
// nobody else changed the run since it was read, they need no reading.
func (s *Service) figuresAfter(ctx context.Context, r runState, p placed) (hold.Figures, error) {
	after := r.figures()
	if p.version != after.Version+1 || p.beside {
		return s.newFigures.Ask(ctx, r.row.ID)
	}
	after.Version = p.version
	for i := range after.Pools {
		if after.Pools[i].ID == p.pool {
			after.Pools[i].Taken++
		}
	}
	return after, nil
}

var figuresQueries = func() map[int]string {
	queries := map[int]string{}
	for rows := 1; rows <= together.Most; rows = store.Padded(rows + 1) {
		places := make([]string, rows)
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		queries[rows] = `SELECT r.id, r.seat_version, r.closes_at, p.id, p.country, p.size, p.taken, p.waiting, p.told, p.releases_at,
	p.released_at, p.suspended_at FROM runs r JOIN seat_pools p ON p.run_id = r.id
	WHERE r.id IN (` + strings.Join(places, ", ") + `) ORDER BY p.country`
	}
	return queries
}()

// figuresOf reads the figures of runs in one statement, and so each as of one
// version.
func (s *Service) figuresOf(ctx context.Context, runs []int) ([]hold.Figures, error) {
	args := make([]any, store.Padded(len(runs)))
	for i, run := range runs {
		args[i] = run
	}
	rows, err := s.db.SQL.QueryContext(ctx, figuresQueries[len(args)], args...)
	if err != nil {
		return nil, fmt.Errorf("read the figures: %w", err)
	}
	defer rows.Close()
	byRun := map[int]hold.Figures{}
	for rows.Next() {
		var f hold.Figures
		var p ent.SeatPool
		if err := rows.Scan(&f.RunID, &f.Version, &f.Closes, &p.ID, &p.Country, &p.Size, &p.Taken, &p.Waiting, &p.Told, &p.ReleasesAt,
			&p.ReleasedAt, &p.SuspendedAt); err != nil {
			return nil, fmt.Errorf("read the figures: %w", err)
		}
		f.Pools = append(byRun[f.RunID].Pools, poolsFrom([]*ent.SeatPool{&p})...)
		byRun[f.RunID] = f
	}
	figures := make([]hold.Figures, len(runs))
	for i, run := range runs {
		figures[i] = byRun[run]
	}
	return figures, rows.Err()
}
