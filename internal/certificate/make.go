package certificate

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// draw makes the page without badge and seal.
func (s *Service) draw(ctx context.Context, row *ent.Certificate, facts Facts, lang string) ([]byte, error) {
	p, err := s.dressed(ctx, row, facts, lang)
	if err != nil {
		return nil, err
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return page.Render(p)
}

// sealed makes the whole file: the page with the badge in it, sealed now.
func (s *Service) sealed(ctx context.Context, row *ent.Certificate, facts Facts, lang string) ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	token, err := s.badge(ctx, row, facts)
	if err != nil {
		return nil, err
	}
	p, err := s.dressed(ctx, row, facts, lang)
	if err != nil {
		return nil, err
	}
	p.Attachments = []page.Attachment{{
		Name: attachedBadge, MIME: badge.MediaType, Description: s.words(lang).T("certificate.badge_file"), Bytes: token,
	}}
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	pdf, err := page.Render(p)
	if err != nil {
		return nil, err
	}
	return seal.Sign(ctx, pdf, s.seal.Issuer, seal.Options{
		At: now, Number: row.Number, Reason: s.words(lang).T("certificate.seal_reason"), Timestamp: s.stamper(),
	})
}

// attachedBadge is what the badge is called inside the PDF.
const attachedBadge = "open-badge.jwt"

// stamper asks the authority of time-stamps, if there is one.
func (s *Service) stamper() seal.Timestamper {
	if s.seal.Timestamp == nil {
		return nil
	}
	return patient{s.seal.Timestamp, s.slots}
}

// patient waits for an authority without keeping a processor's slot, which whoever
// seals holds. That it does not answer is nobody's fault who asks for a
// certificate: they may try again.
type patient struct {
	authority seal.Timestamper
	slots     chan struct{}
}

func (p patient) Timestamp(ctx context.Context, signature []byte) ([]byte, error) {
	<-p.slots
	defer func() { p.slots <- struct{}{} }() // else who holds it gives another's back
	token, err := p.authority.Timestamp(ctx, signature)
	if err != nil {
		return nil, &training.Fault{Kind: training.KindUnavailable, Cause: err}
	}
	return token, nil
}

// badge is the kept badge of a certificate, made first where there is none.
func (s *Service) badge(ctx context.Context, row *ent.Certificate, facts Facts) ([]byte, error) {
	return s.once(ctx, row, kindBadge, row.Language, func() ([]byte, error) {
		if s.seal.Issuer == nil {
			return nil, errNoSigner
		}
		whole, err := s.db.Ent.Certificate.Query().Where(certificate.ID(row.ID)).WithPerson().
			WithRun(func(q *ent.RunQuery) { q.WithCourse() }).Only(ctx)
		if err != nil {
			return nil, fmt.Errorf("read what the badge states: %w", err)
		}
		credential, err := badge.Credential(s.badgeFacts(whole, facts), s.profile())
		if err != nil {
			return nil, err
		}
		done, err := s.slot(ctx)
		if err != nil {
			return nil, err
		}
		defer done()
		return s.token(credential)
	})
}

// token signs a credential with the key that seals files.
func (s *Service) token(credential []byte) ([]byte, error) {
	key := s.seal.Issuer.PrivateKey()
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("the issuer's key is no RSA key")
	}
	token, err := badge.JWT(credential, key, badge.Thumbprint(public))
	return []byte(token), err
}

// badgeFacts puts a certificate into a badge's words, in the holder's language at
// issue.
func (s *Service) badgeFacts(row *ent.Certificate, facts Facts) badge.Facts {
	w := s.words(row.Language)
	title, _ := facts.Titles.In(row.Language)
	slug := cmp.Or(facts.CourseSlug, row.Edges.Run.Edges.Course.Slug)
	f := badge.Facts{
		Address: facts.VerifyURL, Number: row.Number, Holder: row.Holder,
		Email: row.Edges.Person.Email, Reference: row.Number,
		Course: badge.Course{
			ID: s.baseURL + "/en/courses/" + slug, Code: facts.CourseCode, Title: title,
			Criteria: w.T("certificate.badge_criteria", "threshold", facts.Threshold),
		},
		Language: facts.Language, Awarded: store.Instant(row.IssuedAt), ValidUntil: instant(row.ExpiresAt),
		Zone: facts.zone(), Status: s.statusOf(row.ID),
	}
	f.Starts, f.Ends = facts.dates()
	return f
}
