package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/search/snowball"
	"github.com/varde-platform/varde/internal/search/snowball/danish"
	"github.com/varde-platform/varde/internal/search/snowball/english"
	"github.com/varde-platform/varde/internal/search/snowball/estonian"
	"github.com/varde-platform/varde/internal/search/snowball/finnish"
	"github.com/varde-platform/varde/internal/search/snowball/german"
	"github.com/varde-platform/varde/internal/search/snowball/lithuanian"
	"github.com/varde-platform/varde/internal/search/snowball/norwegian"
	"github.com/varde-platform/varde/internal/search/snowball/polish"
	"github.com/varde-platform/varde/internal/search/snowball/russian"
	"github.com/varde-platform/varde/internal/search/snowball/swedish"
)

// names is the lexicon of what is in no language: places, organisations, codes.
const names = ""

// languages are those whose words are reduced to stems, and names.
var languages = []string{names, "da", "de", "en", "et", "fi", "is", "lt", "lv", "nb", "pl", "ru", "sv"}

var snowballs = map[string]func(*snowball.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "et": estonian.Stem, "fi": finnish.Stem,
	"lt": lithuanian.Stem, "nb": norwegian.Stem, "pl": polish.Stem, "ru": russian.Stem, "sv": swedish.Stem,
}

// stems gives what the forms of a word have in common in a language, folded. The
// word is reduced as it is written and as it is without marks, because people
// type both; so two forms belong together if they share one of their stems.
func stems(lang, written, folded string) []string {
	var found []string
	add := func(stem string) {
		if utf8.RuneCountInString(stem) >= 2 && !slices.Contains(found, stem) {
			found = append(found, stem)
		}
	}
	written = strings.ToLower(written)
	switch lang {
	case names:
		return nil
	case "lv":
		add(cut(folded, latvianEndings))
		return found
	case "is":
		add(cut(folded, icelandicEndings))
		// varnir, vörnum: the vowel changes with the ending.
		add(cut(strings.ReplaceAll(folded, "o", "a"), icelandicEndings))
		return found
	}
	for _, form := range []string{written, folded} {
		env := snowball.NewEnv(form)
		snowballs[lang](env)
		add(fold(env.Current()))
	}
	switch lang {
	case "fi":
		for _, stem := range slices.Clone(found) {
			add(weakened(stem))
		}
	case "et":
		add(estonianBase(folded))
	case "pl":
		add(cut(folded, polishEndings))
		for _, stem := range slices.Clone(found) {
			if rest, ok := strings.CutSuffix(stem, "c"); ok { // strażak, strażacy
				add(rest + "k")
			}
		}
	}
	return found
}

// leastStem is how many letters an ending leaves at least.
const leastStem = 4

// cut takes off the first of the endings, which stand longest first, that
// leaves enough of the word.
func cut(folded string, endings []string) string {
	for _, ending := range endings {
		if rest, ok := strings.CutSuffix(folded, ending); ok && utf8.RuneCountInString(rest) >= leastStem {
			return rest
		}
	}
	return folded
}

// estonianBase takes off the ending and the vowel before it (kursus, kursused),
// which Snowball leaves.
func estonianBase(folded string) string {
	stem := cut(folded, estonianEndings)
	if rest := strings.TrimRight(stem, "aeiu"); utf8.RuneCountInString(rest) >= leastStem {
		stem = rest
	}
	// meeskond, meeskonna
	if n := len(stem); n > leastStem && stem[n-1] == stem[n-2] {
		stem = stem[:n-1]
	}
	return stem
}

// The endings of nouns and adjectives, folded. Snowball has no Icelandic and no
// Latvian, is sparing with Estonian, and knows of Polish what is written with
// marks, which not all type.
var (
	latvianEndings = strings.Fields("ajiem ajai ajam ajas ajos iem aja ais ai am em im um us as es os is ie " +
		"u a i e o s")
	icelandicEndings = strings.Fields("unnar innar arnir irnir arnar urnar anna inum inni unum unni " +
		"ins inn ina una unn num nna nir nar um ir ar ur is in i a u s")
	estonianEndings = strings.Fields("tesse desse tele dele telt delt test dest teks deks tega dega teta deta " +
		"sse ste tel del tes des te de ga ks lt le st ta na ni d t l")
	polishEndings = strings.Fields("owie ach ami ow om y i")
)

// weakened gives a Finnish stem with its last consonants as they are in a closed
// syllable (hallinta, hallinnan), for Snowball does not know the change.
func weakened(stem string) string {
	if utf8.RuneCountInString(stem) < leastStem+1 {
		return stem
	}
	for _, change := range finnishGradation {
		if rest, ok := strings.CutSuffix(stem, change[0]); ok {
			return rest + change[1]
		}
	}
	return stem
}

var finnishGradation = [][2]string{{"nt", "n"}, {"mp", "m"}, {"lt", "l"}, {"rt", "r"}, {"nk", "ng"},
	{"kk", "k"}, {"pp", "p"}, {"tt", "t"}, {"t", "d"}, {"p", "v"}}
