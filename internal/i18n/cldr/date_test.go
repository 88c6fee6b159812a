package cldr

import (
	"testing"
	"time"
)

func TestARangeSaysOnceWhatItsDaysShare(t *testing.T) {
	const nb = "\u00a0"
	type days struct {
		y1 int
		m1 time.Month
		d1 int
		y2 int
		m2 time.Month
		d2 int
	}
	month := days{2026, time.March, 5, 2026, time.March, 7}
	year := days{2026, time.March, 5, 2026, time.April, 2}
	years := days{2026, time.December, 28, 2027, time.January, 8}
	tests := []struct {
		lang string
		days days
		want string
	}{
		{"da", month, "5.–7. marts 2026"},
		{"da", year, "5. marts–2. april 2026"},
		{"de", year, "5. März – 2. April 2026"},
		{"en", month, "5–7 March 2026"},
		{"en", year, "5 March – 2 April 2026"},
		{"en", years, "28 December 2026 – 8 January 2027"},
		{"et", month, "5.–7. märts 2026"},
		{"fi", month, "5.–7. maaliskuuta 2026"},
		{"is", years, "28. desember 2026 – 8. janúar 2027"},
		{"lt", month, "2026 kovo 5–7"},
		{"lt", year, "2026 kovo 5 – balandžio 2"},
		{"lv", month, "2026. gada 5.–7. marts"},
		{"lv", years, "2026. gada 28. decembris – 2027. gada 8. janvāris"},
		{"nb", month, "5.–7. mars 2026"},
		{"pl", month, "5–7 marca 2026"},
		{"pl", year, "5 marca – 2 kwietnia 2026"},
		{"ru", month, "5–7 марта 2026" + nb + "г."},
		{"ru", years, "28 декабря 2026" + nb + "г. – 8 января 2027" + nb + "г."},
		{"sv", year, "5 mars–2 april 2026"},
	}
	for _, tt := range tests {
		d := tt.days
		got := For(tt.lang).DateRange(d.y1, d.m1, d.d1, d.y2, d.m2, d.d2)
		expect(t, tt.lang, got, tt.want)
	}
}

func TestTablesHaveTheMonthInLetters(t *testing.T) {
	tests := []struct{ lang, may, week, spring string }{
		{"fi", "12. toukok. 2027", "12.–16. toukok. 2027", "30. toukok. – 3. kesäk. 2027"},
		{"lt", "2027 m. geg. 12 d.", "2027 geg. 12–16", "2027 geg. 30 – birž. 3"},
		{"pl", "12 maja 2027", "12–16 maja 2027", "30 maja–3 cze 2027"},
		{"en", "12 May 2027", "12–16 May 2027", "30 May – 3 Jun 2027"},
	}
	for _, tt := range tests {
		l := For(tt.lang)
		expect(t, tt.lang, l.DateShort(2027, time.May, 12), tt.may)
		expect(t, tt.lang, l.DateRangeShort(2027, time.May, 12, 2027, time.May, 16), tt.week)
		expect(t, tt.lang, l.DateRangeShort(2027, time.May, 30, 2027, time.June, 3), tt.spring)
	}
	for _, lang := range Languages {
		l := For(lang)
		for m := time.January; m <= time.December; m++ {
			// Two days of two months differ in letters, not in figures alone.
			if lettersOf(l.DateShort(2027, m, 3)) == lettersOf(l.DateShort(2027, m%12+1, 3)) {
				t.Errorf("%s: %s does not name its month", lang, l.DateShort(2027, m, 3))
			}
		}
	}
}

func lettersOf(s string) string {
	out := []rune{}
	for _, r := range s {
		if r < '0' || r > '9' {
			out = append(out, r)
		}
	}
	return string(out)
}

func TestNoBreakSpaces(t *testing.T) {
	const nb = "\u00a0"
	ru := For("ru")
	at := time.Date(2027, time.May, 12, 14, 30, 0, 0, time.UTC)
	expect(t, "Date", ru.Date(2027, time.May, 12), "12 мая 2027"+nb+"г.")
	expect(t, "Month", ru.Month(2027, time.March), "март 2027"+nb+"г.")
	expect(t, "DateTime", ru.DateTime(at), "12 мая 2027"+nb+"г. в 14:30")
	expect(t, "Int", For("fi").Int(12345), "12"+nb+"345")
	expect(t, "Percent", For("sv").Percent(42), "42"+nb+"%")
}

func TestAnInstantIsWrittenInTheLocationItCarries(t *testing.T) {
	tallinn := time.FixedZone("EEST", 3*60*60)
	at := time.Date(2027, time.May, 12, 22, 30, 59, 0, time.UTC)
	expect(t, "UTC", For("fi").DateTime(at), "12. toukokuuta 2027 klo 22.30")
	expect(t, "Tallinn", For("fi").DateTime(at.In(tallinn)), "13. toukokuuta 2027 klo 1.30")
	expect(t, "weekday", For("da").DateTimeWeekday(at.In(tallinn)), "torsdag den 13. maj 2027 kl. 01.30")
}

func TestDaysOutOfRangeRollOver(t *testing.T) {
	l := For("en")
	expect(t, "30 February", l.Date(2027, time.February, 30), "2 March 2027")
	expect(t, "month 0", l.Month(2027, 0), "December 2026")
	expect(t, "25 o'clock", l.Time(25, 0), "01:00")
}

func TestAPatternWithAnUnknownFieldIsRefused(t *testing.T) {
	for _, text := range []string{"{d}. {Q}", "{d", "{}"} {
		var p pattern
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

// TestInstantsHaveTheWordForTheHour: in these languages CLDR prints the hour bare.
func TestInstantsHaveTheWordForTheHour(t *testing.T) {
	at := time.Date(2027, time.May, 12, 9, 5, 0, 0, time.UTC)
	for lang, want := range map[string][2]string{
		"de": {"12. Mai 2027, 09:05\u00a0Uhr", "Mittwoch, 12. Mai 2027, 09:05\u00a0Uhr"},
		"lt": {"2027 m. gegužės 12 d. 09:05\u00a0val.", "2027 m. gegužės 12 d., trečiadienis, 09:05\u00a0val."},
		"lv": {"2027. gada 12. maijs plkst.\u00a009:05", "trešdiena, 2027. gada 12. maijs plkst.\u00a009:05"},
		"pl": {"12 maja 2027\u00a0r., godz.\u00a009:05", "środa, 12 maja 2027\u00a0r., godz.\u00a009:05"},
	} {
		expect(t, lang, For(lang).DateTime(at), want[0])
		expect(t, lang+" with the weekday", For(lang).DateTimeWeekday(at), want[1])
	}
}
