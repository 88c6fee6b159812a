package handlers

import (
	"mime"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// MePage is what a person has to do with courses.
type MePage struct {
	Base
	Offers            []OfferRow // seats that wait for an answer
	Upcoming, Earlier []EnrolmentRow
	Certificates      []CertificateRow
	NeedsEmail        bool
	Unconfirmed       bool
	Affiliation       *StatusTag
	Profile           []Answer
}

// EnrolmentRow is one enrolment in the list. About says what its status means
// now; empty where there is nothing to add.
type EnrolmentRow struct {
	Href        string
	Course      CourseName
	When, Where string
	About       Line
	Tag         StatusTag
}

// OfferRow is a seat that the reader may accept now.
type OfferRow struct {
	OfferBox
	EnrolmentRow
}

// CertificateRow is one certificate in the list.
type CertificateRow struct {
	Course         CourseName
	Issued, Number string
	Tag            StatusTag
	ValidUntil     string // empty: for good
	Renew          string // address of the course that renews it, where it lapses soon
	Files          CertificateFiles
	Page           string
}

func (h *Handlers) me(c *fiber.Ctx) error {
	list, err := h.enrolment.Mine(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	certificates, err := h.certificates.Mine(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	page := MePage{Base: h.newBase(c, "")}
	page.Title = page.T("me.title")
	page.NoIndex = true
	page.sort(list, h.options.Clock())
	page.Affiliation = page.affiliationTag()
	page.Unconfirmed = page.Affiliation != nil && !page.Viewer.AffiliationConfirmed
	page.NeedsEmail = h.needsEmail(page.Viewer)
	page.Profile = page.profileFacts()
	page.Certificates = page.certificateRows(certificates, h.options.Clock())
	return h.render(c, fiber.StatusOK, "me", &page)
}

// sort shares the enrolments out: what is still to come, the next first, and
// what has ended, the latest first.
func (p *MePage) sort(list []enrolment.Enrolment, now time.Time) {
	for _, e := range list {
		row := EnrolmentRow{Href: p.Href("/me/enrolments/", e.Ref), Course: p.courseName(e.Titles),
			When: p.DateRange(e.Starts, e.Ends), Where: p.where(e.Place, e.Country), Tag: p.Tag(e.Status)}
		if !e.Status.Living() || e.Status.IsResult() || e.Ends.Before(todayIn(now, e.TimeZone)) {
			p.Earlier = append(p.Earlier, row)
			continue
		}
		box := p.offerBox(e, false)
		if box == nil { // else the offer above says it
			row.About = p.nowMeans(e)
		} else {
			p.Offers = append(p.Offers, OfferRow{*box, row})
		}
		p.Upcoming = append(p.Upcoming, row)
	}
	slices.Reverse(p.Earlier)
}

// nowMeans says in a line what an enrolment's status means; empty: its name says
// it all.
func (b *Base) nowMeans(e enrolment.Enrolment) Line {
	switch e.Status {
	case training.Confirmed:
		return Line{}
	case training.Waiting:
		return Line{Text: b.T("enrolment.position", "position", e.Standing.Any)}
	case training.Offered:
		return b.offerUntil(e)
	case training.Pending:
		return b.pendingUntil(e)
	}
	return Line{Text: b.T("enrolment.about_" + string(e.Status))}
}

func (b *Base) pendingUntil(e enrolment.Enrolment) Line {
	if e.Deadline.IsZero() {
		return Line{Text: b.T("enrolment.about_pending")}
	}
	return b.deadlineLine("enrolment.pending_until", e.Deadline, e.TimeZone)
}

func (b *Base) profileFacts() []Answer {
	v := b.Viewer
	facts := []Answer{b.answer("profile.name", v.Name, ""), b.answer("profile.email", v.Email, ""),
		b.answer("profile.country", b.countryName(v.Country), ""), b.answer("profile.agency", v.AgencyName, "")}
	if v.AgencySlug != "" {
		facts[3].Lang = b.agencyLang(v.Country)
	}
	return facts
}

func (b *Base) certificateRows(list []certificate.Listed, now time.Time) []CertificateRow {
	rows := make([]CertificateRow, len(list))
	for i, l := range list {
		course := b.courseName(l.Titles)
		rows[i] = CertificateRow{Course: course, Number: l.Number, Tag: b.StateTag(l.State),
			Issued: b.DateShort(l.IssuedOn), Page: b.Href("/verify/", l.Number), Files: b.certificateFiles("/me", course.Text, l)}
		// The holder's own page hands the file out in the language in which it is read.
		if rows[i].Files.PDF != "" {
			rows[i].Files.PDF += "?lang=" + b.Lang()
		}
		if l.ValidUntil.IsZero() {
			continue
		}
		rows[i].ValidUntil = b.T("certificates.valid_until", "date", b.DateShort(l.ValidUntil))
		if l.State == training.CertificateValid && l.ExpiresAt.Before(now.AddDate(0, 0, lapsingWithin)) {
			rows[i].Renew = b.Href("/courses/", l.CourseSlug)
		}
	}
	return rows
}

// certificateFile hands out a certificate to whoever may have it.
func (h *Handlers) certificateFile(c *fiber.Ctx) error {
	file, err := h.certificates.PDF(c.UserContext(), actorOf(c), c.Params("number"), c.Query("lang"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, attachment(file.Name))
	return c.Send(file.Bytes)
}

// EnrolmentPage is one enrolment as its person sees it.
type EnrolmentPage struct {
	Base
	Ref           string
	Receipt       string // heading of the receipt; empty: no receipt
	Waits         bool   // the receipt is for what is not decided yet; About says how it stands
	Course        CourseName
	When, Where   string
	Status        StatusTag
	About         []Line
	Offer         *OfferBox
	Facts         []Answer
	Next          []string
	History       []HistoryLine
	Run, Calendar string // addresses; Calendar is empty where the reader has no seat to come
	Withdraw      *WithdrawBox
}

// HistoryLine is one step that an enrolment took.
type HistoryLine struct{ At, DateTime, Reason string }

// WithdrawBox is about withdrawing from a seat or leaving a waiting list.
type WithdrawBox struct {
	Title string
	Note  Line
	Means string // empty: it is not the reader's to do any more
	Label string
}

// ownEnrolment finds an enrolment of the viewer. Others who may see it do so on
// pages of their own.
func (h *Handlers) ownEnrolment(c *fiber.Ctx) (enrolment.Enrolment, error) {
	e, err := h.enrolment.Get(c.UserContext(), actorOf(c), c.Params("ref"))
	if err == nil && e.PersonID != viewerOf(c).ID {
		return enrolment.Enrolment{}, training.NotFound()
	}
	return e, err
}

func (h *Handlers) enrolmentPage(c *fiber.Ctx) error { return h.showEnrolment(c, nil) }

// showEnrolment shows the page, with what stood in the way of a step; nil: nothing.
func (h *Handlers) showEnrolment(c *fiber.Ctx, fault *training.Fault) error {
	e, err := h.ownEnrolment(c)
	if err != nil {
		return err
	}
	asks, err := h.asksAgency(c, e)
	if err != nil {
		return err
	}
	page, status := EnrolmentPage{Base: h.newBase(c, ""), Ref: e.Ref}, fiber.StatusOK
	page.NoIndex = true
	page.describe(e)
	page.Offer = page.offerBox(e, asks)
	if e.Status == training.Waiting && page.Offer == nil {
		page.Next = h.served(&page.Base, e.Now, startOf(e))
	}
	if fault != nil {
		status = statusOf(fault)
		page.Notices = append(page.Notices, Notice{"bad", page.sentence(fault)})
	} else if c.Query("done") != "" && page.Offer == nil && hasReceipt(e.Status) {
		page.receipt(e, h.mail.Out())
	}
	if err := h.tellHistory(c, &page, e); err != nil {
		return err
	}
	return h.render(c, status, "enrolment", &page)
}

func hasReceipt(s training.Status) bool {
	return s == training.Confirmed || s == training.Pending || s == training.Waiting
}

func (h *Handlers) tellHistory(c *fiber.Ctx, p *EnrolmentPage, e enrolment.Enrolment) error {
	steps, err := h.enrolment.History(c.UserContext(), actorOf(c), e.Ref)
	if err != nil {
		return err
	}
	for _, step := range steps {
		p.History = append(p.History, HistoryLine{At: p.Instant(step.At, e.TimeZone), DateTime: p.DateTime(step.At),
			Reason: p.T(step.Reason, spoken(p.Speaker, step.Args)...)})
	}
	return nil
}

func (p *EnrolmentPage) describe(e enrolment.Enrolment) {
	p.Course, p.Status = p.courseName(e.Titles), p.Tag(e.Status)
	p.Title = p.T("enrolment.title", "course", p.Course.Text)
	p.When, p.Where, p.Run = p.DateRange(e.Starts, e.Ends), p.where(e.Place, e.Country), p.Href("/runs/", e.Run)
	switch {
	case e.Status == training.Waiting:
		p.About = p.waitingLines(e)
	case e.Status == training.Pending:
		p.About = []Line{p.pendingUntil(e)}
	case e.Status == training.Offered && !e.MayAccept():
		p.About = []Line{{Text: p.T("fault.offer_lapsed")}}
	case e.Status != training.Offered:
		p.About = []Line{{Text: p.T("enrolment.about_" + string(e.Status))}}
	}
	if e.Status.TakesSeat() && !e.Status.IsResult() {
		p.Calendar = p.Href("/me/enrolments/", e.Ref, "/calendar.ics")
	}
	p.Withdraw = p.withdrawBox(e)
	p.Facts = p.facts(e)
}

// withdrawBox tells how the reader gets out of an enrolment; nil: it has ended,
// or is an offer, which is declined.
func (b *Base) withdrawBox(e enrolment.Enrolment) *WithdrawBox {
	if !e.Status.MayBecome(training.Cancelled) || e.Status == training.Offered {
		return nil
	}
	if e.Status == training.Waiting {
		return &WithdrawBox{Title: b.T("enrolment.leave_title"), Means: b.T("enrolment.withdraw_place"), Label: b.T("enrolment.leave")}
	}
	box := WithdrawBox{Title: b.T("enrolment.withdraw_title"), Label: b.T("enrolment.withdraw")}
	switch {
	case !e.MayWithdraw():
		box.Note = b.deadlineLine("fault.withdraw_over", e.WithdrawUntil, e.TimeZone)
		return &box
	case !e.Status.TakesSeat():
		box.Means = b.T("enrolment.withdraw_place")
		return &box
	case !e.WithdrawUntil.IsZero():
		box.Note = b.deadlineLine("enrolment.withdraw_until", e.WithdrawUntil, e.TimeZone)
	}
	box.Means = b.T("enrolment.withdraw_seat")
	return &box
}

func (p *EnrolmentPage) facts(e enrolment.Enrolment) []Answer {
	facts := []Answer{
		{Label: p.T("enrolment.reference"), Text: e.Ref},
		{Label: p.T("enrol.dates"), Text: p.When},
		{Label: p.T("enrol.begins"), Text: p.begins(e.HalfDays, e.TimeZone)},
		{Label: p.T("enrol.place"), Text: p.Where},
		{Label: p.T("enrol.language"), Text: capital(p.spokenLanguage(e.Language))},
	}
	add := func(labelKey, text, lang string) {
		if text != "" {
			facts = append(facts, Answer{Label: p.T(labelKey), Text: text, Lang: lang})
		}
	}
	switch {
	case !e.Status.TakesSeat():
	case e.Quota != "":
		add("enrol.pool", p.T("enrol.pool_quota", "country", p.Country(e.Quota)), "")
	default:
		add("enrol.pool", p.T("enrol.pool_open"), "")
	}
	add("enrolment.country", p.countryName(e.State), "")
	add("enrolment.agency", e.AgencyName, p.agencyLang(e.State))
	since := "enrolment.enrolled_on"
	if e.Status == training.Waiting || e.Status == training.Offered {
		since = "enrolment.joined_on"
	}
	add(since, p.Instant(e.CreatedAt, e.TimeZone), "")
	if !e.Deadline.IsZero() {
		at := p.deadline(e.Deadline, e.TimeZone)
		fact := Answer{Label: p.T("enrolment.deadline"), Text: at.Text, At: at}
		fact.At.Text = ""
		facts = append(facts, fact)
	}
	return facts
}

// receipt says that it worked, and what follows.
func (p *EnrolmentPage) receipt(e enrolment.Enrolment, mailOut bool) {
	p.Receipt, p.Waits = p.T("enrolment.receipt_"+string(e.Status)), e.Status != training.Confirmed
	p.Title = p.Receipt
	if e.Status == training.Pending {
		p.Next = append(p.Next, p.T("enrolment.next_pending", "agency", e.AgencyName))
	}
	if mailOut {
		p.Next = append(p.Next, p.T("enrolment.next_mail_"+string(e.Status), "email", p.Viewer.Email))
	}
	if e.Status == training.Waiting {
		p.Next = append(p.Next, p.T("enrolment.next_leave"))
		return
	}
	p.Next = append(p.Next, p.T("enrolment.next_calendar"), p.T("enrolment.next_withdraw"))
}

func (h *Handlers) cancelEnrolment(c *fiber.Ctx) error {
	e, err := h.ownEnrolment(c)
	if err != nil {
		return err
	}
	if _, err := h.enrolment.Cancel(c.UserContext(), actorOf(c), e.Ref); err != nil {
		return h.refuseStep(c, err)
	}
	h.wakeOutbox()
	notice := "notice.withdrawn"
	if e.Status == training.Waiting {
		notice = "notice.left_list"
	}
	return h.done(c, enrolmentPath(e.Ref), notice)
}

// enrolmentCalendar gives the dates to a calendar program.
func (h *Handlers) enrolmentCalendar(c *fiber.Ctx) error {
	e, err := h.ownEnrolment(c)
	if err != nil {
		return err
	}
	// No page: the reader's notice waits for one.
	base := Base{Speaker: h.bundle.For(langOf(c)), titled: h.titledFor(c.UserContext(), langOf(c))}
	host := "varde"
	if address, err := url.Parse(h.options.BaseURL); err == nil && address.Hostname() != "" {
		host = address.Hostname()
	}
	entry := calendarEntry{
		UID: e.Ref + "@" + host, Lang: base.Lang(), Summary: base.courseName(e.Titles).Text, Location: h.whereOf(c.UserContext(), &base, e),
		Description: base.T("enrolment.calendar", "begins", base.begins(e.HalfDays, e.TimeZone), "reference", e.Ref),
		URL:         h.options.BaseURL + base.Href("/me/enrolments/", e.Ref), Status: calendarStatus(e.Status),
		First: e.Starts, Last: e.Ends, Changed: e.UpdatedAt,
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, attachment("varde-"+e.Ref+".ics"))
	return c.SendString(entry.file())
}

// attachment names a file to be kept, as RFC 6266 has it.
func attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
