package linearizable_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// entry is one request on its way into the book.
type entry struct {
	*book
	*request
	by     int16
	usable []int8
	atoms  int
}

// add says that an atom took place between call and answer.
func (e *entry) add(a atom) { e.addSince(e.call, e.end, a) }

func (e *entry) addSince(from, to time.Duration, a atom) {
	a.run, a.person, a.by = e.run, int8(e.person.index), e.by
	e.operations = append(e.operations, porcupine.Operation{
		ClientId: e.client*8 + e.atoms, Call: from.Nanoseconds(), Return: to.Nanoseconds(), Input: &a, Metadata: e.request})
	e.atoms++
}

// answered writes down what the answer says; false: it says what it never may.
func (e *entry) answered() bool {
	switch e.do {
	case askHold:
		return e.answeredHold()
	case askDrop:
		if e.status == 409 && e.answer.Detail == changedText { // it is being confirmed
			return true
		}
		e.add(atom{what: drop, hold: e.token()})
		return e.status == 204
	case askConfirm:
		return e.answeredConfirm()
	case askCancel, askApprove, askDecline, askAccept:
		return e.answeredChange()
	case askSeats:
		return e.answeredSeats()
	}
	return e.answeredOwn()
}

// token and reference are what the request brings, as numbers.
func (e *entry) token() int16     { return number(e.holds, e.hold) }
func (e *entry) reference() int16 { return e.numbered(e.ref) }

func (e *entry) answeredHold() bool {
	token := number(e.holds, e.answer.Hold)
	switch fmt.Sprint(e.status, e.answer.Code) {
	case "201":
		e.add(atom{what: absent})
		e.addPassed(e.end, e.pool()[0])
		e.add(atom{what: take, hold: token, pools: e.pool()})
	case "200":
		e.add(atom{what: absent})
		e.add(atom{what: same, hold: token, pools: e.pool()})
	default:
		return e.answeredNo()
	}
	return true
}

// answeredNo is what someone may be told who asks for a seat without a hold.
func (e *entry) answeredNo() bool {
	switch fmt.Sprint(e.status, e.answer.Code) {
	case "409seat_gone":
		since := max(0, e.call-noOlder)
		e.addSince(since, e.end, atom{what: full, pools: e.usable})
		if since > 0 { // before the first request nobody had a hold
			e.addSince(since, e.end, atom{what: without})
		}
	case "409already_enrolled":
		e.add(atom{what: present})
	case "429rate_limited":
		e.add(atom{what: limited})
	default:
		return false
	}
	return true
}

// pool is the one that the answer names.
func (r *request) pool() []int8 {
	i := slices.IndexFunc(r.run.pools, func(p pool) bool { return p.country == deref(r.answer.Pool, "") })
	return []int8{int8(i)}
}

// addPassed says that until then the person's pools before the given one had no seat.
func (e *entry) addPassed(until time.Duration, pool int8) {
	if i := slices.Index(e.usable, pool); i > 0 {
		e.addSince(e.call, until, atom{what: passed, pools: e.usable[:i]})
	}
}

func (e *entry) answeredConfirm() bool {
	switch fmt.Sprint(e.status, e.answer.Code) {
	case "201":
		return e.answeredEnrolled()
	case "409conflict":
		e.addVain()
		return e.answer.Detail == busyText || e.hold == "" && e.answer.Detail == changedText
	case "409hold_expired":
		e.add(atom{what: ended, hold: e.token()})
		return e.hold != ""
	case "409already_enrolled":
		e.add(atom{what: present, hold: e.token()})
		e.addVain()
		return true
	}
	return e.hold == "" && !(e.wait && e.answer.Code == "seat_gone") && e.answeredNo()
}

func (e *entry) answeredEnrolled() bool {
	now, known := statusOf(e.answer.word())
	ref := e.numbered(e.answer.ID)
	if !known {
		return false
	}
	if e.wait && (now == waiting || now == offered || !now.living() && e.seenWaiting(e.answer.ID)) {
		e.addJoin(ref)
	} else {
		e.addEnrol(ref)
	}
	e.add(atom{what: has, ref: ref, status: now})
	return true
}

// seenWaiting reports whether somebody was told that the enrolment was in the
// list.
func (e *entry) seenWaiting(ref string) bool {
	return slices.ContainsFunc(e.requests, func(r *request) bool {
		now, _ := statusOf(r.answer.word())
		return r.answer.ID == ref && (now == waiting || now == offered) || slices.ContainsFunc(r.answer.Items, func(i listedItem) bool {
			now, _ := statusOf(i.Status)
			return i.ID == ref && (now == waiting || now == offered)
		})
	})
}

// addEnrol writes down once what all requests did that were answered with the same
// enrolment. Which of them made it nobody knows: it was made between the first call
// and the first answer, and Redis was told by the last answer of those that were
// under way then.
func (e *entry) addEnrol(ref int16) {
	same := e.sameForm()
	if same[0] != e.request { // it is written down with the first
		return
	}
	first := slices.MinFunc(same, func(a, b *request) int { return cmp.Compare(a.end, b.end) }).end
	told, token, asks, pools := first, int16(0), false, e.usable
	for _, r := range same {
		if r.call <= first {
			told = max(told, r.end)
		}
		if now, _ := statusOf(r.answer.word()); now.seated() { // else the seat is given back already, and the answer names no pool
			pools = r.pool()
		}
		asks = asks || r.hold == ""
		token = max(token, number(e.holds, r.hold))
	}
	if asks {
		e.addPassed(first, pools[0])
		e.addSince(e.call, first, atom{what: take, hold: -e.by, pools: pools})
	}
	e.addSince(e.call, first, atom{what: enrol, ref: ref, hold: token, status: e.fresh(), pools: pools})
	e.addSince(e.call, told, atom{what: settle, ref: ref})
}

// sameForm are the requests that were answered with the same enrolment, in the
// order of their calls.
func (e *entry) sameForm() []*request {
	return slices.DeleteFunc(slices.Clone(e.requests), func(r *request) bool {
		return !r.enrolled() || r.answer.ID != e.answer.ID
	})
}

// addJoin: who comes to wait found no seat, by figures of this moment.
func (e *entry) addJoin(ref int16) {
	e.add(atom{what: full, pools: e.usable})
	e.add(atom{what: without})
	e.add(atom{what: join, ref: ref})
	e.addTold(ref)
	e.addPosition(e.answer.Position, ref)
}

// addTold: Redis is told before the answer; later is more than any answer asks
// for, so it is the only moment that has to be tried.
func (e *entry) addTold(ref int16) { e.addSince(e.end, e.end, atom{what: told, do: e.do, ref: ref}) }

func (e *entry) addPosition(position *int, ref int16) {
	if position != nil {
		e.add(atom{what: stands, ref: ref, counts: [maxPools]int8{int8(*position)}})
	}
}

// fresh is the status that an enrolment begins with.
func (e *entry) fresh() status {
	if e.run.approval && e.person.country != "" {
		return pending
	}
	return confirmed
}

// addVain writes down the hold that a form without one takes on its way in and
// gives back where it comes to nothing. It comes so far only while the same
// person does something else.
func (e *entry) addVain() {
	if e.hold != "" || !slices.ContainsFunc(e.requests, func(other *request) bool {
		return other != e.request && other.person == e.person && other.run == e.run && other.overlaps(e.request)
	}) {
		return
	}
	e.addSince(e.call, e.end, atom{what: take, hold: -e.by, pools: e.usable, maybe: true})
	e.addSince(e.call, e.end, atom{what: unask, maybe: true})
}

func (e *entry) answeredChange() bool {
	a := e.change()
	switch fmt.Sprint(e.status, e.answer.Code) {
	case "200":
		e.addChange(a)
	case "409conflict":
		// A status that changes while it is looked at is a refusal too.
		if e.answer.Detail != busyText && e.answer.Detail != changedText {
			a.what = refused
			e.add(a)
		}
	case "409seat_gone": // the seat that was told of is another's by now
		e.add(atom{what: scarce, pools: e.usable})
		return e.do == askAccept && e.run.soon
	default:
		return false
	}
	return true
}

// target is the status that a request for a change leads to.
func (e *entry) target() status {
	switch e.do {
	case askCancel:
		return cancelled
	case askDecline:
		return declined
	case askAccept:
		return e.fresh()
	}
	return confirmed
}

func (e *entry) change() atom {
	return atom{ref: e.reference(), status: e.target(), do: e.do, office: e.office}
}

// addChange writes the atoms of a change down.
func (e *entry) addChange(a atom) {
	switch e.do {
	case askApprove:
		a.what = grant
	case askAccept:
		if e.run.soon {
			e.add(atom{what: setAside, ref: a.ref, pools: e.usable})
		}
		a.what = accept
	default:
		a.what = leave
	}
	e.add(a)
	if a.what == leave || a.what == accept && e.run.soon {
		e.addTold(a.ref)
	}
}

func (e *entry) answeredSeats() bool {
	if e.status != 200 || len(e.answer.Pools) != len(e.run.pools) {
		return false
	}
	var takens, helds [maxPools]int8
	for i, p := range e.answer.Pools {
		if p.Held == nil || deref(p.Country, "") != e.run.pools[i].country || p.Size != e.run.pools[i].size {
			return false
		}
		takens[i], helds[i] = int8(p.Taken), int8(*p.Held)
	}
	// The pools, the list and Redis are read one after the other: three looks.
	e.add(atom{what: seesWaiting, counts: [maxPools]int8{int8(e.answer.Seats.Waiting)}})
	e.add(atom{what: seesTaken, pools: e.run.all(), counts: takens})
	e.add(atom{what: seesHeld, pools: e.run.all(), counts: helds})
	return true
}

func (e *entry) answeredOwn() bool {
	a := atom{what: own}
	for _, item := range slices.Backward(e.answer.Items) { // the newest comes first
		now, known := statusOf(item.Status)
		if !known {
			return false
		}
		if item.Run == e.run.code {
			a.list = append(a.list, line{e.numbered(item.ID), now})
			e.addPosition(item.Position, e.numbered(item.ID))
		}
	}
	e.add(a)
	return e.status == 200
}
