package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/memberstate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// seatsOf reads the pools of a run as the API tells them, by country, "open"
// being that of no country: "size/taken".
func (s *site) seatsOf(t *testing.T, code string) map[string]string {
	t.Helper()
	told := map[string]string{}
	for _, p := range s.call(t, "", "GET", "/runs/"+code, "").json(t)["pools"].([]any) {
		pool := p.(map[string]any)
		name, _ := pool["country"].(string)
		if name == "" {
			name = "open"
		}
		told[name] = fmt.Sprintf("%v/%v", pool["size"], pool["taken"])
	}
	return told
}

func TestSecretariatFindsTheSeatsOfEveryEditionToCome(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		over := training.DateOf(s.Now(t)).AddDays(-10)
		s.Run(t, testkit.R{Code: "OVER", Starts: over, Ends: over.AddDays(2)})
		s.Run(t, testkit.R{Code: "NEXT", Size: 4, Quotas: map[string]int{"LV": 1}})
		f.enrol(t, "NEXT", f.anna)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin").has(t, `href="/en/admin/runs"`, `href="/en/admin/states"`)
		list := b.get(t, "/en/admin/runs")
		list.has(t, "2 editions", `href="/en/admin/runs/NEXT"`, "1 of 4", `href="/en/admin/runs/R1"`, "0 of 24")
		list.lacks(t, "OVER", `rel="next"`)
		if strings.Index(list.body, "R1") > strings.Index(list.body, "NEXT") {
			t.Error("the later edition stands first")
		}
		b.get(t, "/en/runs/NEXT").has(t, `href="/en/admin/runs/NEXT">Manage seats`)
	})
}

func TestSecretariatTurnsThroughManyEditions(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	for n := range 60 {
		s.Run(t, testkit.R{Code: fmt.Sprintf("N%02d", n)})
	}
	b := f.as(t, f.admin)
	first := b.get(t, "/en/admin/runs")
	first.has(t, "61 editions", "Page 1 of 2", `href="/en/admin/runs?page=2"`, "N00")
	first.lacks(t, "N59", `rel="prev"`)
	b.get(t, "/en/admin/runs?page=2").has(t, "N59", `href="/en/admin/runs?page=1"`)
	b.get(t, "/en/admin/runs?page=-7").has(t, "Page 1 of 2")
}

func TestSecretariatChangesTheNumberOfSeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 4, Quotas: map[string]int{"LV": 2}})
		f.enrol(t, "NEXT", f.anna) // takes one of Latvia's
		f.call(t, f.token(t, s.Person(t, testkit.P{Email: "bo@example.org"})), "POST", "/runs/NEXT/holds", "").want(t, 201, "")
		b := f.as(t, f.admin)
		page := b.get(t, "/en/admin/runs/NEXT")
		page.has(t, "Course course-1-next", "All countries", "Latvia", "Kept until", "All seats", `name="size-open" type="number" min="0" inputmode="numeric" value="2"`,
			`name="size-LV" type="number" min="0" inputmode="numeric" value="2"`, "At least 1, which is taken or reserved.", "1 seat that is not taken opens to all countries.")
		b.follow(t, b.post(t, "/en/admin/runs/NEXT/pools/open", "size-open", " 12 ")).has(t, "The number of seats is set.", `value="12"`)
		b.follow(t, b.post(t, "/en/admin/runs/NEXT/pools/LV", "size-LV", "1")).has(t, "The number of seats is set.")
		if got := f.seatsOf(t, "NEXT"); got["open"] != "12/0" || got["LV"] != "1/1" {
			t.Errorf("seats: %v", got)
		}
		for _, tt := range []struct {
			pool, typed, says string
			status            int
		}{
			{"LV", "0", "So few seats cannot be set: 1 seat is taken or reserved.", 409},
			{"open", "0", "So few seats cannot be set: 1 seat is taken or reserved.", 409},
			{"open", "-1", "Enter a number from 0 to 10,000.", 422},
			{"open", "10001", "Enter a number from 0 to 10,000.", 422},
			{"open", "10000", "All seats together must be from 1 to 10,000.", 422},
			{"open", "99999999999999999999", "Enter a number from 0 to 10,000.", 422},
			{"open", "1.5", "Enter a number from 0 to 10,000.", 422},
			{"LV", "many", "Enter a number from 0 to 10,000.", 422},
			{"LV", "", "Enter a number from 0 to 10,000.", 422},
		} {
			field := "size-" + tt.pool
			refused := b.post(t, "/en/admin/runs/NEXT/pools/"+tt.pool, field, tt.typed)
			if refused.status != tt.status {
				t.Errorf("%s %q: %d", field, tt.typed, refused.status)
			}
			refused.has(t, "<title>Error: ", `href="#`+field+`"`, `id="`+field+`-error">`+tt.says, `value="`+tt.typed+`"`)
		}
		if got := f.seatsOf(t, "NEXT"); got["open"] != "12/0" || got["LV"] != "1/1" {
			t.Errorf("what was refused changed something: %v", got)
		}
		b.post(t, "/en/admin/runs/NEXT/pools/EE", "size-EE", "3").want(t, 404, "")
		b.post(t, "/en/admin/runs/NONE/pools/open", "size-open", "3").want(t, 404, "")
	})
}

func TestSecretariatOpensReservedSeatsToAllEarly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 6, Quotas: map[string]int{"LV": 2, "EE": 1}})
		s.Run(t, testkit.R{Code: "LATER", Size: 4, Quotas: map[string]int{"LV": 2}, Opens: s.Now(t).AddDate(0, 0, 3)})
		f.enrol(t, "NEXT", f.anna)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/runs/NEXT").has(t, `action="/en/admin/runs/NEXT/pools/LV/release"`, `action="/en/admin/runs/NEXT/pools/EE/release"`)
		done := b.follow(t, b.post(t, "/en/admin/runs/NEXT/pools/LV/release"))
		done.has(t, "The seats are open to all countries.", "Open to all countries since", `name="size-EE"`)
		done.lacks(t, `name="size-LV"`, "pools/LV/release")
		if got := f.seatsOf(t, "NEXT"); got["open"] != "4/0" || got["LV"] != "1/1" || got["EE"] != "1/0" {
			t.Errorf("seats: %v", got)
		}
		again := b.post(t, "/en/admin/runs/NEXT/pools/LV/release")
		again.want(t, 409, "")
		again.has(t, "The seats of this country have been released to all already.")
		resized := b.post(t, "/en/admin/runs/NEXT/pools/LV", "size-LV", "5")
		resized.want(t, 409, "")
		resized.has(t, "The seats of this country have been released to all already.")

		later := b.get(t, "/en/admin/runs/LATER")
		later.has(t, "Seats can be released from then on.")
		later.lacks(t, "pools/LV/release")
		b.post(t, "/en/admin/runs/LATER/pools/LV/release").has(t, "Seats can be released from then on.")
		b.post(t, "/en/admin/runs/NEXT/pools/open/release").want(t, 404, "")
	})
}

func TestSeatsOfAClosedEditionAreFixed(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.call(t, f.token(t, f.teacher), "POST", "/runs/R1/close", "").want(t, 200, "")
	if err := f.app.Catalogue.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := f.as(t, f.admin)
	page := b.get(t, "/en/admin/runs/R1")
	page.has(t, "This edition is over.", "Its seats can no longer be changed.")
	page.lacks(t, `name="size-open"`)
	b.post(t, "/en/admin/runs/R1/pools/open", "size-open", "30").want(t, 409, "")
}

func TestWithoutRedisTheSecretariatSeesThatReservedSeatsAreNotKnown(t *testing.T) {
	s := testkit.SQLite(t)
	s.RedisURL = "redis://127.0.0.1:1/0"
	f := newStaff(t, s)
	s.Run(t, testkit.R{Code: "NEXT"})
	f.as(t, f.admin).get(t, "/en/admin/runs/NEXT").has(t, "not known", "It is not known right now how many seats are reserved")
}

func TestSecretariatSuspendsAMemberStateAndRestoresIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 6, Quotas: map[string]int{"LV": 3}})
		f.enrol(t, "NEXT", f.anna)
		b := f.as(t, f.admin)
		states := b.get(t, "/en/admin/states")
		states.has(t, "Latvia", "Since ", "European Union", "Russia", "No longer a member", `action="/en/admin/states/LV/suspend"`,
			"Its people who have a seat keep it.", "keep their place, but are skipped")
		states.lacks(t, "/restore", "/admin/states/RU/")
		suspended := b.follow(t, b.post(t, "/en/admin/states/LV/suspend"))
		suspended.has(t, "The member state is suspended.", "Suspended since", `action="/en/admin/states/LV/restore"`)
		suspended.lacks(t, "/admin/states/LV/suspend")
		if got := f.seatsOf(t, "NEXT"); got["open"] != "5/0" || got["LV"] != "1/1" {
			t.Errorf("seats: %v", got)
		}
		seats := b.get(t, "/en/admin/runs/NEXT")
		seats.has(t, "Suspended: the free seats are open to all countries")
		seats.lacks(t, `name="size-LV"`, "pools/LV/release")
		late := s.Person(t, testkit.P{Email: "late@a.example", Country: "LV", Agency: "lv-a", Confirmed: true})
		f.call(t, f.token(t, late), "POST", "/runs/NEXT/holds", "").want(t, 409, "not_eligible")
		b.get(t, "/en/admin/states")
		b.follow(t, b.post(t, "/en/admin/states/LV/restore")).has(t, "The member state is restored.")
		f.call(t, f.token(t, late), "POST", "/runs/NEXT/holds", "").want(t, 201, "")
		b.get(t, "/en/admin/states")
		b.post(t, "/en/admin/states/ZZ/suspend").want(t, 404, "")
		b.post(t, "/en/admin/states/US/suspend").want(t, 404, "")
	})
}

// TestBadInputAboutSeatsIsAnsweredClearlyAndChangesNothing asks the API.
func TestBadInputAboutSeatsIsAnsweredClearlyAndChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 4, Quotas: map[string]int{"LV": 2}})
		s.Run(t, testkit.R{Code: "LATER", Size: 4, Quotas: map[string]int{"LV": 2}, Opens: s.Now(t).AddDate(0, 0, 3)})
		f.enrol(t, "NEXT", f.anna)
		admin, before := f.token(t, f.admin), f.fingerprint(t)
		for _, tt := range []struct {
			method, path, body string
			status             int
			code, field        string
		}{
			{"PUT", "/runs/NEXT/pools/open", `{"size": -1}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": 10001}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": 10000}`, 422, "invalid", "size"}, // with Latvia's, too many
			{"PUT", "/runs/NEXT/pools/open", `{"size": 99999999999999999999}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": 1e400}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": 1.5}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": "5"}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": null}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{}`, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", ``, 422, "invalid", "size"},
			{"PUT", "/runs/NEXT/pools/open", `{"size": `, 400, "invalid", ""},
			{"PUT", "/runs/NEXT/pools/LV", `{"size": 0}`, 409, "conflict", ""}, // one is taken
			{"PUT", "/runs/NEXT/pools/EE", `{"size": 1}`, 404, "not_found", ""},
			{"PUT", "/runs/NEXT/pools/ZZ", `{"size": 1}`, 404, "not_found", ""},
			{"PUT", "/runs/NEXT/pools/LVA", `{"size": 1}`, 404, "not_found", ""},
			{"PUT", "/runs/NEXT/pools/%20", `{"size": 1}`, 404, "not_found", ""},
			{"PUT", "/runs/NONE/pools/open", `{"size": 1}`, 404, "not_found", ""},
			{"POST", "/runs/NEXT/pools/open/release", ``, 404, "not_found", ""},
			{"POST", "/runs/NEXT/pools/EE/release", ``, 404, "not_found", ""},
			{"POST", "/runs/NONE/pools/LV/release", ``, 404, "not_found", ""},
			{"POST", "/runs/LATER/pools/LV/release", ``, 409, "conflict", ""}, // before the opening
			{"POST", "/states/ZZ/suspend", ``, 404, "not_found", ""},
			{"POST", "/states/US/restore", ``, 404, "not_found", ""},
			{"POST", "/states/LVA/suspend", ``, 404, "not_found", ""},
		} {
			got := f.call(t, admin, tt.method, tt.path, tt.body)
			if got.status != tt.status || got.json(t)["code"] != tt.code {
				t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, got.status, got.body)
				continue
			}
			errors, _ := got.json(t)["errors"].([]any)
			if tt.field != "" && (len(errors) != 1 || errors[0].(map[string]any)["field"] != tt.field) {
				t.Errorf("%s %s %s: %s", tt.method, tt.path, tt.body, got.body)
			}
		}
		if after := f.fingerprint(t); after != before {
			t.Errorf("something changed:\n%s\n%s", before, after)
		}
		for _, path := range []string{"/runs/NEXT/pools/open", "/runs/NONE/pools/open"} {
			f.call(t, f.token(t, f.teacher), "PUT", path, `{"size": "x"}`).want(t, 403, "forbidden")
		}
	})
}

func TestADeadlineInThePastIsRefusedAtItsField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		admin := f.token(t, f.admin)
		now := s.Now(t)
		past, soon := now.Add(-time.Minute).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339)
		today := training.DateOf(now.UTC())
		create := func(code string, starts training.Date, more string) answer {
			return f.call(t, admin, "POST", "/courses/ships/runs", fmt.Sprintf(`{"code": %q, "starts": %q, "ends": %q, "time_zone": "UTC",
				"place": "Riga", "country": "LV", "language": "en", "size": 4%s}`, code, starts, starts.AddDays(2), more))
		}
		quota := `, "quotas": [{"country": "LV", "size": 1, "releases_at": %q}]`
		for _, tt := range []struct{ more, field string }{
			{fmt.Sprintf(`, "closes": %q`, past), "closes"},
			{fmt.Sprintf(`, "withdraw_until": %q`, past), "withdraw_until"},
			{fmt.Sprintf(quota, past), "quotas"},
			{fmt.Sprintf(`, "opens": "2020-01-01T00:00:00Z"`+quota, past), "quotas"},
		} {
			refused := create("N1", today.AddDays(10), tt.more)
			refused.want(t, 422, "invalid")
			errors := refused.json(t)["errors"].([]any)
			if first := errors[0].(map[string]any); len(errors) != 1 || first["field"] != tt.field || first["detail"] != "This time is past. Choose a later one." {
				t.Errorf("%s: %s", tt.more, refused.body)
			}
		}
		made := create("N1", today.AddDays(10), fmt.Sprintf(`, "closes": %q, "withdraw_until": %q`, soon, soon))
		made.want(t, 201, "")
		if until, err := time.Parse(time.RFC3339, made.json(t)["withdraw_until"].(string)); err != nil || until.Format(time.RFC3339) != soon {
			t.Errorf("people withdraw until %v, %v", until, err)
		}
		// A run that has begun is made for trying out, or for the record.
		create("N2", today, "").want(t, 201, "")
		create("N3", today, fmt.Sprintf(`, "closes": %q`, past)).want(t, 201, "")
		old := create("N4", today.AddDays(-10), "")
		old.want(t, 201, "")
		if old.json(t)["withdraw_until"] != nil {
			t.Errorf("people withdraw until %v", old.json(t)["withdraw_until"])
		}
	})
}

func TestSuspendingTwiceIsNoFault(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	admin := f.token(t, f.admin)
	for range 2 {
		f.call(t, admin, "POST", "/states/lv/suspend", "").want(t, 200, "")
	}
	row := s.DB.Ent.MemberState.Query().Where(memberstate.Code("LV")).OnlyX(t.Context())
	if row.SuspendedFrom != training.DateOf(s.Now(t)).String() {
		t.Errorf("suspended from %q", row.SuspendedFrom)
	}
	f.call(t, admin, "POST", "/states/LV/restore", "").want(t, 200, "")
}

// Two people of the secretariat who change the same seats do not undo each
// other's work unseen.
func TestOfTwoWhoSetTheSameSeatsTheLaterOneIsTold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "NEXT", Size: 6, Quotas: map[string]int{"LV": 2}})
		set := "/en/admin/runs/NEXT/pools/open"
		first, second := f.as(t, f.admin), f.as(t, f.admin)
		for _, b := range []*browser{first, second} {
			b.get(t, "/en/admin/runs/NEXT").has(t, `name="was-size-open" value="4"`, `name="was-size-LV" value="2"`)
		}
		first.follow(t, first.post(t, set, "was-size-open", "4", "size-open", "9")).has(t, "The number of seats is set.")
		told := second.post(t, set, "was-size-open", "4", "size-open", "5")
		told.want(t, 409, "")
		told.has(t, `id="size-open-error">Somebody else has changed this number since you opened the page. It is 9 now.`, `value="5"`,
			`name="was-size-open" value="9"`)
		if got := f.seatsOf(t, "NEXT"); got["open"] != "9/0" {
			t.Errorf("seats: %v", got)
		}
		// Whoever has been told sets the number knowingly; and where both want the
		// same, nobody is in the other's way.
		second.follow(t, second.post(t, set, "was-size-open", "9", "size-open", "5")).has(t, "The number of seats is set.")
		first.follow(t, first.post(t, set, "was-size-open", "9", "size-open", "5")).has(t, "The number of seats is set.")
		if got := f.seatsOf(t, "NEXT"); got["open"] != "5/0" || got["LV"] != "2/0" {
			t.Errorf("seats: %v", got)
		}
	})
}
