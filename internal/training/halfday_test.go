package training

import (
	"testing"
	"time"
)

func TestAHalfDayBeginsInTheZoneOfItsRun(t *testing.T) {
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, at string
		half     HalfDay
		begun    bool
	}{
		{"a minute before", "2027-03-15T06:59:00Z", HalfDay{Key: "2027-03-15/am", From: "09:00"}, false},
		{"as it starts", "2027-03-15T07:00:00Z", HalfDay{Key: "2027-03-15/am", From: "09:00"}, true},
		{"in summer the clocks are an hour ahead", "2027-07-15T06:00:00Z", HalfDay{Key: "2027-07-15/am", From: "09:00"}, true},
		{"the afternoon of the same day", "2027-03-15T07:00:00Z", HalfDay{Key: "2027-03-15/pm", From: "13:00"}, false},
		{"already the next day there", "2027-03-14T22:30:00Z", HalfDay{Key: "2027-03-15/am", From: "00:00"}, true},
		// What nobody can date hinders nobody.
		{"without a start", "2027-03-15T07:00:00Z", HalfDay{Key: "2027-03-16/am"}, true},
	} {
		now, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.half.Begun(riga, now); got != tt.begun {
			t.Errorf("%s: begun is %v, want %v", tt.name, got, tt.begun)
		}
	}
}
