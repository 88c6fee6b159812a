package handlers

import (
	"encoding/xml"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
)

// What the feeds of the catalogue are called in addresses, below /courses.
const (
	feedName     = "feed.atom"
	calendarName = "calendar.ics"
)

const (
	// feedEntries is how many courses or dates a feed has at most.
	feedEntries = 100
	// refreshEvery is how often a calendar program is asked to look again.
	refreshEvery = "PT6H"
)

// feedHref is the address of a feed of what a query finds, however it is shown.
func feedHref(q catalogue.Query, name string) string {
	return withQuery("/"+q.Lang+"/courses/"+name, sought(q))
}

// atomFeed is an Atom feed document (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     atomText    `xml:"title"`
	Updated   string      `xml:"updated"`
	Published string      `xml:"published,omitempty"`
	Author    *atomPerson `xml:"author,omitempty"`
	Link      atomLink    `xml:"link"`
	Summary   atomText    `xml:"summary"`
}

// coursesFeed tells of the courses that a query finds, those changed last first.
// A course with a new date is changed: that is what followers wait for.
func (h *Handlers) coursesFeed(c *fiber.Ctx) error {
	q := courseQuery(c).Query
	latest, err := h.catalogue.LatestFound(c.UserContext(), q, feedEntries)
	if err != nil {
		return err
	}
	b := Base{Speaker: h.bundle.For(q.Lang), BaseURL: h.options.BaseURL}
	self := b.BaseURL + feedHref(q, feedName)
	feed := atomFeed{Lang: q.Lang, ID: self, Title: feedTitle(&b, q), Updated: atomTime(time.Unix(0, 0)),
		Author: atomPerson{"Varde"},
		Links:  []atomLink{{"self", "application/atom+xml", self}, {"alternate", "text/html", b.BaseURL + coursesHref(listing{Query: q})}}}
	now := h.options.Clock()
	for _, changed := range latest {
		feed.Entries = append(feed.Entries, b.feedEntry(changed, now))
	}
	if len(latest) > 0 {
		feed.Updated = atomTime(latest[0].At)
	}
	text, err := xml.Marshal(feed)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/atom+xml; charset=utf-8")
	return c.Send(append([]byte(xml.Header), text...))
}

// feedTitle names what is followed: the filters in words.
func feedTitle(b *Base, q catalogue.Query) string {
	page := CoursesPage{Base: *b, Query: listing{Query: q}}
	var chosen []string
	for _, chip := range page.chips() {
		chosen = append(chosen, chip.Label)
	}
	if len(chosen) == 0 {
		return b.T("courses.feed_title")
	}
	return b.T("courses.feed_title_chosen", "filters", b.And(chosen))
}

func (b *Base) feedEntry(changed catalogue.Changed, now time.Time) atomEntry {
	address := b.BaseURL + b.Href("/courses/", changed.Course.Slug)
	title, _ := b.phrase(changed.Course, catalogue.KindTitle)
	summary, _ := b.phrase(changed.Course, catalogue.KindSummary)
	entry := atomEntry{ID: address, Title: atomText{title.Lang, title.Text}, Updated: atomTime(changed.At),
		Link: atomLink{"alternate", "text/html", address}, Summary: atomText{summary.Lang, summary.Text}}
	if changed.Course.Provider != "" {
		entry.Author = &atomPerson{changed.Course.Provider}
	}
	var dates []string
	for _, run := range catalogue.ComingRuns(changed.Course, now) {
		dates = append(dates, b.T("courses.feed_date", "dates", b.DateRange(run.Starts, run.Ends), "place", b.where(run.Place, run.Country)))
	}
	if len(dates) > 0 { // in the feed's own language, whatever that of the summary is
		entry.Summary = atomText{Text: b.T("courses.feed_dates", "dates", b.And(dates))}
	}
	return entry
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// coursesCalendar gives the coming dates of the courses that a query finds to
// calendar programs that look again by themselves.
func (h *Handlers) coursesCalendar(c *fiber.Ctx) error {
	q := courseQuery(c).Query
	runs, err := h.catalogue.RunsFound(c.UserContext(), q)
	if err != nil {
		return err
	}
	b := Base{Speaker: h.bundle.For(q.Lang), BaseURL: h.options.BaseURL}
	entries := make([]calendarEntry, 0, min(len(runs), feedEntries))
	for _, at := range runs[:min(len(runs), feedEntries)] {
		title, _ := b.phrase(at.Course, catalogue.KindTitle)
		lang := title.Lang
		if lang == "" {
			lang = q.Lang
		}
		entries = append(entries, calendarEntry{
			UID: at.Run.Code + "@" + h.host(), Lang: q.Lang, SummaryLang: lang, Summary: title.Text,
			Description: b.T("courses.calendar_entry", "begins", b.beginning(at.Run), "language", b.spokenLanguage(at.Run.Language)),
			Location:    b.whereExactly(at.Run), URL: b.BaseURL + b.Href("/runs/", at.Run.Code),
			Status: "CONFIRMED", First: at.Run.Starts, Last: at.Run.Ends, Changed: at.Run.CreatedAt,
		})
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	return c.SendString(calendarFeed(feedTitle(&b, q), q.Lang, b.BaseURL+feedHref(q, calendarName), entries))
}

// beginning says when a run begins: the time of its first half day, or its day.
func (b *Base) beginning(r *catalogue.Run) string {
	if at := begins(r); !at.IsZero() {
		return b.Instant(at, r.TimeZone)
	}
	return b.Date(r.Starts)
}

// host is what stands behind the @ of identifiers that calendars keep.
func (h *Handlers) host() string {
	if address, err := url.Parse(h.options.BaseURL); err == nil && address.Hostname() != "" {
		return address.Hostname()
	}
	return "varde"
}
