package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// Cookies.
const (
	sessionCookie  = "varde_session"
	languageCookie = "varde_lang"
	formCookie     = "varde_form"   // ties the forms of a visitor who is not signed in to the browser
	noticeCookie   = "varde_notice" // message key of what was done, shown once on the next page
)

// contentSecurityPolicy: nothing but our own files, no inline script or style.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (h *Handlers) secureHeaders(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentSecurityPolicy, contentSecurityPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	if h.options.Secure() {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
	}
	return c.Next()
}

// cookie writes a cookie that script cannot read. A zero end is that of the
// browser's session.
func (h *Handlers) cookie(c *fiber.Ctx, name, value string, ends time.Time) {
	c.Cookie(&fiber.Cookie{Name: name, Value: value, Path: "/", Expires: ends, HTTPOnly: true,
		Secure: h.options.Secure(), SameSite: fiber.CookieSameSiteLaxMode})
}

func (h *Handlers) dropCookie(c *fiber.Ctx, name string) {
	h.cookie(c, name, "", time.Unix(1, 0))
}

// language takes the language from the address and remembers it.
func (h *Handlers) language(c *fiber.Ctx) error {
	lang := c.Params("lang")
	if !training.SpeaksLanguage(lang) {
		if known := training.CanonicalLanguage(lang); known != lang && training.SpeaksLanguage(known) && reads(c) {
			return c.Redirect("/"+known+strings.TrimPrefix(c.OriginalURL(), "/"+lang), fiber.StatusMovedPermanently)
		}
		return fiber.ErrNotFound
	}
	c.Locals(localLang, lang)
	if c.Method() == fiber.MethodGet && c.Cookies(languageCookie) != lang {
		h.cookie(c, languageCookie, lang, time.Now().AddDate(1, 0, 0))
	}
	return c.Next()
}

// session finds out who is signed in.
func (h *Handlers) session(c *fiber.Ctx) error {
	token := c.Cookies(sessionCookie)
	if token == "" {
		return c.Next()
	}
	account, err := h.people.Session(c.UserContext(), token)
	c.Locals(localAsked, err == nil || errors.Is(err, people.ErrNoSession))
	switch {
	case errors.Is(err, people.ErrNoSession):
		h.dropCookie(c, sessionCookie)
	case err != nil:
		return err
	default:
		c.Locals(localViewer, &account)
		c.Locals(localToken, token)
		c.Set(fiber.HeaderCacheControl, "private, no-store")
	}
	return c.Next()
}

// recognise finds out, for the head of an error page, who the reader is where
// nobody has looked that up: who asks too often is not worth a question to the
// database, which may be what is away. Where memory does not know either, the page
// does not say that its reader is signed out.
func (h *Handlers) recognise(c *fiber.Ctx) {
	token := c.Cookies(sessionCookie)
	if token == "" || c.Locals(localAsked) == true {
		return
	}
	account, known := h.people.LatelySeen(token)
	if !known {
		c.Locals(localUnknown, true)
		return
	}
	c.Locals(localViewer, &account)
	c.Locals(localToken, token)
}

// mustSignIn sends a visitor to the log-in page and back.
func mustSignIn(c *fiber.Ctx) error {
	if viewerOf(c) == nil {
		return &training.Fault{Kind: training.KindUnauthenticated}
	}
	return c.Next()
}

// reads tells whether a request only asks: link checkers send HEAD, and must
// be told the same as a browser.
func reads(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
}

// csrf refuses a form that this site did not give to this browser.
func (h *Handlers) csrf(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	if err := storableForm(c); err != nil {
		return err
	}
	want := h.csrfToken(c)
	if want == "" || !hmac.Equal([]byte(want), []byte(c.FormValue("_csrf"))) {
		if viewerOf(c) == nil && c.Cookies(sessionCookie) != "" {
			return &training.Fault{Kind: training.KindUnauthenticated} // the session ended while the form was open
		}
		return training.NewFault(training.KindForbidden, "fault.form_stale", nil)
	}
	return h.moving(c, viewerOf(c))
}

// moving goes on with what somebody does, after which no kept page is theirs.
func (h *Handlers) moving(c *fiber.Ctx, who *people.Account) error {
	err := c.Next()
	if who != nil {
		h.cache.move(who.ID)
	}
	return err
}

// csrfToken is bound to the session, or for a visitor to a cookie of its own,
// which a page that shows a form sets (see needsForm).
func (h *Handlers) csrfToken(c *fiber.Ctx) string {
	bound, _ := c.Locals(localToken).(string)
	if bound == "" {
		bound = c.Cookies(formCookie)
	}
	if bound == "" {
		return ""
	}
	mac := hmac.New(sha256.New, h.options.Secret)
	mac.Write([]byte("form"))
	mac.Write([]byte(bound))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// needsForm gives a visitor's browser the cookie that the form's token is bound
// to. It runs before pages with a form that visitors may send.
func (h *Handlers) needsForm(c *fiber.Ctx) error {
	if viewerOf(c) == nil && c.Cookies(formCookie) == "" && c.Method() == fiber.MethodGet {
		value := rand.Text()
		c.Request().Header.SetCookie(formCookie, value)
		h.cookie(c, formCookie, value, time.Time{})
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Next()
}

// done sends the reader on after a form, with a word on the next page.
func (h *Handlers) done(c *fiber.Ctx, path, noticeKey string) error {
	if noticeKey != "" {
		h.cookie(c, noticeCookie, noticeKey, time.Time{})
	}
	return c.Redirect("/"+langOf(c)+path, fiber.StatusSeeOther)
}

// takeNotice reads the word left by done, once. Only our own keys are taken: a
// cookie can be written by others on a shared domain.
func takeNotice(c *fiber.Ctx, h *Handlers) string {
	key := c.Cookies(noticeCookie)
	if key == "" {
		return ""
	}
	h.dropCookie(c, noticeCookie)
	if !strings.HasPrefix(key, "notice.") {
		return ""
	}
	return key
}

// mostBody is how many bytes an address takes.
func mostBody(path string) int {
	switch {
	case takesFiles(path):
		return maxUpload
	case strings.HasSuffix(path, lookPath):
		return mostLook
	}
	return 1 << 20
}

// smallBody keeps large uploads to where they belong. No packed body is taken:
// what fits the limit can unpack to a thousand times as much.
func smallBody(c *fiber.Ctx) error {
	if len(c.Request().Body()) > mostBody(c.Path()) {
		return &training.Fault{Kind: training.KindTooLarge}
	}
	if packing := c.Get(fiber.HeaderContentEncoding); packing != "" && !strings.EqualFold(packing, "identity") {
		return unreadable(nil)
	}
	return c.Next()
}
