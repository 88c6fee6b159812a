package faults

import (
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/training"
)

// What a proof finds is worth as much as what it would have found.
func TestTheCheckFindsWhatItIsMadeToFind(t *testing.T) {
	anna, berit := who{"anna", "RUN"}, who{"berit", "RUN"}
	sizes := map[string]int{"RUN": 1}
	tests := []struct {
		what  string
		told  func(l *ledger)
		rows  []row
		finds string // empty: nothing
	}{
		{"all is well", func(l *ledger) { l.saw("A", anna, training.Confirmed) },
			[]row{{"A", anna, training.Confirmed}}, ""},
		{"a seat that was promised is lost", func(l *ledger) { l.saw("A", anna, training.Confirmed) },
			nil, "was told confirmed, and there is none"},
		{"it went to another person", func(l *ledger) { l.saw("A", anna, training.Confirmed) },
			[]row{{"A", berit, training.Confirmed}}, "it is of {berit RUN}"},
		{"it was cancelled though nobody asked", func(l *ledger) { l.saw("A", anna, training.Confirmed) },
			[]row{{"A", anna, training.Cancelled}}, "was told confirmed, and it is cancelled"},
		{"it was cancelled and the answer got lost", func(l *ledger) { l.saw("A", anna, training.Confirmed); l.asks("A", "cancel") },
			[]row{{"A", anna, training.Cancelled}}, ""},
		{"it was cancelled and came back", func(l *ledger) {
			l.saw("A", anna, training.Confirmed)
			l.asks("A", "cancel")
			l.saw("A", anna, training.Cancelled)
		}, []row{{"A", anna, training.Confirmed}}, "was told cancelled, and it is confirmed"},
		{"one seat is given to two", func(l *ledger) {
			l.saw("A", anna, training.Confirmed)
			l.saw("B", berit, training.Confirmed)
		}, []row{{"A", anna, training.Confirmed}, {"B", berit, training.Confirmed}}, "run RUN gave 2 seats of 1"},
		{"an offered seat and a confirmed one are two", func(l *ledger) {
			l.saw("A", anna, training.Confirmed)
			l.saw("B", berit, training.Waiting)
		}, []row{{"A", anna, training.Confirmed}, {"B", berit, training.Offered}}, "run RUN gave 2 seats of 1"},
		{"an offer that lapsed", func(l *ledger) { l.saw("A", anna, training.Offered) },
			[]row{{"A", anna, training.Lapsed}}, ""},
		{"an offer that nobody accepted", func(l *ledger) { l.saw("A", anna, training.Offered) },
			[]row{{"A", anna, training.Confirmed}}, "was told offered, and it is confirmed"},
		{"an offer that was accepted and the answer got lost", func(l *ledger) { l.saw("A", anna, training.Offered); l.asks("A", "accept") },
			[]row{{"A", anna, training.Confirmed}}, ""},
		{"a person is enrolled twice", func(l *ledger) {
			l.saw("A", anna, training.Waiting)
			l.saw("B", anna, training.Waiting)
		}, []row{{"A", anna, training.Waiting}, {"B", anna, training.Waiting}}, "{anna RUN} has 2 living enrolments"},
		{"a seat that nobody was given", func(*ledger) {}, []row{{"A", anna, training.Confirmed}}, "never told"},
		{"a seat whose answer got lost", func(l *ledger) { l.lostTrack(anna) }, []row{{"A", anna, training.Confirmed}}, ""},
		{"somebody else's enrolment is shown", func(l *ledger) {
			l.saw("A", anna, training.Confirmed)
			l.saw("A", berit, training.Confirmed)
		}, []row{{"A", anna, training.Confirmed}}, "was shown to {berit RUN}"},
		{"an answer that nobody should get", func(l *ledger) { l.wonder("500 out of the blue") }, nil, "out of the blue"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			l := newLedger()
			tt.told(l)
			findings := strings.Join(l.check(tt.rows, sizes), "\n")
			if tt.finds == "" && findings != "" || !strings.Contains(findings, tt.finds) {
				t.Errorf("found %q, want %q", findings, tt.finds)
			}
		})
	}
}
