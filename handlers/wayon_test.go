package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// Who is refused is told what became of what was sent, and has one thing to do.
func TestAnErrorSaysWhatIsKeptAndLeadsOn(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	missing := site.browser().get(t, "/en/runs/NONE")
	missing.want(t, http.StatusNotFound, "")
	missing.has(t, `<a class="ds-button" href="/en/courses">See all courses</a>`)
	missing.hasNot(t, "What you sent")

	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b.get(t, "/en/me/profile")
	form := url.Values{"_csrf": {"old"}, "name": {"Anna"}}
	r := httptest.NewRequest(http.MethodPost, "/en/me/profile", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", "http://varde.test/en/me/profile?next=/runs/R1")
	stale := b.send(t, r)
	stale.want(t, http.StatusForbidden, "")
	stale.has(t, "What you sent was not carried out, and nothing was changed.",
		`<a class="ds-button" href="/en/me/profile?next=/runs/R1">Back to the page you came from</a>`)
	for _, page := range []answer{missing, stale} {
		if n := strings.Count(page.body, `class="ds-button"`); n != 1 {
			t.Errorf("%d buttons\n%s", n, page.body)
		}
	}
}

func TestLinkPreviewsAreToldTheLanguages(t *testing.T) {
	page := newSite(t, testkit.SQLite(t)).browser().get(t, "/nb/about")
	page.has(t, `<meta property="og:locale" content="nb_NO">`, `<meta property="og:locale:alternate" content="en_GB">`)
	if n := strings.Count(page.body, `property="og:locale:alternate"`); n != len(training.Languages)-1 {
		t.Errorf("%d other languages", n)
	}
	page.hasNot(t, `og:locale:alternate" content="nb_NO"`)
}

// What stands after a colon is no beginning: months are written small in Russian.
func TestAMonthInATitleIsWrittenAsInASentence(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Starts: training.Date{Year: 2031, Month: 3, Day: 4}})
	page := site.browser().get(t, "/ru/courses?view=calendar&month=2031-03")
	title, _, _ := strings.Cut(page.body, "</title>")
	if !strings.Contains(title, ": март 2031") {
		t.Errorf("the title is %s", title[strings.Index(title, "<title>"):])
	}
	page.has(t, "<h2>Март 2031")
}

func TestACourseWithoutCostsLeadsToWhoKnows(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	id := s.Course(t, "ships")
	s.Run(t, testkit.R{Code: "R1", Course: id})
	s.DB.Ent.Course.UpdateOneID(id).SetSourceURL("https://example.org/ships").ExecX(t.Context())
	for _, path := range []string{"/en/courses/ships", "/en/runs/R1"} {
		site.browser().get(t, path).has(t, "No costs are stated. Ask the organiser.", `<a href="https://example.org/ships">See the source</a>`)
	}
	site.browser().get(t, "/en/courses/ships").has(t, ` days: 09:00–12:00 and 13:00–16:00`, `href="#dates">See dates</a>`)
}

// The title is what is read out first.
func TestWhoIsRefusedIsToldSoInTheTitle(t *testing.T) {
	b := newSite(t, testkit.SQLite(t)).browser()
	b.get(t, "/en/login").has(t, "<title>Sign in – Varde</title>")
	refused := b.post(t, "/en/login", "email", "nobody@example.org", "password", "wrong")
	refused.want(t, http.StatusUnauthorized, "")
	refused.has(t, "<title>Error: Sign in – Varde</title>")
}

// Who has chosen nothing is not told to choose less.
func TestAnEmptyCatalogueSaysThatItIsEmpty(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	empty := site.browser().get(t, "/en/courses")
	empty.has(t, "The catalogue is still empty.")
	empty.hasNot(t, "No courses match", "See all courses")
	site.browser().get(t, "/en/courses?q=ships").has(t, "No courses match", "See all courses")
}
