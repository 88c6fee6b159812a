package model_test

import (
	"slices"
	"time"
)

// timePasses lets both clocks go on, to an instant of interest or by a while.
func (w *world) timePasses() {
	whiles := map[string]time.Duration{"a moment": tick, "a hold's time to the last fifth": 4 * holdLife / 5, "a hold's life": holdLife,
		"an hour": hour, "a day": day, "two days": 2 * day, "a week": 7 * day}
	instants := map[string]time.Time{"until something ends": w.m.Due(), "until the last 48 hours": w.m.Starts.Add(-48 * hour),
		"until the start": w.m.Starts, "until enrolment closes": w.m.Closes}
	choice := []string{"a moment", "an hour", "an hour", "a day", "two days", "a week", "until something ends", "until something ends",
		"until something ends", "until the last 48 hours", "until the start", "until enrolment closes"}
	if w.anyHoldLives() {
		short := []string{"a moment", "a hold's life", "a hold's time to the last fifth", "a hold's time to the last fifth"}
		choice = slices.Concat(slices.Repeat(short, 3), choice)
	}
	long := draw(w.t, "how long", choice...)
	to := w.m.Now.Add(whiles[long])
	if at, ok := instants[long]; ok {
		to = at
	}
	if to.Before(w.m.Now.Add(tick)) {
		to = w.m.Now.Add(tick)
	}
	w.pass(to)
	w.t.Logf("%s: time has passed", w.clock())
	w.happened["time passes"]++
}

// outage lets time pass while no server looks, up to what ends next: several
// things that end in one go have no order that a paper names.
func (w *world) outage() {
	next := w.m.Due()
	if next.IsZero() {
		return
	}
	w.advance(next)
	w.t.Logf("%s: time has passed, and nobody looked", w.clock())
	w.happened["outage"]++
}

func (w *world) redisForgets() {
	if err := w.Redis.FlushDB(w.Context()).Err(); err != nil {
		w.fail("flush Redis: %v", err)
	}
	w.m.Forget()
	w.t.Logf("%s: Redis has forgotten everything", w.clock())
	w.happened["forget"]++
	w.done()
}

func (w *world) redisGoesOrComes() {
	w.m.Away = !w.m.Away
	w.link.away.Store(w.m.Away)
	w.t.Logf("%s: Redis is away: %v", w.clock(), w.m.Away)
	w.happened["away"]++
	w.done()
}
