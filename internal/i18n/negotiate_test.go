package i18n

import "testing"

func TestNegotiate(t *testing.T) {
	cases := []struct{ name, cookie, accept, want string }{
		{"nothing asked", "", "", "en"},
		{"plain", "", "lv", "lv"},
		{"region dropped", "", "sv-FI,sv;q=0.9,fi;q=0.8", "sv"},
		{"Bokmål", "", "nb-NO", "nb"},
		{"Nynorsk", "", "nn-NO,nn;q=0.9,en;q=0.5", "nb"},
		{"Norwegian", "", "no", "nb"},
		{"first that we speak", "", "fr,uk;q=0.9,pl;q=0.8", "pl"},
		{"weights decide, not order", "", "de;q=0.2,et;q=0.9", "et"},
		{"weight zero is a no", "", "ru;q=0,lt;q=0.1", "lt"},
		{"cookie wins", "is", "lv", "is"},
		{"foreign cookie does not", "xx", "lv", "lv"},
		{"nonsense", "", ";;q=,,*;q=x", "en"},
	}
	for _, c := range cases {
		if got := Negotiate(c.cookie, c.accept); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
