package handlers

import (
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// kindMethod is the answer to a request with a method that its address does not
// take. HTTP alone knows methods, so no service gives it.
const kindMethod training.Kind = "method_not_allowed"

// methodTable says which methods each address takes. Fiber answers that for
// itself, but not behind a group whose middleware has answered before.
type methodTable []methodRoute

// methodRoute is a pattern of addresses, cut at its slashes.
type methodRoute struct {
	parts   []patternPart
	rest    bool // the pattern takes whatever follows
	methods []string
}

// patternPart is one part of a pattern: a fixed word, or what stands between
// before and after.
type patternPart struct {
	word, before, after string // word is empty where something variable stands
	language            bool
}

func newMethodTable(routes []fiber.Route) methodTable {
	at := map[string]int{}
	var table methodTable
	for _, r := range routes {
		i, known := at[r.Path]
		if !known {
			i = len(table)
			at[r.Path] = i
			table = append(table, newMethodRoute(r.Path))
		}
		if !slices.Contains(table[i].methods, r.Method) {
			table[i].methods = append(table[i].methods, r.Method)
		}
	}
	return table
}

func newMethodRoute(pattern string) methodRoute {
	var r methodRoute
	pattern, r.rest = strings.CutSuffix(pattern, "/*")
	for _, part := range addressParts(pattern) {
		r.parts = append(r.parts, newPatternPart(part))
	}
	return r
}

func newPatternPart(part string) patternPart {
	before, name, variable := strings.Cut(part, ":")
	if !variable {
		return patternPart{word: part}
	}
	end := strings.IndexFunc(name, func(r rune) bool { return r == '.' || r == '-' })
	if end < 0 {
		end = len(name)
	}
	return patternPart{before: before, after: name[end:], language: name == "lang"}
}

func addressParts(address string) []string {
	return strings.FieldsFunc(address, func(r rune) bool { return r == '/' })
}

// of lists the methods that an address takes, sorted; none: there is no such
// address.
func (t methodTable) of(address string) []string {
	parts := addressParts(address)
	var methods []string
	for _, r := range t {
		if r.takes(parts) {
			methods = append(methods, r.methods...)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

func (r methodRoute) takes(parts []string) bool {
	if len(parts) < len(r.parts) || len(parts) > len(r.parts) && !r.rest {
		return false
	}
	for i, p := range r.parts {
		if !p.takes(parts[i]) {
			return false
		}
	}
	return true
}

// takes is as generous with capitals as the router is.
func (p patternPart) takes(part string) bool {
	switch {
	case p.word != "":
		return strings.EqualFold(p.word, part)
	case p.language:
		return training.SpeaksLanguage(part)
	}
	return len(part) > len(p.before)+len(p.after) && strings.HasPrefix(part, p.before) && strings.HasSuffix(part, p.after)
}

// wrongMethod puts in the place of a refusal that the address does not take the
// method, where that is the case: whoever stands before a route which is not there
// has refused for a reason that leads nowhere.
func (h *Handlers) wrongMethod(c *fiber.Ctx, fault *training.Fault) *training.Fault {
	status := statusOf(fault)
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return fault
	}
	allowed := h.methods.of(c.Path())
	if len(allowed) == 0 || slices.Contains(allowed, c.Method()) {
		return fault
	}
	c.Append(fiber.HeaderAllow, allowed...)
	return &training.Fault{Kind: kindMethod}
}

// nearestPage is the page that an address without one belongs to; empty: none.
func (h *Handlers) nearestPage(address string) string {
	for address = path.Dir(address); len(addressParts(address)) > 1; address = path.Dir(address) {
		if slices.Contains(h.methods.of(address), http.MethodGet) {
			return address
		}
	}
	return ""
}
