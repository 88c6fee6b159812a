package roster_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestTheWaitingListIsInTheOrderOfJoining(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "zoe", training.Waiting, "EE")
		c.enrol(t, "seated", training.Confirmed, "")
		c.DB.Ent.SeatPool.Create().SetRunID(c.run).SetCountry("FI").SetSize(0).ExecX(s.Context())
		c.enrol(t, "aino", training.Waiting, "FI")
		c.enrol(t, "bo", training.Waiting, "")
		c.enrol(t, "gone", training.Cancelled, "")
		err := s.DB.Ent.MemberState.Create().SetCode("FI").SetMemberFrom("1992-03-06").
			SetSuspendedFrom(training.DateOf(s.Now(t)).String()).Exec(s.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.service.Waiting(s.Context(), c.instructor, "FIRE-1")
		if err != nil {
			t.Fatal(err)
		}
		want := roster.WaitingList{Mode: training.ByInstructor, People: []roster.Waiter{
			{Enrolment: "zoe", Name: "zoe", Country: "EE", AgencyName: "Agency brigade-EE", Place: 1},
			{Enrolment: "aino", Name: "aino", Country: "FI", AgencyName: "Agency brigade-FI", Place: 2, Skipped: true},
			{Enrolment: "bo", Name: "bo", Place: 2}, // passes who is skipped
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		// Until the first day begins, the list serves itself.
		for days, mode := range map[int]training.ListMode{30: training.ByOffer, 1: training.ByFirstAnswer} {
			starts := training.DateOf(s.Now(t).In(time.UTC)).AddDays(days).String()
			s.DB.Ent.Run.UpdateOneID(c.run).SetStarts(starts).SetEnds(starts).SetTimeZone("UTC").ExecX(s.Context())
			if got, err := c.service.Waiting(s.Context(), c.instructor, "FIRE-1"); err != nil || got.Mode != mode {
				t.Errorf("%d days before: mode %d, %v, want %d", days, got.Mode, err, mode)
			}
		}
	})
}

func TestAWaitingListIsSeenByWhoTeachesTheRunAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "bo", training.Waiting, "")
		if got, err := c.service.Waiting(s.Context(), c.admin, "FIRE-1"); err != nil || len(got.People) != 1 {
			t.Errorf("the administrator sees %+v, %v", got, err)
		}
		for name, try := range map[string]struct {
			who  training.Actor
			code string
			want training.Kind
		}{
			"another instructor": {s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleInstructor}), "FIRE-1", training.KindNotFound},
			"a missing run":      {c.instructor, "NONE", training.KindNotFound},
			"a trainee":          {s.Person(t, testkit.P{Email: "t@example.org"}), "FIRE-1", training.KindForbidden},
			"a visitor":          {training.Actor{}, "FIRE-1", training.KindUnauthenticated},
		} {
			if got, err := c.service.Waiting(s.Context(), try.who, try.code); !training.IsKind(err, try.want) {
				t.Errorf("%s: %+v, %v, want %s", name, got, err, try.want)
			}
		}
	})
}
