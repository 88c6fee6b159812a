package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// A deadline stands in the time of the place, in the time of where its reader
// serves, and in that of the device, each with its city and none twice.
func TestADeadlineIsToldInTheTimeOfTheDeviceToo(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	day := training.DateOf(s.Now(t)).AddDays(60)
	s.Run(t, testkit.R{Code: "R1", Starts: day, Ends: day}) // in Riga, and closes when the day begins
	norwegian := s.Person(t, testkit.P{Email: "no@example.org", Country: "NO", Confirmed: true})
	w := newWindow(t, chromium(t), base)
	look := func(zone, lang string) string {
		call(w, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		w.open("/" + lang + "/runs/R1")
		return w.text("main")
	}
	for _, test := range []struct {
		name, zone, lang string
		says             []string
		never            []string
	}{
		{"a visitor in Poland", "Europe/Warsaw", "en", []string{"23:59 (Riga)", "22:59 your time (Warsaw)"}, []string{"time zone (", "{"}},
		{"reading Finnish", "Europe/Warsaw", "fi", []string{"23.59 (Riika)", "22.59", "(Varsova)"}, []string{"(Warsaw)", "{"}},
		{"far away", "America/Argentina/Buenos_Aires", "en", []string{"your time (Buenos Aires)"}, nil},
		{"where nobody knows the place", "UTC", "en", []string{"23:59 (Riga)", "in your time zone (UTC)"}, []string{"your time ("}},
		{"where clocks are the same", "Europe/Helsinki", "en", []string{"23:59 (Riga)"}, []string{"your time"}},
	} {
		text := look(test.zone, test.lang)
		for _, want := range test.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q\n%s", test.name, want, text)
			}
		}
		for _, not := range test.never {
			if strings.Contains(text, not) {
				t.Errorf("%s: %q\n%s", test.name, not, text)
			}
		}
	}

	token, _, err := a.People.StartSession(t.Context(), norwegian.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	call(w, network.SetCookie, network.SetCookieParams{Name: "varde_session", Value: token, URL: base})
	if text := look("Europe/Oslo", "en"); !strings.Contains(text, "22:59 (Oslo)") || strings.Contains(text, "your time") {
		t.Errorf("a Norwegian at home reads\n%s", text)
	}
	if text := look("Europe/London", "en"); !strings.Contains(text, "22:59 (Oslo)") || !strings.Contains(text, "your time (London)") {
		t.Errorf("a Norwegian in London reads\n%s", text)
	}
}
