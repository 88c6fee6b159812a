package linearizable_test

import "slices"

// perhaps says that an atom took place after the call, or never. When all was calm,
// what had been asked for without an answer was over too.
func (e *entry) perhaps(a atom) {
	a.maybe = true
	e.addSince(e.call, e.calm, a)
}

// lost writes down what a request without an answer may have done; false: in a run
// with a waiting list, where nobody gives up, there has to be an answer.
func (e *entry) lost() bool {
	switch e.do {
	case askHold:
		e.perhaps(atom{what: take, hold: -e.by, pools: e.usable})
	case askDrop:
		e.perhaps(atom{what: drop, hold: e.token()})
	case askConfirm:
		e.lostConfirm()
	case askApprove:
		a := e.change()
		a.what = grant
		e.perhaps(a)
	case askCancel, askDecline:
		a := e.change()
		a.what = leave
		e.perhaps(a)
	}
	return !e.run.listed
}

// lostConfirm: what came of a form without an answer can be looked up at the
// end, for an enrolment is never deleted.
func (e *entry) lostConfirm() {
	var refs []int16
	for _, item := range e.atTheEnd() {
		if !e.knownBefore(item.ID) {
			refs = append(refs, e.numbered(item.ID))
		}
	}
	if len(refs) == 0 {
		return
	}
	if e.hold == "" {
		e.perhaps(atom{what: take, hold: -e.by, pools: e.usable})
		e.perhaps(atom{what: unask})
	}
	e.perhaps(atom{what: enrolAny, refs: refs, hold: e.token(), status: e.fresh(), pools: e.usable})
	e.perhaps(atom{what: settleAny, refs: refs})
}

// knownBefore reports whether an enrolment was told of before the request was
// made: then it did not come of it.
func (e *entry) knownBefore(ref string) bool {
	return slices.ContainsFunc(e.requests, func(r *request) bool { return r.end < e.call && r.tellsOf(ref) })
}

// atTheEnd is what the person's own list said when all was over.
func (e *entry) atTheEnd() []listedItem {
	for _, r := range slices.Backward(e.requests) {
		if r.do == askOwn && r.person == e.person && !r.lost {
			return slices.DeleteFunc(slices.Clone(r.answer.Items), func(i listedItem) bool { return i.Run != e.run.code })
		}
	}
	return nil
}
