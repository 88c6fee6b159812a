package training

import "time"

// The rules of holds (design.md, the seat contract, points 2 and 4).
const (
	// MaxHoldsPerPerson is how many living holds one person has over all runs.
	MaxHoldsPerPerson = 3
	// MaxUnusedHolds is after how many holds of one run that ended unused the
	// next one has to wait for one hold's life.
	MaxUnusedHolds = 2
	// ConfirmGrace is how long a seat is kept from the moment a confirmation
	// arrives in time, so that the transaction can end.
	ConfirmGrace = 30 * time.Second
	// ConfirmLimit bounds that transaction; it is below the grace so that a
	// kept seat never outlives its keeper.
	ConfirmLimit = 10 * time.Second
	// ProlongPart: a hold can be prolonged in the last fifth of its life.
	ProlongPart = 5
)

// ProlongFrom is the instant from which a hold may be prolonged.
func ProlongFrom(end time.Time, life time.Duration) time.Time {
	return end.Add(-life / ProlongPart)
}
