// Package i18n owns turning message keys and arguments into sentences of the
// reader's language, with its dates, numbers and names, and choosing that
// language. It does not own the sentences (locales) nor what they are about.
package i18n

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/varde-platform/varde/internal/i18n/cldr"
	"github.com/varde-platform/varde/internal/training"
)

// Bundle holds the sentences of all languages. It is safe for concurrent use.
type Bundle struct{ speakers map[string]*Speaker }

// Load reads LANGUAGE.json of each of the twelve languages.
func Load(files fs.FS) (*Bundle, error) {
	bundle := i18n.NewBundle(language.English)
	plain := map[string]map[string]string{}
	for _, lang := range training.Languages {
		name := lang + ".json"
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the messages of %s: %w", lang, err)
		}
		if _, err := bundle.ParseMessageFileBytes(text, name); err != nil {
			return nil, fmt.Errorf("messages of %s: %w", lang, err)
		}
		if plain[lang], err = withoutArguments(text); err != nil {
			return nil, fmt.Errorf("messages of %s: %w", lang, err)
		}
	}
	b := &Bundle{speakers: map[string]*Speaker{}}
	for _, lang := range training.Languages {
		b.speakers[lang] = &Speaker{locale: cldr.For(lang), plain: plain[lang], english: plain["en"],
			localizer: i18n.NewLocalizer(bundle, lang, "en")}
	}
	return b, nil
}

// withoutArguments picks the messages that are the same each time, so that a
// page finds them by a look-up.
func withoutArguments(text []byte) (map[string]string, error) {
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	plain := map[string]string{}
	for key, value := range all {
		if s, ok := value.(string); ok && !strings.Contains(s, "{{") {
			plain[key] = s
		}
	}
	return plain, nil
}

// For is the speaker of a language; of English where it is not one of ours.
func (b *Bundle) For(lang string) *Speaker {
	if s, ok := b.speakers[lang]; ok {
		return s
	}
	return b.speakers["en"]
}

// Speaker says things in one language. It is safe for concurrent use.
type Speaker struct {
	locale    *cldr.Locale
	localizer *i18n.Localizer
	plain     map[string]string
	english   map[string]string
}

// Lang is the code of the language.
func (s *Speaker) Lang() string { return s.locale.Lang() }

// CLDR gives the language's rules beyond what Speaker wraps.
func (s *Speaker) CLDR() *cldr.Locale { return s.locale }

// T says the message of a key. args are names and values in turn; the value of
// "count" chooses the plural form. Whole numbers are written as the language
// writes them. A key that no language has is given back as it is: the parity
// test keeps that from happening.
func (s *Speaker) T(key string, args ...any) string {
	if text, ok := s.plain[key]; ok {
		return text
	}
	if len(args) == 0 {
		if text, ok := s.english[key]; ok {
			return text
		}
	}
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: s.data(args)}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "count" {
			config.PluralCount = args[i+1]
		}
	}
	text, err := s.localizer.Localize(config)
	if err != nil && text == "" {
		return key
	}
	return text
}

func (s *Speaker) data(args []any) map[string]any {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		switch v := args[i+1].(type) {
		case int:
			data[name] = s.locale.Int(int64(v))
		default:
			data[name] = v
		}
	}
	return data
}

// Date writes a day.
func (s *Speaker) Date(d training.Date) string { return s.locale.Date(d.Year, d.Month, d.Day) }

// DateShort writes a day for a table, its month in letters.
func (s *Speaker) DateShort(d training.Date) string {
	return s.locale.DateShort(d.Year, d.Month, d.Day)
}

// DateRange writes the days from a to b.
func (s *Speaker) DateRange(a, b training.Date) string {
	return s.locale.DateRange(a.Year, a.Month, a.Day, b.Year, b.Month, b.Day)
}

// DateRangeShort writes the days from a to b for a table.
func (s *Speaker) DateRangeShort(a, b training.Date) string {
	return s.locale.DateRangeShort(a.Year, a.Month, a.Day, b.Year, b.Month, b.Day)
}

// Weekday writes a day with its weekday.
func (s *Speaker) Weekday(d training.Date) string {
	return s.locale.DateWeekday(d.Year, d.Month, d.Day)
}

// Instant writes an instant as people in a time zone read it, and names the
// zone by its city.
func (s *Speaker) Instant(t time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc, zone = time.UTC, "UTC"
	}
	return s.locale.DateTime(t.In(loc)) + " (" + s.locale.City(zone) + ")"
}

// Deadline writes an instant by which somebody must act, as Instant does;
// midnight is told as training.ToldDeadline has it.
func (s *Speaker) Deadline(t time.Time, zone string) string {
	return s.Instant(training.ToldDeadline(t, zone), zone)
}

// DeadlineFor is Deadline with the time in the reader's own country beside it,
// where clocks there show another: "12 May 2027 at 00:30 (Riga), 11 May 2027 at
// 23:30 (Warsaw)", and of the same day "12 May 2027 at 14:30 (Riga), 13:30
// (Warsaw)". country is that of the reader; empty: not known.
func (s *Speaker) DeadlineFor(t time.Time, zone, country string) string {
	return s.InstantFor(training.ToldDeadline(t, zone), zone, country)
}

// InstantFor is Instant with the reader's own time beside it, as DeadlineFor has
// it.
func (s *Speaker) InstantFor(t time.Time, zone, country string) string {
	own, differs := training.OwnZone(t, zone, country)
	if !differs {
		return s.Instant(t, zone)
	}
	here := s.Instant(t, own)
	if dayIn(t, zone) == dayIn(t, own) {
		here = s.ClockCity(t, own)
	}
	return s.Instant(t, zone) + ", " + here
}

func dayIn(t time.Time, zone string) training.Date {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return training.DateOf(t.In(loc))
}

// ClockCity writes the time of day of an instant in a time zone, and names the
// zone by its city: "14:30 (Riga)".
func (s *Speaker) ClockCity(t time.Time, zone string) string {
	return s.Clock(t, zone) + " (" + s.City(zone) + ")"
}

// Clock writes the time of day of an instant in a time zone.
func (s *Speaker) Clock(t time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	t = t.In(loc)
	return s.locale.Time(t.Hour(), t.Minute())
}

// City names the city that stands for a time zone.
func (s *Speaker) City(zone string) string { return s.locale.City(zone) }

// Country names a country.
func (s *Speaker) Country(code string) string { return s.locale.Country(code) }

// LanguageName names a language.
func (s *Speaker) LanguageName(code string) string { return s.locale.LanguageName(code) }

// Int writes a whole number.
func (s *Speaker) Int(n int) string { return s.locale.Int(int64(n)) }

// And joins a list.
func (s *Speaker) And(items []string) string { return s.locale.And(items) }

// Or lists choices as the language does: "a, b or c".
func (s *Speaker) Or(items []string) string { return s.locale.Or(items) }
