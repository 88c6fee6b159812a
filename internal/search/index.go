package search

import (
	"hash/maphash"
	"slices"
	"sync"
)

// Text is one text of a document.
type Text struct {
	Lang  string // ISO 639-1; empty: a name, which is in no language
	Title bool   // it names the document
	Text  string
}

// Source has the documents that are searched, numbered from 0.
type Source interface {
	Len() int
	// ID is what a document keeps when its number changes.
	ID(doc int) int
	// Texts calls yield with everything a document is found by.
	Texts(doc int, yield func(Text))
	// Mark writes what changes whenever the texts do; it is asked of every
	// document each time an index is carried on.
	Mark(doc int, h *maphash.Hash)
}

// Index finds documents of a source by words. It does not change: many may ask
// it at once.
//
// Most documents are in its first part. A second one has those that have come or
// changed since the first was made, so that one change costs little.
type Index struct {
	parts []*part
	// at gives for each part the number that each of its documents has in the
	// source now; -1: it is gone, or newer in the other part.
	at    [][]int32
	total int
}

// part is the words of some documents, which nothing changes any more.
type part struct {
	documents []document
	lexicons  []*lexicon
}

type document struct {
	id    int
	print uint64 // of what its Mark writes
}

// freshFor: as many documents may stand in the second part before all are put
// into one.
func freshFor(total int) int { return max(64, total/20) }

// New makes an index of all documents.
func New(source Source) *Index { return (*Index)(nil).With(source) }

// With makes an index of all documents, using what this one, which may be nil,
// knows of those that have not changed.
func (x *Index) With(source Source) *Index {
	prints := make([]document, source.Len())
	for doc := range prints {
		prints[doc] = document{source.ID(doc), fingerprint(source, doc)}
	}
	next := &Index{total: len(prints)}
	if x == nil {
		return next.whole(source, prints)
	}
	known := make(map[document]int32, len(x.parts[0].documents))
	for i, d := range x.parts[0].documents {
		known[d] = int32(i)
	}
	at := make([]int32, len(x.parts[0].documents))
	for i := range at {
		at[i] = -1
	}
	var fresh []int
	for doc, d := range prints {
		if i, ok := known[d]; ok {
			at[i] = int32(doc)
		} else {
			fresh = append(fresh, doc)
		}
	}
	if len(fresh) > freshFor(len(prints)) || len(prints) < len(at)/2 {
		return next.whole(source, prints)
	}
	next.parts, next.at = x.parts[:1:1], [][]int32{at}
	if len(fresh) > 0 {
		next.add(source, prints, fresh)
	}
	return next
}

func (x *Index) whole(source Source, prints []document) *Index {
	all := make([]int, len(prints))
	for doc := range all {
		all[doc] = doc
	}
	x.add(source, prints, all)
	return x
}

// add makes a part of some documents; languages are worked on beside each other.
func (x *Index) add(source Source, prints []document, docs []int) {
	p := &part{lexicons: make([]*lexicon, len(languages))}
	at := make([]int32, len(docs))
	for i, doc := range docs {
		p.documents = append(p.documents, prints[doc])
		at[i] = int32(doc)
	}
	var wait sync.WaitGroup
	for n, lang := range languages {
		wait.Go(func() { p.lexicons[n] = read(source, docs, lang) })
	}
	wait.Wait()
	x.parts, x.at = append(x.parts, p), append(x.at, at)
}

func read(source Source, docs []int, lang string) *lexicon {
	w := newWriter(lang)
	for i, doc := range docs {
		source.Texts(doc, func(t Text) {
			if t.Lang == lang || lang == names && !slices.Contains(languages, t.Lang) {
				w.add(int32(i), t.Title, t.Text)
			}
		})
	}
	return w.finish()
}

var seed = maphash.MakeSeed()

func fingerprint(source Source, doc int) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	source.Mark(doc, &h)
	return h.Sum64()
}
