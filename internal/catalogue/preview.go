package catalogue

import "slices"

// With is the course as it would be with texts in a language that are not saved:
// its own texts stay as they are. Whether they could be saved is not asked.
func (c *Course) With(lang string, edits []TextEdit) *Course {
	changed := *c
	changed.Texts = make(map[string][]Text, len(c.Texts))
	for kind, texts := range c.Texts {
		changed.Texts[kind] = texts
	}
	for _, e := range edits {
		texts := slices.DeleteFunc(slices.Clone(changed.Texts[e.Kind]), func(t Text) bool { return t.Lang == lang })
		if text := typed(e.Kind, e.Text); text != "" {
			texts = append(texts, Text{text, lang, e.Origin})
		}
		slices.SortFunc(texts, originalFirst)
		changed.Texts[e.Kind] = texts
	}
	return &changed
}
