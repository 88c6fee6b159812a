package cldr

import "testing"

func TestCity(t *testing.T) {
	cases := []struct{ lang, zone, want string }{
		{"en", "Europe/Riga", "Riga"},
		{"lv", "Europe/Riga", "Rīga"},
		{"fi", "Europe/Copenhagen", "Kööpenhamina"},
		{"de", "Atlantic/Reykjavik", "Reykjavík"},
		{"ru", "Europe/Warsaw", "Варшава"},
		{"sv", "America/Argentina/Buenos_Aires", "Buenos Aires"},
		{"en", "UTC", "UTC"},
	}
	for _, c := range cases {
		if got := For(c.lang).City(c.zone); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.lang, c.zone, got, c.want)
		}
	}
}
