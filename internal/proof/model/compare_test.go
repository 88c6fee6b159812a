package model_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/audit"
	"github.com/varde-platform/varde/internal/proof/model"
	"github.com/varde-platform/varde/internal/training"
	"github.com/varde-platform/varde/locales"
)

// compare holds the program's rows, and what it shows, to the model.
func (w *world) compare(after string) {
	w.m.Settle()
	if diff := cmp.Diff(w.wantFigures(), w.gotFigures()); diff != "" {
		w.fail("after %s, figures (-want +got):\n%s", after, diff)
	}
	rows, err := w.DB.Ent.Enrolment.Query().Where(enrolment.HasRunWith(run.Code(w.code))).
		WithPool().WithEvents(func(q *ent.EnrolmentEventQuery) { q.Order(ent.Asc("id")) }).All(w.Context())
	if err != nil {
		w.stage.t.Fatal(err)
	}
	byRef := map[string]*ent.Enrolment{}
	for _, row := range rows {
		byRef[row.Ref] = row
	}
	want, got := map[string]string{}, map[string]string{}
	for _, e := range w.m.Enrolments {
		want[w.label(e)] = w.wantLine(e)
		if row := byRef[w.refs[e]]; row != nil {
			got[w.label(e)] = w.gotLine(e, row)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(rows) != len(want) {
		w.fail("after %s, %d enrolments, not %d (-want +got):\n%s", after, len(rows), len(want), diff)
	}
	for _, e := range w.m.Enrolments {
		w.compareHistory(after, e, byRef[w.refs[e]].Edges.Events)
	}
	w.comparePlaces(after)
	w.audit(after)
}

func (w *world) wantFigures() map[string]string {
	want := map[string]string{"waiting": fmt.Sprint(len(w.m.List())), "held known": fmt.Sprint(!w.m.Away)}
	all := 0
	for _, p := range w.m.Pools {
		held := 0
		if !w.m.Away {
			held = w.m.Held(p)
		}
		all += held
		want[poolName(p)] = w.figures(p.Size, p.Taken, held, w.m.WaitingFor(p))
	}
	want["held"] = fmt.Sprint(all)
	return want
}

// figures of a pool. Where holds lie of which Redis was not told yet that their
// seats moved, only the sum of what is held is shown right.
func (w *world) figures(size, taken, held, waiting int) string {
	line := fmt.Sprintf("size %d taken %d waiting %d", size, taken, waiting)
	if slices.ContainsFunc(w.m.Holds, func(h *model.Hold) bool { return h.Adrift && w.m.Lives(h) }) {
		return line
	}
	return fmt.Sprintf("%s held %d", line, held)
}

func (w *world) gotFigures() map[string]string {
	seats, err := w.servers[0].Seats(w.Context(), training.Actor{}, w.code)
	if err != nil {
		w.fail("seats: %v", err)
	}
	got := map[string]string{"waiting": fmt.Sprint(seats.Waiting), "held known": fmt.Sprint(seats.HeldKnown)}
	all := 0
	for _, p := range seats.Pools {
		all += p.Held
		got[poolName(&model.Pool{Country: p.Country})] = w.figures(p.Size, p.Taken, p.Held, p.Waiting)
	}
	got["held"] = fmt.Sprint(all)
	return got
}

func (w *world) wantLine(e *model.Enrolment) string {
	return fmt.Sprintf("%s pool %s until %s", e.Status, poolName(e.Pool), w.instant(e.Deadline, e.Deadline))
}

func (w *world) gotLine(e *model.Enrolment, row *ent.Enrolment) string {
	var pool *model.Pool
	if p := row.Edges.Pool; p != nil {
		pool = &model.Pool{Country: p.Country}
	}
	var deadline time.Time
	if row.DeadlineAt != nil {
		deadline = *row.DeadlineAt
	}
	return fmt.Sprintf("%s pool %s until %s", row.Status, poolName(pool), w.instant(deadline, e.Deadline))
}

// instant says when, forgiving the real time that has passed besides.
func (w *world) instant(at, want time.Time) string {
	if at.IsZero() {
		return "-"
	}
	if at.Sub(want).Abs() < tick/2 {
		at = want
	}
	return w.before(at)
}

// compareHistory looks at the lines that are new: each step is written, with a
// reason that the person can read.
func (w *world) compareHistory(after string, e *model.Enrolment, events []*ent.EnrolmentEvent) {
	next := w.matched[e]
	e.Steps = append(e.Steps[:next], resolve(e.Steps[next:], len(events)-next)...)
	w.matched[e] = len(e.Steps)
	var want, got []string
	for _, step := range e.Steps[next:] {
		want = append(want, stepLine(step))
	}
	for i := next; i < len(events); i++ {
		step := model.Step{To: events[i].ToStatus}
		if country, ok := events[i].Args["country"].(string); ok && step.To == model.Offered {
			step.Quota = country
		}
		if place, ok := events[i].Args["position"].(float64); ok {
			step.Place = int(place)
		}
		got = append(got, stepLine(step))
		if !readable()[events[i].Reason] {
			w.fail("after %s, the reason %q of a step has no words", after, events[i].Reason)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.fail("after %s, new lines in the history of %s (-want +got):\n%s", after, w.label(e), diff)
	}
}

// resolve keeps as many of the steps that the papers leave open as there are
// lines for.
func resolve(steps []model.Step, lines int) []model.Step {
	for _, step := range steps {
		if !step.Maybe {
			lines--
		}
	}
	var kept []model.Step
	for _, step := range steps {
		if step.Maybe {
			if lines <= 0 {
				continue
			}
			lines--
		}
		kept = append(kept, step)
	}
	return kept
}

func stepLine(s model.Step) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %d", s.To, s.Quota, s.Place))
}

// readable are the reasons that have a sentence.
var readable = sync.OnceValue(func() map[string]bool {
	text, err := locales.Files.ReadFile("en.json")
	if err != nil {
		panic(err)
	}
	messages := map[string]any{}
	if err := json.Unmarshal(text, &messages); err != nil {
		panic(err)
	}
	known := map[string]bool{}
	for key := range messages {
		known[key] = strings.HasPrefix(key, "event.")
	}
	return known
})

// comparePlaces asks everybody who waits for the place, if places have changed.
func (w *world) comparePlaces(after string) {
	suspended := 0
	for _, is := range w.m.Suspended {
		if is {
			suspended++
		}
	}
	want := map[string]string{}
	for _, e := range w.m.List() {
		if w.m.Skips(e) && suspended > 1 { // which of the others keep their place before it, no paper says
			continue
		}
		all, own := w.m.Place(e)
		want[w.label(e)] = fmt.Sprintf("%d own %d skipped %v", all, own, w.m.Skips(e))
	}
	if fmt.Sprint(want) == w.places {
		return
	}
	w.places = fmt.Sprint(want)
	got := map[string]string{}
	for _, e := range w.m.List() {
		if _, asked := want[w.label(e)]; asked {
			shown := w.shown(e)
			got[w.label(e)] = fmt.Sprintf("%d own %d skipped %v", shown.Standing.Any, shown.Standing.Own, shown.Skipped)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.fail("after %s, places in the list (-want +got):\n%s", after, diff)
	}
}

// checkInvitation holds the page to what people are told shortly before the start.
func (w *world) checkInvitation(e *model.Enrolment) {
	must, mustNot := w.m.MustSee(e)
	if !must && !mustNot {
		return
	}
	if may := w.shown(e).MayAccept(); may != must {
		w.fail("%s is shown a seat to accept: %v", w.label(e), may)
	}
}

// compareMails counts what was put into the outbox for the people.
func (w *world) compareMails() {
	rows, err := w.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.EnrolmentMail)).All(w.Context())
	if err != nil {
		w.stage.t.Fatal(err)
	}
	named := map[string]int{}
	for _, row := range rows {
		var mail training.EnrolmentMailJob
		if err := json.Unmarshal(row.Payload, &mail); err != nil {
			w.stage.t.Fatal(err)
		}
		named[mail.Name]++
	}
	got := map[model.Mail]int{}
	for mail, name := range map[model.Mail]string{model.TellOffer: "seat_offered", model.TellLapse: "offer_lapsed",
		model.AskApproval: "approval_asked", model.TellApproval: "approval_given"} {
		if named[name] > 0 {
			got[mail] = named[name]
		}
	}
	if diff := cmp.Diff(w.m.Mails, got); diff != "" {
		w.fail("at the end, mails of offers, lapses, approvals asked and given (-want +got):\n%s", diff)
	}
}

// audit asks the program's own recount.
func (w *world) audit(after string) {
	breaches, err := audit.Run(w.Context(), w.DB)
	if err != nil || len(breaches) > 0 {
		w.t.Logf("audit: %v, %v", breaches, err)
		w.fail("after %s, the audit names %d breaches, error %v", after, len(breaches), err != nil)
	}
}
