package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
)

// What stands in the database beside what is measured: so many runs, and so many
// enrolments.
const (
	few  = 100
	lots = 100_000
)

// growth measures the same with lots in the database and with few.
func growth(ctx context.Context, small *cluster, p plan) ([]row, error) {
	large, err := startCluster(ctx, small.backends, lots)
	if err != nil {
		return nil, err
	}
	p = p.shorter()
	var rows []row
	for _, m := range []struct {
		what string
		do   func(*cluster, context.Context, time.Duration) (float64, error)
	}{
		{"catalogue page", (*cluster).cataloguePages},
		{"refusals of a sold-out run", (*cluster).refusals},
		{"holds taken", (*cluster).taken},
		{"completed enrolments, many runs", (*cluster).inManyRuns},
		{"completed enrolments, one run", (*cluster).inOneRun},
	} {
		r, err := compareRates(ctx, p.rounds,
			func() (float64, error) { return m.do(large, ctx, p.length) },
			func() (float64, error) { return m.do(small, ctx, p.length) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.what, err)
		}
		r.what, r.against, r.wanted = fmt.Sprintf("%s, beside %d runs and enrolments", m.what, lots), fmt.Sprintf("the same beside %d", few), 1/1.5
		rows = append(rows, r)
	}
	return rows, nil
}

func (c *cluster) cataloguePages(ctx context.Context, length time.Duration) (float64, error) {
	return rate(ctx, length, getter(c.bases[0]+"/en/courses", "", "vd-row__title", 30))
}

// grow copies one run and one enrolment, with all that came of it, that often.
// Nine of ten of the runs are over, as in a catalogue that is ten years old; each
// has one person. $1 is how many; columns that are not set are copied.
func (c *cluster) grow(ctx context.Context, n int) error {
	if err := c.mustEnrol(0, "MANY-0"); err != nil {
		return err
	}
	if err := c.awaitMail(ctx); err != nil {
		return err
	}
	for _, copying := range []struct {
		table             string
		columns           []string
		set, values, from string
	}{
		{"runs", run.Columns, "code, course_id, starts, ends, closes_at", `'BULK-' || i, (ARRAY(SELECT id FROM courses ORDER BY id))[1 + i % (SELECT count(*) FROM courses)],
			to_char(day, 'YYYY-MM-DD'), to_char(day + 4, 'YYYY-MM-DD'), day`,
			`runs AS old, (SELECT i, current_date - 3650 + (i::bigint * 4015 / $1)::int AS day FROM generate_series(1, $1) AS i) AS days
			WHERE old.code = 'MANY-0'`},
		{"seat_pools", seatpool.Columns, "run_id, taken", "r.id, 1", `seat_pools AS old, runs AS r
			WHERE r.code LIKE 'BULK-%' AND $1 > 0 AND old.run_id = (SELECT id FROM runs WHERE code = 'MANY-0')`},
		{"enrolments", enrolment.Columns, "ref, hold, run_id, person_id, pool_id", "'BULK-' || r.i, 'BULK-' || r.i, r.run_id, p.id, r.pool_id", `enrolments AS old,
			(SELECT run_id, s.id AS pool_id, row_number() OVER (ORDER BY s.id) AS i
				FROM seat_pools AS s JOIN runs ON runs.id = run_id WHERE code LIKE 'BULK-%') AS r,
			(SELECT id, row_number() OVER (ORDER BY id) AS i FROM people) AS p
			WHERE p.i = 1 + r.i % (SELECT count(*) FROM people) AND r.i <= $1
			AND old.run_id = (SELECT id FROM runs WHERE code = 'MANY-0')`},
		{"enrolment_events", enrolmentevent.Columns, "enrolment_id", "e.id", "enrolment_events AS old, enrolments AS e WHERE e.ref LIKE 'BULK-%' AND $1 > 0"},
		{"outbox_jobs", outboxjob.Columns, "dedupe_key", "dedupe_key || ':' || i", "outbox_jobs AS old, generate_series(1, $1) AS i"},
	} {
		rest := others(copying.columns, copying.set)
		query := fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s", copying.table, copying.set,
			strings.Join(rest, ", "), copying.values, "old."+strings.Join(rest, ", old."), copying.from)
		if _, err := c.apps[0].DB.SQL.ExecContext(ctx, query, n); err != nil {
			return fmt.Errorf("fill %s: %w", copying.table, err)
		}
	}
	if _, err := c.apps[0].DB.SQL.ExecContext(ctx, "VACUUM ANALYZE"); err != nil {
		return fmt.Errorf("analyse: %w", err)
	}
	return c.apps[0].Catalogue.Refresh(ctx)
}

// awaitMail waits until the first enrolment's mail has been written.
func (c *cluster) awaitMail(ctx context.Context) error {
	for end := time.Now().Add(10 * time.Second); ; {
		var mails int
		err := c.apps[0].DB.SQL.QueryRowContext(ctx, "SELECT count(*) FROM outbox_jobs WHERE kind = 'mail'").Scan(&mails)
		if err != nil {
			return fmt.Errorf("look for the mail: %w", err)
		}
		if mails > 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the mail of the first enrolment was not written")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// others are the columns but the row's own number and those that are set.
func others(columns []string, set string) []string {
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool {
		return name == "id" || slices.Contains(strings.Split(set, ", "), name)
	})
}
