package handlers

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// mostRows is how many rows of a list an agency's page shows unless all are
// asked for: an agency has thousands over the years, and looks for few.
const mostRows = 50

// AgencyPage is what an officer sees of the own agency: people to confirm,
// enrolments to approve, enrolments and certificates of its staff.
type AgencyPage struct {
	Base
	Slug         string
	Name         string
	NameLang     string // empty: that of the page
	OfAll        bool   // the reader came from the list of all agencies
	Figures      []Figure
	Affiliations AffiliationTable
	Pending      []StaffEnrolment
	Enrolments   []StaffEnrolment
	Found        string        // how many enrolments there are, and how many are shown
	ShowAll      string        // address; empty: all are shown
	Status, Run  Field         // the filter of enrolments
	Lapsing      *LinkedFigure // nil: no certificate lapses soon
	Certificates AgencyCertificates
}

// Figure is a number with what it counts.
type Figure struct{ Label, Value string }

// LinkedFigure leads to what it counts.
type LinkedFigure struct {
	Figure
	Href string
}

// StaffEnrolment is an enrolment of somebody who serves the agency.
type StaffEnrolment struct {
	Ref, Name    string
	Course       CourseName
	Href         string // of the edition
	Dates, Place string
	Tag          StatusTag
	Standing     []Line // what the status means now: the place on the list, a deadline
	Since        string
	AnswerBy     Line // without words: no deadline
	Late, Soon   bool // that deadline is past, or comes within a day
	Withdrawable bool
	Replace      string // address; empty: it is too late, or there is no seat
}

func (h *Handlers) agencyPage(c *fiber.Ctx) error { return h.showAgency(c, nil) }

// showAgency shows the page, with what was wrong with what was asked of it; nil:
// nothing.
func (h *Handlers) showAgency(c *fiber.Ctx, fault *training.Fault) error {
	ctx, actor, slug := c.UserContext(), actorOf(c), c.Params("slug")
	if err := mayManageAnAgency(actor); err != nil {
		return err
	}
	enrolments, err := h.enrolment.OfAgency(ctx, actor, slug, enrolment.Filter{})
	if err != nil {
		return err
	}
	agency, err := h.people.AgencyBySlug(ctx, slug)
	if err != nil {
		return err
	}
	pending, err := h.people.PendingAffiliations(ctx, actor)
	if err != nil {
		return err
	}
	page := AgencyPage{Base: h.newBase(c, agency.Name), Slug: slug, Name: agency.Name, OfAll: actor.Role == training.RoleAdmin}
	page.inSecretariat()
	page.NameLang = page.agencyLang(agency.Country)
	view := agencyView{&page, zoneOfCountry(agency.Country), h.options.Clock()}
	page.Affiliations = page.affiliationTable(ofAgency(pending, slug), "/agency/"+slug)
	yearBegins := time.Date(view.now.In(zoneOrUTC(view.zone)).Year(), time.January, 1, 0, 0, 0, 0, zoneOrUTC(view.zone))
	certificates, err := h.certificates.Summary(ctx, actor, slug, yearBegins, lapsingWithin)
	if err != nil {
		return err
	}
	view.figures(enrolments, certificates)
	view.pending(enrolments)
	if err := h.filterEnrolments(c, view, enrolments); err != nil {
		return err
	}
	status, err := h.filterCertificates(c, view, certificates.Courses, fault)
	if err != nil {
		return err
	}
	return h.render(c, status, "agency", &page)
}

func ofAgency(all []people.Affiliation, slug string) []people.Affiliation {
	return slices.DeleteFunc(all, func(a people.Affiliation) bool { return a.AgencySlug != slug })
}

// agencyView fills the page. Instants are told in the zone of the agency.
type agencyView struct {
	*AgencyPage
	zone string
	now  time.Time
}

func (v agencyView) figures(enrolments []enrolment.Enrolment, certificates certificate.Summary) {
	var coming, waiting int
	for _, e := range enrolments {
		switch e.Status {
		case training.Waiting:
			waiting++
		case training.Confirmed:
			if !e.Ends.Before(todayIn(v.now, e.TimeZone)) {
				coming++
			}
		}
	}
	year := v.now.In(zoneOrUTC(v.zone)).Format("2006")
	v.Figures = []Figure{
		{v.T("agency.figure_coming"), v.Int(coming)},
		{v.T("agency.figure_waiting"), v.Int(waiting)}, {v.T("agency.figure_certificates", "year", year), v.Int(certificates.Issued)},
	}
	if n := certificates.Expiring; n > 0 {
		v.Lapsing = &LinkedFigure{Figure{v.T("agency.figure_lapsing"), v.Int(n)}, v.lapsingHref()}
	}
}

func (v agencyView) staff(e enrolment.Enrolment) StaffEnrolment {
	row := StaffEnrolment{
		Ref: e.Ref, Name: e.PersonName, Course: v.courseName(e.Titles), Href: v.Href("/runs/", e.Run),
		Dates: v.DateRange(e.Starts, e.Ends), Place: v.where(e.Place, e.Country), Tag: v.Tag(e.Status),
		// The day until which people withdraw by themselves does not bind their agency.
		Withdrawable: e.Status.MayBecome(training.Cancelled), Standing: v.standing(e),
	}
	if !e.Deadline.IsZero() {
		row.AnswerBy = v.deadlineLine("agency.answer_by", e.Deadline, e.TimeZone)
	}
	if replaceable(e) {
		row.Replace = v.Href("/agency/", v.Slug, "/enrolments/", e.Ref, "/replace")
	}
	return row
}

// standing says what the status of an enrolment means now to those who answer for
// the person.
func (b *Base) standing(e enrolment.Enrolment) []Line {
	switch {
	case e.Status == training.Waiting && e.Skipped:
		return []Line{{Text: b.T("agency.position", "position", e.Standing.Any)}, {Text: b.T("agency.skipped")}}
	case e.Status == training.Waiting:
		return []Line{{Text: b.T("agency.position", "position", e.Standing.Any)}}
	case e.Status == training.Offered:
		return []Line{b.deadlineLine("agency.offered_until", e.Deadline, e.TimeZone)}
	case e.Status == training.Pending && !e.Deadline.IsZero():
		return []Line{b.deadlineLine("agency.answer_by", e.Deadline, e.TimeZone)}
	}
	return nil
}

func (h *Handlers) filterEnrolments(c *fiber.Ctx, v agencyView, all []enrolment.Enrolment) error {
	filter := enrolment.Filter{Status: training.Status(c.Query("status")), Run: c.Query("run")}
	if !slices.Contains(training.Statuses(), filter.Status) {
		filter.Status = ""
	}
	v.Status = v.Select("status", "agency.filter_status", string(filter.Status),
		v.Choices(training.Status("").Values(), "status.", "agency.any_status"))
	v.Run = v.Select("run", "agency.filter_run", filter.Run, v.runOptions(all))
	found := all
	if filter != (enrolment.Filter{}) {
		var err error
		if found, err = h.enrolment.OfAgency(c.UserContext(), actorOf(c), v.Slug, filter); err != nil {
			return err
		}
	}
	shown := v.nextFirst(found, v.now)[:shownOf(c, len(found))]
	for _, e := range shown {
		v.Enrolments = append(v.Enrolments, v.staff(e))
	}
	v.Found, v.ShowAll = v.found(len(found), len(shown), "agency.found", "agency.found_first")
	return nil
}

// nextFirst puts what is still to come first, the next one before the others,
// and then what is past, the latest first.
func (b *Base) nextFirst(all []enrolment.Enrolment, now time.Time) []enrolment.Enrolment {
	over := func(e enrolment.Enrolment) int {
		if e.Ends.Before(todayIn(now, e.TimeZone)) {
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(all), func(x, y enrolment.Enrolment) int {
		byStart := strings.Compare(x.Starts.String(), y.Starts.String())
		if over(x) == 1 && over(y) == 1 {
			byStart = -byStart
		}
		return cmp.Or(cmp.Compare(over(x), over(y)), byStart, b.CLDR().Compare(x.PersonName, y.PersonName))
	})
}

// shownOf is how many of n rows a page shows.
func shownOf(c *fiber.Ctx, n int) int {
	if c.Query("all") != "" {
		return n
	}
	return min(n, mostRows)
}

// found says how many rows there are and how many of them are shown, and leads
// to all of them.
func (b *Base) found(n, shown int, allKey, newestKey string) (sentence, all string) {
	if n == shown {
		return b.T(allKey, "count", n), ""
	}
	joint := "?"
	if strings.Contains(b.Path, "?") {
		joint = "&"
	}
	return b.T(newestKey, "count", n, "shown", shown), b.Href(b.Path, joint, "all=yes")
}

// runOptions are the editions of enrolments, the latest first.
func (b *Base) runOptions(all []enrolment.Enrolment) []OptionGroup {
	newestFirst := slices.SortedStableFunc(slices.Values(all), func(x, y enrolment.Enrolment) int {
		return strings.Compare(y.Starts.String(), x.Starts.String())
	})
	options := []Option{{Label: b.T("agency.any_run")}}
	for _, e := range newestFirst {
		if !slices.ContainsFunc(options, func(o Option) bool { return o.Value == e.Run }) {
			name := b.courseName(e.Titles)
			label := b.T("agency.run_option", "course", name.Text, "dates", b.DateRangeShort(e.Starts, e.Ends))
			options = append(options, Option{e.Run, label, name.Lang})
		}
	}
	return []OptionGroup{{Options: options}}
}
