// Package number makes and reads certificate numbers. It owns their alphabet,
// their check character and how they are written; whether a number was ever
// given out is known elsewhere.
package number

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// alphabet has no 0 and O, no 1, I and L: nothing that is read or heard as
// another. Its length is prime, which the check character needs.
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const (
	// randomLength characters of 31 carry 74 random bits: knowing one number does
	// not lead to the next, and trying them out does not lead anywhere.
	randomLength = 15
	length       = randomLength + 1
	groupLength  = 4
	groups       = length / groupLength

	// longestInput bounds the work for what strangers send: a number, each
	// character set apart, with room to spare.
	longestInput = 128
)

// New draws a number from random, which is crypto/rand.Reader but in tests, and
// returns it as printed: four groups of four with hyphens between, such as
// "7K3M-9QXA-WB5T-2HND".
func New(random io.Reader) (string, error) {
	values := make([]int, 0, length)
	buf := make([]byte, length)
	for len(values) < randomLength {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("draw certificate number: %w", err)
		}
		for _, b := range buf {
			// Five bits give 0 to 31; 31 is thrown away, for taking it modulo the
			// alphabet would make one character likelier than the others.
			if v := int(b & 0x1F); v < len(alphabet) && len(values) < randomLength {
				values = append(values, v)
			}
		}
	}
	return format(append(values, check(values))), nil
}

// Parse reads a number as people write it, in either case, with spaces or dashes
// or without, and returns it as printed. It is false for anything else, and for
// a number with one character wrong or two swapped.
func Parse(s string) (string, bool) {
	if len(s) > longestInput {
		return "", false
	}
	values := make([]int, 0, length)
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			continue
		}
		v := value(r)
		if v < 0 || len(values) == length {
			return "", false
		}
		values = append(values, v)
	}
	if len(values) != length || check(values[:randomLength]) != values[randomLength] {
		return "", false
	}
	return format(values), true
}

// Mask is what logs may hold of a number: its first group, enough to find the
// line again and far too little to find the certificate. Of anything else it
// keeps nothing.
func Mask(s string) string {
	const hidden = "****"
	canonical, ok := Parse(s)
	if !ok {
		return hidden
	}
	return canonical[:groupLength] + strings.Repeat("-"+hidden, groups-1)
}

// check is the value that makes the sum of all values, each times its place
// counted from 1, divisible by the length of the alphabet. That length is a
// prime above the number of places, so one wrong value, or two different values
// swapped wherever they stand, always leaves a remainder.
func check(values []int) int {
	const n = len(alphabet)
	sum := 0
	for i, v := range values {
		sum += (i + 1) * v
	}
	// The check's own place is length, here 16, and 16 × 2 leaves 1 modulo 31:
	// multiplying by 2 solves sum + 16·check = 0.
	return (n - sum%n) * 2 % n
}

func value(r rune) int {
	if r > unicode.MaxASCII {
		return -1
	}
	return strings.IndexRune(alphabet, unicode.ToUpper(r))
}

func format(values []int) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 && i%groupLength == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(alphabet[v])
	}
	return b.String()
}
