package cldr

import "time"

// Dates are given as year, month and day of the Gregorian calendar and have no
// time zone. A day or month out of range rolls over as in time.Date, so that
// nothing a page is given can make it fail.

func day(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Date writes a day in the long form: "12 May 2027".
func (l *Locale) Date(y int, m time.Month, d int) string {
	return l.one(l.table.Date, day(y, m, d))
}

// DateWeekday writes a day with its weekday: "Wednesday, 12 May 2027".
func (l *Locale) DateWeekday(y int, m time.Month, d int) string {
	return l.one(l.table.DateWeekday, day(y, m, d))
}

// DateShort writes a day for a table, the month abbreviated but in letters:
// "3 Sept 2027".
func (l *Locale) DateShort(y int, m time.Month, d int) string {
	return l.one(l.table.DateShort, day(y, m, d))
}

// Month writes a month that stands alone: "March 2027".
func (l *Locale) Month(y int, m time.Month) string {
	return l.one(l.table.Month, day(y, m, 1))
}

// DateRange writes the days from the first date to the second, both included,
// and says what they share only once: "12–16 May 2027". Two equal dates are
// written as one. The second must not be before the first.
func (l *Locale) DateRange(y1 int, m1 time.Month, d1 int, y2 int, m2 time.Month, d2 int) string {
	return l.span(l.table.Date, l.table.Range, day(y1, m1, d1), day(y2, m2, d2))
}

// DateRangeShort is DateRange for a table, months abbreviated but in letters.
func (l *Locale) DateRangeShort(y1 int, m1 time.Month, d1 int, y2 int, m2 time.Month, d2 int) string {
	return l.span(l.table.DateShort, l.table.RangeShort, day(y1, m1, d1), day(y2, m2, d2))
}

// Time writes a time of day on the 24-hour clock: "14:30", in Finnish "14.30".
func (l *Locale) Time(h, min int) string {
	return l.one(l.table.Time, time.Date(2000, 1, 1, h, min, 0, 0, time.UTC))
}

// DateTime writes the long date and the time of an instant in the location that
// t carries: "12 May 2027 at 14:30". The zone itself is not named.
func (l *Locale) DateTime(t time.Time) string {
	return l.one(l.table.DateTime, t)
}

// DateTimeWeekday is DateTime with the weekday.
func (l *Locale) DateTimeWeekday(t time.Time) string {
	return l.one(l.table.DateTimeWeekday, t)
}

func (l *Locale) one(p pattern, t time.Time) string {
	return p.render(&l.table, t, t)
}

func (l *Locale) span(single pattern, ranges rangeTable, first, second time.Time) string {
	switch {
	case first.Equal(second):
		return l.one(single, first)
	case first.Year() != second.Year():
		return ranges.OtherYear.render(&l.table, first, second)
	case first.Month() != second.Month():
		return ranges.SameYear.render(&l.table, first, second)
	default:
		return ranges.SameMonth.render(&l.table, first, second)
	}
}
