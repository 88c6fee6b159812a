package certificate

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/varde-platform/varde/ent"
)

// fileName is readable on every system and in every mail program, so it keeps to
// ASCII: Varde-SHIP-07-Janis-Berzins-Kenins-7K3M-9QXA-WB5T-2HND.pdf. The number
// makes it the only one.
func fileName(row *ent.Certificate, facts Facts) string { return baseName(row, facts) + ".pdf" }

// badgeName tells the form of the file, which few programs know, in its ending.
func badgeName(row *ent.Certificate, facts Facts) string { return baseName(row, facts) + ".badge.jwt" }

func baseName(row *ent.Certificate, facts Facts) string {
	parts := []string{"Varde"}
	for _, part := range []string{cmp.Or(plain(facts.CourseCode), plain(facts.Run)), plain(row.Holder), row.Number} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "-")
}

// longestPlain keeps file names below what every system takes.
const longestPlain = 60

// plain writes a text in letters and digits of ASCII, words joined by hyphens.
func plain(text string) string {
	name, _ := ascii(text)
	return strings.TrimRight(name[:min(len(name), longestPlain)], "-")
}

// called reports whether part is part of a name, as it is written or as people
// spell it who have not all of its letters.
func called(name, part string) bool {
	if strings.Contains(comparable(name), comparable(part)) {
		return true
	}
	sought, whole := ascii(part)
	spelled, _ := ascii(name)
	return whole && sought != "" && strings.Contains(strings.ToLower(spelled), strings.ToLower(sought))
}

// ascii is a text in letters and digits of ASCII, and whether all of its letters
// are in it.
func ascii(text string) (string, bool) {
	var b strings.Builder
	gap, whole := false, true
	for _, r := range norm.NFKD.String(withoutKeyboard.Replace(norm.NFC.String(text))) {
		switch {
		case unicode.IsMark(r):
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
			whole = whole && !unicode.IsLetter(r)
		}
	}
	return b.String(), whole
}

// withoutKeyboard writes the letters that Unicode does not take apart as people
// without such a keyboard do, and Cyrillic as Russian passports do.
var withoutKeyboard = strings.NewReplacer(
	"Ł", "L", "ł", "l", "Ø", "O", "ø", "o", "Đ", "D", "đ", "d", "Ð", "D", "ð", "d", "Þ", "Th", "þ", "th",
	"Æ", "Ae", "æ", "ae", "Œ", "Oe", "œ", "oe", "ẞ", "SS", "ß", "ss", "ı", "i", "Ħ", "H", "ħ", "h", "Ŧ", "T", "ŧ", "t",
	"Ŋ", "N", "ŋ", "n", "’", "", "'", "",
	"А", "A", "Б", "B", "В", "V", "Г", "G", "Д", "D", "Е", "E", "Ё", "E", "Ж", "Zh", "З", "Z", "И", "I", "Й", "I",
	"К", "K", "Л", "L", "М", "M", "Н", "N", "О", "O", "П", "P", "Р", "R", "С", "S", "Т", "T", "У", "U", "Ф", "F",
	"Х", "Kh", "Ц", "Ts", "Ч", "Ch", "Ш", "Sh", "Щ", "Shch", "Ъ", "Ie", "Ы", "Y", "Ь", "", "Э", "E", "Ю", "Iu", "Я", "Ia",
	"а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ё", "e", "ж", "zh", "з", "z", "и", "i", "й", "i",
	"к", "k", "л", "l", "м", "m", "н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f",
	"х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "shch", "ъ", "ie", "ы", "y", "ь", "", "э", "e", "ю", "iu", "я", "ia",
)
