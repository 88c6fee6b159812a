package catalogue

import (
	"fmt"
	"strings"

	"github.com/varde-platform/varde/internal/i18n/cldr"
)

// maxSlug keeps addresses readable; the database takes 120.
const maxSlug = 80

// latin writes folded Cyrillic letters in Latin ones, for addresses.
var latin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e",
	'ю': "yu", 'я': "ya", 'і': "i", 'є': "ie",
}

// slugify reduces text to small letters, digits and single hyphens; it may
// leave nothing.
func slugify(text string) string {
	var b strings.Builder
	for _, r := range cldr.Fold(text) {
		word, cyrillic := latin[r]
		switch {
		case cyrillic:
			b.WriteString(word)
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == '\'', r == '’': // within a word
		default:
			b.WriteByte('-')
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	slug := ""
	for _, word := range words {
		if slug != "" && len(slug)+len(word) >= maxSlug {
			break
		}
		slug = strings.TrimPrefix(slug+"-"+word, "-")
	}
	return slug[:min(len(slug), maxSlug)]
}

// newSlug makes a slug that is not taken, of the title and where needed of the
// id, and marks it as taken.
func newSlug(title, id string, taken map[string]bool) string {
	short := slugify(title)
	switch short {
	case "":
		short = "course"
	case "suggest":
		short = "course-suggest" // what a search suggests stands at that address
	}
	slug := short
	if taken[slug] {
		slug = slugify(short + " " + id)
	}
	for n := 2; taken[slug]; n++ {
		slug = fmt.Sprintf("%s-%d", short, n)
	}
	taken[slug] = true
	return slug
}
