package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// Before the start the list gives out seats by itself; from the start on its
// instructor does, in any order.
func TestTheInstructorGivesFreeSeatsOnceTheCourseHasBegun(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		today := training.DateOf(s.Now(t).In(riga(t)))
		s.Run(t, testkit.R{Code: "NOW", Size: 1, Instructors: []training.Actor{f.teacher},
			Starts: today.AddDays(-2), Ends: today.AddDays(2), Closes: s.Now(t).AddDate(0, 0, 1)})
		s.Run(t, testkit.R{Code: "LATER", Size: 1, Instructors: []training.Actor{f.teacher}})
		bo := s.Person(t, testkit.P{Email: "bo@example.org", Name: "Bo Berg", Country: "EE", Agency: "ee-b", Confirmed: true})
		fin := s.Person(t, testkit.P{Email: "fi@example.org", Name: "Aino Salo", Country: "FI", Agency: "fi-c", Confirmed: true})
		cid := s.Person(t, testkit.P{Email: "cid@example.org", Name: "Cid"})
		seated := f.enrol(t, "NOW", f.anna)
		refs := map[string]string{}
		for _, code := range []string{"NOW", "LATER"} {
			if code == "LATER" {
				f.enrol(t, code, f.anna)
			}
			refs[code+"fin"], refs[code+"bo"], refs[code+"cid"] = f.waits(t, code, fin), f.waits(t, code, bo), f.waits(t, code, cid)
		}
		if err := f.app.People.SetSuspended(t.Context(), f.admin, "FI", true); err != nil {
			t.Fatal(err)
		}
		b := f.as(t, f.teacher)
		admit := func(code, who string) string { return "/en/teach/" + code + "/enrolments/" + refs[code+who] + "/admit" }

		later := b.get(t, "/en/teach/LATER")
		later.has(t, "Waiting list", "Free seats are offered to these people by Varde", "Bo Berg", "Agency ee-b", "Estonia",
			"The state of this person is suspended")
		later.lacks(t, "/admit", "Add to the participants")
		early := b.post(t, admit("LATER", "bo"))
		early.want(t, 409, "")
		early.has(t, "The course has not begun yet.", "Bo Berg")

		full := b.get(t, "/en/teach/NOW")
		full.has(t, "The course has begun. You choose who of these people gets a free seat", "There is no free seat now.", "Cid")
		full.lacks(t, "/admit")
		b.follow(t, b.post(t, "/en/teach/NOW/enrolments/"+seated+"/cancel")).has(t, "1 of 1 seats available.",
			"Add to the participants", admit("NOW", "bo"), admit("NOW", "cid"))
		b.get(t, "/en/teach/NOW").lacks(t, admit("NOW", "fin"))
		suspended := b.post(t, admit("NOW", "fin"))
		suspended.want(t, 409, "")
		suspended.has(t, "The state of this person is suspended")

		f.as(t, f.otherTeacher).postAfter(t, "/en/teach", admit("NOW", "cid")).want(t, 404, "")
		f.as(t, cid).postAfter(t, "/en/me/profile", admit("NOW", "cid")).want(t, 403, "")
		b.post(t, "/en/teach/R1/enrolments/"+refs["NOWcid"]+"/admit").want(t, 404, "")

		added := b.follow(t, b.post(t, admit("NOW", "cid")))
		added.has(t, "The person has the seat and is on the participant list.", "Remove Cid from the list", "There is no free seat now.")
		none := b.post(t, admit("NOW", "bo"))
		none.want(t, 409, "")
		none.has(t, "There is no free seat that this person may take.")
	})
}

// waits puts somebody on a waiting list through the API.
func (f *staff) waits(t *testing.T, run string, who training.Actor) string {
	t.Helper()
	made := f.call(t, f.token(t, who), "POST", "/runs/"+run+"/enrolments", `{"wait": true}`)
	made.want(t, 201, "")
	if got := made.json(t)["status"]; got != "waiting" {
		t.Fatalf("the person is %v, want waiting", got)
	}
	return made.json(t)["id"].(string)
}

// postAfter sends a form with the token of another page.
func (b *browser) postAfter(t *testing.T, page, path string, fields ...string) answer {
	t.Helper()
	b.get(t, page)
	return b.post(t, path, fields...)
}

func TestAnOfficerSendsSomeoneElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "R2", Approval: true, Conditions: training.Conditions{Professions: []string{"firefighter"}}})
		colleague := func(name, profession string) training.Actor {
			return s.Person(t, testkit.P{Email: name + "@a.example", Name: name, Country: "LV", Agency: "lv-a", Confirmed: true, Profession: profession})
		}
		goes, police, seated := colleague("Goes", "firefighter"), colleague("Police", "police"), colleague("Seated", "firefighter")
		s.Person(t, testkit.P{Email: "eeva@b.example", Name: "Eeva", Country: "EE", Agency: "ee-b", Confirmed: true})
		ref := f.enrol(t, "R2", f.anna)
		f.enrol(t, "R2", seated)
		path := "/en/agency/lv-a/enrolments/" + ref + "/replace"
		b := f.as(t, f.officer)
		b.get(t, "/en/agency/lv-a").has(t, `href="`+path+`"`, "Send someone else", "Answer by ")
		form := b.get(t, path)
		form.has(t, "Send someone else instead of Anna Bērziņa", `<option value="goes@a.example">Goes (goes@a.example)</option>`, "police@a.example")
		form.lacks(t, "seated@a.example", "eeva@b.example", `value="anna@a.example"`)

		for _, email := range []string{"", "eeva@b.example", "anna@a.example"} {
			wrong := b.post(t, path, "email", email)
			wrong.want(t, 422, "")
			wrong.has(t, `<title>Error: `, `href="#email"`, `id="email-error"`, "Choose a colleague from the list.")
		}
		barred := b.post(t, path, "email", "police@a.example")
		barred.want(t, 409, "")
		barred.has(t, `id="email-error"`, "On these dates the course is for: Firefighter.", `<option value="police@a.example" selected>`)
		taken := b.post(t, path, "email", "seated@a.example")
		taken.want(t, 409, "")
		taken.has(t, "This person has a seat on these dates already.")
		if got := f.call(t, f.token(t, f.anna), "GET", "/enrolments/"+ref, "").json(t)["status"]; got != "pending" {
			t.Fatalf("refusals left it %v, want pending", got)
		}
		f.as(t, f.otherOfficer).get(t, path).want(t, 404, "")
		f.as(t, f.otherOfficer).postAfter(t, "/en/me/profile", path, "email", "goes@a.example").want(t, 404, "")
		f.as(t, f.newOfficer).get(t, path).want(t, 404, "")
		f.as(t, f.anna).get(t, path).want(t, 403, "")
		b.get(t, "/en/agency/ee-b/enrolments/"+ref+"/replace").want(t, 404, "")

		b.follow(t, b.post(t, path, "email", "goes@a.example")).has(t, "The colleague has the seat now.")
		f.as(t, f.anna).get(t, "/en/me/enrolments/"+ref).has(t, "Cancelled", "Your agency gave your seat to a colleague.")
		f.as(t, goes).get(t, "/en/me").has(t, "Confirmed")
		again := b.get(t, path)
		again.has(t, "This cannot be done now. The status is: Cancelled.")
		again.lacks(t, `name="email"`)
		b.post(t, path, "email", "police@a.example").want(t, 409, "")
		f.as(t, police).get(t, "/en/me").has(t, "You are not enrolled in a coming course.")
	})
}

func TestAfterTheStartTheInstructorIsAskedForSomeoneElse(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.Person(t, testkit.P{Email: "goes@a.example", Country: "LV", Agency: "lv-a", Confirmed: true})
	ref := f.enrol(t, "R1", f.anna)
	b := f.as(t, f.officer)
	b.get(t, "/en/agency/lv-a").lacks(t, "/replace")
	late := b.get(t, "/en/agency/lv-a/enrolments/"+ref+"/replace")
	late.has(t, "The course has begun. Ask the instructor to give the seat to somebody else.")
	late.lacks(t, `name="email"`)
	refused := b.post(t, "/en/agency/lv-a/enrolments/"+ref+"/replace", "email", "goes@a.example")
	refused.want(t, 409, "")
	refused.has(t, "The course has begun.")
}

// What the agency is told of those of its people who have no seat yet.
func TestAnOfficerSeesWhoWaitsAndWhoIsOffered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "R2", Size: 1})
		bo := s.Person(t, testkit.P{Email: "bo@example.org", Name: "Bo"})
		seat := f.enrol(t, "R2", bo)
		f.waits(t, "R2", f.anna)
		b := f.as(t, f.officer)
		b.get(t, "/en/agency/lv-a?run=R2").has(t, "Number 1 on the list", "On the waiting list")
		f.call(t, f.token(t, bo), "POST", "/enrolments/"+seat+"/cancel", "").want(t, 200, "")
		b.get(t, "/en/agency/lv-a?run=R2").has(t, "Seat offered until ", "(Riga)")
	})
}
