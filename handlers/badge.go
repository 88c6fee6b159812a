package handlers

import (
	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
)

// certificateBadge hands out a certificate's badge to whoever may have the
// certificate.
func (h *Handlers) certificateBadge(c *fiber.Ctx) error {
	file, err := h.certificates.Badge(c.UserContext(), actorOf(c), c.Params("number"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, certificate.BadgeMediaType)
	c.Set(fiber.HeaderContentDisposition, attachment(file.Name))
	return c.Send(file.Bytes)
}
