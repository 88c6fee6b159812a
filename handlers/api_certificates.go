package handlers

import (
	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// apiRevoke ends a certificate for a public reason and answers with it as everybody
// sees it now; the note stays with the secretariat.
func (h *Handlers) apiRevoke(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	var body struct {
		Reason string `json:"reason"`
		Note   string `json:"note"`
	}
	if err := readJSON(c, &body); err != nil {
		return err
	}
	if err := h.certificates.Revoke(c.UserContext(), actor, c.Params("number"), body.Reason, body.Note); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.apiCertificate(c)
}

// apiIssueAgain asks once more for the certificates that a closed run still owes.
func (h *Handlers) apiIssueAgain(c *fiber.Ctx) error {
	if err := h.certificates.IssueAgain(c.UserContext(), actorOf(c), c.Params("code")); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.refreshed(c)
}
