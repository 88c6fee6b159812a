package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// lapses lets the certificate of somebody lapse in so many days.
func (f *staff) lapses(t *testing.T, holder string, days int) time.Time {
	t.Helper()
	at := store.Instant(f.Now(t).AddDate(0, 0, days))
	if _, err := f.DB.SQL.ExecContext(t.Context(), "UPDATE certificates SET expires_at = $1 WHERE holder = $2", at, holder); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOfficerSeesWhatLapsesSoonAndNarrowsTheList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		janis := s.Person(t, testkit.P{Email: "janis@a.example", Name: "Jānis Ozols", Country: "LV", Agency: "lv-a", Confirmed: true})
		f.issue(t, f.enrol(t, "R1", f.anna), f.enrol(t, "R1", janis))
		b := f.as(t, f.officer)
		b.get(t, "/en/agency/lv-a").lacks(t, "certificates that lapse within 90 days", "Valid until")

		at := f.lapses(t, "Jānis Ozols", 60)
		page := b.get(t, "/en/agency/lv-a")
		page.has(t, `<a href="/en/agency/lv-a?expiring=90#certificates">certificates that lapse within 90 days</a></dt><dd>1</dd>`,
			"Valid until "+f.app.Bundle.For("en").DateShort(training.DateOf(at.In(riga(t)))), "2 certificates")
		for query, want := range map[string]struct {
			has, lacks string
		}{
			"?expiring=90":           {"Jānis Ozols", "/Anna"},
			"?holder=berzina":        {"Anna Bērziņa", "Jānis Ozols"},
			"?holder=OZOLS":          {"Jānis Ozols", "/Anna"},
			"?holder=ozols&from=":    {"1 certificate <a", "2 certificates"},
			"?expiring=30":           {"0 certificates", "certificates.zip"},
			"?holder=ozols&course=x": {"0 certificates", "certificates.zip"},
		} {
			got := b.get(t, "/en/agency/lv-a"+query)
			got.has(t, want.has, `href="/en/agency/lv-a#certificates">Show all</a>`)
			_, list, _ := strings.Cut(got.body, `id="certificates"`)
			if strings.Contains(list, want.lacks) {
				t.Errorf("%s shows %q", query, want.lacks)
			}
		}
		link := zipLink.FindStringSubmatch(b.get(t, "/en/agency/lv-a?holder=ozols&expiring=90").body)[1]
		if want := "/en/agency/lv-a/certificates.zip?expiring=90&amp;holder=ozols"; link != want {
			t.Errorf("the archive is at %s, want %s", link, want)
		}
		files := filesOf(t, b.get(t, strings.ReplaceAll(link, "&amp;", "&")))
		if len(files) != 3 || !strings.Contains(files[2], "Janis-Ozols") {
			t.Errorf("the archive of what lapses soon holds %v", files)
		}
		for _, days := range []string{"0", "-1", "soon", "99999"} {
			bad := b.get(t, "/en/agency/lv-a?expiring="+days)
			bad.want(t, 422, "")
			bad.has(t, `href="#expiring"`, `id="expiring-error"`)
		}

		token := f.token(t, f.officer)
		for query, want := range map[string]float64{"": 2, "?holder=ozols": 1, "?expiring=90": 1, "?expiring=30": 0, "?holder=ozols&expiring=90": 1} {
			if got := f.call(t, token, "GET", "/agencies/lv-a/certificates"+query, "").json(t)["total"]; got != want {
				t.Errorf("the API lists %v for %q, want %v", got, query, want)
			}
		}
		f.call(t, token, "GET", "/agencies/lv-a/certificates?expiring=soon", "").want(t, 422, "")
		if files := filesOf(t, f.call(t, token, "GET", "/agencies/lv-a/certificates.zip?holder=ozols", "")); len(files) != 3 {
			t.Errorf("the archive of the API holds %v", files)
		}
		f.call(t, f.token(t, f.otherOfficer), "GET", "/agencies/lv-a/certificates?holder=ozols", "").want(t, 404, "not_found")
	})
}

func TestCertificatesComeInEveryLanguageAndAsABadge(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.issue(t, f.enrol(t, "R1", f.anna))
		for who, under := range map[*browser]string{f.as(t, f.anna): "/en/me", f.as(t, f.officer): "/en/agency/lv-a"} {
			page := who.get(t, under)
			page.has(t, "Languages and badge", "which others can check")
			for _, lang := range []string{"fi", "ru"} {
				link := regexp.MustCompile(`href="(` + under + `/certificates/[^"]+\.pdf\?lang=` + lang + `)" lang="` + lang + `" hreflang="` + lang + `"`).FindStringSubmatch(page.body)
				if link == nil {
					t.Fatalf("%s has no link to the certificate in %s\n%s", under, lang, page.body)
				}
				if pdf := who.get(t, link[1]); pdf.status != 200 || !strings.HasPrefix(pdf.body, "%PDF") {
					t.Errorf("%s: %d", link[1], pdf.status)
				}
			}
			badge := regexp.MustCompile(`href="(` + under + `/certificates/[^"]+\.badge\.jwt)"`).FindStringSubmatch(page.body)
			if badge == nil {
				t.Fatalf("%s has no link to the badge", under)
			}
			if got := who.get(t, badge[1]); got.status != 200 || strings.Count(got.body, ".") != 2 {
				t.Errorf("the badge: %d", got.status)
			}
		}
	})
}

func TestTheHolderIsToldWhatLapsesSoonAndWhatRenewsIt(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	anna := f.as(t, f.anna)
	const renew = `<a href="/en/courses/ships">Take the course again to renew it</a>`
	anna.get(t, "/en/me").lacks(t, "Valid until", renew)
	f.lapses(t, "Anna Bērziņa", 120)
	far := anna.get(t, "/en/me")
	far.has(t, "Valid until")
	far.lacks(t, renew)
	at := f.lapses(t, "Anna Bērziņa", 80)
	anna.get(t, "/en/me").has(t, "Valid until "+f.app.Bundle.For("en").DateShort(training.DateOf(at.In(riga(t)))), renew)
	// What was revoked is not renewed, nor handed on.
	if _, err := s.DB.Ent.Certificate.Update().Where(certificate.Holder("Anna Bērziņa")).SetRevokedAt(s.Now(t)).SetRevokedReason("facts_wrong").Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	anna.get(t, "/en/me").lacks(t, renew, ".pdf", ".badge.jwt")
}

func TestNothingChosenIsNotEverything(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	b := f.as(t, f.officer)
	b.get(t, "/en/agency/lv-a").has(t, `name="chosen" value="yes"`)
	none := b.get(t, "/en/agency/lv-a/certificates.zip?chosen=yes&progress=")
	none.want(t, 422, "")
	none.has(t, "Choose at least one certificate from the list.", `href="#certificates"`)
}

func TestLongListsOfCertificatesAreTurned(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	one := s.DB.Ent.Certificate.Query().OnlyX(t.Context())
	for i := range 104 {
		first, _ := s.DB.Ent.Enrolment.Query().FirstID(t.Context())
		s.DB.Ent.Certificate.Create().SetNumber(fmt.Sprintf("TEST-%04d", i)).SetEnrolmentID(first).SetRunID(one.RunID).SetPersonID(one.PersonID).
			SetNillableAgencyID(one.AgencyID).SetHolder(fmt.Sprintf("Holder %03d", i)).SetLanguage("en").SetFacts(one.Facts).
			SetReplacedBy("x").SetIssuedAt(one.IssuedAt.Add(-time.Duration(i+1) * time.Hour)).SaveX(t.Context())
	}
	b := f.as(t, f.officer)
	first := b.get(t, "/en/agency/lv-a?course=ships")
	first.has(t, "105 certificates", "Anna Bērziņa", "Holder 098", "Page 1 of 2", `href="/en/agency/lv-a?course=ships&amp;page=2#certificates" rel="next"`,
		"The file lists 105 certificates")
	first.lacks(t, "Holder 099", `rel="prev"`)
	second := b.get(t, "/en/agency/lv-a?course=ships&page=2")
	second.has(t, "105 certificates", "Holder 099", "Holder 103", `href="/en/agency/lv-a?course=ships#certificates" rel="prev"`)
	second.lacks(t, "Holder 098", `rel="next"`)
}

func TestADownloadSaysHowFarItIs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.issue(t, f.enrol(t, "R1", f.anna))
		b := f.as(t, f.officer)
		under, mark := "/en/agency/lv-a/certificates/progress/", strings.Repeat("0a", 16)
		b.get(t, "/en/agency/lv-a").has(t, `data-archive-progress="`+under+`"`, "js/archive.js")
		if got := b.get(t, under+mark); got.status != 204 {
			t.Errorf("before the download: %d", got.status)
		}
		b.get(t, under+"no-mark").want(t, 404, "")
		filesOf(t, b.get(t, "/en/agency/lv-a/certificates.zip?progress="+mark))
		got := b.get(t, under+mark)
		got.want(t, 200, "")
		if got.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("somebody may keep how far it was: %q", got.header.Get("Cache-Control"))
		}
		var progress struct{ Done, Total int }
		if err := json.Unmarshal([]byte(got.body), &progress); err != nil || progress.Done != 1 || progress.Total != 1 {
			t.Errorf("after the download: %s, %v", got.body, err)
		}
		colleague := f.as(t, s.Person(t, testkit.P{Email: "o2@a.example", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}))
		if theirs := colleague.get(t, under+mark); theirs.status != 204 {
			t.Errorf("a colleague is told of somebody else's download: %d", theirs.status)
		}
		f.as(t, f.otherOfficer).get(t, under+mark).want(t, 404, "")
	})
}

func TestWithoutRedisADownloadIsTheSame(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	b := f.as(t, f.officer)
	if err := f.app.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	mark := strings.Repeat("0a", 16)
	if files := filesOf(t, b.get(t, "/en/agency/lv-a/certificates.zip?progress="+mark)); len(files) != 3 {
		t.Errorf("the archive holds %v", files)
	}
	if got := b.get(t, "/en/agency/lv-a/certificates/progress/"+mark); got.status != 204 {
		t.Errorf("how far it is: %d, want nothing", got.status)
	}
}

// TestADownloadThatBreaksSaysSo: a kept file that was changed since is handed out
// to nobody.
func TestADownloadThatBreaksSaysSo(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	b := f.as(t, f.officer)
	filesOf(t, b.get(t, "/en/agency/lv-a/certificates.zip"))
	if _, err := s.DB.SQL.ExecContext(t.Context(), "UPDATE certificate_files SET sha256 = 'changed' WHERE kind = 'pdf'"); err != nil {
		t.Fatal(err)
	}
	mark := strings.Repeat("0a", 16)
	r := newRequest(t, "GET", "/en/agency/lv-a/certificates.zip?progress="+mark)
	r.AddCookie(&http.Cookie{Name: "varde_session", Value: b.cookies["varde_session"]})
	r.Host = "varde.test"
	if response, err := f.web.Test(r, -1); err == nil {
		packed, err := io.ReadAll(response.Body)
		response.Body.Close()
		if _, whole := zip.NewReader(bytes.NewReader(packed), int64(len(packed))); err == nil && whole == nil {
			t.Error("a broken download looks like a whole file")
		}
	}
	b.get(t, "/en/agency/lv-a/certificates/progress/"+mark).has(t, `"done":0`, `"total":1`, `"broken":true`)
	if !strings.Contains(f.log.String(), "certificates of an agency") {
		t.Error("the log does not tell of it")
	}
}
