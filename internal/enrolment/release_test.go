package enrolment_test

import (
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// poolsOf gives size and taken by country.
func poolsOf(t *testing.T, s *testkit.Setup, code string) map[string][2]int {
	t.Helper()
	rows, err := s.DB.Ent.SeatPool.Query().Where(seatpool.HasRunWith(run.Code(code))).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pools := map[string][2]int{}
	for _, p := range rows {
		pools[p.Country] = [2]int{p.Size, p.Taken}
	}
	return pools
}

// quotaRun has one open seat and three of Latvia, to be released tomorrow.
func quotaRun(t *testing.T, s *testkit.Setup) {
	t.Helper()
	id := s.Run(t, testkit.R{Code: "Q", Size: 4, Quotas: map[string]int{"LV": 3}})
	if err := s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(id), seatpool.Country("LV")).
		SetReleasesAt(s.Now(t).Add(24 * time.Hour)).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestUnusedQuotaSeatsOpenToAllAtTheReleaseDateOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		quotaRun(t, s)
		e := newService(s, service.Options{})
		latvians := people(t, s, 1, testkit.P{Country: "LV", Agency: "lv-a", Confirmed: true})
		if _, err := e.Confirm(t.Context(), latvians[0], "Q", ""); err != nil {
			t.Fatal(err)
		}
		if n, err := e.ReleaseDue(t.Context()); n != 0 || err != nil {
			t.Fatalf("%d released before the date, %v", n, err)
		}
		s.DB.Shift(25 * time.Hour)
		total := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 { // as many servers
			wg.Go(func() {
				n, err := e.ReleaseDue(t.Context())
				mu.Lock()
				defer mu.Unlock()
				total += n
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if total != 1 {
			t.Errorf("released %d times", total)
		}
		if got := poolsOf(t, s, "Q"); got["LV"] != [2]int{1, 1} || got[""] != [2]int{3, 0} {
			t.Errorf("pools %v, want one Latvian seat taken and three open ones", got)
		}
		for i, a := range people(t, s, 4, testkit.P{Country: "EE", Agency: "ee-a", Confirmed: true}) {
			_, err := e.Confirm(t.Context(), a, "Q", "")
			if i < 3 && err != nil || i == 3 && !training.IsKind(err, training.KindSeatGone) {
				t.Errorf("Estonian %d: %v", i+1, err)
			}
		}
	})
}

func TestAHoldFollowsItsSeatIntoTheOpenPool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		quotaRun(t, s)
		e := newService(s, service.Options{})
		latvian := people(t, s, 1, testkit.P{Country: "LV", Agency: "lv-a", Confirmed: true})[0]
		h, err := e.Hold(t.Context(), latvian, "Q")
		if err != nil || h.Country != "LV" {
			t.Fatalf("%+v, %v", h, err)
		}
		s.DB.Shift(25 * time.Hour)
		if n, err := e.ReleaseDue(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d released, %v", n, err)
		}
		given := 0
		for _, a := range people(t, s, 6, testkit.P{Country: "EE", Agency: "ee-a", Confirmed: true}) {
			if _, err := e.Confirm(t.Context(), a, "Q", ""); err == nil {
				given++
			}
		}
		if given != 3 {
			t.Errorf("%d of the four seats went to others while one is held", given)
		}
		made, err := e.Confirm(t.Context(), latvian, "Q", h.Token)
		if err != nil || made.Quota != "" {
			t.Errorf("the held seat: %+v, %v; want one of the open pool", made, err)
		}
	})
}

func TestASeatFreedInAReleasedQuotaIsOpenToAll(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		quotaRun(t, s)
		e := newService(s, service.Options{})
		latvian := people(t, s, 1, testkit.P{Country: "LV", Agency: "lv-a", Confirmed: true})[0]
		made, err := e.Confirm(t.Context(), latvian, "Q", "")
		if err != nil {
			t.Fatal(err)
		}
		s.DB.Shift(25 * time.Hour)
		if _, err := e.ReleaseDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Cancel(t.Context(), latvian, made.Ref); err != nil {
			t.Fatal(err)
		}
		if got := poolsOf(t, s, "Q"); got["LV"] != [2]int{0, 0} || got[""] != [2]int{4, 0} {
			t.Errorf("pools %v, want all four seats open", got)
		}
	})
}
