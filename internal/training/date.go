package training

import (
	"fmt"
	"time"
)

// Date is a day of the calendar without a time or zone, as a run's dates are.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads 2027-03-15.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: %w", s, err)
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String writes 2027-03-15.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero reports whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// In is the first instant of the day in a time zone.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// AddDays is the date n days later.
func (d Date) AddDays(n int) Date { return DateOf(d.In(time.UTC).AddDate(0, 0, n)) }

// Before compares two dates.
func (d Date) Before(other Date) bool { return d.In(time.UTC).Before(other.In(time.UTC)) }

// DaysTo counts the days from d to other; the same day is 0.
func (d Date) DaysTo(other Date) int {
	return int(other.In(time.UTC).Sub(d.In(time.UTC)).Hours() / 24)
}

// Weekend reports whether the day is a Saturday or Sunday.
func (d Date) Weekend() bool {
	w := d.In(time.UTC).Weekday()
	return w == time.Saturday || w == time.Sunday
}
