package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
)

const goodPassword = "a sentence is long enough"

// mailedLink is the path of the link in the newest mail of a name.
func (s *site) mailedLink(t *testing.T, name string) string {
	t.Helper()
	jobs, err := s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).Order(ent.Desc(outboxjob.FieldID)).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs {
		var mail outbox.Mail
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			t.Fatal(err)
		}
		if mail.Name == name {
			return strings.TrimPrefix(mail.Args["link"], "http://varde.test")
		}
	}
	t.Fatalf("no mail %s among %d", name, len(jobs))
	return ""
}

// leadsTo fails unless the answer sends the browser on to the path.
func (a answer) leadsTo(t *testing.T, path string) {
	t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != path {
		t.Fatalf("%d to %q, want 303 to %q\n%s", a.status, got, path, a.body)
	}
}

func (a answer) hasNot(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("the page shows %q\n%s", text, a.body)
		}
	}
}

// withMail makes the installation one that sends mail. Nothing is sent in a
// test: nobody works on the outbox.
func withMail(s *config.Settings) { s.SMTPURL = "smtp://user:password@127.0.0.1:1" }

func TestAPersonSignsUpFillsInTheProfileAndComesBackToTheDates(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, withMail)
		s.Agency(t, "lv-a", "LV")
		s.Run(t, testkit.R{Code: "R1"})
		b := site.browser()
		b.get(t, "/lv/signup?next=%2Flv%2Fruns%2FR1").has(t, `name="next" value="/runs/R1"`)

		bad := b.post(t, "/lv/signup", "email", "Nobody", "password", "xyz-12", "next", "/runs/R1")
		bad.want(t, 422, "")
		bad.has(t, `value="Nobody"`, `href="#email"`, `href="#password"`, `name="next" value="/runs/R1"`)
		bad.hasNot(t, "xyz-12")
		if b.cookies["varde_session"] != "" {
			t.Error("signed in without an account")
		}

		made := b.post(t, "/lv/signup", "email", "Anna@Example.org", "password", goodPassword, "next", "/runs/R1")
		made.leadsTo(t, "/lv/me/profile?next=%2Fruns%2FR1")
		profile := b.follow(t, made)
		profile.has(t, `name="next" value="/runs/R1"`, "anna@example.org", `<option value="lv" selected lang="lv">Latviešu</option>`,
			`<option value="lv-a"`, `<option value="LV">Latvija</option>`)

		missing := b.post(t, "/lv/me/profile", "name", "Anna Bērziņa", "next", "/runs/R1")
		missing.want(t, 422, "")
		missing.has(t, `href="#profession"`, `href="#country"`, `value="Anna Bērziņa"`, `name="next" value="/runs/R1"`)

		saved := b.post(t, "/lv/me/profile", "name", "Anna Bērziņa", "profession", "firefighter", "country", "LV",
			"agency", "lv-a", "language_level", "B2", "locale", "lv", "next", "/runs/R1")
		saved.leadsTo(t, "/lv/runs/R1")
		b.get(t, "/lv/runs/R1").want(t, 200, "")

		me := b.get(t, "/en/me")
		me.has(t, "Your country and agency are not confirmed yet", "you can take seats open to all countries",
			"no agency sees you", "Confirm your e-mail address")
		b.post(t, "/en/me/confirm-email", "next", "/runs/R1").leadsTo(t, "/en/runs/R1")
		link := site.mailedLink(t, "confirm_email")
		b.get(t, link).has(t, "anna@example.org", "_csrf")
		b.post(t, link).leadsTo(t, "/lv/runs/R1")
		b.get(t, "/en/me").hasNot(t, "Confirm your e-mail address")
	})
}

func TestAWrongPasswordIsToldOnThePage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Person(t, testkit.P{Email: "a@example.org"})
		if err := site.app.People.SetPassword(t.Context(), "a@example.org", goodPassword); err != nil {
			t.Fatal(err)
		}
		b := site.browser()
		b.get(t, "/en/login?next=%2Fen%2Fme%2Fprofile")
		wrong := b.post(t, "/en/login", "email", "a@example.org", "password", "not this one", "next", "/me/profile")
		unknown := b.post(t, "/en/login", "email", "b@example.org", "password", "not this one", "next", "/me/profile")
		wrong.want(t, 401, "")
		wrong.has(t, "The e-mail address or the password is not right.", `value="a@example.org"`, `name="next" value="/me/profile"`)
		wrong.hasNot(t, "not this one")
		if strings.ReplaceAll(unknown.body, "b@example.org", "a@example.org") != wrong.body || unknown.status != wrong.status {
			t.Error("the page tells whether the address has an account")
		}
		if b.cookies["varde_session"] != "" {
			t.Fatal("signed in with a wrong password")
		}
		b.post(t, "/en/login", "email", " A@example.org", "password", goodPassword, "next", "/me/profile").leadsTo(t, "/en/me/profile")
		b.get(t, "/en/me/profile").want(t, 200, "")
		b.get(t, "/en/login?next=/me/profile").leadsTo(t, "/en/me/profile")
	})
}

func TestTriesAtOneAccountAreCountedFromEverywhere(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s, func(c *config.Settings) { c.SignInLimit, c.TrustedProxies = 3, []string{"0.0.0.0"} })
	try := func(email, from string) int {
		b := site.browser()
		b.get(t, "/en/login")
		form := url.Values{"_csrf": {b.csrf}, "email": {email}, "password": {"not this one"}}
		r := httptest.NewRequest(http.MethodPost, "/en/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", from)
		return b.send(t, r).status
	}
	for i, email := range []string{"a@example.org", "A@Example.org", " a@example.org "} {
		if got := try(email, "192.0.2."+string(rune('1'+i))); got != 401 {
			t.Fatalf("try %d: %d, want 401", i+1, got)
		}
	}
	if got := try("a@example.org", "192.0.2.9"); got != 429 {
		t.Errorf("the fourth try, from another address: %d, want 429", got)
	}
	if got := try("b@example.org", "192.0.2.9"); got != 401 {
		t.Errorf("another account: %d, want 401", got)
	}
}

func TestSigningInLeavesNoOlderSessionBehind(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		if err := site.app.People.SetPassword(t.Context(), "a@example.org", goodPassword); err != nil {
			t.Fatal(err)
		}
		b := site.as(t, a)
		old := b.cookies["varde_session"]
		b.get(t, "/en/me/profile")
		b.post(t, "/en/login", "email", "a@example.org", "password", goodPassword).leadsTo(t, "/en/me")
		if b.cookies["varde_session"] == old {
			t.Error("the old token goes on")
		}
		thief := site.browser()
		thief.cookies["varde_session"] = old
		thief.get(t, "/en/me").leadsTo(t, "/en/login?next=%2Fen%2Fme")

		b.get(t, "/en/me/profile")
		kept := b.cookies["varde_session"]
		b.post(t, "/en/logout").leadsTo(t, "/en/")
		b.get(t, "/en/me").leadsTo(t, "/en/login?next=%2Fen%2Fme")
		thief.cookies["varde_session"] = kept
		thief.get(t, "/en/me").leadsTo(t, "/en/login?next=%2Fen%2Fme")
	})
}

func TestALinkSignsInOnceByItsButtonAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, withMail)
		s.Person(t, testkit.P{Email: "a@example.org"})
		b := site.browser()
		b.get(t, "/en/login?next=/runs/R1")
		b.post(t, "/en/login/link", "email", "nonsense").want(t, 422, "")
		known := b.post(t, "/en/login/link", "email", "a@example.org", "next", "/runs/R1")
		known.leadsTo(t, "/en/login?sent=1")
		b.get(t, "/en/login?sent=1").has(t, "If the address you entered has an account")
		stranger := site.browser()
		stranger.get(t, "/en/login")
		stranger.post(t, "/en/login/link", "email", "nobody@example.org").leadsTo(t, known.header.Get("Location"))

		link := site.mailedLink(t, "login_link")
		for range 2 { // mail scanners open links, and do not use them up
			site.browser().get(t, link).has(t, "a@example.org", "<button")
		}
		b.get(t, link)
		b.post(t, link).leadsTo(t, "/en/runs/R1")
		b.get(t, "/en/me").want(t, 200, "")

		again := site.browser()
		over := again.get(t, link)
		over.want(t, 404, "")
		over.has(t, "This link does not work any more", `href="/en/login"`)
		again.get(t, "/en/login")
		again.post(t, link).want(t, 404, "")
		if again.cookies["varde_session"] != "" {
			t.Error("a used link signs in")
		}
	})
}

func TestAForgottenPasswordIsSetAnew(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		elsewhere := site.as(t, a)
		b := site.browser()
		b.get(t, "/en/reset")
		b.post(t, "/en/reset", "email", "a@").want(t, 422, "")
		b.post(t, "/en/reset", "email", "nobody@example.org").leadsTo(t, "/en/reset?sent=1")
		b.post(t, "/en/reset", "email", "a@example.org").leadsTo(t, "/en/reset?sent=1")
		// Without a mail server nobody waits for a mail in vain.
		b.get(t, "/en/reset?sent=1").has(t, "This site does not send e-mail yet.")

		link := site.mailedLink(t, "reset_password")
		b.get(t, link).has(t, "a@example.org")
		b.post(t, link, "password", "short").has(t, `href="#password"`)
		b.post(t, link, "password", goodPassword).leadsTo(t, "/en/me")
		b.get(t, "/en/me").has(t, "Your new password is set.")
		elsewhere.get(t, "/en/me").leadsTo(t, "/en/login?next=%2Fen%2Fme")
		over := site.browser().get(t, link)
		over.want(t, 404, "")
		over.has(t, "This link does not work any more", `href="/en/reset"`)
	})
}

func TestChangingThePasswordSignsOutEverywhereElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		if err := site.app.People.SetPassword(t.Context(), "a@example.org", goodPassword); err != nil {
			t.Fatal(err)
		}
		elsewhere, b := site.as(t, a), site.as(t, a)
		b.get(t, "/en/me/profile")
		wrong := b.post(t, "/en/me/password", "old", "not this one", "password", "another good sentence")
		wrong.want(t, 422, "")
		wrong.has(t, `href="#old"`, "This is not your current password.")
		b.post(t, "/en/me/password", "old", goodPassword, "password", "another good sentence").leadsTo(t, "/en/me/profile")
		b.get(t, "/en/me").want(t, 200, "")
		elsewhere.get(t, "/en/me").leadsTo(t, "/en/login?next=%2Fen%2Fme")
	})
}

func TestNobodyIsSentOutOfTheSite(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	a := s.Person(t, testkit.P{Email: "a@example.org"})
	for next, want := range map[string]string{
		"/de/runs/R1":          "/en/runs/R1",
		"/runs/R1?x=1":         "/en/runs/R1?x=1",
		"/en":                  "/en/",
		"":                     "/en/me",
		"//evil.example":       "/en/me",
		"https://evil.example": "/en/me",
		"/\\evil.example":      "/en/me",
		"/en//evil.example":    "/en//evil.example",
		"evil.example":         "/en/me",
	} {
		site.as(t, a).get(t, "/en/login?next="+url.QueryEscape(next)).leadsTo(t, want)
	}
	for _, next := range []string{"/\t/evil.example", "/\r\n/evil.example"} {
		to := site.as(t, a).get(t, "/en/login?next="+url.QueryEscape(next)).header.Get("Location")
		if !strings.HasPrefix(to, "/en/") {
			t.Errorf("%q leads to %q", next, to)
		}
	}
}

func TestWhoHasPowerOverOthersDoesNotMoveThemself(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	officer := s.Person(t, testkit.P{Email: "o@example.org", Role: "agency", Country: "LV", Agency: "lv-a", Confirmed: true})
	s.Agency(t, "lv-b", "LV")
	b := site.as(t, officer)
	page := b.get(t, "/en/me/profile")
	page.has(t, "the secretariat sets them", `type="hidden" name="agency" value="lv-a"`)
	page.hasNot(t, `<select class="ds-input" id="agency"`)
	b.post(t, "/en/me/profile", "name", "Olga", "country", "LV", "agency", "lv-b").has(t, "Ask the secretariat.")
	b.post(t, "/en/me/profile", "name", "Olga", "country", "LV", "agency", "lv-a").leadsTo(t, "/en/me")
}
