package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

var someMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// TestEveryAddressSaysWhichMethodsItTakes walks the whole route table with the
// methods that each address does not take, as a visitor and as somebody signed in,
// in the reader's language; and nothing is changed by it.
func TestEveryAddressSaysWhichMethodsItTakes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		owned := site.ownedObjects(t)
		owned["lang"] = "fi"
		before := site.fingerprint(t)
		walker := s.Person(t, testkit.P{Email: "other@example.org", Country: "EE", Agency: "ee-b", Confirmed: true})
		for _, b := range []*browser{site.browser(), site.as(t, walker)} {
			b.accept = "fi"
			walked := 0
			for path, taken := range site.addresses(owned) {
				for _, method := range someMethods {
					if !slices.Contains(taken, method) {
						b.wrongMethod(t, method, path, taken)
						walked++
					}
				}
			}
			if walked < 300 {
				t.Errorf("only %d requests", walked)
			}
		}
		if after := site.fingerprint(t); after != before {
			t.Errorf("the walk changed something:\n%s\n%s", before, after)
		}
	})
}

// addresses are one for each route, with the methods that some route takes there.
func (s *site) addresses(ids map[string]string) map[string][]string {
	routes := s.web.GetRoutes(true)
	all := map[string][]string{}
	for _, r := range routes {
		path := strings.ReplaceAll(r.Path, "*", "css/app.css")
		for _, name := range []string{"certificates", "part", "list", "programme"} {
			path = strings.ReplaceAll(path, ":"+name, "1")
		}
		for name, id := range ids {
			path = strings.ReplaceAll(path, ":"+name, id)
		}
		if strings.Contains(path, ":") {
			path = path[:strings.Index(path, ":")] + "1"
		}
		if all[path] != nil {
			continue
		}
		for _, other := range routes {
			if fiber.RoutePatternMatch(path, other.Path) && !slices.Contains(all[path], other.Method) {
				all[path] = append(all[path], other.Method)
			}
		}
	}
	return all
}

func (b *browser) wrongMethod(t *testing.T, method, path string, taken []string) {
	t.Helper()
	got := b.send(t, httptest.NewRequest(method, path, nil))
	allow := strings.Split(got.header.Get("Allow"), ", ")
	slices.Sort(taken)
	if got.status != http.StatusMethodNotAllowed || !slices.Equal(allow, taken) {
		t.Errorf("%s %s: %d, Allow %q, want 405 and %q", method, path, got.status, allow, taken)
		return
	}
	said := b.site.app.Bundle.For("fi")
	want := "<h1>" + said.T("error.title_405") + "</h1>"
	if strings.HasPrefix(path, "/api/") {
		want = `"code":"method_not_allowed"`
		if lang := got.header.Get("Content-Language"); lang != "fi" {
			t.Errorf("%s %s: in %q", method, path, lang)
		}
	}
	if method != http.MethodHead && (!strings.Contains(got.body, want) || !strings.Contains(got.body, said.T("fault.method_not_allowed"))) {
		t.Errorf("%s %s: says\n%.600s", method, path, got.body)
	}
}

// What is not there takes no method either, and what refuses a method that it does
// take goes on saying why.
func TestOnlyAKnownAddressNamesItsMethods(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	for request, status := range map[string]int{"POST /en/no-such-page": 403, "GET /en/no-such-page": 404, "GET /there/is/none": 404, "DELETE /xx/courses": 404,
		"GET /en/runs/NONE": 404, "POST /en/runs/NONE/hold": 403, "POST /en/login": 403, "GET /api/v1/no-such": 404, "GET /en/certificates/x": 404} {
		method, path, _ := strings.Cut(request, " ")
		got := site.do(t, httptest.NewRequest(method, path, nil))
		if got.status != status || got.header.Get("Allow") != "" {
			t.Errorf("%s: %d, Allow %q, want %d", request, got.status, got.header.Get("Allow"), status)
		}
	}
}

// A reader who opens what a form is sent to is led to the page of the form.
func TestWhoOpensTheAddressOfAFormIsLedToItsPage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	for path, page := range map[string]string{"/en/runs/R1/hold": "/en/runs/R1", "/en/login/link": "/en/login",
		"/en/me/enrolments/ABC/accept": "/en/me/enrolments/ABC", "/en/logout": "/en/courses", "/en/me/password": "/en/me"} {
		got := site.browser().get(t, path)
		got.want(t, http.StatusMethodNotAllowed, "")
		got.has(t, `<a class="ds-button" href="`+page+`">`)
	}
}

// An answer that is kept for a request sent twice would not name the methods.
func TestAWrongMethodIsRefusedAlikeTheSecondTime(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	token := site.token(t, s.Person(t, testkit.P{Email: "a@example.org", Role: training.RoleAdmin}))
	for range 2 {
		got := site.call(t, token, "POST", "/courses", "{}", "Idempotency-Key", "one")
		got.want(t, http.StatusMethodNotAllowed, "method_not_allowed")
		if got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("Allow is %q", got.header.Get("Allow"))
		}
	}
}
