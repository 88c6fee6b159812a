package handlers

import (
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// EnrolPage is the last look before enrolling: the dates, what the person has
// said, and the seat reserved meanwhile.
type EnrolPage struct {
	Base
	Code        string
	Course      Phrase
	When, Where string
	Facts       []Answer
	Answers     []Answer
	Unconfirmed bool // country and agency are declared, and do not count yet
	Hold        *HoldBar
	Had         bool     // the reader had a seat reserved here before
	Next        []string // what follows; empty: one cannot enrol from here now
	Submit      string
	Over        *OverBox
	NeedsEmail  bool
	Here        string // address of this page, without the language
}

// Answer is a line of a summary. Href leads to where it is changed.
type Answer struct {
	Label, Text, Lang, Note, Href string
	At                            Moment // that Text tells; without words, zero: none
}

// OverBox stands in place of the form where no seat is reserved.
type OverBox struct {
	Title, Text string
	At          Moment // that Text tells; without words, zero: none
	Seats       SeatPicture
	Reserve     string   // words of the button that reserves a seat; empty: none can be reserved
	List        []string // else what joining the waiting list means; empty: it cannot be joined
}

// takeHold reserves a seat. While Redis is away people enrol without: the check
// page says so.
func (h *Handlers) takeHold(c *fiber.Ctx) error {
	_, err := h.enrolment.Hold(c.UserContext(), actorOf(c), c.Params("code"))
	if err == nil {
		return h.done(c, enrolPath(c)+hadHold, "")
	}
	if training.IsKind(err, training.KindUnavailable) {
		return h.done(c, enrolPath(c), "")
	}
	return h.refuseSeat(c, err)
}

// hadHold stands in the address of the check page of whoever has had a seat
// reserved: loaded again after that has ended, the page says so.
const hadHold = "?held=1"

func runPath(c *fiber.Ctx) string   { return "/runs/" + c.Params("code") }
func enrolPath(c *fiber.Ctx) string { return runPath(c) + "/enrol" }

// refuseSeat answers where a seat could not be reserved, kept or taken: with
// the page on which the person can do something about it.
func (h *Handlers) refuseSeat(c *fiber.Ctx, err error) error {
	fault, is := training.AsFault(err)
	if !is {
		return err
	}
	switch fault.Kind {
	case training.KindSeatGone:
		return h.done(c, runPath(c), "notice.seat_gone")
	case training.KindAlreadyEnrolled:
		ref, _ := fault.Args["enrolment"].(string)
		e, err := h.enrolment.Get(c.UserContext(), actorOf(c), ref)
		if err != nil {
			return err
		}
		return h.done(c, enrolmentPath(ref), alreadyNotice(e.Status))
	case training.KindNotEligible, training.KindEnrolmentClosed, training.KindHoldExpired, training.KindConflict,
		training.KindRateLimited, training.KindUnavailable:
		if fault.Key == "fault.profile_incomplete" {
			return h.done(c, withNext("/me/profile", runPath(c)), "")
		}
		return h.showEnrol(c, statusOf(fault), fault)
	}
	return err
}

func (h *Handlers) enrolForm(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	if !viewerOf(c).ProfileComplete {
		return h.done(c, withNext("/me/profile", runPath(c)), "")
	}
	return h.showEnrol(c, fiber.StatusOK, nil)
}

func (h *Handlers) showEnrol(c *fiber.Ctx, status int, fault *training.Fault) error {
	run, course, err := h.catalogue.RunByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	seats, err := h.enrolment.Seats(c.UserContext(), actorOf(c), run.Code)
	if err != nil {
		return err
	}
	if seats.Enrolled != "" {
		return h.done(c, enrolmentPath(seats.Enrolled), alreadyNotice(seats.Status))
	}
	page := EnrolPage{Base: h.newBase(c, ""), Code: run.Code, Here: enrolPath(c)}
	page.NoIndex = true
	page.Had = c.Query("held") != "" || fault != nil && (fault.Kind == training.KindHoldExpired || fault.Key == "fault.holds_unused")
	page.describe(run, course)
	page.refuse(fault)
	page.NeedsEmail = h.needsEmail(page.Viewer)
	h.standing(&page, run, seats, fault)
	return h.render(c, status, "enrol", &page)
}

// standing puts on the page what goes with the reader's hold, or with having
// none.
func (h *Handlers) standing(p *EnrolPage, run *catalogue.Run, seats enrolment.Seats, fault *training.Fault) {
	switch {
	case seats.Mine != nil:
		p.holding(run, *seats.Mine)
	case p.NeedsEmail:
		// There is nothing to reserve before the address is confirmed.
	case !seats.HeldKnown && takeable(training.UsablePools(p.Viewer.Actor().Country, seats.Pools)) > 0:
		if fault == nil {
			p.Notices = append(p.Notices, Notice{Tone: "wait", Text: p.T("fault.holds_away")})
		}
		p.mayEnrol(run)
	default:
		// Asking again would be refused again.
		barred := fault != nil && (fault.Kind == training.KindNotEligible || fault.Kind == training.KindRateLimited)
		p.Over = p.notHolding(run, seats, h.options.Clock(), fault)
		if barred {
			p.Over.Reserve = ""
		}
		if p.Over.Reserve == "" && !barred && run.Window().Check(h.options.Clock()) == nil {
			p.Over.List = h.joining(&p.Base, run, seats.Pools)
		}
	}
}

func (p *EnrolPage) describe(run *catalogue.Run, course *catalogue.Course) {
	title, _ := course.Text(catalogue.KindTitle, p.Lang())
	p.Course, p.MachineTitle = p.inLanguage(title), title.Origin == catalogue.OriginMachine
	p.Title = p.T("enrol.title", "course", p.Course.Text)
	p.When, p.Where = p.DateRange(run.Starts, run.Ends), p.where(run.Place, run.Country)
	p.Facts = []Answer{
		{Label: p.T("enrol.begins"), Text: p.begins(run.HalfDays, run.TimeZone)},
		{Label: p.T("enrol.language"), Text: capital(p.spokenLanguage(run.Language))},
	}
	viewer := p.Viewer
	note := ""
	if tag := p.affiliationTag(); tag != nil && !viewer.AffiliationConfirmed {
		p.Unconfirmed, note = true, tag.Label
	}
	back := p.Here
	if p.Had {
		back += hadHold
	}
	change := p.Href(withNext("/me/profile", back))
	p.Answers = []Answer{
		p.answer("profile.name", viewer.Name, change+"#name"),
		p.answer("profile.profession", p.worded("profession.", viewer.Profession), change+"#profession"),
		p.answer("profile.country", p.countryName(viewer.Country), change+"#country"),
		p.answer("profile.agency", viewer.AgencyName, change+"#agency"),
		p.answer("profile.level", p.worded("profile.level_", viewer.LanguageLevel), change+"#language_level"),
	}
	if viewer.Country != "" {
		p.Answers[2].Note = note
	}
	if viewer.AgencySlug != "" {
		p.Answers[3].Note, p.Answers[3].Lang = note, p.agencyLang(viewer.Country)
	}
}

func (b *Base) answer(labelKey, text, href string) Answer {
	if text == "" {
		text = b.T("enrol.not_given")
	}
	return Answer{Label: b.T(labelKey), Text: text, Href: href}
}

// worded says a word of a vocabulary; empty where there is none.
func (b *Base) worded(prefix, value string) string {
	if value == "" {
		return ""
	}
	return b.T(prefix + value)
}

func (b *Base) countryName(code string) string {
	if code == "" {
		return ""
	}
	return b.Country(code)
}

// begins says when people have to be there first, in the time of the place.
func (b *Base) begins(halfDays []training.HalfDay, zone string) string {
	if len(halfDays) == 0 {
		return ""
	}
	first := slices.MinFunc(halfDays, func(x, y training.HalfDay) int { return strings.Compare(x.Key, y.Key) })
	return b.T("enrol.begins_at", "day", b.Weekday(first.Date()), "time", b.clock(first.From), "city", b.City(zone))
}

// mayEnrol puts the form to enrol on the page.
func (p *EnrolPage) mayEnrol(run *catalogue.Run) {
	p.Submit = p.T("enrol.submit")
	first := p.T("enrol.next_confirmed")
	if run.Approval && p.Viewer.AffiliationConfirmed && p.Viewer.AgencyID != 0 {
		p.Submit = p.T("enrol.submit_request")
		first = p.T("enrol.next_pending", "agency", p.Viewer.AgencyName)
	}
	p.Next = []string{first, p.T("enrol.next_find"), p.T("enrol.next_withdraw")}
}

// notHolding says that no seat is reserved and whether one can be.
func (p *EnrolPage) notHolding(run *catalogue.Run, seats enrolment.Seats, now time.Time, fault *training.Fault) *OverBox {
	country := p.Viewer.Actor().Country
	box := OverBox{Title: p.T("enrol.not_yet_title"), Seats: p.SeatPicture(seats.Pools, country, seats.Waiting)}
	if closed, is := training.AsFault(run.Window().Check(now)); is {
		box.Text = sentence(p.Speaker, closed) // At has the reader's own time
		if now.Before(run.Opens) {
			box.At = p.wordless(run.Opens, run.TimeZone)
		}
		return &box
	}
	free := takeable(training.UsablePools(country, seats.Pools)) > 0
	switch {
	case p.Had:
		box.Title = p.T("enrol.over_title")
		if fault == nil {
			box.Text = p.T("enrol.over")
		}
	case free && fault == nil:
		box.Text = p.T("enrol.not_yet")
	}
	switch {
	case free && p.Had:
		box.Reserve = p.T("enrol.reserve_again")
	case free:
		box.Reserve = p.T("run.reserve")
	}
	return &box
}

// HoldBar is the seat reserved for the reader, and how long. The script counts
// on; without it the page stands as it was sent.
type HoldBar struct {
	Token               string
	Expires, Now        string // machine forms, by the clock of the seat lock
	Before, Time, After string // of the sentence that says until when
	At                  Moment // of the end, without words
	Left                string
	Say5, Say1, Say0    string
	Forms               []template.HTMLAttr // the texts that the script counts with
	More                string              // about more time
	MoreWithin          int                 // seconds before the end from which it can be asked for; 0: not any more
}

// machineInstant keeps the milliseconds, in which the seat lock counts.
const machineInstant = "2006-01-02T15:04:05.000Z07:00"

func (p *EnrolPage) holding(run *catalogue.Run, held enrolment.Held) {
	pool := p.T("enrol.pool_open")
	if held.Country != "" {
		pool = p.T("enrol.pool_quota", "country", p.Country(held.Country))
	}
	p.Facts = append(p.Facts, Answer{Label: p.T("enrol.pool"), Text: pool})
	p.Hold = p.holdBar(run.TimeZone, held)
	p.mayEnrol(run)
}

func (b *Base) holdBar(zone string, held enrolment.Held) *HoldBar {
	bar := HoldBar{
		Token: held.Token, Expires: held.ExpiresAt.Format(machineInstant), Now: held.Now.Format(machineInstant),
		Time: b.Clock(held.ExpiresAt, zone), At: b.wordless(held.ExpiresAt, zone),
		Left: b.T("enrol.minutes_left", "count", int(math.Ceil(held.Left().Minutes()))),
		Say5: b.T("enrol.say_five"), Say1: b.T("enrol.say_one"), Say0: b.T("enrol.over"),
		More:  b.T("enrol.more_time_had"),
		Forms: append(b.pluralForms("minutes", "enrol.minutes_left"), b.pluralForms("seconds", "enrol.seconds_left")...),
	}
	bar.At.DateTime = bar.Expires
	if own := bar.At.OwnZone; own != "" {
		bar.At.Own = b.ClockCity(held.ExpiresAt, own) // today is said by the countdown
	}
	until := b.T("enrol.held_until", "time", bar.Time, "city", b.City(zone))
	bar.Before, bar.After, _ = strings.Cut(until, bar.Time)
	if !held.ProlongFrom.IsZero() {
		bar.Say1 = b.T("enrol.say_one_more")
		bar.More = b.T("enrol.more_time_from", "time", b.Clock(held.ProlongFrom, zone))
		bar.MoreWithin = max(1, int(held.ExpiresAt.Sub(held.ProlongFrom).Seconds()))
	}
	return &bar
}

// pluralForms gives a counted message once for each plural form of the
// language, as the attributes data-<unit>-<form>, with {n} for the number, which
// the script puts in.
func (b *Base) pluralForms(unit, key string) []template.HTMLAttr {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few",
		plural.Many: "many", plural.Other: "other"}
	var forms []template.HTMLAttr
	for n := range 100 {
		form := plural.Cardinal.MatchPlural(language.Make(b.Lang()), n, 0, 0, 0, 0)
		name, fresh := names[form]
		if !fresh {
			continue
		}
		delete(names, form)
		text := strings.Replace(b.T(key, "count", n), strconv.Itoa(n), "{n}", 1)
		forms = append(forms, template.HTMLAttr( //nolint:gosec // escaped; html/template takes "one" for a script's attribute
			"data-"+unit+"-"+name+`="`+template.HTMLEscapeString(text)+`"`))
	}
	return forms
}

func (h *Handlers) enrol(c *fiber.Ctx) error {
	made, err := h.enrolment.Confirm(c.UserContext(), actorOf(c), c.Params("code"), c.FormValue("hold"))
	if err != nil {
		return h.refuseSeat(c, err)
	}
	h.wakeOutbox()
	return h.done(c, "/me/enrolments/"+made.Ref+"?done=1", "")
}

func (h *Handlers) prolongHold(c *fiber.Ctx) error {
	if _, err := h.enrolment.Prolong(c.UserContext(), actorOf(c), c.FormValue("hold")); err != nil {
		return h.refuseSeat(c, err)
	}
	return h.done(c, enrolPath(c)+hadHold, "notice.more_time")
}

func (h *Handlers) releaseHold(c *fiber.Ctx) error {
	if err := h.enrolment.Drop(c.UserContext(), actorOf(c), c.FormValue("hold")); err != nil {
		return h.refuseSeat(c, err)
	}
	return h.done(c, runPath(c), "notice.seat_released")
}
