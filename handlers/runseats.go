package handlers

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// RunSeats is the panel with the seats of a run and the reader's next step.
type RunSeats struct {
	Coming  bool // one can enrol, now or later: seats are shown
	Picture SeatPicture
	Own     string // key of the picture: seats kept for the reader's country
	Taken   bool   // key of the picture: some seats are taken
	Free    bool   // key of the picture: the reader may take some
	Held    bool   // key of the picture: some seats are held
	Kept    bool   // key of the picture: some seats are kept for others
	Open    string // how many of the seats are for everyone, where the picture tells of more than them
	OwnGone string // that none of those kept for the reader's country is left
	Quotas  []QuotaGroup
	Tag     *StatusTag
	Lines   []string // what the reader has to know
	List    []string // what joining the waiting list means, where that is the next step
	Step    string   // message of the button; empty: there is no next step
	Href    string   // where the button leads; empty: it sends a form
	Form    string   // the end of the form's address: "hold" or "wait"
	Others  string   // address of the course's other dates, where these give no seat
	Live    *LiveSeats
}

// QuotaGroup are the seats kept for member states until one instant.
type QuotaGroup struct {
	Until  string
	Quotas []Quota
}

// Quota is what is left of the seats kept for one member state. Waiting is empty
// where nobody waits for them.
type Quota struct{ Country, Seats, Waiting string }

// runSeats tells the seats as they are this moment, and what the reader can do.
func (h *Handlers) runSeats(c *fiber.Ctx, b *Base, r *catalogue.Run, seats enrolment.Seats) (RunSeats, error) {
	now, country := h.options.Clock(), actorOf(c).Country
	status := r.Status(now)
	var p RunSeats
	if status == catalogue.StatusOpen || status == catalogue.StatusNotOpen {
		p = b.figures(r, seats, country)
		p.Live = b.liveFrom(r, p, seats, viewOf(c), now)
	}
	if seats.Enrolled != "" {
		p.enrolled(b, seats)
		return p, nil
	}
	if status != catalogue.StatusOpen {
		p.Tag, p.Others = b.closedTag(r, status), b.Href("/courses/", r.CourseSlug, "#dates")
		return p, nil
	}
	return p, h.nextStep(c.UserContext(), b, &p, r, seats)
}

// enrolled leads to what the reader has here already.
func (p *RunSeats) enrolled(b *Base, seats enrolment.Seats) {
	tag := b.Tag(seats.Status)
	p.Tag, p.Href = &tag, b.Href("/me/enrolments/", seats.Enrolled)
	line := "run.enrolled"
	switch seats.Status {
	case training.Waiting:
		line, p.Step = "run.on_list", "run.to_place"
	case training.Offered:
		line, p.Step = "run.offered", "waiting.answer"
	default:
		p.Step = "run.to_enrolment"
	}
	p.Lines = []string{b.T(line)}
}

// quotas tells which seats are kept for whom: a figure of all free seats alone
// would promise seats that the reader cannot take.
func (p *RunSeats) quotas(b *Base, r *catalogue.Run, pools []training.Pool, country string) {
	groups := map[string]int{}
	for _, pool := range pools {
		if pool.Open() || !pool.ForNewcomers() {
			continue
		}
		switch {
		case pool.Country != country:
		case pool.Free() > 0:
			p.Own = b.Country(country)
		default:
			p.OwnGone = b.T("run.own_gone", "country", b.Country(country), "size", pool.Size)
		}
		until := b.T("run.quota_until", "at", b.Deadline(pool.ReleasesAt, r.TimeZone))
		at, ok := groups[until]
		if !ok {
			at = len(p.Quotas)
			groups[until] = at
			p.Quotas = append(p.Quotas, QuotaGroup{Until: until})
		}
		quota := Quota{Country: b.Country(pool.Country), Seats: b.T("run.quota_seats", "count", pool.Free(), "size", pool.Size)}
		if pool.Waiting > 0 {
			quota.Waiting = b.T("run.quota_waiting", "count", pool.Waiting)
		}
		p.Quotas[at].Quotas = append(p.Quotas[at].Quotas, quota)
	}
	for _, group := range p.Quotas {
		slices.SortFunc(group.Quotas, func(x, y Quota) int { return b.CLDR().Compare(x.Country, y.Country) })
	}
	if country != "" && len(p.Quotas) > 0 && len(pools) > 0 && pools[0].Open() {
		p.Open = b.T("run.open_seats", "count", pools[0].Free(), "size", pools[0].Size)
	}
}

// closedTag says why one cannot enrol, so that the eye finds it.
func (b *Base) closedTag(r *catalogue.Run, status string) *StatusTag {
	icon := "lock"
	switch status {
	case catalogue.StatusCancelled:
		icon = "cancelled"
	case catalogue.StatusNotOpen:
		icon = "clock"
	}
	return &StatusTag{status, b.closedLine(r, status), b.Icon(icon)}
}

// closedLine is the sentence of closedTag.
func (b *Base) closedLine(r *catalogue.Run, status string) string {
	switch status {
	case catalogue.StatusCancelled:
		return b.T("run.cancelled")
	case catalogue.StatusClosed, catalogue.StatusOver:
		return b.T("run.over")
	case catalogue.StatusNotOpen:
		return b.T("run.opens", "at", b.Instant(r.Opens, r.TimeZone))
	}
	return b.T("run.enrolment_closed")
}

// nextStep is the way on while enrolment is open. What it offers is only what
// the services then decide about.
func (h *Handlers) nextStep(ctx context.Context, b *Base, p *RunSeats, r *catalogue.Run, seats enrolment.Seats) error {
	enrol := b.Href("/runs/", r.Code, "/enrol")
	switch {
	case seats.Mine != nil:
		end := seats.Mine.ExpiresAt
		p.Lines = []string{b.T("run.held", "time", b.Clock(end, r.TimeZone), "city", b.City(r.TimeZone))}
		p.Step, p.Href = "run.continue", enrol+hadHold
		return nil
	case b.Viewer != nil && b.Viewer.Role == training.RoleAdmin:
		p.Lines = []string{b.T("run.secretariat")}
		p.Step, p.Href = "run.to_admin", b.Href("/admin/runs/", r.Code)
		return nil
	}
	if suspended, err := h.suspendedState(ctx, b.Viewer); err != nil || suspended != "" {
		if suspended != "" {
			p.Lines = []string{b.T("fault.not_eligible_suspended", "country", b.Country(suspended))}
		}
		return err
	}
	full := b.noSeatFor(p, seats)
	if full {
		p.List, p.Others = h.joining(b, r, seats.Pools), b.Href("/courses/", r.CourseSlug, "#dates")
	}
	if todo, err := h.firstOfAll(b, p, r, full); todo || err != nil {
		return err
	}
	switch {
	case full:
		p.Step, p.Form = "waiting.join", "wait"
	case !seats.HeldKnown:
		p.Step, p.Href = "run.check", enrol
	default:
		p.Step, p.Form = "run.reserve", "hold"
		p.Lines = append(p.Lines, b.T("run.reserve_why"))
	}
	return nil
}

// firstOfAll leads to what has to be done before anything else, and reports
// whether there is anything.
func (h *Handlers) firstOfAll(b *Base, p *RunSeats, r *catalogue.Run, full bool) (bool, error) {
	said := &p.Lines
	if full {
		said = &p.List // which stands beside the button
	}
	if b.Viewer == nil {
		*said = append(*said, b.T("run.sign_in_why"))
		p.Step, p.Href = "run.sign_in", b.Href(withNext("/login", "/runs/"+r.Code))
		if full {
			p.Step = "waiting.sign_in"
		}
		return true, nil
	}
	err := h.people.MayHold(*b.Viewer)
	if fault, is := training.AsFault(err); is {
		*said = append(*said, sentence(b.Speaker, fault))
		p.Step, p.Href = "run.to_profile", b.Href(withNext("/me/profile", "/runs/"+r.Code))
		return true, nil
	}
	return false, err
}

// noSeatFor reports whether the reader can take no seat now, and says what the
// sentence of the picture does not.
func (b *Base) noSeatFor(p *RunSeats, seats enrolment.Seats) bool {
	open := seats.Pools
	if b.Viewer != nil {
		open = training.UsablePools(b.Viewer.Actor().Country, seats.Pools)
	}
	if takeable(open) > 0 {
		return false
	}
	said := func(key string) { p.Lines = append(p.Lines, b.T(key)) }
	switch {
	case takeable(seats.Pools) > 0:
		if !b.Viewer.AffiliationConfirmed {
			said("run.confirm_country")
		}
	case free(open) > 0:
		said("run.free_for_list")
	case seats.Waiting == 0 && seats.Held > 0:
		said("run.full_held")
	}
	return true
}

func free(pools []training.Pool) int {
	n := 0
	for _, p := range pools {
		n += p.Free()
	}
	return n
}

// takeable counts the seats that somebody new can take: where people wait, a
// free seat is theirs.
func takeable(pools []training.Pool) int {
	n := 0
	for _, p := range pools {
		if p.ForNewcomers() && p.Waiting == 0 {
			n += p.Free()
		}
	}
	return n
}
