package handlers

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// AdminSeatsPage is the seats of one edition, for the secretariat to change.
type AdminSeatsPage struct {
	Base
	Code         string
	Course       CourseName
	Dates, Place string
	Window       Line // when one can enrol
	Pools        []AdminPool
	All          PoolFigures
	Note         string // why nothing can be changed; empty: it can
}

// AdminPool is the seats that are open to all, or those reserved for one member
// state.
type AdminPool struct {
	Name string
	PoolFigures
	Standing []Line // until when they are reserved, or since when no longer; empty: always open
	Size     *Field // nil: it cannot be changed
	Shown    int    // how many seats there are now, which the form sends back
	Action   string // address of that form
	Release  string // address of the form that opens them to all; empty: that cannot be done
	Means    string // what doing so means
	NotYet   Line   // from when on it can be done; without words: now
}

// PoolFigures are numbers as they are shown.
type PoolFigures struct{ Seats, Taken, Held, Free, Waiting string }

func (h *Handlers) adminSeats(c *fiber.Ctx) error {
	return h.showAdminSeats(c, "", "", nil)
}

// showAdminSeats shows the seats, with what was wrong with a form that was sent:
// at the field where a size was typed, which keeps it; on top where field is
// empty.
func (h *Handlers) showAdminSeats(c *fiber.Ctx, field, typed string, fault *training.Fault) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	r, course, err := h.catalogue.RunByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	seats, err := h.enrolment.Seats(c.UserContext(), training.Actor{}, r.Code)
	if err != nil {
		return err
	}
	page, status := AdminSeatsPage{Base: h.newBase(c, ""), Code: r.Code}, fiber.StatusOK
	page.describe(r, course, h.options.Clock())
	page.figures(r, seats, h.options.Clock())
	if !seats.HeldKnown {
		page.Notices = append(page.Notices, Notice{"wait", page.T("admin.held_away")})
	}
	if fault != nil {
		status = statusOf(fault)
		page.refuse(field, typed, fault)
	}
	return h.render(c, status, "admin_seats", &page)
}

func (p *AdminSeatsPage) describe(r *catalogue.Run, course *catalogue.Course, now time.Time) {
	p.Course, p.Dates, p.Place = p.courseTitle(course), p.DateRange(r.Starts, r.Ends), p.where(r.Place, r.Country)
	p.Title = p.T("admin.seats_title", "course", p.Course.Text, "dates", p.Dates)
	p.Window = Line{p.window(r, now), p.wordless(windowEnd(r, now), r.TimeZone)}
	if r.Window().Closed {
		p.Note = p.closedLine(r, r.Status(now))
	}
}

func (p *AdminSeatsPage) figures(r *catalogue.Run, seats enrolment.Seats, now time.Time) {
	for _, pool := range seats.Pools {
		p.Pools = append(p.Pools, p.adminPool(r, pool, seats.HeldKnown, now))
	}
	slices.SortStableFunc(p.Pools[1:], func(a, b AdminPool) int { return p.CLDR().Compare(a.Name, b.Name) })
	p.All = p.poolFigures(training.Pool{Size: seats.Size, Taken: seats.Taken, Held: seats.Held, Waiting: seats.Waiting}, seats.HeldKnown)
	p.All.Free = p.Int(seats.Free)
}

func (b *Base) poolFigures(pool training.Pool, heldKnown bool) PoolFigures {
	f := PoolFigures{Seats: b.Int(pool.Size), Taken: b.Int(pool.Taken), Held: b.Int(pool.Held), Free: b.Int(pool.Free()), Waiting: b.Int(pool.Waiting)}
	if !heldKnown {
		f.Held = b.T("admin.not_known")
	}
	return f
}

func (p *AdminSeatsPage) adminPool(r *catalogue.Run, pool training.Pool, heldKnown bool, now time.Time) AdminPool {
	name := cmp.Or(pool.Country, openPool)
	row := AdminPool{Name: p.T("admin.pool_open"), PoolFigures: p.poolFigures(pool, heldKnown)}
	label := p.T("admin.size_open")
	if !pool.Open() {
		row.Name = p.Country(pool.Country)
		label = p.T("admin.size_reserved", "country", row.Name)
		row.Standing = p.poolStanding(r, pool)
	}
	if p.Note != "" || !pool.ForNewcomers() {
		return row
	}
	under := p.Href("/admin/runs/", r.Code, "/pools/", name)
	row.Action, row.Shown = under, pool.Size
	row.Size = &Field{Name: sizeField(name), Label: label, Type: "number", Value: strconv.Itoa(pool.Size)}
	if used := pool.Taken + pool.Held; used > 0 {
		row.Size.Hint = p.T("admin.size_least", "count", used)
	}
	switch {
	case pool.Open():
	case now.Before(r.Opens):
		row.NotYet = p.line("fault.release_before_opening", p.moment(r.Opens, r.TimeZone))
	default:
		row.Release, row.Means = under+"/release", p.T("admin.release_none")
		if unused := pool.Size - pool.Taken; unused > 0 {
			row.Means = p.T("admin.release_means", "count", unused)
		}
	}
	return row
}

// poolStanding says what becomes of the seats of a quota, or became of them.
func (b *Base) poolStanding(r *catalogue.Run, pool training.Pool) []Line {
	var lines []Line
	if pool.Suspended {
		lines = append(lines, Line{Text: b.T("admin.pool_suspended")})
	}
	switch {
	case !pool.ReleasedAt.IsZero():
		lines = append(lines, b.line("admin.pool_released", b.moment(pool.ReleasedAt, r.TimeZone)))
	case !pool.Suspended:
		lines = append(lines, b.deadlineLine("admin.pool_until", pool.ReleasesAt, r.TimeZone))
	}
	return lines
}

func (p *AdminSeatsPage) refuse(field, typed string, fault *training.Fault) {
	text := p.sentence(fault)
	if len(fault.Fields) > 0 {
		text = p.fieldFaults(fault)[0].Text
	}
	for i := range p.Pools {
		if f := p.Pools[i].Size; f != nil && f.Name == field {
			f.Value, f.Error = typed, text
			p.Faults = []FieldFault{{Field: field, Label: f.Label, Text: text}}
			return
		}
	}
	p.Notices = append(p.Notices, Notice{"bad", text})
}

// sizeField names the field of a pool's size; pool is as in its address.
func sizeField(pool string) string { return "size-" + pool }

func (h *Handlers) adminResizes(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	field := sizeField(cmp.Or(poolOf(c), openPool))
	typed := strings.TrimSpace(c.FormValue(field))
	resize := h.enrolment.Resize
	if seen, err := strconv.Atoi(c.FormValue("was-" + field)); err == nil {
		resize = func(ctx context.Context, actor training.Actor, code, country string, size int) error {
			return h.enrolment.ResizeFrom(ctx, actor, code, country, seen, size)
		}
	}
	err := resize(c.UserContext(), actorOf(c), c.Params("code"), poolOf(c), wholeNumber(typed))
	if fault, ok := curable(err); ok {
		return h.showAdminSeats(c, field, typed, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/admin/runs/"+c.Params("code"), "notice.seats_set")
}

func (h *Handlers) adminReleases(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	err := h.enrolment.ReleaseQuota(c.UserContext(), actorOf(c), c.Params("code"), poolOf(c))
	if fault, ok := curable(err); ok {
		return h.showAdminSeats(c, "", "", fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/admin/runs/"+c.Params("code"), "notice.quota_released")
}

// curable finds a fault about which something can be done on the page where it
// came up.
func curable(err error) (*training.Fault, bool) {
	fault, ok := training.AsFault(err)
	if !ok {
		return nil, false
	}
	switch fault.Kind {
	case training.KindInvalid, training.KindConflict, training.KindUnavailable, training.KindSeatGone:
		return fault, true
	}
	return nil, false
}
