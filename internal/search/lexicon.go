package search

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// postings are the numbers of documents, ascending, each written as what it is
// more than the one before.
type postings struct {
	bytes []byte
	last  int32
	count int32
}

func (p *postings) add(doc int32) {
	if p.count > 0 && p.last == doc {
		return
	}
	p.bytes = binary.AppendUvarint(p.bytes, uint64(doc-p.last))
	p.last = doc
	p.count++
}

func (p *postings) each(yield func(doc int32)) {
	doc, rest := int32(0), p.bytes
	for len(rest) > 0 {
		step, n := binary.Uvarint(rest)
		doc += int32(step)
		rest = rest[n:]
		yield(doc)
	}
}

// entry is a word of one language, with the documents that have it in a title
// and elsewhere.
type entry struct {
	folded, written     string
	inTitle, inTextElse postings
}

// lexicon has all words of one language.
type lexicon struct {
	lang    string
	entries []entry
	byWord  map[string]int32   // folded
	byStem  map[string][]int32 // several words have a stem
	// all has every word on a line of its own, in the order of the entries, so
	// that words are found by their parts.
	all    string
	starts []int32 // where the line of each entry begins in all
	// The words and the stems by their first letter, for words typed wrong.
	wordsBy map[rune][]int32
	stemsBy map[rune][]string
}

// writer fills a lexicon. It remembers what each word as written became, so that
// a word met again costs one look.
type writer struct {
	*lexicon
	seen map[string]int32 // -1: nothing to compare
}

func newWriter(lang string) *writer {
	return &writer{&lexicon{lang: lang, byWord: map[string]int32{}, byStem: map[string][]int32{}, wordsBy: map[rune][]int32{}, stemsBy: map[rune][]string{}},
		map[string]int32{}}
}

func (w *writer) add(doc int32, title bool, text string) {
	tokens(text, func(written string) {
		id, ok := w.seen[written]
		if !ok {
			id = w.meet(written)
			w.seen[strings.Clone(written)] = id
		}
		if id < 0 {
			return
		}
		if title {
			w.entries[id].inTitle.add(doc)
		} else {
			w.entries[id].inTextElse.add(doc)
		}
	})
}

// meet takes a word as written into the lexicon.
func (w *writer) meet(written string) int32 {
	folded := fold(written)
	if folded == "" {
		return -1
	}
	id, ok := w.byWord[folded]
	if !ok {
		id = int32(len(w.entries))
		w.byWord[folded] = id
		w.entries = append(w.entries, entry{folded: folded, written: strings.ToLower(strings.Clone(written))})
	}
	for _, stem := range stems(w.lang, written, folded) {
		if !slices.Contains(w.byStem[stem], id) {
			w.byStem[stem] = append(w.byStem[stem], id)
		}
	}
	return id
}

// finish makes the lexicon ready for being looked into.
func (w *writer) finish() *lexicon {
	var all strings.Builder
	for i := range w.entries {
		e := &w.entries[i]
		w.starts = append(w.starts, int32(all.Len()))
		all.WriteByte('\n')
		all.WriteString(e.folded)
		first, _ := utf8.DecodeRuneInString(e.folded)
		w.wordsBy[first] = append(w.wordsBy[first], int32(i))
		e.inTitle.bytes, e.inTextElse.bytes = slices.Clip(e.inTitle.bytes), slices.Clip(e.inTextElse.bytes)
	}
	for stem := range w.byStem {
		first, _ := utf8.DecodeRuneInString(stem)
		w.stemsBy[first] = append(w.stemsBy[first], stem)
	}
	w.all = all.String()
	return w.lexicon
}

// parts calls yield with each word that has a part in it, and whether it begins
// with it.
func (l *lexicon) parts(part string, yield func(id int32, begins bool)) {
	for from := 0; ; {
		i := strings.Index(l.all[from:], part)
		if i < 0 {
			return
		}
		at := from + i
		id, found := slices.BinarySearch(l.starts, int32(at))
		if !found {
			id--
		}
		yield(int32(id), at == int(l.starts[id])+1)
		next := id + 1
		if next >= len(l.starts) {
			return
		}
		from = int(l.starts[next])
	}
}

// beginnings calls yield with each word that begins with a part.
func (l *lexicon) beginnings(part string, yield func(id int32)) {
	l.parts("\n"+part, func(id int32, _ bool) { yield(id) })
}
