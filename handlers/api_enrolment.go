package handlers

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

type apiHeld struct {
	Hold      string  `json:"hold"`
	Run       string  `json:"run"`
	Pool      *string `json:"pool"` // country of the quota; null: the open pool
	ExpiresAt string  `json:"expires_at"`
}

func (h *Handlers) apiHold(c *fiber.Ctx) error {
	held, err := h.enrolment.Hold(c.UserContext(), actorOf(c), c.Params("code"))
	if err != nil {
		return err
	}
	status := fiber.StatusCreated
	if held.Existing {
		status = fiber.StatusOK
	}
	return c.Status(status).JSON(apiHeldOf(held))
}

func apiHeldOf(held enrolment.Held) apiHeld {
	a := apiHeld{Hold: held.Token, Run: held.Run, ExpiresAt: held.ExpiresAt.Format(time.RFC3339Nano)}
	if held.Country != "" {
		a.Pool = &held.Country
	}
	return a
}

func (h *Handlers) apiProlong(c *fiber.Ctx) error {
	held, err := h.enrolment.Prolong(c.UserContext(), actorOf(c), c.Params("hold"))
	if err != nil {
		return err
	}
	return c.JSON(apiHeldOf(held))
}

func (h *Handlers) apiDropHold(c *fiber.Ctx) error {
	if err := h.enrolment.Drop(c.UserContext(), actorOf(c), c.Params("hold")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

type apiEnrolmentBody struct {
	ID        string  `json:"id"`
	Run       string  `json:"run"`
	Status    string  `json:"status"`
	Position  *int    `json:"position"`
	Course    string  `json:"course"`
	Name      string  `json:"name"`
	Agency    *string `json:"agency"`
	Country   *string `json:"country"`
	Pool      *string `json:"pool"`
	Starts    string  `json:"starts"`
	Ends      string  `json:"ends"`
	CreatedAt string  `json:"created_at"`
	UpdatedAt string  `json:"updated_at"`
	Deadline  *string `json:"deadline"`
}

func apiEnrolmentOf(e enrolment.Enrolment) apiEnrolmentBody {
	a := apiEnrolmentBody{ID: e.Ref, Run: e.Run, Status: string(e.Status), Course: e.CourseSlug, Name: e.PersonName,
		Agency: optional(e.AgencySlug), Country: optional(e.State), Pool: optional(e.Quota),
		Starts: e.Starts.String(), Ends: e.Ends.String(), CreatedAt: e.CreatedAt.Format(time.RFC3339),
		UpdatedAt: e.UpdatedAt.Format(time.RFC3339), Deadline: instant(e.Deadline, time.UTC)}
	if e.Standing.Any > 0 {
		a.Position = &e.Standing.Any
	}
	return a
}

func apiEnrolments(list []enrolment.Enrolment) []apiEnrolmentBody {
	items := make([]apiEnrolmentBody, len(list))
	for i, e := range list {
		items[i] = apiEnrolmentOf(e)
	}
	return items
}

func (h *Handlers) apiEnrol(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := training.Can(actor, training.ActHold, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	var body struct {
		Hold string `json:"hold"`
		Wait bool   `json:"wait"`
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	enrol := h.enrolment.Confirm
	if body.Wait {
		enrol = h.enrolment.ConfirmOrWait
	}
	made, err := enrol(c.UserContext(), actor, c.Params("code"), body.Hold)
	if err != nil {
		return err
	}
	h.wakeOutbox()
	c.Set(fiber.HeaderLocation, "/api/v1/enrolments/"+made.Ref)
	return c.Status(fiber.StatusCreated).JSON(apiEnrolmentOf(made))
}

func (h *Handlers) apiMyEnrolments(c *fiber.Ctx) error {
	list, err := h.enrolment.Mine(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": apiEnrolments(list), "total": len(list)})
}

func (h *Handlers) apiEnrolment(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Get) }

func (h *Handlers) apiAccept(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Accept) }

func (h *Handlers) apiDecline(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Decline) }

func (h *Handlers) apiApprove(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Approve) }

func (h *Handlers) apiAdmit(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Admit) }

// apiReplace answers with the enrolment of the person who takes over.
func (h *Handlers) apiReplace(c *fiber.Ctx) error {
	var body struct {
		Email string `json:"email"`
	}
	if err := mayApprove(actorOf(c)); err != nil {
		return err
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	return h.apiStep(c, func(ctx context.Context, actor training.Actor, ref string) (enrolment.Enrolment, error) {
		return h.enrolment.Replace(ctx, actor, ref, body.Email)
	})
}

// mayApprove answers a wrong role before the body is read: which is independent
// of what it says.
func mayApprove(actor training.Actor) error {
	return training.Can(actor, training.ActReplace, training.Subject{AgencyID: actor.AgencyID})
}

func (h *Handlers) apiCancel(c *fiber.Ctx) error { return h.apiStep(c, h.enrolment.Cancel) }

type step func(context.Context, training.Actor, string) (enrolment.Enrolment, error)

func (h *Handlers) apiStep(c *fiber.Ctx, do step) error {
	e, err := do(c.UserContext(), actorOf(c), c.Params("id"))
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return c.JSON(apiEnrolmentOf(e))
}

func (h *Handlers) apiAgencyEnrolments(c *fiber.Ctx) error {
	status := training.Status(c.Query("status"))
	if status != "" && !slices.Contains(training.Statuses(), status) {
		return h.toManagers(c, training.InvalidField("status", "invalid.status", training.Args{"value": c.Query("status")}))
	}
	list, err := h.enrolment.OfAgency(c.UserContext(), actorOf(c), c.Params("slug"),
		enrolment.Filter{Status: status, Run: c.Query("run")})
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": apiEnrolments(list), "total": len(list)})
}

type apiPresence struct {
	HalfDay string `json:"half_day"`
	Present *bool  `json:"present"`
}

type apiRosterItem struct {
	Enrolment   string        `json:"enrolment"`
	Name        string        `json:"name"`
	Country     *string       `json:"country"`
	Agency      *string       `json:"agency"`
	Status      string        `json:"status"`
	Presence    []apiPresence `json:"presence"`
	Result      *string       `json:"result"`
	Certificate string        `json:"certificate,omitempty"`
}

func (h *Handlers) apiRoster(c *fiber.Ctx) error {
	list, err := h.roster.Roster(c.UserContext(), actorOf(c), c.Params("code"))
	if err != nil {
		return err
	}
	keys := halfDayKeys(list.HalfDays)
	items := make([]apiRosterItem, len(list.Items))
	for i, item := range list.Items {
		items[i] = apiRosterItemOf(item, keys)
	}
	return c.JSON(fiber.Map{"items": items, "half_days": keys})
}

func halfDayKeys(half []training.HalfDay) []string {
	keys := make([]string, len(half))
	for i, h := range half {
		keys[i] = h.Key
	}
	return keys
}

func apiRosterItemOf(item roster.Item, keys []string) apiRosterItem {
	a := apiRosterItem{Enrolment: item.Enrolment, Name: item.Name, Country: optional(item.Country),
		Agency: optional(item.AgencySlug), Status: string(item.Status), Presence: []apiPresence{},
		Result: optional(string(item.Result))}
	for _, key := range keys {
		mark := apiPresence{HalfDay: key}
		if present, marked := item.Presence[key]; marked {
			mark.Present = &present
		}
		a.Presence = append(a.Presence, mark)
	}
	return a
}

func (h *Handlers) apiMark(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := h.mayTeach(actor); err != nil {
		return err
	}
	var body struct {
		Presence []apiPresence    `json:"presence"`
		Result   *training.Status `json:"result"`
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	change := roster.Change{Result: body.Result}
	for _, m := range body.Presence {
		change.Presence = append(change.Presence, roster.Mark{HalfDay: m.HalfDay, Present: m.Present})
	}
	item, note, err := h.roster.Mark(c.UserContext(), actor, c.Params("code"), c.Params("enrolment"), change)
	if err != nil {
		return err
	}
	list, err := h.roster.Roster(c.UserContext(), actor, c.Params("code"))
	if err != nil {
		return err
	}
	a := apiRosterItemOf(item, halfDayKeys(list.HalfDays))
	a.Certificate = note
	return c.JSON(a)
}

// mayTeach answers a wrong role before the body is read: which is independent
// of what it says.
func (h *Handlers) mayTeach(actor training.Actor) error {
	return training.Can(actor, training.ActTeach, training.Subject{Instructs: true})
}

func (h *Handlers) apiClose(c *fiber.Ctx) error {
	if err := h.roster.Close(c.UserContext(), actorOf(c), c.Params("code")); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.refreshed(c)
}

func (h *Handlers) apiReopen(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	if err := h.roster.Reopen(c.UserContext(), actor, c.Params("code"), body.Reason); err != nil {
		return err
	}
	return h.refreshed(c)
}

// refreshed answers with the run as it now is; the copy in memory may still be
// of a moment before.
func (h *Handlers) refreshed(c *fiber.Ctx) error {
	if err := h.catalogue.Refresh(c.UserContext()); err != nil {
		return err
	}
	return h.sendRun(c, fiber.StatusOK, c.Params("code"))
}
