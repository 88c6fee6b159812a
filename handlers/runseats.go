package handlers

import (
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
	Held    bool   // key of the picture: some seats are held
	Open    string // how many of the seats are for everyone, where some are not
	Quotas  []QuotaGroup
	Tag     *StatusTag
	Lines   []string // what the reader has to know
	Step    string   // message of the button; empty: there is no next step
	Href    string   // where the button leads; empty: it sends the form that holds a seat
	Others  string   // address of the course's other dates, where these give no seat
}

// QuotaGroup are the seats kept for member states until one instant.
type QuotaGroup struct {
	Until  string
	Quotas []Quota
}

// Quota is what is left of the seats kept for one member state.
type Quota struct{ Country, Seats string }

// runSeats tells the seats as they are this moment, and what the reader can do.
func (h *Handlers) runSeats(c *fiber.Ctx, b *Base, r *catalogue.Run, seats enrolment.Seats) (RunSeats, error) {
	now, country := h.options.Clock(), actorOf(c).Country
	status := r.Status(now)
	var p RunSeats
	if status == catalogue.StatusOpen || status == catalogue.StatusNotOpen {
		p.Coming = true
		p.Picture = b.SeatPicture(seats.Pools, country, seats.Waiting)
		p.Held = seats.Held > 0
		p.quotas(b, r, seats.Pools, country)
	}
	if seats.Enrolled != "" {
		tag := b.Tag(seats.Status)
		p.Tag, p.Step, p.Href = &tag, "run.to_enrolment", b.Href("/me/enrolments/", seats.Enrolled)
		p.Lines = []string{b.T("run.enrolled")}
		return p, nil
	}
	if status != catalogue.StatusOpen {
		p.Lines, p.Others = []string{b.closedLine(r, status)}, b.Href("/courses/", r.CourseSlug, "#dates")
		return p, nil
	}
	return p, h.nextStep(b, &p, r, seats)
}

// quotas tells which seats are kept for whom: a figure of all free seats alone
// would promise seats that the reader cannot take.
func (p *RunSeats) quotas(b *Base, r *catalogue.Run, pools []training.Pool, country string) {
	groups := map[string]int{}
	for _, pool := range pools {
		if pool.Open() || !pool.ForNewcomers() {
			continue
		}
		if pool.Country == country && pool.Free() > 0 {
			p.Own = b.Country(country)
		}
		until := b.T("run.quota_until", "at", b.Instant(pool.ReleasesAt, r.TimeZone))
		at, ok := groups[until]
		if !ok {
			at = len(p.Quotas)
			groups[until] = at
			p.Quotas = append(p.Quotas, QuotaGroup{Until: until})
		}
		seats := b.T("run.quota_seats", "count", pool.Free(), "size", pool.Size)
		p.Quotas[at].Quotas = append(p.Quotas[at].Quotas, Quota{b.Country(pool.Country), seats})
	}
	for _, group := range p.Quotas {
		slices.SortFunc(group.Quotas, func(x, y Quota) int { return b.CLDR().Compare(x.Country, y.Country) })
	}
	if len(p.Quotas) > 0 && len(pools) > 0 && pools[0].Open() {
		p.Open = b.T("run.open_seats", "count", pools[0].Free(), "size", pools[0].Size)
	}
}

// closedLine says why one cannot enrol.
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
func (h *Handlers) nextStep(b *Base, p *RunSeats, r *catalogue.Run, seats enrolment.Seats) error {
	enrol := b.Href("/runs/", r.Code, "/enrol")
	switch {
	case seats.Mine != nil:
		end := seats.Mine.ExpiresAt
		p.Lines = []string{b.T("run.held", "time", b.Clock(end, r.TimeZone), "city", b.City(r.TimeZone))}
		p.Step, p.Href = "run.continue", enrol
		return nil
	case b.Viewer != nil && b.Viewer.Role == training.RoleAdmin:
		p.Lines = []string{b.T("run.secretariat")}
		return nil
	case b.noSeatFor(p, r, seats):
		return nil
	case b.Viewer == nil:
		p.Lines = append(p.Lines, b.T("run.sign_in_why"))
		p.Step, p.Href = "run.sign_in", b.Href(withNext("/login", "/runs/"+r.Code))
		return nil
	}
	if err := h.people.MayHold(*b.Viewer); err != nil {
		fault, ok := training.AsFault(err)
		if !ok {
			return err
		}
		p.Lines = append(p.Lines, sentence(b.Speaker, fault))
		p.Step, p.Href = "run.to_profile", b.Href(withNext("/me/profile", "/runs/"+r.Code))
		return nil
	}
	p.Step = "run.reserve"
	if !seats.HeldKnown {
		p.Step, p.Href = "run.check", enrol
		return nil
	}
	p.Lines = append(p.Lines, b.T("run.reserve_why"))
	return nil
}

// noSeatFor reports whether the reader can take no seat now, and says why.
func (b *Base) noSeatFor(p *RunSeats, r *catalogue.Run, seats enrolment.Seats) bool {
	open := seats.Pools
	if b.Viewer != nil {
		open = training.UsablePools(b.Viewer.Actor().Country, seats.Pools)
	}
	if takeable(open) > 0 {
		return false
	}
	switch {
	case seats.Waiting > 0:
		p.Lines = append(p.Lines, b.T("run.full_waiting"))
	case takeable(seats.Pools) > 0:
		p.Lines = append(p.Lines, b.T("run.only_quotas"))
		if !b.Viewer.AffiliationConfirmed {
			p.Lines = append(p.Lines, b.T("run.confirm_country"))
		}
	case seats.Held > 0:
		p.Lines = append(p.Lines, b.T("run.full_held"))
	default:
		p.Lines = append(p.Lines, b.T("run.full"))
	}
	p.Others = b.Href("/courses/", r.CourseSlug, "#dates")
	return true
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
