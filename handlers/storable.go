package handlers

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
)

// storable reports whether a text can be asked of the database at all:
// PostgreSQL takes neither NUL nor what is not UTF-8.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// storableAddress answers an address that no object of ours can have as one that
// does not exist, and a query that nothing can be found by as unreadable. So the
// services need not look at each text for what no page of ours sends.
func storableAddress(c *fiber.Ctx) error {
	path := c.Path()
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	if !storable(path) {
		return fiber.ErrNotFound
	}
	good := storable(c.Get(idempotencyKey))
	for name, value := range c.Context().QueryArgs().All() {
		good = good && storable(string(name)) && storable(string(value))
	}
	if !good {
		return unreadable(nil)
	}
	return c.Next()
}

// storableForm does the same for the fields of a form.
func storableForm(c *fiber.Ctx) error {
	good := true
	for _, value := range c.Context().PostArgs().All() {
		good = good && storable(string(value))
	}
	if form, err := c.MultipartForm(); err == nil {
		for _, values := range form.Value {
			for _, value := range values {
				good = good && storable(value)
			}
		}
	}
	if !good {
		return unreadable(nil)
	}
	return nil
}
