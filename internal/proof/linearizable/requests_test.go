package linearizable_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// action is what a client asks for.
type action string

const (
	askHold    action = "hold"
	askDrop    action = "drop"
	askConfirm action = "confirm"
	askCancel  action = "cancel"
	askApprove action = "approve"
	askDecline action = "decline"
	askAccept  action = "accept"
	askSeats   action = "seats"
	askOwn     action = "own"
)

// request is one request and its answer, as a client saw them.
type request struct {
	do     action
	client int
	run    *run
	person *person // whom it is about
	hold   string  // that it brings
	ref    string  // that it is about
	wait   bool    // where no seat is free
	office bool    // asked by an administrator

	call, end time.Duration // since the history began
	lost      bool          // no answer came: what it did is not known
	status    int
	answer    answer
}

// answer has those fields of all answers that the proof looks at.
type answer struct {
	Code     string // of a problem
	Detail   string
	Hold     string
	ID       string
	Status   any // a word, or a problem's number
	Pool     *string
	Position *int
	Seats    figures
	Pools    []poolFigures
	Items    []listedItem
}

type listedItem struct {
	ID, Run, Status string
	Position        *int
}

// word is the status of an enrolment.
func (a answer) word() string {
	word, _ := a.Status.(string)
	return word
}

type figures struct {
	Size, Taken, Free, Waiting int
	Held                       *int // nil while Redis is away
}

type poolFigures struct {
	Country *string // nil: the open pool
	figures
}

func (r *request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%8.2f to %8.2f ms  p%d (%s) %s %s", ms(r.call), ms(r.end), r.person.index, r.person.country, r.run.code, r.do)
	for _, what := range []string{r.hold, r.ref, mark(r.wait, "or wait")} {
		if what != "" {
			fmt.Fprintf(&b, " %s", short(what))
		}
	}
	if r.lost {
		return b.String() + ": no answer"
	}
	fmt.Fprintf(&b, ": %d", r.status)
	for _, what := range []string{r.answer.Code, short(r.answer.Hold), r.answer.ID, r.answer.word()} {
		if what != "" {
			fmt.Fprintf(&b, " %s", what)
		}
	}
	b.WriteString(at(r.answer.Position))
	for _, p := range r.answer.Pools {
		fmt.Fprintf(&b, " [%s %d taken", deref(p.Country, "open"), p.Taken)
		if p.Held != nil {
			fmt.Fprintf(&b, " %d held", *p.Held)
		}
		fmt.Fprintf(&b, " of %d]", p.Size)
	}
	for _, e := range r.answer.Items {
		if e.Run == r.run.code {
			fmt.Fprintf(&b, " [%s %s%s]", e.ID, e.Status, at(e.Position))
		}
	}
	if r.answer.Seats.Waiting > 0 {
		fmt.Fprintf(&b, " %d waiting", r.answer.Seats.Waiting)
	}
	return b.String()
}

func at(position *int) string {
	if position == nil {
		return ""
	}
	return fmt.Sprintf(" at %d", *position)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// short is the random part of a hold's token, which is enough to tell it by.
func short(token string) string {
	if len(token) > 36 {
		return token[22:30]
	}
	return token
}

func deref(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

// tellsOf reports whether the answer names an enrolment.
func (r *request) tellsOf(ref string) bool {
	return r.answer.ID == ref || slices.ContainsFunc(r.answer.Items, func(i listedItem) bool { return i.ID == ref })
}

// overlaps reports whether neither had been answered when the other was asked.
func (r *request) overlaps(other *request) bool {
	return (other.lost || r.call <= other.end) && (r.lost || other.call <= r.end)
}

// faults are answers that are wrong in themselves, whatever the state of the run.
func faults(requests []*request) []string {
	var found []string
	for _, r := range requests {
		if r.do == askSeats && r.status == 200 && !r.lost && !r.addsUp() {
			found = append(found, "figures that do not add up: "+r.String())
		}
		for _, first := range requests {
			if !r.enrolled() || !first.enrolled() || r.answer.ID != first.answer.ID {
				continue
			}
			if r.hold == "" && first.end < r.call {
				found = append(found, "a second form without a hold was answered as the first: "+r.String())
			}
			if r.hold != "" && first.hold != "" && r.hold != first.hold {
				found = append(found, "two holds became one enrolment: "+r.String())
			}
		}
	}
	return found
}

// enrolled reports whether a form was answered with an enrolment.
func (r *request) enrolled() bool { return r.do == askConfirm && r.status == 201 && !r.lost }

func (r *request) addsUp() bool {
	var sum figures
	held := 0
	for _, p := range r.answer.Pools {
		if p.Held != nil {
			held += *p.Held
			p.Taken += *p.Held
		}
		sum.Size += p.Size
		sum.Taken += p.Taken
		sum.Free += max(0, p.Size-p.Taken)
		if p.Free != max(0, p.Size-p.Taken) {
			return false
		}
	}
	all := r.answer.Seats
	if all.Held != nil && *all.Held != held {
		return false
	}
	return all.Size == sum.Size && all.Taken == sum.Taken-held && all.Free == sum.Free
}
