package handlers

import (
	"math"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// OfferBox is a seat that its reader may accept now.
type OfferBox struct {
	Title  string
	Until  Line   // the sentence with the deadline; empty: none, whoever is first gets it
	Left   string // of that time
	Lines  []string
	Accept string // on the button
	Answer string // on the link to that button
	// Declinable: the seat is promised to the reader, who can also say no.
	Declinable bool
}

// joining says what the waiting list of a run is now, to somebody who thinks of
// joining it: the place on it, and how seats are given from it.
func (h *Handlers) joining(b *Base, r *catalogue.Run, pools []training.Pool) []string {
	country := ""
	if b.Viewer != nil {
		country = b.Viewer.Actor().Country
	}
	place := training.Place{}
	for _, p := range training.UsablePools(country, pools) {
		if p.Open() {
			place.Any = p.Waiting + 1
		} else {
			place.Own = p.Waiting + 1
		}
	}
	lines := []string{b.T("waiting.would_be", "position", place.Any)}
	if place.Own > 0 && place.Own != place.Any {
		lines = append(lines, b.T("waiting.would_be_own", "position", place.Own))
	}
	return append(lines, h.served(b, h.options.Clock(), r.Starts.In(r.Location()))...)
}

// served says how a waiting list gives out seats now; starts is when the course
// begins.
func (h *Handlers) served(b *Base, now, starts time.Time) []string {
	switch training.ListModeAt(now, starts) {
	case training.ByFirstAnswer:
		return []string{b.T("waiting.first_answer")}
	case training.ByInstructor:
		return []string{b.T("waiting.by_instructor")}
	}
	return []string{b.T("waiting.by_offer"), h.timeToAccept(b, !now.Before(starts.Add(-training.LateOffers)))}
}

// timeToAccept says how long an offer is open; soon: only the shorter time counts
// any more.
func (h *Handlers) timeToAccept(b *Base, soon bool) string {
	early, late := h.options.Deadlines.Offer, min(h.options.Deadlines.Offer, h.options.Deadlines.LateOffer)
	switch {
	case late < time.Hour:
		return b.T("waiting.time_said")
	case soon:
		return b.T("waiting.time", "count", wholeHours(late))
	case late < early:
		return b.T("waiting.time", "count", wholeHours(early)) + " " + b.T("waiting.time_late", "count", wholeHours(late))
	}
	return b.T("waiting.time", "count", wholeHours(early))
}

func wholeHours(d time.Duration) int { return int(d.Hours()) }

// waitingLines says where somebody stands on a waiting list.
func (b *Base) waitingLines(e enrolment.Enrolment) []Line {
	lines := []Line{{Text: b.T("enrolment.position", "position", e.Standing.Any)}}
	if e.Standing.Own > 0 && e.Standing.Own != e.Standing.Any {
		lines = append(lines, Line{Text: b.T("waiting.position_own", "position", e.Standing.Own)})
	}
	if e.Skipped {
		lines = append(lines, Line{Text: b.T("waiting.skipped")})
	}
	return lines
}

// startOf is the first instant of the first day.
func startOf(e enrolment.Enrolment) time.Time { return e.Starts.In(zoneOrUTC(e.TimeZone)) }

// asksAgency reports whether an agency has to approve the seat that the reader may
// accept now.
func (h *Handlers) asksAgency(c *fiber.Ctx, e enrolment.Enrolment) (bool, error) {
	if !e.MayAccept() || e.AgencySlug == "" {
		return false, nil
	}
	run, _, err := h.catalogue.RunByCode(c.UserContext(), e.Run)
	if err != nil {
		return false, err
	}
	return run.Approval, nil
}

// offerBox is the seat that the reader may accept now; nil: there is none.
// approval tells whether the agency is asked afterwards.
func (b *Base) offerBox(e enrolment.Enrolment, approval bool) *OfferBox {
	if !e.MayAccept() {
		return nil
	}
	box := OfferBox{Title: b.T("waiting.free_title"), Lines: []string{b.T("waiting.free_text")},
		Accept: b.T("waiting.accept_free"), Answer: b.T("waiting.see_free")}
	if e.Status == training.Offered {
		box = OfferBox{Title: b.T("waiting.offer_title"), Until: b.offerUntil(e),
			Left: b.timeLeft(e.Deadline.Sub(e.Now)), Accept: b.T("waiting.accept"), Answer: b.T("waiting.answer"), Declinable: true}
	}
	if approval {
		box.Lines = append(box.Lines, b.T("waiting.approval"))
	}
	return &box
}

func (b *Base) offerUntil(e enrolment.Enrolment) Line {
	return b.deadlineLine("waiting.offer_until", e.Deadline, e.TimeZone)
}

// timeLeft says how long is left, rather too little than too much.
func (b *Base) timeLeft(d time.Duration) string {
	if d < time.Hour {
		return b.T("enrol.minutes_left", "count", int(math.Ceil(d.Minutes())))
	}
	return b.T("waiting.hours_left", "count", wholeHours(d))
}

// joinList puts the reader on the waiting list; a seat that is free after all is
// taken instead.
func (h *Handlers) joinList(c *fiber.Ctx) error {
	made, err := h.enrolment.ConfirmOrWait(c.UserContext(), actorOf(c), c.Params("code"), "")
	if fault, is := training.AsFault(err); is && fault.Kind == training.KindAlreadyEnrolled {
		// The form sent twice: the same answer again.
		ref, _ := fault.Args["enrolment"].(string)
		if made, err = h.enrolment.Get(c.UserContext(), actorOf(c), ref); err == nil && made.Status != training.Waiting {
			err = fault
		}
	}
	if err != nil {
		return h.refuseSeat(c, err)
	}
	h.wakeOutbox()
	return h.done(c, enrolmentPath(made.Ref)+"?done=1", "")
}

func enrolmentPath(ref string) string { return "/me/enrolments/" + ref }

// acceptSeat takes a seat that was offered, or one that is free shortly before
// the start.
func (h *Handlers) acceptSeat(c *fiber.Ctx) error {
	e, err := h.ownEnrolment(c)
	if err != nil {
		return err
	}
	_, err = h.enrolment.Accept(c.UserContext(), actorOf(c), e.Ref)
	if training.IsKind(err, training.KindConflict) && h.hasSeat(c, e.Ref) {
		err = nil // the form sent twice
	}
	if training.IsKind(err, training.KindSeatGone) {
		return h.done(c, enrolmentPath(e.Ref), "notice.others_quicker")
	}
	if err != nil {
		return h.refuseStep(c, err)
	}
	h.wakeOutbox()
	return h.done(c, enrolmentPath(e.Ref)+"?done=1", "")
}

func (h *Handlers) hasSeat(c *fiber.Ctx, ref string) bool {
	e, err := h.enrolment.Get(c.UserContext(), actorOf(c), ref)
	return err == nil && (e.Status == training.Confirmed || e.Status == training.Pending)
}

func (h *Handlers) declineSeat(c *fiber.Ctx) error {
	e, err := h.ownEnrolment(c)
	if err != nil {
		return err
	}
	if e.Status != training.Offered { // a pending one is its agency's to decline
		return h.refuseStep(c, training.NewFault(training.KindConflict, "fault.status", training.Args{"status": e.Status}))
	}
	if _, err := h.enrolment.Decline(c.UserContext(), actorOf(c), e.Ref); err != nil {
		return h.refuseStep(c, err)
	}
	h.wakeOutbox()
	return h.done(c, enrolmentPath(e.Ref), "notice.offer_declined")
}

// refuseStep says on the enrolment's own page why a step cannot be taken now.
func (h *Handlers) refuseStep(c *fiber.Ctx, err error) error {
	if fault, is := training.AsFault(err); is && statusOf(fault) == fiber.StatusConflict {
		return h.showEnrolment(c, fault)
	}
	return err
}

// alreadyNotice is what somebody is told who is already in a run.
func alreadyNotice(status training.Status) string {
	switch status {
	case training.Waiting:
		return "notice.already_waiting"
	case training.Offered:
		return "notice.already_offered"
	}
	return "notice.already_enrolled"
}
