package handlers_test

import (
	"fmt"
	"testing"

	"github.com/varde-platform/varde/ent/seatpool"
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

func (f *staff) latvianCoordinator(t *testing.T, email string, confirmed bool) training.Actor {
	t.Helper()
	return f.Person(t, testkit.P{Email: email, Role: training.RoleCoordinator, Country: "LV", Confirmed: confirmed})
}

func TestACoordinatorSeesTheOwnQuotaAmongAnyNumberOfEditions(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	course := s.Course(t, "many")
	for n := range 501 {
		s.Run(t, testkit.R{Code: fmt.Sprintf("N%03d", n), Course: course})
	}
	s.Run(t, testkit.R{Code: "LAST", Course: course, Size: 4, Quotas: map[string]int{"LV": 2}, Starts: training.DateOf(s.Now(t)).AddDays(60)})
	f.refresh(t)
	desk := f.as(t, f.latvianCoordinator(t, "k@lv.example", true)).get(t, "/en/state")
	desk.has(t, `<a href="/en/runs/LAST"`, `data-label="Available">2<`)
	desk.lacks(t, "/en/runs/N000", "No coming edition keeps seats for your state.")
}

func TestACoordinatorIsToldWhatIsHeldOrThatNobodyKnows(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.Run(t, testkit.R{Code: "NEXT", Size: 4, Quotas: map[string]int{"LV": 2}})
	full := s.Run(t, testkit.R{Code: "FULL", Size: 2, Quotas: map[string]int{"LV": 1}})
	s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(full), seatpool.Country("LV")).SetTaken(1).ExecX(t.Context())
	if _, err := f.app.Enrolment.Hold(t.Context(), f.anna, "NEXT"); err != nil {
		t.Fatal(err)
	}
	b := f.as(t, f.latvianCoordinator(t, "k@lv.example", true))
	desk := b.get(t, "/en/state")
	desk.has(t, `data-label="Available">1<`, `data-label="Available">0<`)
	desk.lacks(t, "not known")
	if err := f.app.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	desk = b.get(t, "/en/state")
	desk.want(t, 200, "")
	desk.has(t, "It is not known right now how many seats are reserved", `data-label="Available">not known<`, `data-label="Available">0<`)
	desk.lacks(t, `data-label="Available">1<`, `data-label="Available">2<`)
}

func TestACoordinatorReleasesTheOwnQuotaOverTheJSONInterface(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 6, Quotas: map[string]int{"LV": 2, "EE": 2}})
		own, unconfirmed := f.latvianCoordinator(t, "k@lv.example", true), f.latvianCoordinator(t, "new@lv.example", false)
		for _, tt := range []struct {
			name    string
			who     training.Actor
			country string
			status  int
			code    string
			left    string // seats of the quota and those of them taken, afterwards
		}{
			{"a coordinator whom nobody has confirmed", unconfirmed, "LV", 404, "not_found", "2/0"},
			{"of another state", own, "EE", 404, "not_found", "2/0"},
			{"of the own state", own, "LV", 200, "", "0/0"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				f.call(t, f.token(t, tt.who), "POST", "/runs/NEXT/pools/"+tt.country+"/release", "").want(t, tt.status, tt.code)
				if got := f.seatsOf(t, "NEXT")[tt.country]; got != tt.left {
					t.Errorf("%s has %s seats, want %s", tt.country, got, tt.left)
				}
			})
		}
	})
}
