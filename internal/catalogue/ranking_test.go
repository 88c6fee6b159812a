package catalogue

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Beginning with an earlier order changes how long sorting takes, and nothing
// else: not where titles are the same, either.
func TestTitlesStandTheSameWhateverOrderWasBefore(t *testing.T) {
	title := rapid.SampledFrom([]string{"Övning", "Zon", "Natt", "öl", "Ånga", "Äldre", "", "12 steg", "Zon"})
	rapid.Check(t, func(t *rapid.T) {
		before := rank(rapid.SliceOfN(title, 0, 30).Draw(t, "before"), nil, "sv")
		titles := rapid.SliceOfN(title, 0, 30).Draw(t, "now")
		if diff := gocmp.Diff(rank(titles, nil, "sv").ranks, rank(titles, before, "sv").ranks); diff != "" {
			t.Error(diff)
		}
	})
}
