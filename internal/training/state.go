package training

// SuspendedOn reports whether a member state is suspended on a day: its people
// get no new seats. from is the first day suspended, until the first day no
// longer a member; zero: none. Leaving ends a suspension that came before it.
func SuspendedOn(from, until, on Date) bool {
	if from.IsZero() || on.Before(from) {
		return false
	}
	return until.IsZero() || on.Before(until) || !from.Before(until)
}

// FollowState is the kind of the outbox job that brings the runs to come into
// line with a member state that was suspended or restored; its payload is a
// StateJob. People ask for it, enrolment answers.
const FollowState = "follow_state"

// StateJob names the member state that changed.
type StateJob struct {
	Country string `json:"country"`
}
