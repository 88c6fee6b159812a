package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

// AdminCertificatePage is one certificate with all that stands in its row, and
// what the secretariat can do about it.
type AdminCertificatePage struct {
	Base
	Record
	Facts   []Answer
	Files   CertificateFiles
	PDF     string // address of the file of one that is not for handing on; empty: Files has it
	History []HistoryLine
	Revoke  *RevokeForm // nil: it is revoked
	Correct string      // address of what a correction would state; empty: there can be none
}

// Record is the head of a certificate on the secretariat's pages.
type Record struct {
	Number, Holder, Here string     // Here: address of its page
	Course               CourseName // as it was called at issue
	Dates, Issued        string
	State                StatusTag
	Verify               string     // address of what everybody sees
	Replaces, ReplacedBy RecordLink // no number: none
	Revoked              *RevokedBox
}

// RecordLink leads to another certificate.
type RecordLink struct{ Number, Href string }

// RevokedBox says when and why a certificate was revoked.
type RevokedBox struct{ At, Reason, Note string }

// RevokeForm asks why a certificate is to be revoked.
type RevokeForm struct {
	Action        string
	Reason        string // as chosen
	Reasons       []Option
	ReasonError   string
	Note          Field
	Consequences  []string // on the page that asks once more
	ReasonInWords string
}

func (h *Handlers) adminCertificate(c *fiber.Ctx) error {
	record, err := h.certificates.Record(c.UserContext(), actorOf(c), c.Params("number"))
	if err != nil {
		return err
	}
	return h.showCertificate(c, record, RevokeForm{}, fiber.StatusOK, nil)
}

// revokeHome leads whoever opens the address of the form to where it stands.
func (h *Handlers) revokeHome(c *fiber.Ctx) error {
	record, err := h.certificates.Record(c.UserContext(), actorOf(c), c.Params("number"))
	if err != nil {
		return err
	}
	return c.Redirect("/"+langOf(c)+certificatesPath+"/"+record.Number+"#revoke", fiber.StatusSeeOther)
}

// showCertificate shows the page, with what was typed into its form, and what was
// wrong with that; nil: nothing.
func (h *Handlers) showCertificate(c *fiber.Ctx, of certificate.Record, typed RevokeForm, status int, fault *training.Fault) error {
	page := AdminCertificatePage{Base: h.recordBase(c, of.Number, "")}
	page.Record = page.record(of)
	page.Title = page.T("register.of", "name", of.Holder)
	if fault != nil {
		status, page.Faults = statusOf(fault), fieldFaults(page.Speaker, fault)
	}
	page.Facts, page.History = page.recordFacts(of), page.history(of)
	if page.Files = page.certificateFiles("/admin", of.Holder, of.Listed); page.Files.PDF == "" {
		page.PDF = page.Href("/admin/certificates/", of.Number, ".pdf")
	}
	if of.RevokedAt == nil {
		page.Revoke = page.revokeForm(of, typed)
	} else if status == fiber.StatusConflict {
		page.Notices = append(page.Notices, Notice{"bad", page.T("register.revoked_before", "at", page.Revoked.At)})
	}
	if of.Correctable {
		page.Correct = page.Href(certificatesPath, "/", of.Number, "/reissue")
	}
	return h.render(c, status, "admin_certificate", &page)
}

// recordBase starts a page about a certificate; where forms go nobody can look, so
// its other languages are those of the page of the certificate.
func (h *Handlers) recordBase(c *fiber.Ctx, number, under string) Base {
	b := h.newBase(c, "")
	if !reads(c) {
		b.Path = certificatesPath + "/" + number + under
		b.Menu = h.menu(&b)
	}
	return b
}

func (b *Base) record(of certificate.Record) Record {
	title, lang := of.Facts.Titles.In(b.Lang())
	r := Record{
		Number: of.Number, Holder: of.Holder, Here: b.recordHref(of.Number), Course: CourseName{Text: title}, Dates: b.DateRange(of.Starts, of.Ends),
		Issued: b.Instant(of.IssuedAt, of.Facts.TimeZone), State: b.StateTag(of.State), Verify: b.Href("/verify/", of.Number),
		Replaces: b.recordLink(of.Replaces), ReplacedBy: b.recordLink(of.ReplacedBy),
	}
	if lang != b.Lang() {
		r.Course.Lang = lang
	}
	if of.RevokedAt != nil {
		r.Revoked = &RevokedBox{At: b.Instant(*of.RevokedAt, of.Facts.TimeZone), Reason: b.T("certificate.reason_" + of.Reason), Note: of.Note}
	}
	return r
}

func (b *Base) recordLink(number string) RecordLink {
	if number == "" {
		return RecordLink{}
	}
	return RecordLink{number, b.recordHref(number)}
}

// recordFacts are what the certificate states, in the order of its page, and for
// how long it is valid.
func (b *Base) recordFacts(of certificate.Record) []Answer {
	f := of.Facts
	all := []Answer{
		{Label: b.T("certificate.fact_dates"), Text: b.DateRange(of.Starts, of.Ends)},
		{Label: b.T("certificate.fact_place"), Text: b.where(f.Place, f.Country)},
		{Label: b.T("certificate.fact_duration"), Text: b.T("certificate.days", "count", f.Days)},
		{Label: b.T("certificate.fact_attendance"), Text: b.T("certificate.half_days", "present", f.Attendance.Present, "count", f.Attendance.Total)},
		{Label: b.T("certificate.fact_language"), Text: capital(b.spokenLanguage(f.Language))},
		{Label: b.T("certificate.fact_code"), Text: f.CourseCode},
		{Label: b.T("certificate.fact_run"), Text: f.Run, Href: b.Href("/teach/", f.Run)},
		{Label: b.T("certificate.fact_organiser"), Text: f.Provider},
		{Label: b.T("certificate.fact_agency"), Text: f.Agency, Lang: b.agencyLang(f.AgencyState)},
		{Label: b.T("certificate.fact_state"), Text: b.countryName(f.AgencyState)},
		{Label: b.T("verify.issuer"), Text: f.Issuer},
		{Label: b.T("looks.organisers"), Text: f.Organisers},
		{Label: b.T("verify.issued"), Text: b.Instant(of.IssuedAt, f.TimeZone)},
	}
	for _, signed := range f.Signatories {
		all = append(all, Answer{Label: b.T("teach.field_signatory"), Text: signed.Name, Note: signed.Role})
	}
	if !of.ValidUntil.IsZero() {
		all = append(all, Answer{Label: b.T("certificate.fact_valid_until"), Text: b.Date(of.ValidUntil)})
	}
	known := all[:0]
	for _, a := range all {
		if a.Text != "" {
			known = append(known, a)
		}
	}
	return known
}

// history tells what happened to a certificate, the latest first.
func (b *Base) history(of certificate.Record) []HistoryLine {
	lines := make([]HistoryLine, 0, len(of.Steps))
	for i := len(of.Steps) - 1; i >= 0; i-- {
		step := of.Steps[i]
		lang := ""
		if step.Language != "" {
			lang = b.LanguageName(step.Language)
		}
		lines = append(lines, HistoryLine{At: b.Instant(step.At, of.Facts.TimeZone), DateTime: b.DateTime(step.At),
			Reason: b.T("register.step_"+step.What, "number", step.Number, "language", lang)})
	}
	return lines
}

// revokeForm is the form with what was typed.
func (b *Base) revokeForm(of certificate.Record, typed RevokeForm) *RevokeForm {
	typed.Action = b.Href(certificatesPath, "/", of.Number, "/revoke")
	typed.ReasonError = b.Error("reason")
	for _, reason := range training.RevocationReasons {
		typed.Reasons = append(typed.Reasons, Option{Value: reason, Label: b.T("certificate.reason_" + reason)})
	}
	typed.Note = b.Input("note", "register.note", typed.Note.Value, "hint", "register.note_hint", "optional", "yes")
	return &typed
}

// revokeCertificate ends a certificate after its reader was told what follows: a
// form without the answer to that is answered with the question.
func (h *Handlers) revokeCertificate(c *fiber.Ctx) error {
	record, err := h.certificates.Record(c.UserContext(), actorOf(c), c.Params("number"))
	if err != nil {
		return err
	}
	typed := RevokeForm{Reason: c.FormValue("reason"), Note: Field{Value: c.FormValue("note")}}
	if record.RevokedAt != nil {
		return h.showCertificate(c, record, typed, fiber.StatusConflict, nil)
	}
	if fault, wrong := invalid(certificate.CheckRevocation(typed.Reason, typed.Note.Value)); wrong {
		return h.showCertificate(c, record, typed, 0, fault)
	}
	switch {
	case c.FormValue("change") != "":
		return h.showCertificate(c, record, typed, fiber.StatusOK, nil)
	case c.FormValue("confirm") == "":
		return h.askRevocation(c, record, typed, fiber.StatusOK)
	}
	err = h.certificates.RevokeAsShown(c.UserContext(), actorOf(c), record.Number, typed.Reason, typed.Note.Value, c.FormValue("replaced_by"))
	if training.IsKind(err, training.KindConflict) {
		if record, err = h.certificates.Record(c.UserContext(), actorOf(c), record.Number); err != nil {
			return err
		}
		if record.RevokedAt == nil { // it was replaced since the question was asked
			return h.askRevocation(c, record, typed, fiber.StatusConflict)
		}
		return h.showCertificate(c, record, typed, fiber.StatusConflict, nil)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, certificatesPath+"/"+record.Number, "notice.certificate_revoked")
}

// askRevocation tells what revoking means, and asks once more; with a conflict it says
// that something else was answered before.
func (h *Handlers) askRevocation(c *fiber.Ctx, of certificate.Record, typed RevokeForm, status int) error {
	page := AdminCertificatePage{Base: h.recordBase(c, of.Number, "")}
	page.Record = page.record(of)
	page.Title = page.T("register.revoke_title", "name", of.Holder)
	page.Revoke = page.revokeForm(of, typed)
	page.Revoke.ReasonInWords = page.T("certificate.reason_" + typed.Reason)
	for i := range 4 {
		page.Revoke.Consequences = append(page.Revoke.Consequences, page.T("register.revoke_"+strconv.Itoa(i+1)))
	}
	if of.ReplacedBy != "" {
		page.Revoke.Consequences = append(page.Revoke.Consequences, page.T("register.revoke_replaced", "number", of.ReplacedBy))
	}
	if status == fiber.StatusConflict {
		page.Notices = append(page.Notices, Notice{"bad", page.T("register.revoke_moved_on")})
	}
	return h.render(c, status, "admin_certificate_revoke", &page)
}

// CorrectionPage tells what a certificate in the place of another would state
// otherwise.
type CorrectionPage struct {
	Base
	Record
	Barred  string // why there can be none; empty: there can
	Name    string // of the holder, as it would be
	Renamed bool
	Changed []string // what else would be stated otherwise
	Shown   string   // what the form sends back of all that
}

func (h *Handlers) correctionForm(c *fiber.Ctx) error {
	return h.showCorrection(c, fiber.StatusOK, nil)
}

// showCorrection shows the page, with why the step that was tried was not taken;
// nil: none was.
func (h *Handlers) showCorrection(c *fiber.Ctx, status int, why func(*Base) string) error {
	record, err := h.certificates.Record(c.UserContext(), actorOf(c), c.Params("number"))
	if err != nil {
		return err
	}
	page := CorrectionPage{Base: h.recordBase(c, record.Number, "/reissue")}
	page.Record = page.record(record)
	page.Title = page.T("register.correct_of", "name", record.Holder)
	correction, err := h.certificates.Correction(c.UserContext(), actorOf(c), record.Number)
	fault, barred := curable(err)
	switch {
	case barred:
		page.Barred = sentence(page.Speaker, fault)
	case err != nil:
		return err
	case why != nil:
		page.Notices = append(page.Notices, Notice{"bad", why(&page.Base)})
	}
	page.Name, page.Renamed, page.Shown = correction.Holder, correction.Holder != record.Holder, correction.Shown
	for _, fact := range correction.Changed {
		if fact != "holder" {
			page.Changed = append(page.Changed, page.factName(fact))
		}
	}
	return h.render(c, status, "admin_certificate_correct", &page)
}

// correctCertificate issues a certificate in the place of another, as its reader
// was shown that it would be.
func (h *Handlers) correctCertificate(c *fiber.Ctx) error {
	made, err := h.certificates.Correct(c.UserContext(), actorOf(c), c.Params("number"), c.FormValue("shown"))
	if fault, is := curable(err); is {
		return h.showCorrection(c, statusOf(fault), func(b *Base) string { return sentence(b.Speaker, fault) })
	}
	if err != nil {
		return err
	}
	if made.Number == "" {
		return h.showCorrection(c, fiber.StatusConflict, func(b *Base) string { return b.stopSentence(made.Holder, made.Stop) })
	}
	h.wakeOutbox()
	return h.done(c, certificatesPath+"/"+made.Number, "notice.certificate_corrected")
}
