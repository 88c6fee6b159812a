// Package idempotency owns the first answers to requests that carry an
// Idempotency-Key: the same request again gets the same answer. It lives in the
// database alone, because a retry matters most when something else is away. It
// does not know what the requests do.
package idempotency

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/varde-platform/varde/ent/answer"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

const (
	keepFor = 24 * time.Hour
	// waitFor is how long a request waits for the first one under way.
	waitFor = 5 * time.Second
	poll    = 50 * time.Millisecond
	// abandonedAfter: a first request that has not ended by then died with its
	// server, and the next may take its place.
	abandonedAfter = time.Minute
	maxPath        = 400 // bytes; no address of ours is longer
)

// Service keeps answers.
type Service struct {
	db   *store.DB
	wait time.Duration
}

// New makes the service.
func New(db *store.DB) *Service { return &Service{db: db, wait: waitFor} }

// Request identifies a request: who, what, and the client's key.
type Request struct {
	PersonID          int
	Method, Path, Key string
	BodyHash          string
}

// Answer is what was answered first.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// Claim is the right to answer a request for the first time.
type Claim struct {
	service *Service
	id      int
}

// Begin answers with a claim where the request is new, else with the first
// answer, for which it waits a while. The same key with another body, and a
// first request that takes too long, are a conflict.
func (s *Service) Begin(ctx context.Context, r Request) (*Claim, *Answer, error) {
	if len(r.Path) > maxPath || !utf8.ValidString(r.Path) {
		return nil, nil, training.NotFound()
	}
	end := time.Now().Add(s.wait)
	for {
		claim, first, err := s.try(ctx, r)
		if err != nil || claim != nil || first != nil {
			return claim, first, err
		}
		if time.Now().After(end) {
			return nil, nil, training.NewFault(training.KindConflict, "fault.first_request_running", nil)
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(poll):
		}
	}
}

func (s *Service) try(ctx context.Context, r Request) (*Claim, *Answer, error) {
	var claim *Claim
	var first *Answer
	err := s.db.InTx(ctx, func(tx *store.Tx) error {
		claim, first = nil, nil
		same := answer.And(answer.PersonID(r.PersonID), answer.Method(r.Method), answer.Path(r.Path), answer.Key(r.Key))
		if _, err := tx.Answer.Delete().Where(same, answer.Or(answer.CreatedAtLT(tx.Now.Add(-keepFor)),
			answer.And(answer.Status(0), answer.CreatedAtLT(tx.Now.Add(-abandonedAfter))))).Exec(ctx); err != nil {
			return fmt.Errorf("drop what is too old: %w", err)
		}
		rows, err := tx.Answer.Query().Where(same).All(ctx)
		if err != nil {
			return fmt.Errorf("look for the first answer: %w", err)
		}
		if len(rows) == 0 {
			row, err := tx.Answer.Create().SetPersonID(r.PersonID).SetMethod(r.Method).SetPath(r.Path).SetKey(r.Key).
				SetBodyHash(r.BodyHash).SetCreatedAt(tx.Now).Save(ctx)
			if err != nil {
				return fmt.Errorf("claim the answer: %w", err)
			}
			claim = &Claim{s, row.ID}
			return nil
		}
		row := rows[0]
		if row.BodyHash != r.BodyHash {
			return training.NewFault(training.KindConflict, "fault.key_reused", nil)
		}
		if row.Status != 0 {
			first = &Answer{Status: row.Status, ContentType: row.ContentType, Body: row.Body}
		}
		return nil
	})
	if store.Broke(err, "answer_person_id_method_path_key", "idempotent_answers.person_id, idempotent_answers.method") {
		return nil, nil, nil // another claimed it between our look and our insert: look again
	}
	return claim, first, err
}

// Keep stores the answer for whoever asks again. Where the claim was taken over
// meanwhile, the answer of whoever did so stands.
func (c *Claim) Keep(ctx context.Context, a Answer) error {
	err := c.service.db.Ent.Answer.Update().Where(answer.ID(c.id)).SetStatus(a.Status).SetContentType(a.ContentType).
		SetBody(a.Body).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// Forget gives the claim back: the request may be tried anew. One that was
// taken over meanwhile is no longer the caller's to give back.
func (c *Claim) Forget(ctx context.Context) error {
	if _, err := c.service.db.Ent.Answer.Delete().Where(answer.ID(c.id)).Exec(ctx); err != nil {
		return fmt.Errorf("forget the claim: %w", err)
	}
	return nil
}

// Cleanup drops answers that are too old to be asked for.
func (s *Service) Cleanup(ctx context.Context) error {
	now, err := s.db.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := s.db.Ent.Answer.Delete().Where(answer.CreatedAtLT(now.Add(-keepFor))).Exec(ctx); err != nil {
		return fmt.Errorf("drop old answers: %w", err)
	}
	return nil
}
