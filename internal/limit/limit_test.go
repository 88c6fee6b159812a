package limit_test

import (
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/limit"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestTooOftenIsSaidUntilTheWindowEnds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) { countToThree(t, s, 300*time.Millisecond) })
}

func TestLimitsHoldInTheProcessWhileRedisIsAway(t *testing.T) {
	s := testkit.SQLite(t)
	s.Redis.Close()
	countToThree(t, s, 300*time.Millisecond)
}

func countToThree(t *testing.T, s *testkit.Setup, within time.Duration) {
	t.Helper()
	c := limit.New(s.Redis, time.Now)
	for n := 1; n <= 4; n++ {
		over, wait := c.Over(t.Context(), "log-in", 3, within)
		if over != (n > 3) {
			t.Errorf("try %d of 3: over is %v", n, over)
		}
		if wait <= 0 || wait > within {
			t.Errorf("wait %v of %v", wait, within)
		}
	}
	if over, _ := c.Over(t.Context(), "another", 3, within); over {
		t.Error("one key counts for another")
	}
	time.Sleep(2 * within)
	if over, _ := c.Over(t.Context(), "log-in", 3, within); over {
		t.Error("still over after the window")
	}
}

// A thousand people who each ask once are not a thousand questions to Redis, and
// yet all servers count together, to a twentieth of the limit for each.
func TestALargeLimitIsCountedInParts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const most, part = 100, 5
		servers := []*limit.Counter{limit.New(s.Redis, time.Now), limit.New(s.Redis, time.Now)}
		first := 0
		for n := 1; first == 0 && n < 2*most; n++ {
			over, wait := servers[n%2].Over(t.Context(), "api", most, time.Minute)
			if over {
				first = n
			}
			if wait <= 0 || wait > time.Minute {
				t.Errorf("wait %v", wait)
			}
			if asked := s.Redis.Exists(t.Context(), "varde:limit:api").Val() == 1; asked && n < part {
				t.Errorf("Redis was asked at the request %d", n)
			}
		}
		if first <= most || first > most+len(servers)*part {
			t.Errorf("refused from the request %d on, want one of %d to %d", first, most+1, most+len(servers)*part)
		}
	})
}
