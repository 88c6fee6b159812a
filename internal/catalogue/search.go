package catalogue

import (
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/i18n/cldr"
	"github.com/varde-platform/varde/internal/training"
)

// A search longer than this is cut: nobody types one, and each word costs.
const (
	maxSearch = 200 // characters
	maxWords  = 10
)

// term is a word of the vocabularies with all its names folded, one a line.
// Courses refer to it by its bit, so that its names are looked through once for
// a search and not once for each course.
type term struct {
	bit      uint64
	kind, id string
	names    string
}

func newTerms(names func(kind, id, lang string) string) []term {
	var terms []term
	add := func(kind string, ids []string) {
		for _, id := range ids {
			lines := []string{id, strings.ReplaceAll(id, "_", " ")}
			for _, lang := range training.Languages {
				if names != nil {
					lines = append(lines, names(kind, id, lang))
				}
			}
			terms = append(terms, term{1 << len(terms), kind, id, foldLines(lines)})
		}
	}
	add("topic", training.Topics)
	add("profession", training.Professions)
	return terms
}

// foldLines folds each text to a line, so that no word is found across two.
func foldLines(lines []string) string {
	folded := make([]string, 0, len(lines))
	for _, line := range lines {
		if line != "" {
			folded = append(folded, cldr.Fold(line))
		}
	}
	return strings.Join(folded, "\n")
}

// entry is a course made ready for searching.
type entry struct {
	course *Course
	titles string // folded, in all languages
	rest   string // folded: titles and everything else that is searched
	terms  uint64 // bits of its topics and professions
}

// newEntry makes a course ready. Of its runs only those coming are searched: a
// place where it was once held is no reason to find it.
func newEntry(c *Course, terms []term, now time.Time) entry {
	var titles []string
	for _, t := range c.Texts[KindTitle] {
		titles = append(titles, t.Text)
	}
	rest := []string{c.Code, c.Provider, c.Programme, c.Place}
	for _, t := range c.Texts[KindSummary] {
		rest = append(rest, t.Text)
	}
	for _, r := range ComingRuns(c, now) {
		rest = append(rest, r.Code, r.Place)
	}
	e := entry{course: c, titles: foldLines(titles)}
	e.rest = e.titles + "\n" + foldLines(rest)
	for _, t := range terms {
		ids := c.Topics
		if t.kind == "profession" {
			ids = c.Professions
		}
		if slices.Contains(ids, t.id) {
			e.terms |= t.bit
		}
	}
	return e
}

// word is one word of a search with the terms that have it in a name.
type word struct {
	text  string
	terms uint64
}

func newWords(text string, terms []term) []word {
	runes := []rune(text)
	fields := strings.Fields(cldr.Fold(string(runes[:min(len(runes), maxSearch)])))
	words := make([]word, 0, len(fields))
	for _, f := range fields[:min(len(fields), maxWords)] {
		w := word{text: f}
		for _, t := range terms {
			if strings.Contains(t.names, f) {
				w.terms |= t.bit
			}
		}
		words = append(words, w)
	}
	return words
}

// group is a set of the parts of a query; a course is found if it fails none.
type group uint8

const (
	byText group = 1 << iota
	byTopic
	byProfession
	byCountry
	byLanguage
	byFree
)

// filter is a query made ready for looking through the courses.
type filter struct {
	words                                     []word
	topics, professions, countries, languages []string
	free                                      freeSeats // looked at only where onlyFree
	onlyFree                                  bool
	now                                       time.Time
}

func (s *Service) newFilter(q Query, now time.Time) *filter {
	f := &filter{words: newWords(q.Text, s.terms), topics: q.Topic, professions: q.Profession,
		onlyFree: q.Free, now: now}
	for _, c := range q.Country {
		f.countries = append(f.countries, strings.ToUpper(c))
	}
	for _, l := range q.Language {
		f.languages = append(f.languages, training.CanonicalLanguage(l))
	}
	return f
}

// failed gives the groups of the query that the course does not fulfil.
func (f *filter) failed(e *entry) group {
	var failed group
	if !f.wordsIn(e) {
		failed |= byText
	}
	if !fits(f.topics, e.course.Topics) {
		failed |= byTopic
	}
	if !fits(f.professions, e.course.Professions) {
		failed |= byProfession
	}
	if len(f.countries) > 0 && !slices.Contains(f.countries, e.course.Country) &&
		!f.comingRun(e, func(r *Run) bool { return slices.Contains(f.countries, r.Country) }) {
		failed |= byCountry
	}
	if !fits(f.languages, e.course.Languages) &&
		!f.comingRun(e, func(r *Run) bool { return slices.Contains(f.languages, r.Language) }) {
		failed |= byLanguage
	}
	if f.onlyFree && !f.comingRun(e, func(r *Run) bool { return r.open(f.now) && f.free.any(r.ID) }) {
		failed |= byFree
	}
	return failed
}

// fits reports whether the course has one of the wanted values, or none is wanted.
func fits(wanted, has []string) bool {
	if len(wanted) == 0 {
		return true
	}
	return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(has, w) })
}

func (f *filter) wordsIn(e *entry) bool {
	for _, w := range f.words {
		if w.terms&e.terms == 0 && !strings.Contains(e.rest, w.text) {
			return false
		}
	}
	return true
}

// titleHit reports whether the title alone, in some language, has all words.
func (f *filter) titleHit(e *entry) bool {
	for _, w := range f.words {
		if !strings.Contains(e.titles, w.text) {
			return false
		}
	}
	return true
}

func (f *filter) comingRun(e *entry, is func(*Run) bool) bool {
	for i := range e.course.Runs {
		if r := &e.course.Runs[i]; r.coming(f.now) && is(r) {
			return true
		}
	}
	return false
}

// next is the first coming run, or nil.
func (f *filter) next(e *entry) *Run {
	for i := range e.course.Runs {
		if r := &e.course.Runs[i]; r.coming(f.now) {
			return r
		}
	}
	return nil
}
