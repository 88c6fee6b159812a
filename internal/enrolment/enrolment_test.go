package enrolment_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func newService(s *testkit.Setup, options service.Options) *service.Service {
	return service.New(s.DB, newKeeper(s), options)
}

func newKeeper(s *testkit.Setup) *hold.Keeper {
	return hold.New(s.Redis, []byte("secret"), time.Minute)
}

func people(t *testing.T, s *testkit.Setup, n int, p testkit.P) []training.Actor {
	t.Helper()
	list := make([]training.Actor, n)
	for i := range list {
		p.Email = fmt.Sprintf("person%d.%s@example.org", i, strings.ToLower(p.Country))
		list[i] = s.Person(t, p)
	}
	return list
}

// takenAndRows are the pool's count and the rows that take a seat: a seat too
// many shows in either.
func takenAndRows(t *testing.T, s *testkit.Setup, code string) (int, int) {
	t.Helper()
	pools, err := s.DB.Ent.SeatPool.Query().Where(seatpool.HasRunWith(run.Code(code))).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, p := range pools {
		taken += p.Taken
	}
	rows, err := s.DB.Ent.Enrolment.Query().
		Where(enrolment.HasRunWith(run.Code(code)), enrolment.StatusIn(training.Confirmed, training.Pending)).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return taken, rows
}

func wantKind(t *testing.T, err error, kind training.Kind) {
	t.Helper()
	if !training.IsKind(err, kind) {
		t.Fatalf("answer %v, want %s", err, kind)
	}
}

func TestTwoHundredAtOnceForSevenSeats(t *testing.T) {
	ways := map[string]func(t *testing.T, s *testkit.Setup, e *service.Service, a training.Actor) error{
		"hold, then confirm": func(t *testing.T, _ *testkit.Setup, e *service.Service, a training.Actor) error {
			h, err := e.Hold(t.Context(), a, "RUSH")
			if err != nil {
				return err
			}
			_, err = e.Confirm(t.Context(), a, "RUSH", h.Token)
			return err
		},
		"confirm without a hold": func(t *testing.T, _ *testkit.Setup, e *service.Service, a training.Actor) error {
			_, err := e.Confirm(t.Context(), a, "RUSH", "")
			return err
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
				s.Run(t, testkit.R{Code: "RUSH", Size: 7})
				rush(t, s, newService(s, service.Options{}), way)
			})
		})
	}
}

func TestTwoHundredAtOnceForSevenSeatsWithRedisAway(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "RUSH", Size: 7})
		e := newService(s, service.Options{})
		s.Redis.Close()
		rush(t, s, e, func(t *testing.T, _ *testkit.Setup, e *service.Service, a training.Actor) error {
			_, err := e.Confirm(t.Context(), a, "RUSH", "")
			return err
		})
	})
}

func rush(t *testing.T, s *testkit.Setup, e *service.Service,
	way func(*testing.T, *testkit.Setup, *service.Service, training.Actor) error) {
	t.Helper()
	actors := people(t, s, 200, testkit.P{Country: "LV"})
	start := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for _, a := range actors {
		wg.Go(func() {
			<-start
			err := way(t, s, e, a)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !training.IsKind(err, training.KindSeatGone) {
				t.Errorf("a refusal that does not say the seats are gone: %v", err)
			}
		})
	}
	close(start)
	wg.Wait()
	if taken, rows := takenAndRows(t, s, "RUSH"); won != 7 || taken != 7 || rows != 7 {
		t.Errorf("%d were told yes, %d seats counted, %d rows; want 7", won, taken, rows)
	}
}

func TestTheSameFormTwiceTakesOneSeatAndGivesTheFirstAnswer(t *testing.T) {
	for name, size := range map[string]int{"among five": 5, "the last one": 1} {
		t.Run(name, func(t *testing.T) { theSameFormTwice(t, size) })
	}
}

func theSameFormTwice(t *testing.T, size int) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: size})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		h, err := e.Hold(t.Context(), a, "R1")
		if err != nil {
			t.Fatal(err)
		}
		refs := make([]string, 8)
		var wg sync.WaitGroup
		for i := range refs {
			wg.Go(func() {
				got, err := e.Confirm(t.Context(), a, "R1", h.Token)
				if err != nil {
					t.Errorf("try %d: %v", i, err)
				}
				refs[i] = got.Ref
			})
		}
		wg.Wait()
		for _, ref := range refs {
			if ref != refs[0] || ref == "" {
				t.Fatalf("answers differ: %v", refs)
			}
		}
		if taken, rows := takenAndRows(t, s, "R1"); taken != 1 || rows != 1 {
			t.Errorf("%d seats, %d rows", taken, rows)
		}
		_, err = e.Confirm(t.Context(), a, "R1", "")
		wantKind(t, err, training.KindAlreadyEnrolled)
		_, err = e.Hold(t.Context(), a, "R1")
		wantKind(t, err, training.KindAlreadyEnrolled)
	})
}

func TestQuotaFirstAndOnlyForConfirmedMembers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "Q", Size: 3, Quotas: map[string]int{"LV": 1, "EE": 1}})
		e := newService(s, service.Options{})
		unconfirmed := s.Person(t, testkit.P{Email: "u@example.org", Country: "LV", Agency: "lv-a"})
		latvians := people(t, s, 2, testkit.P{Country: "LV", Agency: "lv-a", Confirmed: true})
		first, err := e.Confirm(t.Context(), unconfirmed, "Q", "")
		if err != nil || first.Quota != "" || first.AgencySlug != "" || first.State != "" {
			t.Errorf("unconfirmed member: %+v, %v; want an open seat and no agency or state", first, err)
		}
		second, err := e.Confirm(t.Context(), latvians[0], "Q", "")
		if err != nil || second.Quota != "LV" || second.AgencySlug != "lv-a" || second.State != "LV" {
			t.Errorf("confirmed member: %+v, %v", second, err)
		}
		// The Estonian seat is free, but not theirs.
		_, err = e.Confirm(t.Context(), latvians[1], "Q", "")
		wantKind(t, err, training.KindSeatGone)
	})
}

func TestALaterChangeOfAgencyAltersNoEnrolment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1"})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
		made, err := e.Confirm(t.Context(), a, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		other := s.Agency(t, "ee-b", "EE")
		if err := s.DB.Ent.Person.UpdateOneID(a.PersonID).SetAgencyID(other).SetCountry("EE").ClearAffiliationConfirmedAt().Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		now, err := e.Get(t.Context(), a, made.Ref)
		if err != nil || now.AgencySlug != "lv-a" || now.State != "LV" {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestWithdrawingFreesTheSeatForTheNext(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		e := newService(s, service.Options{})
		a, b := s.Person(t, testkit.P{Email: "a@example.org"}), s.Person(t, testkit.P{Email: "b@example.org"})
		made, err := e.Confirm(t.Context(), a, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Hold(t.Context(), b, "R1")
		wantKind(t, err, training.KindSeatGone)
		gone, err := e.Cancel(t.Context(), a, made.Ref)
		if err != nil || gone.Status != training.Cancelled {
			t.Fatalf("%+v, %v", gone, err)
		}
		_, err = e.Cancel(t.Context(), a, made.Ref)
		wantKind(t, err, training.KindConflict)
		if _, err := e.Hold(t.Context(), b, "R1"); err != nil {
			t.Errorf("the freed seat cannot be taken: %v", err)
		}
		if _, err := e.Confirm(t.Context(), b, "R1", ""); err != nil {
			t.Errorf("the freed seat cannot be taken: %v", err)
		}
		// Having withdrawn, a person may come back while there are seats.
		_, err = e.Confirm(t.Context(), a, "R1", "")
		wantKind(t, err, training.KindSeatGone)
	})
}

func TestWithdrawingTwiceAtOnceFreesOneSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: 5})
		e := newService(s, service.Options{})
		actors := people(t, s, 2, testkit.P{Country: "LV"})
		var refs []string
		for _, a := range actors {
			made, err := e.Confirm(t.Context(), a, "R1", "")
			if err != nil {
				t.Fatal(err)
			}
			refs = append(refs, made.Ref)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := e.Cancel(t.Context(), actors[0], refs[0]); err != nil && !training.IsKind(err, training.KindConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken, rows := takenAndRows(t, s, "R1"); taken != 1 || rows != 1 {
			t.Errorf("%d seats, %d rows; want 1", taken, rows)
		}
	})
}

func TestEnrolmentWindowAndConditions(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		now := s.Now(t)
		s.Run(t, testkit.R{Code: "EARLY", Opens: now.Add(time.Hour)})
		s.Run(t, testkit.R{Code: "LATE", Closes: now.Add(-time.Second)})
		s.Run(t, testkit.R{Code: "POLICE", Conditions: training.Conditions{Professions: []string{"police"}}})
		s.Run(t, testkit.R{Code: "BASICS", Conditions: training.Conditions{Prerequisites: []string{"UMI"}}})
		e := newService(s, service.Options{MailOut: true})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		unread := s.Person(t, testkit.P{Email: "b@example.org", EmailUnconfirmed: true})
		for code, kind := range map[string]training.Kind{"EARLY": training.KindEnrolmentClosed, "LATE": training.KindEnrolmentClosed,
			"POLICE": training.KindNotEligible, "BASICS": training.KindNotEligible, "NONE": training.KindNotFound} {
			if _, err := e.Hold(t.Context(), a, code); !training.IsKind(err, kind) {
				t.Errorf("hold in %s: %v, want %s", code, err, kind)
			}
			if _, err := e.Confirm(t.Context(), a, code, ""); !training.IsKind(err, kind) {
				t.Errorf("confirm in %s: %v, want %s", code, err, kind)
			}
		}
		s.Run(t, testkit.R{Code: "OPEN"})
		_, err := e.Hold(t.Context(), unread, "OPEN")
		wantKind(t, err, training.KindNotEligible)
	})
}

func TestHoldsOfOthersAndOfOtherRuns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1"})
		s.Run(t, testkit.R{Code: "R2"})
		e := newService(s, service.Options{})
		a, b := s.Person(t, testkit.P{Email: "a@example.org"}), s.Person(t, testkit.P{Email: "b@example.org"})
		h, err := e.Hold(t.Context(), a, "R1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Confirm(t.Context(), b, "R1", h.Token)
		wantKind(t, err, training.KindNotFound)
		_, err = e.Confirm(t.Context(), a, "R2", h.Token)
		wantKind(t, err, training.KindInvalid)
		_, err = e.Confirm(t.Context(), a, "R1", "forged")
		wantKind(t, err, training.KindNotFound)
		wantKind(t, e.Drop(t.Context(), b, h.Token), training.KindNotFound)
		if err := e.Drop(t.Context(), a, h.Token); err != nil {
			t.Fatal(err)
		}
		_, err = e.Confirm(t.Context(), a, "R1", h.Token)
		wantKind(t, err, training.KindHoldExpired)
	})
}

func TestAHoldIsConfirmedThoughOthersRush(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		h, err := e.Hold(t.Context(), a, "R1")
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range people(t, s, 20, testkit.P{Country: "EE"}) {
			_, err := e.Confirm(t.Context(), other, "R1", "")
			wantKind(t, err, training.KindSeatGone)
		}
		if _, err := e.Confirm(t.Context(), a, "R1", h.Token); err != nil {
			t.Errorf("a living hold was not given its seat: %v", err)
		}
	})
}

func TestWhoMaySeeAndCancel(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		s.Run(t, testkit.R{Code: "R1", Instructors: []training.Actor{teacher}})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
		made, err := e.Confirm(t.Context(), a, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true})
		actors := map[string]struct {
			who  training.Actor
			want training.Kind // empty: may
		}{
			"the person":                     {a, ""},
			"its officer":                    {officer, ""},
			"the run's instructor":           {teacher, ""},
			"an administrator":               {s.Person(t, testkit.P{Email: "adm@example.org", Role: training.RoleAdmin}), ""},
			"another person":                 {s.Person(t, testkit.P{Email: "b@example.org"}), training.KindNotFound},
			"another agency's officer":       {s.Person(t, testkit.P{Email: "o2@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-b", Confirmed: true}), training.KindNotFound},
			"an unconfirmed officer":         {s.Person(t, testkit.P{Email: "o3@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a"}), training.KindNotFound},
			"an instructor of another run":   {s.Person(t, testkit.P{Email: "t2@example.org", Role: training.RoleInstructor}), training.KindNotFound},
			"a visitor":                      {training.Actor{}, training.KindUnauthenticated},
			"a coordinator, without a right": {s.Person(t, testkit.P{Email: "c@example.org", Role: training.RoleCoordinator, Country: "LV", Confirmed: true}), training.KindNotFound},
		}
		for name, c := range actors {
			_, err := e.Get(t.Context(), c.who, made.Ref)
			if c.want == "" && err != nil || c.want != "" && !training.IsKind(err, c.want) {
				t.Errorf("%s sees: %v, want %q", name, err, c.want)
			}
			if c.want != "" {
				_, err = e.Cancel(t.Context(), c.who, made.Ref)
				wantKind(t, err, c.want)
			}
		}
		list, err := e.OfAgency(t.Context(), officer, "lv-a", service.Filter{})
		if err != nil || len(list) != 1 || list[0].Ref != made.Ref {
			t.Errorf("the officer's list: %v, %v", list, err)
		}
		for _, slug := range []string{"lv-b", "no-such"} {
			_, err = e.OfAgency(t.Context(), officer, slug, service.Filter{})
			wantKind(t, err, training.KindNotFound)
		}
		_, err = e.OfAgency(t.Context(), a, "lv-a", service.Filter{})
		wantKind(t, err, training.KindForbidden)
	})
}

func TestApprovalByTheAgency(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Approval: true})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true})
		made, err := e.Confirm(t.Context(), a, "R1", "")
		if err != nil || made.Status != training.Pending {
			t.Fatalf("%+v, %v", made, err)
		}
		_, err = e.Approve(t.Context(), a, made.Ref)
		wantKind(t, err, training.KindForbidden)
		_, err = e.Decline(t.Context(), a, made.Ref)
		wantKind(t, err, training.KindConflict)
		approved, err := e.Approve(t.Context(), officer, made.Ref)
		if err != nil || approved.Status != training.Confirmed {
			t.Fatalf("%+v, %v", approved, err)
		}
		_, err = e.Approve(t.Context(), officer, made.Ref)
		wantKind(t, err, training.KindConflict)
	})
}

func TestEveryCommittedPlaceLeavesAnEventAndAMail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1"})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		made, err := e.Confirm(t.Context(), a, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		events, err := s.DB.Ent.EnrolmentEvent.Query().Count(t.Context())
		if err != nil || events != 1 {
			t.Errorf("%d events, %v", events, err)
		}
		jobs, err := s.DB.Ent.OutboxJob.Query().Count(t.Context())
		if err != nil || jobs != 1 {
			t.Errorf("%d jobs, %v", jobs, err)
		}
		letters, err := e.Letters(t.Context(), []training.EnrolmentMailJob{{Enrolment: "GONE", Name: "enrolment_confirmed"},
			{Enrolment: made.Ref, Name: "enrolment_confirmed"}, {Enrolment: made.Ref, Name: "approval_asked"}})
		if err != nil || len(letters) != 3 {
			t.Fatalf("letters %+v, %v", letters, err)
		}
		if l := letters[1]; len(l.Readers) != 1 || l.Readers[0].To != "a@example.org" || l.Run != "R1" {
			t.Errorf("letter %+v", l)
		}
		if len(letters[0].Readers)+len(letters[2].Readers) != 0 {
			t.Errorf("letters to be written of nothing: %+v", letters)
		}
	})
}

func TestADisabledAccountTakesNoSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1"})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		if err := s.DB.Ent.Person.Update().Where(person.ID(a.PersonID)).SetDisabledAt(s.Now(t)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := e.Hold(t.Context(), a, "R1")
		wantKind(t, err, training.KindUnauthenticated)
	})
}
