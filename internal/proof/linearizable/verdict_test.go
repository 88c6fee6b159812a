package linearizable_test

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// verdict is what the checker says of a history.
type verdict struct {
	result porcupine.CheckResult
	info   porcupine.LinearizationInfo
	book   *book
	wrong  []string // answers that are wrong in themselves
}

// refused reports whether no order explains the answers, or one of them is wrong
// in itself.
func (v verdict) refused() bool { return v.result == porcupine.Illegal || len(v.wrong) > 0 }

// judge asks the checker, which may take so long.
func (w *world) judge(within time.Duration) verdict {
	slices.SortStableFunc(w.requests, func(a, b *request) int { return cmp.Compare(a.call, b.call) })
	b := w.write()
	v := verdict{book: b, wrong: append(b.unexpected, faults(w.requests)...)}
	v.result, v.info = porcupine.CheckOperationsVerbose(model(), b.operations, within)
	return v
}

// explain writes a history that did not pass in a form that can be read: the
// checker's own picture as a file, and the runs that it found no order for, with
// the longest order that it found.
func (w *world) explain(t *testing.T, v verdict) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "history %s, seed %d: %s\n", w.name, w.seed, v.result)
	for _, wrong := range v.wrong {
		fmt.Fprintln(&text, wrong)
	}
	if len(v.wrong) > 0 {
		for _, r := range w.requests {
			fmt.Fprintf(&text, "  %s\n", r)
		}
	}
	if v.result != porcupine.Ok {
		for i, part := range partition(v.book.operations) {
			explainPart(&text, part, v.info.PartialLinearizationsOperations()[i])
		}
		path := filepath.Join(t.ArtifactDir(), w.name+".html")
		if err := porcupine.VisualizePath(model(), v.info, path); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&text, "picture (kept with go test -artifacts): %s\n", path)
	}
	t.Error(text.String())
}

// explainPart writes what is known of one run: all requests, the longest order
// of atoms found, and those that should have followed, the most urgent first.
func explainPart(text *strings.Builder, part []porcupine.Operation, orders [][]porcupine.Operation) {
	var longest []porcupine.Operation
	for _, order := range orders {
		if len(order) > len(longest) {
			longest = order
		}
	}
	if len(longest) == len(part) {
		return
	}
	m := model()
	now := m.Init()
	placed := map[*atom]bool{}
	fmt.Fprintf(text, "\nThe longest order found for %s:\n", part[0].Input.(*atom).run.code)
	for _, op := range longest {
		_, now = m.Step(now, op.Input, nil)
		placed[op.Input.(*atom)] = true
		writeAtom(text, op)
	}
	rest := slices.DeleteFunc(slices.Clone(part), func(op porcupine.Operation) bool { return placed[op.Input.(*atom)] })
	slices.SortFunc(rest, func(a, b porcupine.Operation) int { return cmp.Compare(a.Return, b.Return) })
	fmt.Fprintf(text, "after it: %s\nWhat could not follow:\n", m.DescribeState(now))
	for _, op := range rest[:min(len(rest), 25)] {
		writeAtom(text, op)
	}
	fmt.Fprintln(text, "All requests:")
	requests := map[*request]int16{}
	for _, op := range part {
		if r, _ := op.Metadata.(*request); r != nil {
			requests[r] = op.Input.(*atom).by
		}
	}
	for _, r := range slices.SortedFunc(maps.Keys(requests), func(a, b *request) int { return cmp.Compare(a.call, b.call) }) {
		fmt.Fprintf(text, "  #%d %s\n", requests[r], r)
	}
}

// writeAtom leaves out where a look begins: its end says it all.
func writeAtom(text *strings.Builder, op porcupine.Operation) {
	if a := op.Input.(*atom); a.what != begin {
		fmt.Fprintf(text, "  %8.2f to %8.2f ms  %s\n", float64(op.Call)/1e6, float64(op.Return)/1e6, a)
	}
}
