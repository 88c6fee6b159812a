package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// RunRow is a run in the list of a course's dates.
type RunRow struct {
	Href, Dates, Place, Taught string
	Begins                     string
	Times                      []string
	Window                     string       // when enrolment opens or closes, or that it is closed
	BeginsAt, WindowAt         Moment       // the same instants without words, for the reader's own time
	Seats                      *SeatPicture // nil: enrolment is over

	run   *catalogue.Run
	pools []training.Pool
}

// Moment is an instant in words, with what a browser needs to say it in its
// reader's own time.
type Moment struct {
	Text, DateTime, Zone string
	Own, OwnZone         string // the same where the reader serves, if clocks differ there
}

// Line is a sentence with the instant that it tells; without one, At is zero.
type Line struct {
	Text string
	At   Moment // without words
}

func (b *Base) moment(t time.Time, zone string) Moment {
	if t.IsZero() {
		return Moment{}
	}
	m := Moment{Text: b.Instant(t, zone), DateTime: b.DateTime(t), Zone: zone}
	if m.OwnZone = b.ownZone(t, zone); m.OwnZone != "" {
		m.Own = b.Instant(t, m.OwnZone)
	}
	return m
}

// ownZone is the time zone of where the reader serves, if clocks differ there;
// empty: they do not, or nobody knows where the reader serves.
func (b *Base) ownZone(t time.Time, zone string) string {
	if b.Viewer == nil {
		return ""
	}
	own, _ := training.OwnZone(t, zone, b.Viewer.Country)
	return own
}

// wordless is a moment that a sentence beside it has told already.
func (b *Base) wordless(t time.Time, zone string) Moment {
	m := b.moment(t, zone)
	m.Text = ""
	return m
}

// deadline is a moment by which somebody has to act, told as Speaker.Deadline
// tells it.
func (b *Base) deadline(t time.Time, zone string) Moment {
	return b.moment(training.ToldDeadline(t, zone), zone)
}

// deadlineLine is the sentence of a message with a deadline as its "at".
func (b *Base) deadlineLine(key string, t time.Time, zone string) Line {
	return b.line(key, b.deadline(t, zone))
}

// line is the sentence of a message with a moment as its "at".
func (b *Base) line(key string, at Moment) Line {
	line := Line{At: at}
	line.Text, line.At.Text = b.T(key, "at", at.Text), ""
	return line
}

// runRows prepares the coming runs of one course, with their seats read at once.
func (h *Handlers) runRows(c *fiber.Ctx, b *Base, runs []catalogue.Run) ([]RunRow, error) {
	pools, err := h.seatsOf(c.UserContext(), runs)
	if err != nil {
		return nil, err
	}
	now, country := h.options.Clock(), actorOf(c).Country
	rows := make([]RunRow, len(runs))
	for i := range runs {
		r := &runs[i]
		rows[i] = RunRow{Href: b.Href("/runs/", r.Code), Dates: b.DateRange(r.Starts, r.Ends),
			Place: b.where(r.Place, r.Country), Taught: b.taughtIn([]string{r.Language}), Times: b.timesInRow(r),
			Window: b.window(r, now), WindowAt: b.wordless(windowEnd(r, now), r.TimeZone), run: r, pools: pools[r.ID]}
		if at := begins(r); !at.IsZero() {
			rows[i].Begins = b.T("run.begins_at", "at", b.Instant(at, r.TimeZone))
			rows[i].BeginsAt = b.wordless(at, r.TimeZone)
		}
		if now.Before(r.Closes) {
			seats := b.SeatPicture(pools[r.ID], country, 0)
			rows[i].Seats = &seats
		}
	}
	return rows, nil
}

// begins is when the first half day starts; zero where the run has none.
func begins(r *catalogue.Run) time.Time {
	if len(r.HalfDays) == 0 {
		return time.Time{}
	}
	first := slices.MinFunc(r.HalfDays, func(x, y training.HalfDay) int { return strings.Compare(x.Key, y.Key) })
	at, err := time.ParseInLocation("2006-01-02 15:04", first.Date().String()+" "+first.From, r.Location())
	if err != nil {
		return time.Time{}
	}
	return at
}

// window says when one can enrol.
func (b *Base) window(r *catalogue.Run, now time.Time) string {
	switch r.Status(now) {
	case catalogue.StatusNotOpen:
		return b.T("run.opens", "at", b.Instant(r.Opens, r.TimeZone))
	case catalogue.StatusOpen:
		return b.T("run.closes", "at", b.Deadline(r.Closes, r.TimeZone))
	}
	return b.T("run.enrolment_closed")
}

// windowEnd is the instant that window tells, as it tells it; zero: none.
func windowEnd(r *catalogue.Run, now time.Time) time.Time {
	switch r.Status(now) {
	case catalogue.StatusNotOpen:
		return r.Opens
	case catalogue.StatusOpen:
		return training.ToldDeadline(r.Closes, r.TimeZone)
	}
	return time.Time{}
}

// RunPage is one dated edition of a course: when, where, for whom, its seats,
// and the way to one.
type RunPage struct {
	Base
	Code          string
	Course        Phrase
	Summary       Phrase
	Outcomes      []Phrase
	Audience      []Phrase
	Host, Form    string
	Dates         string
	Place, Taught string
	Whole         string // the place with its street
	Days          []DayTimes
	EachDay       string // the times of all days, where they are the same
	LocalTime     string
	Begins        Moment
	Opens, Closes Moment
	Withdraw      Moment   // the same instant without words
	WithdrawLine  string   // until when people withdraw by themselves
	Needs         []Phrase // conditions of the run
	About         []string // who approves, how seats are given, what the certificate needs
	CourseNeeds   []Phrase
	Costs         []Phrase
	Note          string // that texts are not in the reader's language
	Seats         RunSeats
	Structured    StructuredCourse
}

// DayTimes are the times of one day.
type DayTimes struct{ Day, Times string }

func (h *Handlers) run(c *fiber.Ctx) error {
	r, course, err := h.catalogue.RunByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	seats, err := h.enrolment.Seats(c.UserContext(), actorOf(c), r.Code)
	if err != nil {
		return err
	}
	page := RunPage{Base: h.newBase(c, ""), Code: r.Code}
	page.describe(r, course)
	if r.Approval {
		page.About = append(h.whoApproves(&page.Base), page.About...)
	}
	if err := h.addCourseCodes(c.UserContext(), &page, r, course); err != nil {
		return err
	}
	if page.Seats, err = h.runSeats(c, &page.Base, r, seats); err != nil {
		return err
	}
	page.Structured = page.structuredCourse(course, []catalogue.Run{*r}, map[int][]training.Pool{r.ID: seats.Pools}, h.options.Clock())
	page.Structured.Code = "" // which the page does not show
	if !seats.HeldKnown && page.Seats.Coming {
		page.Notices = append(page.Notices, Notice{"wait", page.T("run.holds_away")})
	}
	return h.render(c, fiber.StatusOK, "run", &page)
}

// addCourseCodes names the courses that the run asks a certificate of, and those
// that its organiser expects.
func (h *Handlers) addCourseCodes(ctx context.Context, page *RunPage, r *catalogue.Run, course *catalogue.Course) error {
	needed, err := h.courseCodes(ctx, &page.Base, r.Conditions.Prerequisites)
	if err != nil {
		return err
	}
	for i, code := range r.Conditions.Prerequisites {
		text := page.T("run.needs_certificate", "course", code)
		page.Needs = append(page.Needs, Phrase{Text: text, Href: needed[i].Href})
	}
	expected, err := h.courseCodes(ctx, &page.Base, course.PrerequisiteCodes)
	page.CourseNeeds = append(expected, page.CourseNeeds...)
	return err
}

func (p *RunPage) describe(r *catalogue.Run, course *catalogue.Course) {
	p.Course, _ = p.phrase(course, catalogue.KindTitle)
	p.Course.Href = p.Href("/courses/", course.Slug)
	p.Dates = p.DateRange(r.Starts, r.Ends)
	p.Place, p.Taught = p.where(r.Place, r.Country), p.taughtIn([]string{r.Language})
	p.Title = p.T("run.title", "course", p.Course.Text, "dates", p.Dates)
	p.Description = p.T("run.description", "course", p.Course.Text, "dates", p.Dates, "place", p.Place)
	p.Whole = p.whereExactly(r)
	p.Days, p.EachDay = p.times(r)
	if len(p.Days) <= longestList {
		p.EachDay = ""
	} else if p.EachDay != "" {
		p.Days = nil
	}
	p.LocalTime = p.T("run.local_time", "city", p.City(r.TimeZone), "offset", r.Starts.In(r.Location()).Format("UTC-07:00"))
	p.Begins = p.moment(begins(r), r.TimeZone)
	p.Opens, p.Closes = p.moment(r.Opens, r.TimeZone), p.deadline(r.Closes, r.TimeZone)
	if !r.WithdrawUntil.IsZero() {
		line := p.deadlineLine("run.withdraw_until", r.WithdrawUntil, r.TimeZone)
		p.WithdrawLine, p.Withdraw = line.Text, line.At
	}
	p.Needs, p.About = p.conditions(r), p.rules(r)
	p.Summary, _ = p.phrase(course, catalogue.KindSummary)
	p.Outcomes = (&CoursePage{Base: p.Base}).outcomes(course)
	p.Audience, p.Host = p.professions(course), course.Provider
	if course.DeliveryForm != "" {
		p.Form = p.known("delivery.", course.DeliveryForm)
	}
	if needs, ok := p.phrase(course, catalogue.KindPrerequisites); ok {
		p.CourseNeeds = []Phrase{needs}
	}
	p.Costs = p.costs(course)
	p.Note = p.notTranslated("course.facts_not_translated", course, catalogue.KindTitle, catalogue.KindSummary,
		catalogue.KindOutcomes, catalogue.KindPrerequisites, catalogue.KindCosts)
}

// longestList is how many days with the same times are still told one by one.
const longestList = 5

// times tells the half days of each day, and as one line if all are alike.
func (b *Base) times(r *catalogue.Run) (days []DayTimes, each string) {
	half := slices.SortedFunc(slices.Values(r.HalfDays), func(x, y training.HalfDay) int { return strings.Compare(x.Key, y.Key) })
	alike := true
	for len(half) > 0 {
		date := half[0].Date()
		var times []string
		for len(half) > 0 && half[0].Date() == date {
			times = append(times, b.clockRange(half[0]))
			half = half[1:]
		}
		days = append(days, DayTimes{b.Weekday(date), b.And(times)})
		alike = alike && days[0].Times == b.And(times)
	}
	if alike && len(days) > 0 {
		each = b.T("run.each_day", "count", len(days), "times", days[0].Times)
	}
	return days, each
}

// timesInRow tells the same in as few lines as there can be.
func (b *Base) timesInRow(r *catalogue.Run) []string {
	days, each := b.times(r)
	if each != "" {
		return []string{each}
	}
	lines := make([]string, len(days))
	for i, day := range days {
		lines[i] = b.T("run.day", "day", day.Day, "times", day.Times)
	}
	return lines
}

// whereExactly is where a run is held, as it stands on a letter: street, place and
// country, as far as they are known.
func (b *Base) whereExactly(r *catalogue.Run) string {
	place := b.where(r.Place, r.Country)
	if r.Address == "" {
		return place
	}
	return r.Address + ", " + place
}

func (b *Base) clockRange(half training.HalfDay) string {
	clock := func(s string) string {
		t, err := time.Parse("15:04", s)
		if err != nil {
			return s
		}
		return b.CLDR().Time(t.Hour(), t.Minute())
	}
	return clock(half.From) + "–" + clock(half.To)
}

// conditions says whom the run bars; the courses that it asks for are added by
// their names.
func (p *RunPage) conditions(r *catalogue.Run) []Phrase {
	var list []Phrase
	said := func(text string) { list = append(list, Phrase{Text: text}) }
	if wanted := r.Conditions.Professions; len(wanted) > 0 {
		names := make([]string, len(wanted))
		for i, id := range wanted {
			names[i] = p.T("profession." + id)
		}
		said(p.T("run.only_professions", "professions", p.Or(names)))
	}
	if wanted := r.Conditions.Countries; len(wanted) > 0 {
		names := make([]string, len(wanted))
		for i, code := range wanted {
			names[i] = p.Country(code)
		}
		said(p.T("run.only_countries", "countries", p.Or(names)))
	}
	if level := r.Conditions.LanguageLevel; level != "" {
		said(p.T("run.language_level", "level", level))
	}
	return list
}

func (p *RunPage) rules(r *catalogue.Run) []string {
	var list []string
	if r.FilledBy == catalogue.FilledSelection {
		list = append(list, p.T("run.by_selection"))
	}
	list = append(list, p.T("run.threshold", "percent", p.CLDR().Percent(r.Threshold)))
	if r.Discreet {
		list = append(list, p.T("run.discreet"))
	}
	return list
}
