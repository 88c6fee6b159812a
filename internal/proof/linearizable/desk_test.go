package linearizable_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// flaw is what is wrong with a desk.
type flaw string

const (
	flawless     flaw = "one thing after the other"
	countsFirst  flaw = "counts, and then takes the seat"
	answersFirst flaw = "answers, and then writes the enrolment down"
	loses        flaw = "loses every third enrolment"
)

// desk gives seats out of memory at Varde's addresses, for runs without approval
// and waiting list. It shows what the check says of a program that is right, and of
// one that is not.
type desk struct {
	flaw   flaw
	runs   []*run
	people map[string]*person // by token

	mu     sync.Mutex
	given  int // tokens and references
	holds  []*seat
	places []*seat
}

// seat is one that is held or taken.
type seat struct {
	run    *run
	person *person
	pool   int8
	token  string // of the hold
	ref    string // of the enrolment; empty: a hold
	status string
}

func newDesk(w *world, f flaw) *desk {
	d := &desk{flaw: f, runs: w.runs, people: map[string]*person{}}
	for _, p := range w.people {
		p.token = p.email
		d.people[p.token] = p
	}
	return d
}

// visit is a request at the desk.
type visit struct {
	*desk
	person *person
	run    *run
}

// reply is an answer: a status and its body.
type reply struct {
	status int
	body   any
}

type object = map[string]any

func refusal(code string) reply {
	return reply{http.StatusConflict, object{"code": code, "status": http.StatusConflict}}
}

func (d *desk) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(visit, *http.Request) reply{
		"POST /api/v1/runs/{run}/holds":      visit.takeHold,
		"DELETE /api/v1/holds/{hold}":        visit.dropHold,
		"POST /api/v1/runs/{run}/enrolments": visit.confirm,
		"POST /api/v1/enrolments/{ref}/{do}": visit.change,
		"GET /api/v1/runs/{run}":             visit.seats,
		"GET /api/v1/me/enrolments":          visit.own,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { d.answer(w, r, do) })
	}
	return mux
}

func (d *desk) answer(w http.ResponseWriter, r *http.Request, do func(visit, *http.Request) reply) {
	v := visit{desk: d, person: d.people[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]}
	if i := slices.IndexFunc(d.runs, func(of *run) bool { return of.code == r.PathValue("run") }); i >= 0 {
		v.run = d.runs[i]
	}
	d.mu.Lock()
	answer := do(v, r)
	d.mu.Unlock()
	w.WriteHeader(answer.status)
	if answer.body != nil {
		json.NewEncoder(w).Encode(answer.body) //nolint:errcheck // a client that has gone needs no answer
	}
}

// number gives a new token or reference.
func (d *desk) number(letter string) string {
	d.given++
	return fmt.Sprintf("%s%d", letter, d.given)
}

// mine gives the person's hold or living enrolment in the run, or nil.
func (v visit) mine(list []*seat) *seat {
	i := slices.IndexFunc(list, func(s *seat) bool {
		return s.person == v.person && s.run == v.run && s.status != cancelled.String()
	})
	if i < 0 {
		return nil
	}
	return list[i]
}

func (d *desk) count(list []*seat, r *run, pool int8) int {
	n := 0
	for _, s := range list {
		if s.run == r && s.pool == pool && s.status != cancelled.String() {
			n++
		}
	}
	return n
}

// find gives a free seat of the person's pools, or nil.
func (v visit) find() *seat {
	for _, pool := range v.run.usable(v.person.country) {
		if v.count(v.holds, v.run, pool)+v.count(v.places, v.run, pool) >= v.run.pools[pool].size {
			continue
		}
		if v.flaw == countsFirst {
			v.mu.Unlock()
			time.Sleep(time.Millisecond)
			v.mu.Lock()
		}
		return &seat{run: v.run, person: v.person, pool: pool}
	}
	return nil
}

func (v visit) country(s *seat) any {
	if country := v.run.pools[s.pool].country; country != "" {
		return country
	}
	return nil
}

func (v visit) takeHold(*http.Request) reply {
	if v.mine(v.places) != nil {
		return refusal("already_enrolled")
	}
	if s := v.mine(v.holds); s != nil {
		return reply{http.StatusOK, object{"hold": s.token, "pool": v.country(s)}}
	}
	s := v.find()
	if s == nil {
		return refusal("seat_gone")
	}
	s.token = v.number("h")
	v.desk.holds = append(v.holds, s)
	return reply{http.StatusCreated, object{"hold": s.token, "pool": v.country(s)}}
}

func (v visit) dropHold(r *http.Request) reply {
	v.end(r.PathValue("hold"))
	return reply{status: http.StatusNoContent}
}

func (v visit) end(hold string) {
	v.desk.holds = slices.DeleteFunc(v.holds, func(s *seat) bool { return s.token == hold })
}

func (v visit) confirm(r *http.Request) reply {
	var form struct{ Hold string }
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		return reply{status: http.StatusBadRequest}
	}
	if i := slices.IndexFunc(v.places, func(s *seat) bool { return form.Hold != "" && s.token == form.Hold }); i >= 0 {
		return v.enrolled(v.places[i])
	}
	if v.mine(v.places) != nil {
		return refusal("already_enrolled")
	}
	s := v.mine(v.holds)
	if form.Hold != "" && (s == nil || s.token != form.Hold) {
		return refusal("hold_expired")
	}
	if s == nil {
		s = v.find()
	}
	if s == nil {
		return refusal("seat_gone")
	}
	v.end(s.token)
	placed := *s
	placed.ref, placed.status = v.number("e"), confirmed.String()
	v.store(&placed)
	return v.enrolled(&placed)
}

func (v visit) store(s *seat) {
	switch {
	case v.flaw == answersFirst:
		time.AfterFunc(2*time.Millisecond, func() {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.desk.places = append(v.places, s)
		})
	case v.flaw != loses || v.given%3 > 0:
		v.desk.places = append(v.places, s)
	}
}

func (v visit) enrolled(s *seat) reply {
	return reply{http.StatusCreated, object{"id": s.ref, "status": s.status, "pool": v.country(s)}}
}

// change cancels; there is nothing to accept or to decline.
func (v visit) change(r *http.Request) reply {
	i := slices.IndexFunc(v.places, func(s *seat) bool { return s.ref == r.PathValue("ref") })
	if i < 0 {
		return reply{http.StatusNotFound, object{"code": "not_found"}}
	}
	s := v.places[i]
	if r.PathValue("do") != string(askCancel) || s.status == cancelled.String() {
		return refusal("conflict")
	}
	s.status = cancelled.String()
	return reply{http.StatusOK, object{"id": s.ref, "status": s.status}}
}

func (v visit) seats(*http.Request) reply {
	var pools []object
	sum := map[string]int{}
	for i, p := range v.run.pools {
		of := map[string]int{"size": p.size, "taken": v.count(v.places, v.run, int8(i)), "held": v.count(v.holds, v.run, int8(i))}
		of["free"] = max(0, of["size"]-of["taken"]-of["held"])
		one := object{"country": v.country(&seat{pool: int8(i)})}
		for what, n := range of {
			one[what] = n
			sum[what] += n
		}
		pools = append(pools, one)
	}
	return reply{http.StatusOK, object{"seats": sum, "pools": pools}}
}

func (v visit) own(*http.Request) reply {
	items := []object{}
	for _, s := range slices.Backward(v.places) {
		if s.person == v.person {
			items = append(items, object{"id": s.ref, "run": s.run.code, "status": s.status})
		}
	}
	return reply{http.StatusOK, object{"items": items}}
}
