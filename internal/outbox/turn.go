package outbox

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/store"
)

// Turner turns jobs of one kind, which say what happened, into the jobs that
// follow from it: for each payload those to be put, perhaps none. It reads the
// facts of all of them together and changes nothing itself.
type Turner func(ctx context.Context, payloads []json.RawMessage) ([][]Job, error)

// mostTurned is how many jobs are turned at once.
const mostTurned = 128

// turnSome turns what is due into what follows, each kind in one transaction.
// Where that fails each job is tried by itself, so that a bad one does not keep
// the others.
func (w *Worker) turnSome(ctx context.Context) (int, error) {
	jobs, err := w.lease(ctx, slices.Collect(maps.Keys(w.turners)), mostTurned)
	if err != nil {
		return 0, err
	}
	byKind := map[string][]*leased{}
	for _, job := range jobs {
		byKind[job.kind] = append(byKind[job.kind], job)
	}
	for kind, some := range byKind {
		err := w.turn(ctx, w.turners[kind], some)
		if err == nil {
			continue
		}
		w.log.Warn("outbox jobs are tried one by one", "kind", kind, "error", err)
		for _, job := range some {
			if err := w.do(ctx, job, w.turnOne(w.turners[kind])); err != nil {
				return len(jobs), err
			}
		}
	}
	return len(jobs), nil
}

// turn puts what follows from the jobs and marks them done, all or nothing.
func (w *Worker) turn(ctx context.Context, turner Turner, jobs []*leased) error {
	payloads, ids := make([]json.RawMessage, len(jobs)), make([]int, len(jobs))
	for i, job := range jobs {
		if job.tries > maxTries {
			return errNoEnd
		}
		payloads[i], ids[i] = job.payload, job.id
	}
	return w.guarded(ctx, jobs[0].kind, func(work context.Context) error {
		following, err := turner(work, payloads)
		if err != nil {
			return err
		}
		return w.db.InTx(work, func(tx *store.Tx) error {
			if err := PutAll(work, tx, slices.Concat(following...)); err != nil {
				return err
			}
			err := tx.OutboxJob.Update().Where(outboxjob.IDIn(rounded(ids)...), outboxjob.Lease(w.name)).
				SetDoneAt(tx.Now).ClearLease().ClearLeasedUntil().ClearLastError().Exec(work)
			return wrap(err, "mark jobs done")
		})
	})
}

// rounded repeats the last one until there are 1, 2, 4, 8 …: the database has a
// statement to prepare for each number of them.
func rounded(ids []int) []int {
	want := 1
	for want < len(ids) {
		want *= 2
	}
	return append(ids, slices.Repeat(ids[len(ids)-1:], want-len(ids))...)
}

// turnOne does a single job. Should it be done again, what follows has the same
// keys and is put once.
func (w *Worker) turnOne(turner Turner) Doer {
	return func(ctx context.Context, payload json.RawMessage) error {
		following, err := turner(ctx, []json.RawMessage{payload})
		if err != nil {
			return err
		}
		return w.db.InTx(ctx, func(tx *store.Tx) error { return PutAll(ctx, tx, slices.Concat(following...)) })
	}
}
