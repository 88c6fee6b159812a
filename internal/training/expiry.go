package training

import "time"

// ValidUntil is the last day on which a certificate is valid that was issued on
// a day and is valid for so many months: the same day of that month, or the last
// day of a month that is shorter.
func ValidUntil(issued Date, months int) Date {
	first := time.Date(issued.Year, issued.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(issued.Day, last)}
}

// EndOfDay is the last whole second of a day in a time zone: until then holds
// what is valid until that day.
func (d Date) EndOfDay(zone *time.Location) time.Time {
	return d.AddDays(1).In(zone).Add(-time.Second)
}
