package enrolment_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/enrolment"
	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// TestACourseWithoutACodeBarsNobody: many courses of the catalogue have no code,
// and who holds a certificate of one comes to a run that asks for another.
func TestACourseWithoutACodeBarsNobody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		for _, id := range []string{"nameless", "needed"} {
			runID := s.Run(t, testkit.R{Code: "PAST-" + id, Course: s.Course(t, id)})
			made, err := e.Confirm(t.Context(), a, "PAST-"+id, "")
			if err != nil {
				t.Fatal(err)
			}
			row, err := s.DB.Ent.Enrolment.Query().Where(enrolment.Ref(made.Ref)).Only(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			err = s.DB.Ent.Certificate.Create().SetNumber("N-" + id).SetEnrolmentID(row.ID).SetRunID(runID).
				SetPersonID(a.PersonID).SetHolder("a").SetLanguage("en").SetFacts(map[string]any{}).
				SetIssuedAt(s.Now(t)).Exec(t.Context())
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.DB.Ent.Course.Update().Where(course.ImportID("nameless")).ClearCode().Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Run(t, testkit.R{Code: "NEXT", Conditions: training.Conditions{Prerequisites: []string{"NEEDED"}}})
		if _, err := e.Hold(t.Context(), a, "NEXT"); err != nil {
			t.Errorf("%v, want a hold", err)
		}
	})
}

func TestAProlongedHoldStillNamesItsQuota(t *testing.T) {
	s := testkit.SQLite(t)
	const life = 10 * time.Minute
	keeper := hold.New(s.Redis, []byte("secret"), life)
	e := service.New(s.DB, keeper, service.Options{})
	s.Run(t, testkit.R{Code: "Q", Size: 3, Quotas: map[string]int{"LV": 1}})
	a := s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
	h, err := e.Hold(t.Context(), a, "Q")
	if err != nil || h.Country != "LV" {
		t.Fatalf("%+v, %v", h, err)
	}
	keeper.Shift(life*4/5 + time.Second)
	longer, err := e.Prolong(t.Context(), a, h.Token)
	if err != nil || longer.Country != "LV" || longer.Run != "Q" {
		t.Errorf("%+v, %v; want the quota of LV in Q", longer, err)
	}
}

// TestTheSameFormTwiceWhileRedisIsAway: the hold in it is of no use then, but it
// still tells that it is the same form.
func TestTheSameFormTwiceWhileRedisIsAway(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1", Size: 5})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		h, err := e.Hold(t.Context(), a, "R1")
		if err != nil {
			t.Fatal(err)
		}
		s.Redis.Close()
		first, err := e.Confirm(t.Context(), a, "R1", h.Token)
		if err != nil {
			t.Fatal(err)
		}
		again, err := e.Confirm(t.Context(), a, "R1", h.Token)
		if err != nil || again.Ref != first.Ref {
			t.Errorf("the second time: %q, %v; want %q", again.Ref, err, first.Ref)
		}
		if taken, rows := takenAndRows(t, s, "R1"); taken != 1 || rows != 1 {
			t.Errorf("%d seats, %d rows", taken, rows)
		}
	})
}

// between is Redis in the middle of a form sent twice: after the first of two keeps
// and before what the failed one gives up.
type between struct {
	kept, givenUp  atomic.Bool
	onKeep, onGive func()
}

func (*between) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *between) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if slices.Contains(cmd.Args(), any("unkeep")) && h.givenUp.CompareAndSwap(false, true) {
			h.onGive()
		}
		err := next(ctx, cmd)
		if slices.Contains(cmd.Args(), any("keep")) && h.kept.CompareAndSwap(false, true) {
			h.onKeep()
		}
		return err
	}
}

func (*between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestTheSameFormTwiceGetsTheFirstAnswerAfterACancellationToo: what the first form
// led to is told to the second even where it has ended in between. Nobody is to
// read that another took the seat.
func TestTheSameFormTwiceGetsTheFirstAnswerAfterACancellationToo(t *testing.T) {
	for name, size := range map[string]int{"of-the-last-seat": 1, "of-one-of-two-seats": 2} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
				s.Run(t, testkit.R{Code: "R1", Size: size})
				e := newService(s, service.Options{})
				a := s.Person(t, testkit.P{Email: "a@example.org"})
				h, err := e.Hold(t.Context(), a, "R1")
				if err != nil {
					t.Fatal(err)
				}
				var first service.Enrolment
				s.Redis.AddHook(&between{
					onKeep: func() {
						if first, err = e.Confirm(t.Context(), a, "R1", h.Token); err != nil {
							t.Error(err)
						}
					},
					onGive: func() {
						if _, err := e.Cancel(t.Context(), a, first.Ref); err != nil {
							t.Error(err)
						}
					},
				})
				again, err := e.Confirm(t.Context(), a, "R1", h.Token)
				if err != nil || again.Ref != first.Ref || again.Status != training.Cancelled {
					t.Errorf("the second time: %q %s, %v; want %q, which has been cancelled", again.Ref, again.Status, err, first.Ref)
				}
			})
		})
	}
}

func TestOnePersonManyTimesAtOnceHasOneSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Run(t, testkit.R{Code: "R1"})
		e := newService(s, service.Options{})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		s.Redis.Close() // nobody but the database keeps them apart
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := e.Confirm(t.Context(), a, "R1", ""); err != nil && !training.IsKind(err, training.KindAlreadyEnrolled) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken, rows := takenAndRows(t, s, "R1"); taken != 1 || rows != 1 {
			t.Errorf("one person has %d seats in %d enrolments", taken, rows)
		}
	})
}
