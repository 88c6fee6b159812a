package cldr

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAnUnknownLanguageGetsEnglish(t *testing.T) {
	for _, lang := range Languages {
		expect(t, "Lang", For(lang).Lang(), lang)
	}
	for _, lang := range []string{"", "fr", "EN", "de-AT"} {
		expect(t, lang, For(lang).Lang(), "en")
	}
}

func TestEveryLanguageIsComplete(t *testing.T) {
	english := For("en").table
	if n := len(english.Countries); n != 250 {
		t.Errorf("%d countries, want the 249 of ISO 3166-1 and EU", n)
	}
	for _, lang := range Languages {
		table := For(lang).table
		for _, names := range [][]string{table.Months[:], table.MonthsAlone[:], table.MonthsShort[:], table.Weekdays[:]} {
			distinct := slices.Compact(slices.Sorted(slices.Values(names)))
			if len(distinct) != len(names) || slices.Contains(names, "") {
				t.Errorf("%s: a name is missing or there twice: %q", lang, names)
			}
		}
		expectNames(t, lang, table.Countries, english.Countries)
		expectNames(t, lang, table.Languages, english.Languages)
	}
}

func expectNames(t *testing.T, lang string, got, english map[string]string) {
	t.Helper()
	expect(t, lang, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(english)))
	for code, name := range got {
		if strings.TrimSpace(name) == "" || name == code {
			t.Errorf("%s: %s has no name", lang, code)
		}
	}
}

func TestCodesAreTakenInEitherCase(t *testing.T) {
	l := For("de")
	expect(t, "Country", l.Country("ee"), "Estland")
	expect(t, "LanguageName", l.LanguageName("ET"), "Estnisch")
}

func TestAnUnknownCodeIsShownAsItIs(t *testing.T) {
	l := For("sv")
	for _, code := range []string{"", "ZZ", "Qq", "xyz"} {
		expect(t, "Country", l.Country(code), code)
		expect(t, "LanguageName", l.LanguageName(code), code)
	}
}

func TestNorwegianHasItsNames(t *testing.T) {
	expect(t, "no", For("en").LanguageName("no"), "Norwegian")
	expect(t, "nb", For("en").LanguageName("nb"), "Norwegian Bokmål")
	expect(t, "nn", For("nb").LanguageName("nn"), "norsk nynorsk")
	expect(t, "own name", For("nb").Autonym(), "norsk bokmål")
}

func TestAListOfNothingIsEmpty(t *testing.T) {
	expect(t, "And", For("da").And(nil), "")
	expect(t, "Or", For("da").Or([]string{}), "")
}

func TestNumbersAtTheEdges(t *testing.T) {
	l := For("en")
	expect(t, "least", l.Int(math.MinInt64), "-9,223,372,036,854,775,808")
	expect(t, "rounded to nothing", l.Decimal(-0.4, 0), "0")
	expect(t, "fraction below zero", l.Decimal(2.6, -3), "3")
	expect(t, "no number", l.Decimal(math.NaN(), 2), "NaN")
	expect(t, "infinite", l.Decimal(math.Inf(-1), 2), "-Inf")
}

func TestBrokenDataIsRefused(t *testing.T) {
	for _, data := range []string{"", "{}", `{"locales":{"da":{"date":"{Q}"}}}`} {
		if _, err := parse([]byte(data)); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
}
