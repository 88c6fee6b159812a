package catalogue

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/search"
	"github.com/varde-platform/varde/internal/training"
)

// term is a word of the vocabularies with its names in all languages, by which
// the courses that have it are found.
type term struct {
	kind, id string
	names    []search.Text
}

func newTerms(names func(kind, id, lang string) string) []term {
	var terms []term
	add := func(kind string, ids []string) {
		for _, id := range ids {
			t := term{kind: kind, id: id, names: []search.Text{{Text: id}, {Text: strings.ReplaceAll(id, "_", " ")}}}
			for _, lang := range training.Languages {
				if names != nil {
					t.names = append(t.names, search.Text{Lang: lang, Text: names(kind, id, lang)})
				}
			}
			terms = append(terms, t)
		}
	}
	add("topic", training.Topics)
	add("profession", training.Professions)
	return terms
}

// entry is a course with its place among all.
type entry struct {
	course *Course
	at     int
}

// searched is the courses as the search reads them. Of the runs only those
// coming are searched: a place where a course was once held is no reason to find
// it.
type searched struct {
	courses []*Course
	terms   []term
	now     time.Time
}

func (s searched) Len() int { return len(s.courses) }

func (s searched) ID(i int) int { return s.courses[i].ID }

func (s searched) Texts(i int, yield func(search.Text)) {
	c := s.courses[i]
	s.own(c, yield)
	for _, t := range s.terms {
		ids := c.Topics
		if t.kind == "profession" {
			ids = c.Professions
		}
		if slices.Contains(ids, t.id) {
			for _, name := range t.names {
				yield(name)
			}
		}
	}
}

// own are the texts but the names of topics and professions.
func (s searched) own(c *Course, yield func(search.Text)) {
	// A code names a course in every language.
	yield(search.Text{Title: true, Text: c.Code})
	for _, name := range []string{c.Provider, c.Programme, c.Place} {
		yield(search.Text{Text: name})
	}
	for _, kind := range []string{KindTitle, KindSummary, KindOutcomes} {
		for _, t := range c.Texts[kind] {
			yield(search.Text{Lang: t.Lang, Title: kind == KindTitle, Text: t.Text})
		}
	}
	for r := range c.Runs {
		if run := &c.Runs[r]; run.coming(s.now) {
			yield(search.Text{Text: run.Code})
			yield(search.Text{Text: run.Place})
		}
	}
}

// Mark takes the ids of topics and professions for their names, which are the
// same as long as the program runs.
func (s searched) Mark(i int, h *maphash.Hash) {
	write := func(text string) {
		h.WriteString(text)
		h.WriteByte(0)
	}
	c := s.courses[i]
	s.own(c, func(t search.Text) {
		write(t.Lang)
		if t.Title {
			h.WriteByte(1)
		}
		write(t.Text)
	})
	for _, id := range c.Topics {
		write(id)
	}
	h.WriteByte(1)
	for _, id := range c.Professions {
		write(id)
	}
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
	text                                      *texted // nil: no words are looked for
	topics, professions, countries, languages []string
	free                                      freeSeats // looked at only where onlyFree
	onlyFree                                  bool
	now                                       time.Time
	months, forms                             []string
	written                                   map[Month]string
}

func (s *Service) newFilter(q Query, now time.Time) *filter {
	f := &filter{topics: q.Topic, professions: q.Profession,
		onlyFree: q.Free, now: now, months: q.Month, forms: q.Form}
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
	failed := f.failedMore(e)
	if f.text != nil && f.text.ranks[e.at] == 0 {
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

func (f *filter) comingRun(e *entry, is func(*Run) bool) bool {
	for i := range e.course.Runs {
		if r := &e.course.Runs[i]; r.coming(f.now) && is(r) {
			return true
		}
	}
	return false
}

// next is the run that a list shows of a course: the first that can be enrolled in,
// else the first to come; nil: none is to come.
func (f *filter) next(e *entry) *Run {
	var first *Run
	for i := range e.course.Runs {
		r := &e.course.Runs[i]
		if !r.coming(f.now) {
			continue
		}
		if r.open(f.now) {
			return r
		}
		if first == nil {
			first = r
		}
	}
	return first
}
