package handlers

import (
	"cmp"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// nextCookie remembers, in the browser that asked for a link, where its reader
// wanted to go: a mail cannot say it without telling everybody it passes.
const nextCookie = "varde_next"

func (h *Handlers) rememberNext(c *fiber.Ctx, next string) {
	if next != "" {
		h.cookie(c, nextCookie, next, h.options.Clock().Add(time.Hour))
	}
}

// takeNext gives what rememberNext kept, once.
func (h *Handlers) takeNext(c *fiber.Ctx) string {
	next := withoutLanguage(c.Cookies(nextCookie))
	if next != "" {
		h.dropCookie(c, nextCookie)
	}
	return next
}

// SentPage says that a mail is on its way, in the same words whether or not the
// address has an account.
type SentPage struct {
	Base
	Texts []string
	Back  string
}

// showSent: where no mail is sent, nobody is told to look for one.
func (h *Handlers) showSent(c *fiber.Ctx, titleKey, textKey, back string) error {
	page := SentPage{Base: h.newBase(c, "")}
	page.NoIndex = true
	page.Back = page.Href(back)
	page.Title, page.Texts = page.T("account.sent_title"), []string{page.T(textKey), page.T("account.sent_nothing")}
	if !h.mail.Out() {
		page.Title, page.Texts = page.T(titleKey), []string{page.T("account.no_mail")}
	}
	return h.render(c, fiber.StatusOK, "sent", &page)
}

// sendLogInLink is reached from the form to sign in. Mails to one address are
// counted like tries at it, so that nobody's letter box is filled from here.
func (h *Handlers) sendLogInLink(c *fiber.Ctx) error {
	form := readAccountForm(c)
	if err := h.countAccount(c, form.Email); err != nil {
		return err
	}
	err := h.people.SendLogInLink(c.UserContext(), form.Email, langOf(c))
	if fault, is := invalid(err); is {
		return h.showAccount(c, statusOf(fault), "login", form, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	h.rememberNext(c, form.Next)
	return h.done(c, "/login?sent=1", "")
}

// LinkPage is what a link in a mail leads to: programs that look through mails
// open links too, so only its button uses the link.
type LinkPage struct {
	Base
	Email    string
	Confirms bool // the address, else it signs in
}

func (h *Handlers) linkForm(c *fiber.Ctx) error {
	info, err := h.people.LookLink(c.UserContext(), c.Params("token"), people.PurposeLogIn, people.PurposeEmail)
	if err != nil {
		return h.linkOver(c, err, "/login", "account.link_again")
	}
	page := LinkPage{Base: h.newBase(c, ""), Email: info.Email, Confirms: info.Purpose == people.PurposeEmail}
	page.NoIndex = true
	page.Title = page.T("account.link_title")
	if page.Confirms {
		page.Title = page.T("account.confirm_title")
	}
	return h.render(c, fiber.StatusOK, "link", &page)
}

// useLink signs in, or confirms an address. The latter does not sign in: its
// link is good for days, and asks for no more than it says.
func (h *Handlers) useLink(c *fiber.Ctx) error {
	account, purpose, err := h.people.UseLink(c.UserContext(), c.Params("token"))
	if err != nil {
		return h.linkOver(c, err, "/login", "account.link_again")
	}
	next := h.takeNext(c)
	switch {
	case purpose == people.PurposeLogIn:
		if err := h.startSession(c, account.ID); err != nil {
			return err
		}
		return h.done(c, cmp.Or(next, "/me"), "")
	case viewerOf(c) != nil:
		return h.done(c, cmp.Or(next, "/me"), "notice.email_confirmed")
	}
	return h.done(c, withNext("/login", next), "notice.email_confirmed")
}

// LinkOverPage says that a link does not work any more, and how to get another.
type LinkOverPage struct {
	Base
	Text, Way, WayLabel string
}

func (h *Handlers) linkOver(c *fiber.Ctx, err error, way, labelKey string) error {
	fault, is := training.AsFault(err)
	if !is || fault.Kind != training.KindNotFound {
		return err
	}
	page := LinkOverPage{Base: h.newBase(c, ""), Way: way}
	page.NoIndex = true
	page.Title = page.T("account.link_over_title")
	page.Text = sentence(page.Speaker, fault)
	page.Way, page.WayLabel = page.Href(way), page.T(labelKey)
	if page.Viewer != nil && way == "/login" {
		page.Way, page.WayLabel = page.Href("/me"), page.T("account.to_my_courses")
	}
	return h.render(c, statusOf(fault), "link_over", &page)
}

func (h *Handlers) resetForm(c *fiber.Ctx) error {
	if c.Query("sent") != "" {
		return h.showSent(c, "account.reset_title", "account.sent_reset", "/login")
	}
	return h.showAccount(c, fiber.StatusOK, "reset", readAccountForm(c), nil)
}

func (h *Handlers) sendReset(c *fiber.Ctx) error {
	form := readAccountForm(c)
	if err := h.countAccount(c, form.Email); err != nil {
		return err
	}
	err := h.people.SendReset(c.UserContext(), form.Email, langOf(c))
	if fault, is := invalid(err); is {
		return h.showAccount(c, statusOf(fault), "reset", form, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/reset?sent=1", "")
}

// NewPasswordPage is behind the link to set a new password.
type NewPasswordPage struct {
	Base
	Email string
}

func (h *Handlers) newPasswordForm(c *fiber.Ctx) error {
	return h.showNewPassword(c, fiber.StatusOK, nil)
}

func (h *Handlers) showNewPassword(c *fiber.Ctx, status int, fault *training.Fault) error {
	info, err := h.people.LookLink(c.UserContext(), c.Params("token"), people.PurposeReset)
	if err != nil {
		return h.linkOver(c, err, "/reset", "account.reset_again")
	}
	page := NewPasswordPage{Base: h.newBase(c, ""), Email: info.Email}
	page.NoIndex = true
	page.Title = page.T("account.new_password_title")
	page.refuse(fault)
	return h.render(c, status, "new_password", &page)
}

func (h *Handlers) newPassword(c *fiber.Ctx) error {
	account, err := h.people.ResetPassword(c.UserContext(), c.Params("token"), c.FormValue("password"))
	if fault, is := invalid(err); is {
		return h.showNewPassword(c, statusOf(fault), fault)
	}
	if err != nil {
		return h.linkOver(c, err, "/reset", "account.reset_again")
	}
	if err := h.startSession(c, account.ID); err != nil {
		return err
	}
	return h.done(c, "/me", "notice.password_set")
}
