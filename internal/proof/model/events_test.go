package model_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/proof/model"
)

// event is something that happens, often where it fits, and now and then where it
// does not. It cannot happen where a weight is 0.
type event struct {
	name         string
	often, other int
	fits         func(w *world) bool
	do           func(w *world)
}

var events = []event{
	{"enrol or wait", 10, 1, (*world).isOpen, func(w *world) { w.confirm(w.someone(), nil, true) }},
	{"enrol", 3, 1, (*world).isOpen, func(w *world) { w.confirm(w.someone(), nil, false) }},
	{"hold", 8, 1, (*world).isOpen, (*world).takeHold},
	{"confirm the hold", 9, 1, (*world).anyHoldLives, (*world).confirmHold},
	{"drop the hold", 3, 1, (*world).anyHoldLives, (*world).drop},
	{"prolong the hold", 4, 0, (*world).anyHoldLives, (*world).prolong},
	{"cancel", 7, 0, (*world).anyEnrolment, (*world).cancel},
	{"accept", 10, 1, (*world).anyToAccept, (*world).accept},
	{"decline", 4, 1, func(w *world) bool { return w.any(model.Offered, model.Pending) }, (*world).decline},
	{"approve", 4, 1, func(w *world) bool { return w.any(model.Pending) }, (*world).approve},
	{"replace", 3, 1, func(w *world) bool { return w.any(model.Confirmed, model.Pending) }, (*world).replace},
	{"admit", 8, 1, func(w *world) bool { return w.any(model.Waiting) && !w.m.Now.Before(w.m.Starts) }, (*world).admit},
	{"resize", 3, 1, func(w *world) bool { return !w.m.Closed }, (*world).resize},
	{"release", 2, 0, func(w *world) bool { return len(w.m.Pools) > 1 }, (*world).release},
	{"suspend", 1, 0, func(w *world) bool { return !w.m.Away }, (*world).suspend},
	{"restore", 2, 0, (*world).mayRestore, (*world).restore},
	{"time passes", 6, 0, (*world).always, (*world).timePasses},
	{"nobody looks", 2, 0, func(w *world) bool { return !w.m.Due().IsZero() }, (*world).outage},
	{"sweep", 2, 0, (*world).always, (*world).sweep},
	{"close the run", 1, 0, func(w *world) bool { return !w.m.Now.Before(w.m.Starts) }, (*world).closeRun},
	{"hold elsewhere", 1, 1, (*world).isOpen, (*world).takeHoldElsewhere},
	{"hold everywhere", 1, 0, (*world).isOpen, (*world).takeHoldsEverywhere},
	{"dither", 2, 0, (*world).isOpen, (*world).dither},
	{"forged", 1, 0, (*world).anyHold, (*world).forge},
	{"out of place", 1, 0, (*world).anyEnrolment, (*world).outOfPlace},
	{"Redis forgets", 1, 0, func(w *world) bool { return !w.m.Away }, (*world).redisForgets},
	{"Redis goes or comes", 4, 0, func(w *world) bool { return w.kind.away }, (*world).redisGoesOrComes},
}

func (w *world) always() bool       { return true }
func (w *world) anyEnrolment() bool { return len(w.m.Enrolments) > 0 }
func (w *world) anyHold() bool      { return len(w.m.Holds) > 0 }
func (w *world) anyHoldLives() bool {
	return slices.ContainsFunc(w.m.Holds, func(h *model.Hold) bool { return w.m.Lives(h) && h.Elsewhere == 0 })
}

func (w *world) isOpen() bool {
	return !w.m.Closed && !w.m.Now.Before(w.m.Opens) && w.m.Now.Before(w.m.Closes)
}

func (w *world) any(statuses ...string) bool {
	return slices.ContainsFunc(w.m.Enrolments, func(e *model.Enrolment) bool { return slices.Contains(statuses, e.Status) })
}

func (w *world) anyToAccept() bool {
	last := w.m.Starts.Sub(w.m.Now)
	return w.any(model.Offered) || last > 0 && last <= 48*hour && w.any(model.Waiting)
}

// crowd lets some people in before anything else happens.
func (w *world) crowd() {
	for _, p := range w.cast[:draw(w.t, "there already", 0, 2, 4, 6)] {
		w.confirm(p, nil, true)
		w.compare("the first came")
	}
}

// step lets one of the events happen that can.
func (w *world) step(t *rapid.T) {
	w.t = t
	if w.m.Closed {
		w.epilogue++
	}
	if w.epilogue > 6 || w.outrun() { // nothing new happens any more
		return
	}
	var names []string
	for _, e := range events {
		weight := e.other
		if e.fits(w) {
			weight = e.often
		}
		names = append(names, slices.Repeat([]string{e.name}, weight)...)
	}
	name := draw(t, "event", names...)
	events[slices.IndexFunc(events, func(e event) bool { return e.name == name })].do(w)
	w.compare(name)
}

func (w *world) flip(label string) bool { return draw(w.t, label, false, true) }

// someone is mostly a person who has no place yet.
func (w *world) someone() *model.Person {
	return some(w, "who", w.cast, func(p *model.Person) bool { return w.m.LivingOf(p) == nil },
		func(p *model.Person) string { return p.Name })
}

// some draws one of a list, mostly of those that fit.
func some[T any](w *world, label string, list []T, fits func(T) bool, name func(T) string) T {
	var better []T
	for _, v := range list {
		if fits(v) {
			better = append(better, v)
		}
	}
	if len(better) > 0 && draw(w.t, "of", "those that fit", "those that fit", "those that fit", "all") != "all" {
		list = better
	}
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = name(v)
	}
	drawn := draw(w.t, label, names...)
	return list[slices.Index(names, drawn)]
}

// enrolmentThat draws an enrolment, mostly one of these statuses.
func (w *world) enrolmentThat(statuses ...string) *model.Enrolment {
	return some(w, "enrolment", w.m.Enrolments,
		func(e *model.Enrolment) bool { return slices.Contains(statuses, e.Status) }, w.label)
}

func (w *world) someHold() *model.Hold {
	return some(w, "which", w.m.Holds, func(h *model.Hold) bool { return w.m.Lives(h) && h.Elsewhere == 0 }, w.holdName)
}

func (w *world) holdName(h *model.Hold) string {
	where := ""
	if h.Elsewhere != 0 {
		where = " in " + elsewhere[h.Elsewhere]
	}
	return fmt.Sprintf("number %d, of %s%s until %s", slices.Index(w.m.Holds, h)+1, h.Person.Name, where, w.before(h.Ends))
}

// done notes that something may have changed.
func (w *world) done() { w.changed = time.Now() }

func (w *world) takeHold() { w.holdFor(w.someone()) }

// takeHoldsEverywhere lets one person hold as much as may be, and try once more.
func (w *world) takeHoldsEverywhere() {
	p := w.someone()
	for where := range elsewhere[1:] {
		w.holdElsewhere(p, where+1)
	}
	w.compare("holds in other runs")
	w.holdFor(p)
}

// dither lets one person take holds and give them back until there are no more.
func (w *world) dither() {
	p := w.someone()
	for range draw(w.t, "times", 2, 3) {
		w.holdFor(p)
		w.compare("hold")
		if h := w.m.HoldOf(p, 0); h != nil && !w.m.Away {
			w.dropHold(h)
			w.compare("drop")
		}
	}
}

func (w *world) holdFor(p *model.Person) {
	if h := w.m.HoldOf(p, 0); h != nil && w.m.LivingOf(p) != nil {
		return // of a hold kept besides an enrolment no paper says what asking again answers
	}
	want, s := w.m.TakeHold(p), w.server()
	got, err := newcomer(w, want, func() (enrolment.Held, error) { return s.Hold(w.Context(), w.actors[p.Name], w.code) })
	w.held("hold", fmt.Sprintf("%s asks for a hold", p.Name), want, got, err)
}

func (w *world) takeHoldElsewhere() {
	w.holdElsewhere(w.someone(), draw(w.t, "where", 1, 2, 3))
}

func (w *world) holdElsewhere(p *model.Person, where int) {
	want, s := w.m.TakeHoldElsewhere(p, where), w.server()
	got, err := s.Hold(w.Context(), w.actors[p.Name], elsewhere[where])
	w.held("hold elsewhere", fmt.Sprintf("%s asks for a hold in %s", p.Name, elsewhere[where]), want, got, err)
}

// held compares a hold.
func (w *world) held(event, what string, want model.Answer, got enrolment.Held, err error) {
	if want.Again {
		event += " again"
	}
	w.tally(event, want)
	w.judge(what, want, err)
	if err != nil {
		return
	}
	h := want.Hold
	w.tokens[h] = got.Token
	line := fmt.Sprintf("%s until %s, there before: %v", got.Country, w.instant(got.ExpiresAt, h.Ends), got.Existing)
	country := ""
	if h.Pool != nil {
		country = h.Pool.Country
	}
	if should := fmt.Sprintf("%s until %s, there before: %v", country, w.before(h.Ends), want.Again); line != should {
		w.fail("%s was answered a hold of %s, not of %s", what, line, should)
	}
	w.done()
}

func (w *world) drop() {
	if w.anyHold() {
		w.dropHold(w.someHold())
	}
}

func (w *world) dropHold(h *model.Hold) {
	want, s := w.m.Drop(h), w.server()
	w.tally("drop", want)
	w.judge(h.Person.Name+" drops the hold", want, s.Drop(w.Context(), w.actors[h.Person.Name], w.tokens[h]))
	w.done()
}

func (w *world) prolong() {
	h := w.someHold()
	if h.Cut || w.m.Closed {
		return // what is left of a hold cut short has no last fifth that a paper names
	}
	want, s := w.m.Prolong(h), w.server()
	w.tally("prolong", want)
	got, err := s.Prolong(w.Context(), w.actors[h.Person.Name], w.tokens[h])
	w.judge(h.Person.Name+" prolongs the hold", want, err)
	if err == nil && w.instant(got.ExpiresAt, h.Ends) != w.before(h.Ends) {
		w.fail("the hold was prolonged until %s, not %s", w.before(got.ExpiresAt), w.before(h.Ends))
	}
}

func (w *world) confirmHold() {
	if !w.anyHold() {
		return
	}
	h := w.someHold()
	w.confirm(h.Person, h, w.flip("wait"))
}

// confirm enrols somebody, of a hold or without one.
func (w *world) confirm(p *model.Person, h *model.Hold, wait bool) {
	token, what := "", p.Name+" enrols"
	if h != nil {
		token, what = w.tokens[h], p.Name+" confirms the hold"
	}
	before := len(w.m.Enrolments)
	want, s := w.m.Confirm(p, h, wait), w.server()
	ask := func() (enrolment.Enrolment, error) { return s.Confirm(w.Context(), w.actors[p.Name], w.code, token) }
	event := "enrol"
	if wait {
		what += " or waits"
		ask = func() (enrolment.Enrolment, error) {
			return s.ConfirmOrWait(w.Context(), w.actors[p.Name], w.code, token)
		}
	}
	if h != nil {
		event = "confirm"
	}
	if want.Enrolment != nil && len(w.m.Enrolments) == before {
		event += " again"
	}
	got, err := newcomer(w, want, ask)
	w.settled(event, what, want, got, err)
	w.done()
}

// forge uses a hold that is somebody else's, or none at all.
func (w *world) forge() {
	h, p := w.m.Holds[0], w.someone()
	token := w.tokens[h]
	if p == h.Person {
		token = "x" + token
	}
	want := model.Answer{No: []string{model.NotFound}}
	_, err := w.server().Confirm(w.Context(), w.actors[p.Name], w.code, token)
	w.tally("forged", want)
	w.judge(p.Name+" confirms a hold that is no hold of this person", want, err)
	w.judge(p.Name+" drops it", want, w.server().Drop(w.Context(), w.actors[p.Name], token))
}
