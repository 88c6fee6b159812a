package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestTheSecretariatRevokesByTheInterface(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		number := site.issue(t, "R1", "Anna Bērziņa", false)
		path := "/certificates/" + number + "/revoke"
		right := `{"reason": "facts_wrong", "note": "stays inside"}`
		admin := site.token(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}))
		officer := site.token(t, s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}))
		site.call(t, "", "POST", path, right).want(t, 401, "unauthenticated")
		site.call(t, officer, "POST", path, right).want(t, 403, "forbidden")
		site.call(t, admin, "POST", path, `{"reason": "because"}`).want(t, 422, "invalid")
		site.call(t, admin, "POST", "/certificates/7K3M-9QXA-WB5T-2HND/revoke", right).want(t, 404, "not_found")
		site.call(t, "", "GET", "/certificates/"+number, "").has(t, `"state":"valid"`)
		done := site.call(t, admin, "POST", path, right)
		done.want(t, 200, "")
		done.has(t, `"state":"revoked"`, `"reason":"facts_wrong"`)
		done.hasNot(t, "stays inside")
		site.call(t, admin, "POST", path, right).want(t, 409, "conflict")
	})
}

func TestAnInstructorAsksAgainForWhatAClosedRunOwes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "MINE", Instructors: []training.Actor{f.teacher}})
		mine, other := f.token(t, f.teacher), f.token(t, f.otherTeacher)
		f.call(t, mine, "POST", "/runs/MINE/certificates", "").want(t, 409, "conflict") // it is not closed
		f.call(t, other, "POST", "/runs/MINE/certificates", "").want(t, 404, "not_found")
		f.call(t, f.token(t, f.officer), "POST", "/runs/MINE/certificates", "").want(t, 403, "forbidden")
		number := f.site.issue(t, "R9", "Anna Bērziņa", false)
		// As after a stop that was put right: the certificate is owed once more.
		f.change(t, "DELETE FROM certificate_files")
		f.change(t, "DELETE FROM certificates WHERE number = $1", number)
		admin := f.token(t, f.admin)
		f.call(t, admin, "POST", "/runs/R9/certificates", "").want(t, 200, "")
		f.work(t)
		f.call(t, admin, "GET", "/runs/R9", "").has(t, `"due":1,"issued":1`)
	})
}
