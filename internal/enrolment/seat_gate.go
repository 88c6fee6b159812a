package enrolment

import "entgo.io/ent/dialect/sql"

// The conditions of the conditional update that alone gives seats, judged and
// changed in one statement.
const (
	freeSeat = "taken < size"
	// freeSeats is the same for several who come together.
	freeSeats = "taken + wanted.seats <= size"
	// nobodyWaits keeps newcomers from passing those who wait.
	nobodyWaits = "waiting = 0"
)

func hasFreeSeat(s *sql.Selector) { s.Where(sql.ExprP(freeSeat)) }

func hasNobodyWaiting(s *sql.Selector) { s.Where(sql.ExprP(nobodyWaits)) }
