package catalogue

import (
	"context"
	"sync"
	"time"

	"github.com/varde-platform/varde/internal/search"
	"github.com/varde-platform/varde/internal/training"
)

// texted is what the words of a query find in one copy of the catalogue.
type texted struct {
	hits  []search.Hit
	ranks []uint32 // by entry: 0 where it is not found, else one more than the hit's
	taken string
}

// answers keeps what was looked for last in one copy of the catalogue: a page
// asks several times for the same words, and so do the readers of a link.
type answers struct {
	mu   sync.Mutex
	kept map[asked]*texted

	once sync.Once
	all  tallies
}

// whole counts all courses. It is counted once for a copy, which is at most a
// minute old: within that a run's last day may pass.
func (a *answers) whole(v view, now time.Time) tallies {
	a.once.Do(func() {
		a.all = newTallies()
		for i := range v.entries {
			a.all.add(&filter{now: now}, &v.entries[i])
		}
	})
	return a.all
}

type asked struct{ text, lang string }

// answersKept bounds them: each has a number for every course.
const answersKept = 32

// find gives what the words of a text find, or nil for a text without any.
func (v view) find(text, lang string) *texted {
	key := asked{text, training.CanonicalLanguage(lang)}
	v.answers.mu.Lock()
	t, ok := v.answers.kept[key]
	v.answers.mu.Unlock()
	if ok {
		return t
	}
	found := v.index.Search(key.text, key.lang)
	if !found.All {
		t = &texted{hits: found.Hits, ranks: make([]uint32, len(v.entries)), taken: found.Taken}
		for _, hit := range found.Hits {
			t.ranks[hit.Doc] = hit.Rank + 1
		}
	}
	v.answers.mu.Lock()
	defer v.answers.mu.Unlock()
	if len(v.answers.kept) >= answersKept {
		clear(v.answers.kept)
	}
	v.answers.kept[key] = t
	return t
}

// Suggest gives the search that somebody perhaps meant: where words were found
// only as what they are close to, or nothing was found and other words would
// find something. Empty: nothing better is known. What else the query asks for
// is left aside.
func (s *Service) Suggest(ctx context.Context, q Query) (string, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return "", err
	}
	t := v.find(q.Text, q.Lang)
	switch {
	case t == nil:
		return "", nil
	case len(t.hits) > 0:
		return t.taken, nil
	}
	return v.index.Nearest(q.Text, training.CanonicalLanguage(q.Lang)), nil
}

// Complete gives the courses that a search still being typed finds, best first.
func (s *Service) Complete(ctx context.Context, text, lang string, most int) ([]*Course, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, err
	}
	lang = training.CanonicalLanguage(lang)
	found, ranks, now := v.index.Typing(text, lang), v.ranks(lang), &filter{now: v.now()}
	var best []match
	for _, hit := range found.Hits {
		e := &v.entries[hit.Doc]
		best = keepBest(best, match{e.course, hit.Rank, now.next(e), ranks[hit.Doc]}, most)
	}
	courses := make([]*Course, len(best))
	for i, m := range best {
		courses[i] = m.course
	}
	return courses, nil
}

// keepBest puts a match into its place among the best so far.
func keepBest(best []match, m match, most int) []match {
	i := len(best)
	for i > 0 && compareMatches(m, best[i-1]) < 0 {
		i--
	}
	if i == most {
		return best
	}
	if len(best) < most {
		best = append(best, match{})
	}
	copy(best[i+1:], best[i:])
	best[i] = m
	return best
}
