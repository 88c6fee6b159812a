package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

var languageLink = regexp.MustCompile(`href="([^"]*)" lang="fi" hreflang="fi"`)

// A page that refuses a form stands where forms are sent, and nobody can look
// there: in another language one comes to the page on which the form stood.
func TestAfterARefusedFormTheLanguageCanBeChanged(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b.get(t, "/en/me/profile")
	form := url.Values{"_csrf": {b.csrf}, "old": {"wrong"}, "password": {"short"}}
	r := httptest.NewRequest(http.MethodPost, "/en/me/password", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", "http://varde.test/en/me/profile")
	refused := b.send(t, r)
	if refused.status != http.StatusUnprocessableEntity {
		t.Fatalf("a short password is answered %d", refused.status)
	}
	m := languageLink.FindStringSubmatch(refused.body)
	if m == nil || m[1] != "/fi/me/profile" {
		t.Fatalf("the page in Finnish is %q", m)
	}
	if got := b.get(t, m[1]); got.status != http.StatusOK {
		t.Errorf("it is answered %d", got.status)
	}
}
