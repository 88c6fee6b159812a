package handlers_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// TestNoBodyIsUnpacked: a megabyte of packed zeros is a gigabyte of plain ones.
func TestNoBodyIsUnpacked(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	token := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, encoding := range []string{"gzip", "deflate", "br"} {
		got := site.call(t, token, "POST", "/runs/R1/enrolments", packed.String(), "Content-Encoding", encoding)
		got.want(t, 400, "invalid")
	}
	site.call(t, token, "POST", "/runs/R1/enrolments", "{}", "Content-Encoding", "identity").want(t, 201, "")
}

// TestTextThatCannotBeKeptIsRefused: PostgreSQL takes neither broken UTF-8 nor
// NUL, and says so with an error that is nobody's fault but the sender's.
func TestTextThatCannotBeKeptIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1"})
		actor := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true})
		token := site.token(t, actor)
		site.call(t, token, "GET", "/enrolments/%ff", "").want(t, 404, "not_found")
		site.call(t, token, "GET", "/agencies/lv-a/enrolments?run=%00", "").want(t, 400, "invalid")
		site.call(t, token, "GET", "/agencies/lv-a/certificates?course=%ff", "").want(t, 400, "invalid")
		site.call(t, token, "POST", "/runs/R1/enrolments", "{}", "Idempotency-Key", "\xff").want(t, 400, "invalid")
		raw := httptest.NewRequest("GET", "/api/v1/enrolments/x", nil)
		raw.URL.Opaque = "/api/v1/enrolments/\xff"
		raw.Header.Set("Authorization", "Bearer "+token)
		site.do(t, raw).want(t, 404, "not_found")

		b := site.as(t, s.Person(t, testkit.P{Email: "t@example.org", Country: "LV"}))
		b.get(t, "/en/me/profile")
		for _, bad := range []string{"\x00", "\xff"} {
			got := b.post(t, "/en/me/profile", "name", "Anna Berg", "profession", "firefighter", "country", "LV", "agency", bad)
			if got.status != http.StatusBadRequest {
				t.Errorf("a form with %q: %d", bad, got.status)
			}
		}
	})
}

// TestSpacesBeforeATokenStartNoNewCount: else anyone has as many counts as they
// type spaces.
func TestSpacesBeforeATokenStartNoNewCount(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s, func(c *config.Settings) { c.APILimit = 3 })
	token := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	last := answer{}
	for n := range 4 {
		last = site.call(t, strings.Repeat(" ", n)+token, "GET", "/courses", "")
	}
	last.want(t, 429, "rate_limited")
}

func TestAskingForTheHeadersAloneCountsToo(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	last := answer{}
	for range 61 {
		last = site.do(t, newRequest(t, "HEAD", "/en/verify/7K3M-9QXA-WB5T-2HND"))
	}
	if last.status != http.StatusTooManyRequests {
		t.Errorf("the 61st try in a minute: %d", last.status)
	}
}

// TestAnAddressOfTheSendersOwnMakingIsNotCounted: each proxy adds the address it
// was called from at the end; what stands before is whatever the sender wrote.
func TestAnAddressOfTheSendersOwnMakingIsNotCounted(t *testing.T) {
	s := testkit.SQLite(t)
	// The test's connection comes from 0.0.0.0.
	site := newSite(t, s, func(c *config.Settings) { c.TrustedProxies = []string{"0.0.0.0", "10.0.0.0/8"}; c.APILimit = 3 })
	from := func(forwarded string) int {
		r := newRequest(t, "GET", "/api/v1/courses")
		r.Header.Set("X-Forwarded-For", forwarded)
		return site.do(t, r).status
	}
	for _, made := range []string{"192.0.2.1, ", "192.0.2.2, ", "nonsense, "} {
		if got := from(made + "198.51.100.7, 10.0.0.3"); got != http.StatusOK {
			t.Fatalf("try from %s: %d", made, got)
		}
	}
	if got := from("192.0.2.4, 198.51.100.7, 10.0.0.3"); got != http.StatusTooManyRequests {
		t.Errorf("the fourth try of one address: %d", got)
	}
	if got := from("198.51.100.8"); got != http.StatusOK {
		t.Errorf("another address: %d", got)
	}
}

func TestARefusalForWantOfATokenSaysHowToCome(t *testing.T) {
	s := testkit.SQLite(t)
	got := newSite(t, s).call(t, "", "GET", "/me/enrolments", "")
	got.want(t, 401, "unauthenticated")
	if how := got.header.Get("WWW-Authenticate"); how != "Bearer" {
		t.Errorf("WWW-Authenticate %q", how)
	}
}

// TestNobodyBetweenKeepsAPageOfOneReader: a page that passes the copy of a
// second is for the one reader whose cookies it was made with.
func TestNobodyBetweenKeepsAPageOfOneReader(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	b := site.browser()
	b.get(t, "/en/login") // gives the cookie of the form
	if got := b.get(t, "/en/courses").header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

// TestColleaguesShareNoCountOfMails: a whole agency may sit behind one address.
func TestColleaguesShareNoCountOfMails(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	ask := func(email string) int {
		b := site.as(t, s.Person(t, testkit.P{Email: email, EmailUnconfirmed: true}))
		last := answer{}
		b.get(t, "/en/me")
		for range 5 {
			last = b.post(t, "/en/me/confirm-email")
		}
		return last.status
	}
	if first, second := ask("a@example.org"), ask("b@example.org"); first != 303 || second != 303 {
		t.Errorf("%d, then of the colleague %d", first, second)
	}
	b := site.as(t, s.Person(t, testkit.P{Email: "c@example.org", EmailUnconfirmed: true}))
	b.get(t, "/en/me")
	last := answer{}
	for range 6 {
		last = b.post(t, "/en/me/confirm-email")
	}
	if last.status != http.StatusTooManyRequests {
		t.Errorf("the sixth mail to one person: %d", last.status)
	}
}
