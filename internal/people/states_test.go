package people

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func day(t *testing.T, s string) training.Date {
	t.Helper()
	return must[training.Date](t)(training.ParseDate(s))
}

func TestStateActive(t *testing.T) {
	iceland := State{Code: "IS", From: day(t, "1995-05-19")}
	russia := State{Code: "RU", From: day(t, "1992-03-06"), Until: day(t, "2022-05-17"), SuspendedFrom: day(t, "2022-03-03")}
	left := State{Code: "XX", From: day(t, "1992-03-06"), Until: day(t, "2022-05-17")}
	for _, tt := range []struct {
		state State
		on    string
		want  bool
	}{
		{iceland, "1995-05-18", false}, {iceland, "1995-05-19", true}, {iceland, "2030-01-01", true},
		{russia, "2022-03-02", true}, {russia, "2022-03-03", false}, {russia, "2030-01-01", false},
		{left, "2022-05-16", true}, {left, "2022-05-17", false},
	} {
		if got := tt.state.Active(day(t, tt.on)); got != tt.want {
			t.Errorf("%s on %s: active %v, want %v", tt.state.Code, tt.on, got, tt.want)
		}
	}
}

func TestMemberStates(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		if codes := must[[]string](t)(people.StatesNow(ctx, day(t, "2027-01-01"))); len(codes) != 0 {
			t.Errorf("states before any are known: %v", codes)
		}
		for range 2 {
			if err := people.EnsureStates(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for on, want := range map[string][]string{
			"2027-01-01": {"DE", "DK", "EE", "EU", "FI", "IS", "LT", "LV", "NO", "PL", "SE"},
			"2020-01-01": {"DE", "DK", "EE", "EU", "FI", "IS", "LT", "LV", "NO", "PL", "RU", "SE"},
			"1994-01-01": {"DE", "DK", "EE", "EU", "FI", "LT", "LV", "NO", "PL", "RU", "SE"},
			"1992-03-05": nil,
		} {
			if diff := cmp.Diff(want, must[[]string](t)(people.StatesNow(ctx, day(t, on)))); diff != "" {
				t.Errorf("members on %s:\n%s", on, diff)
			}
		}
		all := must[[]State](t)(people.MemberStates(ctx))
		union := State{Code: "EU", Kind: "union", From: day(t, "1992-03-06")}
		if len(all) != 12 || all[3] != union {
			t.Errorf("members: %+v", all)
		}
	})
}

// From the first day on the list is the secretariat's: what it changed stays.
func TestSeedingChangesNothingThatIsThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		own := []State{{Code: "LV", Kind: "state", From: day(t, "2000-01-01"), SuspendedFrom: day(t, "2026-01-01")}}
		if err := people.SeedStates(ctx, own); err != nil {
			t.Fatal(err)
		}
		if err := people.EnsureStates(ctx); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(own, must[[]State](t)(people.MemberStates(ctx))); diff != "" {
			t.Errorf("a list that was not empty was filled:\n%s", diff)
		}
		again := State{Code: "LV", Kind: "state", From: day(t, "1992-03-06")}
		finland := State{Code: "FI", Kind: "state", From: day(t, "1992-03-06")}
		if err := people.SeedStates(ctx, []State{again, finland}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]State{finland, own[0]}, must[[]State](t)(people.MemberStates(ctx))); diff != "" {
			t.Error(diff)
		}
		if err := people.SeedStates(ctx, nil); err != nil {
			t.Errorf("nothing to seed: %v", err)
		}
	})
}
