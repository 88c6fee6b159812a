package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/idempotency"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// bearer finds out whose token a request carries. Without one it goes on as a
// visitor; a bad one is refused everywhere.
func (h *Handlers) bearer(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	header := c.Get(fiber.HeaderAuthorization)
	if header == "" {
		if err := h.count(c, "api-visitor:"+h.addressOf(c), h.options.APILimit, time.Minute); err != nil {
			return err
		}
		return c.Next()
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return &training.Fault{Kind: training.KindUnauthenticated}
	}
	token = strings.TrimSpace(token) // counted as it is looked up: else each space more would be a new count
	account, err := h.people.ByToken(c.UserContext(), token)
	if errors.Is(err, people.ErrNoSession) {
		if err := h.count(c, "api-unknown:"+h.addressOf(c), h.options.APILimit, time.Minute); err != nil {
			return err
		}
		return &training.Fault{Kind: training.KindUnauthenticated}
	}
	if err != nil {
		return err
	}
	whole := sha256.Sum256([]byte(token))
	sum := hex.EncodeToString(whole[:12])
	if err := h.count(c, "api:"+sum, h.options.APILimit, time.Minute); err != nil {
		return err
	}
	c.Locals(localViewer, &account)
	c.Locals(localTokenSum, sum)
	if reads(c) {
		return c.Next()
	}
	return h.moving(c, &account)
}

const idempotencyKey = "Idempotency-Key"

// idempotent gives a repeated POST with the same Idempotency-Key its first
// answer.
func (h *Handlers) idempotent(c *fiber.Ctx) error {
	key := c.Get(idempotencyKey)
	viewer := viewerOf(c)
	if key == "" || c.Method() != fiber.MethodPost || viewer == nil {
		return c.Next()
	}
	if len(key) > 200 {
		return training.InvalidField(idempotencyKey, "invalid.key_too_long", nil)
	}
	sum := sha256.Sum256(c.Body())
	claim, first, err := h.answers.Begin(c.UserContext(), idempotency.Request{PersonID: viewer.ID, Method: c.Method(),
		Path: c.Path(), Key: key, BodyHash: hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	if first != nil {
		c.Set(fiber.HeaderContentType, first.ContentType)
		return c.Status(first.Status).Send(first.Body)
	}
	return h.answerOnce(c, claim)
}

func (h *Handlers) answerOnce(c *fiber.Ctx, claim *idempotency.Claim) error {
	finished := false
	defer func() {
		if !finished { // a panic: whoever asks again gets a try of its own
			_ = claim.Forget(c.UserContext())
		}
	}()
	if err := c.Next(); err != nil {
		if err := h.onError(c, err); err != nil {
			return err
		}
	}
	finished = true
	status := c.Response().StatusCode()
	if status == fiber.StatusUnauthorized || status == fiber.StatusMethodNotAllowed || status == fiber.StatusTooManyRequests || status >= 500 {
		return claim.Forget(c.UserContext())
	}
	return claim.Keep(c.UserContext(), idempotency.Answer{Status: status,
		ContentType: string(c.Response().Header.ContentType()), Body: bytes.Clone(c.Response().Body())})
}

// Problem is a problem document (RFC 9457).
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Detail string         `json:"detail,omitempty"`
	Errors []ProblemError `json:"errors,omitempty"`
}

// ProblemError is what is wrong with one field.
type ProblemError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (h *Handlers) problem(c *fiber.Ctx, status int, fault *training.Fault) error {
	s := h.bundle.For(negotiate(c))
	p := Problem{Type: "about:blank", Title: s.T("fault." + string(fault.Kind)), Status: status, Code: string(fault.Kind),
		Detail: sentence(s, fault)}
	for _, f := range fieldFaults(s, fault) {
		p.Errors = append(p.Errors, ProblemError{Field: f.Field, Detail: f.Text})
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Set(fiber.HeaderContentLanguage, s.Lang())
	return c.Status(status).Send(text)
}

// readable refuses a body that is no JSON, also where none is needed: whoever
// sends one means something by it.
func readable(c *fiber.Ctx) error {
	if body := bytes.TrimSpace(c.Body()); viewerOf(c) != nil && len(body) > 0 && !json.Valid(body) {
		return unreadable(nil)
	}
	return c.Next()
}

// readJSON reads a body that may be empty. What cannot be read at all is
// answered 400, a value of the wrong type at its field.
func readJSON(c *fiber.Ctx, into any) error {
	body := bytes.TrimSpace(c.Body())
	if len(body) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	err := decoder.Decode(into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			return unreadable(err)
		}
		return training.InvalidField(field, "invalid.type", nil)
	}
	if err != nil {
		return unreadable(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return unreadable(err)
	}
	return nil
}

func unreadable(cause error) error {
	return &training.Fault{Kind: training.KindInvalid, Unreadable: true, Key: "fault.unreadable", Cause: cause}
}

// optional is a text that is null where it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
