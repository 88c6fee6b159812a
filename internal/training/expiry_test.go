package training

import (
	"testing"
	"time"
)

func TestACertificateIsValidUntilTheSameDayOfTheMonth(t *testing.T) {
	for _, test := range []struct {
		issued string
		months int
		want   string
	}{
		{"2027-03-15", 1, "2027-04-15"},
		{"2027-03-15", 12, "2028-03-15"},
		{"2027-03-15", 36, "2030-03-15"},
		{"2027-11-30", 2, "2028-01-30"},
		{"2027-12-31", 12, "2028-12-31"},
		{"2027-01-31", 1, "2027-02-28"}, // a shorter month ends it earlier, never the next one
		{"2028-01-31", 1, "2028-02-29"},
		{"2027-08-31", 1, "2027-09-30"},
		{"2027-10-31", 4, "2028-02-29"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2028-02-29", 48, "2032-02-29"},
		{"2028-02-29", 1, "2028-03-29"},
		{"2027-03-15", MaxValidMonths, "2047-03-15"},
	} {
		issued, err := ParseDate(test.issued)
		if err != nil {
			t.Fatal(err)
		}
		if got := ValidUntil(issued, test.months).String(); got != test.want {
			t.Errorf("issued %s, valid %d months: until %s, want %s", test.issued, test.months, got, test.want)
		}
	}
}

func TestADayEndsByTheClocksOfItsPlace(t *testing.T) {
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ day, want string }{
		{"2027-03-15", "2027-03-15T21:59:59Z"},
		{"2027-03-28", "2027-03-28T20:59:59Z"}, // the clocks go forward that night
		{"2027-10-31", "2027-10-31T21:59:59Z"},
	} {
		day, err := ParseDate(test.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := day.EndOfDay(riga).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%s ends at %s, want %s", test.day, got, test.want)
		}
	}
}
