package handlers

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

const (
	// mostInMonth bounds the runs of one month's page.
	mostInMonth = 300
	// mostGoingOn is how many runs that began before are named on one day.
	mostGoingOn = 4
)

// MonthView is a month of the catalogue's calendar.
type MonthView struct {
	Name           string // as it stands within a sentence
	Heading        string
	Weekdays       []string
	Weeks          [][]MonthDay
	Previous, Next Choice
	Empty          bool
	Elsewhere      []Choice // where the month is empty: the nearest months that are not
	Cut            string   // that not all runs of the month are shown
}

// MonthDay is one day; without a number it belongs to another month.
type MonthDay struct {
	Number int
	Day    string // with weekday and month, where the day stands alone
	Today  bool
	Runs   []MonthRun
	On     []MonthRun // that began on a day before; shortened, and not read aloud again
	OnMore string     // how many further ones

	date training.Date
	more int
}

// MonthRun is a run on its first day that is seen, or shortened on a day after.
type MonthRun struct {
	Href         string
	Title        Phrase
	Dates, Place string
	Seats        string // or when one can enrol
	Day          string // which of its days it is; only where it is shortened
}

// monthView shows the coming runs of what is looked for in one month.
func (h *Handlers) monthView(c *fiber.Ctx, page *CoursesPage) (*MonthView, error) {
	runs, err := h.catalogue.RunsFound(c.UserContext(), page.Query.Query)
	if err != nil {
		return nil, err
	}
	today := training.DateOf(h.options.Clock())
	month := page.Query.Shown
	if month == (catalogue.Month{}) {
		month = firstMonth(runs, today)
	}
	inMonth := slices.DeleteFunc(slices.Clone(runs), func(r catalogue.Listed) bool { return !in(month, r.Run) })
	begin := 0
	for _, r := range inMonth {
		if catalogue.MonthOf(r.Run.Starts) == month {
			begin++
		}
	}
	view := page.emptyMonth(month, today, begin)
	if view.Empty = len(inMonth) == 0; view.Empty {
		view.Elsewhere = page.monthsElsewhere(runs, month)
		return view, nil
	}
	if len(inMonth) > mostInMonth {
		inMonth = inMonth[:mostInMonth]
		view.Cut = page.T("courses.month_cut", "count", mostInMonth)
	}
	return view, h.fillMonth(c, page, view, inMonth)
}

// in reports whether a run has a day in the month.
func in(month catalogue.Month, r *catalogue.Run) bool {
	return r.Starts.Before(month.Add(1).First()) && !r.Ends.Before(month.First())
}

// firstMonth is that of the first run that is still to begin; without one, of
// today.
func firstMonth(runs []catalogue.Listed, today training.Date) catalogue.Month {
	for _, at := range runs {
		if !at.Run.Starts.Before(today) {
			return catalogue.MonthOf(at.Run.Starts)
		}
	}
	return catalogue.MonthOf(today)
}

// emptyMonth lays out the days of a month in weeks that begin on Monday, as they
// do in all countries of the twelve languages.
func (p *CoursesPage) emptyMonth(month catalogue.Month, today training.Date, count int) *MonthView {
	view := &MonthView{Name: p.CLDR().Month(month.Year, month.Month), Heading: p.month(month)}
	if count > 0 { // else some go on that began before
		view.Heading = p.T("courses.month_hits", "month", p.month(month), "count", count)
	}
	day := month.First()
	for monday := day.AddDays(-p.sinceMonday(day)); len(view.Weekdays) < 7; monday = monday.AddDays(1) {
		view.Weekdays = append(view.Weekdays, p.weekdayName(monday))
	}
	week := make([]MonthDay, p.sinceMonday(day), 7)
	for ; catalogue.MonthOf(day) == month; day = day.AddDays(1) {
		if len(week) == 7 {
			view.Weeks = append(view.Weeks, week)
			week = nil
		}
		week = append(week, MonthDay{Number: day.Day, Day: p.Weekday(day), Today: day == today, date: day})
	}
	for len(week) < 7 {
		week = append(week, MonthDay{})
	}
	view.Weeks = append(view.Weeks, week)
	view.Previous, view.Next = p.monthChoice(month.Add(-1)), p.monthChoice(month.Add(1))
	return view
}

func (p *CoursesPage) monthChoice(month catalogue.Month) Choice {
	q := p.Query
	q.Shown = month
	return Choice{Label: p.month(month), Href: coursesHref(q)}
}

// sinceMonday counts the days from the week's Monday.
func (*CoursesPage) sinceMonday(d training.Date) int { return int(d.In(time.UTC).Weekday()+6) % 7 }

// weekdayName is the weekday alone: the one word that a day with its weekday has
// beyond the same day without, but for Danish, where an article follows it.
func (b *Base) weekdayName(d training.Date) string {
	beyond := strings.Fields(strings.Replace(b.Weekday(d), b.Date(d), "", 1))
	for i := range beyond {
		if name := strings.Trim(beyond[i], ","); name != "" {
			return capital(name)
		}
	}
	return b.Weekday(d)
}

// monthsElsewhere are the nearest months before and after an empty one that have
// something.
func (p *CoursesPage) monthsElsewhere(runs []catalogue.Listed, month catalogue.Month) []Choice {
	var before, after *catalogue.Month
	for i := range runs {
		at := catalogue.MonthOf(runs[i].Run.Starts)
		switch {
		case at.First().Before(month.First()):
			before = &at
		case after == nil:
			after = &at
		}
	}
	var choices []Choice
	for _, at := range []*catalogue.Month{before, after} {
		if at != nil {
			choices = append(choices, p.monthChoice(*at))
		}
	}
	return choices
}

// fillMonth puts runs on their days. The seats of all are read at once.
func (h *Handlers) fillMonth(c *fiber.Ctx, page *CoursesPage, view *MonthView, runs []catalogue.Listed) error {
	plain := make([]catalogue.Run, len(runs))
	for i := range runs {
		plain[i] = *runs[i].Run
	}
	pools, err := h.seatsOf(c.UserContext(), plain)
	if err != nil {
		return err
	}
	now, country := h.options.Clock(), actorOf(c).Country
	days := newMonthDays(view)
	for _, at := range runs {
		run := MonthRun{Href: page.Href("/runs/", at.Run.Code), Dates: page.DateRangeShort(at.Run.Starts, at.Run.Ends),
			Place: page.where(at.Run.Place, at.Run.Country), Seats: page.window(at.Run, now)}
		run.Title, _ = page.phrase(at.Course, catalogue.KindTitle)
		page.OtherLang = page.OtherLang || run.Title.Lang != ""
		page.Machine = page.Machine || page.fromMachine(at.Course)
		if at.Run.Status(now) == catalogue.StatusOpen {
			run.Seats = page.SeatPicture(pools[at.Run.ID], country, 0).Sentences[0]
		}
		days.put(page, at.Run, run)
	}
	return nil
}

// monthDays are the days of a view, by date.
type monthDays map[training.Date]*MonthDay

func newMonthDays(view *MonthView) monthDays {
	days := monthDays{}
	for _, week := range view.Weeks {
		for i := range week {
			if week[i].Number > 0 {
				days[week[i].date] = &week[i]
			}
		}
	}
	return days
}

// put shows a run in full on its first day that is seen and shortened on those
// after, where calendars show a bar. Whoever hears the page has heard on the first
// until when it goes.
func (days monthDays) put(page *CoursesPage, r *catalogue.Run, shown MonthRun) {
	full := true
	for day, number := r.Starts, 1; !r.Ends.Before(day); day, number = day.AddDays(1), number+1 {
		at := days[day]
		switch {
		case at == nil:
			continue
		case full:
			at.Runs = append(at.Runs, shown)
			full = false
		case len(at.On) < mostGoingOn:
			at.On = append(at.On, MonthRun{Href: shown.Href, Title: shown.Title,
				Day: page.T("courses.month_day", "day", number, "days", r.Starts.DaysTo(r.Ends)+1)})
		default:
			at.more++
			at.OnMore = page.T("courses.month_more", "count", at.more)
		}
	}
}
