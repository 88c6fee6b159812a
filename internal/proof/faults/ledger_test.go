package faults

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/varde-platform/varde/internal/training"
)

// ledger is what the people of one crowd were told. It is safe for concurrent
// use, though each person asks one thing after the other.
type ledger struct {
	mu      sync.Mutex
	seen    map[string]*promise // by the enrolment's id
	unknown map[who]bool        // asked to enrol and got no clear answer
	strange []string            // answers that nobody should get
}

// who is a person in a run.
type who struct{ person, run string }

// promise is an enrolment as the person was last told of it.
type promise struct {
	who
	status    training.Status
	ending    bool // the person asked for its end
	accepting bool // the person accepted an offer
}

func newLedger() *ledger {
	return &ledger{seen: map[string]*promise{}, unknown: map[who]bool{}}
}

// saw notes that the person was told so.
func (l *ledger) saw(id string, w who, status training.Status) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.seen[id]; known != nil {
		if known.who != w {
			l.strange = append(l.strange, fmt.Sprintf("enrolment %s was shown to %v and is of %v", id, w, known.who))
		}
		known.status = status
		return
	}
	l.seen[id] = &promise{who: w, status: status}
}

// asks notes what the person is about to ask about an enrolment: the answer may
// get lost.
func (l *ledger) asks(id string, step string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if step == "accept" {
		l.seen[id].accepting = true
	} else {
		l.seen[id].ending = true
	}
}

func (l *ledger) lostTrack(w who) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown[w] = true
}

func (l *ledger) wonder(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strange = append(l.strange, fmt.Sprintf(format, args...))
}

// row is an enrolment as the database has it.
type row struct {
	id string
	who
	status training.Status
}

// check tells everything in the database that is not as it was promised. sizes
// are the seats of each run.
func (l *ledger) check(rows []row, sizes map[string]int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	findings := slices.Clone(l.strange)
	byID := map[string]row{}
	seated, living := map[string]int{}, map[who]int{}
	for _, r := range rows {
		byID[r.id] = r
		if r.status.TakesSeat() {
			seated[r.run]++
		}
		if r.status.Living() {
			living[r.who]++
		}
		if l.seen[r.id] == nil && !l.unknown[r.who] {
			findings = append(findings, fmt.Sprintf("enrolment %s of %v is %s, and the person was never told", r.id, r.who, r.status))
		}
	}
	for _, run := range slices.Sorted(maps.Keys(seated)) {
		if seated[run] > sizes[run] {
			findings = append(findings, fmt.Sprintf("run %s gave %d seats of %d", run, seated[run], sizes[run]))
		}
	}
	for w, n := range living {
		if n > 1 {
			findings = append(findings, fmt.Sprintf("%v has %d living enrolments", w, n))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.seen)) {
		if wrong := l.seen[id].broken(byID[id]); wrong != "" {
			findings = append(findings, fmt.Sprintf("enrolment %s: %s", id, wrong))
		}
	}
	return findings
}

// broken tells how the row breaks the promise; empty: it keeps it.
func (p *promise) broken(r row) string {
	switch {
	case r.id == "":
		return fmt.Sprintf("%v was told %s, and there is none", p.who, p.status)
	case r.who != p.who:
		return fmt.Sprintf("%v was told of it, and it is of %v", p.who, r.who)
	case !slices.Contains(p.may(), r.status):
		return fmt.Sprintf("%v was told %s, and it is %s", p.who, p.status, r.status)
	}
	return ""
}

// may lists what an enrolment can be without its person having been told more:
// time moves a waiting list on, and an answer may have been lost.
func (p *promise) may() []training.Status {
	list := []training.Status{p.status}
	switch p.status {
	case training.Waiting:
		list = append(list, training.Offered, training.Lapsed)
	case training.Offered:
		list = append(list, training.Lapsed)
	}
	if p.accepting && p.status.Living() {
		list = append(list, training.Confirmed)
	}
	if p.ending && p.status.Living() {
		list = append(list, training.Cancelled, training.Declined)
	}
	return list
}
