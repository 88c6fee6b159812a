package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// links gives the addresses of a page that match, as a browser reads them.
func links(page answer, pattern string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(page.body, -1) {
		found = append(found, html.UnescapeString(m[1]))
	}
	return found
}

func TestTheListIsSortedAsItsReaderChooses(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	today := training.DateOf(s.Now(t))
	s.Run(t, testkit.R{Code: "R1", Course: s.Course(t, "zebra"), Size: 3, Starts: today.AddDays(20)})
	s.Run(t, testkit.R{Code: "R2", Course: s.Course(t, "alpha"), Size: 9, Starts: today.AddDays(40)})
	visitor := site.browser()
	for query, want := range map[string]string{"": "zebra alpha", "?sort=title": "alpha zebra", "?sort=seats": "alpha zebra", "?sort=nonsense": "zebra alpha"} {
		list := visitor.get(t, "/en/courses"+query)
		if got := strings.Join(links(list, rowLink.String()), " "); got != want {
			t.Errorf("%q lists %s, want %s", query, got, want)
		}
		list.has(t, "Next dates", `href="/en/courses?sort=title"`, `href="/en/courses?sort=seats"`)
	}
	sorted := visitor.get(t, "/en/courses?topic=forest_fires&sort=title")
	sorted.has(t, `<input type="hidden" name="sort" value="title">`, `<a href="/en/courses?topic=forest_fires">Next dates</a>`,
		`<a class="vd-chip" href="/en/courses?sort=title">`)
	visitor.get(t, "/en/courses?q=course&sort=date").has(t, "Best match", `name="sort" value="date"`)
}

func TestTheCalendarShowsRunsOnEachOfTheirDays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		said := site.app.Bundle.For("en")
		year := s.Now(t).Year() + 1
		start := training.Date{Year: year, Month: time.March, Day: 30}
		s.Run(t, testkit.R{Code: "SPRING", Size: 4, Starts: start, Ends: start.AddDays(3)})
		s.Run(t, testkit.R{Code: "SUMMER", Course: s.Course(t, "caves"), Size: 4, Starts: training.Date{Year: year, Month: time.July, Day: 1}})
		visitor := site.browser()
		month := visitor.get(t, "/en/courses?view=calendar")
		month.want(t, 200, "")
		month.has(t, fmt.Sprintf("March %d: 1 course begins", year), `<th scope="col">Monday</th>`, `<th scope="col">Sunday</th>`,
			`<span class="vd-month__n">30</span><span class="vd-month__long">`+said.Weekday(start)+`</span></p><ul><li><a href="/en/runs/SPRING">`,
			said.DateRangeShort(start, start.AddDays(3)), "4 of 4 seats available.", fmt.Sprintf("February %d", year), fmt.Sprintf("April %d", year),
			fmt.Sprintf(`month=%d-04&amp;view=calendar" rel="next"`, year), `<meta name="robots" content="noindex">`)
		month.has(t, `31</span><span class="vd-month__long">`+said.Weekday(start.AddDays(1))+`</span></p><ul class="vd-month__on" aria-hidden="true"><li><a href="/en/runs/SPRING" tabindex="-1">`,
			"<p>Day 2 of 4</p>")
		month.hasNot(t, "SUMMER", "Day 1 of 4", "Day 3 of 4")
		on := visitor.get(t, fmt.Sprintf("/en/courses?view=calendar&month=%d-04", year))
		on.has(t, fmt.Sprintf("<h2>April %d</h2>", year), `<span class="vd-month__long">`+said.Weekday(start.AddDays(2))+`</span></p><ul><li><a href="/en/runs/SPRING">`,
			"4 of 4 seats available.", "<p>Day 4 of 4</p>")
		on.hasNot(t, "Day 3 of 4", "Day 5 of 4")
		if rows := strings.Count(month.body, "<tr>"); rows < 5 || strings.Count(month.body, "<td") != 7*(rows-1) {
			t.Errorf("%d rows, %d cells", rows, strings.Count(month.body, "<td"))
		}
		empty := visitor.get(t, fmt.Sprintf("/en/courses?view=calendar&month=%d-05", year))
		empty.has(t, "No course that you look for begins in this month.", fmt.Sprintf("month=%d-03&amp;view=calendar\">March", year),
			fmt.Sprintf("month=%d-07&amp;view=calendar\">July", year))
		filtered := visitor.get(t, fmt.Sprintf("/en/courses?view=calendar&month=%d-07&starts=%d-07", year, year))
		filtered.has(t, "/en/runs/SUMMER", fmt.Sprintf(`value="%d-07" checked`, year), fmt.Sprintf(`name="month" value="%d-07"`, year))
		filtered.hasNot(t, "SPRING")
		if list := links(filtered, `href="([^"]+)">List</a>`); len(list) != 1 || list[0] != fmt.Sprintf("/en/courses?starts=%d-07", year) {
			t.Errorf("back to the list: %q", list)
		}
		for _, odd := range []string{"2027-13", "0000-00", "99999-01", "x", "-1"} {
			visitor.get(t, "/en/courses?view=calendar&month="+url.QueryEscape(odd)).has(t, fmt.Sprintf("March %d", year))
		}
		visitor.get(t, "/en/courses?view=calendar&free=1&topic=floods").has(t, "No courses match")
	})
}

func TestWeekdaysHaveTheirNamesInEveryLanguage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	for lang, want := range map[string][2]string{"da": {"Mandag", "Søndag"}, "de": {"Montag", "Sonntag"}, "en": {"Monday", "Sunday"},
		"et": {"Esmaspäev", "Pühapäev"}, "fi": {"Maanantai", "Sunnuntai"}, "is": {"Mánudagur", "Sunnudagur"}, "lt": {"Pirmadienis", "Sekmadienis"},
		"lv": {"Pirmdiena", "Svētdiena"}, "nb": {"Mandag", "Søndag"}, "pl": {"Poniedziałek", "Niedziela"}, "ru": {"Понедельник", "Воскресенье"},
		"sv": {"Måndag", "Söndag"}} {
		days := links(site.browser().get(t, "/"+lang+"/courses?view=calendar"), `<th scope="col">([^<]*)</th>`)
		if len(days) != 7 || days[0] != want[0] || days[6] != want[1] {
			t.Errorf("%s: %q", lang, days)
		}
	}
}

func TestNothingFoundSaysWhatEachAloneFinds(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	none := visitor.get(t, "/en/courses?q=zzzz&topic=floods&country=AQ")
	none.has(t, "No courses match", "leaving out one of them is not enough.", "Only “Floods”: 7 courses")
	none.hasNot(t, "Only “Search", "Without “")
}

func TestPagesNameTheirLanguagesToSearchEngines(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	for i := range 31 {
		s.Course(t, fmt.Sprint("c", i))
	}
	for path, want := range map[string]string{
		"/courses": "/courses", "/courses?page=2": "/courses?page=2", "/courses?page=1&utm_source=x": "/courses",
		"/courses/c1?ref=mail": "/courses/c1", "/about": "/about", "/": "/",
	} {
		page := site.browser().get(t, "/fi"+path)
		page.has(t, `<link rel="canonical" href="http://varde.test/fi`+want+`">`)
		if got := links(page, `<link rel="alternate" hreflang="([^"]+)"`); len(got) != 13 || got[12] != "x-default" {
			t.Errorf("%s: alternates %q", path, got)
		}
		everybody := "http://varde.test/en" + want
		if want == "/" {
			everybody = "http://varde.test/"
		}
		page.has(t, `hreflang="sv" href="http://varde.test/sv`+want+`"`, `hreflang="x-default" href="`+everybody+`"`)
	}
	for _, path := range []string{"/fi/courses?q=a", "/fi/courses?topic=floods", "/fi/courses?sort=title", "/fi/courses?view=calendar"} {
		page := site.browser().get(t, path)
		page.has(t, `content="noindex"`)
		page.hasNot(t, "canonical", `rel="alternate" hreflang`)
	}
}

func TestTheSitemapListsEveryPublicPageInEveryLanguage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	for i := range 1001 { // with the site's own pages more than one part
		s.Course(t, fmt.Sprint("course-", i))
	}
	s.Run(t, testkit.R{Code: "R1", Course: s.Course(t, "ships")})
	s.DB.Ent.Run.UpdateOneID(s.Run(t, testkit.R{Code: "OFF", Course: s.Course(t, "off")})).SetCancelledAt(s.Now(t)).ExecX(t.Context())
	site.refresh(t)
	robots := site.browser().get(t, "/robots.txt")
	robots.has(t, "\nSitemap: http://varde.test/sitemap.xml\n")
	index := site.browser().get(t, "/sitemap.xml")
	var parts struct {
		Parts []string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemap>loc"`
	}
	if err := xml.Unmarshal([]byte(index.body), &parts); err != nil || len(parts.Parts) != 2 {
		t.Fatalf("%d parts: %v", len(parts.Parts), err)
	}
	seen := map[string]bool{}
	for _, part := range parts.Parts {
		page := site.browser().get(t, strings.TrimPrefix(part, "http://varde.test"))
		page.want(t, 200, "")
		var list struct {
			URLs []struct {
				Loc   string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
				Links []struct {
					Rel  string `xml:"rel,attr"`
					Lang string `xml:"hreflang,attr"`
					Href string `xml:"href,attr"`
				} `xml:"http://www.w3.org/1999/xhtml link"`
			} `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
		}
		if err := xml.Unmarshal([]byte(page.body), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.URLs) > 50_000 || len(page.body) > 50_000_000 {
			t.Errorf("%d addresses in %d bytes", len(list.URLs), len(page.body))
		}
		for _, u := range list.URLs {
			if seen[u.Loc] || len(u.Links) != 13 || u.Links[0].Rel != "alternate" {
				t.Fatalf("%s: again, or %d alternates", u.Loc, len(u.Links))
			}
			seen[u.Loc] = true
		}
	}
	// Every course and run, and the six pages of the site, in twelve languages.
	if want := (1003 + 1 + 6) * 12; len(seen) != want {
		t.Errorf("%d addresses, want %d", len(seen), want)
	}
	for _, path := range []string{"/is/", "/lv/courses/ships", "/ru/runs/R1", "/fi/accessibility"} {
		if !seen["http://varde.test"+path] {
			t.Errorf("%s is missing", path)
		}
		site.browser().get(t, path).want(t, 200, "")
	}
	if seen["http://varde.test/en/runs/OFF"] {
		t.Error("a cancelled run is listed")
	}
	for _, part := range []string{"0", "3", "x"} {
		site.browser().get(t, "/sitemap/"+part+".xml").want(t, 404, "")
	}
}

// instance is what search engines are told of a run.
type instance struct {
	Type, Name, StartDate, EndDate, InLanguage, CourseMode, URL string

	Location struct {
		Name    string
		Address struct{ AddressCountry string }
	}
	Offers *struct{ Availability, AvailabilityEnds string }
}

var structuredData = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

func TestSearchEnginesAreToldWhatIsSeen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		id := s.Course(t, "ships")
		s.DB.Ent.Course.UpdateOneID(id).SetProvider("Rescue College <A&B>").SetDeliveryForm("blended").ExecX(t.Context())
		s.DB.Ent.CourseText.Create().SetCourseID(id).SetKind("summary").SetLanguage("en").SetText("Fires </script> on board").
			SetOrigin("original").SetUpdatedAt(s.Now(t)).ExecX(t.Context())
		s.Run(t, testkit.R{Code: "OPEN", Course: id, Size: 1})
		s.Run(t, testkit.R{Code: "LATER", Course: id, Opens: s.Now(t).AddDate(0, 0, 5)})
		read := func(path string) (string, instance) {
			page := site.browser().get(t, path)
			page.want(t, 200, "")
			m := structuredData.FindStringSubmatch(page.body)
			if m == nil {
				t.Fatalf("nothing for search engines\n%s", page.body)
			}
			var course struct {
				Context           string `json:"@context"`
				Type              string `json:"@type"`
				Name, Description string
				Provider          struct{ Name string }
				HasCourseInstance []instance
			}
			if err := json.Unmarshal([]byte(m[1]), &course); err != nil || len(course.HasCourseInstance) != 1 {
				t.Fatalf("%d instances: %v\n%s", len(course.HasCourseInstance), err, m[1])
			}
			if course.Context != "https://schema.org" || course.Type != "Course" {
				t.Errorf("it is %s of %s", course.Type, course.Context)
			}
			_, main, _ := strings.Cut(html.UnescapeString(page.body), "<main")
			for _, said := range []string{course.Name, course.Description, course.Provider.Name, course.HasCourseInstance[0].Location.Name} {
				if said == "" || !strings.Contains(main, said) {
					t.Errorf("people do not see %q", said)
				}
			}
			return main, course.HasCourseInstance[0]
		}
		speaker := site.app.Bundle.For("en")
		main, open := read("/en/runs/OPEN")
		onCourse := site.browser().get(t, "/en/courses/ships")
		var all struct {
			CourseCode        string
			HasCourseInstance []instance
		}
		m := structuredData.FindStringSubmatch(onCourse.body)
		if m == nil || json.Unmarshal([]byte(m[1]), &all) != nil || len(all.HasCourseInstance) != 2 || all.CourseCode != "SHIPS" {
			t.Fatalf("the course's page tells search engines of %d runs\n%s", len(all.HasCourseInstance), onCourse.body)
		}
		if diff := cmp.Diff(open, all.HasCourseInstance[1]); diff != "" { // after LATER, by its code
			t.Errorf("the run on its own page and on the course's (-run +course):\n%s", diff)
		}
		onCourse.has(t, "<dd><div>SHIPS</div></dd>", "Rescue College", "Part online, part in person")
		first, _ := training.ParseDate(open.StartDate)
		last, _ := training.ParseDate(open.EndDate)
		for _, seen := range []string{speaker.DateRange(first, last), speaker.LanguageName(open.InLanguage),
			speaker.Country(open.Location.Address.AddressCountry), speaker.T("delivery." + strings.ToLower(open.CourseMode))} {
			if !strings.Contains(main, seen) {
				t.Errorf("people do not see %q", seen)
			}
		}
		if open.Offers == nil || !strings.HasSuffix(open.Offers.Availability, "/InStock") || !strings.Contains(main, open.Offers.AvailabilityEnds) ||
			!strings.Contains(main, "1 of 1 seats available.") || open.URL != "http://varde.test/en/runs/OPEN" {
			t.Errorf("offers: %+v at %s", open.Offers, open.URL)
		}
		if _, later := read("/en/runs/LATER"); later.Offers != nil {
			t.Errorf("seats are offered before enrolment opens: %+v", later.Offers)
		}
		s.DB.Ent.SeatPool.Update().Where(seatpool.Size(1)).SetTaken(1).ExecX(t.Context())
		main, full := read("/en/runs/OPEN?again=1")
		if !strings.HasSuffix(full.Offers.Availability, "/SoldOut") || !strings.Contains(main, "No seats left.") {
			t.Errorf("offers of a full run: %+v", full.Offers)
		}
	})
}

func TestTheFirstPageIsForTheVisitorsCountry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "OPEN", Size: 2})
		s.Run(t, testkit.R{Code: "FINNISH", Size: 1, Quotas: map[string]int{"FI": 1}})
		for name, tt := range map[string]struct {
			path, accept string
			country      string // in words of the page; empty: of none
			sees         bool
		}{
			"Finnish":                   {"/fi/", "", "FI", true},
			"Swedish in Finland":        {"/sv/", "sv-FI,sv;q=0.9", "FI", true},
			"Swedish":                   {"/sv/", "sv,en;q=0.8", "SE", false},
			"English":                   {"/en/", "en-GB,en;q=0.9", "", false},
			"English, then Finnish":     {"/en/", "en-US,en;q=0.9,fi-FI;q=0.8", "FI", true},
			"Russian":                   {"/ru/", "ru-RU,ru;q=0.9", "", false},
			"Russian in Finland":        {"/ru/", "ru-FI", "FI", true},
			"a header that is not one":  {"/en/", ";;;q=x,,fi-FI-FI-FI-FI-FI-FI-FI-FI-FI-", "", false},
			"a country outside":         {"/fi/", "fi-US", "FI", true},
			"Finnish, from the copy":    {"/fi/", "", "FI", true},
			"Finnish read in Estonia":   {"/fi/", "et-EE", "EE", false},
			"the same again, the copy":  {"/fi/", "et-EE", "EE", false},
			"Norwegian without regions": {"/nb/", "no", "NO", false},
		} {
			b := site.browser()
			b.accept = tt.accept
			page := b.get(t, tt.path)
			page.want(t, 200, "")
			if got := strings.Contains(page.body, "/runs/FINNISH"); got != tt.sees {
				t.Errorf("%s sees the Finnish seats: %v", name, got)
			}
			speaker := site.app.Bundle.For(strings.Trim(tt.path, "/"))
			said := html.EscapeString(speaker.T("front.next_for", "country", speaker.Country(tt.country)))
			if got := strings.Contains(page.body, "vd-front__for"); got != (tt.country != "") || got && !strings.Contains(page.body, said) {
				t.Errorf("%s: the page does not say %q", name, said)
			}
			if !strings.Contains(page.header.Get("Vary"), "Accept-Language") {
				t.Errorf("%s: Vary is %q", name, page.header.Get("Vary"))
			}
		}
		latvian := site.as(t, s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true}))
		latvian.accept = "fi-FI"
		latvian.get(t, "/fi/").hasNot(t, "/runs/FINNISH")
	})
}

func TestPeopleOfASuspendedStateAreToldBeforeTheyTry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 2})
		s.Run(t, testkit.R{Code: "FULL", Size: 1})
		if _, err := site.app.Enrolment.Confirm(t.Context(), s.Person(t, testkit.P{Email: "b@example.org"}), "FULL", ""); err != nil {
			t.Fatal(err)
		}
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		if err := site.app.People.SetSuspended(t.Context(), admin, "LV", true); err != nil {
			t.Fatal(err)
		}
		latvian := site.as(t, s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true}))
		for _, code := range []string{"R1", "FULL"} {
			page := latvian.get(t, "/en/runs/"+code)
			page.want(t, 200, "")
			page.has(t, "The membership of your state is suspended, so no new seats are given to its people: Latvia.")
			page.hasNot(t, `/hold"`, `/wait"`, "Reserve a seat", "Join the waiting list")
		}
		site.as(t, s.Person(t, testkit.P{Email: "ee@example.org", Country: "EE", Confirmed: true})).get(t, "/en/runs/R1").has(t, "Reserve a seat")
		site.as(t, s.Person(t, testkit.P{Email: "lv2@example.org", Country: "LV"})).get(t, "/en/runs/R1").has(t, "Reserve a seat")
	})
}

func TestARunTellsItsCourseAndItsInstantsTwice(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	id := s.Course(t, "ships")
	now := s.Now(t)
	s.DB.Ent.Course.UpdateOneID(id).SetProvider("Rescue College").SetDeliveryForm("online").ExecX(t.Context())
	run := s.Run(t, testkit.R{Code: "R1", Course: id, TimeZone: "Europe/Riga"})
	s.DB.Ent.Run.UpdateOneID(run).SetWithdrawUntil(now.AddDate(0, 0, 9)).ExecX(t.Context())
	site.refresh(t)
	said := site.app.Bundle.For("en")
	visitor := site.browser().get(t, "/en/runs/R1")
	visitor.has(t, "Rescue College", ">Online<", `<a href="/en/courses?profession=firefighter">Firefighter</a>`, "No costs are stated.",
		`<span id="place">Riga, Latvia</span>`, `data-copy="place"`, "You can withdraw by yourself until", said.Instant(now.AddDate(0, 0, 9), "Europe/Riga"))
	visitor.hasNot(t, "data-own-time")
	norwegian := site.as(t, s.Person(t, testkit.P{Email: "no@example.org", Country: "NO", Confirmed: true}))
	norwegian.get(t, "/en/runs/R1").has(t, `data-own-time="Europe/Oslo">`+said.Instant(now.AddDate(0, 0, 9), "Europe/Oslo"))
	estonian := site.as(t, s.Person(t, testkit.P{Email: "ee@example.org", Country: "EE", Confirmed: true}))
	estonian.get(t, "/en/runs/R1").hasNot(t, "data-own-time") // whose clocks are the same

	s.Run(t, testkit.R{Code: "KEPT", Size: 3, Quotas: map[string]int{"NO": 1}})
	s.DB.Ent.SeatPool.Update().Where(seatpool.Country("NO")).SetTaken(1).ExecX(t.Context())
	site.refresh(t)
	norwegian.get(t, "/en/runs/KEPT").has(t, "Kept for Norway: none of 1 left.")
}

// The months of filters stand in their own order, whatever they find.
func TestMonthsToChooseStandInOrder(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	year := s.Now(t).Year() + 1
	for i, month := range []time.Month{time.September, time.May, time.May} {
		s.Run(t, testkit.R{Code: fmt.Sprint("R", i), Starts: training.Date{Year: year, Month: month, Day: 4}})
	}
	list := site.browser().get(t, "/en/courses")
	want := []string{fmt.Sprintf("%d-05", year), fmt.Sprintf("%d-09", year)}
	if got := links(list, `name="starts" value="([^"]+)"`); !slices.Equal(got, want) {
		t.Errorf("months %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{fmt.Sprintf("May %d", year)}, links(site.browser().get(t, "/en/courses?starts="+want[0]), `class="vd-chip" href="[^"]*">([^<]*)`)); diff != "" {
		t.Error(diff)
	}
}

// A search that nobody has asked for lately reads the whole index. One address
// may not keep the servers busy with it; what is filtered or was just answered
// stays open to it.
func TestSearchesAreLimited(t *testing.T) {
	s := testkit.Postgres(t)
	site := withCatalogue(t, s)
	visitor := site.browser()
	visitor.get(t, "/en/courses?q=fire").want(t, 200, "")
	if err := s.Redis.Set(t.Context(), "varde:limit:search:0.0.0.0", 600, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ { // a server counts some by itself before it asks Redis
		got := visitor.get(t, fmt.Sprintf("/fi/courses?q=palo%d", n))
		if got.status == 429 {
			got.has(t, `lang="fi"`)
			break
		}
		if got.want(t, 200, ""); n > 60 {
			t.Fatal("searches without end")
		}
	}
	for path, status := range map[string]int{"/en/courses/feed.atom?q=smoke": 429, "/en/courses/calendar.ics?q=smoke": 429, "/api/v1/courses?q=smoke": 429,
		"/en/courses": 200, "/en/courses?topic=fire": 200, "/en/courses?q=+": 200, "/api/v1/courses": 200} {
		if got := visitor.get(t, path); got.status != status {
			t.Errorf("%s answers %d, want %d", path, got.status, status)
		}
	}

	// Whoever has a token shares a count with nobody behind the same address.
	counted := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	sum := sha256.Sum256([]byte(counted))
	site.call(t, counted, "GET", "/courses?q=smoke", "").want(t, 200, "")
	if err := s.Redis.Set(t.Context(), "varde:limit:search:"+hex.EncodeToString(sum[:12]), 600, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		got := site.call(t, counted, "GET", fmt.Sprintf("/courses?q=smoke%d", n), "")
		if got.status == 429 {
			break
		}
		if got.want(t, 200, ""); n > 60 {
			t.Fatal("searches with a token without end")
		}
	}
	site.call(t, counted, "GET", "/courses", "").want(t, 200, "")
	other := site.token(t, s.Person(t, testkit.P{Email: "b@example.org"}))
	site.call(t, other, "GET", "/courses?q=smoke", "").want(t, 200, "")
}
