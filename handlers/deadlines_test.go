package handlers_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// both is how a page tells a deadline of Riga's to somebody who serves in Poland.
func both(q queue, t time.Time) []string {
	said := q.app.Bundle.For("en")
	return []string{said.Deadline(t, "Europe/Riga"), `data-own-time="Europe/Warsaw">` + said.Instant(t, "Europe/Warsaw")}
}

func TestDeadlinesAreToldInTheTimeOfThePlaceAndOfTheReader(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		q := newQueue(t, s, testkit.R{Approval: true})
		pole := s.Person(t, testkit.P{Email: "pl@a.example", Name: "Łucja", Country: "PL", Agency: "pl-a", Confirmed: true})
		made := q.wait(t, pole)
		q.leave(t)
		offered, err := q.app.Enrolment.Get(t.Context(), pole, made.Ref)
		if err != nil {
			t.Fatal(err)
		}
		b := q.as(t, pole)
		for _, path := range []string{pageOf(made), "/en/me"} {
			b.get(t, path).has(t, both(q, offered.Deadline)...)
		}

		// The seat waits for the agency then, and can be withdrawn from until some day.
		pending, err := q.app.Enrolment.Accept(t.Context(), pole, made.Ref)
		if err != nil || pending.Status != training.Pending || pending.Deadline.IsZero() {
			t.Fatalf("%+v, %v", pending, err)
		}
		until := s.Now(t).Add(80 * time.Hour)
		s.DB.Ent.Run.Update().SetWithdrawUntil(until).ExecX(t.Context())
		page := b.get(t, pageOf(made))
		page.has(t, append(both(q, pending.Deadline), both(q, until)...)...)
		if n := strings.Count(page.body, both(q, pending.Deadline)[1]); n != 2 {
			t.Errorf("the agency's deadline is told %d times in Warsaw's time, want in the sentence and among the facts", n)
		}
		b.get(t, pageOf(made)+"?done=1").has(t, both(q, pending.Deadline)...)
		b.get(t, "/en/me").has(t, both(q, pending.Deadline)...)

		// Nobody is told twice what the clocks at home show too.
		s.DB.Ent.Person.Update().Where(person.Email("pl@a.example")).SetCountry("FI").ExecX(t.Context())
		aSecondLater()
		page = b.get(t, pageOf(made))
		page.has(t, both(q, pending.Deadline)[0])
		page.lacks(t, "data-own-time")
	})
}

func TestAReservedSeatEndsInTheTimeOfThePlaceAndOfTheReader(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	norwegian := s.Person(t, testkit.P{Email: "no@example.org", Country: "NO", Confirmed: true})
	check := site.as(t, norwegian).reserve(t, "R1")
	held, err := site.app.Enrolment.Hold(t.Context(), norwegian, "R1")
	if err != nil {
		t.Fatal(err)
	}
	said := site.app.Bundle.For("en")
	check.has(t, said.Clock(held.ExpiresAt, "Europe/Riga")+"</time>", "in Riga",
		`data-own-time="Europe/Oslo">`+said.ClockCity(held.ExpiresAt, "Europe/Oslo"))
}

func TestTheOpeningOfEnrolmentIsToldOnceInTheReadersTime(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	opens := s.Now(t).AddDate(0, 0, 10).Truncate(time.Hour)
	s.Run(t, testkit.R{Code: "LATER", Opens: opens})
	b := site.as(t, s.Person(t, testkit.P{Email: "pl@example.org", Country: "PL", Confirmed: true}))
	told := "Enrolment opens on " + site.app.Bundle.For("en").Instant(opens, "Europe/Riga") + "."
	for way, page := range map[string]answer{"looked at": b.get(t, "/en/runs/LATER/enrol"), "refused": b.post(t, "/en/runs/LATER/hold")} {
		page.has(t, told)
		if n := strings.Count(page.body, "(Warsaw)"); n != 1 {
			t.Errorf("%s: the own time is told %d times, want once", way, n)
		}
	}
}

func TestADeadlineAtMidnightIsTheEndOfTheDayBefore(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	day := training.Date{Year: s.Now(t).Year() + 1, Month: time.March, Day: 3}
	midnight := day.In(riga(t))
	run := s.Run(t, testkit.R{Code: "R1", Starts: day, Ends: day, Closes: midnight})
	s.DB.Ent.Run.UpdateOneID(run).SetWithdrawUntil(midnight).ExecX(t.Context())
	site.refresh(t)
	told := site.app.Bundle.For("en").Instant(midnight.Add(-time.Minute), "Europe/Riga")
	if !strings.Contains(told, "2 March") || !strings.Contains(told, "23:59") {
		t.Fatal(told)
	}
	page := site.browser().get(t, "/en/runs/R1")
	page.has(t, "You can withdraw by yourself until "+told+".", ">"+told+"</time>")
	page.lacks(t, " 00:00")
	page.has(t, `<time datetime="`+midnight.Add(-time.Minute).UTC().Format(time.RFC3339)+`"`)
	site.browser().get(t, "/en/courses/course-1-r1").has(t, "Enrolment closes: "+told+".")
}

// mailed is the deadline in the newest mail of a name to an address.
func (s *site) mailed(t *testing.T, name, to string) string {
	t.Helper()
	s.work(t)
	deadline := ""
	for _, job := range s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).Order(ent.Asc(outboxjob.FieldID)).AllX(t.Context()) {
		var mail outbox.Mail
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			t.Fatal(err)
		}
		if mail.Name == name && mail.To == to {
			deadline = mail.Args["deadline"]
		}
	}
	if deadline == "" {
		t.Fatalf("no deadline in a mail %s to %s", name, to)
	}
	return deadline
}

func TestMailsTellADeadlineInTheTimeOfThePlaceAndOfTheReader(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		q := newQueue(t, s, testkit.R{Approval: true})
		for _, test := range []struct {
			country, locale, place string
			both                   bool // clocks at home differ
		}{{"FI", "fi", "Riika", false}, {"PL", "pl", "Ryga", true}} {
			agency := strings.ToLower(test.country) + "-a"
			trainees, officer := test.locale+"@example.org", test.locale+"@officers.example"
			s.Person(t, testkit.P{Email: officer, Role: training.RoleAgency, Country: test.country, Agency: agency, Locale: test.locale, Confirmed: true})
			trainee := s.Person(t, testkit.P{Email: trainees, Country: test.country, Agency: agency, Locale: test.locale, Confirmed: true})
			made := q.wait(t, trainee)
			q.leave(t)
			offered, err := q.app.Enrolment.Get(t.Context(), trainee, made.Ref)
			if err != nil {
				t.Fatal(err)
			}
			told := func(deadline time.Time) string {
				return q.app.Bundle.For(test.locale).DeadlineFor(deadline, "Europe/Riga", test.country)
			}
			got := q.mailed(t, "seat_offered", trainees)
			if got != told(offered.Deadline) || !strings.Contains(got, "("+test.place+")") || strings.Contains(got, "Warszawa") != test.both {
				t.Errorf("to the trainee from %s: %q, want %q", test.country, got, told(offered.Deadline))
			}
			pending, err := q.app.Enrolment.Accept(t.Context(), trainee, made.Ref)
			if err != nil {
				t.Fatal(err)
			}
			got = q.mailed(t, "approval_asked", officer)
			if got != told(pending.Deadline) || strings.Contains(got, "Warszawa") != test.both {
				t.Errorf("to the officer in %s: %q, want %q", test.country, got, told(pending.Deadline))
			}
			q.holder, q.held = trainee, pending // whose seat becomes free for the next
		}
	})
}

// What staff read of deadlines, and what a refusal says of one, is told as it is
// to everybody: midnight as the minute before, in the run's own time and the
// reader's.
func TestStaffAndRefusalsTellDeadlinesAsAllPagesDo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		said := f.app.Bundle.For("en")
		pole := s.Person(t, testkit.P{Email: "pl@a.example", Name: "Łucja", Country: "PL", Agency: "pl-a", Confirmed: true})
		officer := s.Person(t, testkit.P{Email: "officer@pl.example", Role: training.RoleAgency, Country: "PL", Agency: "pl-a", Confirmed: true})
		s.Run(t, testkit.R{Code: "ASK", Approval: true})
		releases := training.DateOf(s.Now(t)).AddDays(20).In(riga(t)) // with the end of enrolment
		s.Run(t, testkit.R{Code: "NEXT", Size: 4, Quotas: map[string]int{"LV": 2}, Closes: releases})
		asked, err := f.app.Enrolment.Get(t.Context(), pole, f.enrol(t, "ASK", pole))
		if err != nil {
			t.Fatal(err)
		}
		f.as(t, officer).get(t, "/en/agency/pl-a").has(t, "Answer by "+said.Deadline(asked.Deadline, "Europe/Riga"),
			`data-own-time="Europe/Warsaw">`+said.Instant(asked.Deadline, "Europe/Warsaw"))

		midnight := training.DateOf(s.Now(t)).AddDays(-3).In(riga(t))
		ref := f.enrol(t, "NEXT", pole)
		s.DB.Ent.Run.Update().Where(run.Code("NEXT")).SetWithdrawUntil(midnight).ExecX(t.Context())
		until := said.DeadlineFor(midnight, "Europe/Riga", "PL")
		if !strings.Contains(until, "23:59 (Riga), 22:59 (Warsaw)") {
			t.Fatalf("the deadline is told as %s", until)
		}
		b := f.as(t, pole)
		page := "/en/me/enrolments/" + ref
		b.get(t, page)
		b.post(t, page+"/cancel").has(t, "You could withdraw by yourself until "+until+". Ask your agency or the instructor.")

		f.as(t, f.admin).get(t, "/en/admin/runs/NEXT").has(t, "Kept until "+said.Deadline(releases, "Europe/Riga"), "23:59 (Riga)")
	})
}
