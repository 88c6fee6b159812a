package model_test

import (
	"fmt"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/proof/model"
	"github.com/varde-platform/varde/internal/training"
)

func (w *world) cancel() {
	e := w.enrolmentThat(model.Confirmed, model.Pending, model.Offered, model.Waiting)
	by := draw(w.t, "by", e.Person.Name, teacher, w.officerOf(e.Person))
	want, s := w.m.Cancel(e, by == e.Person.Name), w.server()
	got, err := s.Cancel(w.Context(), w.actors[by], w.refs[e])
	w.settled("cancel", fmt.Sprintf("%s cancels %s", by, w.label(e)), want, got, err)
	w.done()
}

// officerOf speaks for the agency of a person, or the administrator where there
// is none.
func (w *world) officerOf(p *model.Person) string {
	switch p.Agency {
	case "lv":
		return officerLV
	case "ee":
		return officerEE
	}
	return admin
}

func (w *world) accept() {
	if !w.anyEnrolment() {
		return
	}
	e := w.enrolmentThat(model.Offered, model.Waiting)
	was := e.Status
	want, s := w.m.Accept(e), w.server()
	got, err := s.Accept(w.Context(), w.actors[e.Person.Name], w.refs[e])
	w.settled("accept "+was, w.label(e)+" accepts", want, got, err)
	w.done()
}

func (w *world) decline() {
	if !w.anyEnrolment() {
		return
	}
	e := w.enrolmentThat(model.Offered, model.Pending)
	by := draw(w.t, "by", e.Person.Name, w.officerOf(e.Person))
	if by == admin { // may decline for either
		by = e.Person.Name
	}
	want, s := w.m.Decline(e, by == e.Person.Name), w.server()
	got, err := s.Decline(w.Context(), w.actors[by], w.refs[e])
	w.settled("decline", fmt.Sprintf("%s declines %s", by, w.label(e)), want, got, err)
	w.done()
}

func (w *world) approve() {
	if !w.anyEnrolment() {
		return
	}
	e := w.enrolmentThat(model.Pending)
	by := draw(w.t, "by", w.officerOf(e.Person), admin)
	want, s := w.m.Approve(e), w.server()
	got, err := s.Approve(w.Context(), w.actors[by], w.refs[e])
	w.settled("approve", fmt.Sprintf("%s approves %s", by, w.label(e)), want, got, err)
	w.done()
}

func (w *world) replace() {
	if !w.anyEnrolment() {
		return
	}
	e := w.enrolmentThat(model.Confirmed, model.Pending)
	next := some(w, "by whom", w.cast, func(p *model.Person) bool {
		return p.Agency == e.Person.Agency && p != e.Person && p.Agency != ""
	}, func(p *model.Person) string { return p.Name })
	if e.Person.Agency == "" {
		return // nobody but the administrator could, and there is no agency to take another of
	}
	want, s := w.m.Replace(e, next), w.server()
	by := w.officerOf(e.Person)
	got, err := s.Replace(w.Context(), w.actors[by], w.refs[e], next.Name+"@example.org")
	w.settled("replace", fmt.Sprintf("%s replaces %s by %s", by, w.label(e), next.Name), want, got, err)
	w.done()
}

func (w *world) admit() {
	if !w.anyEnrolment() {
		return
	}
	e := w.enrolmentThat(model.Waiting)
	by := draw(w.t, "by", teacher, admin)
	want, s := w.m.Admit(e), w.server()
	got, err := s.Admit(w.Context(), w.actors[by], w.refs[e])
	w.settled("admit", fmt.Sprintf("%s admits %s", by, w.label(e)), want, got, err)
	w.done()
}

// outOfPlace lets people try what is not theirs to do: nothing changes.
func (w *world) outOfPlace() {
	e := w.enrolmentThat(model.Offered, model.Pending, model.Waiting, model.Confirmed)
	stranger := w.someone()
	other := map[string]string{officerLV: officerEE, officerEE: officerLV, admin: officerLV}[w.officerOf(e.Person)]
	type try struct {
		by string
		do func(training.Actor) (enrolment.Enrolment, error)
	}
	ctx, ref, s := w.Context(), w.refs[e], w.server()
	accept := func(a training.Actor) (enrolment.Enrolment, error) { return s.Accept(ctx, a, ref) }
	approve := func(a training.Actor) (enrolment.Enrolment, error) { return s.Approve(ctx, a, ref) }
	decline := func(a training.Actor) (enrolment.Enrolment, error) { return s.Decline(ctx, a, ref) }
	cancel := func(a training.Actor) (enrolment.Enrolment, error) { return s.Cancel(ctx, a, ref) }
	admit := func(a training.Actor) (enrolment.Enrolment, error) { return s.Admit(ctx, a, ref) }
	replace := func(a training.Actor) (enrolment.Enrolment, error) { return s.Replace(ctx, a, ref, "lv3@example.org") }
	tries := []try{{other, approve}, {other, decline}, {other, cancel}, {other, replace}, {other, accept}, {other, admit},
		{teacher, approve}, {teacher, accept}, {teacher, replace}, {admin, accept}}
	if stranger != e.Person {
		tries = append(tries, try{stranger.Name, accept}, try{stranger.Name, decline}, try{stranger.Name, cancel},
			try{stranger.Name, approve}, try{stranger.Name, admit}, try{stranger.Name, replace})
	}
	i := draw(w.t, "try", indexes(len(tries))...)
	want := model.Answer{No: []string{model.NotFound, "forbidden"}}
	_, err := tries[i].do(w.actors[tries[i].by])
	w.judge(fmt.Sprintf("%s tries %d with %s", tries[i].by, i, w.label(e)), want, err)
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func (w *world) resize() {
	country := draw(w.t, "pool", w.countries("")...)
	size, is := 0, &model.Pool{Size: 1}
	if country == "" {
		is = w.m.Pools[0]
	} else if q := w.m.Quota(country); q != nil {
		is = q
	}
	size = is.Size + draw(w.t, "by", 1, -1, 2, -2, -100)
	want, s := w.m.Resize(country, size), w.server()
	w.tally("resize", want)
	err := s.Resize(w.Context(), w.actors[admin], w.code, country, size)
	w.judge(fmt.Sprintf("%s is given %d seats", poolName(&model.Pool{Country: country}), size), want, err)
	w.done()
}

// countries are those of the quotas, with others.
func (w *world) countries(more ...string) []string {
	list := more
	for _, q := range w.m.Pools[1:] {
		list = append(list, q.Country)
	}
	return list
}

func (w *world) release() {
	country := draw(w.t, "quota", w.countries("SE")...)
	want, s := w.m.Release(country), w.server()
	w.tally("release", want)
	w.judge("the quota of "+country+" is released", want, s.ReleaseQuota(w.Context(), w.actors[admin], w.code, country))
	w.done()
}

// mayRestore: what becomes of holds whose quota was suspended and restored while
// Redis could not be told, the papers leave open.
func (w *world) mayRestore() bool { return !w.m.Away && len(w.suspended()) > 0 }

func (w *world) suspended() []string {
	var list []string
	for _, country := range []string{"LV", "EE", "SE"} {
		if w.m.Suspended[country] {
			list = append(list, country)
		}
	}
	return list
}

func (w *world) suspend() { w.setSuspended(draw(w.t, "state", "LV", "EE", "SE"), true) }
func (w *world) restore() { w.setSuspended(draw(w.t, "state", w.suspended()...), false) }

func (w *world) setSuspended(country string, suspended bool) {
	w.m.Suspend(country, suspended)
	ctx := w.Context()
	if err := w.people.SetSuspended(ctx, w.actors[admin], country, suspended); err != nil {
		w.fail("suspend %s: %v", country, err)
	}
	if err := w.server().FollowState(ctx, country); err != nil {
		w.fail("follow %s: %v", country, err)
	}
	w.t.Logf("%s: %s is suspended: %v", w.clock(), country, suspended)
	w.happened[fmt.Sprintf("suspend %v", suspended)]++
	w.done()
	w.sweep() // at most a second later
}

func (w *world) closeRun() {
	want := w.m.CloseRun()
	w.tally("close", want)
	w.judge("the teacher closes the run", want, w.roster.Close(w.Context(), w.actors[teacher], w.code))
	if len(want.No) == 0 {
		w.move() // what servers remember for a second is not of interest
	}
}
