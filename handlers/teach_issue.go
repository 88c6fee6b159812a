package handlers

import (
	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// issueAgain asks once more for the certificates of a closed edition that could
// not be made, since a name or a text was put right.
func (h *Handlers) issueAgain(c *fiber.Ctx) error {
	code := c.Params("code")
	err := h.certificates.IssueAgain(c.UserContext(), actorOf(c), code)
	if fault, is := training.AsFault(err); is && fault.Kind == training.KindConflict {
		return h.showRoster(c, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/teach/"+code, "notice.issue_asked")
}
