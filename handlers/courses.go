package handlers

import (
	"context"
	"strconv"
	"strings"
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

// CoursesPage is the catalogue: filters beside a list.
type CoursesPage struct {
	Base
	Query     catalogue.Query
	Chips     []Chip
	Filters   []FilterGroup
	Free      int // courses with seats that can be taken now
	Found     catalogue.Page
	Rows      []CourseRow
	OtherLang bool // some text of the rows is not in the reader's language
	Pages     []PageLink
	Previous  string
	Next      string
	Loosen    []Chip // where nothing was found: what would find something
	Clear     string // address of the whole catalogue
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
	Seats        []string // sentences; that enrolment is not open where it is not
}

func (h *Handlers) courses(c *fiber.Ctx) error {
	q := courseQuery(c)
	found, err := h.catalogue.Find(c.UserContext(), q)
	if err != nil {
		return err
	}
	if found.Total > 0 && len(found.Courses) == 0 {
		q.Page = found.Pages
		return c.Redirect(coursesHref(q), fiber.StatusSeeOther)
	}
	page := CoursesPage{Base: h.newBase(c, ""), Query: q, Found: found, Clear: coursesHref(catalogue.Query{Lang: q.Lang})}
	page.Title = page.coursesTitle(q)
	page.Description = page.T("courses.description")
	page.NoIndex = q.Text != "" || q.Free || len(page.chosen()) > 0
	page.Chips = page.chips()
	page.pagination()
	if err := h.coursesFilters(c.UserContext(), &page); err != nil {
		return err
	}
	if page.Rows, err = h.courseRows(c, &page.Base, found.Courses); err != nil {
		return err
	}
	for _, row := range page.Rows {
		page.OtherLang = page.OtherLang || row.Title.Lang != "" || row.Summary.Lang != ""
	}
	return h.render(c, fiber.StatusOK, "courses", &page)
}

func (b *Base) coursesTitle(q catalogue.Query) string {
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
	facets, err := h.catalogue.Facets(ctx, page.Query)
	if err != nil {
		return err
	}
	page.Filters = page.filters(facets)
	free := page.Query
	free.Free, free.Page, free.PerPage = true, 1, 1
	withSeats, err := h.catalogue.Find(ctx, free)
	if err != nil {
		return err
	}
	page.Free = withSeats.Total
	if page.Found.Total > 0 {
		return nil
	}
	for _, chip := range page.Chips {
		without, err := h.catalogue.Find(ctx, chip.without)
		if err != nil {
			return err
		}
		if without.Total > 0 {
			chip.Label = page.T("courses.without", "filter", chip.Label, "count", without.Total)
			page.Loosen = append(page.Loosen, chip)
		}
	}
	return nil
}

// courseRows prepares courses for a list. The seats of all of them are read at
// once.
func (h *Handlers) courseRows(c *fiber.Ctx, b *Base, courses []*catalogue.Course) ([]CourseRow, error) {
	now := h.options.Clock()
	coming := make([][]catalogue.Run, len(courses))
	var first []catalogue.Run
	for i, course := range courses {
		if coming[i] = catalogue.ComingRuns(course, now); len(coming[i]) > 0 {
			first = append(first, coming[i][0])
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
		next := coming[i][0]
		rows[i].Next = &NextDates{Dates: b.DateRange(next.Starts, next.Ends), Place: b.where(next.Place, next.Country),
			Seats: []string{b.window(&next, now)}}
		if next.Status(now) == catalogue.StatusOpen {
			rows[i].Next.Seats = b.SeatPicture(pools[next.ID], country, 0).Sentences
		}
		if further := len(coming[i]) - 1; further > 0 {
			rows[i].More = b.T("courses.more_dates", "count", further)
		}
	}
	return rows, nil
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
	held := h.enrolment.HeldIn(ctx, ids)
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
	list := strings.Join(names, ", ")
	if further := len(professions) - len(names); further > 0 {
		return b.T("courses.and_more", "list", list, "count", further)
	}
	return list
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
