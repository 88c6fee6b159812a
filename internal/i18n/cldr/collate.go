package cldr

import (
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Compare orders two names as a dictionary of the language does: negative when
// a comes first, positive when b does, zero when the language sees no
// difference. Sort with a stable sort.
func (l *Locale) Compare(a, b string) int {
	// A collator keeps state while it compares, so that no two goroutines may
	// share one.
	c := l.collators.Get().(*collate.Collator)
	defer l.collators.Put(c)
	return c.CompareString(l.tailor(a), l.tailor(b))
}

func newCollator(lang string) *collate.Collator {
	if lang == "nb" {
		// The library has no Norwegian; the Danish alphabet is the same.
		lang = "da"
	}
	return collate.New(language.MustParse(lang))
}

// after is a letter that sorts behind every Latin, Greek and Cyrillic one and
// that no name here contains (Glagolitic az). Written behind a letter it makes
// a letter of its own that follows it: a, az, a+after, b. Written before each
// letter of an alphabet it moves that alphabet behind the others.
const after = "\u2c30"

// The library is built on CLDR 23. Since then Latvian has made letters of their
// own of the long vowels and of y, and Estonian of w.
var (
	latvian = strings.NewReplacer(
		"ā", "a"+after, "Ā", "A"+after,
		"ē", "e"+after, "Ē", "E"+after,
		"y", "i"+after, "Y", "I"+after, "ý", "i\u0301"+after, "Ý", "I\u0301"+after,
		"ī", "i"+after+after, "Ī", "I"+after+after,
		"ō", "o"+after, "Ō", "O"+after,
		"ū", "u"+after, "Ū", "U"+after,
	)
	estonian = strings.NewReplacer("w", "v"+after, "W", "V"+after)
)

// doubled are the letters that the library weighs as two, spelt as two so that
// cyrillicFirst can move both.
var doubled = strings.NewReplacer("æ", "ae", "Æ", "Ae", "œ", "oe", "Œ", "Oe", "ß", "ss", "ẞ", "SS")

// tailoring gives the rewriting of names that makes the library sort as today's
// CLDR does.
func tailoring(lang string) func(string) string {
	switch lang {
	case "lv":
		return func(s string) string { return latvian.Replace(norm.NFC.String(s)) }
	case "et":
		return estonian.Replace
	case "ru":
		return cyrillicFirst
	default:
		return func(s string) string { return s }
	}
}

// cyrillicFirst moves the Latin and Greek letters, which the library puts
// first, behind the Cyrillic ones.
func cyrillicFirst(s string) string {
	var b strings.Builder
	for _, r := range doubled.Replace(s) {
		if unicode.In(r, unicode.Latin, unicode.Greek) {
			b.WriteString(after)
		}
		b.WriteRune(r)
	}
	return b.String()
}
