package enrolment_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/outboxjob"
	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

const day = 24 * time.Hour

// crowd is a run of one course with people around it, lived through by moving
// both clocks.
type crowd struct {
	t      *testing.T
	s      *testkit.Setup
	holds  *hold.Keeper
	e      *service.Service
	people map[string]training.Actor
	refs   map[string]string // of each person's latest enrolment
	starts time.Time
}

// gather makes the run "W", which starts in thirty days.
func gather(t *testing.T, s *testkit.Setup, r testkit.R) *crowd {
	t.Helper()
	r.Code = "W"
	s.Run(t, r)
	holds := newKeeper(s)
	row, err := s.DB.Ent.Run.Query().Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, err := training.ParseDate(row.Starts)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	return &crowd{t: t, s: s, holds: holds, e: service.New(s.DB, holds, service.Options{}), starts: first.In(zone),
		people: map[string]training.Actor{}, refs: map[string]string{}}
}

// who is the person of that name; the first two letters are the confirmed state,
// "xx" none.
func (c *crowd) who(name string) training.Actor {
	c.t.Helper()
	if a, ok := c.people[name]; ok {
		return a
	}
	p := testkit.P{Email: name + "@example.org"}
	if name[:2] != "xx" {
		p.Country, p.Agency, p.Confirmed = map[string]string{"lv": "LV", "ee": "EE", "se": "SE"}[name[:2]], name[:2]+"-agency", true
	}
	a := c.s.Person(c.t, p)
	c.people[name] = a
	return a
}

func (c *crowd) jump(by time.Duration) {
	c.s.DB.Shift(by)
	c.holds.Shift(by)
}

// jumpTo is a time before the start.
func (c *crowd) jumpTo(before time.Duration) {
	c.s.DB.Shift(0)
	c.jump(time.Until(c.starts.Add(-before)))
}

func (c *crowd) enrol(names ...string) {
	c.t.Helper()
	for _, name := range names {
		got, err := c.e.ConfirmOrWait(c.t.Context(), c.who(name), "W", "")
		if err != nil {
			c.t.Fatalf("%s: %v", name, err)
		}
		c.refs[name] = got.Ref
	}
}

func (c *crowd) cancel(name string) {
	c.t.Helper()
	if _, err := c.e.Cancel(c.t.Context(), c.who(name), c.refs[name]); err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
}

func (c *crowd) sweep() {
	c.t.Helper()
	if err := c.e.Sweep(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// status of each person, with the place of those who wait.
func (c *crowd) status(names ...string) map[string]string {
	c.t.Helper()
	got := map[string]string{}
	for _, name := range names {
		e, err := c.e.Get(c.t.Context(), c.who(name), c.refs[name])
		if err != nil {
			c.t.Fatalf("%s: %v", name, err)
		}
		got[name] = string(e.Status)
		if e.Status == training.Waiting {
			got[name] = fmt.Sprintf("waiting %d", e.Standing.Any)
		}
	}
	return got
}

func (c *crowd) want(want map[string]string) {
	c.t.Helper()
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	if diff := cmp.Diff(want, c.status(names...)); diff != "" {
		c.t.Error(diff)
	}
}

func (c *crowd) wantPools(want map[string][2]int) {
	c.t.Helper()
	if diff := cmp.Diff(want, poolsOf(c.t, c.s, "W")); diff != "" {
		c.t.Errorf("pools (size, taken): %s", diff)
	}
}

// reasons are the keys of a person's history.
func (c *crowd) reasons(name string) []string {
	c.t.Helper()
	steps, err := c.e.History(c.t.Context(), c.who(name), c.refs[name])
	if err != nil {
		c.t.Fatal(err)
	}
	var keys []string
	for _, step := range steps {
		keys = append(keys, step.Reason)
	}
	return keys
}

func (c *crowd) mails(name string) int {
	c.t.Helper()
	n := 0
	for _, job := range c.s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.EnrolmentMail)).AllX(c.t.Context()) {
		var payload training.EnrolmentMailJob
		if err := json.Unmarshal(job.Payload, &payload); err != nil {
			c.t.Fatal(err)
		}
		if payload.Name == name {
			n++
		}
	}
	return n
}

func eachCrowd(t *testing.T, r testkit.R, test func(c *crowd)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) { test(gather(t, s, r)) })
}

func TestWhoFindsNoSeatWaitsInTheOrderOfJoining(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		c.enrol("lv1", "lv2", "ee1", "xx1")
		c.want(map[string]string{"lv1": "confirmed", "lv2": "waiting 1", "ee1": "waiting 2", "xx1": "waiting 3"})
		c.cancel("ee1")
		c.want(map[string]string{"lv2": "waiting 1", "ee1": "cancelled", "xx1": "waiting 2"})
		if _, err := c.e.ConfirmOrWait(c.t.Context(), c.who("lv2"), "W", ""); !training.IsKind(err, training.KindAlreadyEnrolled) {
			c.t.Errorf("joining twice: %v", err)
		}
		if _, err := c.e.Confirm(c.t.Context(), c.who("se1"), "W", ""); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("without wishing to wait: %v", err)
		}
	})
}

func TestAFreedSeatIsOfferedInTheSameTransactionAndPassesOn(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		c.enrol("lv1", "lv2", "ee1", "xx1")
		c.cancel("lv1")
		c.want(map[string]string{"lv2": "offered", "ee1": "waiting 1"})
		offered, err := c.e.Get(c.t.Context(), c.who("lv2"), c.refs["lv2"])
		if err != nil || !offered.Deadline.After(offered.Now.Add(47*time.Hour)) || offered.Deadline.After(offered.Now.Add(48*time.Hour)) {
			c.t.Errorf("deadline %v at %v, %v", offered.Deadline, offered.Now, err)
		}
		if _, err := c.e.Decline(c.t.Context(), c.who("lv2"), c.refs["lv2"]); err != nil {
			c.t.Fatal(err)
		}
		c.want(map[string]string{"lv2": "declined", "ee1": "offered"})
		c.jump(47 * time.Hour)
		c.sweep()
		c.want(map[string]string{"ee1": "offered"})
		c.jump(49 * time.Hour)
		if _, err := c.e.Accept(c.t.Context(), c.who("ee1"), c.refs["ee1"]); !training.IsKind(err, training.KindConflict) {
			c.t.Errorf("accepted after the deadline: %v", err)
		}
		c.sweep()
		c.want(map[string]string{"ee1": "lapsed", "xx1": "offered"})
		if _, err := c.e.Accept(c.t.Context(), c.who("xx1"), c.refs["xx1"]); err != nil {
			c.t.Fatal(err)
		}
		c.want(map[string]string{"xx1": "confirmed"})
		c.wantPools(map[string][2]int{"": {1, 1}})
		c.jump(90 * time.Hour)
		c.sweep()
		c.want(map[string]string{"xx1": "confirmed"})
		if diff := cmp.Diff([]string{"event.waiting", "event.offered_open_first", "event.offer_lapsed"}, c.reasons("ee1")); diff != "" {
			c.t.Error(diff)
		}
		if sent := [3]int{c.mails("seat_offered"), c.mails("offer_lapsed"), c.mails("offer_declined")}; sent != [3]int{3, 1, 1} {
			c.t.Errorf("mails of offers, lapses, refusals: %v", sent)
		}
	})
}

func TestASeatOfAQuotaGoesToThePeopleOfItsState(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2, Quotas: map[string]int{"LV": 1}}, func(c *crowd) {
		c.enrol("lv1", "ee1", "ee2", "lv2")
		c.want(map[string]string{"lv1": "confirmed", "ee1": "confirmed", "ee2": "waiting 1", "lv2": "waiting 2"})
		e, err := c.e.Get(c.t.Context(), c.who("lv2"), c.refs["lv2"])
		if err != nil || e.Standing.Own != 1 {
			c.t.Errorf("for the seats of the own state: %+v, %v", e.Standing, err)
		}
		c.cancel("lv1")
		c.want(map[string]string{"ee2": "waiting 1", "lv2": "offered"})
		steps, err := c.e.History(c.t.Context(), c.who("lv2"), c.refs["lv2"])
		if err != nil || len(steps) != 2 || steps[1].Reason != "event.offered_quota_first" || steps[1].Args["country"] != "LV" {
			c.t.Errorf("history %+v, %v", steps, err)
		}
		c.cancel("ee1")
		c.want(map[string]string{"ee2": "offered"})
	})
}

// A seat of a quota that nobody of the state waits for stays for newcomers of
// that state, and for them alone.
func TestASeatOfAQuotaThatNobodyWaitsForStays(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2, Quotas: map[string]int{"LV": 1}}, func(c *crowd) {
		c.enrol("lv1", "ee1", "ee2")
		c.cancel("lv1")
		c.want(map[string]string{"ee2": "waiting 1"})
		c.enrol("se1", "lv2")
		c.want(map[string]string{"se1": "waiting 2", "lv2": "confirmed"})
	})
}

func TestNewcomersDoNotPassThoseWhoWait(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2}, func(c *crowd) {
		h, err := c.e.Hold(c.t.Context(), c.who("lv9"), "W")
		if err != nil {
			c.t.Fatal(err)
		}
		c.enrol("lv1", "ee1")
		c.want(map[string]string{"lv1": "confirmed", "ee1": "waiting 1"})
		if _, err := c.e.Hold(c.t.Context(), c.who("se1"), "W"); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("a hold while somebody waits: %v", err)
		}
		if err := c.e.Drop(c.t.Context(), c.who("lv9"), h.Token); err != nil {
			c.t.Fatal(err)
		}
		if _, err := c.e.Confirm(c.t.Context(), c.who("se1"), "W", ""); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("a seat given back by a hold, while somebody waits: %v", err)
		}
		c.sweep()
		c.want(map[string]string{"ee1": "offered"})
	})
}

func TestALivingHoldStaysGoodWhileOthersWait(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		h, err := c.e.Hold(c.t.Context(), c.who("lv1"), "W")
		if err != nil {
			c.t.Fatal(err)
		}
		c.enrol("ee1")
		c.sweep()
		c.want(map[string]string{"ee1": "waiting 1"})
		got, err := c.e.Confirm(c.t.Context(), c.who("lv1"), "W", h.Token)
		if err != nil || got.Status != training.Confirmed {
			c.t.Errorf("%v, %v", got.Status, err)
		}
	})
}

func TestWhoMayHoldNoMoreMayWait(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		for range 2 {
			h, err := c.e.Hold(c.t.Context(), c.who("lv1"), "W")
			if err != nil {
				c.t.Fatal(err)
			}
			if err := c.e.Drop(c.t.Context(), c.who("lv1"), h.Token); err != nil {
				c.t.Fatal(err)
			}
		}
		if _, err := c.e.ConfirmOrWait(c.t.Context(), c.who("lv1"), "W", ""); !training.IsKind(err, training.KindRateLimited) {
			c.t.Errorf("while a seat is free: %v", err)
		}
		c.enrol("ee1", "lv1")
		c.want(map[string]string{"ee1": "confirmed", "lv1": "waiting 1"})
	})
}

func TestAnExpiredHoldFreesItsSeatForThoseWhoWait(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		if _, err := c.e.Hold(c.t.Context(), c.who("lv1"), "W"); err != nil {
			c.t.Fatal(err)
		}
		c.enrol("ee1")
		c.jump(61 * time.Second)
		c.sweep()
		c.want(map[string]string{"ee1": "offered"})
		c.wantPools(map[string][2]int{"": {1, 1}})
	})
}

// The seats of a quota go to its people first, so that whoever joined next gets
// the open one.
func TestSeatsThatSeveralHoldsGiveBackGoToTheRightPeople(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2, Quotas: map[string]int{"EE": 1}}, func(c *crowd) {
		for _, name := range []string{"ee9", "se9"} {
			if _, err := c.e.Hold(c.t.Context(), c.who(name), "W"); err != nil {
				c.t.Fatal(err)
			}
		}
		c.enrol("ee1", "lv1", "ee3")
		c.jump(61 * time.Second)
		c.sweep()
		c.want(map[string]string{"ee1": "offered", "lv1": "offered", "ee3": "waiting 1"})
		c.wantPools(map[string][2]int{"": {1, 1}, "EE": {1, 1}})
	})
}

func TestShortlyBeforeTheStartTheFirstToAcceptGetsTheSeat(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2}, func(c *crowd) {
		c.enrol("lv1", "se1", "lv2", "ee1", "ee2")
		c.jumpTo(training.LastCall - time.Hour)
		c.sweep()
		if _, err := c.e.Accept(c.t.Context(), c.who("ee1"), c.refs["ee1"]); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("accepted where no seat is free: %v", err)
		}
		c.cancel("lv1")
		c.want(map[string]string{"lv2": "waiting 1", "ee1": "waiting 2", "ee2": "waiting 3"})
		if n := c.mails("seat_free"); n != 3 {
			c.t.Errorf("%d were told, not 3", n)
		}
		e, err := c.e.Get(c.t.Context(), c.who("ee2"), c.refs["ee2"])
		if err != nil || !e.MayAccept() {
			c.t.Errorf("the third is not offered to accept: %+v, %v", e, err)
		}
		for range 3 {
			c.sweep()
		}
		if n := c.mails("seat_free"); n != 3 {
			c.t.Errorf("the same seat was told of again: %d mails", n)
		}
		if _, err := c.e.Confirm(c.t.Context(), c.who("xx9"), "W", ""); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("a newcomer passes those who wait: %v", err)
		}
		c.race([]string{"lv2", "ee1", "ee2"}, 1)
		c.cancel("se1")
		if n := c.mails("seat_free"); n != 5 {
			c.t.Errorf("of the next seat %d were told, not 2", n-3)
		}
		c.wantPools(map[string][2]int{"": {2, 1}})
	})
}

// Nobody who waited for a seat that was told of is there any more: whoever comes
// later is told of the next.
func TestWhoJoinsLaterIsToldOfTheNextFreeSeat(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		c.enrol("lv1", "lv2")
		c.jumpTo(20 * time.Hour)
		c.cancel("lv1")
		c.cancel("lv2")
		if _, err := c.e.Hold(c.t.Context(), c.who("xx1"), "W"); err != nil {
			c.t.Fatal(err)
		}
		c.enrol("lv3")
		if e, err := c.e.Get(c.t.Context(), c.who("lv3"), c.refs["lv3"]); err != nil || e.MayAccept() {
			c.t.Errorf("a seat that is held may be accepted, %v", err)
		}
		c.jumpTo(19 * time.Hour)
		c.sweep()
		if n := c.mails("seat_free"); n != 2 {
			c.t.Errorf("%d mails tell of the two free seats", n)
		}
		c.race([]string{"lv3"}, 1)
	})
}

// race lets people accept at once and expects so many to get a seat, the others
// to be told that it is gone.
func (c *crowd) race(names []string, seats int) {
	c.t.Helper()
	var wg sync.WaitGroup
	answers := make([]error, len(names))
	for i, name := range names {
		a, ref := c.who(name), c.refs[name]
		wg.Go(func() { _, answers[i] = c.e.Accept(c.t.Context(), a, ref) })
	}
	wg.Wait()
	won := 0
	for i, err := range answers {
		if err == nil {
			won++
		} else if !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("%s: %v", names[i], err)
		}
	}
	if won != seats {
		c.t.Errorf("%d got a seat, not %d: %v", won, seats, errors.Join(answers...))
	}
}

func TestFromTheStartOnTheInstructorMovesPeople(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		stranger := s.Person(t, testkit.P{Email: "other@example.org", Role: training.RoleInstructor})
		c := gather(t, s, testkit.R{Size: 1, Instructors: []training.Actor{teacher}})
		c.enrol("lv1", "lv2", "ee1")
		if _, err := c.e.Admit(t.Context(), teacher, c.refs["ee1"]); !training.IsKind(err, training.KindConflict) {
			t.Errorf("before the start: %v", err)
		}
		c.jumpTo(-time.Hour)
		c.cancel("lv1")
		c.sweep()
		c.want(map[string]string{"lv2": "waiting 1", "ee1": "waiting 2"})
		if _, err := c.e.Accept(t.Context(), c.who("lv2"), c.refs["lv2"]); !training.IsKind(err, training.KindConflict) {
			t.Errorf("accepted after the start: %v", err)
		}
		if _, err := c.e.Admit(t.Context(), stranger, c.refs["ee1"]); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("another run's instructor: %v", err)
		}
		if _, err := c.e.Admit(t.Context(), teacher, c.refs["ee1"]); err != nil {
			t.Fatal(err)
		}
		if _, err := c.e.Admit(t.Context(), teacher, c.refs["lv2"]); !training.IsKind(err, training.KindSeatGone) {
			t.Errorf("no seat is left: %v", err)
		}
		c.want(map[string]string{"lv2": "waiting 1", "ee1": "confirmed"})
	})
}

func TestClosingEndsJoiningButNotOffers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		closes := s.Now(t).Add(5 * day)
		c := gather(t, s, testkit.R{Size: 1, Closes: closes})
		c.enrol("lv1", "lv2", "ee1")
		c.jump(6 * day)
		if _, err := c.e.ConfirmOrWait(t.Context(), c.who("xx1"), "W", ""); !training.IsKind(err, training.KindEnrolmentClosed) {
			t.Errorf("joined after enrolment closed: %v", err)
		}
		c.cancel("lv1")
		c.want(map[string]string{"lv2": "offered"})
		if _, err := c.e.Accept(t.Context(), c.who("lv2"), c.refs["lv2"]); err != nil {
			t.Error(err)
		}
	})
}

func TestReleasedAndAddedSeatsGoToThoseWhoWait(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		c := gather(t, s, testkit.R{Size: 3, Quotas: map[string]int{"LV": 2}})
		c.enrol("ee1", "ee2", "ee3", "ee4", "se1")
		h, err := c.e.Hold(t.Context(), c.who("lv1"), "W")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.e.ReleaseQuota(t.Context(), admin, "W", "LV"); err != nil {
			t.Fatal(err)
		}
		c.want(map[string]string{"ee2": "offered", "ee3": "waiting 1"})
		c.wantPools(map[string][2]int{"": {3, 2}, "LV": {0, 0}})
		if err := c.e.ReleaseQuota(t.Context(), admin, "W", "LV"); !training.IsKind(err, training.KindConflict) {
			t.Errorf("released twice: %v", err)
		}
		if err := c.e.Resize(t.Context(), admin, "W", "", 2); !training.IsKind(err, training.KindConflict) {
			t.Errorf("a seat that is held was taken back: %v", err)
		}
		if _, err := c.e.Confirm(t.Context(), c.who("lv1"), "W", h.Token); err != nil {
			t.Errorf("the hold did not follow its seat: %v", err)
		}
		if err := c.e.Resize(t.Context(), admin, "W", "", 5); err != nil {
			t.Fatal(err)
		}
		c.want(map[string]string{"ee3": "offered", "ee4": "offered", "se1": "waiting 1"})
		c.cancel("se1")
		c.cancel("ee1")
		if err := c.e.Resize(t.Context(), admin, "W", "", 3); !training.IsKind(err, training.KindConflict) {
			t.Errorf("fewer seats than are taken: %v", err)
		}
		if err := c.e.Resize(t.Context(), admin, "W", "", 4); err != nil {
			t.Fatal(err)
		}
		c.wantPools(map[string][2]int{"": {4, 4}, "LV": {0, 0}})
		if run := s.DB.Ent.Run.Query().OnlyX(t.Context()); run.Size != 4 {
			t.Errorf("the run has %d seats", run.Size)
		}
	})
}

func TestASuspendedStatesPeopleKeepWhatTheyHaveAndAreSkipped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := gather(t, s, testkit.R{Size: 4, Quotas: map[string]int{"LV": 3}})
		c.enrol("lv1", "ee1")
		h, err := c.e.Hold(t.Context(), c.who("lv2"), "W")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.DB.Ent.MemberState.Create().SetCode("LV").SetMemberFrom("1992-03-06").
			SetSuspendedFrom(training.DateOf(s.Now(t)).String()).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.e.FollowState(t.Context(), "LV"); err != nil {
			t.Fatal(err)
		}
		c.wantPools(map[string][2]int{"": {3, 1}, "LV": {1, 1}})
		if _, err := c.e.Hold(t.Context(), c.who("lv3"), "W"); !training.IsKind(err, training.KindNotEligible) {
			t.Errorf("a new hold: %v", err)
		}
		if again, err := c.e.Hold(t.Context(), c.who("lv2"), "W"); err != nil || again.Token != h.Token || !again.Existing {
			t.Errorf("a living hold asked for again: %+v, %v", again, err)
		}
		got, err := c.e.Confirm(t.Context(), c.who("lv2"), "W", h.Token)
		if err != nil {
			t.Fatalf("a living hold: %v", err)
		}
		c.refs["lv2"] = got.Ref
		c.enrol("ee2", "ee3")
		c.want(map[string]string{"lv1": "confirmed", "ee2": "confirmed", "ee3": "waiting 1"})
		c.cancel("lv1")
		c.wantPools(map[string][2]int{"": {4, 4}, "LV": {0, 0}})
		c.want(map[string]string{"ee3": "offered"})
	})
}

func TestWhoWaitsIsSkippedWhileTheStateIsSuspended(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := gather(t, s, testkit.R{Size: 2})
		c.enrol("ee1", "ee2", "lv1", "se1")
		set := func(from string) {
			t.Helper()
			if err := s.DB.Ent.MemberState.Create().SetCode("LV").SetMemberFrom("1992-03-06").SetSuspendedFrom(from).
				OnConflictColumns("code").UpdateNewValues().Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 { // again changes nothing
				if err := c.e.FollowState(t.Context(), "LV"); err != nil {
					t.Fatal(err)
				}
			}
		}
		set(training.DateOf(s.Now(t)).String())
		c.cancel("ee1")
		c.want(map[string]string{"lv1": "waiting 1", "se1": "offered"})
		set("")
		c.cancel("ee2")
		c.want(map[string]string{"lv1": "offered"})
		want := []string{"event.waiting", "event.state_suspended", "event.state_restored", "event.offered_open_first"}
		if diff := cmp.Diff(want, c.reasons("lv1")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnApprovalThatDoesNotComeEndsAtItsDeadline(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1, Approval: true}, func(c *crowd) {
		c.enrol("lv1", "ee1", "ee2")
		c.want(map[string]string{"lv1": "pending", "ee1": "waiting 1"})
		if n := c.mails("approval_asked"); n != 1 {
			c.t.Errorf("%d mails ask for approval", n)
		}
		officer := c.s.Person(c.t, testkit.P{Email: "officer@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-agency", Confirmed: true})
		c.jump(7*day + time.Minute)
		if _, err := c.e.Approve(c.t.Context(), officer, c.refs["lv1"]); !training.IsKind(err, training.KindConflict) {
			c.t.Errorf("approved after the deadline: %v", err)
		}
		c.sweep()
		c.want(map[string]string{"lv1": "lapsed", "ee1": "offered"})
		if _, err := c.e.Accept(c.t.Context(), c.who("ee1"), c.refs["ee1"]); err != nil {
			c.t.Fatal(err)
		}
		c.want(map[string]string{"ee1": "pending"})
		c.jump(8 * day)
		officer = c.s.Person(c.t, testkit.P{Email: "officer@example.ee", Role: training.RoleAgency, Country: "EE", Agency: "ee-agency", Confirmed: true})
		if _, err := c.e.Approve(c.t.Context(), officer, c.refs["ee1"]); err != nil {
			c.t.Fatal(err)
		}
		c.jump(30 * day)
		c.sweep()
		c.want(map[string]string{"ee1": "confirmed", "ee2": "waiting 1"})
		if n := c.mails("approval_given"); n != 1 {
			c.t.Errorf("%d mails tell of the approval", n)
		}
	})
}

func TestAnAgencyReplacesOneOfItsPeopleByAnother(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 2, Quotas: map[string]int{"LV": 1}}, func(c *crowd) {
		c.enrol("lv1", "ee1", "ee2", "lv2")
		officer := c.s.Person(c.t, testkit.P{Email: "officer@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-agency", Confirmed: true})
		other := c.s.Person(c.t, testkit.P{Email: "officer@example.ee", Role: training.RoleAgency, Country: "EE", Agency: "ee-agency", Confirmed: true})
		c.who("lv3")
		replace := func(a training.Actor, of, by string) error {
			got, err := c.e.Replace(c.t.Context(), a, c.refs[of], by+"@example.org")
			if err == nil {
				c.refs[by] = got.Ref
			}
			return err
		}
		for name, refused := range map[string]struct {
			by         training.Actor
			next, kind string
		}{
			"another agency's officer":   {other, "lv3", "not_found"},
			"the person":                 {c.who("lv1"), "lv3", "forbidden"},
			"by another agency's person": {officer, "ee1", "invalid"},
			"by nobody":                  {officer, "xx0", "invalid"},
			"by the same person":         {officer, "lv1", "invalid"},
		} {
			if err := replace(refused.by, "lv1", refused.next); !training.IsKind(err, training.Kind(refused.kind)) {
				c.t.Errorf("%s: %v, want %s", name, err, refused.kind)
			}
		}
		if err := replace(officer, "lv1", "lv3"); err != nil {
			c.t.Fatal(err)
		}
		c.want(map[string]string{"lv1": "cancelled", "lv3": "confirmed", "ee2": "waiting 1", "lv2": "waiting 2"})
		c.wantPools(map[string][2]int{"": {1, 1}, "LV": {1, 1}})
		if err := replace(officer, "lv3", "lv2"); err != nil {
			c.t.Fatalf("by one who waits: %v", err)
		}
		c.want(map[string]string{"lv3": "cancelled", "lv2": "confirmed", "ee2": "waiting 1"})
		c.jumpTo(-time.Hour)
		if err := replace(officer, "lv2", "lv1"); !training.IsKind(err, training.KindConflict) {
			c.t.Errorf("after the start: %v", err)
		}
	})
}

func TestTheRunSaysUntilWhenPeopleWithdrawByThemselves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		c := gather(t, s, testkit.R{Size: 2, Instructors: []training.Actor{teacher}})
		if err := s.DB.Ent.Run.Update().SetWithdrawUntil(s.Now(t).Add(day)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.enrol("lv1", "lv2", "ee1")
		c.cancel("lv1")
		c.want(map[string]string{"lv1": "cancelled", "ee1": "offered"})
		c.jump(25 * time.Hour)
		_, err := c.e.Cancel(t.Context(), c.who("lv2"), c.refs["lv2"])
		fault, ok := training.AsFault(err)
		if !ok || fault.Kind != training.KindConflict {
			t.Fatalf("withdrawn after the day: %v", err)
		}
		if at, _ := fault.Args["at"].(time.Time); at.Location().String() != "Europe/Riga" {
			t.Errorf("the time is told in %s, not in the run's own zone", at.Location())
		}
		e, err := c.e.Get(t.Context(), c.who("lv2"), c.refs["lv2"])
		if err != nil || e.MayWithdraw() {
			t.Errorf("the page still offers to withdraw: %v", err)
		}
		if _, err := c.e.Cancel(t.Context(), teacher, c.refs["lv2"]); err != nil {
			t.Errorf("the instructor: %v", err)
		}
	})
}

// A hold that was confirmed while Redis was away still lives there afterwards; the
// form that found no seat is sent twice.
func TestAHoldThatMadeAnEnrolmentWhileRedisWasAway(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		h, err := c.e.Hold(c.t.Context(), c.who("lv1"), "W")
		if err != nil {
			c.t.Fatal(err)
		}
		nowhere := newKeeper(&testkit.Setup{Redis: gone(c.t)})
		alone := service.New(c.s.DB, nowhere, service.Options{})
		got, err := alone.Confirm(c.t.Context(), c.who("lv1"), "W", h.Token)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, err := alone.Cancel(c.t.Context(), c.who("lv1"), got.Ref); err != nil {
			c.t.Fatal(err)
		}
		if again, err := c.e.Confirm(c.t.Context(), c.who("lv1"), "W", ""); err != nil || again.Ref == got.Ref {
			c.t.Errorf("enrolling anew: %v, %v", again.Ref, err)
		}
	})
}

func TestAFormThatLedToTheListAndIsSentTwice(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		h, err := c.e.Hold(c.t.Context(), c.who("lv1"), "W")
		if err != nil {
			c.t.Fatal(err)
		}
		alone := service.New(c.s.DB, newKeeper(&testkit.Setup{Redis: gone(c.t)}), service.Options{})
		if _, err := alone.Confirm(c.t.Context(), c.who("ee1"), "W", ""); err != nil {
			c.t.Fatal(err)
		}
		first, err := alone.ConfirmOrWait(c.t.Context(), c.who("lv1"), "W", h.Token)
		if err != nil || first.Status != training.Waiting {
			c.t.Fatalf("%s, %v", first.Status, err)
		}
		if again, err := alone.ConfirmOrWait(c.t.Context(), c.who("lv1"), "W", h.Token); err != nil || again.Ref != first.Ref {
			c.t.Errorf("sent again: %v, %v", again.Ref, err)
		}
	})
}

// gone is a Redis that does not answer.
func gone(t *testing.T) *kv.Conn {
	t.Helper()
	conn, err := kv.Open("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// While Redis is away seats freed go on at once, and those that nobody freed in a
// transaction of its own a little later.
func TestTheListIsServedWhileRedisIsAway(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 1}, func(c *crowd) {
		c.enrol("lv1", "lv2")
		c.s.Redis.Close()
		c.enrol("ee1")
		c.want(map[string]string{"ee1": "waiting 2"})
		c.cancel("lv1")
		c.want(map[string]string{"lv2": "offered", "ee1": "waiting 1"})
		c.jumpTo(time.Hour)
		c.sweep()
		c.want(map[string]string{"lv2": "lapsed", "ee1": "waiting 1"})
		if _, err := c.e.Confirm(c.t.Context(), c.who("xx1"), "W", ""); !training.IsKind(err, training.KindSeatGone) {
			c.t.Errorf("a newcomer passes those who wait: %v", err)
		}
		c.race([]string{"ee1"}, 1)
	})
}

func TestManyServersEndEachThingOnce(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 3}, func(c *crowd) {
		for i := range 3 {
			c.enrol(fmt.Sprintf("lv%d", i))
		}
		for i := range 8 {
			c.enrol(fmt.Sprintf("ee%d", i))
		}
		for i := range 3 {
			c.cancel(fmt.Sprintf("lv%d", i))
		}
		c.jump(49 * time.Hour)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := c.e.Sweep(c.t.Context()); err != nil {
					c.t.Error(err)
				}
			})
		}
		wg.Wait()
		c.want(map[string]string{"ee0": "lapsed", "ee1": "lapsed", "ee2": "lapsed", "ee3": "offered", "ee4": "offered", "ee5": "offered", "ee6": "waiting 1"})
		n := c.s.DB.Ent.Enrolment.Query().Where(enrolment.StatusEQ(training.Offered)).CountX(c.t.Context())
		if n != 3 {
			c.t.Errorf("%d offers for 3 seats", n)
		}
	})
}

func TestCancellingAndJoiningAtOnceLosesNoSeat(t *testing.T) {
	eachCrowd(t, testkit.R{Size: 10}, func(c *crowd) {
		for i := range 10 {
			c.enrol(fmt.Sprintf("lv%d", i))
		}
		var wg sync.WaitGroup
		for i := range 10 {
			a, ref, b := c.who(fmt.Sprintf("lv%d", i)), c.refs[fmt.Sprintf("lv%d", i)], c.who(fmt.Sprintf("ee%d", i))
			wg.Go(func() {
				if _, err := c.e.Cancel(c.t.Context(), a, ref); err != nil {
					c.t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := c.e.ConfirmOrWait(c.t.Context(), b, "W", ""); err != nil {
					c.t.Error(err)
				}
			})
		}
		wg.Wait()
		c.sweep()
		got := map[training.Status]int{}
		for _, row := range c.s.DB.Ent.Enrolment.Query().AllX(c.t.Context()) {
			got[row.Status]++
		}
		if got[training.Confirmed]+got[training.Offered] != 10 || got[training.Waiting] != 0 {
			c.t.Errorf("ten seats, ten people: %v", got)
		}
	})
}
