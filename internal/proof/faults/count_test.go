package faults

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/training"
)

// count holds everything that must be true after any weather.
func (sc *scene) count(t *testing.T) {
	t.Helper()
	sc.everyServerAnswers(t)
	sc.audit(t)
	sc.promisesAreKept(t)
	sc.listsRunEmpty(t)
	sc.everyFreeSeatCanBeTaken(t)
	sc.audit(t)
	sc.promisesAreKept(t)
	sc.nothingBroke(t)
}

// nothingBroke: no server had to be started by anybody but whoever killed it,
// and none panicked.
func (sc *scene) nothingBroke(t *testing.T) {
	t.Helper()
	for i, server := range sc.cluster.Servers {
		if server.Ended() {
			t.Errorf("server %d has ended", i)
		}
		panics, err := server.Log(cluster.Panicked)
		must(t, err)
		if len(panics) > 0 {
			t.Errorf("server %d panicked: %v", i, panics)
		}
	}
}

// everyServerAnswers: holds are back on each, though nobody has restarted it.
func (sc *scene) everyServerAnswers(t *testing.T) {
	t.Helper()
	for i, server := range sc.cluster.Servers {
		eventually(t, limit, fmt.Sprintf("a hold on server %d", i), func() error {
			state, err := server.Readiness(t.Context())
			if err != nil || state["redis"] != "ok" {
				return fmt.Errorf("/readyz: %v (%w)", state, err)
			}
			prober := sc.probers[sc.probed%probers]
			sc.probed++
			return sc.holdAndDrop(t, server, prober)
		})
	}
}

func (sc *scene) holdAndDrop(t *testing.T, server *cluster.Server, p cluster.Person) error {
	answer, err := sc.client.Do(t.Context(), server, cluster.Request{Method: "POST", Path: "/runs/" + sc.probe() + "/holds", Token: p.Token})
	if err != nil {
		return err
	}
	var held struct{ Hold string }
	if answer.Status != 201 || answer.Into(&held) != nil {
		return fmt.Errorf("hold: %d %s", answer.Status, answer.Body)
	}
	answer, err = sc.client.Do(t.Context(), server, cluster.Request{Method: "DELETE", Path: "/holds/" + held.Hold, Token: p.Token})
	if err == nil && answer.Status != 204 {
		err = fmt.Errorf("drop: %d %s", answer.Status, answer.Body)
	}
	return err
}

func (sc *scene) audit(t *testing.T) {
	t.Helper()
	eventually(t, settleLimit, "audit", func() error { return sc.cluster.Audit(t.Context()) })
}

func (sc *scene) promisesAreKept(t *testing.T) {
	t.Helper()
	sizes := map[string]int{}
	for _, r := range sc.runs {
		sizes[r.code] = r.size
	}
	for _, finding := range sc.ledger.check(sc.rows(t, sc.name), sizes) {
		t.Error(finding)
	}
}

// listsRunEmpty: whoever still waits leaves, and whoever has an offer answers
// it. While somebody waits, the seats are not for newcomers.
func (sc *scene) listsRunEmpty(t *testing.T) {
	t.Helper()
	tokens := map[string]string{}
	for _, p := range sc.stage.crowd {
		tokens[p.Email] = p.Token
	}
	steps := map[training.Status]string{training.Waiting: "cancel", training.Offered: "accept"}
	eventually(t, limit, "empty the waiting lists", func() error {
		left := 0
		for _, r := range sc.rows(t, sc.name) {
			step := steps[r.status]
			if step == "" {
				continue
			}
			left++
			sc.ledger.saw(r.id, r.who, r.status)
			sc.ledger.asks(r.id, step)
			request := cluster.Request{Method: "POST", Path: "/enrolments/" + r.id + "/" + step, Token: tokens[r.person]}
			answer, err := sc.client.Do(t.Context(), sc.cluster.Servers[left%servers], request)
			if err != nil || answer.Status != 200 && answer.Code != "conflict" { // time may have moved it on
				return fmt.Errorf("%s enrolment %s: %d %s (%w)", step, r.id, answer.Status, answer.Body, err)
			}
			var e enrolment
			if answer.Status == 200 {
				must(t, answer.Into(&e))
				sc.ledger.saw(e.ID, r.who, e.Status)
			}
		}
		if left > 0 {
			return fmt.Errorf("%d still waited", left)
		}
		return nil
	})
}

// everyFreeSeatCanBeTaken: newcomers of each country take seats until they are
// told that there is none, and then there is none.
func (sc *scene) everyFreeSeatCanBeTaken(t *testing.T) {
	t.Helper()
	free := sc.free(t)
	var taken atomic.Int64
	// A seat may still be held: by somebody who left, and for half a minute by a
	// server that was killed in the middle of a confirmation.
	eventually(t, limit, "take what is free", func() error {
		var all sync.WaitGroup
		failed := make([]error, 0)
		var mu sync.Mutex
		for i, r := range sc.runs {
			for j, country := range countries {
				all.Go(func() {
					n, err := sc.takeAll(t, r, country, i+j)
					taken.Add(int64(n))
					if err != nil {
						mu.Lock()
						defer mu.Unlock()
						failed = append(failed, err)
					}
				})
			}
		}
		all.Wait()
		if left := sc.free(t); left > 0 {
			failed = append(failed, fmt.Errorf("%d seats of %d are free, and nobody gets them", left, free))
		}
		return errors.Join(failed...)
	})
	if int(taken.Load()) != free {
		t.Errorf("newcomers took %d seats of %d that were free", taken.Load(), free)
	}
}

// free counts the seats that nobody has, from the rows.
func (sc *scene) free(t *testing.T) int {
	t.Helper()
	free := len(sc.runs) * seats
	for _, r := range sc.rows(t, sc.name) {
		if r.status.TakesSeat() {
			free--
		}
	}
	return free
}

// takeAll lets the newcomers of a country take seats, with a hold and without in
// turn, until one is told that there is none, and gives how many they took.
func (sc *scene) takeAll(t *testing.T, r run, country string, server int) (int, error) {
	taken := 0
	for i, p := range sc.fresh[country] {
		answer, err := sc.claim(t, sc.cluster.Servers[(server+i)%servers], r, p, i%2 == 1)
		switch {
		case err == nil && answer.Status == 201:
			var e enrolment
			if err := answer.Into(&e); err != nil {
				return taken, err
			}
			sc.ledger.saw(e.ID, who{p.Email, r.code}, e.Status)
			taken++
		case err == nil && answer.Code == "already_enrolled": // in an earlier round
		case err == nil && answer.Code == "seat_gone":
			return taken, nil
		default:
			return taken, fmt.Errorf("%s is answered %d %s (%w)", p.Email, answer.Status, answer.Body, err)
		}
	}
	return taken, fmt.Errorf("run %s: all newcomers of %s got a seat", r.code, country)
}

// claim asks for a seat, and gives the answer that decided.
func (sc *scene) claim(t *testing.T, server *cluster.Server, r run, p cluster.Person, hold bool) (cluster.Answer, error) {
	path, body := "/runs/"+r.code, map[string]any{}
	if hold {
		answer, err := sc.client.Do(t.Context(), server, cluster.Request{Method: "POST", Path: path + "/holds", Token: p.Token})
		if err != nil || answer.Status >= 300 {
			return answer, err
		}
		var held struct{ Hold string }
		if err := answer.Into(&held); err != nil {
			return answer, err
		}
		body["hold"] = held.Hold
	}
	return sc.client.Do(t.Context(), server, cluster.Request{Method: "POST", Path: path + "/enrolments", Token: p.Token, Body: body})
}
