package handlers

import (
	"fmt"
	"html/template"

	"github.com/varde-platform/varde/internal/training"
)

// maxSquares is up to how many seats each is drawn; more are drawn as a bar.
const maxSquares = 24

// SeatPicture is what the partial "seats" draws. Its sentences carry it; the
// picture is decoration.
type SeatPicture struct {
	Squares                  []SeatSquare // empty: a bar
	TakenTo, HeldTo, OwnFrom string       // percent, with a point; OwnFrom empty: no own quota
	Sentences                []string
}

// SeatSquare is one seat: "taken", "held" or "free"; Own: of the reader's quota.
type SeatSquare struct {
	State string
	Own   bool
}

// SeatPicture draws pools, with Held filled in, and marks the seats kept for the
// reader's confirmed service country (empty: none). Seats kept for other states
// count as available, as they are to somebody; the run's own page says for whom.
func (b *Base) SeatPicture(pools []training.Pool, country string, waiting int) SeatPicture {
	var size, taken, held, free, own int
	for _, p := range pools {
		size += p.Size
		taken += p.Taken
		held += p.Held
		free += p.Free()
		if country != "" && p.Country == country && p.ForNewcomers() {
			own = p.Free()
		}
	}
	picture := SeatPicture{Sentences: b.seatSentences(size, held, free, own, country, waiting)}
	if size <= maxSquares {
		picture.Squares = squares(size, taken, held, own)
		return picture
	}
	picture.TakenTo, picture.HeldTo = percent(taken, size), percent(min(size, taken+held), size)
	if own > 0 {
		picture.OwnFrom = percent(size-own, size)
	}
	return picture
}

func squares(size, taken, held, own int) []SeatSquare {
	list := make([]SeatSquare, size)
	for i := range list {
		switch {
		case i < taken:
			list[i].State = "taken"
		case i < taken+held:
			list[i].State = "held"
		default:
			list[i].State = "free"
			list[i].Own = i >= size-own
		}
	}
	return list
}

func percent(part, whole int) string { return fmt.Sprintf("%.2f", float64(part)*100/float64(whole)) }

func (b *Base) seatSentences(size, held, free, own int, country string, waiting int) []string {
	var s []string
	if free == 0 {
		s = append(s, b.T("seats.none"))
	} else {
		s = append(s, b.T("seats.free_of", "count", free, "size", size))
	}
	if held > 0 {
		s = append(s, b.T("seats.held", "count", held))
	}
	if own > 0 {
		s = append(s, b.T("seats.own", "count", own, "country", b.Country(country)))
	}
	if waiting > 0 {
		s = append(s, b.T("seats.waiting", "count", waiting))
	}
	return s
}

// StatusTag is what the partial "status" draws.
type StatusTag struct {
	Status, Label string
	Icon          template.HTML
}

// statusIcons name an icon for each status of an enrolment or a certificate.
var statusIcons = map[string]string{
	"pending": "pending", "confirmed": "confirmed", "waiting": "queue", "offered": "bell", "wished": "list",
	"declined": "declined", "lapsed": "expired", "cancelled": "cancelled", "not_selected": "not-completed",
	"completed": "completed", "not_completed": "not-completed", "absent": "absent",
	"valid": "certificate-ok", "revoked": "certificate-bad", "replaced": "replaced", "expired": "expired",
}

// Tag shows the status of an enrolment.
func (b *Base) Tag(status training.Status) StatusTag {
	return StatusTag{string(status), b.T("status." + string(status)), b.Icon(statusIcons[string(status)])}
}

// StateTag shows the state of a certificate.
func (b *Base) StateTag(state string) StatusTag {
	return StatusTag{state, b.T("state." + state), b.Icon(statusIcons[state])}
}
