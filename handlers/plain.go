package handlers

import (
	"runtime/debug"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// panicked notes where the program failed; the reader gets the page for that.
func (h *Handlers) panicked(c *fiber.Ctx, cause any) {
	h.log.Error("panic", "path", maskPath(c.Path()), "cause", cause, "stack", string(debug.Stack()))
}

// home leads to the language that the visitor's browser asks for.
func (h *Handlers) home(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Redirect("/"+negotiate(c)+"/", fiber.StatusFound)
}

// healthz: the process is alive.
func (h *Handlers) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz answers 200 while the database does; Redis may be away.
func (h *Handlers) readyz(c *fiber.Ctx) error {
	state := map[string]string{"database": "ok", "redis": "ok"}
	status := fiber.StatusOK
	if err := h.ready(c.UserContext()); err != nil {
		state["database"], status = "away", fiber.StatusServiceUnavailable
	}
	if err := h.enrolment.RedisReady(c.UserContext()); err != nil {
		state["redis"] = "away"
	}
	return c.Status(status).JSON(state)
}

var prometheusHandler = adaptor.HTTPHandler(promhttp.Handler())

// metrics is for Prometheus; it names nobody.
func (h *Handlers) metrics(c *fiber.Ctx) error { return prometheusHandler(c) }

// robots keeps search engines from what is nobody's to find, and names the list
// of what is everybody's.
func (h *Handlers) robots(c *fiber.Ctx) error {
	return c.SendString("User-agent: *\nDisallow: /api/\nDisallow: /verify/\nDisallow: /*/verify/\nDisallow: /*/me\n" +
		"Disallow: /*/teach\nDisallow: /*/agency\nDisallow: /*/admin\n" +
		"Sitemap: " + h.options.BaseURL + "/sitemap.xml\n")
}
