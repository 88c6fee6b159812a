package certificate

import (
	"context"
	"fmt"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// factsWrong is the reason for revoking what a reopened run no longer earns.
const factsWrong = "facts_wrong"

// Revoke ends a certificate for a public reason (training.RevocationReasons);
// the note stays with the secretariat. It is for administrators, works once, and
// the holder is told.
func (s *Service) Revoke(ctx context.Context, actor training.Actor, typed, reason, note string) error {
	return s.revokeIf(ctx, actor, typed, reason, note)
}

// RevokeAsShown is Revoke after somebody was shown which certificate, if any, replaced
// this one: where that is another by now, there is a conflict and nothing is revoked.
func (s *Service) RevokeAsShown(ctx context.Context, actor training.Actor, typed, reason, note, replacedBy string) error {
	return s.revokeIf(ctx, actor, typed, reason, note, certificate.ReplacedBy(replacedBy))
}

func (s *Service) revokeIf(ctx context.Context, actor training.Actor, typed, reason, note string, only ...predicate.Certificate) error {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	row, err := s.find(ctx, typed, func(q *ent.CertificateQuery) { q.WithPerson() })
	if err != nil {
		return err
	}
	if err := CheckRevocation(reason, note); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		done, err := s.revokeIn(ctx, tx, row, row.Edges.Person, reason, strings.TrimSpace(note), only...)
		if err == nil && !done {
			return training.NewFault(training.KindConflict, "fault.certificate_revoked", nil)
		}
		return err
	})
}

// revokeUnearned revokes the certificate of somebody whom a reopened and newly
// closed run no longer counts among those who earned one.
func (s *Service) revokeUnearned(ctx context.Context, r *ent.Run, p plan) error {
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := s.stillAsRead(ctx, tx, r, p.Enrolment); err != nil {
			return err
		}
		_, err := s.revokeIn(ctx, tx, p.last, p.Edges.Person, factsWrong, "")
		return err
	})
}

// revokeIn reports whether the certificate stood until now, as only may narrow it.
func (s *Service) revokeIn(ctx context.Context, tx *store.Tx, row *ent.Certificate, holder *ent.Person, reason, note string, only ...predicate.Certificate) (bool, error) {
	n, err := tx.Certificate.Update().Where(certificate.ID(row.ID), certificate.RevokedAtIsNil()).Where(only...).
		SetRevokedAt(tx.Now).SetRevokedReason(reason).SetRevokedNote(note).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("revoke: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	facts, err := readFacts(row)
	if err != nil {
		return false, err
	}
	lang := speakable(holder.Locale)
	title, _ := facts.Titles.In(lang)
	return true, outbox.PutMail(ctx, tx, outbox.Mail{
		To: holder.Email, Locale: lang, Name: "certificate_revoked", Key: "certificate_revoked:" + row.Number,
		Args: map[string]string{
			"name": holder.Name, "course": title, "number": row.Number, "verify": facts.VerifyURL,
			"reason": s.words(lang).T("certificate.reason_" + reason),
		},
	})
}
