package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestARunSaysWhyNobodyCanEnrol(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		now := s.Now(t)
		today := training.DateOf(now)
		s.Run(t, testkit.R{Code: "LATER", Opens: now.AddDate(0, 0, 5)})
		s.Run(t, testkit.R{Code: "LATE", Closes: now.AddDate(0, 0, -1)})
		s.Run(t, testkit.R{Code: "OVER", Starts: today.AddDays(-9), Ends: today.AddDays(-8)})
		s.Run(t, testkit.R{Code: "CLOSED", Starts: today.AddDays(-1)})
		s.DB.Ent.Run.UpdateOneID(s.Run(t, testkit.R{Code: "OFF"})).SetCancelledAt(now).ExecX(t.Context())
		person := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		said := site.app.Bundle.For("en")
		for code, want := range map[string]string{
			"LATER": "Enrolment opens: " + said.Instant(now.AddDate(0, 0, 5), "Europe/Riga") + ".",
			"LATE":  "Enrolment is closed.", "CLOSED": "Enrolment is closed.",
			"OVER": "This edition is over.", "OFF": "This edition is cancelled.",
		} {
			for name, b := range map[string]*browser{"a visitor": site.browser(), "a person": person} {
				page := b.get(t, "/en/runs/"+code)
				if page.status != 200 {
					t.Fatalf("%s %s: %d", name, code, page.status)
				}
				page.has(t, want)
				page.hasNot(t, "Reserve a seat", "Sign in to reserve", "/hold\"")
			}
		}
		site.browser().get(t, "/en/runs/NONE").want(t, 404, "")
	})
}

func TestARunShowsItsReaderTheNextStep(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 2})
		const page = "/en/runs/R1"
		visitor := site.browser().get(t, page)
		visitor.has(t, "2 of 2 seats available.", `href="/en/login?next=%2Fruns%2FR1"`, "Sign in to reserve a seat")
		visitor.hasNot(t, `action="/en/runs/R1/hold"`)
		site.as(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})).get(t, page).
			hasNot(t, `action="/en/runs/R1/hold"`)

		nameless := s.Person(t, testkit.P{Email: "n@example.org"})
		s.DB.Ent.Person.UpdateOneID(nameless.PersonID).SetName("").ExecX(t.Context())
		incomplete := site.as(t, nameless).get(t, page)
		incomplete.has(t, "Your profile is not filled in.", `href="/en/me/profile?next=%2Fruns%2FR1"`)
		incomplete.hasNot(t, `action="/en/runs/R1/hold"`)

		one, two := s.Person(t, testkit.P{Email: "a@example.org"}), s.Person(t, testkit.P{Email: "b@example.org"})
		first, second := site.as(t, one), site.as(t, two)
		first.get(t, page).has(t, `action="/en/runs/R1/hold"`, `name="_csrf" value="`, "Reserve a seat")
		first.post(t, page+"/hold").want(t, 303, "")
		first.get(t, page).has(t, "A seat is reserved for you until ", `href="/en/runs/R1/enrol?held=1"`, "Continue")
		aSecondLater()
		second.get(t, page).has(t, "1 of 2 seats available. 1 more is reserved for somebody filling in the form.", "Reserve a seat")

		if _, err := site.app.Enrolment.Confirm(t.Context(), two, "R1", ""); err != nil {
			t.Fatal(err)
		}
		aSecondLater()
		second.get(t, page).has(t, "You are enrolled on these dates.", "Confirmed", `href="/en/me/enrolments/`)
		third := site.as(t, s.Person(t, testkit.P{Email: "c@example.org"}))
		third.get(t, page).has(t, "No seats left.", "The last seats are reserved for people filling in the form.")
		if _, err := site.app.Enrolment.Confirm(t.Context(), one, "R1", ""); err != nil {
			t.Fatal(err)
		}
		aSecondLater()
		full := third.get(t, page)
		full.has(t, "No seats left.", `#dates"`)
		full.hasNot(t, `action="/en/runs/R1/hold"`, "reserved for", "All seats are taken.", `</span>available</li>`)
	})
}

func TestSeatsOfACountryAreOfferedToItsOwn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 3, Quotas: map[string]int{"LV": 1, "EE": 1}})
		const page = "/en/runs/R1"
		if _, err := site.app.Enrolment.Confirm(t.Context(), s.Person(t, testkit.P{Email: "a@example.org"}), "R1", ""); err != nil {
			t.Fatal(err)
		}
		own := site.as(t, s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true})).get(t, page)
		own.has(t, "1 of 3 seats available to you. 1 seat is kept for: Latvia. 1 seat is kept for other countries.", "kept for your country", "Open to all countries: 0 of 1 seats.",
			"What is unused opens to all countries: ", "(Riga).", ">Estonia<", ">Latvia<", "1 of 1", "Reserve a seat")
		other := site.as(t, s.Person(t, testkit.P{Email: "fi@example.org", Country: "FI", Confirmed: true})).get(t, page)
		other.has(t, "No seats available to you. 2 seats are kept for other countries.", `action="/en/runs/R1/wait"`)
		other.hasNot(t, `action="/en/runs/R1/hold"`, "kept for your country", "Your country is not confirmed yet.")
		unsure := site.as(t, s.Person(t, testkit.P{Email: "lv2@example.org", Country: "LV"})).get(t, page)
		unsure.has(t, "No seats open to all countries are left. 2 seats are kept for certain countries.", "Your country is not confirmed yet.")
		site.browser().get(t, page).has(t, "Sign in to reserve a seat")
	})
}

func TestARunWithoutTheSeatLockLeadsToTheFormAllTheSame(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 2})
	person := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	if err := site.app.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	page := person.get(t, "/en/runs/R1")
	page.has(t, "Seats cannot be reserved for the time of filling in right now", "2 of 2 seats available.",
		`href="/en/runs/R1/enrol"`, "Check your details and enrol")
	page.hasNot(t, "Reserve a seat", "filling in the form")
	site.browser().get(t, "/en/courses").has(t, "2 of 2 seats available.")
}

func TestARunTellsItsConditionsInWords(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Course(t, "basic")
	day := training.Date{Year: s.Now(t).Year() + 1, Month: 3, Day: 1}
	for day.In(riga(t)).Weekday() != 1 {
		day = day.AddDays(1)
	}
	s.Run(t, testkit.R{Code: "R1", Approval: true, Discreet: true, Threshold: 75, Starts: day, Ends: day.AddDays(1),
		Conditions: training.Conditions{Professions: []string{"police", "border_guard"}, Countries: []string{"EE"},
			Prerequisites: []string{"BASIC"}, LanguageLevel: "B2"}})
	said := site.app.Bundle.For("en")
	site.browser().get(t, "/en/runs/R1").has(t,
		"You need one of these professions: Police officer or Border guard.",
		"You need to serve in one of these countries, confirmed by your agency: Estonia.",
		`<a href="/en/courses/basic">You need a valid certificate of the course BASIC.</a>`,
		"You need language level B2 or better", "Your agency has to approve your enrolment.",
		"at least 75% of the half days", "name nobody on the public page",
		said.Weekday(day)+": 09:00–12:00 and 13:00–16:00", said.Weekday(day.AddDays(1))+": ", "Local time in Riga (UTC&#43;02:00)")
	s.Run(t, testkit.R{Code: "LONG", Starts: day, Ends: day.AddDays(11)})
	site.refresh(t)
	site.browser().get(t, "/en/runs/LONG").has(t, "Each of the 10 days: 09:00–12:00 and 13:00–16:00")
}
