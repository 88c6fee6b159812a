package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/varde-platform/varde/internal/store"
)

// asker answers questions by doubling them, each round when it is let.
type asker struct {
	mu     sync.Mutex
	rounds [][]int
	began  chan struct{}
	let    chan error
}

func newAsker() (*asker, *store.Together[int, int]) {
	a := &asker{began: make(chan struct{}, 100), let: make(chan error, 100)}
	return a, store.NewTogether(a.ask)
}

func (a *asker) ask(_ context.Context, questions []int) ([]int, error) {
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
func all(t *testing.T, together *store.Together[int, int], n int) {
	t.Helper()
	var wg sync.WaitGroup
	for q := 1; q <= n; q++ {
		wg.Go(func() {
			if got, err := together.Ask(t.Context(), q); err != nil || got != 2*q {
				t.Errorf("%d was answered %d, %v", q, got, err)
			}
		})
	}
	wg.Wait()
}

func TestEveryoneGetsTheOwnAnswerAndNoRoundIsTooLarge(t *testing.T) {
	a, together := newAsker()
	close(a.let)
	all(t, together, 100)
	asked := 0
	for _, round := range a.rounds {
		asked += len(round)
		if len(round) > store.MostTogether {
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
	a, together := newAsker()
	first := make(chan error, 1)
	go func() { _, err := together.Ask(t.Context(), 1); first <- err }()
	<-a.began
	second := make(chan error, 1)
	go func() { _, err := together.Ask(t.Context(), 2); second <- err }()
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
	a, together := newAsker()
	broken := errors.New("broken")
	a.let <- broken
	if _, err := together.Ask(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("answered %v", err)
	}
	a.let <- nil
	if got, err := together.Ask(t.Context(), 2); err != nil || got != 4 {
		t.Errorf("the next was answered %d, %v", got, err)
	}
}

func TestWhoHasGoneIsNotWaitedFor(t *testing.T) {
	a, together := newAsker()
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-a.began; leave(); a.let <- nil }()
	if _, err := together.Ask(ctx, 1); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("answered %v", err)
	}
	a.let <- nil
	if got, err := together.Ask(t.Context(), 2); err != nil || got != 4 {
		t.Errorf("the next was answered %d, %v", got, err)
	}
}

func TestTooFewAnswersAreAFault(t *testing.T) {
	together := store.NewTogether(func(context.Context, []int) ([]int, error) { return nil, nil })
	if got, err := together.Ask(t.Context(), 1); err == nil {
		t.Errorf("answered %d by nothing", got)
	}
}

func TestRowsAreNumberedAndTheirPlacesCounted(t *testing.T) {
	if got, want := store.Rows(2, "TEXT", "BIGINT"), "(0, CAST($1 AS TEXT), CAST($2 AS BIGINT)), (1, CAST($3 AS TEXT), CAST($4 AS BIGINT))"; got != want {
		t.Errorf("rows are %s, not %s", got, want)
	}
	for n, want := range map[int]int{1: 1, 2: 4, 4: 4, 5: 16, 16: 16} {
		if got := store.Padded(n); got != want {
			t.Errorf("%d questions are asked in %d rows, not %d", n, got, want)
		}
	}
}
