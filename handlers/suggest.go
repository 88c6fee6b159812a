package handlers

import (
	"context"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/i18n/cldr"
	"github.com/varde-platform/varde/internal/training"
)

// suggestName is the address of the suggestions after that of the courses.
const suggestName = "suggest"

// What is suggested at most, and from how many characters on: one tells nothing.
const (
	mostSuggested = 8
	mostGroups    = 2 // of them topics and professions
	leastTyped    = 2
	mostTyped     = 200
)

// suggestLimit is how often an address may ask in a minute, answers from the
// cache aside: a person asks a few times for a search, and many people of one
// agency share an address.
const suggestLimit = 1200

// suggestions is what a search field shows while somebody types.
type suggestions struct {
	Say     string       `json:"say"` // read aloud; empty: there is nothing to say
	Options []suggestion `json:"options"`
}

// suggestion leads to a course, or to the courses of a topic or profession.
type suggestion struct {
	Text string `json:"text"`
	Lang string `json:"lang,omitempty"` // of the text, where it is not the page's
	Note string `json:"note,omitempty"` // what it is, where it is no course
	Href string `json:"href"`
}

// suggest answers with what the words typed so far would find.
func (h *Handlers) suggest(c *fiber.Ctx) error {
	b := Base{Speaker: h.bundle.For(langOf(c))}
	typed := typedText(c.Query("q"))
	answer := suggestions{Options: []suggestion{}}
	if len([]rune(cldr.Fold(typed))) < leastTyped {
		return c.JSON(answer)
	}
	answer.Options = append(answer.Options, b.groupsNamed(typed)...)
	courses, err := h.catalogue.Complete(c.UserContext(), typed, b.Lang(), mostSuggested-len(answer.Options))
	if err != nil {
		return err
	}
	for _, course := range courses {
		title, _ := b.phrase(course, catalogue.KindTitle)
		answer.Options = append(answer.Options, suggestion{Text: title.Text, Lang: title.Lang, Href: b.Href("/courses/", course.Slug)})
	}
	if n := len(answer.Options); n > 0 {
		answer.Say = b.T("search.say", "count", n)
	}
	return c.JSON(answer)
}

// typedText is what was typed, on one line and no longer than a search can be.
func typedText(raw string) string {
	text := []rune(strings.ToValidUTF8(raw, " "))
	return strings.TrimSpace(string(text[:min(len(text), mostTyped)]))
}

// groupsNamed are the topics and professions in whose name each word typed
// begins a word.
func (b *Base) groupsNamed(typed string) []suggestion {
	words := strings.Fields(cldr.Fold(typed))
	var named []suggestion
	for _, group := range []struct {
		kind, note string
		ids        []string
	}{{"topic", "courses.topic", training.Topics}, {"profession", "courses.profession", training.Professions}} {
		for _, id := range group.ids {
			name := b.T(group.kind + "." + id)
			if len(named) < mostGroups && beginWords(words, name) {
				named = append(named, suggestion{Text: name, Note: b.T(group.note),
					Href: b.Href("/courses?", url.Values{group.kind: {id}}.Encode())})
			}
		}
	}
	return named
}

func beginWords(words []string, name string) bool {
	folded := " " + strings.NewReplacer("-", " ", "(", " ", "/", " ").Replace(cldr.Fold(name))
	for _, w := range words {
		if !strings.Contains(folded, " "+w) {
			return false
		}
	}
	return len(words) > 0
}

// coursesMeant tells the reader of a list for which words it was made, where
// those typed are found nowhere, or proposes others where nothing was found.
func (h *Handlers) coursesMeant(ctx context.Context, page *CoursesPage) error {
	meant, err := h.catalogue.Suggest(ctx, page.Query.Query)
	if err != nil || meant == "" {
		return err
	}
	if page.Found.Total > 0 {
		page.Taken = page.T("search.taken", "text", meant)
		return nil
	}
	q := page.Query
	q.Text, q.Page = meant, 1
	found, err := h.catalogue.Find(ctx, q.Query)
	if err == nil && found.Total > 0 {
		page.Meant = &Chip{Label: page.T("search.did_you_mean", "text", meant), Href: coursesHref(q)}
	}
	return err
}
