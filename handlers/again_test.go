package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

// Without script the languages are buttons of the form.
func TestInAnotherLanguageTheAnswersStay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		actor := s.Person(t, testkit.P{Email: "a@example.org", Name: "Anna"})
		b := site.as(t, actor)
		page := b.get(t, "/en/me/profile")
		button := regexp.MustCompile(`<button form="answers" formaction="([^"]*)" formmethod="post" formnovalidate name="_again" value="yes" lang="fi"`).
			FindStringSubmatch(page.body)
		if button == nil || !strings.Contains(page.body, `id="answers"`) {
			t.Fatalf("no button for Finnish\n%s", page.body)
		}
		profession := regexp.MustCompile(`(?s)<select[^>]* name="profession".*?<option value="([a-z_]+)"`).FindStringSubmatch(page.body)
		if profession == nil {
			t.Fatalf("no profession to choose\n%s", page.body)
		}
		sent := b.post(t, button[1], "_again", "yes", "name", `Änna "<b>" O'Hara`, "profession", profession[1], "phone", "1")
		sent.want(t, http.StatusOK, "")
		sent.has(t, `<html lang="fi"`, `value="Änna &#34;&lt;b&gt;&#34; O&#39;Hara"`, `<option value="`+profession[1]+`" selected`)
		sent.hasNot(t, "<b>", `value="Anna"`)
		if now := s.DB.Ent.Person.GetX(t.Context(), actor.PersonID); now.Name != "Anna" {
			t.Errorf("the profile was saved: %q", now.Name)
		}
		b.get(t, "/en/courses").hasNot(t, "formaction")
	})
}

func TestThePasswordIsAskedForAnewInAnotherLanguage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	b := site.browser()
	b.get(t, "/en/signup?next=/runs/R1")
	sent := b.post(t, "/pl/signup?next=/runs/R1", "_again", "yes", "email", "ewa@example.org", "password", "correct horse")
	sent.want(t, http.StatusOK, "")
	sent.has(t, `<html lang="pl"`, `value="ewa@example.org"`, `href="/en/signup?next=/runs/R1"`)
	sent.hasNot(t, "correct horse")
	if n := s.DB.Ent.Person.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d accounts were made", n)
	}
	site.browser().post(t, "/pl/signup", "_csrf", "forged", "_again", "yes", "email", "ewa@example.org").want(t, http.StatusForbidden, "")
}

func TestTextsAndBoxesStayInAnotherLanguage(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Course(t, "ships")
	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Role: "admin"}))
	run := "/admin/courses/ships/runs/new"
	b.get(t, "/en"+run)
	again := b.post(t, "/sv"+run, "_again", "yes", "code", "SHIP-9", "address", "Kaivokatu 1", "approval", "yes", "country", "FI", "time_zone", "Europe/Helsinki")
	again.has(t, `value="SHIP-9"`, `value="Kaivokatu 1"`, `name="approval" value="yes" aria-describedby="approval-hint" checked>`,
		`<option value="FI" selected>`, `<option value="Europe/Helsinki" selected>`)
	again.hasNot(t, `name="discreet" value="yes" aria-describedby="discreet-hint" checked`)
	if n := s.DB.Ent.Run.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d runs were made", n)
	}
}
