package enrolment

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// arrival is all that the database says of a person who comes for a seat of a
// run. A rush is made of arrivals, so it is read in one question.
type arrival struct {
	r      runState // its row has only what this room needs
	c      candidate
	living string // reference of the person's living enrolment in the run; empty: none
	byHold string // reference of the enrolment that came of the hold; empty: none
}

// asked is a question about an arrival; token is the hold that came with it.
type asked struct {
	code   string
	person int
	token  string
}

// arrivals asks for those who come at the same moment together.
type arrivals = together.Asker[asked, arrival]

// Who wants a hold is asked about in as few tables as will do; who confirms, also
// about what the answer and the mail will say.
var (
	holdQuery    = arrivalQuery("'[]', '', '', '', ''", "")
	confirmQuery = arrivalQuery(`r.half_days, co.slug, COALESCE(a.slug, ''), COALESCE(a.name, ''),
	COALESCE((SELECT CASE WHEN run_id = r.id THEN ref END FROM enrolments WHERE hold = q.hold), '')`,
		"JOIN courses co ON co.id = r.course_id LEFT JOIN agencies a ON a.id = u.agency_id")
)

// arrivalQuery gives the question for each number of rows that it is asked in. The
// enrolments stand in questions of their own, not in joins, and are found by person
// or by hold, never by run: while the table is small PostgreSQL finds a run's
// enrolments as near, and keeps that plan when the run has a thousand.
func arrivalQuery(more, joins string) map[int]string {
	queries := map[int]string{}
	for rows := 1; rows <= together.Most; rows = store.Padded(rows + 1) {
		queries[rows] = `WITH q (n, code, person, hold) AS (VALUES ` + store.Rows(rows, "TEXT", "BIGINT", "TEXT") + `)
	SELECT q.n, r.id, r.code, r.opens_at, r.closes_at, r.closed_at, r.cancelled_at, r.approval, r.conditions,
	r.seat_version, r.starts, r.ends, r.time_zone, r.place, r.country, r.language,
	p.id, p.country, p.size, p.taken, p.waiting, p.told, p.releases_at, p.released_at, p.suspended_at,
	COALESCE(u.id, 0), COALESCE(u.name, ''), COALESCE(u.profession, ''), COALESCE(u.language_level, ''),
	u.email_confirmed_at, u.affiliation_confirmed_at, COALESCE(u.country, ''), u.agency_id,
	COALESCE(m.suspended_from, ''), COALESCE(m.member_until, ''),
	COALESCE((SELECT ref FROM enrolments WHERE person_id = u.id AND run_id + 0 = r.id
		AND status <> 'declined' AND status <> 'lapsed' AND status <> 'cancelled' AND status <> 'not_selected'), ''), ` + more + `
	FROM q JOIN runs r ON r.code = q.code JOIN seat_pools p ON p.run_id = r.id
	LEFT JOIN people u ON u.id = q.person AND u.disabled_at IS NULL
	LEFT JOIN member_states m ON m.code = u.country
	` + joins + ` ORDER BY q.n, p.country`
	}
	return queries
}

// arriveForHold reads an arrival of somebody who wants a hold. Faults: not_found
// (the run), unauthenticated (the account is gone).
func (s *Service) arriveForHold(ctx context.Context, actor training.Actor, code string) (arrival, error) {
	return checked(s.forHold.Ask(ctx, asked{code: code, person: actor.PersonID}))
}

// arrive reads an arrival of somebody who confirms; token is the hold that came with
// it, or empty. Faults as of arriveForHold.
func (s *Service) arrive(ctx context.Context, actor training.Actor, code, token string) (arrival, error) {
	return checked(s.toConfirm.Ask(ctx, asked{code, actor.PersonID, token}))
}

func checked(a arrival, err error) (arrival, error) {
	switch {
	case err != nil:
		return arrival{}, err
	case len(a.r.pools) == 0:
		return arrival{}, training.NotFound()
	case a.c.row.ID == 0:
		return arrival{}, &training.Fault{Kind: training.KindUnauthenticated}
	}
	return a, nil
}

func (s *Service) newArrivals(queries map[int]string) *arrivals {
	return together.New(func(ctx context.Context, questions []asked) ([]arrival, error) {
		return s.readArrivals(ctx, queries, questions)
	})
}

// readArrivals gives the arrivals in the order of the questions; one whose run
// there is not has no pools.
func (s *Service) readArrivals(ctx context.Context, queries map[int]string, questions []asked) ([]arrival, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	size := store.Padded(len(questions))
	args := make([]any, 3*size) // those left nil find nothing
	for i, q := range questions {
		args[3*i], args[3*i+1], args[3*i+2] = q.code, q.person, q.token
	}
	rows, err := s.db.SQL.QueryContext(ctx, queries[size], args...)
	if err != nil {
		return nil, fmt.Errorf("load run and person: %w", err)
	}
	defer rows.Close()
	list := make([]arrival, len(questions))
	for rows.Next() {
		if err := scanArrival(rows, list, now); err != nil {
			return nil, fmt.Errorf("read run and person: %w", err)
		}
	}
	if rows.Err() != nil {
		return nil, fmt.Errorf("read run and person: %w", rows.Err())
	}
	return list, nil
}

// scanArrival takes one row: a pool, with run and person, which are the same in
// each row of an arrival.
func scanArrival(rows *sql.Rows, list []arrival, now time.Time) error {
	n, r, u, p := 0, &ent.Run{}, &ent.Person{}, ent.SeatPool{}
	r.Edges.Course, u.Edges.Agency = &ent.Course{}, &ent.Agency{}
	var conditions, halfDays []byte
	var suspendedFrom, memberUntil, living, byHold string
	if err := rows.Scan(&n, &r.ID, &r.Code, &r.OpensAt, &r.ClosesAt, &r.ClosedAt, &r.CancelledAt, &r.Approval, &conditions,
		&r.SeatVersion, &r.Starts, &r.Ends, &r.TimeZone, &r.Place, &r.Country, &r.Language,
		&p.ID, &p.Country, &p.Size, &p.Taken, &p.Waiting, &p.Told, &p.ReleasesAt, &p.ReleasedAt, &p.SuspendedAt,
		&u.ID, &u.Name, &u.Profession, &u.LanguageLevel, &u.EmailConfirmedAt, &u.AffiliationConfirmedAt, &u.Country, &u.AgencyID,
		&suspendedFrom, &memberUntil, &living,
		&halfDays, &r.Edges.Course.Slug, &u.Edges.Agency.Slug, &u.Edges.Agency.Name, &byHold); err != nil {
		return err
	}
	a := &list[n]
	a.r.pools = append(a.r.pools, poolsFrom([]*ent.SeatPool{&p})...)
	if len(a.r.pools) > 1 {
		return nil
	}
	a.r.row, a.r.now, a.c.row, a.living, a.byHold = r, now, u, living, byHold
	if u.AffiliationConfirmedAt != nil {
		a.c.country, a.c.agency = u.Country, u.AgencyID
		a.c.suspended = store.Suspended(suspendedFrom, memberUntil, now)
	}
	if err := json.Unmarshal(halfDays, &r.HalfDays); err != nil {
		return err
	}
	return json.Unmarshal(conditions, &r.Conditions)
}

func (a arrival) notEnrolled() error {
	if a.living != "" {
		return alreadyEnrolled(a.living)
	}
	return nil
}

// enrolled is the enrolment that came of an arrival, put together of what was
// read and written, without the titles of the course: whoever waits in a rush does
// not wait for it to be read again.
func (a arrival) enrolled(p placed) Enrolment {
	r, u := a.r.row, a.c.row
	starts, _ := training.ParseDate(r.Starts) // written by us, checked on the way in
	ends, _ := training.ParseDate(r.Ends)
	e := Enrolment{Ref: p.ref, Status: p.status, Run: r.Code, CourseSlug: r.Edges.Course.Slug, Starts: starts, Ends: ends,
		TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Language: r.Language, HalfDays: r.HalfDays, PersonID: u.ID, PersonName: u.Name,
		State: a.c.country, Quota: a.r.countryOf(p.pool), CreatedAt: p.at, UpdatedAt: p.at, Deadline: p.deadline, Now: p.at}
	if a.c.agency != nil {
		e.AgencySlug, e.AgencyName = u.Edges.Agency.Slug, u.Edges.Agency.Name
	}
	return e
}
