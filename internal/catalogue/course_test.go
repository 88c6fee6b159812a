package catalogue

import (
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/training"
)

func TestStatusOfARun(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2027, time.March, day, hour, 0, 0, 0, zone).UTC() }
	starts, ends := training.Date{Year: 2027, Month: time.March, Day: 15}, training.Date{Year: 2027, Month: time.March, Day: 19}
	early := Run{Starts: starts, Ends: ends, Opens: at(1, 12), Closes: at(10, 12), zone: zone, over: at(20, 0)}
	late := early
	late.Closes = at(20, 0)
	closed, cancelled := early, early
	closed.ClosedAt, cancelled.CancelledAt = at(19, 16), at(2, 0)
	tests := []struct {
		name   string
		run    Run
		now    time.Time
		want   string
		coming bool
	}{
		{"before enrolment", early, at(1, 11), StatusNotOpen, true},
		{"at the opening", early, at(1, 12), StatusOpen, true},
		{"at the close", early, at(10, 12), StatusClosedForEnrolment, true},
		{"the evening before", early, at(14, 23), StatusClosedForEnrolment, true},
		{"first day", early, at(15, 0), StatusRunning, true},
		{"last evening", early, at(19, 23), StatusRunning, true},
		{"the day after, in the run's own zone", early, at(20, 0), StatusOver, false},
		{"enrolment open while it runs", late, at(16, 0), StatusOpen, true},
		{"over ends enrolment too", late, at(20, 0), StatusOver, false},
		{"closed", closed, at(19, 20), StatusClosed, false},
		{"cancelled", cancelled, at(3, 0), StatusCancelled, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.run.Status(tt.now); got != tt.want {
				t.Errorf("status %s, want %s", got, tt.want)
			}
			if open := tt.run.Window().Check(tt.now) == nil; open != (tt.want == StatusOpen) {
				t.Errorf("window open: %v, status %s", open, tt.want)
			}
			c := &Course{Runs: []Run{tt.run}}
			if coming := len(ComingRuns(c, tt.now)) == 1; coming != tt.coming {
				t.Errorf("coming: %v, want %v", coming, tt.coming)
			}
		})
	}
}
