package catalogue

import (
	"context"
	"fmt"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// BySlug gives a course, or a not_found fault.
func (s *Service) BySlug(ctx context.Context, slug string) (*Course, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, err
	}
	c, ok := v.bySlug[slug]
	if !ok {
		return nil, training.NotFound()
	}
	return c, nil
}

// RunByCode gives a run with its course, or a not_found fault.
func (s *Service) RunByCode(ctx context.Context, code string) (*Run, *Course, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, nil, err
	}
	at, ok := v.byCode[code]
	if !ok {
		return nil, nil, training.NotFound()
	}
	return at.run, at.course, nil
}

// SpelledRight gives the code of the one run that has the code given in other
// capitals; empty: there is none, or several.
func (s *Service) SpelledRight(ctx context.Context, code string) (string, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return "", err
	}
	return v.spelled[strings.ToLower(code)], nil
}

// ComingRuns are the course's runs by start whose last day is not past, without
// those cancelled or closed.
func ComingRuns(c *Course, now time.Time) []Run {
	var coming []Run
	for i := range c.Runs {
		if c.Runs[i].coming(now) {
			coming = append(coming, c.Runs[i])
		}
	}
	return coming
}

// Listed is a run with its course.
type Listed struct {
	Run    *Run
	Course *Course
}

// RunsPage is one page of runs. Pages is 0 where there are none.
type RunsPage struct {
	Runs               []Listed
	Total, Page, Pages int
}

// Coming gives the runs of all courses whose last day is not past, by start,
// without those cancelled or closed. Pages count from 1; a lower one is the first.
func (s *Service) Coming(ctx context.Context, page, perPage int) (RunsPage, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return RunsPage{}, err
	}
	var all []Listed
	now := v.now()
	for _, at := range v.runs {
		if at.run.coming(now) {
			all = append(all, Listed{at.run, at.course})
		}
	}
	p := RunsPage{Total: len(all), Page: max(page, 1), Pages: (len(all) + perPage - 1) / perPage}
	if p.Page <= p.Pages {
		from := (p.Page - 1) * perPage
		p.Runs = all[from:min(from+perPage, len(all))]
	}
	return p, nil
}

// Seats gives the pools of runs as they are now in the database, by run: the
// open pool first, then the quotas by country. Held is not filled in.
func (s *Service) Seats(ctx context.Context, runIDs []int) (map[int][]training.Pool, error) {
	pools := make(map[int][]training.Pool, len(runIDs))
	if len(runIDs) == 0 {
		return pools, nil
	}
	rows, err := s.db.Ent.SeatPool.Query().Where(seatpool.RunIDIn(runIDs...)).
		Order(ent.Asc(seatpool.FieldCountry)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read seat pools: %w", err)
	}
	for _, row := range rows {
		pools[row.RunID] = append(pools[row.RunID], poolOf(row))
	}
	return pools, nil
}

func poolOf(row *ent.SeatPool) training.Pool {
	return training.Pool{
		ID: row.ID, Country: row.Country, Size: row.Size, Taken: row.Taken, Waiting: row.Waiting,
		ReleasesAt: utc(row.ReleasesAt), ReleasedAt: utc(row.ReleasedAt), Suspended: row.SuspendedAt != nil,
	}
}

// freeSeats are, by run, the pools in which a newcomer can take a seat.
type freeSeats map[int][]training.Pool

// any reports whether the run has a free seat for somebody.
func (f freeSeats) any(runID int) bool { return len(f[runID]) > 0 }

// forCountry counts the free seats of the open pool and of one state's quota.
func (f freeSeats) forCountry(runID int, country string) int {
	free := 0
	for _, p := range training.UsablePools(country, f[runID]) {
		free += p.Free()
	}
	return free
}

// countFree reads the pools with seats that are not taken, of all runs that can
// be enrolled in. Pools for which somebody waits are left out: their seats go
// to those waiting.
func (s *Service) countFree(ctx context.Context, _ *freeSeats) (freeSeats, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Ent.SeatPool.Query().Where(
		seatpool.Waiting(0),
		seatpool.ReleasedAtIsNil(), seatpool.SuspendedAtIsNil(),
		entsql.FieldsLT(seatpool.FieldTaken, seatpool.FieldSize),
		seatpool.HasRunWith(run.ClosesAtGT(store.Instant(now)), run.ClosedAtIsNil(), run.CancelledAtIsNil()),
	).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read free seats: %w", err)
	}
	free := freeSeats{}
	for _, row := range rows {
		free[row.RunID] = append(free[row.RunID], poolOf(row))
	}
	return free, nil
}

// Next is a coming run with seats.
type Next struct {
	Run    *Run
	Course *Course
	Free   int // seats of the open pool and of the reader's country not taken
}

// NextRuns gives the next runs, by start, in which somebody from a country can
// take a seat now: one of the open pool, or of that country's quota. An empty
// country asks for the open pool alone.
func (s *Service) NextRuns(ctx context.Context, country string, limit int) ([]Next, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, err
	}
	free, err := s.free.get(ctx)
	if err != nil {
		return nil, err
	}
	now, next := v.now(), []Next{}
	for _, at := range v.runs {
		if len(next) >= limit {
			break
		}
		if !at.run.open(now) {
			continue
		}
		if n := free.forCountry(at.run.ID, country); n > 0 {
			next = append(next, Next{at.run, at.course, n})
		}
	}
	return next, nil
}
