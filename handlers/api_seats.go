package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// openPool is how an address names the pool that is no country's.
const openPool = "open"

// poolOf reads the pool of an address: a country, or empty for the open pool.
func poolOf(c *fiber.Ctx) string {
	if name := c.Params("pool"); !strings.EqualFold(name, openPool) {
		return strings.ToUpper(name)
	}
	return ""
}

func (h *Handlers) apiReleaseQuota(c *fiber.Ctx) error {
	if err := h.enrolment.ReleaseQuota(c.UserContext(), actorOf(c), c.Params("code"), poolOf(c)); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.refreshed(c)
}

func (h *Handlers) apiResize(c *fiber.Ctx) error {
	var body struct {
		Size *int `json:"size"`
	}
	if err := mayAdminister(c); err != nil {
		return err
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	if body.Size == nil {
		return training.InvalidField("size", "invalid.required", nil)
	}
	if err := h.enrolment.Resize(c.UserContext(), actorOf(c), c.Params("code"), poolOf(c), *body.Size); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.refreshed(c)
}

func (h *Handlers) apiSuspend(c *fiber.Ctx) error { return h.apiState(c, true) }

func (h *Handlers) apiRestore(c *fiber.Ctx) error { return h.apiState(c, false) }

func (h *Handlers) apiState(c *fiber.Ctx, suspended bool) error {
	if err := h.setState(c, suspended); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"state": stateOf(c), "suspended": suspended})
}

func stateOf(c *fiber.Ctx) string { return strings.ToUpper(c.Params("state")) }

// setState suspends a member state or lifts that, and brings the runs to come
// into line at once; were this server to die meanwhile, the outbox does it.
func (h *Handlers) setState(c *fiber.Ctx, suspended bool) error {
	state := stateOf(c)
	if err := h.people.SetSuspended(c.UserContext(), actorOf(c), state, suspended); err != nil {
		return err
	}
	defer h.wakeOutbox()
	return h.enrolment.FollowState(c.UserContext(), state)
}
