package cldr

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// golden is what Node's Intl prints, whole and untouched; see gen/golden.mjs.
type golden struct {
	Autonym string
	Dates   []struct {
		Day                         [3]int
		Long, Weekday, Short, Month string
	}
	Ranges []struct {
		From, To    [3]int
		Long, Short string
	}
	Times []struct {
		Clock                   [2]int
		Text, DateTime, Weekday string
	}
	Ints []struct {
		N    int64
		Text string
	}
	Decimals []struct {
		F    float64
		Max  int
		Text string
	}
	Percents []struct {
		N    int
		Text string
	}
	Lists []struct {
		Items   []string
		And, Or string
	}
	Countries, Languages map[string]string
	Sorted               []string
}

func forEachGolden(t *testing.T, check func(t *testing.T, l *Locale, g golden)) {
	t.Helper()
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Locales map[string]golden }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		g, ok := file.Locales[lang]
		if !ok {
			t.Errorf("no samples for %s", lang)
			continue
		}
		t.Run(lang, func(t *testing.T) { check(t, For(lang), g) })
	}
}

// visible makes all spaces one: which of them are no-break ones in dates is
// this package's own choice, and TestNoBreakSpaces holds it.
var visible = strings.NewReplacer("\u00a0", " ", "\u2009", " ", "\u202f", " ")

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-Intl +got):\n%s", what, diff)
	}
}

func expectDate(t *testing.T, what string, got, want string) {
	t.Helper()
	expect(t, what, visible.Replace(got), visible.Replace(want))
}

func TestDatesReadAsIntlPrintsThem(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		for _, s := range g.Dates {
			y, m, d := s.Day[0], time.Month(s.Day[1]), s.Day[2]
			expectDate(t, "Date", l.Date(y, m, d), s.Long)
			expectDate(t, "DateWeekday", l.DateWeekday(y, m, d), s.Weekday)
			expectDate(t, "Month", l.Month(y, m), s.Month)
			if s.Short != "" {
				expectDate(t, "DateShort", l.DateShort(y, m, d), s.Short)
			}
		}
	})
}

func TestRangesReadAsIntlPrintsThem(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		for _, s := range g.Ranges {
			y1, m1, d1 := s.From[0], time.Month(s.From[1]), s.From[2]
			y2, m2, d2 := s.To[0], time.Month(s.To[1]), s.To[2]
			if l.Lang() == "en" && m1 == m2 && y1 == y2 {
				// The one departure from Intl: the dash between two bare days is closed.
				s.Long = strings.Replace(s.Long, "\u2009–\u2009", "–", 1)
				s.Short = strings.Replace(s.Short, "\u2009–\u2009", "–", 1)
			}
			expectDate(t, "DateRange", l.DateRange(y1, m1, d1, y2, m2, d2), s.Long)
			if s.Short != "" {
				expectDate(t, "DateRangeShort", l.DateRangeShort(y1, m1, d1, y2, m2, d2), s.Short)
			}
		}
	})
}

func TestTimesReadAsIntlPrintsThem(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		for _, s := range g.Times {
			h, min := s.Clock[0], s.Clock[1]
			at := time.Date(2027, time.May, 12, h, min, 0, 0, time.UTC)
			expect(t, "Time", l.Time(h, min), s.Text)
			if _, own := clockPatterns[l.Lang()]; own {
				continue // see TestInstantsHaveTheWordForTheHour
			}
			expectDate(t, "DateTime", l.DateTime(at), s.DateTime)
			expectDate(t, "DateTimeWeekday", l.DateTimeWeekday(at), s.Weekday)
		}
	})
}

func TestNumbersAreIntls(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		for _, s := range g.Ints {
			expect(t, "Int", l.Int(s.N), s.Text)
		}
		for _, s := range g.Decimals {
			expect(t, "Decimal", l.Decimal(s.F, s.Max), s.Text)
		}
		for _, s := range g.Percents {
			expect(t, "Percent", l.Percent(s.N), s.Text)
		}
	})
}

func TestListsAndNamesAreIntls(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		expect(t, "Autonym", l.Autonym(), g.Autonym)
		for _, s := range g.Lists {
			expect(t, "And", l.And(s.Items), s.And)
			expect(t, "Or", l.Or(s.Items), s.Or)
		}
		for code, name := range g.Countries {
			expect(t, "Country "+code, l.Country(code), name)
		}
		for code, name := range g.Languages {
			expect(t, "LanguageName "+code, l.LanguageName(code), name)
		}
	})
}

func TestNamesSortAsIntlSortsThem(t *testing.T) {
	forEachGolden(t, func(t *testing.T, l *Locale, g golden) {
		got := slices.Clone(g.Sorted)
		slices.Sort(got) // so that a Compare that always says 0 cannot pass
		slices.SortStableFunc(got, l.Compare)
		expect(t, "sorted", got, g.Sorted)
		for i := range len(g.Sorted) - 1 {
			a, b := g.Sorted[i], g.Sorted[i+1]
			if cmp.Compare(l.Compare(a, b), 0) != -cmp.Compare(l.Compare(b, a), 0) {
				t.Errorf("%q and %q: order depends on which comes first", a, b)
			}
		}
	})
}
