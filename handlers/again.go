package handlers

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Without script a link to another language would lose what was typed. On pages
// with a form to fill in, the languages are buttons of that form as well: they
// send it to the same page in the other language, which is then shown with the
// answers in place and does nothing with them.

const (
	// againName is what such a button sends with the form.
	againName = "_again"
	// answersForm marks, in templates, the form whose answers are kept.
	answersForm = `id="answers"`
)

// again shows the page of a form's address, with what was typed, where the form
// was sent for its language alone. It stands behind csrf, and before what acts.
func (h *Handlers) again(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodPost || c.FormValue(againName) == "" {
		return c.Next()
	}
	typed := map[string][]string{}
	for name, value := range c.Request().PostArgs().All() {
		typed[string(name)] = append(typed[string(name)], string(value))
	}
	request := c.Request()
	accepted := string(request.Header.Peek(fiber.HeaderAcceptEncoding))
	request.Header.Del(fiber.HeaderAcceptEncoding) // the answers go into a page that is not packed yet
	request.PostArgs().Reset()
	request.ResetBody()
	request.Header.SetMethod(fiber.MethodGet)
	c.Method(fiber.MethodGet)
	err := c.RestartRouting()
	request.Header.Set(fiber.HeaderAcceptEncoding, accepted)
	if err == nil && strings.HasPrefix(string(c.Response().Header.ContentType()), fiber.MIMETextHTML) {
		c.Response().SetBodyString(refilled(string(c.Response().Body()), typed))
	}
	return err
}

// refilled is a page of ours whose form of answers has what was typed. Passwords
// and files are asked for anew, and the page's own token stays.
func refilled(page string, typed map[string][]string) string {
	start := strings.Index(page, answersForm)
	if start < 0 {
		return page
	}
	end := strings.Index(page[start:], "</form>")
	if end < 0 {
		return page
	}
	end += start
	return page[:start] + refill(page[start:end], typed) + page[end:]
}

var (
	// The templates write each attribute in double quotes.
	formTag   = regexp.MustCompile(`(?s)<(?:input|select|option)\b[^>]*>|<textarea\b[^>]*>.*?</textarea>`)
	attribute = regexp.MustCompile(` (name|type|value)="([^"]*)"`)
	chosen    = regexp.MustCompile(` (?:checked|selected)\b`)
)

func refill(form string, typed map[string][]string) string {
	within := "" // name of the select in which options stand
	return formTag.ReplaceAllStringFunc(form, func(tag string) string {
		a := attributes(tag)
		values, sent := typed[a["name"]]
		switch {
		case strings.HasPrefix(tag, "<select"):
			within = a["name"]
		case strings.HasPrefix(tag, "<option"):
			if values, sent := typed[within]; sent {
				return mark(tag, " selected", slices.Contains(values, a["value"]))
			}
		case a["name"] == "" || a["name"] == "_csrf" || a["type"] == "password" || a["type"] == "file":
		case a["type"] == "checkbox" || a["type"] == "radio":
			return mark(tag, " checked", slices.Contains(values, a["value"])) // one not ticked is not sent
		case !sent:
		case strings.HasPrefix(tag, "<textarea"):
			opening := tag[:strings.Index(tag, ">")+1]
			return opening + "\n" + html.EscapeString(values[0]) + "</textarea>" // a browser drops the first line's end
		default:
			return withValue(tag, values[0])
		}
		return tag
	})
}

func attributes(tag string) map[string]string {
	found := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag[:strings.Index(tag, ">")], -1) {
		found[m[1]] = html.UnescapeString(m[2])
	}
	return found
}

func mark(tag, word string, on bool) string {
	tag = chosen.ReplaceAllString(tag, "")
	if !on {
		return tag
	}
	return strings.TrimSuffix(tag, ">") + word + ">"
}

func withValue(tag, value string) string {
	written := ` value="` + html.EscapeString(value) + `"`
	if at := attribute.FindAllStringSubmatchIndex(tag, -1); at != nil {
		for _, m := range at {
			if tag[m[2]:m[3]] == "value" {
				return tag[:m[0]] + written + tag[m[1]:]
			}
		}
	}
	return strings.TrimSuffix(tag, ">") + written + ">"
}
