package handlers_test

import (
	"strings"
	"testing"
	"time"

	enrolments "github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// queue is a run with one seat, which the holder has.
type queue struct {
	*site
	holder training.Actor
	held   enrolment.Enrolment
}

func newQueue(t *testing.T, s *testkit.Setup, r testkit.R) queue {
	t.Helper()
	q := queue{site: newSite(t, s)}
	r.Code, r.Size = "R1", 1
	s.Run(t, r)
	q.holder = s.Person(t, testkit.P{Email: "holder@example.org"})
	q.held = q.wait(t, q.holder)
	return q
}

// wait takes a seat of the run or a place on its waiting list.
func (q queue) wait(t *testing.T, who training.Actor) enrolment.Enrolment {
	t.Helper()
	made, err := q.app.Enrolment.ConfirmOrWait(t.Context(), who, "R1", "")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// leave frees the seat of the holder.
func (q queue) leave(t *testing.T) {
	t.Helper()
	if _, err := q.app.Enrolment.Cancel(t.Context(), q.holder, q.held.Ref); err != nil {
		t.Fatal(err)
	}
}

func (q queue) named(t *testing.T, name string) training.Actor {
	t.Helper()
	return q.Person(t, testkit.P{Email: name + "@example.org", Name: name})
}

// shortHolds makes reserved seats end while a test waits for it.
func shortHolds(c *config.Settings) { c.HoldLife = shortHold }

const shortHold = 300 * time.Millisecond

func pageOf(e enrolment.Enrolment) string { return "/en/me/enrolments/" + e.Ref }

func (s *site) statusOf(t *testing.T, e enrolment.Enrolment, who training.Actor) training.Status {
	t.Helper()
	now, err := s.app.Enrolment.Get(t.Context(), who, e.Ref)
	if err != nil {
		t.Fatal(err)
	}
	return now.Status
}

func TestWhoFindsNoSeatJoinsTheWaitingList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 2, Quotas: map[string]int{"LV": 1}})
		for email, country := range map[string]string{"one@example.org": "LV", "two@example.org": "FI"} {
			if _, err := site.app.Enrolment.Confirm(t.Context(), s.Person(t, testkit.P{Email: email, Country: country, Confirmed: true}), "R1", ""); err != nil {
				t.Fatal(err)
			}
		}
		visitor := site.browser().get(t, "/en/runs/R1")
		visitor.has(t, "No seats left.", "You would be number 1 on the waiting list.", "Sign in to join the waiting list",
			`href="/en/login?next=%2Fruns%2FR1"`)
		visitor.hasNot(t, "/wait", "Reserve a seat")
		if _, err := site.app.Enrolment.ConfirmOrWait(t.Context(), s.Person(t, testkit.P{Email: "ee@example.org", Country: "EE", Confirmed: true}), "R1", ""); err != nil {
			t.Fatal(err)
		}

		b := site.as(t, s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true}))
		page := b.get(t, "/en/runs/R1")
		page.has(t, "1 person is on the waiting list.", "You would be number 2 on the waiting list.",
			"For the seats kept for your country you would be number 1.", "You then have 48 hours to accept it.",
			"Offers in the last two weeks before the course are open for 24 hours.", `action="/en/runs/R1/wait"`, "Join the waiting list")
		page.hasNot(t, `action="/en/runs/R1/hold"`, "less than 48 hours", "The course has begun")

		joined := b.post(t, "/en/runs/R1/wait")
		receipt := b.follow(t, joined)
		receipt.has(t, "You are on the waiting list", "You are number 2 on the waiting list.",
			"For the seats kept for your country you are number 1.", "What happens next", "You then have 48 hours to accept it.")
		receipt.hasNot(t, "calendar.ics")
		b.post(t, "/en/runs/R1/wait").leadsTo(t, joined.header.Get("Location"))

		path, _, _ := strings.Cut(joined.header.Get("Location"), "?")
		b.get(t, "/en/runs/R1").has(t, "You are on the waiting list of these dates.", "See your place on the list", `href="`+path+`"`)
		b.get(t, "/en/me").has(t, "You are number 2 on the waiting list.", path)
		own := b.get(t, path)
		own.has(t, "What has happened", "No seat was free. You joined the waiting list as number 2.", "Leave the waiting list", "Joined the waiting list on")
		own.hasNot(t, "calendar.ics", "/accept", "/decline")
		// A list is not joined twice, whichever way round.
		b.get(t, "/en/runs/R1/enrol").leadsTo(t, path)
		b.get(t, path).has(t, "You are on the waiting list of these dates already.")

		b.post(t, path+"/cancel").leadsTo(t, path)
		b.get(t, path).has(t, "You are no longer on the waiting list.", "Cancelled", "You withdrew.")
	})
}

func TestJoiningTakesASeatThatIsFreeAfterAll(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		b.get(t, "/en/me/profile")
		b.follow(t, b.post(t, "/en/runs/R1/wait")).has(t, "You are enrolled")
		// Whoever is enrolled is told so, and does not wait as well.
		b.get(t, "/en/me/profile")
		b.follow(t, b.post(t, "/en/runs/R1/wait")).has(t, "You are already enrolled in this course on these dates.")
	})
}

func TestWhoMayJoinAWaitingList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		holder := s.Person(t, testkit.P{Email: "holder@example.org", Country: "LV", Confirmed: true})
		for code, r := range map[string]testkit.R{"CLOSED": {}, "EE": {Conditions: training.Conditions{Countries: []string{"LV"}}}} {
			r.Code, r.Size = code, 1
			id := s.Run(t, r)
			if _, err := site.app.Enrolment.Confirm(t.Context(), holder, code, ""); err != nil {
				t.Fatal(err)
			}
			if code == "CLOSED" {
				s.DB.Ent.Run.UpdateOneID(id).SetClosesAt(s.Now(t).Add(-time.Minute)).ExecX(t.Context())
			}
		}
		site.refresh(t)
		visitor := site.browser()
		visitor.get(t, "/en/login")
		visitor.post(t, "/en/runs/EE/wait").want(t, 303, "")

		b := site.as(t, s.Person(t, testkit.P{Email: "ee@example.org", Country: "EE", Confirmed: true}))
		b.get(t, "/en/runs/CLOSED").hasNot(t, "Join the waiting list")
		b.get(t, "/en/me/profile")
		closed := b.post(t, "/en/runs/CLOSED/wait")
		closed.want(t, 409, "")
		closed.has(t, "Enrolment is closed.")
		closed.hasNot(t, "Join the waiting list")
		barred := b.post(t, "/en/runs/EE/wait")
		barred.want(t, 409, "")
		barred.has(t, "On these dates the course is for people who serve in: Latvia.")
		barred.hasNot(t, "Join the waiting list")
		site.as(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})).get(t, "/en/runs/EE").hasNot(t, "/wait")
		if n := s.DB.Ent.Enrolment.Query().Where(enrolments.StatusEQ(training.Waiting)).CountX(t.Context()); n != 0 {
			t.Errorf("%d people wait", n)
		}
	})
}

func TestWhoseTimeHasEndedIsOfferedTheWaitingList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, shortHolds)
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		anna := s.Person(t, testkit.P{Email: "a@example.org", Name: "Anna Bērziņa"})
		held, err := site.app.Enrolment.Hold(t.Context(), anna, "R1")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(shortHold + 100*time.Millisecond)
		if _, err := site.app.Enrolment.Confirm(t.Context(), s.Person(t, testkit.P{Email: "b@example.org"}), "R1", ""); err != nil {
			t.Fatal(err)
		}
		b := site.as(t, anna)
		over := b.get(t, "/en/runs/R1/enrol?held=1")
		over.has(t, "No seat is reserved for you now", "Your answers are saved.", "Anna Bērziņa", `action="/en/runs/R1/wait"`)
		over.hasNot(t, "Reserve a seat again")
		late := b.post(t, "/en/runs/R1/enrol", "hold", held.Token)
		late.want(t, 409, "")
		late.has(t, "The time for your reserved seat has ended.", `action="/en/runs/R1/wait"`, "Anna Bērziņa")
		gone := b.post(t, "/en/runs/R1/hold")
		gone.leadsTo(t, "/en/runs/R1")
		b.follow(t, gone).has(t, "The last seat has been taken. You can join the waiting list.", `action="/en/runs/R1/wait"`)
		b.follow(t, b.post(t, "/en/runs/R1/wait")).has(t, "You are on the waiting list")
	})
}

func TestAnOfferIsAnsweredByItsPersonAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		q := newQueue(t, s, testkit.R{})
		anna, bo := q.named(t, "anna"), q.named(t, "bo")
		first, second := q.wait(t, anna), q.wait(t, bo)
		q.leave(t)
		offered, err := q.app.Enrolment.Get(t.Context(), anna, first.Ref)
		if err != nil {
			t.Fatal(err)
		}
		until := q.app.Bundle.For("en").Instant(offered.Deadline, "Europe/Riga")

		a := q.as(t, anna)
		page := a.get(t, pageOf(first))
		page.has(t, "A seat is now available for you", "The seat is yours if you accept by "+until+".", "47 hours left",
			`action="`+pageOf(first)+`/accept"`, "Accept the seat", `action="`+pageOf(first)+`/decline"`,
			"A seat open to all countries became free. You were first on the waiting list, so it was offered to you.")
		page.hasNot(t, pageOf(first)+`/cancel"`)
		a.get(t, "/en/me").has(t, "Answer the offer", until)
		a.get(t, "/en/runs/R1").has(t, "A seat is now available for you on these dates.", "Answer the offer")
		// Not anybody else's, and not without the form.
		b := q.as(t, bo)
		b.get(t, pageOf(second)).hasNot(t, "/accept")
		b.post(t, pageOf(first)+"/accept").want(t, 404, "")
		b.post(t, pageOf(first)+"/decline").want(t, 404, "")
		early := b.post(t, pageOf(second)+"/accept")
		early.want(t, 409, "")
		early.has(t, "This cannot be done now.", "You are number 1 on the waiting list.")
		b.post(t, pageOf(second)+"/decline").want(t, 409, "")
		good := a.csrf
		a.csrf = "x"
		a.post(t, pageOf(first)+"/accept").want(t, 403, "")
		a.csrf = good

		a.post(t, pageOf(first)+"/decline").leadsTo(t, pageOf(first))
		a.get(t, pageOf(first)).has(t, "You have declined the seat.", "You declined the seat that was offered to you.")
		a.post(t, pageOf(first)+"/accept").want(t, 409, "")

		b.get(t, pageOf(second)).has(t, "A seat is now available for you")
		b.post(t, pageOf(second)+"/accept").leadsTo(t, pageOf(second)+"?done=1")
		b.get(t, pageOf(second)+"?done=1").has(t, "You are enrolled")
		b.post(t, pageOf(second)+"/accept").leadsTo(t, pageOf(second)+"?done=1")
		b.get(t, pageOf(second)).has(t, "Seat accepted.", "Confirmed")
	})
}

func TestAnAcceptedSeatIsApprovedByTheAgencyWhereTheRunWantsIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		q := newQueue(t, s, testkit.R{Approval: true})
		anna := s.Person(t, testkit.P{Email: "anna@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
		first := q.wait(t, anna)
		q.leave(t)
		b := q.as(t, anna)
		b.get(t, pageOf(first)).has(t, "When you have accepted, your agency is asked to approve.")
		// Who may see it may not answer for the person.
		officer := q.as(t, s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}))
		officer.postAfter(t, "/en/me/profile", pageOf(first)+"/accept").want(t, 404, "")
		officer.postAfter(t, "/en/me/profile", pageOf(first)+"/decline").want(t, 404, "")
		b.follow(t, b.post(t, pageOf(first)+"/accept")).has(t, "Your request is sent", "Your agency has until ", "Your agency, Agency lv-a, is asked to approve.")
		b.get(t, pageOf(first)).has(t, "Your agency has until ")
		b.get(t, "/en/me").has(t, "Your agency has until ")
	})
}

func TestAnOfferWhoseTimeHasPassedIsNotAcceptedAnyMore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		q := newQueue(t, s, testkit.R{})
		anna := q.named(t, "anna")
		first := q.wait(t, anna)
		q.leave(t)
		s.DB.Ent.Enrolment.Update().Where(enrolments.Ref(first.Ref)).SetDeadlineAt(s.Now(t).Add(-time.Second)).ExecX(t.Context())
		b := q.as(t, anna)
		page := b.get(t, pageOf(first))
		page.has(t, "The time to accept this seat has ended")
		page.hasNot(t, "/accept", "Accept the seat")
		b.get(t, "/en/me").hasNot(t, "Answer the offer")
		late := b.post(t, pageOf(first)+"/accept")
		late.want(t, 409, "")
		late.has(t, "The time to accept this seat has ended")
		if got := q.statusOf(t, first, anna); got == training.Confirmed {
			t.Errorf("it is %s", got)
		}
	})
}

func TestShortlyBeforeTheStartTheFirstToAcceptGetsTheSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		now := s.Now(t).In(riga(t))
		starts := training.DateOf(now).AddDays(1)
		if now.Hour() > 21 { // or it could begin while the test runs
			starts = starts.AddDays(1)
		}
		q := newQueue(t, s, testkit.R{Starts: starts})
		anna, bo := q.named(t, "anna"), q.named(t, "bo")
		a, b := q.as(t, anna), q.as(t, bo)
		a.get(t, "/en/runs/R1").has(t, "The course begins in less than 48 hours. When a seat becomes free, everybody on the list is told by e-mail")
		first, second := q.wait(t, anna), q.wait(t, bo)
		a.get(t, pageOf(first)).hasNot(t, "/accept")
		q.leave(t)
		for _, e := range []enrolment.Enrolment{first, second} {
			page := map[string]*browser{first.Ref: a, second.Ref: b}[e.Ref].get(t, pageOf(e))
			page.has(t, "A seat is free now", "the first to accept the seat gets it", "Accept the free seat", "Everybody who waited was told", "Leave the waiting list")
			page.hasNot(t, "/decline", "hours left")
		}
		a.get(t, "/en/me").has(t, "A seat is free now", "See the free seat")
		aSecondLater()
		q.as(t, q.named(t, "carl")).get(t, "/en/runs/R1").has(t, "Seats that are free now go to the people on the waiting list.")

		b.follow(t, b.post(t, pageOf(second)+"/accept")).has(t, "You are enrolled")
		late := a.post(t, pageOf(first)+"/accept")
		late.leadsTo(t, pageOf(first))
		kept := a.follow(t, late)
		kept.has(t, "Somebody else was quicker, and the seat is taken. You keep your place on the waiting list.", "You are number 1 on the waiting list.")
		kept.hasNot(t, "/accept")
		if got := q.statusOf(t, first, anna); got != training.Waiting {
			t.Errorf("who came later is %s", got)
		}
	})
}

func TestWithdrawingByOneselfEndsOnItsDay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		run := s.Run(t, testkit.R{Code: "R1"})
		anna := s.Person(t, testkit.P{Email: "anna@a.example", Name: "Anna", Country: "LV", Agency: "lv-a", Confirmed: true})
		made, err := site.app.Enrolment.Confirm(t.Context(), anna, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		b := site.as(t, anna)
		said := site.app.Bundle.For("en")
		until := s.Now(t).Add(72 * time.Hour)
		s.DB.Ent.Run.UpdateOneID(run).SetWithdrawUntil(until).ExecX(t.Context())
		b.get(t, pageOf(made)).has(t, "You can withdraw by yourself until "+said.Instant(until, "Europe/Riga")+".", pageOf(made)+"/cancel")

		until = s.Now(t).Add(-time.Hour)
		s.DB.Ent.Run.UpdateOneID(run).SetWithdrawUntil(until).ExecX(t.Context())
		over := b.get(t, pageOf(made))
		over.has(t, "You could withdraw by yourself until "+said.Instant(until, "Europe/Riga")+". Ask your agency or the instructor.")
		over.hasNot(t, pageOf(made)+"/cancel")
		refused := b.post(t, pageOf(made)+"/cancel")
		refused.want(t, 409, "")
		refused.has(t, "You could withdraw by yourself until ", "Your seat is confirmed.")

		// The agency, which is to be asked, still can.
		officer := site.as(t, s.Person(t, testkit.P{Email: "o@a.example", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}))
		officer.get(t, "/en/agency/lv-a").has(t, "Withdraw Anna")
		officer.follow(t, officer.post(t, "/en/agency/lv-a/enrolments/"+made.Ref+"/cancel")).has(t, "The enrolment is withdrawn.")
	})
}
