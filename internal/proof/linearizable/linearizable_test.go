// Package linearizable_test proves that Varde, asked by many clients at once
// through HTTP, answers as if it had done one thing after the other: for each
// recorded history there is an order of its steps, each between question and
// answer, in which a simple model gives the same answers. It owns the model and
// the clients; it knows nothing of Varde's rooms but how to start a server.
package linearizable_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/varde-platform/varde/internal/testkit"
)

// historiesVariable sets how many histories are played with each set-up; make
// linearizable-full asks for many.
const historiesVariable = "VARDE_PROOF_HISTORIES"

func histories(t *testing.T) int {
	t.Helper()
	text := os.Getenv(historiesVariable)
	if text == "" {
		return len(shapes) / 2 // which have each shape once
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not a number of histories", historiesVariable, text)
	}
	return n
}

func TestHistoriesAreLinearizable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		worlds := make([]*world, histories(t))
		for i := range worlds {
			of := twoShapes(i)
			worlds[i] = imagine(fmt.Sprintf("%s-%d", s.Name, i), of)
			populate(t, s, worlds[i], of)
		}
		enter(t, worlds, start(t, s))
		for _, w := range worlds {
			w.play(t.Context())
		}
		calm(t.Context(), t, worlds)
		for _, w := range worlds {
			w.probe(t.Context())
		}
		readOrder(t, s, worlds)
		judgeAll(t, worlds)
	})
}

// How long the checker may take for a history, and how long for one that it could
// not judge in this time.
const (
	shortly   = 5 * time.Second
	patiently = 40 * time.Second
)

// unjudgedAtMost is how many of so many histories may be too much for the checker:
// one in fifty. A proof that judges less proves less than it says.
func unjudgedAtMost(histories int) int { return max(1, histories/50) }

func judgeAll(t *testing.T, worlds []*world) {
	t.Helper()
	requests, lost, unjudged := 0, 0, 0
	for _, w := range worlds {
		v := w.judge(shortly)
		if v.result == porcupine.Unknown {
			v = w.judge(patiently)
		}
		switch {
		case v.refused():
			w.explain(t, v)
		case v.result == porcupine.Unknown:
			unjudged++
		}
		requests += len(w.requests)
		for _, r := range w.requests {
			if r.lost {
				lost++
			}
		}
	}
	t.Logf("%d histories, %d requests, %d of them without an answer; %d histories not judged", len(worlds), requests, lost, unjudged)
	if unjudged > unjudgedAtMost(len(worlds)) {
		t.Errorf("the checker could not judge %d of %d histories", unjudged, len(worlds))
	}
}
