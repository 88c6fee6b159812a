package handlers

import (
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/locales"
)

// The forms are those that a browser chooses between (Intl.PluralRules) for the
// whole numbers that a countdown shows.
func TestTheScriptGetsEveryPluralFormOfTheLanguage(t *testing.T) {
	bundle, err := i18n.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"da": "other one", "de": "other one", "en": "other one", "et": "other one", "fi": "other one", "is": "other one",
		"nb": "other one", "sv": "other one", "lt": "other one few", "lv": "zero one other", "pl": "many one few", "ru": "many one few",
	} {
		b := Base{Speaker: bundle.For(lang)}
		var got []string
		for _, form := range b.pluralForms("minutes", "enrol.minutes_left") {
			name, text, _ := strings.Cut(strings.TrimPrefix(string(form), "data-minutes-"), "=")
			got = append(got, name)
			if strings.Count(text, "{n}") != 1 || strings.ContainsAny(text, "0123456789") {
				t.Errorf("%s, %s: %q", lang, name, text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s has %v, want %s", lang, got, want)
		}
	}
}
