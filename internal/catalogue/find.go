package catalogue

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/varde-platform/varde/internal/training"
)

// Query is what somebody looks for. Values of one group are alternatives, the
// groups must all be fulfilled, and an empty group asks for nothing.
type Query struct {
	Text       string   // words, all of which must be found, in any case and with or without marks
	Topic      []string // ids
	Profession []string // ids
	Country    []string // of the course, or of one of its coming runs
	Language   []string // of instruction, of the course or of one of its coming runs
	Free       bool     // only courses in which a seat can be taken now
	Lang       string   // of the reader, for sorting
	Page       int      // from 1; less: the first
	PerPage    int      // 0: 20; at most 100
}

const (
	defaultPerPage = 20
	maxPerPage     = 100
)

// Page is one page of the courses found. Pages is 0 where none was.
type Page struct {
	Courses            []*Course
	Total, Page, Pages int
}

// Find looks for courses. Those with all words in the title come first, then
// those with coming runs by the next start, then the others by title.
func (s *Service) Find(ctx context.Context, q Query) (Page, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return Page{}, err
	}
	found := v.matches(f, training.CanonicalLanguage(q.Lang))
	per := cmp.Or(min(max(q.PerPage, 0), maxPerPage), defaultPerPage)
	page := Page{Total: len(found), Page: max(q.Page, 1), Pages: (len(found) + per - 1) / per}
	if page.Page > page.Pages {
		return page, nil
	}
	from := (page.Page - 1) * per
	for _, m := range found[from:min(from+per, len(found))] {
		page.Courses = append(page.Courses, m.course)
	}
	return page, nil
}

func (s *Service) prepare(ctx context.Context, q Query) (view, *filter, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return view{}, nil, err
	}
	f := s.newFilter(q, v.now())
	if q.Free {
		if f.free, err = s.free.get(ctx); err != nil {
			return view{}, nil, err
		}
	}
	return v, f, nil
}

// match is a course found, with what it is sorted by.
type match struct {
	course  *Course
	inTitle bool
	next    *Run
	rank    int
}

func (v view) matches(f *filter, lang string) []match {
	ranks := v.ranks(lang)
	found := make([]match, 0, len(v.entries))
	for i := range v.entries {
		e := &v.entries[i]
		if f.failed(e) == 0 {
			found = append(found, match{e.course, f.titleHit(e), f.next(e), ranks[i]})
		}
	}
	slices.SortFunc(found, compareMatches)
	return found
}

func compareMatches(a, b match) int {
	if a.inTitle != b.inTitle {
		return trueFirst(a.inTitle)
	}
	if (a.next != nil) != (b.next != nil) {
		return trueFirst(a.next != nil)
	}
	if a.next != nil && a.next.Starts != b.next.Starts {
		return byStart(a.next, b.next)
	}
	return cmp.Compare(a.rank, b.rank)
}

func trueFirst(a bool) int {
	if a {
		return -1
	}
	return 1
}

// Count is how many courses have a value.
type Count struct {
	Value string
	Count int
}

// Facets are the values that can be chosen in each group, by value, with the
// number of courses that choosing it in place of the group's present choice
// would find. Values that no course has are left out; a count may be 0.
type Facets struct {
	Topics, Professions, Countries, Languages []Count
}

// Facets counts the courses for each value that can be chosen beside a query.
func (s *Service) Facets(ctx context.Context, q Query) (Facets, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return Facets{}, err
	}
	topics, professions, countries, languages := tally{}, tally{}, tally{}, tally{}
	for i := range v.entries {
		c, failed := v.entries[i].course, f.failed(&v.entries[i])
		topics.add(failed&^byTopic == 0, c.Topics)
		professions.add(failed&^byProfession == 0, c.Professions)
		countries.add(failed&^byCountry == 0, f.countriesOf(c))
		languages.add(failed&^byLanguage == 0, f.languagesOf(c))
	}
	return Facets{topics.counts(), professions.counts(), countries.counts(), languages.counts()}, nil
}

func (f *filter) countriesOf(c *Course) []string {
	values := []string{c.Country}
	for i := range c.Runs {
		if c.Runs[i].coming(f.now) {
			values = append(values, c.Runs[i].Country)
		}
	}
	return values
}

func (f *filter) languagesOf(c *Course) []string {
	values := slices.Clone(c.Languages)
	for i := range c.Runs {
		if c.Runs[i].coming(f.now) {
			values = append(values, c.Runs[i].Language)
		}
	}
	return values
}

type tally map[string]int

// add counts a course once for each of its values.
func (t tally) add(counts bool, values []string) {
	for i, value := range values {
		if value == "" || slices.Contains(values[:i], value) {
			continue
		}
		if counts {
			t[value]++
		} else {
			t[value] += 0
		}
	}
}

func (t tally) counts() []Count {
	counts := make([]Count, 0, len(t))
	for _, value := range slices.Sorted(maps.Keys(t)) {
		counts = append(counts, Count{value, t[value]})
	}
	return counts
}
