package training

import (
	"maps"
	"slices"
)

// chains are the languages in which a reader of each language is shown a text
// that is not there in the own one, best first. What people read without having
// learnt it, or because their school or their office makes them, comes before
// English; English is what all of them work in together. A neighbour is named
// only where most readers of the page manage, and the other way round only where
// that holds too.
//
//	nb, da, sv  read one another: nb and da nearly as their own, sv with more care
//	is          has Danish at school, which opens the other two
//	et          reads Finnish, kin and for decades on its television; Finns do not
//	            read Estonian in turn: it looks alike and means other things
//	fi          has Swedish: the other language of the country, asked of officials
//	lv, lt      read neither each other nor, all of them, any neighbour: English
//	pl, de, ru  have no neighbour here that they read: English
var chains = map[string][]string{
	"nb": {"da", "sv", "en"},
	"da": {"nb", "sv", "en"},
	"sv": {"nb", "da", "en"},
	"is": {"da", "nb", "sv", "en"},
	"et": {"fi", "en"},
	"fi": {"sv", "en"},
	"lv": {"en"},
	"lt": {"en"},
	"pl": {"en"},
	"de": {"en"},
	"ru": {"en"},
	"en": {},
}

// FallbackLanguages are the languages, best first, in which somebody who reads
// lang is served where there is nothing in lang; lang itself is not among them.
// They are shared by all who ask, and changed by nobody.
func FallbackLanguages(lang string) []string {
	if chain, ok := chains[lang]; ok {
		return chain
	}
	return english
}

var english = []string{"en"}

// Titles is the title of a course in every language that people wrote it in.
type Titles struct {
	CourseID int               `json:"-"`                  // 0: of which course is not known
	Text     map[string]string `json:"text"`               // by ISO 639-1 code
	Original string            `json:"original,omitempty"` // language of the original; empty: not known
}

// In gives the title in a language, or in the best other one: down its fallback
// languages, then the original, then the first in order of the codes. The second
// result is the language that the title really is in; both are empty where there
// is no title.
func (t Titles) In(lang string) (string, string) {
	for _, try := range slices.Concat([]string{lang}, FallbackLanguages(lang), []string{t.Original}) {
		if text := t.Text[try]; text != "" {
			return text, try
		}
	}
	for _, code := range slices.Sorted(maps.Keys(t.Text)) {
		if text := t.Text[code]; text != "" {
			return text, code
		}
	}
	return "", ""
}
