package catalogue

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAStatesQuotasAreThoseOfRunsToCome(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		ctx, now := t.Context(), s.Now(t)
		today := training.DateOf(now)
		lv := func(seats int) map[string]int { return map[string]int{"LV": seats, "EE": 1} }
		later := s.Run(t, testkit.R{Code: "A-LATER", Quotas: lv(3), Starts: today.AddDays(20)})
		s.Run(t, testkit.R{Code: "B-SOONER", Quotas: lv(2), Starts: today.AddDays(10)})
		s.Run(t, testkit.R{Code: "UNDER-WAY", Quotas: lv(1), Starts: today.AddDays(-3), Ends: today.AddDays(1)})
		s.Run(t, testkit.R{Code: "OVER", Quotas: lv(1), Starts: today.AddDays(-9), Ends: today.AddDays(-3)})
		s.Run(t, testkit.R{Code: "OTHERS", Quotas: map[string]int{"EE": 1}})
		closed := s.Run(t, testkit.R{Code: "CLOSED", Quotas: lv(1)})
		cancelled := s.Run(t, testkit.R{Code: "CANCELLED", Quotas: lv(1)})
		s.DB.Ent.Run.Update().Where(run.ID(closed)).SetClosedAt(now).ExecX(ctx)
		s.DB.Ent.Run.Update().Where(run.ID(cancelled)).SetCancelledAt(now).ExecX(ctx)
		if err := service.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		// What is released is still shown, and figures are those of this moment.
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(later), seatpool.Country("LV")).SetTaken(2).SetReleasedAt(now).ExecX(ctx)

		coordinator := training.Actor{PersonID: 1, Role: training.RoleCoordinator, Country: "LV"}
		quotas, err := service.QuotasOf(ctx, coordinator, "LV")
		if err != nil {
			t.Fatal(err)
		}
		type told struct {
			Code, Country string
			Size, Taken   int
			Released      bool
		}
		var got []told
		for _, q := range quotas {
			got = append(got, told{q.Run.Code, q.Pool.Country, q.Pool.Size, q.Pool.Taken, !q.Pool.ReleasedAt.IsZero()})
			if q.Course.ID != q.Run.CourseID {
				t.Errorf("%s comes with a course that is not its own", q.Run.Code)
			}
		}
		want := []told{{"UNDER-WAY", "LV", 1, 0, false}, {"B-SOONER", "LV", 2, 0, false}, {"A-LATER", "LV", 3, 2, true}}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAStatesQuotasAreItsCoordinatorsToSee(t *testing.T) {
	s := testkit.SQLite(t)
	service := New(s.DB, Options{})
	s.Run(t, testkit.R{Code: "R1", Quotas: map[string]int{"LV": 1}})
	for name, tt := range map[string]struct {
		actor training.Actor
		want  training.Kind // empty: it is answered
	}{
		"its coordinator":               {training.Actor{PersonID: 1, Role: training.RoleCoordinator, Country: "LV"}, ""},
		"the secretariat":               {training.Actor{PersonID: 1, Role: training.RoleAdmin}, ""},
		"another state's":               {training.Actor{PersonID: 1, Role: training.RoleCoordinator, Country: "EE"}, training.KindNotFound},
		"one whom nobody confirmed":     {training.Actor{PersonID: 1, Role: training.RoleCoordinator}, training.KindNotFound},
		"a trainee who serves in it":    {training.Actor{PersonID: 1, Role: training.RoleTrainee, Country: "LV"}, training.KindForbidden},
		"somebody who is not signed in": {training.Actor{}, training.KindUnauthenticated},
	} {
		quotas, err := service.QuotasOf(t.Context(), tt.actor, "LV")
		switch {
		case tt.want != "" && (!training.IsKind(err, tt.want) || quotas != nil):
			t.Errorf("%s: %d quotas, %v", name, len(quotas), err)
		case tt.want == "" && (err != nil || len(quotas) != 1):
			t.Errorf("%s: %d quotas, %v", name, len(quotas), err)
		}
	}
}
