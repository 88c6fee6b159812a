package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/store"
)

const (
	leaseTime = 2 * time.Minute
	// renewAfter: a job that waited longer than this for the others of its batch
	// has its lease renewed before it is begun.
	renewAfter = 20 * time.Second
	// workLimit: with both a job is over before its lease is.
	workLimit   = leaseTime - renewAfter - 10*time.Second
	recordLimit = 10 * time.Second
	batch       = 10
	maxTries    = 18 // with the pauses below, about two days
	idleWait    = time.Second
)

// Doer does the jobs of one kind. It must bear being given a job twice.
type Doer func(ctx context.Context, payload json.RawMessage) error

// Worker does what is due. Any number of workers may share one database.
type Worker struct {
	db    *store.DB
	doers map[string]Doer
	name  string
	wake  chan struct{}
	log   *slog.Logger
}

// NewWorker makes a worker for the kinds given; jobs of other kinds are left.
func NewWorker(db *store.DB, doers map[string]Doer, log *slog.Logger) *Worker {
	return &Worker{db: db, doers: doers, name: rand.Text(), wake: make(chan struct{}, 1), log: log}
}

// Wake makes an idle worker look at once.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-timer.C:
		}
		done, err := w.Drain(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("outbox", "error", err)
		}
		pause := idleWait
		if done > 0 {
			pause = 0
		}
		timer.Reset(pause)
	}
}

// Drain does one batch of what is due now and tells how many jobs it took.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	jobs, err := w.lease(ctx)
	if err != nil {
		return 0, err
	}
	for _, job := range jobs {
		mine, err := w.renew(ctx, job)
		if err == nil && mine {
			err = w.do(ctx, job)
		}
		if err != nil {
			return len(jobs), err
		}
	}
	return len(jobs), nil
}

// lease marks jobs as this worker's, each by a conditional update, so that two
// workers that see the same row do not both take it.
func (w *Worker) lease(ctx context.Context) ([]*ent.OutboxJob, error) {
	now, err := w.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	kinds := make([]string, 0, len(w.doers))
	for kind := range w.doers {
		kinds = append(kinds, kind)
	}
	free := outboxjob.And(
		outboxjob.KindIn(kinds...), outboxjob.DoneAtIsNil(), outboxjob.GivenUpAtIsNil(), outboxjob.DueAtLTE(now),
		outboxjob.Or(outboxjob.LeasedUntilIsNil(), outboxjob.LeasedUntilLT(now)))
	due, err := w.db.Ent.OutboxJob.Query().Where(free).
		Order(ent.Asc(outboxjob.FieldDueAt, outboxjob.FieldID)).Limit(batch).All(ctx)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	var mine []*ent.OutboxJob
	err = w.db.InTx(ctx, func(tx *store.Tx) error {
		mine = mine[:0]
		for _, job := range due {
			n, err := tx.OutboxJob.Update().Where(outboxjob.ID(job.ID), free).
				SetLease(w.name).SetLeasedUntil(now.Add(leaseTime)).AddTries(1).Save(ctx)
			if err != nil {
				return fmt.Errorf("lease job %d: %w", job.ID, err)
			}
			if n == 1 {
				mine = append(mine, job)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	until := now.Add(leaseTime)
	for _, job := range mine {
		job.Tries++
		job.LeasedUntil = &until
	}
	return mine, nil
}

// renew keeps the lease of a job that waited for the others of its batch. It
// reports false where the lease ran out and somebody else has the job now.
func (w *Worker) renew(ctx context.Context, job *ent.OutboxJob) (bool, error) {
	now, err := w.db.Now(ctx)
	if err != nil || job.LeasedUntil.Sub(now) > leaseTime-renewAfter {
		return err == nil, err
	}
	mine := false
	err = w.db.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.OutboxJob.Update().Where(outboxjob.ID(job.ID), outboxjob.Lease(w.name)).
			SetLeasedUntil(now.Add(leaseTime)).Save(ctx)
		if err != nil {
			return fmt.Errorf("renew the lease of job %d: %w", job.ID, err)
		}
		mine = n == 1
		return nil
	})
	return mine, err
}

func (w *Worker) do(ctx context.Context, job *ent.OutboxJob) error {
	failure := errNoEnd
	if job.Tries <= maxTries {
		failure = w.attempt(ctx, job)
	}
	if failure != nil && ctx.Err() != nil {
		return ctx.Err() // the lease runs out and somebody else does it again
	}
	// What was done while the server was told to stop is not done again.
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordLimit)
	defer cancel()
	return w.record(record, job, failure)
}

// errNoEnd is the failure of a job whose every try ended with its server.
var errNoEnd = errors.New("no try ever came to its end")

// attempt does the job; a panic in it is the failure of this job and not the end
// of the server.
func (w *Worker) attempt(ctx context.Context, job *ent.OutboxJob) error {
	work, cancel := context.WithTimeout(ctx, workLimit)
	defer cancel()
	var failure error
	func() {
		defer func() {
			if p := recover(); p != nil {
				failure = fmt.Errorf("panic: %v", p)
				w.log.Error("outbox job panicked", "kind", job.Kind, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		failure = w.doers[job.Kind](work, json.RawMessage(job.Payload))
	}()
	return failure
}

func (w *Worker) record(ctx context.Context, job *ent.OutboxJob, failure error) error {
	now, err := w.db.Now(ctx)
	if err != nil {
		return err
	}
	return w.db.InTx(ctx, func(tx *store.Tx) error {
		update := tx.OutboxJob.Update().Where(outboxjob.ID(job.ID), outboxjob.Lease(w.name)).
			ClearLease().ClearLeasedUntil()
		switch {
		case failure == nil:
			update.SetDoneAt(now).ClearLastError()
		case job.Tries >= maxTries:
			update.SetGivenUpAt(now).SetLastError(storable(failure))
			w.log.Error("outbox job given up", "kind", job.Kind, "key", job.DedupeKey, "error", failure)
		default:
			update.SetDueAt(now.Add(pauseAfter(job.Tries))).SetLastError(storable(failure))
			w.log.Warn("outbox job failed", "kind", job.Kind, "key", job.DedupeKey, "try", job.Tries, "error", failure)
		}
		return update.Exec(ctx)
	})
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
