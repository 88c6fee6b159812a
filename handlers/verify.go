package handlers

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/training"
)

// VerifyFormPage asks for a certificate's number. After a number that leads
// nowhere it says so first.
type VerifyFormPage struct {
	Base
	Number  string
	Unknown bool // the number that was typed leads to no certificate
	Advice  string
}

// VerifyPage says whether a certificate stands, and what that proves.
type VerifyPage struct {
	Base
	Certificate certificate.Public
	Verdict     Verdict
	Course      Phrase
	Dates       string
	Issued      string
	Expires     string // empty: it does not expire
	Replacement string // address
	Checked     string
	Proves      string
	Address     string // the page's one true address
	Name        string // as typed, where the certificate names nobody
	Asked       bool   // a name was typed
	Matches     bool
}

// Verdict is the answer, said before all else: a heading, and sentences that say
// why.
type Verdict struct {
	Tone, Icon, Heading string
	Texts               []string
}

// verifyHome sends whoever typed the short address to the form.
func (h *Handlers) verifyHome(c *fiber.Ctx) error {
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	address := "/" + negotiate(c) + "/verify"
	if typed := c.Query("number"); typed != "" {
		address += "?number=" + url.QueryEscape(typed)
	}
	return c.Redirect(address, fiber.StatusFound)
}

func (h *Handlers) verifyForm(c *fiber.Ctx) error {
	unseen(c)
	typed := strings.TrimSpace(c.Query("number"))
	if canonical, ok := number.Parse(typed); ok {
		return c.Redirect("/"+langOf(c)+"/verify/"+canonical, fiber.StatusSeeOther)
	}
	if typed != "" {
		return h.verifyUnknown(c, typed)
	}
	page := VerifyFormPage{Base: h.newBase(c, "")}
	page.Title = page.T("verify.title")
	status := fiber.StatusOK
	if c.Context().QueryArgs().Has("number") {
		page.Faults = []FieldFault{{Field: "number", Text: page.T("verify.number_missing")}}
		status = fiber.StatusUnprocessableEntity
	}
	return h.render(c, status, "verify_form", &page)
}

// verifyShort is the address printed on certificates: it holds no language, so
// it speaks the reader's.
func (h *Handlers) verifyShort(c *fiber.Ctx) error {
	c.Locals(localLang, negotiate(c))
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	return h.verify(c)
}

func (h *Handlers) verify(c *fiber.Ctx) error {
	unseen(c)
	typed := c.Params("number")
	if decoded, err := url.PathUnescape(typed); err == nil {
		typed = decoded
	}
	public, err := h.certificates.Verify(c.UserContext(), typed)
	if training.IsKind(err, training.KindNotFound) {
		return h.verifyUnknown(c, typed)
	}
	if err != nil {
		return err
	}
	page := VerifyPage{Base: h.verifyBase(c, "/verify/"+public.Number), Certificate: public}
	page.describe(h.options.Clock(), h.options.BaseURL)
	if page.Name = strings.TrimSpace(c.Query("name")); public.Discreet && page.Name != "" {
		page.Asked = true
		if page.Matches, err = h.certificates.HolderMatches(c.UserContext(), public.Number, page.Name); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderLink, "<"+page.Address+`>; rel="canonical"`)
	return h.render(c, fiber.StatusOK, "verify", &page)
}

// unseen keeps a certificate's page out of search engines, stores and the
// referrers of links on it.
func unseen(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("X-Robots-Tag", "noindex")
}

// verifyBase starts the page of a certificate. The short address has no
// language to be exchanged: path is that of the page in a language.
func (h *Handlers) verifyBase(c *fiber.Ctx, path string) Base {
	b := h.newBase(c, "")
	b.Path, b.NoIndex = path, true
	b.Menu = h.menu(&b)
	return b
}

// verifyUnknown answers for a number that leads nowhere with the form to try
// again.
func (h *Handlers) verifyUnknown(c *fiber.Ctx, typed string) error {
	page := VerifyFormPage{Base: h.verifyBase(c, "/verify"), Number: typed, Unknown: true}
	page.Title = page.T("verify.unknown_heading")
	page.Advice = page.T("verify.unknown_advice")
	if _, ok := number.Parse(typed); !ok {
		page.Title = page.T("verify.malformed_heading")
		page.Advice = page.T("verify.malformed_advice")
	}
	return h.render(c, fiber.StatusNotFound, "verify_form", &page)
}
