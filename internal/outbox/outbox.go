// Package outbox owns what must follow a commit: a job is written in the same
// transaction as the change it follows from, done after it, retried, and never
// lost. It does not own what a job does; that is registered by kind. Jobs may
// run twice (a server can die after doing one and before saying so), so each
// kind has to bear that.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/store"
)

// Job is something to do after the commit.
type Job struct {
	Kind    string
	Key     string    // the same key is put once for ever
	Payload any       // kept as JSON
	Due     time.Time // UTC, not before; zero: at once
}

// Put writes a job. A key that was put before is no error and does nothing.
func Put(ctx context.Context, tx *store.Tx, job Job) error { return PutAll(ctx, tx, []Job{job}) }

// mostPut keeps a statement short.
const mostPut = 64

// PutAll is Put for many, in few statements, each of 64, 32, 16 … jobs: for each
// number of them the database has a statement to prepare.
func PutAll(ctx context.Context, tx *store.Tx, jobs []Job) error {
	for some := mostPut; len(jobs) > 0; {
		if some > len(jobs) {
			some /= 2
			continue
		}
		if err := putSome(ctx, tx, jobs[:some]); err != nil {
			return fmt.Errorf("put %s into the outbox: %w", jobs[0].Key, err)
		}
		jobs = jobs[some:]
	}
	return nil
}

func putSome(ctx context.Context, tx *store.Tx, jobs []Job) error {
	rows, args := make([]string, len(jobs)), make([]any, 0, 5*len(jobs))
	for i, job := range jobs {
		payload, err := json.Marshal(job.Payload)
		if err != nil {
			return fmt.Errorf("write the payload of %s: %w", job.Key, err)
		}
		due := tx.Now
		if !job.Due.IsZero() {
			due = store.Instant(job.Due)
		}
		n := len(args)
		rows[i] = fmt.Sprintf("($%d, $%d, $%d, $%d, $%d, 0)", n+1, n+2, n+3, n+4, n+5)
		args = append(args, job.Kind, job.Key, payload, tx.Now, due)
	}
	_, err := tx.SQL.ExecContext(ctx, `INSERT INTO outbox_jobs (kind, dedupe_key, payload, created_at, due_at, tries) VALUES `+
		strings.Join(rows, ", ")+` ON CONFLICT (dedupe_key) DO NOTHING`, args...)
	return err
}

// MailKind is the kind of the jobs that send a mail.
const MailKind = "mail"

// Mail is a message to one person; its words are the messages
// mail.<Name>.subject and mail.<Name>.body in the person's language.
type Mail struct {
	To     string            `json:"to"`
	Locale string            `json:"locale"`
	Name   string            `json:"name"`
	Args   map[string]string `json:"args,omitempty"`
	Key    string            `json:"-"` // dedupe key
}

// Job is the job that sends the mail.
func (m Mail) Job() Job { return Job{Kind: MailKind, Key: m.Key, Payload: m} }

// PutMail writes a mail into the outbox.
func PutMail(ctx context.Context, tx *store.Tx, mail Mail) error { return Put(ctx, tx, mail.Job()) }
