package enrolment

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// placed is a seat that was taken, as it was written.
type placed struct {
	ref      string
	status   training.Status
	at       time.Time
	deadline time.Time // for the agency to approve; zero: none
	pool     int
	version  int // of the run's figures
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

// placeSQL is placeIn for a confirmed seat in one statement: as many people as
// come at once wait for the same run's row, and each keeps it for one round trip
// instead of six. SQLite cannot write so, and has no round trips. Without a free
// seat it writes nothing but the version.
const placeSQL = `WITH run AS (
	UPDATE runs SET seat_version = seat_version + 1, seat_changed_at = $8
	WHERE id = $1 AND closed_at IS NULL AND cancelled_at IS NULL RETURNING id, seat_version
), pool AS (
	UPDATE seat_pools SET taken = taken + 1 FROM run
	WHERE seat_pools.id = $2 AND seat_pools.run_id = run.id AND ` + freeSeat + ` AND ($3 OR ` + nobodyWaits + `)
	RETURNING seat_pools.id
), enrolled AS (
	INSERT INTO enrolments (ref, status, country, hold, created_at, updated_at, result, run_id, person_id, pool_id, agency_id)
	SELECT $4, $5, $6, $7, $8, $8, '', $1, $9, pool.id, $10 FROM pool RETURNING id
), event AS (
	INSERT INTO enrolment_events (from_status, to_status, reason, actor_id, at, enrolment_id)
	SELECT '', $5, $11, $9, $8, id FROM enrolled
), job AS (
	INSERT INTO outbox_jobs (kind, dedupe_key, payload, created_at, due_at, tries)
	SELECT $12, $13, $14, $8, $8, 0 FROM enrolled
)
SELECT run.seat_version, COALESCE(pool.id, 0) FROM run LEFT JOIN pool ON true`

// placeAtOnce tries the pools in turn. p.pool stays 0 where none has a seat.
func (s *Service) placeAtOnce(ctx context.Context, a arrival, e entry, p *placed) error {
	var mark *string
	if m := e.mark(); m != "" {
		mark = &m
	}
	for _, pool := range e.pools {
		err := s.db.Retry(ctx, func() error {
			now, err := s.db.Now(ctx)
			if err != nil {
				return err
			}
			p.at = now
			mail := mailJob(training.EnrolmentMailJob{Enrolment: p.ref, Name: "enrolment_confirmed"}, now)
			payload, err := json.Marshal(mail.Payload)
			if err != nil {
				return fmt.Errorf("write the payload: %w", err)
			}
			return s.db.SQL.QueryRowContext(ctx, placeSQL, a.r.row.ID, pool.ID, e.hold.Token != "",
				p.ref, string(p.status), a.c.country, mark, now, a.c.row.ID, a.c.agency, "event.confirmed",
				mail.Kind, mail.Key, payload).Scan(&p.version, &p.pool)
		})
		if errors.Is(err, sql.ErrNoRows) {
			return runClosed()
		}
		if err != nil {
			return fmt.Errorf("take a seat: %w", err)
		}
		if p.pool != 0 {
			return nil
		}
	}
	return nil
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
	if p.version != after.Version+1 {
		return s.figures(ctx, r.row.ID)
	}
	after.Version = p.version
	for i := range after.Pools {
		if after.Pools[i].ID == p.pool {
			after.Pools[i].Taken++
		}
	}
	return after, nil
}

const figuresQuery = `SELECT r.seat_version, r.closes_at, p.id, p.country, p.size, p.taken, p.waiting, p.told, p.releases_at,
	p.released_at, p.suspended_at FROM runs r JOIN seat_pools p ON p.run_id = r.id WHERE r.id = $1 ORDER BY p.country`

// figures reads a run's figures in one statement, and so as of one version.
func (s *Service) figures(ctx context.Context, runID int) (hold.Figures, error) {
	rows, err := s.db.SQL.QueryContext(ctx, figuresQuery, runID)
	if err != nil {
		return hold.Figures{}, fmt.Errorf("read the figures: %w", err)
	}
	defer rows.Close()
	f := hold.Figures{RunID: runID}
	for rows.Next() {
		var p ent.SeatPool
		if err := rows.Scan(&f.Version, &f.Closes, &p.ID, &p.Country, &p.Size, &p.Taken, &p.Waiting, &p.Told, &p.ReleasesAt,
			&p.ReleasedAt, &p.SuspendedAt); err != nil {
			return hold.Figures{}, fmt.Errorf("read the figures: %w", err)
		}
		f.Pools = append(f.Pools, poolsFrom([]*ent.SeatPool{&p})...)
	}
	return f, rows.Err()
}
