package model_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/proof/model"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// cast are the people in the order in which a sequence calls them; the first two
// letters are the confirmed state, xx none.
var cast = []*model.Person{
	{Name: "lv1", State: "LV", Agency: "lv"}, {Name: "ee1", State: "EE", Agency: "ee"}, {Name: "xx1"},
	{Name: "lv2", State: "LV", Agency: "lv"}, {Name: "se1", State: "SE"}, {Name: "ee2", State: "EE", Agency: "ee"},
	{Name: "lv3", State: "LV", Agency: "lv"}, {Name: "xx2"}, {Name: "se2", State: "SE"},
	{Name: "ee3", State: "EE", Agency: "ee"},
}

// The others, who never enrol.
const (
	admin, teacher       = "admin", "teacher"
	officerLV, officerEE = "officer-lv", "officer-ee"
)

// stage is a database with its people, on which one sequence after the other is
// lived through.
type stage struct {
	*testkit.Setup
	t        *testing.T
	link     link
	people   *people.Service
	roster   *roster.Service
	actors   map[string]training.Actor
	course   int
	starts   training.Date
	zone     *time.Location
	runs     int
	shift    time.Duration
	happened map[string]int // how often each event was answered so
	asked    int            // how often a refusal was asked for again
}

// elsewhere are runs with seats for everybody, of which only holds are taken.
var elsewhere = []string{"", "ELSEWHERE-1", "ELSEWHERE-2", "ELSEWHERE-3"}

func build(t *testing.T, s *testkit.Setup) *stage {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{Setup: s, t: t, people: people.New(s.DB, people.Options{}), roster: roster.New(s.DB),
		actors: map[string]training.Actor{}, starts: training.Date{Year: 2031, Month: 5, Day: 12}, zone: zone,
		happened: map[string]int{}}
	s.Redis.AddHook(&st.link)
	if err := st.people.EnsureStates(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range cast {
		st.actors[p.Name] = s.Person(t, testkit.P{Email: p.Name + "@example.org", Country: p.State, Agency: p.Agency, Confirmed: p.State != ""})
	}
	st.actors[admin] = s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
	st.actors[teacher] = s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
	for name, country := range map[string]string{officerLV: "LV", officerEE: "EE"} {
		st.actors[name] = s.Person(t, testkit.P{Email: name + "@example.org", Role: training.RoleAgency,
			Country: country, Agency: name[len(name)-2:], Confirmed: true})
	}
	st.course = s.Course(t, "course")
	for _, code := range elsewhere[1:] {
		s.Run(t, testkit.R{Code: code, Course: st.course, Size: 1000, Starts: st.starts.AddDays(365)})
	}
	return st
}

// clear takes the last sequence off the stage.
func (st *stage) clear() {
	st.t.Helper()
	st.link.away.Store(false)
	for _, query := range []string{
		"DELETE FROM enrolment_events", "DELETE FROM enrolments", "DELETE FROM outbox_jobs",
		"DELETE FROM seat_pools WHERE run_id IN (SELECT id FROM runs WHERE code LIKE 'M-%')",
		"DELETE FROM run_instructors WHERE run_id IN (SELECT id FROM runs WHERE code LIKE 'M-%')",
		"DELETE FROM runs WHERE code LIKE 'M-%'",
		"UPDATE member_states SET suspended_from = ''",
	} {
		if _, err := st.DB.SQL.ExecContext(st.Context(), query); err != nil {
			st.t.Fatalf("%s: %v", query, err)
		}
	}
	// Each move of the clock is another script, and Redis forgets none by itself.
	if err := errors.Join(st.Redis.FlushDB(st.Context()).Err(), st.Redis.ScriptFlush(st.Context()).Err()); err != nil {
		st.t.Fatal(err)
	}
}

// start is the first instant of the run.
func (st *stage) start() time.Time { return st.starts.In(st.zone).UTC() }

// run makes the next run with its pools.
func (st *stage) run(r testkit.R, rules model.Rules, pools []*model.Pool) string {
	st.t.Helper()
	st.runs++
	r.Code, r.Course, r.Starts, r.TimeZone = fmt.Sprintf("M-%d", st.runs), st.course, st.starts, st.zone.String()
	r.Instructors = []training.Actor{st.actors[teacher]}
	r.Opens, r.Closes, r.Approval, r.Quotas = rules.Opens, rules.Closes, rules.Approval, map[string]int{}
	for _, p := range pools {
		r.Size += p.Size
		if p.Country != "" {
			r.Quotas[p.Country] = p.Size
		}
	}
	id := st.Run(st.t, r)
	if !rules.WithdrawUntil.IsZero() {
		if err := st.DB.Ent.Run.UpdateOneID(id).SetWithdrawUntil(rules.WithdrawUntil).Exec(st.Context()); err != nil {
			st.t.Fatal(err)
		}
	}
	for _, p := range pools[1:] {
		if err := st.DB.Ent.SeatPool.Update().Where(poolOf(id, p.Country)...).SetReleasesAt(p.ReleasesAt).Exec(st.Context()); err != nil {
			st.t.Fatal(err)
		}
	}
	return r.Code
}

// link is the way to Redis, which can be cut.
type link struct{ away atomic.Bool }

// errCut is what a client says that was closed. At another error the program would
// not ask Redis again for a while of real time, in which days pass here.
var errCut = fmt.Errorf("the way to Redis is cut: %w", redis.ErrClosed)

func (l *link) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (l *link) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if l.away.Load() {
			cmd.SetErr(errCut)
			return errCut
		}
		return next(ctx, cmd)
	}
}

func (l *link) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if l.away.Load() {
			for _, cmd := range cmds {
				cmd.SetErr(errCut)
			}
			return errCut
		}
		return next(ctx, cmds)
	}
}
