package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A search longer than this is cut: nobody types one, and each word costs.
const (
	maxSearch = 200 // characters
	maxWords  = 10
)

// word is one word of a search.
type word struct {
	written, folded string
	letters         []rune // of folded
	stems           map[string][]string
	// optional words need not be found: prepositions and the like, which people
	// type and texts put differently.
	optional bool
	// unfinished: somebody is still typing it.
	unfinished bool
}

// newWords takes a search apart, and reports whether it is blank: nothing in it
// can be seen. A search of nothing but signs is not blank, and has no words.
func newWords(text string) ([]word, bool) {
	var words []word
	runes := []rune(strings.ToValidUTF8(text, " "))
	text = string(runes[:min(len(runes), maxSearch)])
	blank := !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cc, unicode.Cf, unicode.M)
	})
	tokens(text, func(written string) {
		folded := fold(written)
		if folded == "" || len(words) == maxWords || slices.ContainsFunc(words, func(w word) bool { return w.folded == folded }) {
			return
		}
		w := word{written: written, folded: folded, letters: []rune(folded), stems: map[string][]string{}}
		for _, lang := range languages {
			w.stems[lang] = stems(lang, written, folded)
			w.stems[names] = append(w.stems[names], w.stems[lang]...)
		}
		slices.Sort(w.stems[names])
		w.stems[names] = slices.Compact(w.stems[names])
		w.optional = isSmall(&w)
		words = append(words, w)
	})
	if !slices.ContainsFunc(words, func(w word) bool { return !w.optional }) {
		for i := range words {
			words[i].optional = false
		}
	}
	return words, blank
}

func isSmall(w *word) bool {
	digit := strings.ContainsFunc(w.folded, unicode.IsDigit)
	return utf8.RuneCountInString(w.folded) < 3 && !digit || smallWords[w.folded]
}

// smallWords are the prepositions, articles and conjunctions of three letters
// and more that stand between words of a search.
var smallWords = func() map[string]bool {
	list := map[string]bool{}
	for _, w := range strings.Fields("and for the from with und der die das den dem des fur von mit zur zum bei och med " +
		"till til fra fran att som ved vid eller ning voi oder oraz dla przy przez nad pod ing seka tai kuin " +
		"par pret apie pries bei arba или для при про над под без fyrir vid eda") {
		list[w] = true
	}
	return list
}()
