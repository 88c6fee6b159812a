package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// Names of what the middleware leaves for handlers. Nothing that can be closed
// goes in there: Fiber would close it.
const (
	localLang   = "lang"
	localViewer = "viewer"
	localToken  = "session-token"
	localBlank  = "blank" // the page is made for nobody in particular
	// localAsked: what localViewer holds, or does not, is what the database says.
	localAsked   = "session-asked"
	localUnknown = "session-unknown" // a browser that says it is signed in; nobody has looked up as whom
	// localTokenSum is by what uses of an API token are counted.
	localTokenSum = "api-token-sum"
)

// viewerOf is who is signed in; nil: a visitor.
func viewerOf(c *fiber.Ctx) *people.Account {
	viewer, _ := c.Locals(localViewer).(*people.Account)
	return viewer
}

// actorOf is who asks, as the services want to know it.
func actorOf(c *fiber.Ctx) training.Actor {
	if viewer := viewerOf(c); viewer != nil {
		return viewer.Actor()
	}
	return training.Actor{}
}

// langOf is the language of the page: that of the address, else the negotiated.
func langOf(c *fiber.Ctx) string {
	if lang, ok := c.Locals(localLang).(string); ok {
		return lang
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Path(), "/"), "/")
	if training.SpeaksLanguage(first) {
		return first
	}
	return negotiate(c)
}

func negotiate(c *fiber.Ctx) string {
	return i18n.Negotiate(c.Cookies(languageCookie), c.Get(fiber.HeaderAcceptLanguage))
}

// returnPath is where a person comes back to after signing in: this page, or
// for a form the page it stood on.
func returnPath(c *fiber.Ctx) string {
	if reads(c) {
		return c.OriginalURL()
	}
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host != string(c.Request().Host()) {
		return "/" + langOf(c) + "/"
	}
	return from.RequestURI()
}

// safeNext keeps a return address inside the site.
func safeNext(next, otherwise string) string {
	if strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && !strings.ContainsFunc(next, unsafeInAddress) {
		return next
	}
	return otherwise
}

// unsafeInAddress: browsers drop control characters and take \\ for /, so that
// /\t/elsewhere would lead away.
func unsafeInAddress(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }

// maskPath keeps certificate numbers and one-time tokens out of the log.
func maskPath(path string) string {
	parts := strings.Split(path, "/")
	for i := 1; i < len(parts); i++ {
		switch parts[i-1] {
		case "verify", "certificates":
			parts[i] = number.Mask(strings.TrimSuffix(parts[i], ".pdf"))
		case "link", "reset", "holds":
			parts[i] = "****"
		}
	}
	return strings.Join(parts, "/")
}
