package handlers

import (
	"time"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

// describe puts a certificate into words. Its instants are told in the run's own
// time zone, as on the certificate itself.
func (p *VerifyPage) describe(now time.Time, baseURL string) {
	cert := p.Certificate
	title, lang := cert.Titles.In(p.Lang())
	p.Course = Phrase{Text: title}
	if lang != p.Lang() {
		p.Course.Lang = lang
	}
	p.Dates = p.DateRange(cert.Starts, cert.Ends)
	p.Issued = p.Instant(cert.IssuedAt, cert.TimeZone)
	if cert.ExpiresAt != nil {
		p.Expires = p.Instant(*cert.ExpiresAt, cert.TimeZone)
	}
	if cert.ReplacedBy != "" {
		p.Replacement = p.Href("/verify/", cert.ReplacedBy)
	}
	p.Checked = p.T("verify.checked", "at", p.Instant(now, cert.TimeZone))
	p.Address = baseURL + "/verify/" + cert.Number
	p.Verdict = p.verdictOf(cert)
	p.Proves = p.T("verify.proves_" + cert.State)
	p.Title = p.Verdict.Heading
}

// verdictOf says how a certificate stands.
func (b *Base) verdictOf(cert certificate.Public) Verdict {
	v := Verdict{Icon: statusIcons[cert.State], Heading: b.T("verify.heading_" + cert.State)}
	switch cert.State {
	case training.CertificateRevoked:
		v.Tone = "bad"
		if cert.RevokedAt != nil {
			v.Texts = append(v.Texts, b.T("verify.revoked_on", "at", b.Instant(*cert.RevokedAt, cert.TimeZone)))
		}
		if cert.Reason != "" {
			v.Texts = append(v.Texts, b.T("certificate.reason_"+cert.Reason))
		}
	case training.CertificateReplaced:
		v.Tone, v.Texts = "wait", []string{b.T("verify.replaced_text")}
	case training.CertificateExpired:
		v.Tone, v.Texts = "wait", []string{b.T("verify.expired_on", "at", b.Instant(*cert.ExpiresAt, cert.TimeZone))}
	default:
		v.Tone = "ok"
	}
	return v
}
