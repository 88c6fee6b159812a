package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// A coordinator sees the people of the own state, whatever agency sends them, and
// nobody else's; and the seats that are kept for the state.
func TestACoordinatorSeesTheOwnStateAcrossItsAgencies(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 6, Quotas: map[string]int{"LV": 2}})
		s.Run(t, testkit.R{Code: "ASKS", Size: 6, Quotas: map[string]int{"EE": 2}, Approval: true})
		bo := s.Person(t, testkit.P{Email: "bo@c.example", Name: "Bo Berg", Country: "LV", Agency: "lv-c", Confirmed: true})
		f.enrol(t, "NEXT", f.anna)
		f.enrol(t, "ASKS", bo)
		f.enrol(t, "NEXT", s.Person(t, testkit.P{Email: "eve@b.example", Name: "Eve Tamm", Country: "EE", Agency: "ee-b", Confirmed: true}))
		f.enrol(t, "NEXT", s.Person(t, testkit.P{Email: "dana@a.example", Name: "Dana", Country: "LV", Agency: "lv-a"}))
		long := training.DateOf(s.Now(t)).AddDays(-800)
		s.Run(t, testkit.R{Code: "LONG-AGO", Starts: long, Ends: long.AddDays(2), Closes: s.Now(t).AddDate(0, 0, 1)})
		f.enrol(t, "LONG-AGO", f.anna)

		b := f.as(t, s.Person(t, testkit.P{Email: "k@lv.example", Name: "Kārlis", Role: training.RoleCoordinator, Country: "LV", Confirmed: true}))
		b.get(t, "/en/me").has(t, `<a href="/en/state">My member state</a>`)
		desk := b.get(t, "/en/state")
		desk.has(t, "<h1>Latvia</h1>", "Anna Bērziņa", "Agency lv-a", "Bo Berg", "Agency lv-c", "Waiting for approval", "2 enrolments",
			`<a href="/en/runs/NEXT"`, "Kept until ")
		desk.lacks(t, "Eve Tamm", "Dana", "LONG-AGO", "data-late")
		narrowed := b.get(t, "/en/state?status=pending")
		narrowed.has(t, "Bo Berg", "1 enrolment")
		narrowed.lacks(t, "Anna Bērziņa")
		b.get(t, "/en/state?run=NEXT").lacks(t, "Bo Berg")
		b.get(t, "/en/state?status=nonsense").has(t, "2 enrolments")

		// What the state has no use for goes to everybody early, once; other states'
		// seats are nothing of this coordinator's.
		release := "/en/state/runs/NEXT/release"
		desk.has(t, `action="`+release+`"`, "1 seat that is not taken opens to all countries.")
		done := b.follow(t, b.post(t, release))
		done.has(t, "The seats are open to all countries.", "Open to all countries since")
		done.lacks(t, release)
		again := b.post(t, release)
		again.want(t, 409, "")
		again.has(t, "The seats of this country have been released to all already.")
		b.post(t, "/en/state/runs/ASKS/release").want(t, 404, "")
		b.post(t, "/en/admin/runs/ASKS/pools/EE/release").want(t, 403, "")
		if next, asks := f.seatsOf(t, "NEXT"), f.seatsOf(t, "ASKS"); next["open"] != "5/2" || next["LV"] != "1/1" || asks["EE"] != "2/0" {
			t.Errorf("seats: %v, %v", next, asks)
		}

		waits := f.as(t, s.Person(t, testkit.P{Email: "new@lv.example", Role: training.RoleCoordinator, Country: "LV"})).get(t, "/en/state")
		waits.has(t, "Nobody has confirmed yet that you are the coordinator of your state.")
		waits.lacks(t, "Anna", "Bo Berg")
		for name, who := range map[string]training.Actor{"a trainee": f.anna, "an officer": f.officer, "an instructor": f.teacher, "the secretariat": f.admin} {
			other := f.as(t, who)
			if got := other.get(t, "/en/state"); got.status != 403 {
				t.Errorf("%s: %d, want 403", name, got.status)
			}
			other.post(t, "/en/state/runs/ASKS/release").want(t, 403, "")
		}
		if got := f.browser().get(t, "/en/state"); got.status != 303 {
			t.Errorf("a visitor: %d, want to be asked to sign in", got.status)
		}
	})
}
