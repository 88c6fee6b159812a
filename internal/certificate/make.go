package certificate

import (
	"context"
	"fmt"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// draw makes the page with what is attached to it, without a seal.
func (s *Service) draw(ctx context.Context, row *ent.Certificate, facts Facts, lang string, attached ...page.Attachment) ([]byte, error) {
	p, err := s.dressed(ctx, row, facts, lang)
	if err != nil {
		return nil, err
	}
	p.Attachments = attached
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return page.Render(p)
}

// sealed makes the whole file: the page with the badge in it, sealed now.
func (s *Service) sealed(ctx context.Context, row *ent.Certificate, facts Facts, lang string) (made, error) {
	if s.seal.Issuer == nil {
		return made{}, errNoSigner
	}
	token, err := s.badge(ctx, row, facts)
	if err != nil {
		return made{}, err
	}
	pdf, err := s.sealedWith(ctx, row, facts, lang, token)
	return made{bytes: pdf, badge: token}, err
}

func (s *Service) sealedWith(ctx context.Context, row *ent.Certificate, facts Facts, lang string, token []byte) ([]byte, error) {
	pdf, err := s.draw(ctx, row, facts, lang, page.Attachment{
		Name: attachedBadge, MIME: badge.MediaType, Description: s.words(lang).T("certificate.badge_file"), Bytes: token,
	})
	if err != nil {
		return nil, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
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
	return s.once(ctx, row, kindBadge, row.Language, func() (made, error) {
		token, err := s.newBadge(ctx, row, facts)
		return made{bytes: token}, err
	})
}

func (s *Service) newBadge(ctx context.Context, row *ent.Certificate, facts Facts) ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	base := baseOf(row, facts)
	if facts.CourseSlug == "" { // issued before it was kept
		var err error
		if facts.CourseSlug, err = s.slugOf(ctx, row); err != nil {
			return nil, err
		}
	}
	credential, err := badge.Credential(s.badgeOf(row, facts, base), profile(base, facts.Issuer))
	if err != nil {
		return nil, err
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.token(credential, base)
}

// slugOf is what the course of a certificate is called in addresses now.
func (s *Service) slugOf(ctx context.Context, row *ent.Certificate) (string, error) {
	of, err := s.db.Ent.Course.Query().Where(course.HasRunsWith(run.ID(row.RunID))).Only(ctx)
	if err != nil {
		return "", fmt.Errorf("find the course: %w", err)
	}
	return of.Slug, nil
}

// token signs a credential with the key that seals files. The key is named below the
// address that the credential has its issuer at: two names of one site, as after it
// moved, would make two issuers of it.
func (s *Service) token(credential []byte, base string) ([]byte, error) {
	key := s.seal.Issuer.PrivateKey()
	public, err := badge.NewKey(key.Public())
	if err != nil {
		return nil, err
	}
	token, err := badge.JWT(credential, key, keyAddress(base, public.ID))
	return []byte(token), err
}

// baseOf is what the addresses of a certificate start with. A badge has those that
// were given out with its certificate, whatever the site's are when it is made.
func baseOf(row *ent.Certificate, facts Facts) string {
	return strings.TrimSuffix(facts.VerifyURL, verifyPath+row.Number)
}

// badgeFactsOf are what the badge of a new certificate will need to know.
func (s *Service) badgeFactsOf(facts Facts, holder *ent.Person) BadgeFacts {
	return BadgeFacts{
		EmailHash: badge.HashEmail(facts.VerifyURL, holder.Email),
		Criteria:  s.criteria(facts, speakable(holder.Locale)),
	}
}

func (s *Service) criteria(facts Facts, lang string) string {
	return s.words(lang).T("certificate.badge_criteria", "threshold", facts.Threshold)
}

// badgeOf puts a certificate into a badge's words, in the holder's language at issue.
// Whatever is in it comes from the row.
func (s *Service) badgeOf(row *ent.Certificate, facts Facts, base string) badge.Facts {
	title, _ := facts.Titles.In(row.Language)
	f := badge.Facts{
		Address: facts.VerifyURL, Number: row.Number, Holder: row.Holder,
		EmailHash: facts.Badge.EmailHash, Reference: row.Number,
		Course: badge.Course{
			ID: base + "/en/courses/" + facts.CourseSlug, Code: facts.CourseCode, Title: title,
			Criteria: facts.Badge.Criteria,
		},
		Language: facts.Language, Awarded: store.Instant(row.IssuedAt), ValidUntil: instant(row.ExpiresAt),
		Zone: facts.zone(), Status: statusOf(base, row.ID),
	}
	if facts.Badge.Criteria == "" { // issued before they were kept
		f.Course.Criteria = s.criteria(facts, row.Language)
	}
	f.Starts, f.Ends = facts.dates()
	return f
}
