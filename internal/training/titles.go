package training

import (
	"maps"
	"slices"
)

// Titles is the title of a course in every language that it has.
type Titles struct {
	Text     map[string]string `json:"text"`               // by ISO 639-1 code
	Original string            `json:"original,omitempty"` // language of the original; empty: not known
}

// In gives the title in a language, or in the best other one: English, then the
// original, then the first in order of the codes. The second result is the
// language that the title really is in; both are empty where there is no title.
func (t Titles) In(lang string) (string, string) {
	for _, try := range []string{lang, "en", t.Original} {
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
