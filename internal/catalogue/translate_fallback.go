package catalogue

import "github.com/varde-platform/varde/internal/training"

// choose gives the text that serves a reader of lang best, or false where there
// is none. texts has originals first, then translations, then the machine's. The
// own language comes first, whoever put the text into it. After it come its
// fallback languages as people wrote them: to read a foreign language and to
// doubt the text as well is too much. Then the original, then any.
func choose(texts []Text, lang string) (Text, bool) {
	if len(texts) == 0 {
		return Text{}, false
	}
	if own, ok := in(texts, lang); ok {
		return own, true
	}
	for _, other := range training.FallbackLanguages(lang) {
		if t, ok := in(texts, other); ok && t.Origin != OriginMachine {
			return t, true
		}
	}
	return texts[0], true
}

func in(texts []Text, lang string) (Text, bool) {
	for _, t := range texts {
		if t.Lang == lang {
			return t, true
		}
	}
	return Text{}, false
}
