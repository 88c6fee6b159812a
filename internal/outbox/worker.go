package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

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
	// gather: what is put within this time of a wake-up is done in one go with
	// it. A mail can wait that long, and a rush is a few large batches.
	gather = 200 * time.Millisecond
)

// Doer does the jobs of one kind. It must bear being given a job twice.
type Doer func(ctx context.Context, payload json.RawMessage) error

// Worker does what is due. Any number of workers may share one database.
type Worker struct {
	db      *store.DB
	doers   map[string]Doer
	turners map[string]Turner
	name    string
	wake    chan struct{}
	idle    time.Duration // between two looks of a worker that nobody wakes
	log     *slog.Logger
}

// NewWorker makes a worker for the kinds given; jobs of other kinds are left.
func NewWorker(db *store.DB, doers map[string]Doer, log *slog.Logger) *Worker {
	return &Worker{db: db, doers: doers, name: rand.Text(), wake: make(chan struct{}, 1), idle: idleWait, log: log}
}

// Turn makes the worker do the jobs of these kinds too, many at once. It is
// called before Run.
func (w *Worker) Turn(turners map[string]Turner) { w.turners = turners }

// Wake makes an idle worker look within a moment.
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
			select {
			case <-ctx.Done():
				return
			case <-time.After(gather):
			}
		case <-timer.C:
		}
		_, more, err := w.drain(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("outbox", "error", err)
		}
		pause := w.idle
		if more {
			pause = 0
		}
		timer.Reset(pause)
	}
}

// Drain does one batch of each sort of what is due now and tells how many jobs it
// took.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	n, _, err := w.drain(ctx)
	return n, err
}

// drain is Drain; second: whether more may be due.
func (w *Worker) drain(ctx context.Context) (int, bool, error) {
	turned, err := w.turnSome(ctx)
	if err != nil {
		return turned, false, err
	}
	done, err := w.doSome(ctx)
	return turned + done, turned == mostTurned || done == batch, err
}

func (w *Worker) doSome(ctx context.Context) (int, error) {
	jobs, err := w.lease(ctx, slices.Collect(maps.Keys(w.doers)), batch)
	if err != nil {
		return 0, err
	}
	for _, job := range jobs {
		if err := w.do(ctx, job, w.doers[job.kind]); err != nil {
			return len(jobs), err
		}
	}
	return len(jobs), nil
}

// do does a job that this worker has leased, and records how it went.
func (w *Worker) do(ctx context.Context, job *leased, do Doer) error {
	mine, err := w.renew(ctx, job)
	if err != nil || !mine {
		return err
	}
	failure := errNoEnd
	if job.tries <= maxTries {
		failure = w.guarded(ctx, job.kind, func(work context.Context) error { return do(work, job.payload) })
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

// guarded works for less time than a lease; a panic is a failure of this work and
// not the end of the server.
func (w *Worker) guarded(ctx context.Context, kind string, do func(context.Context) error) error {
	work, cancel := context.WithTimeout(ctx, workLimit)
	defer cancel()
	var failure error
	func() {
		defer func() {
			if p := recover(); p != nil {
				failure = fmt.Errorf("panic: %v", p)
				w.log.Error("outbox job panicked", "kind", kind, "panic", p, "stack", string(debug.Stack()))
			}
		}()
		failure = do(work)
	}()
	return failure
}
