package cldr

// clockPatterns are date and time together where public services of a country
// write them otherwise than CLDR prints them: with a word for the hour that CLDR
// leaves out, so that the figures are not read as a part of the date (DIN 5008 and
// Duden: "Uhr"; VLKK: "val."; PWN: "r." and "godz."; Latvian usage: "plkst.").
// Spaces that must not break are U+00A0.
var clockPatterns = map[string]struct{ dateTime, withWeekday string }{
	"de": {"{d}. {M} {y}, {HH}:{mm}\u00a0Uhr", "{W}, {d}. {M} {y}, {HH}:{mm}\u00a0Uhr"},
	"lt": {"{y} m. {M} {d} d. {HH}:{mm}\u00a0val.", "{y} m. {M} {d} d., {W}, {HH}:{mm}\u00a0val."},
	"lv": {"{y}. gada {d}. {M} plkst.\u00a0{HH}:{mm}", "{W}, {y}. gada {d}. {M} plkst.\u00a0{HH}:{mm}"},
	"pl": {"{d} {M} {y}\u00a0r., godz.\u00a0{HH}:{mm}", "{W}, {d} {M} {y}\u00a0r., godz.\u00a0{HH}:{mm}"},
}

// withClockWords puts the patterns of clockPatterns in the place of CLDR's.
func (t *table) withClockWords(lang string) error {
	own, differs := clockPatterns[lang]
	if !differs {
		return nil
	}
	if err := t.DateTime.UnmarshalText([]byte(own.dateTime)); err != nil {
		return err
	}
	return t.DateTimeWeekday.UnmarshalText([]byte(own.withWeekday))
}
