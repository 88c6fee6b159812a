package handlers_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// issue runs a course for one person and gives the number of the certificate.
func (s *site) issue(t *testing.T, code, name string, discreet bool) string {
	t.Helper()
	teacher := s.Person(t, testkit.P{Email: "teacher-" + code + "@example.org", Role: training.RoleInstructor})
	holder := s.Person(t, testkit.P{Email: "holder-" + code + "@example.org", Name: name})
	today := training.DateOf(s.Now(t))
	s.Run(t, testkit.R{Code: code, Instructors: []training.Actor{teacher}, Starts: today, Ends: today,
		Closes: s.Now(t).AddDate(0, 0, 1), Discreet: discreet})
	s.begun(t, code)
	made, err := s.app.Enrolment.Confirm(t.Context(), holder, code, "")
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	for _, half := range made.HalfDays {
		if err := s.app.Roster.MarkMany(t.Context(), teacher, code, half.Key, map[string]*bool{made.Ref: &yes}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.app.Roster.Close(t.Context(), teacher, code); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	list, err := s.app.Certificates.Mine(t.Context(), holder)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d certificates, %v", len(list), err)
	}
	return list[0].Number
}

func TestAnyoneIsToldWhetherACertificateStands(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		valid, revoked := site.issue(t, "R1", "Þórður Ægisson", false), site.issue(t, "R2", "Anna Bērziņa", false)
		replaced, expired := site.issue(t, "R3", "Õnne Ööbik", false), site.issue(t, "R4", "Bjørn Ødegård", false)
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		if err := site.app.Certificates.Revoke(t.Context(), admin, revoked, "facts_wrong", "stays inside"); err != nil {
			t.Fatal(err)
		}
		site.change(t, `UPDATE certificates SET replaced_by = $1 WHERE number = $2`, valid, replaced)
		site.change(t, `UPDATE certificates SET expires_at = $1 WHERE number = $2`, store.Instant(s.Now(t).Add(-time.Minute)), expired)
		visitor := site.browser()
		for number, want := range map[string][]string{
			valid:    {"Genuine and valid", "Þórður Ægisson", "have not revoked it", "http://varde.test/verify/" + valid},
			revoked:  {"Revoked: this certificate is no longer valid", "Revoked by the issuer: ", "What it stated was wrong.", "Anna Bērziņa"},
			replaced: {"Replaced: a newer certificate stands in its place", `href="/en/verify/` + valid},
			expired:  {"Genuine, but expired", "It was valid until: "},
		} {
			page := visitor.get(t, "/en/verify/"+number)
			page.want(t, 200, "")
			page.has(t, want...)
			page.has(t, number, "Varde", "What it does not prove")
			page.hasNot(t, "stays inside", "@example.org")
		}
		typed := strings.ToLower(strings.ReplaceAll(valid, "-", " "))
		visitor.get(t, "/en/verify?number="+url.QueryEscape(typed)).leadsTo(t, "/en/verify/"+valid)
		visitor.get(t, "/en/verify/"+url.PathEscape(typed)).has(t, "Genuine and valid")
	})
}

// change writes what no service does, as time or another server would.
func (s *site) change(t *testing.T, statement string, args ...any) {
	t.Helper()
	err := s.DB.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.SQL.ExecContext(t.Context(), statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheShortAddressSpeaksTheReadersLanguageAndIsKeptByNobody(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	visitor := site.browser()
	visitor.accept = "lv,en;q=0.5"
	page := visitor.get(t, "/verify/"+number)
	page.want(t, 200, "")
	page.has(t, `<html lang="lv"`, `href="/et/verify/`+number, `href="/lv/verify"`, `<meta name="robots" content="noindex">`)
	page.hasNot(t, `rel="alternate" hreflang`)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
		"X-Robots-Tag": "noindex", "Link": "<http://varde.test/verify/" + number + `>; rel="canonical"`} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := visitor.get(t, "/verify?number="+number); got.status != 302 || got.header.Get("Location") != "/lv/verify?number="+number {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
	if strings.Contains(site.log.String(), number) {
		t.Error("the log holds the number")
	}
}

func TestANumberThatLeadsNowhereIsAskedForAgain(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	other := "X" + number[1:]
	if number[0] == 'X' {
		other = "Y" + number[1:]
	}
	visitor := site.browser()
	for _, path := range []string{"/en/verify/" + other, "/en/verify?number=" + other, "/verify/" + other} {
		page := visitor.get(t, path)
		page.want(t, 404, "")
		page.has(t, "This is not a certificate number", "A letter is wrong", `value="`+other+`"`, `action="/en/verify"`)
	}
	site.change(t, `DELETE FROM certificates`)
	page := visitor.get(t, "/en/verify/"+number)
	page.want(t, 404, "")
	page.has(t, "We know no certificate with this number", "do not rely on it", `value="`+number+`"`)
	if page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %s", page.header.Get("Cache-Control"))
	}
	empty := visitor.get(t, "/en/verify?number=+")
	empty.want(t, 422, "")
	empty.has(t, "Error: Check a certificate", "Enter a certificate number.")
	visitor.get(t, "/en/verify").has(t, "Check a certificate", "Certificate number")
}

func TestADiscreetCertificateAnswersYesOrNoToAName(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		number := site.issue(t, "R1", "Юрий Щербаков", true)
		visitor := site.browser()
		page := visitor.get(t, "/en/verify/"+number)
		page.has(t, "Genuine and valid", "name nobody in public", `name="name"`)
		page.hasNot(t, "Щербаков")
		visitor.get(t, "/en/verify/"+number+"?name="+url.QueryEscape(" юрий  щербаков")).has(t, "Yes: this certificate was given to")
		no := visitor.get(t, "/en/verify/"+number+"?name="+url.QueryEscape("<b>Anna</b>"))
		no.has(t, "No: this certificate was not given to &lt;b&gt;Anna&lt;/b&gt;.")
		no.hasNot(t, "Щербаков", "<b>Anna")
		named := site.issue(t, "R2", "Anna Bērziņa", false)
		visitor.get(t, "/en/verify/"+named+"?name=Anna").hasNot(t, "this certificate was not given")
	})
}
