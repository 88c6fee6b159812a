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
	"time"

	"github.com/varde-platform/varde/ent/outboxjob"
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
func Put(ctx context.Context, tx *store.Tx, job Job) error {
	payload, err := json.Marshal(job.Payload)
	if err != nil {
		return fmt.Errorf("write the payload of %s: %w", job.Key, err)
	}
	due := tx.Now
	if !job.Due.IsZero() {
		due = store.Instant(job.Due)
	}
	err = tx.OutboxJob.Create().SetKind(job.Kind).SetDedupeKey(job.Key).SetPayload(payload).
		SetCreatedAt(tx.Now).SetDueAt(due).
		OnConflictColumns(outboxjob.FieldDedupeKey).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("put %s into the outbox: %w", job.Key, err)
	}
	return nil
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

// PutMail writes a mail into the outbox.
func PutMail(ctx context.Context, tx *store.Tx, mail Mail) error {
	return Put(ctx, tx, Job{Kind: MailKind, Key: mail.Key, Payload: mail})
}
