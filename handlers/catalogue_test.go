package handlers_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// withCatalogue is a site with the hundred courses that Varde is shipped with.
func withCatalogue(t *testing.T, s *testkit.Setup) *site {
	t.Helper()
	site := newSite(t, s)
	if _, err := site.app.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(data.Courses)); err != nil {
		t.Fatal(err)
	}
	site.refresh(t)
	return site
}

// refresh makes the catalogue see what a test wrote by itself.
func (s *site) refresh(t *testing.T) {
	t.Helper()
	if err := s.app.Catalogue.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var (
	rowLink = regexp.MustCompile(`vd-row__title"><a href="/en/courses/([^"]+)"`)
	hits    = regexp.MustCompile(`<h2>(\d+) courses?</h2>`)
	chip    = regexp.MustCompile(`class="vd-chip" href="([^"]+)"`)
	box     = regexp.MustCompile(`name="(\w+)" value="([^"]+)"[^>]*><label[^>]*>[^<]*<span class="vd-filters__n">\((\d+)\)`)
)

func (a answer) found(t *testing.T) int {
	t.Helper()
	m := hits.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the page tells no number of courses\n%s", a.body)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func TestEveryCourseStandsOnOnePageOfTheCatalogue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		visitor := withCatalogue(t, s).browser()
		seen := map[string]bool{}
		for page := 1; page <= 4; page++ {
			list := visitor.get(t, fmt.Sprintf("/en/courses?page=%d", page))
			list.want(t, 200, "")
			list.has(t, fmt.Sprintf("Page %d of 4", page))
			if list.found(t) != 100 {
				t.Errorf("page %d tells %d hits", page, list.found(t))
			}
			for _, m := range rowLink.FindAllStringSubmatch(list.body, -1) {
				if seen[m[1]] {
					t.Errorf("%s stands twice", m[1])
				}
				seen[m[1]] = true
			}
		}
		if len(seen) != 100 {
			t.Errorf("%d courses stand in the catalogue", len(seen))
		}
		visitor.get(t, "/en/courses?page=9&topic=floods&q=a").leadsTo(t, "/en/courses?q=a&topic=floods")
	})
}

func TestTheNumberBesideAFilterIsWhatItFinds(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	for _, under := range []string{"", "&topic=incident_command", "&q=course&profession=police"} {
		start := visitor.get(t, "/en/courses?x=1"+under)
		boxes := box.FindAllStringSubmatch(start.body, -1)
		if len(boxes) < 10 {
			t.Fatalf("%d filters under %q", len(boxes), under)
		}
		for _, m := range boxes {
			if m[1] == "free" || strings.Contains(under, m[1]+"=") {
				continue // a further value of a chosen group finds more than itself
			}
			if got := visitor.get(t, "/en/courses?"+m[1]+"="+m[2]+under).found(t); strconv.Itoa(got) != m[3] {
				t.Errorf("%s=%s%s finds %d, its filter says %s", m[1], m[2], under, got, m[3])
			}
		}
	}
}

func TestFiltersAddUpAndAreTakenAwayOneByOne(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	both := visitor.get(t, "/en/courses?topic=floods&topic=drought&language=en")
	floods := visitor.get(t, "/en/courses?topic=floods&language=en")
	if both.found(t) <= floods.found(t) {
		t.Errorf("floods or drought finds %d, floods alone %d", both.found(t), floods.found(t))
	}
	both.has(t, "Filters (3 chosen)", `value="floods" checked`, `value="drought" checked`, `value="en" checked`, "Clear filters")
	var ways []string
	for _, m := range chip.FindAllStringSubmatch(both.body, -1) {
		ways = append(ways, html.UnescapeString(m[1]))
	}
	want := []string{"/en/courses?language=en&topic=drought", "/en/courses?language=en&topic=floods", "/en/courses?topic=floods&topic=drought"}
	if strings.Join(ways, " ") != strings.Join(want, " ") {
		t.Errorf("the chosen filters lead to %q, want %q", ways, want)
	}
	visitor.get(t, "/en/courses?topic=witchcraft&country=ee&language=EN").has(t, `id="country-EE"`, `value="en" checked`)
	visitor.get(t, "/en/courses?topic=witchcraft").has(t, "<h2>100 courses</h2>")
}

func TestSearchIgnoresCaseAndMarks(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	const course = "/en/courses/hogre-kurs-i-samhallets-krisberedskap-och-totalforsvar-steg-1"
	for _, typed := range []string{"H%C3%B6gre+kurs", "HOGRE+kurs", "hogre++KURS", "ho%CC%88gre"} {
		visitor.get(t, "/en/courses?q="+typed).has(t, course)
	}
	none := visitor.get(t, "/en/courses?q=zzzz&topic=floods")
	none.want(t, 200, "")
	none.has(t, "No courses match", "Without “Search: zzzz”: 7 courses", "See all courses")
	none.hasNot(t, "Without “Floods”")
	odd := visitor.get(t, `/en/courses?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E`)
	odd.want(t, 200, "")
	odd.hasNot(t, "<script>alert")
}

func TestTheListShowsTheNextDatesAndTheirSeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		course, today := s.Course(t, "ships"), training.DateOf(s.Now(t))
		s.Course(t, "caves")
		s.Run(t, testkit.R{Code: "R2", Course: course, Size: 9, Starts: today.AddDays(60)})
		s.Run(t, testkit.R{Code: "R1", Course: course, Size: 3, Starts: today.AddDays(30)})
		s.Run(t, testkit.R{Code: "OLD", Course: course, Starts: today.AddDays(-30), Ends: today.AddDays(-29)})
		person := s.Person(t, testkit.P{Email: "a@example.org"})
		if _, err := site.app.Enrolment.Hold(t.Context(), person, "R1"); err != nil {
			t.Fatal(err)
		}
		list := site.browser().get(t, "/en/courses")
		dates := site.app.Bundle.For("en").DateRange(today.AddDays(30), today.AddDays(34))
		list.has(t, dates, "Riga, Latvia", "2 of 3 seats available.", "and 1 more date", "No dates yet")
		list.hasNot(t, "9 of 9 seats")
		site.browser().get(t, "/en/courses?free=1").has(t, "<h2>1 course</h2>", "Course ships")

		s.DB.Ent.Run.Update().SetClosesAt(s.Now(t)).ExecX(t.Context())
		site.refresh(t)
		closed := site.browser().get(t, "/en/courses?again=1")
		closed.has(t, dates, "Enrolment is closed.")
		closed.hasNot(t, "of 3 seats available.")
	})
}

// record is a course as the shipped catalogue has it.
type record struct {
	ID, Code, Title, Provider, Programme, Country, Place, Level, Costs, Description string

	TitleEn      string   `json:"title_en"`
	Professions  []string `json:"target_professions"`
	Topics       []string
	Language     []string
	Codes        []string `json:"prerequisite_codes"`
	Needs        string   `json:"prerequisite_text"`
	Days         float64  `json:"duration_days"`
	DurationNote string   `json:"duration_note"`
	Seats        int      `json:"seats_typical"`
	Participants int      `json:"participants_observed"`
	States       int      `json:"participant_states_observed"`
	Form         string   `json:"delivery_form"`
	Route        string   `json:"application_route"`
	Dates        string   `json:"dates_observed"`
	Deadline     string   `json:"application_deadline_observed"`
	Inferred     []string
	Source       struct{ Title, URL string }
}

// TestACoursePageTellsEveryFact reads the shipped records anew, apart from the
// program's own reading of them.
func TestACoursePageTellsEveryFact(t *testing.T) {
	site := withCatalogue(t, testkit.SQLite(t))
	var records []record
	if err := json.Unmarshal(data.Courses, &records); err != nil {
		t.Fatal(err)
	}
	all, err := site.app.Catalogue.Find(t.Context(), catalogue.Query{PerPage: 100})
	if err != nil {
		t.Fatal(err)
	}
	slugs := map[string]string{}
	for _, c := range all.Courses {
		slugs[c.ImportID] = c.Slug
	}
	translated, err := data.Texts("fi")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		t.Run(r.ID, func(t *testing.T) {
			english := site.browser().get(t, "/en/courses/"+slugs[r.ID])
			english.want(t, 200, "")
			page := answer{body: html.UnescapeString(english.body)}
			page.has(t, r.facts(site)...)
			page.hasNot(t, "null", "<nil>", "%!", "<dd></dd>")
			if len(r.Inferred) > 0 {
				page.has(t, "Not stated by the source but derived from it: ")
			} else {
				page.hasNot(t, "Not stated by the source")
			}

			finnish := site.browser().get(t, "/fi/courses/"+slugs[r.ID])
			finnish.want(t, 200, "")
			page = answer{body: html.UnescapeString(finnish.body)}
			said := site.app.Bundle.For("fi")
			page.has(t, translated[r.ID].Description, said.T("course.machine_unreviewed"),
				`<a href="/en/courses/`+slugs[r.ID]+`" hreflang="en">`+said.T("course.machine_original", "language", said.LanguageName("en"))+"</a>")
			page.hasNot(t, r.Description, said.T("course.machine"))
			if strings.Count(page.body, said.T("course.machine_unreviewed")) != 1 {
				t.Error("it is said more than once that a machine translated the texts")
			}
			english.hasNot(t, "A machine translated")
			for _, text := range []string{r.Needs, r.Route, r.Costs, r.Dates, r.Deadline, r.DurationNote} {
				if text != "" {
					page.has(t, `lang="en">`+text)
				}
			}
		})
	}
}

// facts are the words of everything that the record knows.
func (r record) facts(site *site) []string {
	said := site.app.Bundle.For("en")
	facts := []string{r.Title, r.Description, r.Provider}
	add := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				facts = append(facts, text)
			}
		}
	}
	add(r.TitleEn, r.Code, r.Programme, r.Place, r.Needs, r.DurationNote, r.Route, r.Costs, r.Dates, r.Deadline, r.Source.Title, r.Source.URL)
	if r.Country != "" {
		add(said.Country(r.Country))
	}
	for _, p := range r.Professions {
		add(said.T("profession." + p))
	}
	for _, topic := range r.Topics {
		add(said.T("topic." + topic))
	}
	for _, lang := range r.Language {
		add(">" + said.LanguageName(lang) + "<")
	}
	add(r.Codes...)
	if r.Form != "" {
		add(said.T("delivery." + r.Form))
	}
	if r.Days != 0 {
		add(strconv.FormatFloat(r.Days, 'f', -1, 64) + " day")
	}
	for _, n := range []int{r.Seats, r.Participants, r.States} {
		if n != 0 {
			add("<dd><div>" + said.Int(n) + "</div></dd>")
		}
	}
	if r.Level != "" {
		level := said.T("level." + strings.ReplaceAll(r.Level, " ", "_"))
		if strings.HasPrefix(level, "level.") {
			level = r.Level
		}
		add(level)
	}
	return facts
}

func TestACodeThatACourseAsksForLeadsToItsCourse(t *testing.T) {
	site := withCatalogue(t, testkit.SQLite(t))
	site.browser().get(t, "/en/courses/operational-deployment-course").
		has(t, `<a href="/en/courses/union-mechanism-introduction-course">UMI: Union Mechanism Introduction Course</a>`)
	s := site.Setup
	id := s.Course(t, "deep")
	s.DB.Ent.Course.UpdateOneID(id).SetPrerequisiteCodes([]string{"NOWHERE-1"}).ExecX(t.Context())
	site.refresh(t)
	page := site.browser().get(t, "/en/courses/deep")
	page.has(t, "<li>The course NOWHERE-1</li>")
}

func TestACoursePageTellsItsDatesInTheZoneOfTheRun(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		day := training.Date{Year: s.Now(t).Year() + 1, Month: 7, Day: 5} // a Monday or not: half days follow weekdays
		for day.Weekend() {
			day = day.AddDays(1)
		}
		s.Run(t, testkit.R{Code: "R1", Course: s.Course(t, "ships"), Size: 5, Starts: day, Ends: day, TimeZone: "Atlantic/Reykjavik"})
		page := site.browser().get(t, "/en/courses/ships")
		said := site.app.Bundle.For("en").Date(day)
		page.has(t, `href="/en/runs/R1">`+said, "Begins: "+said+" at 09:00 (Reykjavik)",
			"Enrolment closes: "+site.app.Bundle.For("en").Date(day.AddDays(-1))+" at 23:59 (Reykjavik).", "5 of 5 seats available.", "See dates")
		s.DB.Ent.Run.Update().SetCancelledAt(s.Now(t)).ExecX(t.Context())
		site.refresh(t)
		site.browser().get(t, "/en/courses/ships?again=1").has(t, "No dates are planned yet.")
		site.browser().get(t, "/en/courses/boats").want(t, 404, "")
	})
}

func TestTheFrontPageShowsDatesInWhichTheReaderCanTakeASeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		site.browser().get(t, "/en/").has(t, "The catalogue is still empty.")
		s.Run(t, testkit.R{Code: "OPEN", Size: 2})
		s.Run(t, testkit.R{Code: "LATVIAN", Size: 1, Quotas: map[string]int{"LV": 1}})
		s.Run(t, testkit.R{Code: "FULL", Size: 1})
		if _, err := site.app.Enrolment.Confirm(t.Context(), s.Person(t, testkit.P{Email: "a@example.org"}), "FULL", ""); err != nil {
			t.Fatal(err)
		}
		site.refresh(t)
		visitor := site.browser().get(t, "/en/?first=1")
		visitor.has(t, "/en/runs/OPEN", "2 of 2 seats available.", "See all 3 courses", "Forest fires (3)", "Firefighter (3)")
		visitor.hasNot(t, "/en/runs/LATVIAN", "/en/runs/FULL")
		latvian := s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true})
		member := site.as(t, latvian).get(t, "/en/")
		member.has(t, "/en/runs/OPEN", "/en/runs/LATVIAN")
		member.hasNot(t, "/en/runs/FULL")
		unsure := s.Person(t, testkit.P{Email: "lv2@example.org", Country: "LV"})
		site.as(t, unsure).get(t, "/en/").hasNot(t, "/en/runs/LATVIAN")
	})
}

func TestPapersAreThereInEveryLanguage(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	for _, lang := range training.Languages {
		for _, path := range []string{"about", "privacy", "accessibility"} {
			page := site.browser().get(t, "/"+lang+"/"+path)
			page.want(t, 200, "")
			said := html.EscapeString(site.app.Bundle.For(lang).T(path + ".title"))
			page.has(t, `<html lang="`+lang+`"`, "<h1>"+cmp.Or(said, "?")+"</h1>")
		}
	}
}
