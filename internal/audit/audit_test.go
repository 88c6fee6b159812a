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
		"nothing":                      {nil, ""},
		"one seat too many":            {[]string{`UPDATE seat_pools SET size = 0 WHERE country = ''`, `UPDATE runs SET size = 2`}, "1 seats taken of 0"},
		"a count that is off":          {[]string{`UPDATE seat_pools SET taken = 2 WHERE country = ''`}, "2 seats counted as taken, but 1"},
		"seats lost":                   {[]string{`UPDATE seat_pools SET size = size - 1 WHERE country = 'LV'`}, "it has 4 seats, but its pools 3"},
		"a run without an open pool":   {[]string{`DELETE FROM enrolments`, `DELETE FROM seat_pools WHERE country = ''`, `UPDATE runs SET size = 2`}, "0 open pools"},
		"a place without a seat":       {[]string{`UPDATE enrolments SET pool_id = NULL`, `UPDATE seat_pools SET taken = 0`}, "takes a seat of no pool"},
		"a withdrawn one with a seat":  {[]string{`UPDATE enrolments SET status = 'cancelled'`, `UPDATE seat_pools SET taken = 0`}, "still has a seat"},
		"two places of one person":     {[]string{`INSERT INTO enrolments (ref, run_id, person_id, status, country, created_at, updated_at, waiting_since) SELECT 'SECOND', run_id, person_id, 'waiting', country, created_at, updated_at, waiting_since FROM enrolments`}, "2 living enrolments"},
		"a result before the close":    {[]string{`UPDATE enrolments SET status = 'completed'`}, "is not closed"},
		"a place after the close":      {[]string{`UPDATE runs SET closed_at = created_at`}, "is closed"},
		"a released quota with a rest": {[]string{`UPDATE seat_pools SET released_at = '2026-01-01 00:00:00+00:00' WHERE country = 'LV'`}, "released, but it keeps 2"},
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
