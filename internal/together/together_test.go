package together_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/varde-platform/varde/internal/together"
)

// doubler answers questions by doubling them, each round when it is let.
type doubler struct {
	mu     sync.Mutex
	rounds [][]int
	began  chan struct{}
	let    chan error
}

func newDoubler() (*doubler, *together.Asker[int, int]) {
	a := &doubler{began: make(chan struct{}, 100), let: make(chan error, 100)}
	return a, together.New(a.ask)
}

func (a *doubler) ask(_ context.Context, questions []int) ([]int, error) {
	a.mu.Lock()
	a.rounds = append(a.rounds, slices.Clone(questions))
	a.mu.Unlock()
	a.began <- struct{}{}
	if err := <-a.let; err != nil {
		return nil, err
	}
	answers := make([]int, len(questions))
	for i, q := range questions {
		answers[i] = 2 * q
	}
	return answers, nil
}

// all asks 1 to n at the same time and waits for the answers.
func all(t *testing.T, asker *together.Asker[int, int], n int) {
	t.Helper()
	var wg sync.WaitGroup
	for q := 1; q <= n; q++ {
		wg.Go(func() {
			if got, err := asker.Ask(t.Context(), q); err != nil || got != 2*q {
				t.Errorf("%d was answered %d, %v", q, got, err)
			}
		})
	}
	wg.Wait()
}

func TestEveryoneGetsTheOwnAnswerAndNoRoundIsTooLarge(t *testing.T) {
	a, asker := newDoubler()
	close(a.let)
	all(t, asker, 100)
	asked := 0
	for _, round := range a.rounds {
		asked += len(round)
		if len(round) > together.Most {
			t.Errorf("%d questions in one round", len(round))
		}
	}
	if asked != 100 {
		t.Errorf("%d questions of 100 asked", asked)
	}
}

// A question answered by a round that had begun before it could be told of a
// moment that was over when it was asked.
func TestAQuestionNeverJoinsARoundUnderWay(t *testing.T) {
	a, asker := newDoubler()
	first := make(chan error, 1)
	go func() { _, err := asker.Ask(t.Context(), 1); first <- err }()
	<-a.began
	second := make(chan error, 1)
	go func() { _, err := asker.Ask(t.Context(), 2); second <- err }()
	// The first is silent for as long as it takes: the second is asked all the same.
	<-a.began
	a.let <- nil
	a.let <- nil
	if err := errors.Join(<-first, <-second); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(a.rounds) != "[[1] [2]]" {
		t.Errorf("asked in rounds %v", a.rounds)
	}
}

func TestAFaultIsToldToAllOfItsRoundAndToNobodyAfter(t *testing.T) {
	a, asker := newDoubler()
	broken := errors.New("broken")
	a.let <- broken
	if _, err := asker.Ask(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("answered %v", err)
	}
	a.let <- nil
	if got, err := asker.Ask(t.Context(), 2); err != nil || got != 4 {
		t.Errorf("the next was answered %d, %v", got, err)
	}
}

func TestWhoHasGoneIsNotWaitedFor(t *testing.T) {
	a, asker := newDoubler()
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-a.began; leave(); a.let <- nil }()
	if _, err := asker.Ask(ctx, 1); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
	a.let <- nil
	if got, err := asker.Ask(t.Context(), 2); err != nil || got != 4 {
		t.Errorf("the next was answered %d, %v", got, err)
	}
}

func TestTooFewAnswersAreAFault(t *testing.T) {
	asker := together.New(func(context.Context, []int) ([]int, error) { return nil, nil })
	if got, err := asker.Ask(t.Context(), 1); err == nil {
		t.Errorf("answered %d by nothing", got)
	}
}
