package training

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2027, 3, 15, 12, 0, 0, 0, time.UTC)

func TestFreeSeats(t *testing.T) {
	for _, tt := range []struct {
		pool Pool
		want int
	}{
		{Pool{}, 0},
		{Pool{Size: 22}, 22},
		{Pool{Size: 22, Taken: 20, Held: 1}, 1},
		{Pool{Size: 22, Taken: 20, Held: 2}, 0},
		// A lost and restored Redis holds more than there is.
		{Pool{Size: 22, Taken: 20, Held: 5}, 0},
	} {
		if got := tt.pool.Free(); got != tt.want {
			t.Errorf("%+v has %d free, want %d", tt.pool, got, tt.want)
		}
	}
}

func TestUsablePools(t *testing.T) {
	open := Pool{ID: 1, Size: 18}
	latvia := Pool{ID: 2, Country: "LV", Size: 2}
	poland := Pool{ID: 3, Country: "PL", Size: 2}
	released := Pool{ID: 4, Country: "EE", Size: 2, ReleasedAt: noon}
	suspended := Pool{ID: 5, Country: "FI", Size: 2, Suspended: true}
	all := []Pool{latvia, open, poland, released, suspended}
	for _, tt := range []struct {
		what, country string
		pools         []Pool
		want          []int
	}{
		{"the own quota before the open pool", "LV", all, []int{2, 1}},
		{"the same whatever the order", "PL", []Pool{open, poland, latvia}, []int{3, 1}},
		{"a state without a quota", "SE", all, []int{1}},
		{"a state that is not confirmed", "", all, []int{1}},
		{"a released quota", "EE", all, []int{1}},
		{"a suspended quota", "FI", all, []int{1}},
		{"small letters are no code", "lv", all, []int{1}},
		{"a run without an open pool", "SE", []Pool{latvia}, nil},
		{"no pools", "LV", nil, nil},
	} {
		var got []int
		for _, p := range UsablePools(tt.country, tt.pools) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

func TestFigures(t *testing.T) {
	pools := []Pool{
		{Size: 18, Taken: 17, Held: 1, Waiting: 3},
		{Country: "LV", Size: 2, Taken: 0, Held: 5, Waiting: 1}, // more held than there is
		{Country: "PL", Size: 2, Taken: 1},
	}
	want := SeatFigures{Size: 22, Taken: 18, Held: 6, Free: 1, Waiting: 3, HeldKnown: true}
	if diff := cmp.Diff(want, Figures(pools, 3, true)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(SeatFigures{}, Figures(nil, 0, false)); diff != "" {
		t.Error(diff)
	}
}

func TestTheWindowOfEnrolment(t *testing.T) {
	opens, closes := noon, noon.Add(time.Hour)
	for _, tt := range []struct {
		what   string
		window Window
		now    time.Time
		key    string // empty: inside
	}{
		{"just before it opens", Window{Opens: opens, Closes: closes}, opens.Add(-time.Microsecond), "fault.enrolment_not_open"},
		{"the instant it opens", Window{Opens: opens, Closes: closes}, opens, ""},
		{"just before it closes", Window{Opens: opens, Closes: closes}, closes.Add(-time.Microsecond), ""},
		{"the instant it closes", Window{Opens: opens, Closes: closes}, closes, "fault.enrolment_closed"},
		{"open since always", Window{Closes: closes}, opens.AddDate(-10, 0, 0), ""},
		{"a closed run", Window{Closes: closes, Closed: true}, opens, "fault.run_closed"},
		{"a closed run is closed first of all", Window{Opens: opens, Closes: closes, Closed: true}, closes, "fault.run_closed"},
	} {
		err := tt.window.Check(tt.now)
		if tt.key == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.what, err)
			}
			continue
		}
		fault, ok := AsFault(err)
		if !ok || fault.Kind != KindEnrolmentClosed || fault.Key != tt.key {
			t.Errorf("%s: %v, want %s", tt.what, err, tt.key)
		}
	}
}

func TestPlanPools(t *testing.T) {
	window := Window{Opens: noon, Closes: noon.AddDate(0, 1, 0)}
	between := noon.AddDate(0, 0, 10)
	for _, tt := range []struct {
		what   string
		size   int
		quotas []QuotaPlan
		want   []Pool
	}{
		{"no quotas", 22, nil, []Pool{{Size: 22}}},
		{"the open pool is the rest, then the states in order", 22,
			[]QuotaPlan{{Country: "PL", Size: 2, ReleasesAt: between}, {Country: "EU", Size: 1}, {Country: "LV", Size: 2}},
			[]Pool{{Size: 17}, {Country: "EU", Size: 1, ReleasesAt: window.Closes}, {Country: "LV", Size: 2, ReleasesAt: window.Closes},
				{Country: "PL", Size: 2, ReleasesAt: between}}},
		{"quotas may take everything", 4, []QuotaPlan{{Country: "LV", Size: 4}}, []Pool{{}, {Country: "LV", Size: 4, ReleasesAt: window.Closes}}},
		{"a release at either end", 4,
			[]QuotaPlan{{Country: "EE", Size: 1, ReleasesAt: window.Opens}, {Country: "LV", Size: 1, ReleasesAt: window.Closes}},
			[]Pool{{Size: 2}, {Country: "EE", Size: 1, ReleasesAt: window.Opens}, {Country: "LV", Size: 1, ReleasesAt: window.Closes}}},
		{"one seat", 1, nil, []Pool{{Size: 1}}},
		{"as many as may be", MaxSeats, nil, []Pool{{Size: MaxSeats}}},
	} {
		got, err := PlanPools(tt.size, tt.quotas, window)
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
		sum := 0
		for _, p := range got {
			sum += p.Size
		}
		if sum != tt.size {
			t.Errorf("%s: pools of %d seats in all, the run has %d", tt.what, sum, tt.size)
		}
	}
}

func TestPoolsThatCannotBe(t *testing.T) {
	window := Window{Opens: noon, Closes: noon.AddDate(0, 1, 0)}
	for _, tt := range []struct {
		what   string
		size   int
		quotas []QuotaPlan
		want   []string // field and key of each fault
	}{
		{"no seats", 0, nil, []string{"size invalid.between"}},
		{"fewer than none", -1, nil, []string{"size invalid.between"}},
		{"too many seats", MaxSeats + 1, nil, []string{"size invalid.between"}},
		{"more than there are", 3, []QuotaPlan{{Country: "LV", Size: 2}, {Country: "EE", Size: 2}}, []string{"quotas invalid.quotas_exceed"}},
		{"no such country", 22, []QuotaPlan{{Country: "XX", Size: 1}}, []string{"quotas invalid.country"}},
		{"a quota of the open pool", 22, []QuotaPlan{{Size: 1}}, []string{"quotas invalid.country"}},
		{"a state twice", 22, []QuotaPlan{{Country: "LV", Size: 1}, {Country: "LV", Size: 1}}, []string{"quotas invalid.duplicate"}},
		{"an empty quota", 22, []QuotaPlan{{Country: "LV"}}, []string{"quotas invalid.between"}},
		// Otherwise a quota below nought would make the open pool larger than the run.
		{"a quota below nought", 22, []QuotaPlan{{Country: "LV", Size: -5}}, []string{"quotas invalid.between"}},
		{"a release before the opening", 22, []QuotaPlan{{Country: "LV", Size: 1, ReleasesAt: noon.Add(-time.Second)}}, []string{"quotas invalid.release_outside"}},
		{"a release after the close", 22, []QuotaPlan{{Country: "LV", Size: 1, ReleasesAt: window.Closes.Add(time.Second)}}, []string{"quotas invalid.release_outside"}},
		{"all that is wrong at once", 0, []QuotaPlan{{Country: "xx", Size: 0}}, []string{"size invalid.between", "quotas invalid.country", "quotas invalid.between"}},
	} {
		pools, err := PlanPools(tt.size, tt.quotas, window)
		fault, ok := AsFault(err)
		if !ok || fault.Kind != KindInvalid || pools != nil {
			t.Errorf("%s: %v, %v", tt.what, pools, err)
			continue
		}
		if diff := cmp.Diff(tt.want, fieldsAndKeys(fault.Fields)); diff != "" {
			t.Errorf("%s: %s", tt.what, diff)
		}
	}
}

func fieldsAndKeys(faults []FieldFault) []string {
	var list []string
	for _, f := range faults {
		list = append(list, f.Field+" "+f.Key)
	}
	return list
}

func TestTheSizesThatAPoolMayGet(t *testing.T) {
	pools := []Pool{{ID: 1, Size: 4}, {ID: 2, Country: "LV", Size: 2}}
	cases := map[string]struct {
		pool Pool
		size int
		want string // key of the field's fault; empty: none
	}{
		"more":                           {pools[0], 10, ""},
		"none, where the quota has some": {pools[0], 0, ""},
		"less than none":                 {pools[0], -1, "invalid.between"},
		"more than a run can have":       {pools[0], MaxSeats + 1, "invalid.between"},
		"more than a run can have, with the other pool": {pools[0], MaxSeats - 1, "invalid.seats_total"},
		"the quota given up":                            {pools[1], 0, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			if fault, ok := AsFault(CheckResize(pools, c.pool, c.size)); ok {
				got = fault.Fields[0].Key
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if CheckResize(pools[:1], pools[0], 0) == nil {
		t.Error("a run may lose its last seat")
	}
}
