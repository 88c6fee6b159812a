package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/training"
)

// statusOf is the one map from fault to HTTP status (contract.md).
func statusOf(f *training.Fault) int {
	switch f.Kind {
	case training.KindInvalid:
		if f.Unreadable {
			return fiber.StatusBadRequest
		}
		return fiber.StatusUnprocessableEntity
	case training.KindUnauthenticated:
		return fiber.StatusUnauthorized
	case training.KindForbidden:
		return fiber.StatusForbidden
	case training.KindNotFound:
		return fiber.StatusNotFound
	case training.KindTooLarge:
		return fiber.StatusRequestEntityTooLarge
	case training.KindRateLimited:
		return fiber.StatusTooManyRequests
	case training.KindUnavailable:
		return fiber.StatusServiceUnavailable
	case training.KindInternal:
		return fiber.StatusInternalServerError
	case kindMethod:
		return fiber.StatusMethodNotAllowed
	}
	return fiber.StatusConflict
}

// faultOf finds the fault in what a handler returned. Anything that is not one
// is the program's own and says nothing about itself.
func faultOf(err error) *training.Fault {
	if fault, ok := training.AsFault(err); ok {
		return fault
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		switch e.Code {
		case fiber.StatusNotFound, fiber.StatusMethodNotAllowed:
			return training.NotFound()
		case fiber.StatusRequestEntityTooLarge, fiber.StatusRequestHeaderFieldsTooLarge:
			return &training.Fault{Kind: training.KindTooLarge}
		case fiber.StatusBadRequest, fiber.StatusUnprocessableEntity:
			return &training.Fault{Kind: training.KindInvalid, Unreadable: true, Key: "fault.unreadable"}
		}
	}
	return &training.Fault{Kind: training.KindInternal, Cause: err}
}

// onError answers whatever went wrong, as a problem document under /api and as
// a page elsewhere.
func (h *Handlers) onError(c *fiber.Ctx, err error) error {
	if e, ok := errors.AsType[*fiber.Error](err); ok && e.Code == fiber.StatusRequestTimeout {
		// Nothing was asked in time. Who keeps a connection for later knows by
		// this status, and by no other, that a request sent meanwhile was not read.
		return c.SendStatus(e.Code)
	}
	fault := h.wrongMethod(c, faultOf(err))
	status := statusOf(fault)
	if status >= fiber.StatusInternalServerError {
		h.logFailure(c, fault, err)
	}
	if fault.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(fault.RetryAfter.Seconds()))))
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if strings.HasPrefix(c.Path(), "/api/") {
		return h.problem(c, status, fault)
	}
	if address := h.spelledRight(c, status); address != "" {
		return c.Redirect(address, fiber.StatusMovedPermanently)
	}
	if status == fiber.StatusUnauthorized && viewerOf(c) == nil {
		return c.Redirect("/"+langOf(c)+"/login?next="+url.QueryEscape(returnPath(c)), fiber.StatusSeeOther)
	}
	return h.errorPage(c, status, fault)
}

// logFailure writes down what is wrong with the program. That Redis or the
// database is away concerns every request: once a second is often enough.
func (h *Handlers) logFailure(c *fiber.Ctx, fault *training.Fault, err error) {
	level := slog.LevelError
	if fault.Kind == training.KindUnavailable {
		last, now := h.awayLogged.Load(), h.options.Clock().Unix()
		if last == now || !h.awayLogged.CompareAndSwap(last, now) {
			return
		}
		level = slog.LevelWarn
	}
	h.log.Log(c.UserContext(), level, "request", "method", c.Method(), "path", maskPath(c.Path()), "error", err)
}

// ErrorPage says what happened, what is kept, and the way on.
type ErrorPage struct {
	Base
	Status   int
	Text     string
	Kept     string // what became of what the reader sent; empty: nothing was sent
	Nearest  string // the page that an address which takes no reader belongs to; empty: none
	Way, Act string // address and words of the one thing to do next
}

// wayOn says what is kept and what to do next. Whether a form that broke midway
// was carried out is not known: its reader has to look.
func (p *ErrorPage) wayOn(c *fiber.Ctx) {
	p.Way, p.Act = p.Href("/courses"), p.T("error.back")
	switch {
	case reads(c):
		if p.Nearest != "" {
			p.Way, p.Act = p.Nearest, p.T("error.to_nearest")
		}
		if p.Status == fiber.StatusTooManyRequests || p.Status >= fiber.StatusInternalServerError {
			p.Way, p.Act = p.Href(p.Path), p.T("error.again")
		}
		return
	case p.Status >= fiber.StatusInternalServerError:
		p.Kept = p.T("error.perhaps_done")
	default:
		p.Kept = p.T("error.not_done")
	}
	if p.Path != "/" {
		p.Way, p.Act = p.Href(p.Path), p.T("error.to_form")
	}
}

func (h *Handlers) errorPage(c *fiber.Ctx, status int, fault *training.Fault) error {
	h.recognise(c)
	page := ErrorPage{Base: h.newBase(c, ""), Status: status}
	page.NoIndex = true
	page.Title = page.T("error.title_" + strconv.Itoa(status))
	page.Text = page.sentence(fault)
	if wait := fault.RetryAfter; wait > 0 && fault.MessageKey() == "fault."+string(training.KindRateLimited) {
		page.Text = page.T("error.wait", "count", int(math.Ceil(wait.Minutes())))
	}
	if status == fiber.StatusMethodNotAllowed {
		page.Nearest = h.nearestPage(c.Path())
	}
	page.wayOn(c)
	if err := h.render(c, status, "error", &page); err != nil {
		h.log.Error("error page", "error", err)
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		return c.Status(fiber.StatusInternalServerError).Send(h.lastResort)
	}
	return nil
}

// sentence puts a fault into words. Arguments that are words of a vocabulary,
// instants or numbers are said as the language says them. Where a page is made,
// its own says instants in its reader's time as well.
func sentence(s *i18n.Speaker, f *training.Fault) string {
	return teller{s, ""}.sentence(f)
}

func (b *Base) sentence(f *training.Fault) string { return b.teller().sentence(f) }

func fieldFaults(s *i18n.Speaker, f *training.Fault) []FieldFault {
	return teller{s, ""}.fieldFaults(f)
}

func (b *Base) fieldFaults(f *training.Fault) []FieldFault { return b.teller().fieldFaults(f) }

func spoken(s *i18n.Speaker, args training.Args) []any { return teller{s, ""}.spoken(args) }

// teller says faults to somebody who serves in a country; empty: nobody knows
// where.
type teller struct {
	*i18n.Speaker
	country string
}

func (b *Base) teller() teller {
	if b.Viewer == nil {
		return teller{b.Speaker, ""}
	}
	return teller{b.Speaker, b.Viewer.Country}
}

func (s teller) sentence(f *training.Fault) string { return s.T(f.MessageKey(), s.spoken(f.Args)...) }

func (s teller) fieldFaults(f *training.Fault) []FieldFault {
	faults := make([]FieldFault, len(f.Fields))
	for i, field := range f.Fields {
		faults[i] = FieldFault{Field: field.Field, Text: s.T(field.Key, s.spoken(field.Args)...)}
	}
	return faults
}

func (s teller) spoken(args training.Args) []any {
	out := make([]any, 0, 2*len(args))
	for name, value := range args {
		out = append(out, name, s.inWords(name, value))
	}
	return out
}

func (s teller) inWords(name string, value any) any {
	switch v := value.(type) {
	case time.Time:
		// In the zone of the run, where the service knows it. A deadline at
		// midnight comes as training.ToldDeadline has it: the beginning of something
		// is told by the same argument.
		return s.InstantFor(v, v.Location().String(), s.country)
	case time.Duration:
		return s.Int(int(math.Ceil(v.Minutes())))
	case training.Date:
		return s.Date(v)
	case float64: // a whole number that was kept as JSON
		return s.Int(int(v))
	case training.Status:
		return s.T("status." + string(v))
	case []string:
		words := make([]string, len(v))
		for i, word := range v {
			words[i] = fmt.Sprint(s.inWords(name, word))
		}
		return s.And(words)
	case string:
		switch name {
		case "countries", "country":
			return s.Country(v)
		case "professions", "profession":
			return s.T("profession." + v)
		}
	}
	return value
}

// invalid reports whether the fault is about the form that was sent, which is
// then shown again with what was typed.
func invalid(err error) (*training.Fault, bool) {
	fault, ok := training.AsFault(err)
	return fault, ok && fault.Kind == training.KindInvalid && len(fault.Fields) > 0
}
