// Package together asks like questions that come at the same moment as one. It
// owns when a question goes, and with which others; not what is asked, nor whom.
package together

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Asker puts like questions that come at the same moment into one: those that
// come while an answer is under way wait for it, and are then asked together. An
// answer is thus never of a moment before its question. Alone, a question is asked
// at once.
type Asker[Q, A any] struct {
	ask  func(context.Context, []Q) ([]A, error)
	next chan *round[Q, A] // holds the round that may still be joined
	turn chan struct{}     // whoever has it asks
}

// round is a list of questions that are asked together.
type round[Q, A any] struct {
	questions []Q
	answers   []A
	err       error
	done      chan struct{}
}

const (
	// Most is how many questions are asked together.
	Most = 16
	// patience is how long an answer under way may keep the next round
	// waiting: a connection that has died keeps nobody but those who use it.
	patience = 50 * time.Millisecond
	// limit ends a question whose connection is silent.
	limit = 10 * time.Second
)

var errUnanswered = errors.New("the question was not answered")

// New asks by ask, which gives as many answers as it is asked questions,
// 1 to Most, in their order. Its error is given to all who asked.
func New[Q, A any](ask func(context.Context, []Q) ([]A, error)) *Asker[Q, A] {
	t := &Asker[Q, A]{ask: ask, next: make(chan *round[Q, A], 1), turn: make(chan struct{}, 1)}
	t.next <- nil
	return t
}

// Ask gives the answer to a question.
func (t *Asker[Q, A]) Ask(ctx context.Context, q Q) (A, error) {
	r, place := t.join(q)
	if place == 0 {
		t.lead(ctx, r)
	}
	var none A
	select {
	case <-r.done:
	case <-ctx.Done():
		select {
		case <-r.done: // the answer came in the same moment
		default:
			return none, ctx.Err()
		}
	}
	if r.err != nil {
		return none, r.err
	}
	return r.answers[place], nil
}

// join puts a question into the next round and tells its place there.
func (t *Asker[Q, A]) join(q Q) (*round[Q, A], int) {
	r := <-t.next
	if r == nil {
		r = &round[Q, A]{done: make(chan struct{})}
	}
	r.questions = append(r.questions, q)
	place := len(r.questions) - 1
	if len(r.questions) < Most {
		t.next <- r
	} else {
		t.next <- nil
	}
	return r, place
}

// lead asks for a round when it is its turn. The others of the round go on
// waiting where the first to join has gone.
func (t *Asker[Q, A]) lead(ctx context.Context, r *round[Q, A]) {
	defer close(r.done)
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-time.After(patience):
	}
	if open := <-t.next; open == r {
		t.next <- nil
	} else {
		t.next <- open
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	r.err = errUnanswered // which stays where ask panics
	if r.answers, r.err = t.ask(limited, r.questions); r.err == nil && len(r.answers) != len(r.questions) {
		r.err = fmt.Errorf("%d answers to %d questions", len(r.answers), len(r.questions))
	}
}
