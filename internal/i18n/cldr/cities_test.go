package cldr

import (
	"strings"
	"testing"
)

func TestCity(t *testing.T) {
	cases := []struct{ lang, zone, want string }{
		{"en", "Europe/Riga", "Riga"},
		{"lv", "Europe/Riga", "Rīga"},
		{"fi", "Europe/Copenhagen", "Kööpenhamina"},
		{"de", "Atlantic/Reykjavik", "Reykjavík"},
		{"ru", "Europe/Warsaw", "Варшава"},
		{"sv", "America/Argentina/Buenos_Aires", "Buenos Aires"},
		{"en", "UTC", "UTC"},
		{"pl", "Europe/Kyiv", "Kijów"},
		{"lv", "Atlantic/Faroe", "Fēru salas"},
	}
	for _, c := range cases {
		if got := For(c.lang).City(c.zone); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.zone, got, c.want)
		}
	}
}

// A script says with them what City says, so that page and script call a city the
// same.
func TestCityNamesAreThoseOfCity(t *testing.T) {
	for _, lang := range Languages {
		names := For(lang).CityNames()
		for pair := range strings.SplitSeq(names, ";") {
			zone, name, _ := strings.Cut(pair, "=")
			if name == "" || For(lang).City(zone) != name {
				t.Errorf("%s: %q, but the city is %q", lang, pair, For(lang).City(zone))
			}
		}
		if !strings.Contains(names, "Europe/Kyiv=") {
			t.Errorf("%s lacks the newer name of a zone: %s", lang, names)
		}
	}
	if names := For("fi").CityNames(); !strings.Contains(names, "Europe/Riga=Riika") || strings.Contains(names, "Helsinki") {
		t.Errorf("Finnish: %s", names)
	}
}
