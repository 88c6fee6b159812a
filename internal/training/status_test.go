package training

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheStatusesAreTwelve(t *testing.T) {
	all := Statuses()
	if len(all) != 12 {
		t.Errorf("%d statuses", len(all))
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(all))); len(unique) != len(all) {
		t.Errorf("a status stands twice: %v", all)
	}
	values := Status("").Values()
	for i, s := range all {
		if values[i] != string(s) {
			t.Errorf("the database takes %q in place of %s", values[i], s)
		}
	}
	for from, to := range transitions {
		for _, s := range append([]Status{from}, to...) {
			if !slices.Contains(all, s) {
				t.Errorf("the table names %q, which is no status", s)
			}
		}
	}
}

func TestTransitions(t *testing.T) {
	results := []Status{Completed, NotCompleted, Absent}
	want := map[Status][]Status{
		Pending:      {Confirmed, Declined, Lapsed, Cancelled},
		Confirmed:    {Cancelled, Completed, NotCompleted, Absent},
		Waiting:      {Pending, Confirmed, Offered, Lapsed, Cancelled},
		Offered:      {Pending, Confirmed, Declined, Lapsed, Cancelled},
		Wished:       {Pending, Confirmed, Waiting, Lapsed, Cancelled, NotSelected},
		Completed:    {Confirmed, NotCompleted, Absent},
		NotCompleted: {Confirmed, Completed, Absent},
		Absent:       {Confirmed, Completed, NotCompleted},
	}
	for _, from := range Statuses() {
		var got []Status
		for _, to := range Statuses() {
			if from.MayBecome(to) {
				got = append(got, to)
			}
			if from.MayBecome(to) != slices.Contains(From(to), from) {
				t.Errorf("From(%s) and %s.MayBecome disagree", to, from)
			}
		}
		if diff := cmp.Diff(want[from], got); diff != "" {
			t.Errorf("%s may become: %s", from, diff)
		}
		if from.MayBecome(from) {
			t.Errorf("%s may become itself: a second answer would be taken for a change", from)
		}
		if !from.Living() && len(got) > 0 {
			t.Errorf("%s has ended and yet may become %v", from, got)
		}
		if from.Living() && len(got) == 0 {
			t.Errorf("%s lives and leads nowhere", from)
		}
		if slices.Contains(results, from) && from.MayBecome(Cancelled) {
			t.Errorf("%s can be cancelled after the run", from)
		}
	}
}

func TestWhatAStatusMeans(t *testing.T) {
	type meaning struct{ TakesSeat, Living, OnRoster, IsResult bool }
	for status, want := range map[Status]meaning{
		Pending: {true, true, false, false}, Confirmed: {true, true, true, false}, Offered: {true, true, false, false},
		Waiting: {false, true, false, false}, Wished: {false, true, false, false},
		Declined: {}, Lapsed: {}, Cancelled: {}, NotSelected: {},
		Completed: {true, true, true, true}, NotCompleted: {true, true, true, true}, Absent: {true, true, true, true},
	} {
		got := meaning{status.TakesSeat(), status.Living(), status.OnRoster(), status.IsResult()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", status, diff)
		}
	}
	for _, s := range Statuses() {
		if s.TakesSeat() && !s.Living() {
			t.Errorf("%s has ended and keeps a seat", s)
		}
		if s.OnRoster() && !s.TakesSeat() {
			t.Errorf("%s is on the roster without a seat", s)
		}
		if s.IsResult() && !s.OnRoster() {
			t.Errorf("%s is a result of somebody who is not on the roster", s)
		}
	}
}

func TestUntilWhenPeopleWithdrawByThemselves(t *testing.T) {
	day := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		status     Status
		until, now time.Time
		want       bool
	}{
		"no day is set":              {Confirmed, time.Time{}, day, true},
		"before the day":             {Confirmed, day, day.Add(-time.Second), true},
		"from the day on":            {Confirmed, day, day, false},
		"a seat not yet approved":    {Pending, day, day, false},
		"one leaves the list always": {Waiting, day, day.Add(time.Hour), true},
		"an offer binds nobody":      {Offered, day, day.Add(time.Hour), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := MayWithdraw(c.status, c.until, c.now); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
