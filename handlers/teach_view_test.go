package handlers_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

var rosterRow = regexp.MustCompile(`(?s)<tr data-mark="(\w+)"( hidden)?>\s*<th scope="row">([^<]+)</th>`)

// marking gives the names that can be marked on a participant list, in their
// order, each with its mark.
func (a answer) marking() string {
	var shown []string
	for _, m := range rosterRow.FindAllStringSubmatch(a.body, -1) {
		if m[2] == "" {
			shown = append(shown, m[3]+" "+m[1])
		}
	}
	return strings.Join(shown, ", ")
}

// class is the run R1 with four people, of whom Åsa and Łukasz are marked at the
// half day under way.
func (f *staff) class(t *testing.T, s *testkit.Setup) (b *browser, half string, refs map[string]string) {
	t.Helper()
	refs = map[string]string{}
	for i, name := range []string{"Åsa Öberg", "Bo Berg", "Łukasz Żak", "Zane Ozola"} {
		refs[name] = f.enrol(t, "R1", s.Person(t, testkit.P{Email: fmt.Sprintf("p%d@example.org", i), Name: name}))
	}
	b = f.as(t, f.teacher)
	half = chosenHalfDay.FindStringSubmatch(b.get(t, "/en/teach/R1").body)[1]
	b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half, "mark-"+refs["Åsa Öberg"], "present", "mark-"+refs["Łukasz Żak"], "absent"))
	return b, half, refs
}

func TestWhoIsNotMarkedComesFirstWhileTheCourseGoesOn(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b, _, _ := f.class(t, s)
	const byName = "Åsa Öberg present, Bo Berg none, Łukasz Żak absent, Zane Ozola none"
	const unmarkedFirst = "Bo Berg none, Zane Ozola none, Åsa Öberg present, Łukasz Żak absent"
	for query, want := range map[string]string{
		"": unmarkedFirst, "?order=name": byName, "?order=unmarked": unmarkedFirst, "?order=nonsense": unmarkedFirst,
	} {
		page := b.get(t, "/en/teach/R1"+query)
		if got := page.marking(); got != want {
			t.Errorf("%q shows %s, want %s", query, got, want)
		}
		page.has(t, `<p class="vd-count">2 of 4 not marked</p>`, "2 of 4 marked</span>")
	}
	// Before it begins there is nothing to mark, and afterwards nothing can be.
	later := training.DateOf(s.Now(t)).AddDays(20)
	s.DB.Ent.Run.Update().SetStarts(later.String()).SetEnds(later.AddDays(2).String()).ExecX(t.Context())
	if got := b.get(t, "/en/teach/R1").marking(); got != byName {
		t.Errorf("before the first day: %s, want %s", got, byName)
	}
	s.DB.Ent.Run.Update().SetStarts(later.AddDays(-40).String()).SetEnds(later.AddDays(-38).String()).SetClosedAt(s.Now(t)).ExecX(t.Context())
	if got := b.get(t, "/en/teach/R1").marking(); got != byName {
		t.Errorf("closed: %s, want %s", got, byName)
	}
}

func TestPeopleAreFoundOnTheParticipantList(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b, half, _ := f.class(t, s)
	for query, want := range map[string]string{
		"q=asa":                     "Åsa Öberg present",
		"q=OBERG":                   "Åsa Öberg present",
		"q=zak+lukasz":              "Łukasz Żak absent",
		"q=berg":                    "Bo Berg none, Åsa Öberg present",
		"q=%20+":                    "Bo Berg none, Zane Ozola none, Åsa Öberg present, Łukasz Żak absent",
		"unmarked=yes":              "Bo Berg none, Zane Ozola none",
		"unmarked=yes&q=ozo":        "Zane Ozola none",
		"unmarked=yes&q=asa":        "",
		"q=berg&order=name":         "Åsa Öberg present, Bo Berg none",
		"q=" + url.QueryEscape("⁂"): "",
	} {
		page := b.get(t, "/en/teach/R1?half="+url.QueryEscape(half)+"&"+query)
		if got := page.marking(); got != want {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
		// Whatever is looked for, the half day stays, and so does whom the results are about.
		page.has(t, `name="half_day" value="`+half+`"`, `<input type="hidden" name="half" value="`+half+`">`, "2 of 4 not marked", "Result of Zane Ozola")
	}
	b.get(t, "/en/teach/R1?q=berg").has(t, `<span role="status">Shown: 2 of 4</span>`, `data-words="Shown: {n} of 4"`, `value="berg"`)
	b.get(t, "/en/teach/R1").has(t, `hidden data-roster-shown`, `<details class="vd-filters"><summary>`)
	b.get(t, "/en/teach/R1?q=nobody").has(t, `<div class="vd-empty" data-roster-none>`, "Nobody on the list fits", "Show everybody", `<div class="vd-savebar" hidden`)
	long := b.get(t, "/en/teach/R1?q="+strings.Repeat("%C3%BC", 500))
	long.want(t, 200, "")
	long.lacks(t, strings.Repeat("ü", 51))
	b.get(t, "/en/teach/R1?q=%22%3E%3Cscript%3E").lacks(t, "<script>")
}

func TestMarkingComesBackToWhatWasShown(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b, half, refs := f.class(t, s)
	view := "?half=" + url.QueryEscape(half) + "&order=name&q=o&unmarked=yes"
	page := b.get(t, "/en/teach/R1"+view)
	if got, want := page.marking(), "Bo Berg none, Zane Ozola none"; got != want {
		t.Fatalf("shows %s, want %s", got, want)
	}
	// The half days and the orders keep what is looked for, too.
	page.has(t, "&amp;order=name&amp;q=o&amp;unmarked=yes", "&amp;order=unmarked&amp;q=o&amp;unmarked=yes#presence")
	saved := b.post(t, "/en/teach/R1/presence", "half_day", half, "order", "name", "q", "o", "unmarked", "yes",
		"mark-"+refs["Bo Berg"], "present", "was-mark-"+refs["Bo Berg"], "none")
	if got := saved.header.Get("Location"); got != "/en/teach/R1"+view {
		t.Errorf("goes to %s, want %s", got, "/en/teach/R1"+view)
	}
	if got, want := b.follow(t, saved).marking(), "Zane Ozola none"; got != want {
		t.Errorf("then shows %s, want %s", got, want)
	}
}

func TestAllMarkedIsSaidInWords(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	anna := f.enrol(t, "R1", f.anna)
	b := f.as(t, f.teacher)
	half := chosenHalfDay.FindStringSubmatch(b.get(t, "/fi/teach/R1").body)[1]
	b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half, "mark-"+anna, "present"))
	marked := regexp.MustCompile(`<span class="vd-halfdays__marks"><svg[^>]*><use [^>]*/></svg>([^<]+)</span>`)
	for _, lang := range training.Languages {
		page := b.get(t, "/"+lang+"/teach/R1?half="+url.QueryEscape(half))
		if m := marked.FindStringSubmatch(page.body); m == nil || strings.TrimSpace(m[1]) == "" {
			t.Errorf("%s: a tick stands without a word", lang)
		}
	}
}

func TestTheSecretariatFindsItselfInTheMenu(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.enrol(t, "R1", f.anna)
	admin := f.as(t, f.admin)
	for _, path := range []string{"/en/teach", "/en/teach/R1", "/en/agency", "/en/agency/lv-a", "/en/admin"} {
		admin.get(t, path).has(t, `<a href="/en/admin" aria-current="page">`)
	}
	f.as(t, f.teacher).get(t, "/en/teach/R1").has(t, `<a href="/en/teach" aria-current="page">`)
	f.as(t, f.officer).get(t, "/en/agency/lv-a").has(t, `<a href="/en/agency" aria-current="page">`)
}
