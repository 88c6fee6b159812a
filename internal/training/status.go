package training

import (
	"slices"
	"time"
)

// Status is where an enrolment stands.
type Status string

// The statuses of an enrolment (product.md).
const (
	Pending      Status = "pending"       // seat taken, the agency has yet to approve
	Confirmed    Status = "confirmed"     // seat taken
	Waiting      Status = "waiting"       // on the waiting list, no seat
	Offered      Status = "offered"       // seat taken, the person has yet to accept
	Wished       Status = "wished"        // a wish in a run filled by selection, no seat
	Declined     Status = "declined"      // ended: by the agency, or an offer refused
	Lapsed       Status = "lapsed"        // ended: a deadline passed
	Cancelled    Status = "cancelled"     // ended: withdrawn or cancelled
	NotSelected  Status = "not_selected"  // ended: the selection chose others
	Completed    Status = "completed"     // after the run
	NotCompleted Status = "not_completed" // after the run
	Absent       Status = "absent"        // after the run
)

// transitions is the whole table: a status changes along it or not at all.
// The three results may turn into each other and back into a confirmed place,
// because an administrator may reopen a closed run.
var transitions = map[Status][]Status{
	Pending:      {Confirmed, Declined, Lapsed, Cancelled},
	Confirmed:    {Cancelled, Completed, NotCompleted, Absent},
	Waiting:      {Offered, Pending, Confirmed, Lapsed, Cancelled},
	Offered:      {Pending, Confirmed, Declined, Lapsed, Cancelled},
	Wished:       {Pending, Confirmed, Waiting, NotSelected, Lapsed, Cancelled},
	Completed:    {Confirmed, NotCompleted, Absent},
	NotCompleted: {Confirmed, Completed, Absent},
	Absent:       {Confirmed, Completed, NotCompleted},
}

// Statuses are all of them, in the order a list shows them.
func Statuses() []Status {
	return []Status{Pending, Confirmed, Waiting, Offered, Wished, Declined, Lapsed,
		Cancelled, NotSelected, Completed, NotCompleted, Absent}
}

// MayBecome reports whether the table allows the change.
func (s Status) MayBecome(to Status) bool { return slices.Contains(transitions[s], to) }

// From lists the statuses that may become the given one.
func From(to Status) []Status {
	var from []Status
	for _, s := range Statuses() {
		if s.MayBecome(to) {
			from = append(from, s)
		}
	}
	return from
}

// TakesSeat reports whether an enrolment of this status occupies a seat.
func (s Status) TakesSeat() bool {
	switch s {
	case Pending, Confirmed, Offered, Completed, NotCompleted, Absent:
		return true
	}
	return false
}

// Living reports whether the enrolment still stands; a person has at most one
// living enrolment in a run.
func (s Status) Living() bool {
	switch s {
	case Declined, Lapsed, Cancelled, NotSelected:
		return false
	}
	return true
}

// OnRoster reports whether the instructor's roster shows the person.
func (s Status) OnRoster() bool {
	switch s {
	case Confirmed, Completed, NotCompleted, Absent:
		return true
	}
	return false
}

// IsResult reports whether the status is an outcome of the run.
func (s Status) IsResult() bool {
	return s == Completed || s == NotCompleted || s == Absent
}

// Values gives the texts that the database column may hold.
func (Status) Values() []string {
	var values []string
	for _, s := range Statuses() {
		values = append(values, string(s))
	}
	return values
}

// MayWithdraw reports whether a person may withdraw without asking anybody: from
// a seat until the day that the run has set (zero: none set), from a list or an
// offer always.
func MayWithdraw(s Status, until, now time.Time) bool {
	if s != Pending && s != Confirmed {
		return true
	}
	return until.IsZero() || now.Before(until)
}
