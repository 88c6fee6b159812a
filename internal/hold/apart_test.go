package hold_test

import (
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// A person's holds over all runs are counted wherever Redis keeps them: beside
// the run, or on another node of a cluster.
func TestAPersonsHoldsAreCountedOverAllRuns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) { threeAtMost(t, hold.New(s.Redis, secret, time.Minute)) })
	t.Run("cluster", func(t *testing.T) {
		c, err := services.StartRedisCluster(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		threeAtMost(t, hold.New(connect(t, "redis://:"+c.Password+"@"+strings.Join(c.Addresses, ",")), secret, time.Minute))
	})
}

func threeAtMost(t *testing.T, k *hold.Keeper) {
	t.Helper()
	of := func(run int) hold.Figures { return figures(run, 1, open(10*run, 5, 0)) }
	for person := 1; person <= 9; person++ { // of different nodes
		var last hold.Hold
		for run := 1; run <= training.MaxHoldsPerPerson; run++ {
			last = take(t, k, of(run+3*(person%3)), person)
			if again := take(t, k, of(run+3*(person%3)), person); again.Token != last.Token {
				t.Fatalf("person %d has two holds in run %d", person, run)
			}
		}
		more := of(100 + person)
		_, err := k.Take(t.Context(), more, person, more.Pools)
		wantKind(t, err, training.KindRateLimited)
		if fault, _ := training.AsFault(err); fault.Key != "fault.holds_many" || fault.RetryAfter <= 0 || fault.RetryAfter > time.Minute {
			t.Fatalf("person %d: %+v", person, fault)
		}
		view, err := k.Look(t.Context(), more.RunID, person)
		if err != nil || view.Mine != nil || len(view.Held) != 0 {
			t.Fatalf("the refused hold keeps a seat: %+v, %v", view, err)
		}
		if err := k.Drop(t.Context(), last.Token, person); err != nil {
			t.Fatal(err)
		}
		take(t, k, more, person)
	}
	full := figures(200, 1, open(2000, 1, 1))
	for range training.MaxHoldsPerPerson + 1 { // a seat that is not there does not count
		_, err := k.Take(t.Context(), full, 50, full.Pools)
		wantKind(t, err, training.KindSeatGone)
	}
	take(t, k, of(300), 50)
}
