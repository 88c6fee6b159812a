package handlers

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// addressesInPart is how many addresses one sitemap has at most. The protocol
// allows 50,000 and 50 MB; with twelve alternates each, 50 MB come first.
const addressesInPart = 12_000

// publicPages are those of the site that belong to no course and no run, as
// addresses after the language.
var publicPages = []string{"/", "/courses", "/verify", "/about", "/privacy", "/accessibility"}

// canonicalPath is the address after the language under which search engines
// keep this page: without its query, but for the page of a list.
func (b *Base) canonicalPath() string {
	path, query, _ := strings.Cut(b.Path, "?")
	if path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	values, err := url.ParseQuery(query)
	if err != nil || path != "/courses" {
		return path
	}
	if page, err := strconv.Atoi(values.Get("page")); err == nil && page > 1 {
		path += "?page=" + strconv.Itoa(page)
	}
	return path
}

// Canonical is the whole address of this page, for search engines.
func (b *Base) Canonical() string { return b.BaseURL + "/" + b.Lang() + b.canonicalPath() }

// territories are those whose use of a language a page has: link previews want a
// language with one.
var territories = map[string]string{"da": "DK", "de": "DE", "en": "GB", "et": "EE", "fi": "FI", "is": "IS", "lt": "LT",
	"lv": "LV", "nb": "NO", "pl": "PL", "ru": "RU", "sv": "SE"}

// Locale is the language of the page as link previews name it.
func (b *Base) Locale() string { return b.Lang() + "_" + territories[b.Lang()] }

// OtherLocales are those in which the page can be had too.
func (b *Base) OtherLocales() []string {
	var others []string
	for _, lang := range training.Languages {
		if lang != b.Lang() {
			others = append(others, lang+"_"+territories[lang])
		}
	}
	return others
}

// Alternate is this page in one language, or for everybody else (x-default).
type Alternate struct{ Lang, Href string }

// Alternates are this page in each language. Who reads none of them is led to
// English, or on the first page to where the language is asked for.
func (b *Base) Alternates() []Alternate { return alternates(b.BaseURL, b.canonicalPath()) }

func alternates(base, path string) []Alternate {
	list := make([]Alternate, 0, len(training.Languages)+1)
	for _, lang := range training.Languages {
		list = append(list, Alternate{lang, base + "/" + lang + path})
	}
	everybody := base + "/en" + path
	if path == "/" {
		everybody = base + "/"
	}
	return append(list, Alternate{"x-default", everybody})
}

// publicPaths are all pages that search engines may show, in an order in which
// later ones come at the end as far as possible.
func (h *Handlers) publicPaths(c *fiber.Ctx) ([]string, error) {
	addresses, err := h.catalogue.Addresses(c.UserContext())
	if err != nil {
		return nil, err
	}
	paths := append(make([]string, 0, len(publicPages)+len(addresses)), publicPages...)
	for _, a := range addresses {
		if a.Course != "" {
			paths = append(paths, "/courses/"+url.PathEscape(a.Course))
		} else {
			paths = append(paths, "/runs/"+url.PathEscape(a.Run))
		}
	}
	return paths, nil
}

// sitemap lists all public pages in all languages, or where they are too many,
// the parts of that list.
func (h *Handlers) sitemap(c *fiber.Ctx) error {
	paths, err := h.publicPaths(c)
	if err != nil {
		return err
	}
	parts := sitemapParts(paths)
	if len(parts) == 1 {
		return h.streamSitemap(c, parts[0])
	}
	var index strings.Builder
	index.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for i := range parts {
		fmt.Fprintf(&index, "<sitemap><loc>%s/sitemap/%d.xml</loc></sitemap>\n", escapeXML(h.options.BaseURL), i+1)
	}
	index.WriteString("</sitemapindex>\n")
	c.Set(fiber.HeaderContentType, sitemapKind)
	return c.SendString(index.String())
}

const sitemapKind = "application/xml; charset=utf-8"

func sitemapParts(paths []string) [][]string {
	var parts [][]string
	const most = addressesInPart / 12
	for len(paths) > most {
		parts, paths = append(parts, paths[:most]), paths[most:]
	}
	return append(parts, paths)
}

// sitemapPart is one of the parts that the index names, from 1.
func (h *Handlers) sitemapPart(c *fiber.Ctx) error {
	n, err := c.ParamsInt("part")
	if err != nil {
		return fiber.ErrNotFound
	}
	paths, err := h.publicPaths(c)
	if err != nil {
		return err
	}
	parts := sitemapParts(paths)
	if n < 1 || n > len(parts) {
		return fiber.ErrNotFound
	}
	return h.streamSitemap(c, parts[n-1])
}

// streamSitemap writes as it goes: a part is some twenty megabytes.
func (h *Handlers) streamSitemap(c *fiber.Ctx, paths []string) error {
	base := h.options.BaseURL
	c.Set(fiber.HeaderContentType, sitemapKind)
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		fmt.Fprint(w, xml.Header, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">`, "\n")
		for _, path := range paths {
			all := alternates(base, path)
			var links strings.Builder
			for _, a := range all {
				fmt.Fprintf(&links, `<xhtml:link rel="alternate" hreflang="%s" href="%s"/>`, a.Lang, escapeXML(a.Href))
			}
			for _, a := range all[:len(all)-1] {
				fmt.Fprintf(w, "<url><loc>%s</loc>%s</url>\n", escapeXML(a.Href), links.String())
			}
			if w.Flush() != nil {
				return // the reader has left
			}
		}
		fmt.Fprint(w, "</urlset>\n")
	})
	return nil
}

func escapeXML(s string) string {
	var out strings.Builder
	if err := xml.EscapeText(&out, []byte(s)); err != nil {
		return ""
	}
	return out.String()
}
