package search

import "slices"

// candidate is a word that another was perhaps meant for.
type candidate struct {
	part   int
	lex    *lexicon
	id     int32
	errors int
}

// asMeant finds a word by those that it is closest to.
func (s *searching) asMeant(w *word, n int) {
	var best []candidate
	least := allowed(len(w.letters))
	if least == 0 || slices.ContainsFunc(w.letters, func(r rune) bool { return '0' <= r && r <= '9' }) {
		return
	}
	for p, part := range s.parts {
		for _, l := range part.lexicons {
			l.near(w, least, func(id int32, errors int) {
				if errors < least {
					least, best = errors, best[:0]
				}
				if errors == least {
					best = append(best, candidate{p, l, id, errors})
				}
			})
		}
	}
	s.take(best, n)
}

// take notes the documents that have the candidates, in any form, and remembers
// the one to name: of the reader's language if there is one, and the most usual.
func (s *searching) take(candidates []candidate, n int) {
	var named *entry
	own, usual := false, int32(0)
	for _, c := range candidates {
		e := &c.lex.entries[c.id]
		s.note(c.part, c.lex, c.id, n, steps)
		c.lex.withStems(stems(c.lex.lang, e.written, e.folded), func(id int32, _ uint8) { s.note(c.part, c.lex, id, n, steps) })
		c.lex.beginnings(e.folded, func(id int32) { s.note(c.part, c.lex, id, n, steps) })
		mine, many := c.lex.lang == s.lang, e.inTitle.count+e.inTextElse.count
		if named == nil || mine && !own || mine == own && many > usual {
			named, own, usual = e, mine, many
		}
	}
	if named != nil {
		s.taken[n] = named.written
	}
}

// near calls yield with the words that few errors of typing make of a word, or
// of a form of it, and with how many. The first letter is right: people seldom
// mistype it.
func (l *lexicon) near(w *word, most int, yield func(id int32, errors int)) {
	for _, id := range l.wordsBy[w.letters[0]] {
		if errors := errorsIn(w.letters, l.entries[id].folded, most); errors <= most {
			yield(id, errors)
		}
	}
	for _, stem := range w.stems[l.lang] {
		letters := []rune(stem)
		limit := min(most, allowed(len(letters)))
		if limit == 0 || letters[0] != w.letters[0] {
			continue
		}
		for _, other := range l.stemsBy[letters[0]] {
			if errors := errorsIn(letters, other, limit); errors <= limit {
				for _, id := range l.byStem[other] {
					yield(id, errors)
				}
			}
		}
	}
}

// errorsIn is the distance to another word, unless that is the same or too short
// to be told from others by a letter.
func errorsIn(letters []rune, other string, most int) int {
	if len(other) < leastInside {
		return most + 1
	}
	var room [maxToken]rune
	runes := room[:0]
	for _, r := range other {
		runes = append(runes, r)
	}
	if slices.Equal(letters, runes) {
		return most + 1
	}
	return distance(letters, runes, most)
}

// How far Nearest looks: farther than a search forgives, for it only proposes.
func proposed(letters int) int {
	switch {
	case letters < 4:
		return 0
	case letters < 6:
		return 1
	case letters < 8:
		return 2
	}
	return 3
}

// Nearest gives the search that finds something and is closest to one that does
// not: each word that stands nowhere is replaced by the nearest one that does.
// Empty: there is none.
func (x *Index) Nearest(text, lang string) string {
	words, _ := newWords(text)
	s := searching{Index: x, lang: lang, levels: make([][]uint8, len(words)), taken: make([]string, len(words))}
	for i := range words {
		if s.asTyped(&words[i], i); words[i].optional || slices.ContainsFunc(s.levels[i], func(l uint8) bool { return l != missing }) {
			continue
		}
		s.taken[i] = x.nearest(&words[i], lang)
	}
	proposal := s.meant(words)
	if proposal == "" || len(x.Search(proposal, lang).Hits) == 0 {
		return ""
	}
	return proposal
}

// nearest gives the word closest to another, of the reader's language if two are
// as close, and then the most usual one.
func (x *Index) nearest(w *word, lang string) string {
	best, own, usual, least := "", false, int32(0), proposed(len(w.letters))
	if least == 0 {
		return ""
	}
	for _, part := range x.parts {
		for _, l := range part.lexicons {
			mine := l.lang == lang
			for i := range l.entries {
				e := &l.entries[i]
				errors := errorsIn(w.letters, e.folded, least)
				many := e.inTitle.count + e.inTextElse.count
				closer := errors < least || best == ""
				if errors <= least && (closer || mine && !own || mine == own && many > usual) {
					best, own, usual, least = e.written, mine, many, errors
				}
			}
		}
	}
	return best
}
