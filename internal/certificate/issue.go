package certificate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

var (
	errNoLongerClosed = errors.New("the run was reopened")
	errDoneBefore     = errors.New("somebody else was first")
)

// IssueForRun gives the certificates that a closed run still owes, replaces
// those whose facts a reopening changed and revokes those no longer earned. It
// may be stopped anywhere and called again, by several workers at once: each
// certificate is given once. Issued counts those given by this call. A run that
// is not closed owes nothing.
func (s *Service) IssueForRun(ctx context.Context, runID int) (IssueResult, error) {
	r, rows, err := s.closedRun(ctx, runID)
	if err != nil || r == nil {
		return IssueResult{}, err
	}
	look, err := s.appearanceOf(ctx, r.Edges.Course.Programme)
	if err != nil {
		return IssueResult{}, err
	}
	var result IssueResult
	for _, e := range rows {
		p, err := s.plan(r, e, look)
		if err != nil {
			return result, err
		}
		if p.earned {
			result.Due++
		}
		err = s.carryOut(ctx, r, p, &result)
		switch {
		case errors.Is(err, errNoLongerClosed):
			return result, nil // the next closing asks again
		case errors.Is(err, errDoneBefore):
		case err != nil:
			return result, fmt.Errorf("certificate of enrolment %s: %w", e.Ref, err)
		}
	}
	return result, nil
}

// closedRun is a run with everyone who has a result or a certificate; nil where
// it is not closed.
func (s *Service) closedRun(ctx context.Context, runID int) (*ent.Run, []*ent.Enrolment, error) {
	r, err := s.db.Ent.Run.Query().Where(run.ID(runID)).WithCourse(func(q *ent.CourseQuery) {
		// A certificate states a title as people wrote it, never a machine's.
		q.WithTexts(func(q *ent.CourseTextQuery) {
			q.Where(coursetext.Kind("title"), coursetext.OriginNEQ("machine"), coursetext.TextNEQ(""))
		})
	}).Only(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read run %d: %w", runID, err)
	}
	if r.ClosedAt == nil {
		return nil, nil, nil
	}
	standing := certificate.ReplacedBy("")
	rows, err := s.db.Ent.Enrolment.Query().
		Where(enrolment.RunID(runID), enrolment.Or(
			enrolment.StatusEQ(training.Completed), enrolment.HasCertificatesWith(standing))).
		WithPerson().WithAgency().WithPresence().
		WithCertificates(func(q *ent.CertificateQuery) { q.Where(standing) }).
		Order(ent.Asc(enrolment.FieldID)).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read who completed run %d: %w", runID, err)
	}
	return r, rows, nil
}

func (s *Service) carryOut(ctx context.Context, r *ent.Run, p plan, result *IssueResult) error {
	switch p.step {
	case revoke:
		return s.revokeUnearned(ctx, r, p)
	case nothing:
		return nil
	}
	d, err := s.draft(r, p)
	if err != nil {
		return err
	}
	stop, err := s.tryOut(ctx, d)
	if err != nil {
		return err
	}
	if stop.Reason != "" {
		stop.Enrolment = p.Ref
		result.Stopped = append(result.Stopped, stop)
		return s.recordStop(ctx, r, p.Enrolment, stop)
	}
	if err := s.write(ctx, r, p, d); err != nil {
		return err
	}
	result.Issued++
	return nil
}

// draft is the certificate as it would be issued this moment; write gives it the
// instant.
type draft struct {
	row   *ent.Certificate
	facts Facts
}

func (s *Service) draft(r *ent.Run, p plan) (draft, error) {
	number, err := number.New(rand.Reader)
	if err != nil {
		return draft{}, err
	}
	facts, holder := p.facts, p.Edges.Person
	facts.VerifyURL = s.verifyURL(number)
	facts.Badge = s.badgeFactsOf(facts, holder)
	if p.last != nil {
		before, err := readFacts(p.last)
		if err != nil {
			return draft{}, err
		}
		facts.ValidFrom = before.validFrom(p.last.IssuedAt).String()
	}
	asMap, err := facts.asMap()
	if err != nil {
		return draft{}, err
	}
	return draft{facts: facts, row: &ent.Certificate{
		Number: number, EnrolmentID: p.ID, RunID: r.ID, PersonID: p.PersonID, AgencyID: p.AgencyID,
		Holder: holder.Name, Language: speakable(holder.Locale), Facts: asMap, IssuedAt: *r.ClosedAt,
		ExpiresAt: facts.expiry(*r.ClosedAt),
	}}, nil
}

// write issues a drafted certificate, in the place of the last one where there
// is one.
func (s *Service) write(ctx context.Context, r *ent.Run, p plan, d draft) error {
	err := s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := s.stillAsRead(ctx, tx, r, p.Enrolment); err != nil {
			return err
		}
		if err := replace(ctx, tx, p.last, d.row.Number); err != nil {
			return err
		}
		err := tx.Certificate.Create().SetNumber(d.row.Number).SetEnrolmentID(p.ID).SetRunID(r.ID).
			SetPersonID(p.PersonID).SetNillableAgencyID(p.AgencyID).SetHolder(d.row.Holder).
			SetLanguage(d.row.Language).SetFacts(d.row.Facts).SetIssuedAt(tx.Now).
			SetNillableExpiresAt(d.facts.expiry(tx.Now)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("write the certificate: %w", err)
		}
		return outbox.PutMail(ctx, tx, s.issuedMail(p, d))
	})
	if store.Broke(err, "certificate_one_per_enrolment", "certificates.enrolment_id") {
		return errDoneBefore
	}
	return err
}

// replace points the last certificate, if there is one, to the new one. It comes
// before the new row, for the unique index allows one at a time.
func replace(ctx context.Context, tx *store.Tx, last *ent.Certificate, number string) error {
	if last == nil {
		return nil
	}
	update := tx.Certificate.Update().Where(certificate.ID(last.ID), certificate.ReplacedBy("")).SetReplacedBy(number)
	if last.RevokedAt == nil {
		update.Where(certificate.RevokedAtIsNil()) // else the secretariat revoked it in this moment
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("replace the last one: %w", err)
	}
	if n == 0 {
		return errDoneBefore
	}
	return nil
}

// stillAsRead makes sure that the run is closed as it was when it was read, and
// keeps it from being reopened until the transaction ends.
func (s *Service) stillAsRead(ctx context.Context, tx *store.Tx, r *ent.Run, e *ent.Enrolment) error {
	query := tx.Run.Query().Where(run.ID(r.ID))
	if s.db.Dialect == dialect.Postgres { // SQLite has one writer at a time
		query.ForShare()
	}
	now, err := query.Only(ctx)
	if err != nil {
		return fmt.Errorf("read run %s again: %w", r.Code, err)
	}
	if now.ClosedAt == nil || !now.ClosedAt.Equal(*r.ClosedAt) {
		return errNoLongerClosed
	}
	same, err := tx.Enrolment.Query().Where(enrolment.ID(e.ID), enrolment.StatusEQ(e.Status)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("read enrolment %s again: %w", e.Ref, err)
	}
	if !same {
		return errDoneBefore
	}
	return nil
}

// issuedMail tells the holder. The key is the number's, so that it is sent once.
func (s *Service) issuedMail(p plan, d draft) outbox.Mail {
	to, lang := p.Edges.Person, d.row.Language
	title, _ := d.facts.Titles.In(lang)
	mail := outbox.Mail{
		To: to.Email, Locale: lang, Name: "certificate_issued", Key: "certificate_issued:" + d.row.Number,
		Args: map[string]string{
			"name": to.Name, "course": title, "number": d.row.Number,
			"link": s.baseURL + "/" + lang + "/me", "verify": d.facts.VerifyURL,
		},
	}
	if p.last != nil {
		mail.Name, mail.Args["replaced"] = "certificate_replaced", p.last.Number
	}
	return mail
}
