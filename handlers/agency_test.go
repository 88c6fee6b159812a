package handlers_test

import (
	"archive/zip"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestOfficerSeesTheOwnStaffAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.enrol(t, "R1", f.anna)
		f.enrol(t, "R1", s.Person(t, testkit.P{Email: "eeva@b.example", Name: "Eeva Tamm", Country: "EE", Agency: "ee-b", Confirmed: true}))
		f.enrol(t, "R1", s.Person(t, testkit.P{Email: "free@example.org", Name: "Free Lancer"}))
		s.Person(t, testkit.P{Email: "new@b.example", Name: "Newcomer Elsewhere", Country: "EE", Agency: "ee-b"})
		b := f.as(t, f.officer)
		home := b.get(t, "/en/agency")
		if home.header.Get("Location") != "/en/agency/lv-a" {
			t.Fatalf("an officer is sent to %s", home.header.Get("Location"))
		}
		page := b.follow(t, home)
		page.has(t, "Agency lv-a", "Anna Bērziņa", "Course ships", "1 enrolment")
		page.lacks(t, "Eeva Tamm", "Free Lancer", "Newcomer Elsewhere")
		b.get(t, "/en/agency/ee-b").want(t, 404, "")
		f.as(t, f.admin).get(t, "/en/agency/ee-b").has(t, "Eeva Tamm", "Newcomer Elsewhere")
		f.as(t, f.admin).get(t, "/en/agency").has(t, "<h2>Latvia</h2>", `href="/en/agency/ee-b"`)
		f.as(t, f.newOfficer).get(t, "/en/agency").has(t, "Nobody has confirmed yet", "Agency lv-a")
	})
}

func TestOfficerFiltersEnrolments(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.Run(t, testkit.R{Code: "R2"})
	f.enrol(t, "R1", f.anna)
	cancelled := f.enrol(t, "R2", f.anna)
	f.call(t, f.token(t, f.anna), "POST", "/enrolments/"+cancelled+"/cancel", "").want(t, 200, "")
	b := f.as(t, f.officer)
	for query, want := range map[string]string{
		"":                            "2 enrolments",
		"?status=cancelled":           "1 enrolment<",
		"?status=cancelled&run=R1":    "0 enrolments",
		"?run=R2":                     "1 enrolment<",
		"?status=nonsense":            "2 enrolments",
		"?status=&run=&course=&from=": "2 enrolments",
	} {
		b.get(t, "/en/agency/lv-a"+query).has(t, want)
	}
	b.get(t, "/en/agency/lv-a?run=R2").has(t, `<option value="R2" selected>`)
}

func TestOfficerDecidesOnEnrolments(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "ASK", Approval: true})
		person := func(name, country, agency string) training.Actor {
			return s.Person(t, testkit.P{Email: strings.ToLower(name) + "@example.org", Name: name, Country: country, Agency: agency, Confirmed: true})
		}
		yes := f.enrol(t, "ASK", person("Yes", "LV", "lv-a"))
		no := f.enrol(t, "ASK", person("No", "LV", "lv-a"))
		foreign := f.enrol(t, "ASK", person("Foreign", "EE", "ee-b"))
		b := f.as(t, f.officer)
		b.get(t, "/en/agency/lv-a").has(t, "To approve", "/enrolments/"+yes+"/approve", "Decline No")
		under := "/en/agency/lv-a/enrolments/"
		b.post(t, under+foreign+"/approve").want(t, 404, "")
		b.follow(t, b.post(t, under+yes+"/approve")).has(t, "The enrolment is approved.")
		declined := b.follow(t, b.post(t, under+no+"/decline"))
		declined.has(t, "The enrolment is declined.")
		declined.lacks(t, "To approve")
		b.post(t, under+no+"/approve").want(t, 409, "")
		b.follow(t, b.post(t, under+yes+"/cancel")).has(t, "The enrolment is withdrawn.")
		for ref, want := range map[string]string{yes: "cancelled", no: "declined", foreign: "pending"} {
			if got := f.call(t, f.token(t, f.admin), "GET", "/enrolments/"+ref, "").json(t)["status"]; got != want {
				t.Errorf("%s is %v, want %s", ref, got, want)
			}
		}
	})
}

func TestOfficerConfirmsWhomTheyKnow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		person := func(name string) string {
			p := s.Person(t, testkit.P{Email: strings.ToLower(name) + "@a.example", Name: name, Country: "LV", Agency: "lv-a", Profession: "firefighter"})
			return strconv.Itoa(p.PersonID)
		}
		known, unknown, moved := person("Known"), person("Unknown"), person("Moved")
		b := f.as(t, f.officer)
		b.get(t, "/en/agency/lv-a").has(t, "People to confirm", "Known", "known@a.example", "Firefighter", "Latvia")
		under := "/en/agency/lv-a/people/"
		b.follow(t, b.post(t, under+known+"/confirm", "agency", "lv-a", "country", "LV")).has(t, "The country and the agency are confirmed.")
		b.follow(t, b.post(t, under+unknown+"/reject", "agency", "lv-a", "country", "LV")).has(t, "The agency was not confirmed.")
		// The person has declared another country since the page was opened.
		b.post(t, under+moved+"/confirm", "agency", "lv-a", "country", "EE").want(t, 409, "")
		b.post(t, under+"nobody/confirm", "agency", "lv-a", "country", "LV").want(t, 404, "")
		page := b.get(t, "/en/agency/lv-a")
		page.has(t, "moved@a.example")
		page.lacks(t, "known@a.example", "unknown@a.example")
	})
}

// issue gives everybody who is enrolled in R1 a certificate.
func (f *staff) issue(t *testing.T, refs ...string) {
	t.Helper()
	teacher := f.token(t, f.teacher)
	half := f.call(t, teacher, "GET", "/runs/R1/roster", "").json(t)["half_days"].([]any)
	var presence []string
	for _, h := range half {
		presence = append(presence, `{"half_day":"`+h.(string)+`","present":true}`)
	}
	for _, ref := range refs {
		f.call(t, teacher, "PUT", "/runs/R1/roster/"+ref, `{"presence":[`+strings.Join(presence, ",")+`]}`).want(t, 200, "")
	}
	f.call(t, teacher, "POST", "/runs/R1/close", "").want(t, 200, "")
	f.work(t)
}

var zipLink = regexp.MustCompile(`href="(/en/agency/lv-a/certificates\.zip[^"]*)"`)

// filesOf are the names in an archive, in order, each of which can be read.
func filesOf(t *testing.T, a answer) []string {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("status %d, %s", a.status, a.header.Get("Content-Type"))
	}
	archive, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); err != nil {
			t.Fatalf("%s: %v", file.Name, err)
		}
		names = append(names, file.Name)
	}
	return names
}

func TestOfficerDownloadsCertificates(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		janis := s.Person(t, testkit.P{Email: "janis@a.example", Name: "Jānis Ozols", Country: "LV", Agency: "lv-a", Confirmed: true})
		eeva := s.Person(t, testkit.P{Email: "eeva@b.example", Name: "Eeva Tamm", Country: "EE", Agency: "ee-b", Confirmed: true})
		f.issue(t, f.enrol(t, "R1", f.anna), f.enrol(t, "R1", janis), f.enrol(t, "R1", eeva))
		b := f.as(t, f.officer)
		page := b.get(t, "/en/agency/lv-a")
		page.has(t, "2 certificates", "Anna Bērziņa", "Jānis Ozols", "Valid", "Download all (ZIP)", `<option value="ships">Course ships</option>`)
		page.lacks(t, "Eeva Tamm")
		one := regexp.MustCompile(`href="(/en/agency/lv-a/certificates/([^"]+)\.pdf)" download`).FindStringSubmatch(page.body)
		if pdf := b.get(t, one[1]); pdf.status != 200 || !strings.HasPrefix(pdf.body, "%PDF") {
			t.Errorf("one certificate: %d", pdf.status)
		}
		f.as(t, f.otherOfficer).get(t, one[1]).want(t, 404, "")

		all := filesOf(t, b.get(t, zipLink.FindStringSubmatch(page.body)[1]))
		if len(all) != 4 || all[0] != "certificates.csv" || all[1] != "certificates.json" || !slices.ContainsFunc(all, func(n string) bool { return strings.Contains(n, "Anna-Berzina") }) {
			t.Errorf("the archive has %v, want the lists and two files", all)
		}
		if chosen := filesOf(t, b.get(t, "/en/agency/lv-a/certificates.zip?number="+one[2])); len(chosen) != 3 {
			t.Errorf("the archive of one chosen certificate has %v", chosen)
		}
		f.as(t, f.otherOfficer).get(t, "/en/agency/lv-a/certificates.zip").want(t, 404, "")
		if foreign := filesOf(t, f.as(t, f.otherOfficer).get(t, "/en/agency/ee-b/certificates.zip?number="+one[2])); len(foreign) != 2 {
			t.Errorf("another agency's archive has %v", foreign)
		}
	})
}

func TestArchiveKeepsTheFilter(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.issue(t, f.enrol(t, "R1", f.anna))
	b := f.as(t, f.officer)
	today := training.DateOf(s.Now(t).In(riga(t))).String()
	page := b.get(t, "/en/agency/lv-a?course=ships&from="+today)
	page.has(t, "1 certificate <a")
	link := strings.ReplaceAll(zipLink.FindStringSubmatch(page.body)[1], "&amp;", "&")
	if want := "/en/agency/lv-a/certificates.zip?course=ships&from=" + today; link != want {
		t.Errorf("the link is %s, want %s", link, want)
	}
	if files := filesOf(t, b.get(t, link)); len(files) != 3 {
		t.Errorf("the archive has %v", files)
	}
	none := b.get(t, "/en/agency/lv-a?to=2020-01-01")
	none.has(t, "0 certificates")
	none.lacks(t, "Download all (ZIP)", "certificates.zip")
	bad := b.get(t, "/en/agency/lv-a?from=yesterday")
	bad.want(t, 422, "")
	bad.has(t, `href="#from"`, `id="from-error"`, `value="yesterday"`, "1 certificate<")
	b.get(t, "/en/agency/lv-a/certificates.zip?from=yesterday").want(t, 422, "")
}

// After the day that an edition sets, people ask somebody to withdraw them; their
// agency is among those whom they ask, and can still do it.
func TestTheDayOfWithdrawingBindsPeopleAndNotTheirAgency(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT"})
		anna := f.enrol(t, "NEXT", f.anna)
		s.DB.Ent.Run.Update().Where(run.Code("NEXT")).SetWithdrawUntil(s.Now(t).Add(-time.Hour)).ExecX(t.Context())
		f.call(t, f.token(t, f.anna), "POST", "/enrolments/"+anna+"/cancel", "").want(t, 409, "conflict")
		b := f.as(t, f.officer)
		step := "/en/agency/lv-a/enrolments/" + anna + "/cancel"
		b.get(t, "/en/agency/lv-a").has(t, `action="`+step+`"`)
		b.follow(t, b.post(t, step)).has(t, "The enrolment is withdrawn.", "Cancelled")
	})
}
