package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

const (
	coursesPerPage = 30
	// rowText is how many characters of a summary a row of the list shows: two
	// lines on a wide page.
	rowText = 125
	// rowProfessions is how many professions a row names before it counts.
	rowProfessions = 3
)

// CoursesPage is the catalogue: filters beside a list or a calendar.
type CoursesPage struct {
	Base
	Query     listing
	Chips     []Chip
	Filters   []FilterGroup
	Free      int // courses with seats that can be taken now
	Found     catalogue.Page
	Rows      []CourseRow
	Month     *MonthView // in place of rows
	Sorts     []Choice
	Views     []Choice
	OtherLang bool // some text of the rows is not in the reader's language
	Machine   bool // some text of the rows is a machine's
	Pages     []PageLink
	Previous  string
	Next      string
	Loosen    []Chip // where nothing was found: what would find something
	Apart     bool   // no single one of the chosen was too much: Loosen has them alone
	Clear     string // address of the whole catalogue
	Feed, ICS string // addresses of the feeds of what is shown
	Taken     string // sentence: for which words courses were found, where it is not for those typed
	Meant     *Chip  // where nothing was found: the search that was perhaps meant
}

// CourseRow is a course in the list.
type CourseRow struct {
	Href                        string
	Title, Summary              Phrase
	Professions, Length, Taught string
	Next                        *NextDates // nil: no dates are planned
	More                        string     // how many further dates there are
}

// NextDates are the first coming dates of a course.
type NextDates struct {
	Dates, Place string
	Seats        *SeatPicture // nil: one cannot enrol now
	Window       string       // when one can, where that is not now
}

func (h *Handlers) courses(c *fiber.Ctx) error {
	q := courseQuery(c)
	found, err := h.catalogue.Find(c.UserContext(), q.Query)
	if err != nil {
		return err
	}
	if found.Total > 0 && len(found.Courses) == 0 {
		q.Page = found.Pages
		return c.Redirect(coursesHref(q), fiber.StatusSeeOther)
	}
	page := CoursesPage{Base: h.newBase(c, ""), Query: q, Found: found,
		Clear: coursesHref(listing{Query: catalogue.Query{Lang: q.Lang}, Calendar: q.Calendar}),
		Feed:  feedHref(q.Query, feedName), ICS: feedHref(q.Query, calendarName)}
	page.Title = page.coursesTitle(q)
	page.Description = page.T("courses.description")
	page.NoIndex = q.Text != "" || q.Free || len(page.chosen()) > 0 || q.Sort != "" || q.Calendar
	page.Chips, page.Views = page.chips(), page.views()
	if err := h.coursesFilters(c.UserContext(), &page); err != nil {
		return err
	}
	if err := h.coursesMeant(c.UserContext(), &page); err != nil {
		return err
	}
	if q.Calendar {
		if page.Month, err = h.monthView(c, &page); err != nil {
			return err
		}
		page.Title = page.T("courses.title_month", "month", page.Month.Name)
	} else if err := h.coursesList(c, &page); err != nil {
		return err
	}
	return h.render(c, fiber.StatusOK, "courses", &page)
}

// coursesList fills in the rows, and how they are sorted and divided.
func (h *Handlers) coursesList(c *fiber.Ctx, page *CoursesPage) error {
	var err error
	if page.Rows, err = h.courseRows(c, &page.Base, page.Found.Courses); err != nil {
		return err
	}
	for i, row := range page.Rows {
		page.OtherLang = page.OtherLang || row.Title.Lang != "" || row.Summary.Lang != ""
		page.Machine = page.Machine || page.fromMachine(page.Found.Courses[i])
	}
	page.Sorts = page.sorts()
	page.pagination()
	return nil
}

// fromMachine reports whether a row's text is the unreviewed work of a machine.
func (b *Base) fromMachine(course *catalogue.Course) bool {
	for _, kind := range []string{catalogue.KindTitle, catalogue.KindSummary} {
		if text, ok := course.Text(kind, b.Lang()); ok && text.Origin == catalogue.OriginMachine {
			return true
		}
	}
	return false
}

func (b *Base) coursesTitle(q listing) string {
	switch {
	case q.Page > 1:
		return b.T("courses.title_page", "page", q.Page)
	case q.Text != "":
		return b.T("courses.title_search", "text", q.Text)
	}
	return b.T("courses.title")
}

// coursesFilters counts what each filter would find, and where nothing was
// found, what leaving out a filter would.
func (h *Handlers) coursesFilters(ctx context.Context, page *CoursesPage) error {
	facets, err := h.catalogue.Facets(ctx, page.Query.Query)
	if err != nil {
		return err
	}
	page.Filters = page.filters(facets)
	free := page.Query.Query
	free.Free, free.Sort, free.Page, free.PerPage = true, "", 1, 1
	withSeats, err := h.catalogue.Find(ctx, free)
	if err != nil {
		return err
	}
	page.Free = withSeats.Total
	if page.Found.Total > 0 {
		return nil
	}
	if page.Loosen, err = h.loosened(ctx, page, "courses.without", func(c Chip) listing { return c.without }); err != nil {
		return err
	}
	if len(page.Loosen) == 0 && len(page.Chips) > 1 {
		page.Loosen, err = h.loosened(ctx, page, "courses.only", func(c Chip) listing { return c.alone })
		page.Apart = len(page.Loosen) > 0
	}
	return err
}

// mostLoosened is how many filters are tried: each is a search of its own.
const mostLoosened = 10

// loosened tells which weaker query of each chosen filter finds something.
func (h *Handlers) loosened(ctx context.Context, page *CoursesPage, key string, weaker func(Chip) listing) ([]Chip, error) {
	var list []Chip
	for _, chip := range page.Chips[:min(len(page.Chips), mostLoosened)] {
		q := weaker(chip)
		found, err := h.catalogue.Find(ctx, q.Query)
		if err != nil {
			return nil, err
		}
		if found.Total > 0 {
			list = append(list, Chip{Label: page.T(key, "filter", chip.Label, "count", found.Total), Href: coursesHref(q)})
		}
	}
	return list, nil
}

// courseRows prepares courses for a list. The seats of all of them are read at
// once.
func (h *Handlers) courseRows(c *fiber.Ctx, b *Base, courses []*catalogue.Course) ([]CourseRow, error) {
	now := h.options.Clock()
	coming := make([][]catalogue.Run, len(courses))
	var first []catalogue.Run
	for i, course := range courses {
		if coming[i] = catalogue.ComingRuns(course, now); len(coming[i]) > 0 {
			first = append(first, firstOpen(coming[i], now))
		}
	}
	pools, err := h.seatsOf(c.UserContext(), first)
	if err != nil {
		return nil, err
	}
	country := actorOf(c).Country
	rows := make([]CourseRow, len(courses))
	for i, course := range courses {
		rows[i] = b.courseRow(course)
		if len(coming[i]) == 0 {
			continue
		}
		next := firstOpen(coming[i], now)
		rows[i].Next = &NextDates{Dates: b.DateRange(next.Starts, next.Ends), Place: b.where(next.Place, next.Country)}
		if next.Status(now) == catalogue.StatusOpen {
			seats := b.SeatPicture(pools[next.ID], country, 0)
			rows[i].Next.Seats = &seats
		} else {
			rows[i].Next.Window = b.window(&next, now)
		}
		if further := len(coming[i]) - 1; further > 0 {
			rows[i].More = b.T("courses.more_dates", "count", further)
		}
	}
	return rows, nil
}

// firstOpen is the run that says most about a course that has some: the first that
// one can enrol in, else the first.
func firstOpen(coming []catalogue.Run, now time.Time) catalogue.Run {
	i := slices.IndexFunc(coming, func(r catalogue.Run) bool { return r.Status(now) == catalogue.StatusOpen })
	return coming[max(i, 0)]
}

// seatsOf gives the pools of runs with what is held in them, by run. While
// Redis is away nothing is known to be held.
func (h *Handlers) seatsOf(ctx context.Context, runs []catalogue.Run) (map[int][]training.Pool, error) {
	ids := make([]int, len(runs))
	for i := range runs {
		ids[i] = runs[i].ID
	}
	pools, err := h.catalogue.Seats(ctx, ids)
	if err != nil {
		return nil, err
	}
	held, _ := h.enrolment.HeldIn(ctx, ids)
	for run, of := range pools {
		for i := range of {
			of[i].Held = held[run][of[i].ID]
		}
	}
	return pools, nil
}

func (b *Base) courseRow(course *catalogue.Course) CourseRow {
	row := CourseRow{Href: b.Href("/courses/", course.Slug), Length: b.days(course.DurationDays)}
	row.Title, _ = b.phrase(course, catalogue.KindTitle)
	row.Summary, _ = b.phrase(course, catalogue.KindSummary)
	row.Summary.Text = shorten(row.Summary.Text, rowText)
	if len(course.Languages) > 0 {
		row.Taught = b.taughtIn(course.Languages)
	}
	row.Professions = b.someProfessions(course.Professions)
	return row
}

func (b *Base) someProfessions(professions []string) string {
	names := make([]string, 0, rowProfessions)
	for _, p := range professions[:min(len(professions), rowProfessions)] {
		names = append(names, b.T("profession."+p))
	}
	if further := len(professions) - len(names); further > 0 {
		names = append(names, b.T("courses.others", "count", further))
	}
	return b.And(names)
}

// shorten cuts a text between words.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	cut := string([]rune(text)[:most])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.–-(") + "…"
}

// PageLink is one entry of the list of pages; without Href a gap.
type PageLink struct {
	Number  string
	Href    string
	Label   string // read aloud
	Current bool
}

// pagination lists the first, the last and the neighbouring pages.
func (p *CoursesPage) pagination() {
	at := func(page int) string {
		q := p.Query
		q.Page = page
		return coursesHref(q)
	}
	current, last := p.Found.Page, p.Found.Pages
	if current > 1 {
		p.Previous = at(current - 1)
	}
	if current < last {
		p.Next = at(current + 1)
	}
	gap := false
	for n := 1; n <= last && last > 1; n++ {
		if n != 1 && n != last && (n < current-1 || n > current+1) {
			if !gap {
				p.Pages = append(p.Pages, PageLink{Number: "…"})
			}
			gap = true
			continue
		}
		gap = false
		p.Pages = append(p.Pages, PageLink{strconv.Itoa(n), at(n), p.T("courses.page", "page", n), n == current})
	}
}
