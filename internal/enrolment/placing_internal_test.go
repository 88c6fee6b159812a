package enrolment

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// comer is one of those who come at the same moment.
type comer struct {
	run, person int // places in the lists of the test
	newcomer    bool
}

// Those who come at the same moment get what each would have got alone, whatever
// the others sent.
func TestWhoComesTogetherGetsWhatEachWouldAlone(t *testing.T) {
	both := []comer{{0, 0, false}, {0, 1, false}, {1, 2, false}, {1, 3, false}}
	for name, c := range map[string]struct {
		comers []comer
		before string // what is done to the first run first
		want   []bool
		at     []int // how many were written in one statement; 1: alone
	}{
		"room for all":                  {both, "", []bool{true, true, true, true}, []int{4, 4, 4, 4}},
		"one seat for two":              {both, "UPDATE seat_pools SET taken = size - 1 WHERE run_id = $1", []bool{true, false, true, true}, []int{1, 1, 4, 4}},
		"no seat":                       {both, "UPDATE seat_pools SET taken = size WHERE run_id = $1", []bool{false, false, true, true}, []int{1, 1, 4, 4}},
		"a run that has closed":         {both, "UPDATE runs SET closed_at = now() WHERE id = $1", []bool{false, false, true, true}, []int{1, 1, 4, 4}},
		"the same person twice":         {[]comer{{0, 0, false}, {0, 0, false}, {1, 1, false}}, "", []bool{true, false, true}, []int{3, 1, 3}},
		"who comes and who waits":       {[]comer{{0, 0, true}, {1, 1, true}}, "UPDATE seat_pools SET waiting = 1 WHERE run_id = $1", []bool{false, true}, []int{1, 2}},
		"a hold goes before those":      {[]comer{{0, 0, false}, {1, 1, true}}, "UPDATE seat_pools SET waiting = 1 WHERE run_id = $1", []bool{true, true}, []int{2, 2}},
		"alone":                         {both[:1], "", []bool{true}, []int{1}},
		"one is enrolled there already": {[]comer{{0, 0, false}, {0, 1, false}, {1, 2, false}}, "enrol the first", []bool{false, true, true}, []int{1, 1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.Postgres(t)
			e := New(s.DB, hold.New(s.Redis, []byte("secret"), time.Minute), Options{})
			runs := []int{s.Run(t, testkit.R{Code: "A"}), s.Run(t, testkit.R{Code: "B"})}
			list := make([]placing, len(c.comers))
			for i, one := range c.comers {
				list[i] = placing{run: runs[one.run], pool: poolOf(t, s, runs[one.run]), ref: newRef(), country: "LV", held: !one.newcomer,
					person: s.Person(t, testkit.P{Email: fmt.Sprintf("p%d.%d@example.org", i, one.person), Country: "LV"}).PersonID}
				if i > 0 && one.person == c.comers[0].person {
					list[i].person = list[0].person
				}
			}
			switch c.before {
			case "":
			case "enrol the first":
				already := list[0]
				already.ref = newRef()
				if _, err := e.seatTogether(t.Context(), []placing{already}); err != nil {
					t.Fatal(err)
				}
			default:
				if _, err := s.DB.SQL.ExecContext(t.Context(), c.before, runs[0]); err != nil {
					t.Fatal(err)
				}
			}
			got, at := make([]bool, len(list)), make([]int, len(list))
			results, err := e.seatTogether(t.Context(), list)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				others := 0
				for j := range results {
					if j != i && results[j].taken && list[j].run == list[i].run {
						others++
					}
				}
				if r.taken && r.beside != (others > 0) {
					t.Errorf("person %d counts the seats of the run as if %d others had come: beside is %t", i, others, r.beside)
				}
				if !r.taken && r.asked != 1 { // as seat does
					alone, err := e.seatTogether(t.Context(), list[i:i+1])
					if err == nil {
						r = alone[0]
					}
					r.asked = 1
				}
				got[i], at[i] = r.taken, r.asked
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("who has a seat (want, got):\n%s", diff)
			}
			if diff := cmp.Diff(c.at, at); diff != "" {
				t.Errorf("how many were written together (want, got):\n%s", diff)
			}
			countRows(t, s, list, got)
		})
	}
}

func poolOf(t *testing.T, s *testkit.Setup, run int) int {
	t.Helper()
	id, err := s.DB.Ent.SeatPool.Query().Where(seatpool.RunID(run)).OnlyID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// countRows expects, for each who was told yes and for nobody else, the enrolment
// with one step and one mail.
func countRows(t *testing.T, s *testkit.Setup, list []placing, told []bool) {
	t.Helper()
	for i, p := range list {
		row, err := s.DB.Ent.Enrolment.Query().Where(enrolment.Ref(p.ref)).WithEvents().All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var mails int
		if err := s.DB.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM outbox_jobs WHERE kind = $1 AND convert_from(payload, 'UTF8') LIKE '%' || $2 || '%'",
			training.EnrolmentMail, p.ref).Scan(&mails); err != nil {
			t.Fatal(err)
		}
		want := 0
		if told[i] {
			want = 1
		}
		if len(row) != want || mails != want || want == 1 && len(row[0].Edges.Events) != 1 {
			t.Errorf("person %d was told %t: %d rows, %d mails", i, told[i], len(row), mails)
		}
	}
}
