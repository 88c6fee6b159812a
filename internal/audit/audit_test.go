package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/audit"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
)

// TestEachInvariantBrokenByHandIsNamed breaks one at a time in SQL, with the
// database's own defences taken down first.
func TestEachInvariantBrokenByHandIsNamed(t *testing.T) {
	cases := map[string]struct {
		sql  []string
		want string
	}{
		"nothing":                       {nil, ""},
		"one seat too many":             {[]string{`UPDATE seat_pools SET size = 0 WHERE country = ''`, `UPDATE runs SET size = 2`}, "1 seats taken of 0"},
		"a count that is off":           {[]string{`UPDATE seat_pools SET taken = 2 WHERE country = ''`}, "2 seats counted as taken, but 1"},
		"seats lost":                    {[]string{`UPDATE seat_pools SET size = size - 1 WHERE country = 'LV'`}, "it has 4 seats, but its pools 3"},
		"a run without an open pool":    {[]string{`DELETE FROM enrolments`, `DELETE FROM seat_pools WHERE country = ''`, `UPDATE runs SET size = 2`}, "0 open pools"},
		"a place without a seat":        {[]string{`UPDATE enrolments SET pool_id = NULL`, `UPDATE seat_pools SET taken = 0`}, "takes a seat of no pool"},
		"a withdrawn one with a seat":   {[]string{`UPDATE enrolments SET status = 'cancelled'`, `UPDATE seat_pools SET taken = 0`}, "still has a seat"},
		"two places of one person":      {[]string{`INSERT INTO enrolments (ref, run_id, person_id, status, country, created_at, updated_at, waiting_since) SELECT 'SECOND', run_id, person_id, 'waiting', country, created_at, updated_at, waiting_since FROM enrolments`}, "2 living enrolments"},
		"a result before the close":     {[]string{`UPDATE enrolments SET status = 'completed'`}, "is not closed"},
		"a place after the close":       {[]string{`UPDATE runs SET closed_at = created_at`}, "is closed"},
		"a released quota with a rest":  {[]string{`UPDATE seat_pools SET released_at = '2026-01-01 00:00:00+00:00' WHERE country = 'LV'`}, "released, but it keeps 2"},
		"a suspended quota with a rest": {[]string{`UPDATE seat_pools SET suspended_at = '2026-01-01 00:00:00+00:00' WHERE country = 'LV'`}, "suspended, but it keeps 2"},
		"one more who waits":            {[]string{`UPDATE seat_pools SET waiting = 1 WHERE country = 'LV'`}, "1 people counted as waiting, but 0"},
		"one who waits uncounted": {[]string{`UPDATE enrolments SET status = 'waiting', pool_id = NULL, waiting_since = created_at`,
			`UPDATE seat_pools SET taken = 0`}, `pool "": 0 people counted as waiting, but 1`},
		"one who waits, of a suspended state": {[]string{`UPDATE enrolments SET status = 'waiting', pool_id = NULL, waiting_since = created_at, country = 'EE'`,
			`UPDATE seat_pools SET taken = 0, waiting = 1 WHERE country = ''`,
			`INSERT INTO member_states (code, kind, member_from, suspended_from) VALUES ('EE', 'state', '1992-03-06', '2026-01-01')`}, `pool "": 1 people counted as waiting, but 0`},
		"waiting since never": {[]string{`UPDATE enrolments SET status = 'waiting', pool_id = NULL`,
			`UPDATE seat_pools SET taken = 0`, `UPDATE seat_pools SET waiting = 1 WHERE country = ''`}, "since when is not known"},
		"an offer without an end": {[]string{`UPDATE enrolments SET status = 'offered'`}, "without a deadline"},
		"a deadline of nothing":   {[]string{`UPDATE enrolments SET deadline_at = created_at`}, "still has a deadline"},
		"another country's seat": {[]string{`UPDATE enrolments SET pool_id = (SELECT id FROM seat_pools WHERE country = 'LV'), country = 'EE'`,
			`UPDATE seat_pools SET taken = CASE country WHEN 'LV' THEN 1 ELSE 0 END`}, "kept for another country"},
		"a certificate unearned": {[]string{`UPDATE enrolments SET status = 'absent'`, `UPDATE runs SET closed_at = created_at`,
			`INSERT INTO certificates (number, holder, language, facts, issued_at, revoked_reason, replaced_by, enrolment_id, run_id, person_id) SELECT 'N1', 'A', 'en', '{}', created_at, '', '', id, run_id, person_id FROM enrolments`}, "it stands, but enrolment"},
		"replaced by nothing": {[]string{`UPDATE enrolments SET status = 'completed'`, `UPDATE runs SET closed_at = created_at`,
			`INSERT INTO certificates (number, holder, language, facts, issued_at, revoked_reason, replaced_by, enrolment_id, run_id, person_id) SELECT 'N1', 'A', 'en', '{}', created_at, '', 'N9', id, run_id, person_id FROM enrolments`}, "replaced by N9"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
				oneEnrolment(t, s)
				defenceless(t, s)
				for _, statement := range c.sql {
					if _, err := s.DB.SQL.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
				breaches, err := audit.Run(t.Context(), s.DB)
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Join(breaches, "\n")
				if c.want == "" && got != "" || !strings.Contains(got, c.want) {
					t.Errorf("breaches %q, want %q", got, c.want)
				}
			})
		})
	}
}

func oneEnrolment(t *testing.T, s *testkit.Setup) {
	t.Helper()
	s.Run(t, testkit.R{Code: "R1", Size: 4, Quotas: map[string]int{"LV": 2}})
	a := s.Person(t, testkit.P{Email: "a@example.org", Country: "EE"})
	e := enrolment.New(s.DB, hold.New(s.Redis, []byte("secret"), time.Minute), enrolment.Options{})
	if _, err := e.Confirm(t.Context(), a, "R1", ""); err != nil {
		t.Fatal(err)
	}
}

// defenceless takes down what keeps the database from being broken.
func defenceless(t *testing.T, s *testkit.Setup) {
	t.Helper()
	statements := []string{"DROP INDEX enrolment_one_living"}
	if s.Name == "sqlite" {
		// Checks cannot be dropped in SQLite; its connections can be told to
		// ignore them, each for itself, so one has to do.
		s.DB.SQL.SetMaxOpenConns(1)
		statements = append(statements, "PRAGMA ignore_check_constraints = on", "PRAGMA foreign_keys = off")
	} else {
		statements = append(statements, "ALTER TABLE seat_pools DROP CONSTRAINT seat_pool_never_one_too_many",
			"SET session_replication_role = replica")
		s.DB.SQL.SetMaxOpenConns(1)
	}
	for _, statement := range statements {
		if _, err := s.DB.SQL.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASeatThatNobodyIsOfferedIsNamedAfterAMinute(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		keeper := hold.New(s.Redis, []byte("secret"), 10*time.Minute)
		e := enrolment.New(s.DB, keeper, enrolment.Options{})
		named := func(what string, want int) {
			t.Helper()
			breaches, err := audit.Idle(t.Context(), s.DB, audit.Holds{Quiet: keeper.Quiet, Life: 10 * time.Minute})
			if err != nil || len(breaches) != want {
				t.Errorf("%s: %q, %v; want %d", what, breaches, err, want)
			}
		}
		unknown := func(what string, want int) {
			t.Helper()
			breaches, err := audit.Idle(t.Context(), s.DB, audit.Holds{Life: 10 * time.Minute})
			if err != nil || len(breaches) != want {
				t.Errorf("%s, with holds that are not known: %q, %v; want %d", what, breaches, err, want)
			}
		}
		jump := func(by time.Duration) { s.DB.Shift(by); keeper.Shift(by) }
		holder, waiter := s.Person(t, testkit.P{Email: "a@example.org"}), s.Person(t, testkit.P{Email: "b@example.org"})
		if _, err := e.Hold(t.Context(), holder, "R1"); err != nil {
			t.Fatal(err)
		}
		if _, err := e.ConfirmOrWait(t.Context(), waiter, "R1", ""); err != nil {
			t.Fatal(err)
		}
		named("at once", 0)
		jump(5 * time.Minute)
		named("while it is held", 0)
		unknown("while it may be held", 0)
		jump(10*time.Minute + time.Second)
		view, err := keeper.Look(t.Context(), 1, 0) // any step lets what has expired go
		if err != nil || len(view.Held) != 0 {
			t.Fatalf("%v, %v", view.Held, err)
		}
		named("a moment after the hold has ended", 0)
		jump(11*time.Minute + 5*time.Second)
		named("a minute after the hold has ended", 1)
		jump(22 * time.Minute)
		unknown("after any hold has ended", 1)
		if err := e.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		named("once it is offered", 0)
		jump(28*24*time.Hour + 12*time.Hour)
		if err := e.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		named("shortly before the start", 0)
	})
}
