// Package audit owns recounting from the rows what must always hold: seats,
// pools, enrolments, certificates. It only reads; it repairs nothing, and it
// trusts none of the program's own counts.
package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// check is one invariant: a query for what breaks it, whose columns fill the
// sentence.
type check struct {
	query    string
	sentence string
}

// statuses writes the statuses that fulfil a condition as an SQL list.
func statuses(is func(training.Status) bool) string {
	var list []string
	for _, s := range training.Statuses() {
		if is(s) {
			list = append(list, "'"+string(s)+"'")
		}
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// waitingFor counts in SQL who waits for a seat of pool p: everybody for the open
// pool, the people of its state for a quota that still stands, but nobody whose
// state is suspended today (training.SuspendedOn).
const waitingFor = `(SELECT count(*) FROM enrolments e WHERE e.run_id = p.run_id AND e.status = 'waiting'
	AND (p.country = '' OR p.country = e.country AND p.released_at IS NULL AND p.suspended_at IS NULL)
	AND NOT EXISTS (SELECT 1 FROM member_states m WHERE m.code = e.country AND m.suspended_from <> '' AND m.suspended_from <= $1
		AND (coalesce(m.member_until, '') = '' OR $1 < m.member_until OR m.suspended_from >= m.member_until)))`

func checks() []check {
	seated, living := statuses(training.Status.TakesSeat), statuses(training.Status.Living)
	results := statuses(training.Status.IsResult)
	return []check{
		{`SELECT r.code, p.country, p.taken, p.size FROM seat_pools p JOIN runs r ON r.id = p.run_id
			WHERE p.taken > p.size OR p.taken < 0`,
			"run %s, pool %q: %s seats taken of %s"},
		{`SELECT r.code, p.country, p.taken, (SELECT count(*) FROM enrolments e WHERE e.pool_id = p.id AND e.status IN ` + seated + `) AS n
			FROM seat_pools p JOIN runs r ON r.id = p.run_id
			WHERE p.taken <> (SELECT count(*) FROM enrolments e WHERE e.pool_id = p.id AND e.status IN ` + seated + `)`,
			"run %s, pool %q: %s seats counted as taken, but %s enrolments take one"},
		{`SELECT r.code, r.size, coalesce(sum(p.size), 0) FROM runs r LEFT JOIN seat_pools p ON p.run_id = r.id
			GROUP BY r.id, r.code, r.size HAVING coalesce(sum(p.size), 0) <> r.size`,
			"run %s: it has %s seats, but its pools %s"},
		{`SELECT r.code, count(p.id) FROM runs r LEFT JOIN seat_pools p ON p.run_id = r.id AND p.country = ''
			GROUP BY r.id, r.code HAVING count(p.id) <> 1`,
			"run %s: it has %s open pools, not one"},
		{`SELECT e.ref, e.status FROM enrolments e WHERE e.pool_id IS NULL AND e.status IN ` + seated,
			"enrolment %s: it is %s but takes a seat of no pool"},
		{`SELECT e.ref, e.status FROM enrolments e WHERE e.pool_id IS NOT NULL AND e.status NOT IN ` + seated,
			"enrolment %s: it is %s but still has a seat"},
		{`SELECT e.ref, r.code FROM enrolments e JOIN seat_pools p ON p.id = e.pool_id JOIN runs r ON r.id = e.run_id
			WHERE p.run_id <> e.run_id`,
			"enrolment %s of run %s: its seat is of another run"},
		{`SELECT r.code, count(*), e.person_id FROM enrolments e JOIN runs r ON r.id = e.run_id
			WHERE e.status IN ` + living + ` GROUP BY r.code, e.run_id, e.person_id HAVING count(*) > 1`,
			"run %s: %s living enrolments of person %s"},
		{`SELECT e.ref, e.status, r.code FROM enrolments e JOIN runs r ON r.id = e.run_id
			WHERE r.closed_at IS NOT NULL AND e.status IN ` + living + ` AND e.status NOT IN ` + results,
			"enrolment %s: it is %s though run %s is closed"},
		{`SELECT e.ref, e.status, r.code FROM enrolments e JOIN runs r ON r.id = e.run_id
			WHERE r.closed_at IS NULL AND e.status IN ` + results,
			"enrolment %s: it is %s though run %s is not closed"},
		{`SELECT p.country, r.code, p.size, p.taken FROM seat_pools p JOIN runs r ON r.id = p.run_id
			WHERE p.country <> '' AND p.released_at IS NOT NULL AND p.size <> p.taken`,
			"quota of %s in run %s: released, but it keeps %s seats of which %s are taken"},
		{`SELECT p.country, r.code, p.size, p.taken FROM seat_pools p JOIN runs r ON r.id = p.run_id
			WHERE p.country <> '' AND p.suspended_at IS NOT NULL AND p.size <> p.taken`,
			"quota of %s in run %s: suspended, but it keeps %s seats of which %s are taken"},
		{`SELECT r.code, p.country, p.waiting, ` + waitingFor + ` AS n FROM seat_pools p JOIN runs r ON r.id = p.run_id
			WHERE p.waiting <> ` + waitingFor,
			"run %s, pool %q: %s people counted as waiting, but %s wait for a seat of it"},
		{`SELECT e.ref FROM enrolments e WHERE e.status = 'waiting' AND e.waiting_since IS NULL`,
			"enrolment %s: it waits, but since when is not known"},
		{`SELECT e.ref FROM enrolments e WHERE e.status = 'offered' AND e.deadline_at IS NULL`,
			"enrolment %s: it is offered a seat without a deadline"},
		{`SELECT e.ref, e.status FROM enrolments e WHERE e.deadline_at IS NOT NULL AND e.status NOT IN ('offered', 'pending')`,
			"enrolment %s: it is %s, but still has a deadline"},
		{`SELECT e.ref, r.code FROM enrolments e JOIN seat_pools p ON p.id = e.pool_id JOIN runs r ON r.id = e.run_id
			WHERE p.country <> '' AND p.country <> e.country AND e.status IN ` + seated,
			"enrolment %s of run %s: its seat is kept for another country"},
		{`SELECT c.number, e.ref, e.status FROM certificates c JOIN enrolments e ON e.id = c.enrolment_id
			WHERE c.revoked_at IS NULL AND c.replaced_by = '' AND e.status <> 'completed' AND e.status <> 'confirmed'`,
			"certificate %s: it stands, but enrolment %s is %s"},
		{`SELECT count(*), e.ref FROM certificates c JOIN enrolments e ON e.id = c.enrolment_id
			WHERE c.replaced_by = '' AND c.revoked_at IS NULL GROUP BY e.ref HAVING count(*) > 1`,
			"%s standing certificates of enrolment %s"},
		{`SELECT c.number, c.replaced_by FROM certificates c
			WHERE c.replaced_by <> '' AND NOT EXISTS (SELECT 1 FROM certificates d WHERE d.number = c.replaced_by)`,
			"certificate %s: it is replaced by %s, which does not exist"},
	}
}

// Run recounts everything from one view of the database and names each breach in
// an English sentence; none: all is well.
func Run(ctx context.Context, db *store.DB) ([]string, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return nil, err
	}
	today := training.DateOf(now).String()
	var breaches []string
	err = db.Snapshot(ctx, func(read store.Reader) error {
		for _, c := range checks() {
			found, err := breachesOf(ctx, read, c, today)
			if err != nil {
				return err
			}
			breaches = append(breaches, found...)
		}
		return nil
	})
	return breaches, err
}

func breachesOf(ctx context.Context, read store.Reader, c check, today string) ([]string, error) {
	var args []any
	if strings.Contains(c.query, "$1") {
		args = []any{today}
	}
	rows, err := read.QueryContext(ctx, c.query, args...)
	if err != nil {
		return nil, fmt.Errorf("recount %q: %w", c.sentence, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, fmt.Errorf("recount %q: %w", c.sentence, err)
	}
	var found []string
	for rows.Next() {
		values, targets := make([]string, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, fmt.Errorf("recount %q: %w", c.sentence, err)
		}
		words := make([]any, len(values))
		for i, v := range values {
			words[i] = v
		}
		found = append(found, fmt.Sprintf(c.sentence, words...))
	}
	return found, rows.Err()
}
