package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

// Who asks too often is told so as who they are: the page is answered from memory,
// which a limit must not make dearer.
func TestWhoAsksTooOftenIsNotTakenForSignedOut(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	known := site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Name: "Anna Bērziņa"}))
	fresh := site.as(t, s.Person(t, testkit.P{Email: "b@example.org", Name: "Bruno Kalniņš"})) // whom this server has not met
	const page = "/en/verify/2222-2222-2222-2222"
	got := known.get(t, page)
	for range 60 {
		got = known.get(t, page)
	}
	if err := site.app.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who           *browser
		has, hasNotIn []string
	}{
		"known":   {known, []string{"Anna Bērziņa", `href="/en/me"`, `action="/en/logout"`}, []string{">Sign in<", `href="/en/login"`}},
		"unknown": {fresh, []string{`href="/en/courses"`}, []string{"Bruno", `action="/en/logout"`, `href="/en/login"`}},
		"visitor": {site.browser(), []string{`href="/en/login"`}, []string{"Anna", `action="/en/logout"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got = c.who.get(t, page)
			got.want(t, 429, "")
			got.has(t, append(c.has, "You have tried too often. You can try again in 1 minute.", `<a class="ds-button" href="`+page+`">Try again</a>`)...)
			got.hasNot(t, c.hasNotIn...)
		})
	}
}
