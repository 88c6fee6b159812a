package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// PaperPage is a page of running text.
type PaperPage struct {
	Base
	Prepared string // the day the text was last looked over
	Issuer   string // the organisation that runs the site
	Contact  string // e-mail address of its secretariat
}

// Days on which the texts were last checked against what the program does.
var (
	privacyPrepared       = training.Date{Year: 2026, Month: time.November, Day: 22}
	accessibilityPrepared = training.Date{Year: 2026, Month: time.November, Day: 23}
)

func (h *Handlers) about(c *fiber.Ctx) error {
	return h.paper(c, "about", "about.title", "about.lede", training.Date{})
}

func (h *Handlers) privacy(c *fiber.Ctx) error {
	return h.paper(c, "privacy", "privacy.title", "privacy.lede", privacyPrepared)
}

func (h *Handlers) accessibility(c *fiber.Ctx) error {
	return h.paper(c, "accessibility", "accessibility.title", "accessibility.lede", accessibilityPrepared)
}

func (h *Handlers) paper(c *fiber.Ctx, name, titleKey, ledeKey string, prepared training.Date) error {
	page := PaperPage{Base: h.newBase(c, ""), Issuer: h.options.Issuer, Contact: h.options.Contact}
	page.Title = page.T(titleKey)
	page.Description = page.T(ledeKey)
	if !prepared.IsZero() {
		page.Prepared = page.T("papers.prepared", "date", page.Date(prepared))
	}
	return h.render(c, fiber.StatusOK, name, &page)
}
