package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/training"
)

// crowd is people who all want the same seats.
type crowd struct {
	desk   desk
	ledger *ledger
	runs   []run
	people []cluster.Person
	seed   uint64
}

// run is what a crowd knows of a run of a course.
type run struct {
	code  string
	size  int
	waits bool // people join its waiting list
}

// pause is the longest that somebody thinks between two questions.
const pause = 800 * time.Millisecond

// bustle lets everybody go on until the context ends, and then come to the end
// of what they are at.
func (c *crowd) bustle(ctx context.Context) {
	var all sync.WaitGroup
	for i, p := range c.people {
		m := &member{crowd: c, Person: p, dice: rand.New(rand.NewPCG(c.seed, uint64(i))), mine: map[string]string{}}
		all.Go(func() {
			for ctx.Err() == nil {
				m.act()
				m.think(ctx)
			}
		})
	}
	all.Wait()
}

// member is one of them. It asks one thing after the other.
type member struct {
	*crowd
	cluster.Person
	dice *rand.Rand
	mine map[string]string // run -> enrolment that stands, as far as the person knows
	keys int
}

func (m *member) think(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(m.dice.Int64N(int64(pause)))):
	}
}

// act does one thing that people do.
func (m *member) act() {
	r := m.runs[m.dice.IntN(len(m.runs))]
	if m.dice.IntN(2) == 0 { // whoever waits or has a seat looks at that more often than elsewhere
		for _, other := range m.runs {
			if m.mine[other.code] != "" {
				r = other
			}
		}
	}
	if id := m.mine[r.code]; id != "" {
		m.lookAfter(r, id)
		return
	}
	switch n := m.dice.IntN(10); {
	case n < 5:
		m.holdAndConfirm(r)
	case n < 9:
		m.enrol(r, "")
	default:
		if hold := m.hold(r); hold != "" {
			m.ask("drop", cluster.Request{Method: "DELETE", Path: "/holds/" + hold})
		}
	}
}

func (m *member) holdAndConfirm(r run) {
	hold := m.hold(r)
	m.think(context.Background())
	if hold != "" || m.dice.IntN(2) == 0 {
		m.enrol(r, hold)
	}
}

func (m *member) hold(r run) string {
	answer, err := m.ask("hold", cluster.Request{Method: "POST", Path: "/runs/" + r.code + "/holds"})
	var held struct{ Hold string }
	if err != nil || answer.Status >= 300 {
		return ""
	}
	if err := answer.Into(&held); err != nil {
		m.ledger.wonder("a hold: %v", err)
	}
	return held.Hold
}

// enrolment is what the API says of one.
type enrolment struct {
	ID, Run string
	Status  training.Status
}

// enrol asks for a seat, half of the time in a way that may be asked again.
func (m *member) enrol(r run, hold string) {
	what, body := "enrol", map[string]any{}
	if hold != "" {
		what, body["hold"] = "confirm", hold
	}
	if r.waits {
		body["wait"] = true
	}
	request := cluster.Request{Method: "POST", Path: "/runs/" + r.code + "/enrolments", Body: body}
	tries := 1
	if m.dice.IntN(2) == 0 {
		m.keys++
		request.Key, tries = fmt.Sprintf("%s-%s-%d", r.code, m.Email, m.keys), 3
	}
	for range tries {
		answer, err := m.ask(what, request)
		if err == nil && answer.Status < 500 && answer.Code != "conflict" {
			m.answered(r, answer)
			return
		}
		m.ledger.lostTrack(who{m.Email, r.code})
	}
	m.learn()
}

func (m *member) answered(r run, answer cluster.Answer) {
	if answer.Status == 201 {
		if e, ok := m.note(answer); ok && !e.Status.Living() {
			m.ledger.wonder("%s asks for a seat in %s and gets enrolment %s, which is %s", m.Email, r.code, e.ID, e.Status)
		}
	} else if answer.Code == "already_enrolled" {
		m.learn()
	}
}

// learn looks at the list of one's own enrolments, as people do who got no
// clear answer.
func (m *member) learn() {
	answer, err := m.ask("look", cluster.Request{Method: "GET", Path: "/me/enrolments"})
	if err != nil || answer.Status != 200 {
		return
	}
	var list struct{ Items []enrolment }
	if err := answer.Into(&list); err != nil {
		m.ledger.wonder("own enrolments: %v", err)
	}
	for _, e := range list.Items {
		if m.knows(e.Run) {
			m.remember(e)
		}
	}
}

// knows tells the runs of this crowd from those of earlier ones.
func (m *member) knows(code string) bool {
	for _, r := range m.runs {
		if r.code == code {
			return true
		}
	}
	return false
}

func (m *member) note(answer cluster.Answer) (enrolment, bool) {
	var e enrolment
	if err := answer.Into(&e); err != nil || e.ID == "" || !m.knows(e.Run) {
		m.ledger.wonder("an enrolment that is none: %d %s (%v)", answer.Status, answer.Body, err)
		return e, false
	}
	m.remember(e)
	return e, true
}

func (m *member) remember(e enrolment) {
	m.ledger.saw(e.ID, who{m.Email, e.Run}, e.Status)
	switch {
	case e.Status.Living():
		m.mine[e.Run] = e.ID
	case m.mine[e.Run] == e.ID:
		delete(m.mine, e.Run)
	}
}

// lookAfter is what people do who have a seat or wait for one: most keep it,
// some leave, and whoever is offered a seat mostly takes it.
func (m *member) lookAfter(r run, id string) {
	answer, err := m.ask("look", cluster.Request{Method: "GET", Path: "/enrolments/" + id})
	if err != nil || answer.Status != 200 {
		return
	}
	e, ok := m.note(answer)
	switch n := m.dice.IntN(10); {
	case !ok || !e.Status.Living():
	case e.Status == training.Offered && n < 6:
		m.step(id, "accept")
	case e.Status == training.Offered && n < 8:
		m.step(id, "decline")
	case e.Status == training.Confirmed && n < 4, e.Status == training.Waiting && n < 1:
		m.step(id, "cancel")
	}
}

func (m *member) step(id, step string) {
	m.ledger.asks(id, step)
	answer, err := m.ask(step, cluster.Request{Method: "POST", Path: "/enrolments/" + id + "/" + step})
	if err == nil && answer.Status == 200 {
		m.note(answer)
	}
}

// refusals are the answers that somebody with a true token and a good question
// may get.
var refusals = map[string]bool{"seat_gone": true, "hold_expired": true, "already_enrolled": true, "conflict": true,
	"rate_limited": true, "unavailable": true, "internal": true}

// ask asks any of the servers, and counts.
func (m *member) ask(what string, r cluster.Request) (cluster.Answer, error) {
	r.Token = m.Token
	server := m.dice.IntN(len(m.desk.cluster.Servers))
	m.desk.tally.begin(server)
	began := time.Now()
	answer, err := m.desk.client.Do(context.Background(), m.desk.cluster.Servers[server], r)
	c := call{what: what, server: server, status: answer.Status, code: answer.Code, began: began, took: time.Since(began)}
	var e enrolment
	if answer.Status/100 == 2 && len(answer.Body) > 0 && answer.Into(&e) == nil {
		c.code = string(e.Status)
	}
	m.desk.tally.end(c)
	if answer.Status >= 400 && !refusals[answer.Code] {
		m.ledger.wonder("%s %s is answered %d: %s", r.Method, r.Path, answer.Status, answer.Body)
	}
	return answer, err
}
