package handlers

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// spelledRight is the address of a page that was asked for with the code of a run
// in other capitals, as people write one down; empty: it is not that.
func (h *Handlers) spelledRight(c *fiber.Ctx, status int) string {
	if status != fiber.StatusNotFound || !reads(c) {
		return ""
	}
	address, query, _ := strings.Cut(c.OriginalURL(), "?")
	parts := strings.Split(address, "/")
	at := codeIn(parts)
	if at == 0 {
		return ""
	}
	code, err := url.PathUnescape(parts[at])
	if err != nil {
		return ""
	}
	right, err := h.catalogue.SpelledRight(c.UserContext(), code)
	if err != nil || right == "" || right == code {
		return ""
	}
	parts[at] = url.PathEscape(right)
	address = strings.Join(parts, "/")
	if query != "" {
		address += "?" + query
	}
	return address
}

// codeIn is where the code of a run stands in the address of a page; 0: nowhere.
func codeIn(parts []string) int {
	at := 2 // behind the language
	if len(parts) <= at || parts[0] != "" || !training.SpeaksLanguage(parts[1]) {
		return 0
	}
	if parts[at] == "admin" {
		at++
	}
	if len(parts) > at+1 && slices.Contains([]string{"runs", "teach"}, parts[at]) {
		return at + 1
	}
	return 0
}
