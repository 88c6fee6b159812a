package cldr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// pattern is a date written as data.json writes it, "{d}. {M} {y}", taken apart
// once so that rendering is only putting together.
type pattern []part

// part is a piece of plain text or, when field is set, a value to be filled in.
type part struct {
	text  string
	field field
}

// field reads one value out of the first or the second of two times.
type field func(t *table, first, second time.Time) string

// fields names what may stand between braces. A 2 marks the end of a range.
var fields = map[string]field{
	"d":  func(_ *table, a, _ time.Time) string { return strconv.Itoa(a.Day()) },
	"d2": func(_ *table, _, b time.Time) string { return strconv.Itoa(b.Day()) },
	"M":  func(t *table, a, _ time.Time) string { return t.Months[a.Month()-1] },
	"M2": func(t *table, _, b time.Time) string { return t.Months[b.Month()-1] },
	"m":  func(t *table, a, _ time.Time) string { return t.MonthsShort[a.Month()-1] },
	"m2": func(t *table, _, b time.Time) string { return t.MonthsShort[b.Month()-1] },
	"S":  func(t *table, a, _ time.Time) string { return t.MonthsAlone[a.Month()-1] },
	"y":  func(_ *table, a, _ time.Time) string { return strconv.Itoa(a.Year()) },
	"y2": func(_ *table, _, b time.Time) string { return strconv.Itoa(b.Year()) },
	"W":  func(t *table, a, _ time.Time) string { return t.Weekdays[a.Weekday()] },
	"H":  func(_ *table, a, _ time.Time) string { return strconv.Itoa(a.Hour()) },
	"HH": func(_ *table, a, _ time.Time) string { return twoDigits(a.Hour()) },
	"mm": func(_ *table, a, _ time.Time) string { return twoDigits(a.Minute()) },
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// UnmarshalText takes a pattern apart; a name that is not in fields is an error.
func (p *pattern) UnmarshalText(text []byte) error {
	rest := string(text)
	parts := pattern{}
	for rest != "" {
		before, after, found := strings.Cut(rest, "{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		f, known := fields[name]
		if !closed || !known {
			return fmt.Errorf("pattern %q: unknown field %q", text, name)
		}
		parts = append(parts, part{field: f})
		rest = tail
	}
	*p = parts
	return nil
}

// render fills in the pattern from a day, or from the two days of a range.
func (p pattern) render(t *table, first, second time.Time) string {
	var b strings.Builder
	for _, part := range p {
		if part.field == nil {
			b.WriteString(part.text)
			continue
		}
		b.WriteString(part.field(t, first, second))
	}
	return b.String()
}
