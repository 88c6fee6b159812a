package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// How well a word of a search is met, best first, in four steps for each place
// in which it stands.
const (
	exact  = iota // the word as it was typed
	form          // another form of it
	begins        // a word that begins with it
	inside        // a word with it inside
	steps
)

// Where it stands, best first.
const (
	ownTitle   = iota // a title in the reader's language
	otherTitle        // a title in another
	ownText           // anything else in the reader's language, or a name
	otherText
	places
)

const (
	// mistyped comes after every place in which the word stands as typed.
	mistyped = places * steps
	missing  = math.MaxUint8
)

// Hit is a document found. Of two, the one with the lower rank is closer to what
// was looked for; within a rank they are equals.
type Hit struct {
	Doc  int
	Rank uint32
}

// Found is what a search finds.
type Found struct {
	// All: the search is blank, and every document is found.
	All  bool
	Hits []Hit // by document
	// Taken is the search with the words that were taken for mistyped ones;
	// empty: all were found as they were typed.
	Taken string
}

// Search finds the documents that have all words. Lang is the reader's.
func (x *Index) Search(text, lang string) Found { return x.search(text, lang, false) }

// Typing finds what Search does while the last word is still being typed.
func (x *Index) Typing(text, lang string) Found { return x.search(text, lang, true) }

func (x *Index) search(text, lang string, typing bool) Found {
	words, blank := newWords(text)
	if blank || len(words) == 0 {
		return Found{All: blank}
	}
	last := &words[len(words)-1]
	last.unfinished = typing && strings.HasSuffix(text, last.written)
	s := searching{Index: x, lang: lang, levels: make([][]uint8, len(words)), taken: make([]string, len(words))}
	for i := range words {
		if !s.asTyped(&words[i], i) {
			s.asMeant(&words[i], i)
		}
	}
	hits := s.together(words)
	if len(hits) == 0 {
		// Each word is found somewhere: one of them may be meant for another.
		for i := range words {
			if s.taken[i] == "" {
				s.asMeant(&words[i], i)
			}
		}
		hits = s.together(words)
	}
	if len(hits) == 0 {
		return Found{}
	}
	return Found{Hits: hits, Taken: s.meant(words)}
}

// searching is one search under way. Levels has for each word how well each
// document has it: the lower the better.
type searching struct {
	*Index
	lang   string
	levels [][]uint8
	taken  []string // for each word, what it was taken for
}

// together gives the documents that have all words. The rank is first that of
// the word that is met worst, then that of all together.
func (s *searching) together(words []word) []Hit {
	var hits []Hit
	for doc := range s.total {
		var worst, sum uint32
		for i := range words {
			level := uint32(s.levels[i][doc])
			if level == missing {
				if !words[i].optional {
					worst = missing
					break
				}
				level = mistyped + places
			} else if !words[i].optional {
				worst = max(worst, level)
			}
			sum += level
		}
		if worst < missing {
			hits = append(hits, Hit{doc, worst<<16 | sum})
		}
	}
	return hits
}

// meant is the search with the words that it was taken for.
func (s *searching) meant(words []word) string {
	if !slices.ContainsFunc(s.taken, func(t string) bool { return t != "" }) {
		return ""
	}
	all := make([]string, len(words))
	for i := range words {
		all[i] = cmp.Or(s.taken[i], words[i].written)
	}
	return strings.Join(all, " ")
}

// asTyped finds a word as it is: whole, in another form, or as a part. It
// reports whether a word begins with it, so that nothing was typed wrong.
func (s *searching) asTyped(w *word, n int) bool {
	s.levels[n] = slices.Repeat([]uint8{missing}, s.total)
	sure := false
	for p, part := range s.parts {
		for _, l := range part.lexicons {
			l.matches(w, func(id int32, step uint8) {
				sure = sure || step < inside
				s.note(p, l, id, n, step)
			})
		}
	}
	return sure
}

// matches calls yield with the words of the lexicon that meet a word, and how.
func (l *lexicon) matches(w *word, yield func(id int32, step uint8)) {
	if id, ok := l.byWord[w.folded]; ok {
		yield(id, exact)
		e := &l.entries[id]
		l.withStems(stems(l.lang, e.written, e.folded), yield)
	}
	if id, ok := l.byWord[respelled(w.folded)]; ok {
		yield(id, form)
	}
	l.withStems(w.stems[l.lang], yield)
	l.withParts(w, yield)
}

func (l *lexicon) withStems(stems []string, yield func(id int32, step uint8)) {
	for _, stem := range stems {
		if l.lang == names {
			if id, ok := l.byWord[stem]; ok {
				yield(id, form)
			}
			continue
		}
		for _, id := range l.byStem[stem] {
			yield(id, form)
		}
	}
}

// How many letters a part must have. A stem says less than a word.
const (
	leastBeginning = 3
	leastInside    = 4
)

func (l *lexicon) withParts(w *word, yield func(id int32, step uint8)) {
	letters := len(w.letters)
	switch {
	case letters >= leastInside:
		l.parts(w.folded, func(id int32, first bool) {
			if first {
				yield(id, begins)
			} else {
				yield(id, inside)
			}
		})
	case letters >= leastBeginning || w.unfinished:
		l.beginnings(w.folded, func(id int32) { yield(id, begins) })
	}
	for _, stem := range w.stems[l.lang] {
		n := utf8.RuneCountInString(stem)
		if n > leastInside && n < letters {
			l.parts(stem, func(id int32, first bool) {
				if first {
					yield(id, begins)
				} else {
					yield(id, inside)
				}
			})
		}
	}
}

// note writes down that documents have a word.
func (s *searching) note(p int, l *lexicon, id int32, n int, step uint8) {
	title, text := uint8(otherTitle), uint8(otherText)
	if l.lang == s.lang || l.lang == names {
		title, text = ownTitle, ownText
	}
	e := &l.entries[id]
	s.put(p, &e.inTitle, n, levelOf(title, step))
	s.put(p, &e.inTextElse, n, levelOf(text, step))
}

func levelOf(place, step uint8) uint8 {
	if step == steps {
		return mistyped + place
	}
	return place*steps + step
}

func (s *searching) put(p int, documents *postings, n int, level uint8) {
	at, levels := s.at[p], s.levels[n]
	documents.each(func(doc int32) {
		if now := at[doc]; now >= 0 && levels[now] > level {
			levels[now] = level
		}
	})
}
