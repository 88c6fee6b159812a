package i18n_test

import (
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/locales"
)

func TestADeadlineIsToldInTheTimeOfThePlaceAndOfTheReader(t *testing.T) {
	bundle, err := i18n.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, time.December, 7, 10, 0, 0, 0, time.UTC)
	midnight := time.Date(2026, time.December, 6, 22, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name          string
		at            time.Time
		lang, country string
		want          string
	}{
		{"a Finn, whose clocks are the same", noon, "fi", "FI", "7. joulukuuta 2026 klo 12.00 (Riika)"},
		{"nobody knows from where", noon, "en", "", "7 December 2026 at 12:00 (Riga)"},
		{"a Pole", noon, "pl", "PL", "7 grudnia 2026\u00a0r., godz.\u00a012:00 (Ryga), 11:00 (Warszawa)"},
		{"a Pole reading English", noon, "en", "PL", "7 December 2026 at 12:00 (Riga), 11:00 (Warsaw)"},
		{"another day there", noon.Add(-11*time.Hour - 30*time.Minute), "en", "PL", "7 December 2026 at 00:30 (Riga), 6 December 2026 at 23:30 (Warsaw)"},
		{"midnight is the end of the day before", midnight, "en", "LV", "6 December 2026 at 23:59 (Riga)"},
		{"in both countries", midnight, "en", "PL", "6 December 2026 at 23:59 (Riga), 22:59 (Warsaw)"},
		{"midnight at the reader's, of the same day", midnight.Add(time.Hour), "en", "PL", "7 December 2026 at 01:00 (Riga), 00:00 (Warsaw)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := bundle.For(test.lang).DeadlineFor(test.at, "Europe/Riga", test.country); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
