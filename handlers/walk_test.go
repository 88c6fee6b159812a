package handlers_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// openRoutes are those whose objects are everyone's, or that have none. A route
// that is neither here nor about somebody's own object fails the walk: it has to
// be thought about.
var openRoutes = []string{
	"GET /healthz", "GET /readyz", "GET /metrics", "GET /static/*", "GET /favicon.ico", "GET /robots.txt", "GET /",
	"GET /verify", "GET /verify/:number", "GET /:lang/", "GET /:lang/courses", "GET /:lang/courses/suggest", "GET /:lang/courses/:slug",
	"GET /sitemap.xml", "GET /sitemap/:part.xml", "GET /:lang/courses/feed.atom", "GET /:lang/courses/calendar.ics",
	"GET /:lang/runs/:code", "GET /:lang/runs/:code/seats", "GET /:lang/runs/:code/live", "GET /:lang/verify", "GET /:lang/verify/:number", "GET /:lang/about", "GET /:lang/privacy",
	"GET /:lang/accessibility", "GET /:lang/signup", "POST /:lang/signup", "GET /:lang/login", "POST /:lang/login",
	"POST /:lang/login/link", "GET /:lang/link/:token", "POST /:lang/link/:token", "GET /:lang/reset",
	"POST /:lang/reset", "GET /:lang/reset/:token", "POST /:lang/reset/:token", "POST /:lang/logout",
	// A person's own, without an identifier in the address.
	"GET /:lang/me/", "GET /:lang/me/profile", "POST /:lang/me/profile", "POST /:lang/me/password",
	"POST /:lang/me/confirm-email", "GET /:lang/teach/", "GET /:lang/agency/", "GET /:lang/state",
	"POST /:lang/runs/:code/hold", "POST /:lang/runs/:code/wait", "GET /:lang/runs/:code/enrol", "POST /:lang/runs/:code/enrol",
	"POST /:lang/runs/:code/prolong", "POST /:lang/runs/:code/release",
	"GET /api/v1/courses", "GET /api/v1/runs/:code", "POST /api/v1/runs/:code/holds", "POST /api/v1/runs/:code/enrolments",
	"GET /api/v1/me/certificates", "GET /api/v1/me/enrolments", "GET /api/v1/certificates/:number",
	"GET /:lang/verify/file", "POST /:lang/verify/file", "POST /api/v1/certificates/verify",
	"GET /.well-known/varde-issuer.pem", "GET /.well-known/jwks.json", "GET /badges/issuer", "GET /badges/keys/:key", "GET /badges/status/:list",
}

// TestEveryRouteWithTheIdentifiersOfOthers walks the whole route table as
// everyone who has no right to the objects named, with identifiers that exist
// and with such that do not: the answers are the same, and nothing is changed.
func TestEveryRouteWithTheIdentifiersOfOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		owned := site.ownedObjects(t)
		before := site.fingerprint(t)
		walkers := map[string]training.Actor{
			"a visitor":                  {},
			"another person":             s.Person(t, testkit.P{Email: "other@example.org", Country: "EE", Agency: "ee-b", Confirmed: true}),
			"another run's instructor":   s.Person(t, testkit.P{Email: "teacher2@example.org", Role: training.RoleInstructor}),
			"another agency's officer":   s.Person(t, testkit.P{Email: "officer2@example.org", Role: training.RoleAgency, Country: "EE", Agency: "ee-b", Confirmed: true}),
			"an officer not confirmed":   s.Person(t, testkit.P{Email: "officer3@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a"}),
			"a coordinator of the state": s.Person(t, testkit.P{Email: "coordinator@example.org", Role: training.RoleCoordinator, Country: "LV", Confirmed: true}),
		}
		for name, who := range walkers {
			site.walk(t, name, who, owned)
		}
		if after := site.fingerprint(t); after != before {
			t.Errorf("the walk changed something:\n%s\n%s", before, after)
		}
	})
}

// ownedObjects makes one of everything, none of it the walkers'.
func (s *site) ownedObjects(t *testing.T) map[string]string {
	t.Helper()
	teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
	today := training.DateOf(s.Now(t))
	s.Run(t, testkit.R{Code: "PAST", Instructors: []training.Actor{teacher}, Starts: today, Ends: today.AddDays(1),
		Closes: s.Now(t).AddDate(0, 0, 1)})
	s.begun(t, "PAST")
	s.Run(t, testkit.R{Code: "OPEN", Course: s.Course(t, "umi"), Instructors: []training.Actor{teacher}})
	owner := s.Person(t, testkit.P{Email: "owner@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
	declared := s.Person(t, testkit.P{Email: "declared@example.org", Country: "LV", Agency: "lv-a"})
	token := s.token(t, owner)
	past := s.call(t, token, "POST", "/runs/PAST/enrolments", "{}")
	past.want(t, 201, "")
	ref := past.json(t)["id"].(string)
	yes := true
	roster, err := s.app.Roster.Roster(t.Context(), teacher, "PAST")
	if err != nil {
		t.Fatal(err)
	}
	for _, half := range roster.HalfDays {
		if err := s.app.Roster.MarkMany(t.Context(), teacher, "PAST", half.Key, map[string]*bool{ref: &yes}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.app.Roster.Close(t.Context(), teacher, "PAST"); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	certificates, err := s.app.Certificates.Mine(t.Context(), owner)
	if err != nil || len(certificates) != 1 {
		t.Fatalf("%d certificates, %v", len(certificates), err)
	}
	living := s.call(t, token, "POST", "/runs/OPEN/enrolments", "{}")
	living.want(t, 201, "")
	third := s.Person(t, testkit.P{Email: "third@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
	held := s.call(t, s.token(t, third), "POST", "/runs/OPEN/holds", "")
	held.want(t, 201, "")
	living.want(t, 201, "")
	id := living.json(t)["id"].(string)
	return map[string]string{"lang": "en", "slug": "lv-a", "code": "OPEN", "ref": id, "id": id, "enrolment": id,
		"number": certificates[0].Number, "hold": held.json(t)["hold"].(string), "person": fmt.Sprint(declared.PersonID),
		"pool": "open", "state": "LV", "token": strings.Repeat("0a", 16)}
}

var missingObjects = map[string]string{"lang": "en", "slug": "no-such", "code": "NONE", "ref": "NONE", "id": "NONE",
	"enrolment": "NONE", "number": "2222-2222-2222-2222", "hold": "none", "person": "999999",
	"pool": "XX", "state": "XX", "token": strings.Repeat("0b", 16)}

func (s *site) walk(t *testing.T, name string, who training.Actor, owned map[string]string) {
	t.Helper()
	walked := 0
	for _, r := range s.web.GetRoutes(true) {
		route := r.Method + " " + r.Path
		if r.Method == http.MethodHead || slices.Contains(openRoutes, route) {
			continue
		}
		if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, r.Method) || strings.HasSuffix(r.Path, "/*") {
			continue
		}
		walked++
		s.compare(t, name, who, r.Method, r.Path, owned)
		if r.Method == http.MethodGet {
			s.compare(t, name, who, r.Method, r.Path+nonsense, owned)
		}
	}
	if walked < 40 {
		t.Errorf("only %d routes walked", walked)
	}
}

// nonsense is what no list takes: who may not see a list is told that, and not what is
// wrong with the question.
const nonsense = "?from=x&to=x&expiring=x&status=x&state=x&page=x&lang=x&chosen=1"

// compare asks one route for what is another's and for what is missing.
func (s *site) compare(t *testing.T, name string, who training.Actor, method, path string, owned map[string]string) {
	t.Helper()
	route := method + " " + path
	foreign, missing := s.step(t, who, method, path, owned), s.step(t, who, method, path, missingObjects)
	if foreign.status != missing.status || foreign.header.Get("Content-Type") != missing.header.Get("Content-Type") {
		t.Errorf("%s, %s: %d for what is another's, %d for what is missing", name, route, foreign.status, missing.status)
	}
	refused := foreign.status == 401 || foreign.status == 403 || foreign.status == 404 ||
		foreign.status == 303 && strings.HasPrefix(foreign.header.Get("Location"), "/en/login?")
	if !refused {
		t.Errorf("%s, %s: answered %d\n%.400s", name, route, foreign.status, foreign.body)
	}
}

// step asks one route with the identifiers given. A form brings a good token,
// so that it is the right to the object that is judged.
func (s *site) step(t *testing.T, who training.Actor, method, path string, ids map[string]string) answer {
	t.Helper()
	for name, id := range ids {
		path = strings.ReplaceAll(path, ":"+name, id)
	}
	if strings.Contains(path, ":") {
		t.Fatalf("what is %s?", path)
	}
	if strings.HasPrefix(path, "/api/v1") {
		token := ""
		if who.SignedIn() {
			token = s.token(t, who)
		}
		return s.call(t, token, method, strings.TrimPrefix(path, "/api/v1"), "")
	}
	b := s.browser()
	if who.SignedIn() {
		b = s.as(t, who)
		b.get(t, "/en/me/profile")
	} else {
		b.get(t, "/en/login")
	}
	if method == http.MethodGet {
		return b.get(t, path)
	}
	return b.post(t, path)
}

// fingerprint is the state of what the walkers could change.
func (s *site) fingerprint(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, query := range []string{
		"SELECT ref, status, coalesce(pool_id, 0) FROM enrolments ORDER BY id",
		"SELECT number, coalesce(revoked_reason, ''), 0 FROM certificates ORDER BY id",
		"SELECT code, coalesce(CAST(closed_at AS text), ''), seat_version FROM runs ORDER BY id",
		"SELECT half_day, '', enrolment_id FROM presences ORDER BY id",
		"SELECT import_id, slug, coalesce(valid_months, 0) FROM courses ORDER BY id",
		"SELECT name, organisers, 0 FROM programmes ORDER BY id",
		"SELECT language, text || origin, course_id FROM course_texts ORDER BY id",
		"SELECT country, coalesce(CAST(released_at AS text), ''), size FROM seat_pools ORDER BY id",
		"SELECT code, coalesce(suspended_from, ''), 0 FROM member_states ORDER BY id",
		"SELECT coalesce(CAST(affiliation_confirmed_at AS text), ''), coalesce(country, ''), coalesce(agency_id, 0) FROM people WHERE email = 'declared@example.org'",
	} {
		rows, err := s.DB.SQL.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var x, y string
			var z int
			if err := rows.Scan(&x, &y, &z); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, x, y, z)
		}
		rows.Close()
	}
	return b.String()
}

func TestAFormWithoutItsTokenIsRefused(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b.get(t, "/en/me/profile")
	for name, token := range map[string]string{"none": "", "another's": "x" + b.csrf} {
		b.csrf = token
		if got := b.post(t, "/en/me/profile", "name", "Changed"); got.status != 403 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	visitor := site.browser()
	if got := visitor.post(t, "/en/login", "email", "a@example.org", "password", "x"); got.status != 403 {
		t.Errorf("a visitor without the form's cookie: %d", got.status)
	}
}

func TestSecurityHeadersOnEveryPage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	for _, path := range []string{"/en/", "/en/courses", "/en/login", "/en/no-such-page", "/no-such", "/api/v1/courses"} {
		got := site.do(t, httptest.NewRequest("GET", path, nil))
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", path)
		}
		if strings.Contains(got.body, "<script>") || strings.Contains(got.body, " style=") || strings.Contains(got.body, "onclick=") {
			t.Errorf("%s has script or style in the page", path)
		}
	}
}

// Link checkers ask for the headers alone, and must not take a living address
// for a dead one.
func TestTheHeadersAloneLeadWhereThePageLeads(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	for _, path := range []string{"/", "/no/courses?q=a", "/nn/login", "/NB/", "/en/me?page=2", "/verify", "/xx/courses"} {
		page := site.do(t, httptest.NewRequest("GET", path, nil))
		headers := site.do(t, httptest.NewRequest("HEAD", path, nil))
		if headers.status != page.status || headers.header.Get("Location") != page.header.Get("Location") {
			t.Errorf("%s: %d to %q, the page %d to %q", path, headers.status, headers.header.Get("Location"),
				page.status, page.header.Get("Location"))
		}
	}
}

// The fault is in what was sent, so the answer must not blame the server. It
// takes a real connection: without one the reader's own bound is not met.
func TestHeadersLargerThanVardeTakesAreSaidToBe(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	listener := fasthttputil.NewInmemoryListener()
	go site.web.Listener(listener)
	t.Cleanup(func() { site.web.Shutdown() })
	for size, want := range map[int]int{8 << 10: 200, 32 << 10: 413} {
		conn, err := listener.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "GET /en/courses HTTP/1.1\r\nHost: varde.test\r\nCookie: of_a_proxy="+strings.Repeat("x", size)+"\r\n\r\n")
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%d bytes of cookies: %d, want %d", size, got.StatusCode, want)
		}
	}
}
