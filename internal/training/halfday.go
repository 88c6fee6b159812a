package training

import "time"

// Begins is the instant at which a half day starts, in the zone of its run; the
// zero time where its key or its start is malformed.
func (h HalfDay) Begins(zone *time.Location) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", h.Date().String()+" "+h.From, zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

// Begun reports whether a half day has started, from its first minute on: whoever
// is there can be marked then, and not before.
func (h HalfDay) Begun(zone *time.Location, now time.Time) bool { return !now.Before(h.Begins(zone)) }
