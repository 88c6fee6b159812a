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
	Text       string   // words, all of which must be found, in any form and language, as package search says
	Topic      []string // ids
	Profession []string // ids
	Country    []string // of the course, or of one of its coming runs
	Language   []string // of instruction, of the course or of one of its coming runs
	Month      []string // such as 2027-03, in which a coming run starts
	Form       []string // of delivery
	Free       bool     // only courses in which a seat can be taken now
	Sort       string   // one of Sorts; empty: as Find says
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

// Find looks for courses. Those that have the words best come first, a title
// before other texts and the reader's language before others; of equals those
// with coming runs by the next start, then the others by title.
func (s *Service) Find(ctx context.Context, q Query) (Page, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return Page{}, err
	}
	per := cmp.Or(min(max(q.PerPage, 0), maxPerPage), defaultPerPage)
	page := Page{Page: max(q.Page, 1)}
	from := (min(page.Page, maxPages) - 1) * per
	var found []match
	if q.Sort == "" && from+per <= pickedOut {
		found, page.Total = v.best(f, training.CanonicalLanguage(q.Lang), from+per)
	} else {
		found = v.matches(f, training.CanonicalLanguage(q.Lang))
		page.Total = len(found)
		if err := s.arrange(ctx, q.Sort, v, found); err != nil {
			return Page{}, err
		}
	}
	page.Pages = (page.Total + per - 1) / per
	if page.Page > page.Pages {
		return page, nil
	}
	for _, m := range found[from:min(from+per, len(found))] {
		page.Courses = append(page.Courses, m.course)
	}
	return page, nil
}

// pickedOut is how far down a list the best are picked out of all that is found,
// which costs less than sorting it. maxPages keeps page numbers from overflowing.
const (
	pickedOut = 300
	maxPages  = 1 << 30
)

func (s *Service) prepare(ctx context.Context, q Query) (view, *filter, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return view{}, nil, err
	}
	f := s.newFilter(q, v.now())
	f.text = v.find(q.Text, q.Lang)
	if q.Free {
		if f.free, err = s.free.get(ctx); err != nil {
			return view{}, nil, err
		}
	}
	return v, f, nil
}

// match is a course found, with what it is sorted by.
type match struct {
	course *Course
	hit    uint32 // how well it has the words that are looked for; less is better
	next   *Run
	rank   int
}

// each calls yield with everything that a query finds, in no order.
func (v view) each(f *filter, lang string, yield func(match)) {
	ranks := v.ranks(lang)
	try := func(e *entry, hit uint32) {
		if f.failed(e) == 0 {
			yield(match{e.course, hit, f.next(e), ranks[e.at]})
		}
	}
	if f.text != nil {
		for _, hit := range f.text.hits {
			try(&v.entries[hit.Doc], hit.Rank)
		}
		return
	}
	for i := range v.entries {
		try(&v.entries[i], 0)
	}
}

// matches is everything that a query finds, best first.
func (v view) matches(f *filter, lang string) []match {
	var found []match
	v.each(f, lang, func(m match) { found = append(found, m) })
	slices.SortFunc(found, compareMatches)
	return found
}

// best is the first of what a query finds, best first, and how much it finds.
func (v view) best(f *filter, lang string, most int) ([]match, int) {
	var best []match
	total := 0
	v.each(f, lang, func(m match) {
		total++
		best = keepBest(best, m, most)
	})
	return best, total
}

func compareMatches(a, b match) int {
	if a.hit != b.hit {
		return cmp.Compare(a.hit, b.hit)
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
	Topics, Professions, Countries, Languages, Months, Forms []Count
}

// Facets counts the courses for each value that can be chosen beside a query.
func (s *Service) Facets(ctx context.Context, q Query) (Facets, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return Facets{}, err
	}
	whole := v.answers.whole(v, f.now)
	switch {
	case f.text != nil:
		// What the words do not find counts nowhere: only its values are named.
		t := whole.emptied()
		for _, hit := range f.text.hits {
			t.add(f, &v.entries[hit.Doc])
		}
		return t.facets(), nil
	case f.chooses():
		t := newTallies()
		for i := range v.entries {
			t.add(f, &v.entries[i])
		}
		return t.facets(), nil
	}
	return whole.facets(), nil
}

// chooses reports whether the filter asks for anything but words.
func (f *filter) chooses() bool {
	return f.onlyFree || len(f.topics)+len(f.professions)+len(f.countries)+len(f.languages)+len(f.months)+len(f.forms) > 0
}

// tallies are those of all groups, in the order of Facets.
type tallies [6]tally

func newTallies() tallies {
	var t tallies
	for i := range t {
		t[i] = tally{}
	}
	return t
}

func (t tallies) add(f *filter, e *entry) {
	c, failed := e.course, f.failed(e)
	t[0].add(failed&^byTopic == 0, c.Topics)
	t[1].add(failed&^byProfession == 0, c.Professions)
	t[2].add(failed&^byCountry == 0, f.countriesOf(c))
	t[3].add(failed&^byLanguage == 0, f.languagesOf(c))
	t[4].add(failed&^byMonth == 0, f.monthsOf(c))
	t[5].add(failed&^byForm == 0, []string{c.DeliveryForm})
}

// emptied has the same values, none of them counted.
func (t tallies) emptied() tallies {
	empty := newTallies()
	for i := range t {
		for value := range t[i] {
			empty[i][value] = 0
		}
	}
	return empty
}

func (t tallies) facets() Facets {
	return Facets{t[0].counts(), t[1].counts(), t[2].counts(), t[3].counts(), t[4].counts(), t[5].counts()}
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
