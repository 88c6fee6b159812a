package linearizable_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/anishathalye/porcupine"
)

// What a desk is asked: so many histories, all of which the check has to accept if
// nothing is wrong, and of which it has to refuse one if something is.
const (
	rightHistories = 10
	wrongHistories = 50
)

// TestTheCheckTellsRightFromWrong is the control of the proof: a checker or a model
// that accepts anything would accept Varde too.
func TestTheCheckTellsRightFromWrong(t *testing.T) {
	t.Run(string(flawless), func(t *testing.T) {
		for i := range rightHistories {
			w, v := atDesk(t, i, flawless)
			if v.result != porcupine.Ok || v.refused() {
				w.explain(t, v)
			}
		}
	})
	for _, f := range []flaw{countsFirst, answersFirst, loses} {
		t.Run(string(f), func(t *testing.T) {
			for i := range wrongHistories {
				if _, v := atDesk(t, i, f); v.result == porcupine.Illegal {
					t.Logf("refused after %d histories", i+1)
					return
				}
			}
			t.Errorf("none of %d histories was refused", wrongHistories)
		})
	}
}

// atDesk plays a history at a desk of its own and has it judged. The first four
// shapes are all that a desk knows.
func atDesk(t *testing.T, i int, f flaw) (*world, verdict) {
	t.Helper()
	w := imagine(fmt.Sprintf("desk-%d", i), []shape{shapes[i%4], shapes[(i+1)%4]})
	w.patient = true
	server := httptest.NewServer(newDesk(w, f).handler())
	defer server.Close()
	w.bases = []string{server.URL}
	w.play(t.Context())
	w.probe(t.Context())
	return w, w.judge(patiently)
}
