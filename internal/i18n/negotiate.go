package i18n

import (
	"slices"
	"strconv"
	"strings"

	"github.com/varde-platform/varde/internal/training"
)

// Negotiate chooses the language of a visitor who names none in the address:
// the cookie's, else the first of Accept-Language that Varde speaks, else
// English. Norwegian no, nb and nn are nb.
func Negotiate(cookie, acceptLanguage string) string {
	if lang := training.CanonicalLanguage(cookie); training.SpeaksLanguage(lang) {
		return lang
	}
	for _, lang := range preferred(acceptLanguage) {
		if training.SpeaksLanguage(lang) {
			return lang
		}
	}
	return "en"
}

// preferred lists the languages of the header (RFC 9110, 12.5.4), the wanted
// most first; those with weight 0 are not wanted at all.
func preferred(header string) []string {
	type wish struct {
		lang   string
		weight float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		w := wish{training.CanonicalLanguage(strings.TrimSpace(tag)), 1}
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			weight, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			w.weight = weight
		}
		if w.weight > 0 {
			wishes = append(wishes, w)
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	langs := make([]string, len(wishes))
	for i, w := range wishes {
		langs[i] = w.lang
	}
	return langs
}
