package catalogue

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// testNames are the names of two words in two languages.
func testNames(kind, id, lang string) string {
	return map[string]string{
		"topic/forest_fires/fi": "Metsäpalot", "topic/forest_fires/ru": "Лесные пожары", "profession/volunteer/da": "Frivillig",
	}[kind+"/"+id+"/"+lang]
}

func mustFind(t *testing.T, service *Service, q Query) Page {
	t.Helper()
	page, err := service.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func ids(courses []*Course) []string {
	ids := make([]string, len(courses))
	for i, c := range courses {
		ids[i] = c.ImportID
	}
	return ids
}

func courseID(t *testing.T, s *testkit.Setup, importID string) int {
	t.Helper()
	id, err := s.DB.Ent.Course.Query().Where(course.ImportID(importID)).OnlyID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCoursesAreFoundByWhatPeopleType(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	mustImport(t, service, `[{"id": "ovning", "title": "Övning Vardefjäll"}]`)
	tests := []struct {
		typed string
		finds []string // among others
		not   []string
	}{
		{"lodz", []string{"secbrnure"}, []string{"ucpm-umi"}},
		{"ŁÓDŹ", []string{"secbrnure"}, nil},
		{"ovelse", []string{"no-samvi-ove"}, []string{"ucpm-umi"}},
		{"Övelse", []string{"no-samvi-ove"}, nil},
		{"ovning", []string{"ovning"}, []string{"dsb-rad10"}},
		{"ÖVNING", []string{"ovning"}, nil},
		{"grundkurs", []string{"se-cbrn-civil"}, []string{"dsb-rad10"}},
		{"radiation crews", []string{"dsb-rad10"}, []string{"iaea-first"}},
		{"crews radiation", []string{"dsb-rad10"}, nil},
		{"radiation unicorn", nil, []string{"dsb-rad10"}},
		{"samvi-kom", []string{"no-samvi-kom"}, []string{"no-samvi-led"}},
		{"klaipeda", []string{"helcom-balex-2024"}, []string{"helcom-balex-2018"}},
		{"Częstochowa", []string{"opcw-czestochowa"}, nil},
		{"esdc", []string{"esdc-pdt", "esdc-hlc"}, []string{"ucpm-umi"}},
		{"forest_fires", []string{"pl-wildfire", "se-ff-air"}, []string{"ucpm-umi"}},
		{"metsapalot", []string{"pl-wildfire", "se-ff-air"}, []string{"ucpm-umi"}},
		{"пожары", []string{"pl-wildfire"}, []string{"ucpm-umi"}},
		{"frivillig metsäpalot", []string{"se-ff-varn"}, []string{"se-ff-air"}},
		{"peruskurssi", []string{"fi-10220"}, []string{"ucpm-umi"}},
	}
	for _, tt := range tests {
		t.Run(tt.typed, func(t *testing.T) {
			found := ids(mustFind(t, service, Query{Text: tt.typed, PerPage: 100}).Courses)
			for _, id := range tt.finds {
				if !slices.Contains(found, id) {
					t.Errorf("%s is not found, but %v", id, found)
				}
			}
			for _, id := range tt.not {
				if slices.Contains(found, id) {
					t.Errorf("%s is found", id)
				}
			}
		})
	}
}

func TestWithoutWordsAllCoursesAreFound(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	for _, text := range []string{"", "  ", "\u00a0"} {
		if page := mustFind(t, service, Query{Text: text}); page.Total != 100 {
			t.Errorf("%q finds %d", text, page.Total)
		}
	}
}

func TestTitlesComeBeforeOtherPlaces(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	for _, word := range []string{"exercise", "forest", "border"} {
		var inTitle []bool
		for _, c := range mustFind(t, service, Query{Text: word, PerPage: 100}).Courses {
			inTitle = append(inTitle, slices.ContainsFunc(c.Texts[KindTitle], func(title Text) bool {
				return strings.Contains(strings.ToLower(title.Text), word)
			}))
		}
		others := slices.Index(inTitle, false)
		if others < 1 || slices.Contains(inTitle[others:], true) {
			t.Errorf("%s: in the title? %v", word, inTitle)
		}
	}
}

func TestFiltersCombine(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	count := func(q Query) int { return mustFind(t, service, q).Total }
	holds := func(keep func(*Course) bool) int {
		n := 0
		for page := 1; page <= 10; page++ {
			for _, c := range mustFind(t, service, Query{PerPage: 10, Page: page}).Courses {
				if keep(c) {
					n++
				}
			}
		}
		return n
	}
	either := func(has []string, wanted ...string) bool { return fits(wanted, has) }
	tests := []struct {
		name string
		q    Query
		keep func(*Course) bool
	}{
		{"one topic", Query{Topic: []string{"floods"}}, func(c *Course) bool { return either(c.Topics, "floods") }},
		{"either topic", Query{Topic: []string{"floods", "cbrne"}}, func(c *Course) bool { return either(c.Topics, "floods", "cbrne") }},
		{"topic and profession", Query{Topic: []string{"cbrne"}, Profession: []string{"police"}},
			func(c *Course) bool { return either(c.Topics, "cbrne") && either(c.Professions, "police") }},
		{"country, however written", Query{Country: []string{"se", "NO"}}, func(c *Course) bool { return c.Country == "SE" || c.Country == "NO" }},
		{"Norwegian as no", Query{Language: []string{"no"}}, func(c *Course) bool { return either(c.Languages, "nb") }},
		{"Norwegian as nn", Query{Language: []string{"nn"}}, func(c *Course) bool { return either(c.Languages, "nb") }},
		{"all groups", Query{Topic: []string{"cbrne"}, Country: []string{"CZ", "LT"}, Language: []string{"en"}, Profession: []string{"firefighter"}},
			func(c *Course) bool {
				return either(c.Topics, "cbrne") && either(c.Languages, "en") && either(c.Professions, "firefighter") && (c.Country == "CZ" || c.Country == "LT")
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := count(tt.q), holds(tt.keep); got != want || want == 0 {
				t.Errorf("%d found, %d have it", got, want)
			}
		})
	}
	if n := count(Query{Topic: []string{"dragons"}}); n != 0 {
		t.Errorf("an unknown topic finds %d", n)
	}
	if n := count(Query{Free: true}); n != 0 {
		t.Errorf("%d courses have free seats without any run", n)
	}
}

func TestPages(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	seen := map[string]bool{}
	for n := 1; n <= 4; n++ {
		page := mustFind(t, service, Query{Page: n, PerPage: 30, Lang: "sv"})
		if page.Total != 100 || page.Pages != 4 || page.Page != n || len(page.Courses) != min(30, 100-30*(n-1)) {
			t.Errorf("page %d: %d courses, %d in all, %d of %d", n, len(page.Courses), page.Total, page.Page, page.Pages)
		}
		for _, c := range page.Courses {
			seen[c.ImportID] = true
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d courses on all pages together", len(seen))
	}
	for _, tt := range []struct{ page, per, wantPage, wantPages, wantCourses int }{
		{0, 0, 1, 5, 20}, {-3, -1, 1, 5, 20}, {1, 1000, 1, 1, 100}, {9, 30, 9, 4, 0},
	} {
		page := mustFind(t, service, Query{Page: tt.page, PerPage: tt.per})
		if page.Page != tt.wantPage || page.Pages != tt.wantPages || len(page.Courses) != tt.wantCourses {
			t.Errorf("page %d by %d: %d courses, %d of %d", tt.page, tt.per, len(page.Courses), page.Page, page.Pages)
		}
	}
	if page := mustFind(t, service, Query{Text: "unicorn"}); page.Total != 0 || page.Pages != 0 || page.Page != 1 {
		t.Errorf("nothing found: %+v", page)
	}
}

func TestCoursesAreSortedByTitleAsTheReaderSortsThem(t *testing.T) {
	service := New(testkit.SQLite(t).DB, Options{})
	mustImport(t, service, `[{"id": "o", "title": "Övning"}, {"id": "z", "title": "Zon"}, {"id": "n", "title": "Natt"}]`)
	for lang, want := range map[string][]string{"sv": {"n", "z", "o"}, "de": {"n", "o", "z"}, "no": {"n", "z", "o"}, "xx": {"n", "o", "z"}} {
		if diff := gocmp.Diff(want, ids(mustFind(t, service, Query{Lang: lang}).Courses)); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}

func TestCoursesWithRunsComeFirstByTheNextStart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		mustImport(t, service, `[{"id": "a", "title": "A"}, {"id": "b", "title": "B"}, {"id": "c", "title": "C"}, {"id": "d", "title": "D"}, {"id": "e", "title": "E"}]`)
		today := training.DateOf(s.Now(t))
		s.Run(t, testkit.R{Code: "B-1", Course: courseID(t, s, "b"), Starts: today.AddDays(40)})
		s.Run(t, testkit.R{Code: "C-past", Course: courseID(t, s, "c"), Starts: today.AddDays(-20), Ends: today.AddDays(-15)})
		s.Run(t, testkit.R{Code: "C-1", Course: courseID(t, s, "c"), Starts: today.AddDays(30)})
		s.Run(t, testkit.R{Code: "D-past", Course: courseID(t, s, "d"), Starts: today.AddDays(-20), Ends: today.AddDays(-15)})
		cancelled := s.Run(t, testkit.R{Code: "E-1", Course: courseID(t, s, "e"), Starts: today.AddDays(5)})
		s.DB.Ent.Run.UpdateOneID(cancelled).SetCancelledAt(s.Now(t)).ExecX(t.Context())
		if err := service.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]string{"c", "b", "a", "d", "e"}, ids(mustFind(t, service, Query{}).Courses)); diff != "" {
			t.Error(diff)
		}
		page := mustFind(t, service, Query{Country: []string{"LV"}, Language: []string{"en"}})
		if diff := gocmp.Diff([]string{"c", "b"}, ids(page.Courses)); diff != "" {
			t.Errorf("a coming run's country and language count, a past run's do not: %s", diff)
		}
	})
}

func TestFacetsCountWhatChoosingThemWouldFind(t *testing.T) {
	service := imported(t, testkit.SQLite(t))
	q := Query{Topic: []string{"cbrne"}, Country: []string{"CZ"}}
	facets, err := service.Facets(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	check := func(counts []Count, choose func(*Query, string)) {
		t.Helper()
		if len(counts) == 0 {
			t.Error("nothing to choose")
		}
		for _, c := range counts {
			other := q
			choose(&other, c.Value)
			if n := mustFind(t, service, other).Total; n != c.Count {
				t.Errorf("%s: counted %d, finds %d", c.Value, c.Count, n)
			}
		}
	}
	check(facets.Topics, func(q *Query, v string) { q.Topic = []string{v} })
	check(facets.Professions, func(q *Query, v string) { q.Profession = []string{v} })
	check(facets.Countries, func(q *Query, v string) { q.Country = []string{v} })
	check(facets.Languages, func(q *Query, v string) { q.Language = []string{v} })
	if len(facets.Topics) != len(training.Topics) || !slices.IsSortedFunc(facets.Topics, func(a, b Count) int {
		return cmp.Compare(a.Value, b.Value)
	}) {
		t.Errorf("topics: %v", facets.Topics)
	}
}

func TestACopyThatIsFreshAsksNothing(t *testing.T) {
	s := testkit.SQLite(t)
	service := imported(t, s)
	mustFind(t, service, Query{Free: true})
	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	service.views.clock = func() time.Time { return service.views.value.Load().asked }
	service.free.clock = func() time.Time { return service.free.value.Load().asked }
	if page := mustFind(t, service, Query{Text: "lodz", Free: true}); page.Total != 0 {
		t.Errorf("found %d", page.Total)
	}
}

// BenchmarkFind looks through the shipped catalogue while the copy in memory is
// fresh, as nearly every request does.
func BenchmarkFind(b *testing.B) {
	db, err := store.Open(b.Context(), "sqlite:"+b.TempDir()+"/varde.db")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	service := New(db, Options{Names: testNames})
	if _, err := service.ImportTrusted(b.Context(), bytes.NewReader(data.Courses)); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]Query{
		"all": {Lang: "en"}, "word": {Text: "lodz", Lang: "pl"}, "words": {Text: "training civil", Lang: "sv"},
		"filters": {Text: "course", Topic: []string{"cbrne", "floods"}, Language: []string{"en"}, Lang: "fi"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := service.Find(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
