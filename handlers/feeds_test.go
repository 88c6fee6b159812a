package handlers_test

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// atom is a feed as RFC 4287 has it.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      []string `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []struct {
		Name []string `xml:"http://www.w3.org/2005/Atom name"`
	} `xml:"http://www.w3.org/2005/Atom author"`
	Links   []atomLink `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      []string   `xml:"http://www.w3.org/2005/Atom id"`
		Title   []string   `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string   `xml:"http://www.w3.org/2005/Atom updated"`
		Summary []string   `xml:"http://www.w3.org/2005/Atom summary"`
		Links   []atomLink `xml:"http://www.w3.org/2005/Atom link"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

// readAtom holds a feed to what RFC 4287 asks of every one.
func readAtom(t *testing.T, a answer) atom {
	t.Helper()
	a.want(t, 200, "")
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/atom+xml") {
		t.Errorf("it is %s", kind)
	}
	var feed atom
	if err := xml.Unmarshal([]byte(a.body), &feed); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	once := func(what string, values []string) {
		if len(values) != 1 || strings.TrimSpace(values[0]) == "" {
			t.Errorf("%s: %q", what, values)
		}
	}
	instant := func(values []string) {
		once("updated", values)
		if _, err := time.Parse(time.RFC3339, values[0]); err != nil {
			t.Error(err)
		}
	}
	address := func(values []string) {
		once("id", values)
		if u, err := url.Parse(values[0]); err != nil || !u.IsAbs() {
			t.Errorf("id %q: %v", values[0], err)
		}
	}
	address(feed.ID)
	once("title", feed.Title)
	instant(feed.Updated)
	if len(feed.Author) != 1 || len(feed.Author[0].Name) != 1 || len(feed.Links) != 2 || feed.Links[0].Rel != "self" || feed.Links[1].Rel != "alternate" {
		t.Errorf("authors %v, links %v", feed.Author, feed.Links)
	}
	seen := map[string]bool{}
	for i, e := range feed.Entries {
		address(e.ID)
		once("title", e.Title)
		instant(e.Updated)
		if seen[e.ID[0]] || len(e.Links) != 1 || len(e.Summary) != 1 {
			t.Errorf("entry %s stands twice, or has %d links", e.ID[0], len(e.Links))
		}
		seen[e.ID[0]] = true
		if i > 0 && e.Updated[0] > feed.Entries[i-1].Updated[0] {
			t.Errorf("entry %d is newer than the one before", i)
		}
	}
	return feed
}

func TestAFeedFollowsWhatItsFiltersFind(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		ships := s.Course(t, "ships")
		s.DB.Ent.Course.UpdateOneID(s.Course(t, "floods")).SetTopics([]string{"floods"}).ExecX(t.Context())
		visitor := site.browser()
		page := visitor.get(t, "/fi/courses?topic=forest_fires&sort=title")
		page.has(t, `<link rel="alternate" type="application/atom+xml" title=`, `href="/fi/courses/feed.atom?topic=forest_fires"`,
			`href="/fi/courses/calendar.ics?topic=forest_fires"`)
		path := "/fi/courses/feed.atom?topic=forest_fires"
		feed := readAtom(t, visitor.get(t, path))
		if len(feed.Entries) != 1 || feed.Entries[0].ID[0] != "http://varde.test/fi/courses/ships" || feed.Lang != "fi" ||
			feed.ID[0] != "http://varde.test"+path || feed.Links[1].Href != "http://varde.test/fi/courses?topic=forest_fires" {
			t.Errorf("%+v", feed)
		}
		if again := readAtom(t, visitor.get(t, path+"&again=1")); again.ID[0] != feed.ID[0] || again.Updated[0] != feed.Updated[0] {
			t.Errorf("the same feed is %s of %s, before %s of %s", again.ID[0], again.Updated[0], feed.ID[0], feed.Updated[0])
		}
		s.DB.Ent.Run.UpdateOneID(s.Run(t, testkit.R{Code: "R1", Course: ships})).ExecX(t.Context())
		s.DB.Ent.Course.UpdateOneID(ships).SetUpdatedAt(s.Now(t).Add(time.Hour)).ExecX(t.Context())
		site.refresh(t)
		newer := readAtom(t, visitor.get(t, path+"&again=2"))
		said := site.app.Bundle.For("fi")
		today := training.DateOf(s.Now(t).In(riga(t)))
		if newer.Updated[0] <= feed.Updated[0] || !strings.Contains(newer.Entries[0].Summary[0], said.DateRange(today.AddDays(30), today.AddDays(34))) {
			t.Errorf("after a new date: %+v", newer)
		}
		if empty := readAtom(t, visitor.get(t, "/fi/courses/feed.atom?topic=cyber")); len(empty.Entries) != 0 {
			t.Errorf("%d entries of nothing", len(empty.Entries))
		}
	})
}

func TestAFeedHasAHundredEntriesAtMost(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	for i := range 103 {
		s.Run(t, testkit.R{Code: fmt.Sprint("R", i)})
	}
	if feed := readAtom(t, site.browser().get(t, "/en/courses/feed.atom")); len(feed.Entries) != 100 {
		t.Errorf("%d entries", len(feed.Entries))
	}
	if n := strings.Count(site.browser().get(t, "/en/courses/calendar.ics").body, "BEGIN:VEVENT"); n != 100 {
		t.Errorf("%d dates", n)
	}
}

var contentLine = regexp.MustCompile(`^[A-Z-]+(;[A-Z-]+=[^:;,"]+)*:[^\x00-\x08\x0A-\x1F\x7F]*$`)

func TestACalendarFeedHoldsTheDaysOfRuns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		start := training.Date{Year: s.Now(t).Year() + 1, Month: time.May, Day: 31}
		s.Run(t, testkit.R{Code: "R1", Starts: start, Ends: start.AddDays(1)})
		s.Run(t, testkit.R{Code: "R2"})
		s.DB.Ent.Run.UpdateOneID(s.Run(t, testkit.R{Code: "OFF"})).SetCancelledAt(s.Now(t)).ExecX(t.Context())
		got := site.browser().get(t, "/sv/courses/calendar.ics?profession=firefighter")
		got.want(t, 200, "")
		if kind := got.header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
			t.Errorf("it is %s", kind)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(got.body, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.Contains(line, "\n") {
				t.Errorf("a line of %d octets: %q", len(line), line)
			}
		}
		unfolded := strings.ReplaceAll(got.body, "\r\n ", "")
		open, events := []string{}, 0
		properties := map[string]int{}
		for line := range strings.SplitSeq(strings.TrimSuffix(unfolded, "\r\n"), "\r\n") {
			if !contentLine.MatchString(line) {
				t.Errorf("no content line: %q", line)
			}
			name, value, _ := strings.Cut(line, ":")
			name, _, _ = strings.Cut(name, ";")
			switch name {
			case "BEGIN":
				open, properties = append(open, value), map[string]int{}
			case "END":
				if len(open) == 0 || open[len(open)-1] != value {
					t.Fatalf("%s ends inside %v", value, open)
				}
				open = open[:len(open)-1]
				if value == "VEVENT" {
					events++
					for _, once := range []string{"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "URL"} {
						if properties[once] != 1 {
							t.Errorf("%s stands %d times", once, properties[once])
						}
					}
				}
			default:
				properties[name]++
			}
		}
		if events != 2 || len(open) != 0 {
			t.Errorf("%d dates, open %v", events, open)
		}
		body := answer{body: unfolded}
		body.has(t, "UID:R1@varde.test\r\n", "DTSTART;VALUE=DATE:"+strings.ReplaceAll(start.String(), "-", ""),
			"DTEND;VALUE=DATE:"+strings.ReplaceAll(start.AddDays(2).String(), "-", ""), "REFRESH-INTERVAL;VALUE=DURATION:PT",
			"URL:http://varde.test/sv/runs/R1", "NAME;LANGUAGE=sv:Varde: ", "SUMMARY;LANGUAGE=en:Course ")
		body.hasNot(t, "METHOD", "UID:OFF@")
	})
}
