package training

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for _, text := range []string{"2027-03-15", "2028-02-29", "0001-01-01", "9999-12-31"} {
		d, err := ParseDate(text)
		if err != nil || d.String() != text || d.IsZero() {
			t.Errorf("%s is read as %v (%v)", text, d, err)
		}
	}
	for _, text := range []string{"", "2027-02-29", "2027-13-01", "2027-3-15", "15.03.2027", "2027-03-15T00:00:00Z", " 2027-03-15", "27-03-15"} {
		if d, err := ParseDate(text); err == nil || !d.IsZero() {
			t.Errorf("%q is read as %v", text, d)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	for _, tt := range []struct {
		from string
		days int
		to   string
	}{
		{"2027-03-15", 0, "2027-03-15"},
		{"2027-03-15", 1, "2027-03-16"},
		{"2027-12-31", 1, "2028-01-01"},
		{"2028-02-28", 2, "2028-03-01"},
		{"2027-03-01", -1, "2027-02-28"},
		// Over both changes of the clock.
		{"2027-03-27", 2, "2027-03-29"},
		{"2027-10-30", 2, "2027-11-01"},
		{"2027-01-01", 365, "2028-01-01"},
	} {
		from, to := day(t, tt.from), day(t, tt.to)
		if got := from.AddDays(tt.days); got != to {
			t.Errorf("%s and %d days: %s, want %s", from, tt.days, got, to)
		}
		if got := from.DaysTo(to); got != tt.days {
			t.Errorf("from %s to %s: %d days, want %d", from, to, got, tt.days)
		}
		if from.Before(to) != (tt.days > 0) || to.Before(from) != (tt.days < 0) {
			t.Errorf("%s before %s: %v, the other way %v", from, to, from.Before(to), to.Before(from))
		}
	}
}

func TestADayBeginsInItsOwnZone(t *testing.T) {
	for zone, want := range map[string]string{
		"Europe/Riga": "2027-03-14T22:00:00Z", "Europe/Warsaw": "2027-03-14T23:00:00Z",
		"Atlantic/Reykjavik": "2027-03-15T00:00:00Z", "UTC": "2027-03-15T00:00:00Z",
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		start := day(t, "2027-03-15").In(loc)
		if got := start.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: begins at %s, want %s", zone, got, want)
		}
		if DateOf(start) != day(t, "2027-03-15") || DateOf(start.Add(-time.Microsecond)) != day(t, "2027-03-14") {
			t.Errorf("%s: the day of its first instant is %s", zone, DateOf(start))
		}
	}
}

func TestWeekend(t *testing.T) {
	monday := day(t, "2027-03-15")
	for i, want := range []bool{false, false, false, false, false, true, true, false} {
		if d := monday.AddDays(i); d.Weekend() != want {
			t.Errorf("%s: weekend %v", d, d.Weekend())
		}
	}
}
