package cldr

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// undecomposed are the letters that Unicode does not take apart into a letter
// and a mark, but that people without such a keyboard type as plain ones.
var undecomposed = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'æ': "ae", 'œ': "oe",
	'ß': "ss", 'ı': "i", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ґ': "г",
}

// Fold reduces text to what a search compares: small letters without marks
// (й becomes и, ё becomes е), single spaces, nothing invisible. Fold both the
// text and what is looked for, so that "lodz" finds "Łódź". It is the same for
// all languages, because names of all of them stand in one catalogue.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			continue
		}
		r = unicode.ToLower(r)
		if plain, ok := undecomposed[r]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
