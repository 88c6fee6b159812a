package enrolment

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/store"
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

// Who wants a hold is asked about in as few tables as will do; who confirms, also
// about what the answer and the mail will say.
var (
	holdQuery    = arrivalQuery("'[]', '', '', '', ''", "")
	confirmQuery = arrivalQuery("r.half_days, co.slug, COALESCE(a.slug, ''), COALESCE(a.name, ''), COALESCE(h.ref, '')",
		`JOIN courses co ON co.id = r.course_id LEFT JOIN agencies a ON a.id = u.agency_id
		LEFT JOIN enrolments h ON h.hold = $3 AND h.run_id = r.id`)
)

func arrivalQuery(more, joins string) string {
	return `SELECT r.id, r.code, r.opens_at, r.closes_at, r.closed_at, r.cancelled_at, r.approval, r.conditions,
	r.seat_version, r.starts, r.ends, r.time_zone, r.place, r.country, r.language,
	p.id, p.country, p.size, p.taken, p.waiting, p.told, p.releases_at, p.released_at, p.suspended_at,
	COALESCE(u.id, 0), COALESCE(u.name, ''), COALESCE(u.profession, ''), COALESCE(u.language_level, ''),
	u.email_confirmed_at, u.affiliation_confirmed_at, COALESCE(u.country, ''), u.agency_id,
	COALESCE(m.suspended_from, ''), COALESCE(m.member_until, ''), COALESCE(e.ref, ''), ` + more + `
	FROM runs r JOIN seat_pools p ON p.run_id = r.id
	LEFT JOIN people u ON u.id = $2 AND u.disabled_at IS NULL
	LEFT JOIN member_states m ON m.code = u.country
	LEFT JOIN enrolments e ON e.run_id = r.id AND e.person_id = u.id
		AND e.status <> 'declined' AND e.status <> 'lapsed' AND e.status <> 'cancelled' AND e.status <> 'not_selected'
	` + joins + ` WHERE r.code = $1 ORDER BY p.country`
}

// arriveForHold reads an arrival of somebody who wants a hold. Faults: not_found
// (the run), unauthenticated (the account is gone).
func (s *Service) arriveForHold(ctx context.Context, actor training.Actor, code string) (arrival, error) {
	return s.readArrival(ctx, holdQuery, code, actor.PersonID)
}

// arrive reads an arrival of somebody who confirms; token is the hold that came with
// it, or empty. Faults as of arriveForHold.
func (s *Service) arrive(ctx context.Context, actor training.Actor, code, token string) (arrival, error) {
	return s.readArrival(ctx, confirmQuery, code, actor.PersonID, token)
}

func (s *Service) readArrival(ctx context.Context, query string, args ...any) (arrival, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return arrival{}, err
	}
	rows, err := s.db.SQL.QueryContext(ctx, query, args...)
	if err != nil {
		return arrival{}, fmt.Errorf("load run and person: %w", err)
	}
	defer rows.Close()
	a := arrival{r: runState{row: &ent.Run{}, now: now}, c: candidate{row: &ent.Person{}}}
	a.r.row.Edges.Course, a.c.row.Edges.Agency = &ent.Course{}, &ent.Agency{}
	for rows.Next() {
		if err := a.scan(rows, now); err != nil {
			return arrival{}, fmt.Errorf("read run and person: %w", err)
		}
	}
	switch {
	case rows.Err() != nil:
		return arrival{}, fmt.Errorf("read run and person: %w", rows.Err())
	case len(a.r.pools) == 0:
		return arrival{}, training.NotFound()
	case a.c.row.ID == 0:
		return arrival{}, &training.Fault{Kind: training.KindUnauthenticated}
	}
	return a, nil
}

// scan takes one row: a pool, with run and person, which are the same in each.
func (a *arrival) scan(rows *sql.Rows, now time.Time) error {
	r, u, p := a.r.row, a.c.row, ent.SeatPool{}
	var conditions, halfDays []byte
	var suspendedFrom, memberUntil string
	if err := rows.Scan(&r.ID, &r.Code, &r.OpensAt, &r.ClosesAt, &r.ClosedAt, &r.CancelledAt, &r.Approval, &conditions,
		&r.SeatVersion, &r.Starts, &r.Ends, &r.TimeZone, &r.Place, &r.Country, &r.Language,
		&p.ID, &p.Country, &p.Size, &p.Taken, &p.Waiting, &p.Told, &p.ReleasesAt, &p.ReleasedAt, &p.SuspendedAt,
		&u.ID, &u.Name, &u.Profession, &u.LanguageLevel, &u.EmailConfirmedAt, &u.AffiliationConfirmedAt, &u.Country, &u.AgencyID,
		&suspendedFrom, &memberUntil, &a.living,
		&halfDays, &r.Edges.Course.Slug, &u.Edges.Agency.Slug, &u.Edges.Agency.Name, &a.byHold); err != nil {
		return err
	}
	first := len(a.r.pools) == 0
	a.r.pools = append(a.r.pools, poolsFrom([]*ent.SeatPool{&p})...)
	if !first {
		return nil
	}
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
