package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

// published sends what anyone may read, from scripts of other sites too. It may be
// kept for a minute: no longer than a revocation may stay unseen.
func published(c *fiber.Ctx, mediaType string, body []byte, err error) error {
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, mediaType)
	c.Set(fiber.HeaderCacheControl, "public, max-age=60")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	return c.Send(body)
}

func (h *Handlers) issuerChain(c *fiber.Ctx) error {
	chain, err := h.certificates.Chain()
	return published(c, certificate.ChainMediaType, chain, err)
}

func (h *Handlers) issuerKeys(c *fiber.Ctx) error {
	keys, err := h.certificates.Keys()
	return published(c, certificate.KeysMediaType, keys, err)
}

// issuerKey is where the kid of a badge leads.
func (h *Handlers) issuerKey(c *fiber.Ctx) error {
	key, err := h.certificates.Key(c.Params("key"))
	return published(c, certificate.KeyMediaType, key, err)
}

func (h *Handlers) issuerProfile(c *fiber.Ctx) error {
	profile, err := h.certificates.IssuerProfile()
	return published(c, certificate.IssuerMediaType, profile, err)
}

func (h *Handlers) statusList(c *fiber.Ctx) error {
	n, err := strconv.Atoi(c.Params("list"))
	if err != nil || strconv.Itoa(n) != c.Params("list") {
		return training.NotFound()
	}
	list, err := h.certificates.StatusList(c.UserContext(), n)
	return published(c, certificate.BadgeMediaType, list, err)
}
