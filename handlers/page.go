package handlers

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/i18n/cldr"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// Base is what every page has. A page's own struct embeds it and adds what the
// page shows. The speaker's methods (T, Date, Country …) are the page's.
type Base struct {
	*i18n.Speaker
	Title       string          // of the document, without the name of the site
	Description string          // for search engines and link previews; may be empty
	Viewer      *people.Account // nil: a visitor, or Unknown
	Unknown     bool            // the reader says to be somebody, and nobody has looked up who
	CSRF        string          // token of the page's forms
	Path        string          // address after the language, with its query
	Menu        []MenuItem
	Notices     []Notice
	Faults      []FieldFault // what was wrong with the form that was sent
	Refused     bool         // what was sent was refused, for a reason that one of Notices says
	NoIndex     bool
	Keeps       bool // the page has a form whose answers stay in another language
	BaseURL     string

	// MachineTitle: a machine put the title of a course on the page into the
	// reader's language.
	MachineTitle bool

	titled     func(training.Titles) catalogue.Text // as the catalogue calls a course now; nil: the page names none
	citiesSaid bool
	static     *staticFiles
}

// MenuItem is one entry of the main menu.
type MenuItem struct {
	Href, Label string
	Current     bool
}

// Notice is a sentence above the page's content. Tone: "ok", "wait", "bad" or
// empty.
type Notice struct{ Tone, Text string }

// FieldFault is a fault of one field in words of the reader. Label is the name
// of the field, set where the text alone would not tell it from another.
type FieldFault struct{ Field, Label, Text string }

// Asset is the address of a static file.
func (b *Base) Asset(name string) string { return b.static.Address(name) }

// Href is the address of a page in the reader's language.
func (b *Base) Href(parts ...string) string { return "/" + b.Lang() + strings.Join(parts, "") }

// Icon draws an icon of the sprite; it is decoration beside words.
func (b *Base) Icon(name string) template.HTML {
	return template.HTML(`<svg class="vd-icon" aria-hidden="true"><use href="` + //nolint:gosec // both parts are ours
		template.HTMLEscapeString(b.Asset("img/icons.svg")+"#"+name) + `"/></svg>`)
}

// Error is what is wrong with a field; empty: nothing.
func (b *Base) Error(field string) string {
	for _, f := range b.Faults {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

// CourseName is the title of a course in words that the reader can read best.
// Lang is empty where that is the language of the page.
type CourseName struct{ Text, Lang string }

// courseName calls a course as its page in the catalogue does.
func (b *Base) courseName(titles training.Titles) CourseName {
	title := b.titled(titles)
	b.MachineTitle = b.MachineTitle || title.Origin == catalogue.OriginMachine
	said := b.inLanguage(title)
	return CourseName{said.Text, said.Lang}
}

// Cities gives a page's first instant the names of cities with which a script
// says where its reader is, and nothing to the others.
func (b *Base) Cities() string {
	if b.citiesSaid {
		return ""
	}
	b.citiesSaid = true
	return b.CLDR().CityNames()
}

// LanguageLink is one language of the language menu, under its own name.
type LanguageLink struct {
	Lang, Name, Href string
	Current          bool
}

// Languages are the twelve, in the order of their own names, each leading to
// this same page.
func (b *Base) Languages() []LanguageLink {
	links := make([]LanguageLink, 0, len(training.Languages))
	for _, lang := range languageOrder {
		links = append(links, LanguageLink{lang, autonym(lang), "/" + lang + b.Path, lang == b.Lang()})
	}
	return links
}

// languageOrder is Latin-alphabetical by own name, Cyrillic last, the same for
// everyone, so that a language is always at the same place.
var languageOrder = func() []string {
	langs := slices.Clone(training.Languages)
	slices.SortFunc(langs, func(a, b string) int { return cldr.For("en").Compare(autonym(a), autonym(b)) })
	return langs
}()

func autonym(lang string) string {
	name := []rune(cldr.For(lang).Autonym())
	return strings.ToUpper(string(name[:1])) + string(name[1:])
}

// Self is the whole address of this page in a language, for search engines.
func (b *Base) Self(lang string) string { return b.BaseURL + "/" + lang + b.Path }

// DateTime is the machine form of an instant, for <time>.
func (b *Base) DateTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// pages are the parsed templates, by name.
type pages map[string]*template.Template

// loadPages parses each page together with the layout and the partials, so that
// a broken template is found at start.
func loadPages(tree fs.FS) (pages, error) {
	shared, err := template.New("layout.html").Funcs(template.FuncMap{
		"list": func(items ...any) []any { return items },
		"pair": func(page, item any) map[string]any { return map[string]any{"Page": page, "Item": item} },
	}).ParseFS(tree, "layout.html", "partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the layout: %w", err)
	}
	names, err := fs.Glob(tree, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	all := pages{}
	for _, name := range names {
		page, err := shared.Clone()
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		if page, err = page.ParseFS(tree, name); err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		all[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return all, nil
}

// based is any page struct that embeds Base.
type based interface{ base() *Base }

func (b *Base) base() *Base { return b }

// render fills a page into a buffer first, so that a fault in the middle never
// reaches a reader as half a page.
func (h *Handlers) render(c *fiber.Ctx, status int, name string, page based) error {
	text, err := h.fill(name, page)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(text)
}

func (h *Handlers) fill(name string, page based) ([]byte, error) {
	t, ok := h.pages[name]
	if !ok {
		return nil, fmt.Errorf("no template for page %s", name)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout.html", page); err != nil {
		return nil, fmt.Errorf("fill page %s: %w", name, err)
	}
	// Most pages have no such form. That one has is seen when it is made.
	if b := page.base(); !b.Keeps && bytes.Contains(out.Bytes(), []byte(answersForm)) {
		b.Keeps, b.citiesSaid = true, false
		return h.fill(name, page)
	}
	return out.Bytes(), nil
}

// newBase starts a page. title is already in words.
func (h *Handlers) newBase(c *fiber.Ctx, title string) Base {
	b := Base{Speaker: h.bundle.For(langOf(c)), Title: title, Viewer: viewerOf(c), Path: pathOf(c),
		BaseURL: h.options.BaseURL, static: h.static, titled: h.titledFor(c.UserContext(), langOf(c))}
	b.Unknown = c.Locals(localUnknown) == true
	if b.CSRF = h.csrfToken(c); c.Locals(localBlank) == true {
		b.CSRF = h.blanks.form
	}
	b.Menu = h.menu(&b)
	if notice := takeNotice(c, h); notice != "" {
		b.Notices = append(b.Notices, Notice{Tone: noticeTone(notice), Text: b.T(notice)})
	}
	return b
}

// titledFor says how the catalogue calls courses in a language.
func (h *Handlers) titledFor(ctx context.Context, lang string) func(training.Titles) catalogue.Text {
	return func(of training.Titles) catalogue.Text { return h.catalogue.Title(ctx, of, lang) }
}

// pathOf is the address of the page after its language. A page that answers a form
// is that on which the form stood: where forms go nobody can look.
func pathOf(c *fiber.Ctx) string {
	lang, rest, _ := strings.Cut(strings.TrimPrefix(returnPath(c), "/"), "/")
	if !reads(c) && !training.SpeaksLanguage(lang) {
		return "/"
	}
	return "/" + rest
}

// noticeTone: most notices say that something was done; these say why it was not.
func noticeTone(key string) string {
	switch key {
	case "notice.seat_gone", "notice.others_quicker":
		return "bad"
	case "notice.already_enrolled", "notice.already_waiting", "notice.already_offered":
		return ""
	}
	return "ok"
}

// menu holds what the reader's role has use for.
func (h *Handlers) menu(b *Base) []MenuItem {
	items := []MenuItem{{Href: b.Href("/courses"), Label: b.T("menu.courses")}}
	if b.Viewer != nil {
		items = append(items, MenuItem{Href: b.Href("/me"), Label: b.T("menu.me")})
		switch b.Viewer.Role {
		case training.RoleInstructor:
			items = append(items, MenuItem{Href: b.Href("/teach"), Label: b.T("menu.teach")})
		case training.RoleAgency:
			items = append(items, MenuItem{Href: b.Href("/agency"), Label: b.T("menu.agency")})
		case training.RoleCoordinator:
			items = append(items, MenuItem{Href: b.Href(statePath), Label: b.T("state.title")})
		case training.RoleAdmin:
			items = append(items, MenuItem{Href: b.Href("/admin"), Label: b.T("menu.admin")})
		}
	}
	items = append(items, MenuItem{Href: b.Href("/verify"), Label: b.T("menu.verify")})
	here := b.Href(strings.Split(b.Path, "?")[0])
	for i := range items {
		items[i].Current = here == items[i].Href || strings.HasPrefix(here, items[i].Href+"/")
	}
	if strings.HasPrefix(here, b.Href("/runs/")) { // the dates of a course are a part of the catalogue
		items[0].Current = true
	}
	return items
}
