package catalogue

import (
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestOnlyCoursesInWhichASeatCanBeTakenAreFree(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		ctx, now := t.Context(), s.Now(t)
		s.Run(t, testkit.R{Code: "OPEN"})
		s.Run(t, testkit.R{Code: "QUOTA", Size: 4, Quotas: map[string]int{"SE": 4}})
		full := s.Run(t, testkit.R{Code: "FULL", Size: 4})
		waited := s.Run(t, testkit.R{Code: "WAITED"})
		suspended := s.Run(t, testkit.R{Code: "SUSPENDED", Size: 4, Quotas: map[string]int{"SE": 4}})
		s.Run(t, testkit.R{Code: "LATER", Opens: now.Add(time.Hour)})
		s.Run(t, testkit.R{Code: "SHUT", Closes: now.Add(-time.Hour)})
		closed := s.Run(t, testkit.R{Code: "CLOSED"})
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(full)).SetTaken(4).ExecX(ctx)
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(waited)).SetWaiting(1).ExecX(ctx)
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(suspended), seatpool.Country("SE")).SetSuspendedAt(now).ExecX(ctx)
		s.DB.Ent.Run.Update().Where(run.ID(closed)).SetClosedAt(now).ExecX(ctx)
		if err := service.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, c := range mustFind(t, service, Query{Free: true}).Courses {
			codes = append(codes, c.Runs[0].Code)
		}
		slices.Sort(codes)
		if diff := gocmp.Diff([]string{"OPEN", "QUOTA"}, codes); diff != "" {
			t.Error(diff)
		}
		nextRuns(t, service, "", map[string]int{"OPEN": 24})
		nextRuns(t, service, "NO", map[string]int{"OPEN": 24})
		nextRuns(t, service, "SE", map[string]int{"OPEN": 24, "QUOTA": 4})
		// Once the last seat is taken, the course is no longer free, a second later at most.
		s.DB.Ent.SeatPool.Update().Where(seatpool.Not(seatpool.RunID(full)), seatpool.Country("SE")).SetTaken(4).ExecX(ctx)
		s.DB.Ent.SeatPool.Update().Where(seatpool.Country(""), seatpool.SizeGT(4)).SetTaken(24).ExecX(ctx)
		time.Sleep(copyLife)
		if page := mustFind(t, service, Query{Free: true}); page.Total != 0 {
			t.Errorf("%v are free", ids(page.Courses))
		}
	})
}

func nextRuns(t *testing.T, service *Service, country string, want map[string]int) {
	t.Helper()
	next, err := service.NextRuns(t.Context(), country, 10)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, n := range next {
		got[n.Run.Code] = n.Free
		if n.Course.ID != n.Run.CourseID {
			t.Errorf("run %s comes with course %d, not its own %d", n.Run.Code, n.Course.ID, n.Run.CourseID)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("next runs for %q: %s", country, diff)
	}
}

func TestTheNextRunsComeByStartAndAreNoMoreThanAskedFor(t *testing.T) {
	s := testkit.SQLite(t)
	service := New(s.DB, Options{})
	today := training.DateOf(s.Now(t))
	for code, days := range map[string]int{"THIRD": 30, "FIRST": 10, "SECOND": 20, "FOURTH": 40} {
		s.Run(t, testkit.R{Code: code, Starts: today.AddDays(days)})
	}
	next, err := service.NextRuns(t.Context(), "", 3)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, n := range next {
		codes = append(codes, n.Run.Code)
	}
	if diff := gocmp.Diff([]string{"FIRST", "SECOND", "THIRD"}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestSeatsAreReadAsTheyAreNow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		ctx, now := t.Context(), s.Now(t)
		first := s.Run(t, testkit.R{Code: "R-1", Size: 10, Quotas: map[string]int{"SE": 2, "NO": 3}})
		second := s.Run(t, testkit.R{Code: "R-2", Size: 7})
		s.Run(t, testkit.R{Code: "R-3"})
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(first), seatpool.Country("NO")).SetTaken(1).SetWaiting(2).
			SetReleasedAt(now).SetSuspendedAt(now).ExecX(ctx)
		pools, err := service.Seats(ctx, []int{first, second, second})
		if err != nil {
			t.Fatal(err)
		}
		for id, list := range pools {
			for i := range list {
				list[i].ID, list[i].ReleasesAt = 0, time.Time{}
			}
			pools[id] = list
		}
		want := map[int][]training.Pool{
			first:  {{Size: 5}, {Country: "NO", Size: 3, Taken: 1, Waiting: 2, ReleasedAt: now, Suspended: true}, {Country: "SE", Size: 2}},
			second: {{Size: 7}},
		}
		if diff := gocmp.Diff(want, pools); diff != "" {
			t.Error(diff)
		}
		if pools, err := service.Seats(ctx, nil); err != nil || len(pools) != 0 {
			t.Errorf("no runs: %v, %v", pools, err)
		}
	})
}

func TestWhatIsMissingIsNotFound(t *testing.T) {
	service := New(testkit.SQLite(t).DB, Options{})
	if _, err := service.BySlug(t.Context(), "nothing"); !training.IsKind(err, training.KindNotFound) {
		t.Errorf("course: %v", err)
	}
	if _, _, err := service.RunByCode(t.Context(), "a\x00b"); !training.IsKind(err, training.KindNotFound) {
		t.Errorf("run: %v", err)
	}
}

func TestAServerSeesWithinASecondWhatAnotherHasChanged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		one, other := New(s.DB, Options{}), New(s.DB, Options{})
		mustImport(t, one, `[{"id": "a", "title": "A"}]`)
		if page := mustFind(t, other, Query{}); page.Total != 1 {
			t.Fatalf("%d courses", page.Total)
		}
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		n := newRun("A-1")
		n.Starts, n.Ends = "2190-01-01", "2190-01-02"
		if _, err := one.CreateRun(t.Context(), admin, "a", n); err != nil {
			t.Fatal(err)
		}
		if _, _, err := one.RunByCode(t.Context(), "A-1"); err != nil {
			t.Errorf("the server that made the run does not see it at once: %v", err)
		}
		time.Sleep(copyLife)
		if _, _, err := other.RunByCode(t.Context(), "A-1"); err != nil {
			t.Errorf("the other server does not see it after a second: %v", err)
		}
	})
}
