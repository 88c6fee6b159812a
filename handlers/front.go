package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// FrontPage is the first page: a search, the next dates with seats, ways in.
type FrontPage struct {
	Base
	Next                []NextRun
	For                 string // whose next dates these are: a country, in words; empty: everybody's
	All                 string
	Topics, Professions []Phrase
	Empty               bool // the catalogue has no course yet
}

// NextRun is a coming run in which the reader can take a seat.
type NextRun struct {
	Href                 string
	Title, Summary       Phrase
	Dates, Place, Taught string
	Seats                SeatPicture
}

const (
	// nextRuns is how many dates the first page shows.
	nextRuns = 5
	// frontText is how many characters of a summary it shows beside each.
	frontText = 130
)

func (h *Handlers) front(c *fiber.Ctx) error {
	page := FrontPage{Base: h.newBase(c, "")}
	page.Title, page.Description = page.T("front.title"), page.T("front.description")
	count, err := h.catalogue.Find(c.UserContext(), catalogue.Query{Lang: page.Lang(), PerPage: 1})
	if err != nil {
		return err
	}
	page.All, page.Empty = page.T("front.all_courses", "count", count.Total), count.Total == 0
	facets, err := h.catalogue.Facets(c.UserContext(), catalogue.Query{Lang: page.Lang()})
	if err != nil {
		return err
	}
	page.Topics = page.ways(facets.Topics, "topic")
	page.Professions = page.ways(facets.Professions, "profession")
	country := frontCountry(c)
	if country != "" {
		page.For = page.T("front.next_for", "country", page.Country(country))
	}
	if page.Next, err = h.nextRuns(c, &page.Base, country); err != nil {
		return err
	}
	return h.render(c, fiber.StatusOK, "front", &page)
}

// ways lead to the courses of each value, by name.
func (p *FrontPage) ways(counts []catalogue.Count, kind string) []Phrase {
	list := make([]Phrase, len(counts))
	for i, count := range counts {
		list[i] = Phrase{Text: p.T("front.way", "name", p.T(kind+"."+count.Value), "courses", count.Count),
			Href: p.Href("/courses?", kind, "=", count.Value)}
	}
	slices.SortStableFunc(list, func(x, y Phrase) int { return p.CLDR().Compare(x.Text, y.Text) })
	return list
}

// languageCountries are the countries in which most readers of a language serve.
// English and Russian belong to none that is a member.
var languageCountries = map[string]string{"da": "DK", "de": "DE", "et": "EE", "fi": "FI", "is": "IS", "lt": "LT", "lv": "LV",
	"nb": "NO", "pl": "PL", "sv": "SE"}

// localCountry names what forVisitorsOf leaves for the page and for its copy.
const localCountry = "country"

// forVisitorsOf finds out for which member state's people the first page is:
// that of who is signed in, as far as it is confirmed, else that of the
// visitor's browser or of the page's language. It runs before fromCache, which
// keeps a copy for each.
func (h *Handlers) forVisitorsOf(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderAcceptLanguage)
	candidates := []string{actorOf(c).Country}
	if viewerOf(c) == nil {
		candidates = append(regions(c.Get(fiber.HeaderAcceptLanguage)), languageCountries[langOf(c)])
	}
	for _, code := range candidates {
		if code == "" {
			continue
		}
		state, known, err := h.memberState(c.UserContext(), code)
		if err != nil {
			return err
		}
		if known && state.Active(training.DateOf(h.options.Clock().UTC())) {
			c.Locals(localCountry, code)
			break
		}
	}
	return c.Next()
}

// regions are the countries that the languages of the header name, the wanted
// most first: sv-FI is Swedish in Finland.
func regions(acceptLanguage string) []string {
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return nil
	}
	var codes []string
	for _, tag := range tags {
		if region, sure := tag.Region(); sure == language.Exact {
			codes = append(codes, region.String())
		}
	}
	return codes
}

func frontCountry(c *fiber.Ctx) string {
	country, _ := c.Locals(localCountry).(string)
	return country
}

func (h *Handlers) nextRuns(c *fiber.Ctx, b *Base, country string) ([]NextRun, error) {
	next, err := h.catalogue.NextRuns(c.UserContext(), country, nextRuns)
	if err != nil {
		return nil, err
	}
	runs := make([]catalogue.Run, len(next))
	for i := range next {
		runs[i] = *next[i].Run
	}
	pools, err := h.seatsOf(c.UserContext(), runs)
	if err != nil {
		return nil, err
	}
	list := make([]NextRun, len(next))
	for i, n := range next {
		list[i] = b.nextRun(n, pools[n.Run.ID], country)
	}
	return list, nil
}

func (b *Base) nextRun(n catalogue.Next, pools []training.Pool, country string) NextRun {
	row := NextRun{Href: b.Href("/runs/", n.Run.Code), Dates: b.DateRange(n.Run.Starts, n.Run.Ends),
		Place: b.where(n.Run.Place, n.Run.Country), Taught: b.taughtIn([]string{n.Run.Language}),
		Seats: b.SeatPicture(pools, country, 0)}
	row.Title, _ = b.phrase(n.Course, catalogue.KindTitle)
	row.Summary, _ = b.phrase(n.Course, catalogue.KindSummary)
	row.Summary.Text = shorten(row.Summary.Text, frontText)
	return row
}
