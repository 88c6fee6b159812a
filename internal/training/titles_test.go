package training

import "testing"

func TestATitleIsAlwaysFoundWithTheLanguageItIsReallyIn(t *testing.T) {
	all := Titles{Text: map[string]string{"pl": "Pożary", "en": "Fires", "lv": "Ugunsgrēki"}, Original: "pl"}
	foreign := Titles{Text: map[string]string{"pl": "Pożary", "lv": "Ugunsgrēki"}, Original: "pl"}
	for _, test := range []struct {
		name       string
		titles     Titles
		lang       string
		text, real string
	}{
		{"the language asked for", all, "lv", "Ugunsgrēki", "lv"},
		{"English where it is missing", all, "fi", "Fires", "en"},
		{"the original where there is no English", foreign, "fi", "Pożary", "pl"},
		{"any where nothing else is known", Titles{Text: map[string]string{"lv": "Ugunsgrēki", "et": "Tulekahjud"}}, "fi", "Tulekahjud", "et"},
		{"an empty text is none", Titles{Text: map[string]string{"fi": "", "en": "Fires"}}, "fi", "Fires", "en"},
		{"no title at all", Titles{}, "fi", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if text, real := test.titles.In(test.lang); text != test.text || real != test.real {
				t.Errorf("In(%q) = %q in %q, want %q in %q", test.lang, text, real, test.text, test.real)
			}
		})
	}
}
