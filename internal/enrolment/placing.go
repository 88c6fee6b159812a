package enrolment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// placing is somebody who wants a confirmed seat of a pool.
type placing struct {
	run, pool, person int
	held              bool   // comes with a hold, and so does not pass those who wait
	ref               string // the enrolment's
	country           string
	mark              *string // tells the form when it comes again
	agency            *int
}

// seated is what became of a placing: the run that has closed has version 0.
type seated struct {
	at      time.Time
	version int  // of the run's figures
	taken   bool // else the pool had no seat for all who asked together
	asked   int  // how many were written together; 0: nobody, somebody who asked too stood in the way
	beside  bool // somebody else was placed in the same version of the run
}

// placings writes the seats of those who come at the same moment together: as many
// as want the same run wait for its row and for one commit, not for one each.
type placings = together.Asker[placing, seated]

func (s *Service) newPlacings() *placings {
	return together.New(func(ctx context.Context, list []placing) ([]seated, error) {
		// Whoever asks waits no longer than ConfirmLimit: what they do not wait for
		// any more must not be written.
		limited, cancel := context.WithTimeout(ctx, training.ConfirmLimit/2)
		defer cancel()
		return s.seatTogether(limited, list)
	})
}

// seatTogether places a list of people. It is all or nothing for the list where a
// row is refused, and for each pool where it has fewer free seats than people:
// those are then placed one by one.
func (s *Service) seatTogether(ctx context.Context, list []placing) ([]seated, error) {
	results := make([]seated, len(list))
	ask := placingSQL[store.Padded(len(list))]
	err := s.db.Retry(ctx, func() error {
		now, err := s.db.Now(ctx)
		if err != nil {
			return err
		}
		for i := range results {
			results[i] = seated{at: now, asked: len(list)}
		}
		args, err := placingArgs(list, now)
		if err != nil {
			return err
		}
		return s.scanSeated(ctx, ask, args, results)
	})
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && len(list) > 1 && ofARow(refused.Code) {
		return make([]seated, len(list)), nil
	}
	markBeside(list, results)
	return results, err
}

// ofARow reports whether PostgreSQL refused what one row says: bad data, or data
// that break a constraint (classes 22 and 23).
func ofARow(code string) bool { return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23") }

func (s *Service) scanSeated(ctx context.Context, ask string, args []any, results []seated) error {
	rows, err := s.db.SQL.QueryContext(ctx, ask, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		n, version, taken := 0, 0, false
		if err := rows.Scan(&n, &version, &taken); err != nil {
			return err
		}
		results[n].version, results[n].taken = version, taken
	}
	return rows.Err()
}

// markBeside notes whose run's figures are of several at once.
func markBeside(list []placing, results []seated) {
	placed := map[int]int{}
	for i, r := range results {
		if r.taken {
			placed[list[i].run]++
		}
	}
	for i := range results {
		results[i].beside = placed[list[i].run] > 1
	}
}

// placingColumns are what placingSQL is told of each; rows left empty place nobody.
var placingColumns = []string{"BIGINT", "BIGINT", "BIGINT", "BOOLEAN", "TEXT", "TEXT", "TEXT", "BIGINT", "TEXT", "BYTEA"}

func placingArgs(list []placing, now time.Time) ([]any, error) {
	args := make([]any, len(placingColumns)*store.Padded(len(list))+1)
	args[len(args)-1] = now
	here := map[[2]int]bool{}
	for i, p := range list {
		// The same form twice at once: the second is placed for itself, and finds
		// the first.
		if same := [2]int{p.run, p.person}; here[same] {
			continue
		} else {
			here[same] = true
		}
		mail := mailJob(training.EnrolmentMailJob{Enrolment: p.ref, Name: "enrolment_confirmed"}, now)
		payload, err := json.Marshal(mail.Payload)
		if err != nil {
			return nil, fmt.Errorf("write the payload: %w", err)
		}
		copy(args[i*len(placingColumns):], []any{p.run, p.pool, p.person, p.held, p.ref, p.country, p.mark, p.agency, mail.Key, payload})
	}
	return args, nil
}

var placingSQL = placingQueries()

// placingQueries is placeIn for confirmed seats in one statement, for each number
// of rows: as many as come at once wait for the same runs' rows, and those are
// kept for one round trip. The rows are locked in the order of their ids, as two
// servers may place in the same runs.
func placingQueries() map[int]string {
	queries := map[int]string{}
	for rows := 1; rows <= together.Most; rows = store.Padded(rows + 1) {
		at := fmt.Sprintf("$%d::timestamptz", rows*len(placingColumns)+1)
		queries[rows] = `WITH q (n, run, pool, person, held, ref, country, hold, agency, mail, payload) AS (VALUES ` +
			store.Rows(rows, placingColumns...) + `
), locked AS (
	SELECT id FROM runs WHERE id IN (SELECT run FROM q) ORDER BY id FOR NO KEY UPDATE
), changed AS (
	UPDATE runs SET seat_version = seat_version + 1, seat_changed_at = ` + at + `
	WHERE id IN (SELECT id FROM locked) AND closed_at IS NULL AND cancelled_at IS NULL RETURNING id, seat_version
), pool AS (
	UPDATE seat_pools SET taken = taken + wanted.seats
	FROM (SELECT run, pool, count(*) AS seats, bool_and(held) AS held FROM q GROUP BY run, pool) wanted
		JOIN changed ON changed.id = wanted.run
	WHERE seat_pools.id = wanted.pool AND seat_pools.run_id = wanted.run AND ` + freeSeats + ` AND (wanted.held OR ` + nobodyWaits + `)
	RETURNING seat_pools.id
), enrolled AS (
	INSERT INTO enrolments (ref, status, country, hold, created_at, updated_at, result, run_id, person_id, pool_id, agency_id)
	SELECT q.ref, '` + string(training.Confirmed) + `', q.country, q.hold, ` + at + `, ` + at + `, '', q.run, q.person, q.pool, q.agency
	FROM q JOIN pool ON pool.id = q.pool RETURNING id, ref, person_id
), event AS (
	INSERT INTO enrolment_events (from_status, to_status, reason, actor_id, at, enrolment_id)
	SELECT '', '` + string(training.Confirmed) + `', 'event.confirmed', person_id, ` + at + `, id FROM enrolled
), job AS (
	INSERT INTO outbox_jobs (kind, dedupe_key, payload, created_at, due_at, tries)
	SELECT '` + training.EnrolmentMail + `', q.mail, q.payload, ` + at + `, ` + at + `, 0 FROM q JOIN enrolled ON enrolled.ref = q.ref
)
SELECT q.n, changed.seat_version, pool.id IS NOT NULL FROM q JOIN changed ON changed.id = q.run LEFT JOIN pool ON pool.id = q.pool`
	}
	return queries
}

// placeAtOnce tries the pools in turn. p.pool stays 0 where none has a seat.
func (s *Service) placeAtOnce(ctx context.Context, a arrival, e entry, p *placed) error {
	want := placing{run: a.r.row.ID, person: a.c.row.ID, held: e.hold.Token != "", ref: p.ref, country: a.c.country, agency: a.c.agency}
	if m := e.mark(); m != "" {
		want.mark = &m
	}
	for _, pool := range e.pools {
		want.pool = pool.ID
		got, err := s.seat(ctx, want)
		if err != nil {
			return fmt.Errorf("take a seat: %w", err)
		}
		if got.version == 0 {
			return runClosed()
		}
		if got.taken {
			p.at, p.version, p.pool, p.beside = got.at, got.version, pool.ID, got.beside
			return nil
		}
	}
	return nil
}

// seat places one, together with others who come at the same moment; where that
// fails, alone: nobody pays for what another sent.
func (s *Service) seat(ctx context.Context, want placing) (seated, error) {
	got, err := s.placings.Ask(ctx, want)
	if errors.Is(err, context.DeadlineExceeded) {
		return got, &training.Fault{Kind: training.KindUnavailable, RetryAfter: store.RetryWhenSlow, Cause: err}
	}
	if err != nil || got.taken || got.asked == 1 {
		return got, err
	}
	alone, err := s.seatTogether(ctx, []placing{want})
	return alone[0], err
}
