package handlers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/training"
)

// A figure that promised seats which the reader cannot take would send people to
// a form that refuses them.
func TestSeatsAreCountedForWhoReads(t *testing.T) {
	open := training.Pool{ID: 1, Size: 10, Taken: 6, Held: 1}
	latvian, estonian := training.Pool{ID: 2, Country: "LV", Size: 3, Taken: 1}, training.Pool{ID: 3, Country: "EE", Size: 2}
	suspended := training.Pool{ID: 4, Country: "EE", Size: 2, Suspended: true}
	for name, tt := range map[string]struct {
		pools   []training.Pool
		country string
		want    seatCount
	}{
		"nobody known":          {[]training.Pool{open, latvian, estonian}, "", seatCount{Size: 15, Taken: 7, Held: 1, Free: 3, Kept: 4}},
		"one with a quota":      {[]training.Pool{open, latvian, estonian}, "LV", seatCount{Size: 15, Taken: 7, Held: 1, Free: 5, Own: 2, Kept: 2}},
		"one without":           {[]training.Pool{open, latvian, estonian}, "FI", seatCount{Size: 15, Taken: 7, Held: 1, Free: 3, Kept: 4}},
		"of a suspended state":  {[]training.Pool{open, suspended}, "EE", seatCount{Size: 12, Taken: 6, Held: 1, Free: 3, Kept: 2}},
		"no quotas":             {[]training.Pool{open}, "LV", seatCount{Size: 10, Taken: 6, Held: 1, Free: 3}},
		"the quota has no seat": {[]training.Pool{{ID: 2, Country: "LV", Size: 1, Taken: 1}}, "LV", seatCount{Size: 1, Taken: 1}},
	} {
		if diff := cmp.Diff(tt.want, countSeats(tt.pools, tt.country)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Each seat is drawn as one kind, and the bar has the kinds in the same order.
func TestThePictureHasEachSeatOnce(t *testing.T) {
	n := seatCount{Size: 8, Taken: 2, Held: 1, Free: 3, Own: 1, Kept: 2}
	var drawn string
	for _, square := range n.squares() {
		if square.Own {
			drawn += "own "
			continue
		}
		drawn += square.State + " "
	}
	if want := "taken taken held free free own kept kept "; drawn != want {
		t.Errorf("drawn are %q, not %q", drawn, want)
	}
}
