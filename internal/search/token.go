package search

import (
	"strings"
	"unicode"

	"github.com/varde-platform/varde/internal/i18n/cldr"
)

// A token longer than this is no word of any language.
const maxToken = 64 // bytes

// tokens calls yield with each word of a text as it is written. What follows an
// apostrophe or a colon inside a word is its ending (CEPOL's, EU:n) and left out.
func tokens(text string, yield func(string)) {
	start, ending := -1, false
	flush := func(end int) {
		if start >= 0 && end-start <= maxToken && !(ending && len([]rune(text[start:end])) <= 3) {
			yield(text[start:end])
		}
		start = -1
	}
	var before rune
	for i, r := range text {
		if inWord(r) {
			if start < 0 {
				start = i
			}
			before = r
			continue
		}
		wasWord := start >= 0
		flush(i)
		ending = wasWord && unicode.IsLetter(before) && (r == '\'' || r == '’' || r == ':')
	}
	flush(len(text))
}

func inWord(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	// Marks and what is invisible do not end a word: folding drops them.
	return r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.In(r, unicode.M, unicode.Cf))
}

// fold is how a word is compared. It is empty for what has nothing to compare.
func fold(word string) string { return strings.ReplaceAll(cldr.Fold(word), " ", "") }

// respelled gives the word with the letters that people write where they have
// no ä, ö, ü or å, taken back: Oel is Öl, which folds to ol.
func respelled(folded string) string { return respelling.Replace(folded) }

var respelling = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")
