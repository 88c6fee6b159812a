package handlers

import (
	"fmt"
	"html/template"

	"github.com/varde-platform/varde/internal/training"
)

// maxSquares is up to how many seats each is drawn; more are drawn as a bar.
const maxSquares = 24

// SeatPicture is what the partials "seats" and "seatbar" draw. Its sentences carry
// it; the picture is decoration.
type SeatPicture struct {
	Squares         []SeatSquare // empty: a bar
	TakenTo, HeldTo string       // percent of the bar, with a point
	OwnFrom, OwnTo  string       // empty: no seats of the reader's own quota are left
	KeptFrom        string       // up to the end of the bar; empty: none are kept for others
	Sentences       []string
}

// SeatSquare is one seat: "taken", "held", "free" or "kept" for others; Own: of the
// reader's quota.
type SeatSquare struct {
	State string
	Own   bool
}

// seatCount are the seats of a run as the readers of one country see them. Free
// are those that they may take, Own of these the ones kept for them, and Kept
// those that only others may take.
type seatCount struct{ Size, Taken, Held, Free, Own, Kept int }

// countSeats adds up pools, with Held filled in, for the reader's confirmed
// service country; empty: not known, so that every quota is somebody else's.
func countSeats(pools []training.Pool, country string) seatCount {
	var n seatCount
	for _, p := range pools {
		n.Size += p.Size
		n.Taken += p.Taken
		n.Held += p.Held
		switch own := country != "" && p.Country == country && p.ForNewcomers(); {
		case p.Open():
			n.Free += p.Free()
		case own:
			n.Free += p.Free()
			n.Own += p.Free()
		default:
			n.Kept += p.Free()
		}
	}
	return n
}

// SeatPicture draws pools, with Held filled in, for the reader's confirmed service
// country (empty: not known).
func (b *Base) SeatPicture(pools []training.Pool, country string, waiting int) SeatPicture {
	n := countSeats(pools, country)
	picture := SeatPicture{Sentences: b.seatSentences(n, country, waiting),
		TakenTo: percent(n.Taken, n.Size), HeldTo: percent(min(n.Size, n.Taken+n.Held), n.Size)}
	if n.Own > 0 {
		picture.OwnFrom, picture.OwnTo = percent(n.Size-n.Kept-n.Own, n.Size), percent(n.Size-n.Kept, n.Size)
	}
	if n.Kept > 0 {
		picture.KeptFrom = percent(n.Size-n.Kept, n.Size)
	}
	if n.Size <= maxSquares {
		picture.Squares = n.squares()
	}
	return picture
}

func (n seatCount) squares() []SeatSquare {
	list := make([]SeatSquare, n.Size)
	for i := range list {
		switch {
		case i < n.Taken:
			list[i].State = "taken"
		case i < n.Taken+n.Held:
			list[i].State = "held"
		case i >= n.Size-n.Kept:
			list[i].State = "kept"
		default:
			list[i] = SeatSquare{"free", i >= n.Size-n.Kept-n.Own}
		}
	}
	return list
}

func percent(part, whole int) string { return fmt.Sprintf("%.2f", float64(part)*100/float64(whole)) }

func (b *Base) seatSentences(n seatCount, country string, waiting int) []string {
	s := []string{b.freeSentence(n, country)}
	if n.Own > 0 {
		s = append(s, b.T("seats.own", "count", n.Own, "country", b.Country(country)))
	}
	switch {
	case n.Kept > 0 && country == "":
		s = append(s, b.T("seats.kept", "count", n.Kept))
	case n.Kept > 0:
		s = append(s, b.T("seats.kept_others", "count", n.Kept))
	}
	if n.Held > 0 {
		s = append(s, b.T("seats.held", "count", n.Held))
	}
	if waiting > 0 {
		s = append(s, b.T("seats.waiting", "count", waiting))
	}
	return s
}

// freeSentence says how many seats the reader may take, and says for whom where
// others may take more.
func (b *Base) freeSentence(n seatCount, country string) string {
	switch {
	case n.Free == 0 && n.Kept == 0:
		return b.T("seats.none")
	case n.Kept == 0:
		return b.T("seats.free_of", "count", n.Free, "size", n.Size)
	case country == "" && n.Free == 0:
		return b.T("seats.none_open")
	case country == "":
		return b.T("seats.free_open", "count", n.Free, "size", n.Size)
	case n.Free == 0:
		return b.T("seats.none_yours")
	}
	return b.T("seats.free_yours", "count", n.Free, "size", n.Size)
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
