package linearizable_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// person takes part in a history, with one browser tab or two, which know of
// each other's holds and enrolments.
type person struct {
	index   int
	country string // confirmed; empty: none
	email   string
	token   string

	mu    sync.Mutex
	known map[*run]knowledge
}

// knowledge is what a person knows of the own place in a run.
type knowledge struct {
	hold    string // living, as far as the person knows
	used    string // the hold that became the enrolment, or was given back
	ref     string // of the living enrolment
	status  status // of it
	unclear bool   // an answer was lost, or time may have changed something
}

func (p *person) knows(r *run) knowledge {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[r]
}

// learn changes what the person knows by an answer.
func (p *person) learn(r *request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := p.known[r.run]
	now, _ := statusOf(r.answer.word())
	switch {
	case r.lost:
		k.unclear = true
	case r.do == askHold && r.status < 300:
		k.hold = r.answer.Hold
	case r.do == askDrop && k.hold == r.hold:
		k.hold, k.used = "", r.hold
	case r.do == askConfirm && r.status == 201 && now.living():
		k = knowledge{used: r.hold, ref: r.answer.ID, status: now}
	case r.answer.Code == "hold_expired":
		k.hold = ""
	case r.answer.Code == "already_enrolled":
		k.unclear = k.ref == ""
	case r.status == 200 && r.ref != "" && k.ref == r.ref:
		k.status = now
	case r.answer.Code == "conflict":
		k.unclear = true
	case r.do == askOwn:
		k.ref, k.status, k.unclear = "", 0, false
		for _, e := range r.answer.Items {
			if s, _ := statusOf(e.Status); e.Run == r.run.code && s.living() {
				k.ref, k.status = e.ID, s
			}
		}
	}
	if !k.status.living() {
		k.ref, k.status = "", 0
	}
	if p.known == nil {
		p.known = map[*run]knowledge{}
	}
	p.known[r.run] = k
}

// client is one tab of one person, or the administrator's desk.
type client struct {
	number  int
	world   *world
	person  *person // nil: the administrator
	random  *rand.Rand
	steps   int
	patient bool // waits for each answer
}

// wish is something to ask for, and how likely it is.
type wish struct {
	weight int
	do     action
	hold   string
	ref    string
	wait   bool
}

// wishes are what somebody may want who knows this much. Some make no sense:
// people press buttons twice, and come back to pages that are old.
func (k knowledge) wishes(r *run) []wish {
	look := []wish{{weight: 3, do: askSeats}, {weight: 1, do: askOwn}, {weight: 1, do: askHold}, {weight: 1, do: askConfirm}}
	add := func(more ...wish) []wish { return append(look, more...) }
	switch {
	case k.unclear:
		return add(wish{weight: 6, do: askOwn})
	case k.status == waiting:
		return add(wish{weight: 6, do: askOwn}, wish{weight: 2, do: askCancel, ref: k.ref},
			wish{weight: 1 + 6*one(r.soon), do: askAccept, ref: k.ref}, wish{weight: 1, do: askDecline, ref: k.ref})
	case k.status == offered:
		return add(wish{weight: 5, do: askAccept, ref: k.ref}, wish{weight: 4, do: askDecline, ref: k.ref},
			wish{weight: 2, do: askCancel, ref: k.ref})
	case k.ref != "":
		return add(wish{weight: 9, do: askCancel, ref: k.ref}, wish{weight: 2, do: askConfirm, hold: k.used},
			wish{weight: 1, do: askAccept, ref: k.ref})
	case k.hold != "":
		return add(wish{weight: 9, do: askConfirm, hold: k.hold, wait: r.listed}, wish{weight: 4, do: askDrop, hold: k.hold},
			wish{weight: 2, do: askHold})
	case k.used != "":
		look = add(wish{weight: 1, do: askConfirm, hold: k.used}, wish{weight: 1, do: askDrop, hold: k.used})
	}
	return add(wish{weight: 7, do: askHold}, wish{weight: 5, do: askConfirm}, wish{weight: 8 * one(r.listed), do: askConfirm, wait: true})
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (c *client) choose(list []wish) wish {
	sum := 0
	for _, w := range list {
		sum += w.weight
	}
	at := c.random.IntN(sum)
	i := slices.IndexFunc(list, func(w wish) bool { at -= w.weight; return at < 0 })
	return list[i]
}

// work asks for one thing after the other.
func (c *client) work(ctx context.Context) {
	for range c.steps {
		time.Sleep(time.Duration(c.random.Int64N(int64(2 * time.Millisecond))))
		if c.person == nil {
			c.decide(ctx)
			continue
		}
		r := c.world.runs[c.random.IntN(len(c.world.runs))]
		w := c.choose(c.person.knows(r).wishes(r))
		c.world.ask(ctx, c, &request{do: w.do, run: r, person: c.person, hold: w.hold, ref: w.ref, wait: w.wait})
	}
}

// decide approves or declines somebody's enrolment.
func (c *client) decide(ctx context.Context) {
	p := c.world.people[c.random.IntN(participants)]
	r := c.world.runs[c.random.IntN(len(c.world.runs))]
	if k := p.knows(r); r.approval && (k.status == pending || k.ref != "" && c.random.IntN(4) == 0) {
		do := []action{askApprove, askApprove, askDecline}[c.random.IntN(3)]
		c.world.ask(ctx, c, &request{do: do, run: r, person: p, ref: k.ref, office: true})
	}
}

// impatience is how many of a hundred requests are given up before the answer, by
// people with one tab and in runs without a waiting list: the checker would need too
// long for what else may have happened. Of those every second is sent again with the
// same key, as programs do.
const impatience = 20

// ask sends a request, and writes it down with its answer.
func (w *world) ask(ctx context.Context, c *client, r *request) *request {
	r.client, r.call = c.number, time.Since(w.began)
	sender := r.person
	if c.person == nil {
		sender = w.admin
	}
	s := sending{base: w.bases[c.random.IntN(len(w.bases))], token: sender.token}
	if !c.patient && !r.run.listed && r.do != askSeats && r.do != askOwn && c.random.IntN(100) < impatience {
		s.patience = time.Duration(c.random.Int64N(int64(8 * time.Millisecond)))
		if r.do != askDrop && c.random.IntN(2) == 0 {
			s.key = fmt.Sprintf("%d-%d", c.number, c.random.Int64())
		}
	}
	err := s.send(ctx, r)
	if err != nil && s.key != "" {
		s.patience = 0
		err = s.send(ctx, r)
	}
	// An answer of 500 and above says nothing of what was done before it.
	r.lost = err != nil || r.status >= 500 || r.answer.Code == "conflict" && r.answer.Detail == runningText
	r.end = time.Since(w.began)
	r.person.learn(r)
	w.note(r)
	return r
}

// sending is how a request goes out.
type sending struct {
	base, token, key string
	patience         time.Duration // 0: as long as it takes
}

// The longest that an answer may take: what takes longer is lost.
const longest = 20 * time.Second

var web = &http.Client{Timeout: longest, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func (s sending) send(ctx context.Context, r *request) error {
	if s.patience > 0 {
		limited, cancel := context.WithTimeout(ctx, s.patience)
		defer cancel()
		ctx = limited
	}
	method, path, body := r.line()
	message, err := http.NewRequestWithContext(ctx, method, s.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	message.Header.Set("Authorization", "Bearer "+s.token)
	message.Header.Set("Accept-Language", "en")
	if s.key != "" {
		message.Header.Set("Idempotency-Key", s.key)
	}
	response, err := web.Do(message)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	r.status, r.answer = response.StatusCode, answer{}
	if len(text) > 0 && json.Unmarshal(text, &r.answer) != nil {
		r.answer.Detail = string(text) // which no part of the model expects
	}
	return nil
}

// line gives method, path and body of a request.
func (r *request) line() (string, string, []byte) {
	switch r.do {
	case askHold:
		return http.MethodPost, "/runs/" + r.run.code + "/holds", nil
	case askDrop:
		return http.MethodDelete, "/holds/" + r.hold, nil
	case askConfirm:
		body := []string{}
		if r.hold != "" {
			body = append(body, fmt.Sprintf(`"hold": %q`, r.hold))
		}
		if r.wait {
			body = append(body, `"wait": true`)
		}
		return http.MethodPost, "/runs/" + r.run.code + "/enrolments", []byte("{" + strings.Join(body, ", ") + "}")
	case askSeats:
		return http.MethodGet, "/runs/" + r.run.code, nil
	case askOwn:
		return http.MethodGet, "/me/enrolments", nil
	}
	return http.MethodPost, "/enrolments/" + r.ref + "/" + string(r.do), nil
}
