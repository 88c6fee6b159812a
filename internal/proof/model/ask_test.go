package model_test

import (
	"slices"
	"time"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/proof/model"
	"github.com/varde-platform/varde/internal/training"
)

// staleLife is how old a copy may be that a refusal is answered from.
const staleLife = time.Second

// shown is an enrolment as its person sees it.
func (w *world) shown(e *model.Enrolment) enrolment.Enrolment {
	got, err := w.servers[0].Get(w.Context(), w.actors[e.Person.Name], w.refs[e])
	if err != nil {
		w.fail("%s asks for the enrolment: %v", w.label(e), code(err))
	}
	return got
}

// code is what an answer says, in the words of the contract; empty: it was done.
func code(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := training.AsFault(err); ok {
		return string(f.Kind)
	}
	return "broken: " + err.Error()
}

// judge compares what somebody was told with what the model says.
func (w *world) judge(what string, want model.Answer, err error) {
	got := code(err)
	w.t.Logf("%s: %s: %s", w.clock(), what, orDone(got))
	if got == "" && len(want.No) > 0 || got != "" && !slices.Contains(want.No, got) {
		w.fail("%s was answered %s, not %v", what, orDone(got), want.No)
	}
}

func orDone(code string) string {
	if code == "" {
		return "done"
	}
	return code
}

// tally counts what happened, so that a test can tell that everything did.
func (w *world) tally(event string, want model.Answer) {
	outcome := "done"
	switch {
	case len(want.No) > 0:
		outcome = want.No[0]
	case want.Enrolment != nil:
		outcome = want.Enrolment.Status
	}
	w.happened[event+" "+outcome]++
}

// settled compares the enrolment that an answer shows, and learns its reference
// where it is new.
func (w *world) settled(event, what string, want model.Answer, got enrolment.Enrolment, err error) {
	w.tally(event, want)
	w.judge(what, want, err)
	if err != nil {
		return
	}
	e := want.Enrolment
	if known, ok := w.refs[e]; ok && known != got.Ref {
		w.fail("%s was answered another enrolment", what)
	}
	w.refs[e] = got.Ref
	if string(got.Status) != e.Status || got.PersonName != e.Person.Name {
		w.fail("%s was answered an enrolment of %s that is %s, not of %s and %s", what, got.PersonName, got.Status, e.Person.Name, e.Status)
	}
	steps, err := w.servers[0].History(w.Context(), w.actors[e.Person.Name], got.Ref)
	if err != nil || len(steps) == 0 || string(steps[len(steps)-1].To) != e.Status {
		w.fail("%s: the person cannot read why: %d steps, %v", what, len(steps), code(err))
	}
}

// newcomer asks for a seat. A refusal may come from a copy that is up to a second
// old: then it is asked for again when none can be.
func newcomer[T any](w *world, want model.Answer, ask func() (T, error)) (T, error) {
	got, err := ask()
	if code(err) == model.SeatGone && !slices.Contains(want.No, model.SeatGone) && time.Since(w.changed) < staleLife {
		w.asked++
		time.Sleep(staleLife - time.Since(w.changed) + 20*time.Millisecond)
		got, err = ask()
	}
	return got, err
}
