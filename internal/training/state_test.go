package training

import "testing"

func TestAStateIsSuspendedUntilItLeaves(t *testing.T) {
	day := func(s string) Date {
		if s == "" {
			return Date{}
		}
		d, err := ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	cases := map[string]struct {
		from, until, on string
		want            bool
	}{
		"never suspended":                       {"", "", "2027-01-01", false},
		"the day before":                        {"2027-01-01", "", "2026-12-31", false},
		"the first day":                         {"2027-01-01", "", "2027-01-01", true},
		"years later":                           {"2027-01-01", "", "2031-01-01", true},
		"suspended, and leaves later":           {"2022-03-03", "2022-05-17", "2022-05-16", true},
		"left: it is a state like any other":    {"2022-03-03", "2022-05-17", "2022-05-17", false},
		"suspended again after it has left":     {"2027-01-01", "2022-05-17", "2027-01-01", true},
		"left without having been suspended":    {"", "2022-05-17", "2027-01-01", false},
		"suspended on the day on which it left": {"2022-05-17", "2022-05-17", "2022-05-17", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := SuspendedOn(day(c.from), day(c.until), day(c.on)); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
