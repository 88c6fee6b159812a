package catalogue

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/search"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Options are what the catalogue needs to be told from outside.
type Options struct {
	// Names gives the name of a topic or profession (kind "topic" or
	// "profession") in a language, so that people find courses by the words
	// they read. Nil: they are found by their ids alone.
	Names func(kind, id, lang string) string
}

// Service imports, makes and finds courses and runs.
type Service struct {
	db             *store.DB
	terms          []term
	index          *search.Index                      // of the last snapshot
	ranked         map[string]*atomic.Pointer[ranked] // by language, of the last snapshots
	titleLanguages map[string]string
	views          *kept[view]
	free           *kept[freeSeats]
}

// How old an answer may be.
const (
	// copyLife is how long the copy in memory is used before the database is
	// asked whether the catalogue has changed.
	copyLife = time.Second
	// rebuildAfter bounds how long the copy may keep what changes without
	// raising the catalogue's version, such as an instructor's name.
	rebuildAfter = time.Minute
)

// New makes the service over a migrated database.
func New(db *store.DB, options Options) *Service {
	s := &Service{db: db, terms: newTerms(options.Names), ranked: map[string]*atomic.Pointer[ranked]{}, titleLanguages: data.TitleLanguages()}
	for _, lang := range training.Languages {
		s.ranked[lang] = &atomic.Pointer[ranked]{}
	}
	s.views = newKept(copyLife, s.look)
	s.free = newKept(copyLife, s.countFree)
	return s
}

// Refresh reads the whole catalogue anew. Tests use it where they wrote to the
// database by themselves or moved its clock; a serving program need not.
func (s *Service) Refresh(ctx context.Context) error {
	s.views.forget()
	s.free.forget()
	if _, err := s.views.get(ctx); err != nil {
		return fmt.Errorf("refresh the catalogue: %w", err)
	}
	return nil
}

// ImportedCourseCount is the number of courses in the database.
func (s *Service) ImportedCourseCount(ctx context.Context) (int, error) {
	n, err := s.db.Ent.Course.Query().Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count courses: %w", err)
	}
	return n, nil
}

// ByCode gives the course of a code, or false where no course has it. Codes need
// not be unique: of several courses it is the one that was imported first.
func (s *Service) ByCode(ctx context.Context, code string) (*Course, bool, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, false, err
	}
	c, ok := v.taught[code]
	return c, ok, nil
}
