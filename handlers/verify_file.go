package handlers

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

// VerifyFilePage says whether a file that was brought is a certificate of ours,
// and how that stands.
type VerifyFilePage struct {
	Base
	Name        string // of the file, as the reader's machine calls it
	Verdict     Verdict
	Checked     string
	Judged      certificate.Judged
	Sealed      string // when; empty: the seal is not ours
	Stamped     string // when, by an authority; empty: it is not
	Fingerprint string // in groups
	Course      Phrase
	Dates       string
	LookedUp    string // address of the certificate's own page; empty: there is none
}

// filesAMinute is how many files an address may have checked: more work than a
// number is.
const filesAMinute = 20

// takesFiles reports whether an address takes a file, and so a large body.
func takesFiles(path string) bool {
	return strings.HasSuffix(path, "/admin/import") || strings.HasSuffix(path, "/verify/file") || path == "/api/v1/certificates/verify"
}

// verifyFileHome leads to the form: a file's verdict is not kept, so that it has no
// address.
func (h *Handlers) verifyFileHome(c *fiber.Ctx) error {
	return c.Redirect("/"+langOf(c)+"/verify", fiber.StatusSeeOther)
}

func (h *Handlers) verifyFile(c *fiber.Ctx) error {
	unseen(c)
	pdf, name, err := sentFile(c)
	if err != nil {
		return err
	}
	if len(pdf) == 0 {
		page := VerifyFormPage{Base: h.verifyBase(c, "/verify")}
		page.Title = page.T("verify.title")
		page.Faults = []FieldFault{{Field: "file", Text: page.T("invalid.choose_file")}}
		return h.render(c, fiber.StatusUnprocessableEntity, "verify_form", &page)
	}
	judged, err := h.certificates.Judge(c.UserContext(), pdf)
	if err != nil {
		return err
	}
	page := VerifyFilePage{Base: h.verifyBase(c, "/verify"), Name: name, Judged: judged}
	page.describe(h.options.Clock())
	status := fiber.StatusOK
	if judged.Reason == tooLarge {
		status = fiber.StatusRequestEntityTooLarge
	}
	return h.render(c, status, "verify_file", &page)
}

// sentFile is the file of a form, with its name, or a body that is the file
// itself; nothing where none was sent.
func sentFile(c *fiber.Ctx) ([]byte, string, error) {
	kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind != fiber.MIMEMultipartForm {
		return c.Body(), "", nil
	}
	sent, err := c.FormFile("file")
	if errors.Is(err, fasthttp.ErrMissingFile) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", unreadable(err)
	}
	file, err := sent.Open()
	if err != nil {
		return nil, "", unreadable(err)
	}
	defer file.Close()
	// One byte more than is taken tells that it is too much.
	pdf, err := io.ReadAll(io.LimitReader(file, certificate.MaxFileBytes+1))
	if err != nil {
		return nil, "", unreadable(err)
	}
	return pdf, sent.Filename, nil
}

// describe puts the judgement into words. What has become of the certificate
// comes first: a genuine file of a revoked one is the case to warn of.
func (p *VerifyFilePage) describe(now time.Time) {
	j, zone := p.Judged, "UTC"
	if cert := j.Certificate; cert != nil {
		zone = cert.TimeZone
		title, lang := cert.Titles.In(p.Lang())
		if p.Course = (Phrase{Text: title}); lang != p.Lang() {
			p.Course.Lang = lang
		}
		p.Dates = p.DateRange(cert.Starts, cert.Ends)
	}
	if j.Number != "" {
		p.LookedUp = p.Href("/verify/", j.Number)
		p.Sealed = p.Instant(j.SealedAt, zone)
		p.Fingerprint = grouped(j.Fingerprint)
	}
	if !j.StampedAt.IsZero() {
		p.Stamped = p.Instant(j.StampedAt, zone)
	}
	p.Checked = p.T("verify.checked", "at", p.Instant(now, zone))
	p.Verdict = p.verdict()
	p.Title = p.Verdict.Heading
}

// grouped writes a fingerprint so that it can be compared, and broken into lines.
func grouped(fingerprint string) string {
	var b strings.Builder
	for i, digit := range fingerprint {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// tooLarge is the reason for not looking at a file at all.
const tooLarge = "too_large"

func (p *VerifyFilePage) verdict() Verdict {
	j := p.Judged
	say := func(tone, icon, heading, text string) Verdict {
		return Verdict{tone, icon, p.T("verify.file_heading_" + heading), []string{p.T("verify.file_" + text)}}
	}
	switch {
	case j.Genuine && j.Certificate == nil:
		return say("wait", "search", "unknown", "unknown_number")
	case j.Genuine && j.Certificate.State == training.CertificateValid:
		return say("ok", statusIcons[j.Certificate.State], "genuine", "genuine")
	case j.Genuine:
		v := p.verdictOf(*j.Certificate)
		v.Texts = append(v.Texts, p.T("verify.file_genuine_not_valid"))
		return v
	case j.Reason == "not_a_pdf" || j.Reason == tooLarge || j.Reason == "encrypted" || j.Reason == "damaged":
		return say("none", "search", "unread", j.Reason)
	}
	return say("bad", "certificate-bad", "no", j.Reason)
}

// apiJudged is what a file proves; certificate is as GET /certificates/{number}
// gives it now, null where the file is not genuine or its number not known.
type apiJudged struct {
	Genuine     bool      `json:"genuine"`
	Reason      string    `json:"reason"`
	Detail      string    `json:"detail"`
	Number      *string   `json:"number"`
	SealedAt    *string   `json:"sealed_at"`
	StampedAt   *string   `json:"stamped_at"`
	Signer      *string   `json:"signer"`
	Fingerprint *string   `json:"fingerprint"`
	Certificate fiber.Map `json:"certificate"`
}

// apiVerifyFile judges the PDF that is the body, or the file of a form.
func (h *Handlers) apiVerifyFile(c *fiber.Ctx) error {
	pdf, _, err := sentFile(c)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(pdf)) == 0 {
		return training.InvalidField("file", "invalid.choose_file", nil)
	}
	j, err := h.certificates.Judge(c.UserContext(), pdf)
	if err != nil {
		return err
	}
	if j.Reason == tooLarge {
		return &training.Fault{Kind: training.KindTooLarge, Key: "verify.file_too_large"}
	}
	lang := negotiate(c)
	a := apiJudged{Genuine: j.Genuine, Reason: j.Reason, Detail: h.bundle.For(lang).T("verify.file_" + j.Reason),
		Number: optional(j.Number), SealedAt: instant(j.SealedAt, time.UTC), StampedAt: instant(j.StampedAt, time.UTC),
		Signer: optional(j.Signer), Fingerprint: optional(j.Fingerprint)}
	if j.Certificate != nil {
		a.Certificate = certificateJSON(*j.Certificate, lang)
	}
	return c.JSON(a)
}
