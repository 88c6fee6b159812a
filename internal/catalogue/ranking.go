package catalogue

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/varde-platform/varde/internal/i18n/cldr"
)

// ranking is the order of the courses by title for readers of one language.
type ranking struct {
	lang    string
	courses []*Course
	last    *atomic.Pointer[ranked] // that of an earlier snapshot
	once    sync.Once
	ranks   []int // of each course
}

// ranked are titles that were put in order: sorting by the rules of a language
// costs seconds for very many, and few of them change at a time.
type ranked struct {
	titles       []string
	order, ranks []int
}

// of gives the rank of each course, in the order of the snapshot's courses.
func (r *ranking) of() []int {
	r.once.Do(func() {
		titles := make([]string, len(r.courses))
		for i, c := range r.courses {
			title, _ := c.Text(KindTitle, r.lang)
			titles[i] = title.Text
		}
		last := r.last.Load()
		if last == nil || !slices.Equal(last.titles, titles) {
			last = rank(titles, last, r.lang)
			r.last.Store(last)
		}
		r.ranks = last.ranks
	})
	return r.ranks
}

// rank sorts titles. It begins with the last order, because sorting what is
// nearly in order is quick.
func rank(titles []string, last *ranked, lang string) *ranked {
	next := &ranked{titles: titles, order: make([]int, 0, len(titles)), ranks: make([]int, len(titles))}
	known := 0
	if last != nil {
		for _, i := range last.order {
			if i < len(titles) {
				next.order = append(next.order, i)
			}
		}
		known = len(next.order)
	}
	for i := known; i < len(titles); i++ {
		next.order = append(next.order, i)
	}
	locale := cldr.For(lang)
	slices.SortStableFunc(next.order, func(a, b int) int { return cmp.Or(locale.Compare(titles[a], titles[b]), a-b) })
	for rank, i := range next.order {
		next.ranks[i] = rank
	}
	return next
}

func (s *snapshot) ranks(lang string) []int {
	if r, ok := s.rankings[lang]; ok {
		return r.of()
	}
	return s.rankings["en"].of()
}
