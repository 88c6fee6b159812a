package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Together puts like questions that come at the same moment into one question to
// the database: those that come while an answer is under way wait for it, and are
// then asked together. An answer is thus never of a moment before its question.
// Alone, a question is asked at once.
type Together[Q, A any] struct {
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
	// MostTogether is how many questions are asked together.
	MostTogether = 16
	// togetherPatience is how long an answer under way may keep the next round
	// waiting: a connection that has died keeps nobody but those who use it.
	togetherPatience = 50 * time.Millisecond
	// togetherLimit ends a question whose connection is silent.
	togetherLimit = 10 * time.Second
)

var errUnanswered = errors.New("the question was not answered")

// NewTogether asks by ask, which gives as many answers as it is asked questions,
// 1 to MostTogether, in their order. Its error is given to all who asked.
func NewTogether[Q, A any](ask func(context.Context, []Q) ([]A, error)) *Together[Q, A] {
	t := &Together[Q, A]{ask: ask, next: make(chan *round[Q, A], 1), turn: make(chan struct{}, 1)}
	t.next <- nil
	return t
}

// Ask gives the answer to a question.
func (t *Together[Q, A]) Ask(ctx context.Context, q Q) (A, error) {
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
func (t *Together[Q, A]) join(q Q) (*round[Q, A], int) {
	r := <-t.next
	if r == nil {
		r = &round[Q, A]{done: make(chan struct{})}
	}
	r.questions = append(r.questions, q)
	place := len(r.questions) - 1
	if len(r.questions) < MostTogether {
		t.next <- r
	} else {
		t.next <- nil
	}
	return r, place
}

// lead asks for a round when it is its turn. The others of the round go on
// waiting where the first to join has gone.
func (t *Together[Q, A]) lead(ctx context.Context, r *round[Q, A]) {
	defer close(r.done)
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-time.After(togetherPatience):
	}
	if open := <-t.next; open == r {
		t.next <- nil
	} else {
		t.next <- open
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), togetherLimit)
	defer cancel()
	r.err = errUnanswered // which stays where ask panics
	if r.answers, r.err = t.ask(limited, r.questions); r.err == nil && len(r.answers) != len(r.questions) {
		r.err = fmt.Errorf("%d answers to %d questions", len(r.answers), len(r.questions))
	}
}

// Padded is the number of rows in which n questions are asked: few numbers, so
// that the database plans few statements. The rest of the rows is left empty.
func Padded(n int) int {
	for size := 1; ; size *= 4 {
		if size >= n {
			return size
		}
	}
}

// Rows writes a list of rows with numbered places for their values from $1 on,
// each cast to the type of its column, for VALUES. The first column is the row's
// number from 0.
func Rows(rows int, types ...string) string {
	var b strings.Builder
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(%d", row)
		for _, typ := range types {
			n++
			fmt.Fprintf(&b, ", CAST($%d AS %s)", n, typ)
		}
		b.WriteByte(')')
	}
	return b.String()
}
