package handlers

import (
	"context"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

// RosterPage is the participant list of one edition.
type RosterPage struct {
	Base
	Code              string
	Course            CourseName
	Dates, Place      string
	OfAll             bool // the reader is the secretariat and came from everybody's editions
	Open              bool // marks and results can be changed
	Markable          bool // so can the marks of the half day chosen, which has begun
	Ahead             Line // when the half day chosen begins; without words: it has
	Begun             bool // its first day has come
	Cancelled         bool
	Half              HalfDayTab
	HalfDays          []HalfDayTab
	Count             string // how many are not marked yet
	AnyMarked         bool
	Find              RosterFind
	Attending         []RosterPerson // the same people in the order chosen, to mark
	People            []RosterPerson // by name
	WriteTo           template.URL   // to all of them; empty: nobody is on the list
	Waiting           *WaitingBox    // nil: nobody waits
	Closing           *ClosingBox
	Issued            *IssuedBox
	ThresholdSentence string
}

// HalfDayTab is one half day to choose.
type HalfDayTab struct {
	Key, Href, Label, Title string // Title has the weekday and the times
	Marked                  string // how many are; empty: nobody yet
	Current, Done           bool   // Done: everybody is marked
}

// RosterPerson is one line of the list.
type RosterPerson struct {
	Ref, Name, Email   string
	Agency, AgencyLang string
	Country            string
	Mark               string // "present", "absent" or "none", at the half day chosen
	Hidden             bool   // among those to mark: not one of those looked for
	Attendance         string
	Result             string // chosen; empty: none
	Tag                StatusTag
	Below              bool // is to be completed, without the attendance that a certificate needs
	Results            []Option
}

// ClosingBox is what closing the edition would do now.
type ClosingBox struct {
	NotYet    string // why it cannot be closed yet; empty: it can
	Sentences []string
	Below     []string // names of those completed without a certificate
}

// IssuedBox is how far the certificates of a closed edition are.
type IssuedBox struct {
	Sentence string
	Running  bool     // more are on their way
	Stopped  []string // those whose certificate cannot be made, and why
	None     []string // those who did not earn one, and why
	List     []IssuedCertificate
	Again    string // address of the page as it will be by then
	Owed     string // address of the form that asks once more for those not issued; empty: none are, or more are on their way
}

// IssuedCertificate is one certificate of the edition.
type IssuedCertificate struct {
	Holder, Number, Href string
	Record               string // address of the secretariat's page of it; empty: the reader is not the secretariat
	State                StatusTag
}

func (h *Handlers) rosterPage(c *fiber.Ctx) error { return h.showRoster(c, nil) }

// showRoster shows the page, with what was wrong with the step that was tried;
// nil: nothing.
func (h *Handlers) showRoster(c *fiber.Ctx, fault *training.Fault) error {
	list, err := h.roster.Roster(c.UserContext(), actorOf(c), c.Params("code"))
	if err != nil {
		return err
	}
	page, status := RosterPage{Base: h.newBase(c, ""), Code: list.Code}, fiber.StatusOK
	page.inSecretariat()
	page.OfAll = actorOf(c).Role == training.RoleAdmin
	slices.SortStableFunc(list.Items, func(a, b roster.Item) int { return page.CLDR().Compare(a.Name, b.Name) })
	page.fill(list, rosterViewAsked(c), h.options.Clock())
	if page.Waiting, err = h.waitingBox(c.UserContext(), &page.Base, actorOf(c), list.Code); err != nil {
		return err
	}
	if list.Closed() {
		if page.Issued, err = h.issuedBox(c.UserContext(), &page.Base, actorOf(c), list); err != nil {
			return err
		}
	}
	if fault != nil {
		status = statusOf(fault)
		page.Faults = page.fieldFaults(fault)
		if len(page.Faults) == 0 {
			page.Notices = append(page.Notices, Notice{"bad", whyNotAdmitted(&page.Base, fault)})
		}
	}
	return h.render(c, status, "roster", &page)
}

func (p *RosterPage) fill(list roster.Roster, view rosterView, now time.Time) {
	p.Course, p.Dates = p.courseName(list.Titles), p.DateRange(list.Starts, list.Ends)
	p.Place = p.where(list.Place, list.Country)
	p.Title = p.T("teach.roster_of", "course", p.Course.Text)
	p.Cancelled = !list.CancelledAt.IsZero()
	p.Open, p.Begun = !list.Closed() && !p.Cancelled, begun(list, now)
	p.ThresholdSentence = p.T("teach.threshold", "percent", p.CLDR().Percent(list.Threshold))
	view = view.with(list, now)
	chosen := view.half
	for _, d := range list.HalfDays {
		tab := p.halfDayTab(list, d, view)
		if tab.Current = d.Key == chosen; tab.Current {
			p.Half = tab
		}
		p.HalfDays = append(p.HalfDays, tab)
	}
	p.AnyMarked = unmarked(list, chosen) < len(list.Items)
	p.Markable = p.Open
	if begins := beginsIn(list, chosen); now.Before(begins) {
		p.Markable, p.Ahead = false, p.line("invalid.half_day_ahead", p.moment(begins, list.TimeZone))
	}
	over := !todayIn(now, list.TimeZone).Before(list.Ends)
	for _, item := range list.Items {
		p.People = append(p.People, p.person(list, item, chosen, over))
	}
	p.find(list, view)
	p.WriteTo = writeTo(list.Items)
	if p.Open {
		p.Closing = p.closing(list, now)
	}
}

// beginsIn is when a half day of the edition begins; zero: there is none such.
func beginsIn(list roster.Roster, key string) time.Time {
	for _, d := range list.HalfDays {
		if d.Key == key {
			return d.Begins(zoneOrUTC(list.TimeZone))
		}
	}
	return time.Time{}
}

// chooseHalfDay gives the half day asked for; else the one that is under way;
// else the first in which somebody is not marked.
func chooseHalfDay(list roster.Roster, asked string, now time.Time) string {
	if len(list.HalfDays) == 0 {
		return ""
	}
	local := now.In(zoneOrUTC(list.TimeZone))
	today, clock := training.DateOf(local), local.Format("15:04")
	current := ""
	for _, d := range list.HalfDays {
		if d.Key == asked {
			return asked
		}
		if d.Date() == today && (current == "" || d.From <= clock) {
			current = d.Key
		}
	}
	if current != "" {
		return current
	}
	for _, d := range list.HalfDays {
		if unmarked(list, d.Key) > 0 {
			return d.Key
		}
	}
	return list.HalfDays[0].Key
}

// unmarked counts the people without a mark at a half day.
func unmarked(list roster.Roster, half string) int {
	n := 0
	for _, item := range list.Items {
		if _, marked := item.Presence[half]; !marked {
			n++
		}
	}
	return n
}

func (b *Base) halfDayTab(list roster.Roster, d training.HalfDay, view rosterView) HalfDayTab {
	part := "teach.afternoon"
	if d.Morning() {
		part = "teach.morning"
	}
	view.half = d.Key
	tab := HalfDayTab{
		Key: d.Key, Href: b.Href("/teach/", list.Code, view.query()),
		Label: b.T(part, "day", b.DateShort(d.Date())),
		Title: capital(b.T("teach.half_day", "half", b.T(part, "day", b.Weekday(d.Date())), "from", b.clock(d.From), "to", b.clock(d.To))),
	}
	missing := unmarked(list, d.Key)
	switch tab.Done = len(list.Items) > 0 && missing == 0; {
	case tab.Done:
		tab.Marked = capital(b.T("teach.all_marked"))
	case missing < len(list.Items):
		tab.Marked = b.T("teach.marked", "count", len(list.Items)-missing, "size", len(list.Items))
	}
	return tab
}

// clock writes a time of day of a half day, 09:00, as the language does.
func (b *Base) clock(of string) string {
	t, err := time.Parse("15:04", of)
	if err != nil {
		return of
	}
	return b.CLDR().Time(t.Hour(), t.Minute())
}

func (p *RosterPage) person(list roster.Roster, item roster.Item, half string, over bool) RosterPerson {
	person := RosterPerson{
		Ref: item.Enrolment, Name: item.Name, Email: item.Email, Agency: item.AgencyName, AgencyLang: p.agencyLang(item.Country), Country: p.countryName(item.Country),
		Mark: "none", Result: string(item.Result), Tag: p.Tag(item.Status),
		Attendance: p.T("teach.attendance", "present", item.Attendance.Present, "count", item.Attendance.Total,
			"percent", p.CLDR().Percent(item.Attendance.Percent())),
		Below: item.Result == training.Completed && !item.Attendance.Reaches(list.Threshold),
	}
	if present, marked := item.Presence[half]; marked && present {
		person.Mark = "present"
	} else if marked {
		person.Mark = "absent"
	}
	follows := p.T("teach.result_open")
	if over {
		result := p.T("status." + string(training.ResultAtClose(item.Attendance, list.Threshold)))
		follows = p.T("teach.result_by_attendance", "result", result)
	}
	person.Results = []Option{{Label: follows}}
	for _, s := range []training.Status{training.Completed, training.NotCompleted, training.Absent} {
		person.Results = append(person.Results, Option{Value: string(s), Label: p.T("status." + string(s))})
	}
	return person
}

// writeTo opens a mail to everybody, none of whom sees the others' addresses.
func writeTo(items []roster.Item) template.URL {
	var addresses []string
	for _, item := range items {
		addresses = append(addresses, url.QueryEscape(item.Email))
	}
	if len(addresses) == 0 {
		return ""
	}
	return template.URL("mailto:?bcc=" + strings.Join(addresses, ",")) //nolint:gosec // escaped one by one
}

// closing says what would follow if the edition were closed now.
func (b *Base) closing(list roster.Roster, now time.Time) *ClosingBox {
	if todayIn(now, list.TimeZone).Before(list.Starts) {
		return &ClosingBox{NotYet: b.T("teach.close_from", "date", b.Date(list.Starts))}
	}
	box := &ClosingBox{}
	missing, certificates := 0, 0
	for _, d := range list.HalfDays {
		missing += unmarked(list, d.Key)
	}
	results := map[training.Status]int{}
	for _, item := range list.Items {
		result := item.Result
		if result == "" {
			result = training.ResultAtClose(item.Attendance, list.Threshold)
		}
		results[result]++
		if training.EarnsCertificate(result, item.Attendance, list.Threshold) {
			certificates++
		} else if result == training.Completed {
			box.Below = append(box.Below, item.Name)
		}
	}
	for _, result := range []training.Status{training.Completed, training.NotCompleted, training.Absent} {
		if results[result] > 0 {
			box.Sentences = append(box.Sentences, b.T("teach.close_"+string(result), "count", results[result]))
		}
	}
	box.Sentences = append(box.Sentences, b.T("teach.close_certificates", "count", certificates))
	if missing > 0 {
		box.Sentences = append(box.Sentences, b.T("teach.close_unmarked", "count", missing))
	}
	return box
}

func (h *Handlers) issuedBox(ctx context.Context, b *Base, actor training.Actor, list roster.Roster) (*IssuedBox, error) {
	certificates, err := h.certificates.OfRun(ctx, actor, list.Code)
	if err != nil {
		return nil, err
	}
	run, _, err := h.catalogue.RunByCode(ctx, list.Code)
	if err != nil {
		return nil, err
	}
	progress, err := h.certificates.Progress(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	asked, err := h.certificates.Issuing(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	box := &IssuedBox{
		Sentence: b.T("teach.issued", "count", progress.Issued, "due", progress.Due),
		Running:  asked && progress.Issued < progress.Due,
	}
	if !asked && progress.Issued < progress.Due {
		box.Owed = b.Href("/teach/", list.Code, "/certificates")
	}
	names := map[string]string{}
	for _, item := range list.Items {
		names[item.Enrolment] = item.Name
	}
	for _, s := range progress.Stopped {
		box.Stopped = append(box.Stopped, b.stopSentence(names[s.Enrolment], s))
	}
	box.None, box.Again = b.notEarned(list), b.Href("/teach/", list.Code)
	slices.SortStableFunc(certificates, func(x, y certificate.Listed) int { return b.CLDR().Compare(x.Holder, y.Holder) })
	for _, cert := range certificates {
		one := IssuedCertificate{Holder: cert.Holder, Number: cert.Number, State: b.StateTag(cert.State),
			Href: b.Href("/teach/", list.Code, "/certificates/", cert.Number, ".pdf")}
		if actor.Role == training.RoleAdmin {
			one.Record = b.recordHref(cert.Number)
		}
		box.List = append(box.List, one)
	}
	return box, nil
}

func (b *Base) stopSentence(name string, s certificate.Stop) string {
	return b.T("teach.stopped_"+s.Reason, "name", name, "rune", s.Rune, "field", b.factName(s.Field))
}

// factName calls what stands on a certificate as the certificate does, or as the
// form does in which it was entered.
func (b *Base) factName(fact string) string {
	switch fact {
	case "holder", "course", "issuer", "signatory":
		return b.T("teach.field_" + fact)
	case "agency", "organiser", "place", "code", "run", "dates", "duration", "attendance", "language", "state", "valid_until":
		return b.T("certificate.fact_" + fact)
	}
	return b.T("teach.field_other")
}

// notEarned tells who gets no certificate of a closed edition, and why.
func (b *Base) notEarned(list roster.Roster) []string {
	var none []string
	for _, item := range list.Items {
		switch {
		case item.Status == training.NotCompleted, item.Status == training.Absent:
			none = append(none, b.T("teach.none_"+string(item.Status), "name", item.Name))
		case item.Status == training.Completed && !item.Attendance.Reaches(list.Threshold):
			none = append(none, b.T("teach.none_below", "name", item.Name, "percent", b.CLDR().Percent(item.Attendance.Percent()),
				"threshold", b.CLDR().Percent(list.Threshold)))
		}
	}
	return none
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
