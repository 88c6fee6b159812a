package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// statePath is the desk of a national coordinator.
const statePath = "/state"

// StatePage is what a national coordinator sees of the own member state: the
// seats that are kept for it, and everybody whom its agencies send.
type StatePage struct {
	Base
	Unconfirmed bool // nobody has confirmed yet that the reader coordinates the state
	Name        string
	Figures     []Figure
	Quotas      []StateQuota
	Status, Run Field // the filter of enrolments
	Enrolments  []StateEnrolment
	Found       string
	ShowAll     string // address; empty: all are shown
}

// StateQuota is the seats that an edition keeps for the state.
type StateQuota struct {
	Href              string
	Course            CourseName
	Dates, Place      string
	Size, Taken, Free string
	Standing          []Line
	Release           string // address of the form that opens them to all; empty: that cannot be done
	Means             string // what doing so means
}

// StateEnrolment is one person of the state in one edition.
type StateEnrolment struct {
	Name, Agency, AgencyLang string
	Course                   CourseName
	Href                     string // of the edition
	Dates, Place             string
	Tag                      StatusTag
	Standing                 []Line
}

func (h *Handlers) statePage(c *fiber.Ctx) error { return h.showState(c, nil) }

// stateReleases gives back early what is unused of the seats kept for the state.
func (h *Handlers) stateReleases(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := mayCoordinate(actor); err != nil {
		return err
	}
	err := h.enrolment.ReleaseQuota(c.UserContext(), actor, c.Params("code"), actor.Country)
	if fault, ok := curable(err); ok {
		return h.showState(c, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, statePath, "notice.quota_released")
}

// mayCoordinate answers nil to coordinators of any state. Whose quota and people
// an object is of is the services' to ask.
func mayCoordinate(actor training.Actor) error {
	if actor.Role != training.RoleCoordinator { // administrators have no state of their own
		return &training.Fault{Kind: training.KindForbidden}
	}
	return nil
}

// showState shows the page, with what was wrong with the step that was tried;
// nil: nothing.
func (h *Handlers) showState(c *fiber.Ctx, fault *training.Fault) error {
	ctx, actor := c.UserContext(), actorOf(c)
	if err := mayCoordinate(actor); err != nil {
		return err
	}
	page, status := StatePage{Base: h.newBase(c, ""), Unconfirmed: actor.Country == ""}, fiber.StatusOK
	page.Title, page.NoIndex = page.T("state.title"), true
	if page.Unconfirmed {
		return h.render(c, fiber.StatusOK, "state", &page)
	}
	page.Name = page.Country(actor.Country)
	all, err := h.enrolment.OfState(ctx, actor, actor.Country, enrolment.Filter{})
	if err != nil {
		return err
	}
	quotas, err := h.catalogue.QuotasOf(ctx, actor, actor.Country)
	if err != nil {
		return err
	}
	now := h.options.Clock()
	h.quotas(ctx, &page, quotas, now)
	page.figures(all, now)
	page.enrolments(c, all, now)
	if fault != nil {
		status = statusOf(fault)
		page.Notices = append(page.Notices, Notice{"bad", page.sentence(fault)})
	}
	return h.render(c, status, "state", &page)
}

// quotas shows the seats that are kept for the state, with what is held in them.
func (h *Handlers) quotas(ctx context.Context, p *StatePage, quotas []catalogue.Quota, now time.Time) {
	ids := make([]int, len(quotas))
	for i, q := range quotas {
		ids[i] = q.Run.ID
	}
	held, known := h.enrolment.HeldIn(ctx, ids)
	for _, q := range quotas {
		q.Pool.Held = held[q.Run.ID][q.Pool.ID]
		p.Quotas = append(p.Quotas, p.quota(q.Listed, q.Pool, known, now))
	}
	if !known {
		p.Notices = append(p.Notices, Notice{"wait", p.T("admin.held_away")})
	}
}

func (p *StatePage) quota(l catalogue.Listed, pool training.Pool, heldKnown bool, now time.Time) StateQuota {
	figures := p.poolFigures(pool, heldKnown)
	if !heldKnown && pool.Free() > 0 { // some of these may be held
		figures.Free = p.T("admin.not_known")
	}
	row := StateQuota{Href: p.Href("/runs/", l.Run.Code), Course: p.courseTitle(l.Course),
		Dates: p.DateRange(l.Run.Starts, l.Run.Ends), Place: p.where(l.Run.Place, l.Run.Country),
		Size: figures.Seats, Taken: figures.Taken, Free: figures.Free, Standing: p.poolStanding(l.Run, pool)}
	if unused := pool.Size - pool.Taken; unused > 0 && pool.ForNewcomers() && !now.Before(l.Run.Opens) {
		row.Release, row.Means = p.Href(statePath, "/runs/", l.Run.Code, "/release"), p.T("admin.release_means", "count", unused)
	}
	return row
}

func (p *StatePage) figures(all []enrolment.Enrolment, now time.Time) {
	count := map[training.Status]int{}
	for _, e := range all {
		if !e.Ends.Before(todayIn(now, e.TimeZone)) {
			count[e.Status]++
		}
	}
	p.Figures = []Figure{{p.T("agency.figure_coming"), p.Int(count[training.Confirmed])},
		{p.T("agency.figure_approve"), p.Int(count[training.Pending])}, {p.T("agency.figure_waiting"), p.Int(count[training.Waiting])}}
}

// enrolments narrows the state's enrolments as the address asks, and shows what
// is still to come first.
func (p *StatePage) enrolments(c *fiber.Ctx, all []enrolment.Enrolment, now time.Time) {
	status, code := training.Status(c.Query("status")), c.Query("run")
	if !slices.Contains(training.Statuses(), status) {
		status = ""
	}
	p.Status = p.Select("status", "agency.filter_status", string(status), p.Choices(training.Status("").Values(), "status.", "agency.any_status"))
	p.Run = p.Select("run", "agency.filter_run", code, p.runOptions(all))
	found := p.nextFirst(slices.DeleteFunc(slices.Clone(all), func(e enrolment.Enrolment) bool {
		return status != "" && e.Status != status || code != "" && e.Run != code
	}), now)
	shown := shownOf(c, len(found))
	for _, e := range found[:shown] {
		p.Enrolments = append(p.Enrolments, StateEnrolment{Name: e.PersonName, Agency: e.AgencyName, AgencyLang: p.agencyLang(e.State),
			Course: p.courseName(e.Titles), Href: p.Href("/runs/", e.Run), Dates: p.DateRange(e.Starts, e.Ends),
			Place: p.where(e.Place, e.Country), Tag: p.Tag(e.Status), Standing: p.standing(e)})
	}
	p.Found, p.ShowAll = p.found(len(found), shown, "agency.found", "agency.found_first")
}
