package training

import (
	"testing"
	"time"
)

func TestTheCapitalsTimeIsToldOnlyWhereItsClocksShowAnother(t *testing.T) {
	winter := time.Date(2027, time.January, 10, 10, 0, 0, 0, time.UTC)
	between := time.Date(2027, time.March, 20, 10, 0, 0, 0, time.UTC) // North America has summer time, Europe not yet
	for _, test := range []struct {
		name          string
		at            time.Time
		zone, country string
		want          string
	}{
		{"Poland and Latvia", winter, "Europe/Riga", "PL", "Europe/Warsaw"},
		{"Finland and Latvia", winter, "Europe/Riga", "FI", ""},
		{"Iceland in summer", winter.AddDate(0, 6, 0), "Europe/London", "IS", "Atlantic/Reykjavik"},
		{"Iceland in winter", winter, "Europe/London", "IS", ""},
		{"between two changes of the clocks", between, "America/New_York", "IS", "Atlantic/Reykjavik"},
		{"no country", winter, "Europe/Riga", "", ""},
		{"a country whose zone is not known", winter, "Europe/Riga", "XX", ""},
		{"a zone that nobody knows", winter, "Europe/Nowhere", "PL", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if own, differs := OwnZone(test.at, test.zone, test.country); own != test.want || differs != (test.want != "") {
				t.Errorf("%q, %v, want %q", own, differs, test.want)
			}
		})
	}
}

func TestEveryCapitalKeepsATimeThatIsKnown(t *testing.T) {
	for country, zone := range CapitalZones {
		if _, err := time.LoadLocation(zone); err != nil || len(country) != 2 {
			t.Errorf("%s %s: %v", country, zone, err)
		}
	}
}

func TestADeadlineAtMidnightIsToldAsTheMinuteBefore(t *testing.T) {
	midnight := time.Date(2026, time.December, 6, 22, 0, 0, 0, time.UTC) // in Riga
	for _, test := range []struct {
		name string
		at   time.Time
		zone string
		want time.Time
	}{
		{"midnight there", midnight, "Europe/Riga", midnight.Add(-time.Minute)},
		{"midnight elsewhere", midnight, "Europe/Warsaw", midnight},
		{"a second later", midnight.Add(time.Second), "Europe/Riga", midnight.Add(time.Second)},
		{"noon", midnight.Add(12 * time.Hour), "Europe/Riga", midnight.Add(12 * time.Hour)},
		{"none", time.Time{}, "UTC", time.Time{}},
	} {
		if got := ToldDeadline(test.at, test.zone); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
