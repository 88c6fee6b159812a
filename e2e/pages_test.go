package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// notPages are routes that answer with something else than a page of their own.
var notPages = map[string]string{
	"/healthz": "for machines", "/readyz": "for machines", "/metrics": "for machines", "/robots.txt": "for machines",
	"/sitemap.xml": "for machines", "/sitemap/:part.xml": "for machines", "/:lang/courses/feed.atom": "for machines",
	"/:lang/courses/calendar.ics": "for machines", "/:lang/courses/suggest": "for the field to search in",
	"/static/*": "files", "/favicon.ico": "leads to a file", "/": "leads to the front page", "/verify": "leads to the form",
	"/verify/:number":                          "the same page as /:lang/verify/:number, in the language that the reader asks for",
	"/:lang/runs/:code/live":                   "a stream for the page of the run",
	"/:lang/runs/:code/seats":                  "a piece of the page of the run, which is looked at there",
	"/:lang/me/enrolments/:ref/calendar.ics":   "a file",
	"/:lang/me/certificates/:number.pdf":       "a file",
	"/:lang/me/certificates/:number.badge.jwt": "a file", "/:lang/teach/:code/certificates/:number.badge.jwt": "a file",
	"/:lang/agency/:slug/certificates/:number.badge.jwt": "a file", "/:lang/verify/file": "leads to the form",
	"/.well-known/varde-issuer.pem": "for machines", "/.well-known/jwks.json": "for machines",
	"/badges/issuer": "for machines", "/badges/keys/:key": "for machines", "/badges/status/:list": "for machines",
	"/:lang/teach/:code/certificates/:number.pdf":      "a file",
	"/:lang/agency/:slug/certificates/:number.pdf":     "a file",
	"/:lang/agency/:slug/certificates.zip":             "a file",
	"/:lang/agency/:slug/certificates/progress/:token": "for the page of the agency",
	"/:lang/admin/certificates/sample.pdf":             "a file", "/:lang/admin/certificates/logo.png": "a file",
	"/:lang/admin/certificates/:number.pdf": "a file", "/:lang/admin/certificates/:number.badge.jwt": "a file",
	"/:lang/admin/certificates/:number/revoke": "leads to the form",
}

// buttonsAlone are forms without a field, which nobody can fill in wrongly, and
// such whose fields have but good values.
var buttonsAlone = []string{
	"/:lang/logout", "/:lang/me/confirm-email", "/:lang/me/enrolments/:ref/accept", "/:lang/me/enrolments/:ref/decline",
	"/:lang/me/enrolments/:ref/cancel", "/:lang/state/runs/:code/release", "/:lang/runs/:code/wait", "/:lang/runs/:code/prolong", "/:lang/runs/:code/release",
	"/:lang/teach/:code/results", "/:lang/teach/:code/enrolments/:ref/cancel",
	"/:lang/teach/:code/enrolments/:ref/admit", "/:lang/agency/:slug/people/:person/confirm", "/:lang/agency/:slug/people/:person/reject",
	"/:lang/agency/:slug/enrolments/:ref/approve", "/:lang/agency/:slug/enrolments/:ref/decline",
	"/:lang/agency/:slug/enrolments/:ref/cancel", "/:lang/admin/runs/:code/pools/:pool/release",
	"/:lang/admin/states/:state/suspend", "/:lang/admin/states/:state/restore", "/:lang/admin/people/:person/confirm",
	"/:lang/admin/people/:person/reject", "/:lang/teach/:code/certificates",
}

// everyRouteIsAPlace: a new page cannot be forgotten here.
func (w *world) everyRouteIsAPlace(t *testing.T) {
	site, err := w.app.Site("test")
	if err != nil {
		t.Fatal(err)
	}
	placed := map[string]bool{"": true}
	for _, p := range placesOf() {
		placed[p.route] = true
	}
	there := map[string]bool{"": true}
	for _, r := range site.GetRoutes(true) {
		route := r.Path
		if strings.HasPrefix(route, "/api/") || r.Method != http.MethodGet && r.Method != http.MethodPost {
			continue
		}
		known := notPages[route] != ""
		if r.Method == http.MethodPost {
			known = slices.Contains(buttonsAlone, route)
			route = "POST " + route
		}
		there[route] = true
		if known == placed[route] {
			t.Errorf("%s: among the places %v, among what is no page or has no field %v; want one of them", route, placed[route], known)
		}
	}
	for route := range placed {
		if !there[route] {
			t.Errorf("there is no route %s", route)
		}
	}
}

// TestEveryPageAndState visits the places of the list, in each of which axe finds
// nothing, the console is silent, no other host is asked, and nothing is cut or
// to be scrolled sideways in a narrow window or with large letters.
func TestEveryPageAndState(t *testing.T) {
	browser := chromium(t)
	world := newWorld(t)
	all := visits()
	seen := &met{used: map[int]bool{}}
	t.Run("every route is a place", world.everyRouteIsAPlace)
	t.Run("by", func(t *testing.T) {
		for _, role := range visitRoles() {
			t.Run(role, func(t *testing.T) {
				t.Parallel()
				w := newWindow(t, browser, "")
				w.heard = w.record()
				for i, v := range all {
					if v.role == role {
						t.Run(v.String(), func(t *testing.T) { w.inspect(t, world, v, address(i), seen) })
					}
				}
			})
		}
	})
	looks := 0
	for _, v := range all {
		looks += len(v.looks)
	}
	t.Logf("%d places, opened %d times, looked at %d times", len(placesOf()), len(all), looks)
	if *everything {
		for i, u := range undecided {
			if !seen.used[i] {
				t.Errorf("nothing needs the explanation of %s at %s any more", u.Rule, u.Selector)
			}
		}
	}
}

// address is where the reader of one visit is taken to sit.
func address(i int) string { return fmt.Sprintf("2001:db8::%x", i+1) }

// inspect is one visit.
func (w *window) inspect(t *testing.T, world *world, v visit, from string, seen *met) {
	w = &window{t: t, ctx: w.ctx, base: w.base, heard: w.heard}
	w.arrives(t, world, v, from)
	w.settles()
	w.checkFacts(t, v)
	w.checkLanguages(t)
	for _, wrong := range ask[[]string](w, "errors()") {
		t.Error(wrong)
	}
	for _, wrong := range ask[[]string](w, "moving()") {
		t.Errorf("moves, though its reader wants rest: %s", wrong)
	}
	ask[bool](w, "open()")
	for i, l := range v.looks {
		if i > 0 {
			w.shows(l)
			w.settles()
		}
		for _, wrong := range ask[[]string](w, "focus()") {
			t.Errorf("%s, %d px: the focus: %s", l.scheme, l.width, wrong)
		}
		w.judge(fmt.Sprintf("%s, %d px", l.scheme, l.width), seen)
	}
	w.checkRoom(t)
	status := v.status
	for _, noise := range w.heard.noise(world.servers[v.server], status) {
		t.Error(noise)
	}
}

// facts are what a page says about itself.
type facts struct {
	Title, Lang             string
	Headings, Doubled, Lost []string
}

func (w *window) checkFacts(t *testing.T, v visit) {
	t.Helper()
	f := ask[facts](w, "facts()")
	if name, ok := strings.CutSuffix(f.Title, " – Varde"); !ok || strings.TrimSpace(name) == "" {
		t.Errorf("the title %q does not name the page", f.Title)
	}
	if f.Lang != v.lang {
		t.Errorf("the page is said to be in %q", f.Lang)
	}
	if len(f.Headings) != 1 || f.Headings[0] == "" {
		t.Errorf("the first headings are %q, want one", f.Headings)
	}
	if len(f.Doubled) > 0 {
		t.Errorf("identifiers that come twice: %q", f.Doubled)
	}
	if len(f.Lost) > 0 {
		t.Errorf("references to what is not there: %q", f.Lost)
	}
	// Who asks too often is not looked up, which would be as dear as an answer: the
	// page tells who they are if memory knows.
	known := v.who != visitor && v.status != http.StatusTooManyRequests
	if menus := ask[int](w, "count('.vd-tools details')"); known && menus != 2 {
		t.Errorf("the head of the page has %d menus, want those of languages and of the account", menus)
	}
	if v.notice != "" && ask[int](w, "count('main [role=status].vd-notice')") == 0 {
		t.Errorf("nothing is said of %s", v.notice)
	}
}

// checkRoom: at 320 pixels, on a tablet, and with letters of twice the size. The
// usual widths are among the looks, but what does not fit is looked for at all.
func (w *window) checkRoom(t *testing.T) {
	t.Helper()
	for _, width := range append([]int{320}, visitWidths...) {
		w.wide(width, false)
		w.settles()
		for _, wrong := range ask[[]string](w, "sideways()") {
			t.Errorf("%d px: %s", width, wrong)
		}
	}
	w.wide(640, false)
	w.do("large letters", doubleLetters)
	w.settles()
	for _, wrong := range ask[[]string](w, "sideways()") {
		t.Errorf("letters of 200 %%: %s", wrong)
	}
}
