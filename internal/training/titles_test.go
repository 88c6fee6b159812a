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
		{"a neighbour's before English", Titles{Text: map[string]string{"en": "Fires", "da": "Brande", "sv": "Bränder"}}, "nb", "Brande", "da"},
		{"the next neighbour's where the nearest has none", Titles{Text: map[string]string{"en": "Fires", "sv": "Bränder"}}, "nb", "Bränder", "sv"},
		{"what an Estonian reads", Titles{Text: map[string]string{"en": "Fires", "fi": "Palot"}}, "et", "Palot", "fi"},
		{"what a Finn does not read", Titles{Text: map[string]string{"en": "Fires", "et": "Tulekahjud"}}, "fi", "Fires", "en"},
		{"English in a language that is none of ours", Titles{Text: map[string]string{"en": "Fires", "de": "Brände"}, Original: "de"}, "fr", "Fires", "en"},
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

func TestEveryLanguageFallsBackToEnglishInTheEnd(t *testing.T) {
	for _, lang := range Languages {
		chain := FallbackLanguages(lang)
		if lang != "en" && (len(chain) == 0 || chain[len(chain)-1] != "en") {
			t.Errorf("%s: %v", lang, chain)
		}
		for _, other := range chain {
			if other == lang || !SpeaksLanguage(other) {
				t.Errorf("%s falls back to %s", lang, other)
			}
		}
	}
}
