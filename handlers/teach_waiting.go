package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

// WaitingBox is a run's waiting list as its instructor sees it.
type WaitingBox struct {
	Lines  []string // how free seats are given now
	People []WaitingPerson
	Admits bool // somebody can be added to the participants
}

// WaitingPerson is one line of the list.
type WaitingPerson struct {
	Ref, Name          string
	Place              string // empty: gets no seat now
	Agency, AgencyLang string
	Country, Note      string
	Admit              bool // there is a seat for this person, to be given by the instructor
}

// waitingBox reads the waiting list; nil: nobody waits.
func (h *Handlers) waitingBox(ctx context.Context, b *Base, actor training.Actor, code string) (*WaitingBox, error) {
	list, err := h.roster.Waiting(ctx, actor, code)
	if err != nil || len(list.People) == 0 {
		return nil, err
	}
	seats, err := h.enrolment.Seats(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	box := &WaitingBox{}
	for _, w := range list.People {
		person := b.waitingPerson(w)
		person.Admit = list.Mode == training.ByInstructor && !w.Skipped && free(training.UsablePools(w.Country, seats.Pools)) > 0
		box.Admits = box.Admits || person.Admit
		box.People = append(box.People, person)
	}
	switch {
	case list.Mode == training.ByOffer:
		box.Lines = []string{b.T("teach.waiting_offers")}
	case list.Mode == training.ByFirstAnswer:
		box.Lines = []string{b.T("teach.waiting_first")}
	case box.Admits:
		box.Lines = []string{b.T("teach.waiting_admit"), b.T("seats.free_of", "count", free(seats.Pools), "size", seats.Size)}
	default:
		box.Lines = []string{b.T("teach.waiting_admit"), b.T("teach.waiting_full")}
	}
	return box, nil
}

func (b *Base) waitingPerson(w roster.Waiter) WaitingPerson {
	person := WaitingPerson{Ref: w.Enrolment, Name: w.Name, Place: b.Int(w.Place), Agency: w.AgencyName,
		AgencyLang: b.agencyLang(w.Country), Country: b.countryName(w.Country)}
	if w.Skipped {
		person.Place, person.Note = "", b.T("teach.waiting_skipped")
	}
	return person
}

// admitWaiting gives somebody who waits a free seat.
func (h *Handlers) admitWaiting(c *fiber.Ctx) error {
	code := c.Params("code")
	if err := training.Can(actorOf(c), training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return err
	}
	err := h.onEnrolment(c, h.enrolment.Admit, func(e enrolment.Enrolment) bool { return e.Run == code })
	if fault, is := errors.AsType[*training.Fault](err); is && statusOf(fault) == fiber.StatusConflict {
		return h.showRoster(c, fault)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/teach/"+code+"#waiting", "notice.admitted")
}

// whyNotAdmitted puts what stood in the way of a step into words for the
// instructor: the fault's own speak to the person who waits.
func whyNotAdmitted(b *Base, fault *training.Fault) string {
	switch fault.Kind {
	case training.KindSeatGone:
		return b.T("teach.admit_no_seat")
	case training.KindNotEligible:
		return b.T("teach.waiting_skipped")
	}
	return b.sentence(fault)
}
