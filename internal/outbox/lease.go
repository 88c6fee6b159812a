package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/store"
)

// leased is a job that this worker has for a time.
type leased struct {
	id         int
	kind, key  string
	payload    json.RawMessage
	tries      int // this one included
	due, until time.Time
}

// leaseText marks as one worker's the jobs that are due.
const leaseText = `WITH due AS (
		SELECT id FROM outbox_jobs WHERE kind IN (%s) AND done_at IS NULL AND given_up_at IS NULL AND due_at <= $1
			AND (leased_until IS NULL OR leased_until < $1)
		ORDER BY due_at, id LIMIT $2 %s
	)
	UPDATE outbox_jobs SET lease = $3, leased_until = $4, tries = tries + 1 FROM due WHERE outbox_jobs.id = due.id
	RETURNING outbox_jobs.id, kind, dedupe_key, payload, tries, due_at`

// lease marks jobs of these kinds as this worker's and gives them in the order
// in which they were due.
func (w *Worker) lease(ctx context.Context, kinds []string, most int) ([]*leased, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	now, err := w.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	until := now.Add(leaseTime)
	query, args := w.leaseQuery(kinds, now, most, w.name, until)
	var jobs []*leased
	err = w.db.InTx(ctx, func(tx *store.Tx) error {
		jobs = jobs[:0]
		rows, err := tx.SQL.QueryContext(ctx, query, args...)
		if err != nil {
			return fmt.Errorf("lease jobs: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			job := leased{until: until}
			if err := rows.Scan(&job.id, &job.kind, &job.key, (*[]byte)(&job.payload), &job.tries, &job.due); err != nil {
				return fmt.Errorf("read a leased job: %w", err)
			}
			jobs = append(jobs, &job)
		}
		return wrap(rows.Err(), "read the leased jobs")
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(jobs, func(a, b *leased) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.id, b.id)) })
	return jobs, nil
}

// leaseQuery fills in how many kinds there are, and on a database with several
// writers that rows which another worker is just marking are passed over.
func (w *Worker) leaseQuery(kinds []string, args ...any) (string, []any) {
	places := make([]string, len(kinds))
	for i, kind := range kinds {
		args = append(args, kind)
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	passOver := ""
	if w.db.Dialect == dialect.Postgres {
		passOver = "FOR UPDATE SKIP LOCKED"
	}
	return fmt.Sprintf(leaseText, strings.Join(places, ", "), passOver), args
}

// renew keeps the lease of a job that waited for the others of its batch. It
// reports false where the lease ran out and somebody else has the job now.
func (w *Worker) renew(ctx context.Context, job *leased) (bool, error) {
	now, err := w.db.Now(ctx)
	if err != nil || job.until.Sub(now) > leaseTime-renewAfter {
		return err == nil, err
	}
	mine := false
	err = w.db.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.OutboxJob.Update().Where(outboxjob.ID(job.id), outboxjob.Lease(w.name)).
			SetLeasedUntil(now.Add(leaseTime)).Save(ctx)
		mine = n == 1
		return wrap(err, fmt.Sprintf("renew the lease of job %d", job.id))
	})
	return mine, err
}

// record writes down how a try ended: the job is done, or due again after a pause,
// or given up.
func (w *Worker) record(ctx context.Context, job *leased, failure error) error {
	now, err := w.db.Now(ctx)
	if err != nil {
		return err
	}
	return w.db.InTx(ctx, func(tx *store.Tx) error {
		update := tx.OutboxJob.Update().Where(outboxjob.ID(job.id), outboxjob.Lease(w.name)).
			ClearLease().ClearLeasedUntil()
		switch {
		case failure == nil:
			update.SetDoneAt(now).ClearLastError()
		case job.tries >= maxTries:
			update.SetGivenUpAt(now).SetLastError(storable(failure))
			w.log.Error("outbox job given up", "kind", job.kind, "key", job.key, "error", failure)
		default:
			update.SetDueAt(now.Add(pauseAfter(job.tries))).SetLastError(storable(failure))
			w.log.Warn("outbox job failed", "kind", job.kind, "key", job.key, "try", job.tries, "error", failure)
		}
		return update.Exec(ctx)
	})
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// storable is the text of an error without what PostgreSQL refuses: a mail
// server answers in whatever encoding it likes.
func storable(err error) string {
	return strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "\uFFFD"), "\x00", "")
}

// pauseAfter doubles from two seconds to twelve hours.
func pauseAfter(tries int) time.Duration {
	return min(12*time.Hour, time.Second<<min(tries, 20))
}
