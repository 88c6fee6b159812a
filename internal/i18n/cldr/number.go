package cldr

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Int writes a whole number with the groups of the language: "12,345".
func (l *Locale) Int(n int64) string {
	return l.number(strconv.FormatInt(n, 10))
}

// Decimal writes a number with at most maxFraction digits after the decimal
// sign, halves rounded away from zero, trailing zeros left out: 1.50 is "1.5".
// What is no number or infinite is written as Go writes it.
func (l *Locale) Decimal(f float64, maxFraction int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	// Rounding works on the shortest decimal that means f, as in Intl: a reader
	// who sees 1.005 in one place expects 1.01 in the other, although the
	// nearest binary number lies a little below.
	exact, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	s := exact.FloatString(max(maxFraction, 0))
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return l.number(s)
}

// Percent writes n hundredths: 42 is "42%", in Danish "42 %" with a no-break
// space.
func (l *Locale) Percent(n int) string {
	return strings.Replace(l.table.Percent, "{n}", l.Int(int64(n)), 1)
}

// number dresses digits as Go writes them, "-12345.5", in the signs of the
// language.
func (l *Locale) number(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	out := l.grouped(whole)
	if negative {
		out = l.table.Minus + out
	}
	if hasFraction {
		out += l.table.Decimal + fraction
	}
	return out
}

// grouped sets threes apart. Some languages leave four digits together.
func (l *Locale) grouped(digits string) string {
	if len(digits) < 3+l.table.MinGrouping {
		return digits
	}
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(l.table.Group)
		}
		b.WriteRune(digit)
	}
	return b.String()
}
