package handlers

import (
	"html/template"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// AdminStatesPage lists the member states, to suspend and restore them.
type AdminStatesPage struct {
	Base
	States []AdminState
}

// AdminState is one of them.
type AdminState struct {
	Name    string
	Since   string // since when it is, or until when it was, a member
	Status  string // what a visitor sees of a status: kind, icon and words
	Icon    template.HTML
	Words   string
	Act     string   // what can be done: the words of its button; empty: nothing
	Action  string   // address of that form
	Means   []string // what doing so means
	Summary string   // words that lead there
}

func (h *Handlers) adminStates(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	states, err := h.people.MemberStates(c.UserContext())
	if err != nil {
		return err
	}
	page := AdminStatesPage{Base: h.newBase(c, "")}
	page.Title = page.T("admin.states_title")
	today := training.DateOf(h.options.Clock().UTC())
	for _, s := range states {
		page.States = append(page.States, page.adminState(s, today))
	}
	slices.SortStableFunc(page.States, func(a, b AdminState) int { return page.CLDR().Compare(a.Name, b.Name) })
	return h.render(c, fiber.StatusOK, "admin_states", &page)
}

func (b *Base) adminState(s people.State, today training.Date) AdminState {
	member := s.Until.IsZero() || today.Before(s.Until)
	row := AdminState{Name: b.Country(s.Code), Since: b.T("admin.state_since", "date", b.Date(s.From))}
	if !s.Until.IsZero() {
		row.Since = b.T("admin.state_from_to", "date", b.Date(s.From), "until", b.Date(s.Until.AddDays(-1)))
	}
	switch {
	case s.Suspended(today):
		row.Status, row.Icon, row.Words = "late", b.Icon("alert"), b.T("admin.state_suspended", "date", b.Date(s.SuspendedFrom))
	case member:
		row.Status, row.Icon, row.Words = "confirmed", b.Icon("confirmed"), b.T("admin.state_member")
	default:
		row.Status, row.Icon, row.Words = "cancelled", b.Icon("cancelled"), b.T("admin.state_left")
	}
	under := b.Href("/admin/states/", s.Code)
	switch {
	case s.Suspended(today):
		row.Act, row.Summary, row.Action = b.T("admin.restore"), b.T("admin.restore_open"), under+"/restore"
		row.Means = []string{b.T("admin.restore_people"), b.T("admin.restore_waiting"), b.T("admin.restore_seats")}
	case member:
		row.Act, row.Summary, row.Action = b.T("admin.suspend"), b.T("admin.suspend_open"), under+"/suspend"
		row.Means = []string{b.T("admin.suspend_people"), b.T("admin.suspend_seats"), b.T("admin.suspend_keep"), b.T("admin.suspend_waiting")}
	}
	return row
}

func (h *Handlers) adminSuspends(c *fiber.Ctx) error {
	return h.adminSetsState(c, true, "notice.state_suspended")
}

func (h *Handlers) adminRestores(c *fiber.Ctx) error {
	return h.adminSetsState(c, false, "notice.state_restored")
}

func (h *Handlers) adminSetsState(c *fiber.Ctx, suspended bool, notice string) error {
	if err := h.setState(c, suspended); err != nil {
		return err
	}
	return h.done(c, "/admin/states", notice)
}
