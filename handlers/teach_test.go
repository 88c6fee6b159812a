package handlers_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// staff is a run under way with its instructor, an officer of the agency lv-a,
// the secretariat, and somebody of each role who has nothing to do with them.
type staff struct {
	*site
	teacher, officer, admin                training.Actor
	otherTeacher, otherOfficer, newOfficer training.Actor
	anna                                   training.Actor // trainee of lv-a
}

func newStaff(t *testing.T, s *testkit.Setup) *staff {
	t.Helper()
	f := &staff{site: newSite(t, s)}
	person := func(email, name string, role training.Role, country, agency string, confirmed bool) training.Actor {
		return s.Person(t, testkit.P{Email: email, Name: name, Role: role, Country: country, Agency: agency, Confirmed: confirmed})
	}
	f.teacher = person("teacher@example.org", "Ilze Ozola", training.RoleInstructor, "", "", false)
	f.otherTeacher = person("other@example.org", "Olaf", training.RoleInstructor, "", "", false)
	f.officer = person("officer@a.example", "Māra Liepa", training.RoleAgency, "LV", "lv-a", true)
	f.otherOfficer = person("officer@b.example", "Bo", training.RoleAgency, "EE", "ee-b", true)
	f.newOfficer = person("new@a.example", "Nora", training.RoleAgency, "LV", "lv-a", false)
	f.admin = person("admin@example.org", "Sigrid", training.RoleAdmin, "", "", false)
	f.anna = person("anna@a.example", "Anna Bērziņa", training.RoleTrainee, "LV", "lv-a", true)
	today := training.DateOf(s.Now(t).In(riga(t)))
	// Two days before and after, so that it is under way in every time zone.
	s.Run(t, testkit.R{Code: "R1", Course: s.Course(t, "ships"), Instructors: []training.Actor{f.teacher},
		Starts: today.AddDays(-2), Ends: today.AddDays(2), Closes: s.Now(t).AddDate(0, 0, 1)})
	f.begun(t, "R1")
	return f
}

// begun gives a run half days that have begun, whatever the hour and weekday.
func (s *site) begun(t *testing.T, code string) {
	t.Helper()
	today := training.DateOf(s.Now(t).In(riga(t)))
	half := []training.HalfDay{{Key: today.AddDays(-2).String() + "/am", From: "09:00", To: "12:00"},
		{Key: today.AddDays(-1).String() + "/am", From: "09:00", To: "12:00"}, {Key: today.AddDays(-1).String() + "/pm", From: "13:00", To: "16:00"},
		{Key: today.String() + "/am", From: "00:00", To: "23:59"}}
	s.DB.Ent.Run.Update().Where(run.Code(code)).SetHalfDays(half).ExecX(t.Context())
}

// enrol enrols somebody through the API and gives the public identifier.
func (f *staff) enrol(t *testing.T, run string, who training.Actor) string {
	t.Helper()
	made := f.call(t, f.token(t, who), "POST", "/runs/"+run+"/enrolments", "{}")
	made.want(t, 201, "")
	return made.json(t)["id"].(string)
}

// lacks fails if the page shows one of the texts.
func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("the page shows %q\n%s", text, a.body)
		}
	}
}

var chosenHalfDay = regexp.MustCompile(`name="half_day" value="([^"]+)"`)

func TestInstructorMarksPresence(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		anna := f.enrol(t, "R1", f.anna)
		bo := f.enrol(t, "R1", s.Person(t, testkit.P{Email: "bo@example.org", Name: "Bo Berg"}))
		b := f.as(t, f.teacher)
		b.get(t, "/en/teach").has(t, "Course ships", "2 participants, 24 seats", `href="/en/teach/R1"`)
		page := b.get(t, "/en/teach/R1")
		page.has(t, "Anna Bērziņa", "Agency lv-a", "Bo Berg", "2 of 2 not marked")
		half := chosenHalfDay.FindStringSubmatch(page.body)[1]

		saved := b.post(t, "/en/teach/R1/presence", "half_day", half, "mark-"+anna, "present", "was-mark-"+anna, "none",
			"mark-"+bo, "none", "was-mark-"+bo, "none")
		if want := "/en/teach/R1?half=" + url.QueryEscape(half); saved.header.Get("Location") != want {
			t.Errorf("goes to %s, want %s", saved.header.Get("Location"), want)
		}
		b.follow(t, saved).has(t, "The marks are saved.", "1 of 2 not marked", `name="unmark" value="`+anna+`"`,
			`name="mark-`+anna+`" value="present" checked`, `name="was-mark-`+bo+`" value="none"`)

		// Somebody whose page still shows Anna unmarked marks Bo alone.
		b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half, "mark-"+anna, "none", "was-mark-"+anna, "none",
			"mark-"+bo, "absent", "was-mark-"+bo, "none")).has(t, `<p class="vd-count">Everybody is marked</p>`, `name="mark-`+anna+`" value="present" checked`)
		// A mark can be taken back.
		b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half, "mark-"+anna, "present", "was-mark-"+anna, "present", "unmark", anna)).
			has(t, "1 of 2 not marked", `name="was-mark-`+anna+`" value="none"`)
	})
}

func TestInstructorSetsResultsAndClosesTheCourse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		anna := f.enrol(t, "R1", f.anna)
		bo := f.enrol(t, "R1", s.Person(t, testkit.P{Email: "bo@example.org", Name: "Bo Berg"}))
		b := f.as(t, f.teacher)
		list := f.call(t, f.token(t, f.teacher), "GET", "/runs/R1/roster", "").json(t)
		b.get(t, "/en/teach/R1")
		for _, half := range list["half_days"].([]any) {
			b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half.(string), "mark-"+anna, "present"))
		}
		b.follow(t, b.post(t, "/en/teach/R1/results", "result-"+anna, "", "was-result-"+anna, "", "result-"+bo, "completed", "was-result-"+bo, "")).
			has(t, "The results are saved.", "No certificate: the attendance is too low.", "2 people have completed the course.",
				"1 certificate is issued.", "their attendance is too low for a certificate:</p><ul><li>Bo Berg</li>")
		b.follow(t, b.post(t, "/en/teach/R1/results", "result-"+bo, "", "was-result-"+bo, "completed")).
			lacks(t, "No certificate: the attendance is too low.")

		unconfirmed := b.post(t, "/en/teach/R1/close")
		unconfirmed.want(t, 422, "")
		unconfirmed.has(t, `<title>Error: `, `href="#confirm"`, `id="confirm-error"`, "Confirm that the results are right.")
		closed := b.follow(t, b.post(t, "/en/teach/R1/close", "confirm", "yes"))
		closed.has(t, "The course is closed", "0 of 1 certificates", "The others are being made.", "Did not attend",
			`<a href="/en/teach/R1">`, "issuing.js", "Who gets no certificate", "<li>Bo Berg: was absent.</li>")
		closed.lacks(t, "/presence\" class", `name="mark-`+anna, `name="result-`+anna, "Close the course</button>")

		f.work(t)
		issued := b.get(t, "/en/teach/R1")
		issued.has(t, "1 of 1 certificates", "Anna Bērziņa", "Valid", "<li>Bo Berg: was absent.</li>")
		issued.lacks(t, "issuing.js", "The others are being made.", "could not be made")
		file := regexp.MustCompile(`href="(/en/teach/R1/certificates/[^"]+\.pdf)"`).FindStringSubmatch(issued.body)
		if file == nil {
			t.Fatalf("no link to the certificate\n%s", issued.body)
		}
		if pdf := b.get(t, file[1]); pdf.status != 200 || !strings.HasPrefix(pdf.body, "%PDF") {
			t.Errorf("the certificate's file: %d", pdf.status)
		}
		b.post(t, "/en/teach/R1/presence", "half_day", list["half_days"].([]any)[0].(string), "mark-"+anna, "absent").want(t, 409, "")
		b.get(t, "/en/teach").has(t, "<h2>Closed</h2>")
	})
}

// TestAClosedCourseSaysWhoGotNoCertificateAndWhy: each for the reason of their own.
func TestAClosedCourseSaysWhoGotNoCertificateAndWhy(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.enrol(t, "R1", f.anna)
		refs := map[string]string{}
		for _, name := range []string{"Bo Berg", "Cia Dahl", "Eva 🚒 Falk"} {
			who := s.Person(t, testkit.P{Email: strings.ToLower(name[:2]) + "@example.org", Name: name})
			refs[name] = f.enrol(t, "R1", who)
		}
		b := f.as(t, f.teacher)
		b.get(t, "/en/teach/R1")
		for _, half := range f.call(t, f.token(t, f.teacher), "GET", "/runs/R1/roster", "").json(t)["half_days"].([]any) {
			b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half.(string), "mark-"+refs["Eva 🚒 Falk"], "present"))
		}
		b.follow(t, b.post(t, "/en/teach/R1/results", "result-"+refs["Bo Berg"], "completed", "was-result-"+refs["Bo Berg"], "",
			"result-"+refs["Cia Dahl"], "not_completed", "was-result-"+refs["Cia Dahl"], ""))
		b.follow(t, b.post(t, "/en/teach/R1/close", "confirm", "yes"))
		f.work(t)
		page := b.get(t, "/en/teach/R1")
		page.has(t, "0 of 1 certificates", "Certificates that could not be made",
			"Eva 🚒 Falk: the character 🚒 (U&#43;1F692) cannot be printed. It stands in this part of the certificate: Name of the person.",
			"Bo Berg: attended 0% of the half days. A certificate needs 80%.", "Cia Dahl: did not complete the course.", "Anna Bērziņa: was absent.")
		page.lacks(t, "issuing.js")
	})
}

func TestCourseIsNotClosedBeforeItBegins(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.Run(t, testkit.R{Code: "LATER", Instructors: []training.Actor{f.teacher}})
	b := f.as(t, f.teacher)
	page := b.get(t, "/en/teach/LATER")
	page.has(t, "You can close the course from its first day on", "Nobody has a confirmed seat yet")
	page.lacks(t, `action="/en/teach/LATER/close"`)
	b.post(t, "/en/teach/LATER/close", "confirm", "yes").want(t, 409, "")
}

func TestInstructorRemovesAParticipant(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	anna := f.enrol(t, "R1", f.anna)
	s.Run(t, testkit.R{Code: "R2", Instructors: []training.Actor{f.otherTeacher}})
	elsewhere := f.enrol(t, "R2", s.Person(t, testkit.P{Email: "bo@example.org"}))
	b := f.as(t, f.teacher)
	b.get(t, "/en/teach/R1").has(t, "Remove Anna Bērziņa from the list")
	b.post(t, "/en/teach/R1/enrolments/"+elsewhere+"/cancel").want(t, 404, "")
	b.follow(t, b.post(t, "/en/teach/R1/enrolments/"+anna+"/cancel")).has(t, "The participant is removed", "Nobody has a confirmed seat yet")

	admin := f.as(t, f.admin)
	admin.get(t, "/en/teach/R1")
	admin.post(t, "/en/teach/R1/enrolments/"+elsewhere+"/cancel").want(t, 404, "") // of another edition
	if got := f.call(t, f.token(t, f.otherTeacher), "GET", "/enrolments/"+elsewhere, "").json(t)["status"]; got != "confirmed" {
		t.Errorf("the enrolment elsewhere is now %v", got)
	}
}

func TestHalfDayUnderWayIsShownFirst(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.enrol(t, "R1", f.anna)
	today := training.DateOf(s.Now(t).In(riga(t)))
	half := []training.HalfDay{{Key: today.AddDays(-1).String() + "/am", From: "09:00", To: "12:00"},
		{Key: today.String() + "/am", From: "00:00", To: "00:01"}, {Key: today.AddDays(1).String() + "/pm", From: "13:00", To: "16:00"}}
	s.DB.Ent.Run.Update().SetHalfDays(half).ExecX(t.Context())
	b := f.as(t, f.teacher)
	for address, want := range map[string]string{
		"/en/teach/R1": half[1].Key,
		"/en/teach/R1?half=" + url.QueryEscape(half[0].Key): half[0].Key,
		"/en/teach/R1?half=nonsense":                        half[1].Key,
	} {
		if got := chosenHalfDay.FindStringSubmatch(b.get(t, address).body); got == nil || got[1] != want {
			t.Errorf("%s shows %v, want %s", address, got, want)
		}
	}
}

// Nobody can be there before a half day begins; by then the page has what it takes
// to mark.
func TestAHalfDayIsMarkedFromItsBeginningOn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		anna := f.enrol(t, "R1", f.anna)
		tomorrow := training.DateOf(s.Now(t).In(riga(t))).AddDays(1)
		half := training.HalfDay{Key: tomorrow.String() + "/am", From: "09:00", To: "12:00"}
		list := s.DB.Ent.Run.Query().Where(run.Code("R1")).OnlyX(t.Context()).HalfDays
		s.DB.Ent.Run.Update().Where(run.Code("R1")).SetHalfDays(append(list, half)).ExecX(t.Context())
		says := "This half day begins on " + f.app.Bundle.For("en").Instant(half.Begins(riga(t)), "Europe/Riga") + ". You can mark attendance from then on."
		b := f.as(t, f.teacher)
		address := "/en/teach/R1?half=" + url.QueryEscape(half.Key)
		page := b.get(t, address)
		page.has(t, "Anna Bērziņa", says)
		page.lacks(t, `name="mark-`+anna, "Save marks", "1 of 1 not marked")

		refused := b.post(t, "/en/teach/R1/presence", "half_day", half.Key, "mark-"+anna, "present")
		refused.want(t, 422, "")
		refused.has(t, "<title>Error: ", `href="#presence"`, `id="presence-error">`+says, `name="half_day" value="`+half.Key+`"`)
		if got := f.call(t, f.token(t, f.teacher), "GET", "/runs/R1/roster", "").body; strings.Contains(got, `"present":true`) {
			t.Errorf("a mark was kept: %s", got)
		}
		// Once it has begun it is marked like any other.
		half.Key = tomorrow.AddDays(-1).String() + "/pm"
		half.From = "00:00"
		s.DB.Ent.Run.Update().Where(run.Code("R1")).SetHalfDays(append(list, half)).ExecX(t.Context())
		b.get(t, "/en/teach/R1?half="+url.QueryEscape(half.Key)).has(t, `name="mark-`+anna)
		b.follow(t, b.post(t, "/en/teach/R1/presence", "half_day", half.Key, "mark-"+anna, "present")).has(t, "The marks are saved.")
	})
}

// TestStaffPagesAreForTheirRoles asks for every page and step of the staff as
// everybody whom it is not for.
func TestStaffPagesAreForTheirRoles(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	anna := f.enrol(t, "R1", f.anna)
	s.Person(t, testkit.P{Email: "pending@a.example", Country: "LV", Agency: "lv-a"})
	pending := s.DB.Ent.Person.Query().Where().AllX(t.Context())
	person := fmt.Sprint(pending[len(pending)-1].ID)
	teach := []string{"GET /teach", "GET /teach/R1", "POST /teach/R1/presence", "POST /teach/R1/results", "POST /teach/R1/close",
		"POST /teach/R1/enrolments/" + anna + "/cancel"}
	agency := []string{"GET /agency/lv-a", "POST /agency/lv-a/people/" + person + "/confirm", "POST /agency/lv-a/people/" + person + "/reject",
		"POST /agency/lv-a/enrolments/" + anna + "/approve", "POST /agency/lv-a/enrolments/" + anna + "/decline",
		"POST /agency/lv-a/enrolments/" + anna + "/cancel", "GET /agency/lv-a/certificates.zip", "GET /agency/lv-a/certificates.zip?chosen=yes",
		"GET /agency/lv-a/certificates/progress/" + strings.Repeat("0a", 16)}
	admin := []string{"GET /admin", "GET /admin/courses", "GET /admin/import", "POST /admin/import", "GET /admin/courses/ships/runs/new",
		"POST /admin/courses/ships/runs/new", "GET /admin/people", "POST /admin/people/" + person + "/confirm",
		"POST /admin/people/" + person + "/reject", "GET /admin/outbox", "GET /admin/certificates", "GET /admin/certificates/programme",
		"POST /admin/certificates/programme", "GET /admin/certificates/sample.pdf", "GET /admin/certificates/logo.png?side=left_logo"}
	for _, tt := range []struct {
		name   string
		who    training.Actor
		steps  []string
		status int
	}{
		{"trainee", f.anna, append(append(append([]string{"GET /agency"}, teach...), agency...), admin...), 403},
		{"officer", f.officer, append(append([]string{}, teach...), admin...), 403},
		{"instructor", f.teacher, append(append([]string{"GET /agency"}, agency...), admin...), 403},
		{"instructor of another edition", f.otherTeacher, teach[1:], 404},
		{"officer of another agency", f.otherOfficer, agency, 404},
		{"officer whom nobody has confirmed", f.newOfficer, agency, 404},
	} {
		b := f.as(t, tt.who)
		b.get(t, "/en/me/profile")
		for _, step := range tt.steps {
			method, path, _ := strings.Cut(step, " ")
			got := b.get
			if method == "POST" {
				got = func(t *testing.T, path string) answer { return b.post(t, path, "agency", "lv-a", "country", "LV") }
			}
			if a := got(t, "/en"+path); a.status != tt.status {
				t.Errorf("%s, %s: %d, want %d", tt.name, step, a.status, tt.status)
			}
		}
	}
	for _, step := range append(append([]string{"GET /agency"}, teach...), admin...) {
		method, path, _ := strings.Cut(step, " ")
		if method != "GET" {
			continue
		}
		a := f.browser().get(t, "/en"+path)
		if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/en/login?next=") {
			t.Errorf("a visitor, %s: %d to %s, want the log-in page", step, a.status, a.header.Get("Location"))
		}
	}
}

func riga(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
