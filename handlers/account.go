package handlers

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// accountForm is what the pages of an account keep of what was typed, which a
// password never is. Next is where the reader goes on to, without the language;
// empty: nowhere in particular.
type accountForm struct{ Email, Next string }

func readAccountForm(c *fiber.Ctx) accountForm {
	return accountForm{Email: c.FormValue("email"), Next: nextOf(c)}
}

// nextOf takes the language off the return address, so that a reader who
// changes the language on the way comes back in the new one.
func nextOf(c *fiber.Ctx) string { return withoutLanguage(c.FormValue("next")) }

func withoutLanguage(next string) string {
	next = safeNext(next, "")
	lang, rest, _ := strings.Cut(strings.TrimPrefix(next, "/"), "/")
	if training.SpeaksLanguage(lang) {
		return "/" + rest
	}
	return next
}

// withNext hands the return address on to the next step.
func withNext(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}

// AccountPage is the page to sign up, to sign in, or to ask for a mail to set a
// new password.
type AccountPage struct {
	Base
	Form accountForm
}

func (h *Handlers) showAccount(c *fiber.Ctx, status int, name string, form accountForm, fault *training.Fault) error {
	page := AccountPage{Base: h.newBase(c, ""), Form: form}
	page.Title = page.T("account." + name + "_title")
	page.NoIndex = name == "reset"
	page.refuse(fault)
	return h.render(c, status, name, &page)
}

// refuse puts a fault on the page it is about: at the fields it names, else as a
// notice. nil: nothing is wrong.
func (b *Base) refuse(fault *training.Fault) {
	switch {
	case fault == nil:
	case len(fault.Fields) > 0:
		b.Faults = fieldFaults(b.Speaker, fault)
	default:
		b.Refused = true
		b.Notices = append(b.Notices, Notice{Tone: "bad", Text: sentence(b.Speaker, fault)})
	}
}

func (h *Handlers) signUpForm(c *fiber.Ctx) error {
	form := readAccountForm(c)
	if viewerOf(c) != nil {
		return h.done(c, cmp.Or(form.Next, "/me"), "")
	}
	return h.showAccount(c, fiber.StatusOK, "signup", form, nil)
}

func (h *Handlers) signUp(c *fiber.Ctx) error {
	form := readAccountForm(c)
	account, err := h.people.SignUp(c.UserContext(),
		people.SignUp{Email: form.Email, Password: c.FormValue("password"), Locale: langOf(c)})
	if fault, is := invalid(err); is {
		return h.showAccount(c, statusOf(fault), "signup", form, fault)
	}
	if err != nil {
		return err
	}
	if err := h.startSession(c, account.ID); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, withNext("/me/profile", form.Next), "")
}

func (h *Handlers) logInForm(c *fiber.Ctx) error {
	form := readAccountForm(c)
	switch {
	case viewerOf(c) != nil:
		return h.done(c, cmp.Or(form.Next, "/me"), "")
	case c.Query("sent") != "":
		return h.showSent(c, "account.login_title", "account.sent_link", withNext("/login", form.Next))
	}
	return h.showAccount(c, fiber.StatusOK, "login", form, nil)
}

func (h *Handlers) logIn(c *fiber.Ctx) error {
	form := readAccountForm(c)
	if err := h.countAccount(c, form.Email); err != nil {
		return err
	}
	account, err := h.people.LogIn(c.UserContext(), form.Email, c.FormValue("password"))
	if fault, is := training.AsFault(err); is && fault.Kind == training.KindUnauthenticated {
		return h.showAccount(c, statusOf(fault), "login", form, fault)
	}
	if err != nil {
		return err
	}
	if err := h.startSession(c, account.ID); err != nil {
		return err
	}
	return h.done(c, cmp.Or(form.Next, "/me"), "")
}

// countAccount bounds the tries at one account from wherever they come. What is
// counted is a hash: the address is nobody's business in Redis, and what
// strangers type is of any length.
func (h *Handlers) countAccount(c *fiber.Ctx, email string) error {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return h.count(c, "account:"+hex.EncodeToString(sum[:]), h.options.SignInLimit, 15*time.Minute)
}

// startSession signs the browser in under a new token; the session that it came
// with, if any, ends.
func (h *Handlers) startSession(c *fiber.Ctx, accountID int) error {
	if old, ok := c.Locals(localToken).(string); ok {
		if err := h.people.EndSession(c.UserContext(), old); err != nil {
			return err
		}
	}
	token, ends, err := h.people.StartSession(c.UserContext(), accountID)
	if err != nil {
		return err
	}
	h.cookie(c, sessionCookie, token, ends)
	h.dropCookie(c, formCookie)
	return nil
}

func (h *Handlers) logOut(c *fiber.Ctx) error {
	if token, ok := c.Locals(localToken).(string); ok {
		if err := h.people.EndSession(c.UserContext(), token); err != nil {
			return err
		}
	}
	h.dropCookie(c, sessionCookie)
	return h.done(c, "/", "notice.signed_out")
}
