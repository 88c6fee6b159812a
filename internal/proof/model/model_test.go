package model_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/varde-platform/varde/internal/testkit"
)

func live(t *testing.T, k kind) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		t.Parallel()
		st := build(t, s)
		rapid.Check(t, func(rt *rapid.T) {
			w := st.begin(rt, k)
			w.crowd()
			rt.Repeat(map[string]func(*rapid.T){"step": w.step})
			w.compareMails()
		})
		t.Logf("refusals asked for again: %d; happened: %v", st.asked, st.happened)
	})
}

func TestOneServer(t *testing.T) { live(t, kind{servers: 1}) }

func TestSeveralServers(t *testing.T) { live(t, kind{servers: 3}) }

func TestRedisAwayPartOfTheTime(t *testing.T) { live(t, kind{servers: 1, away: true}) }
