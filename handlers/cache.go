package handlers

import (
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/people"
)

// pageCache keeps pages for a second: filling a template costs many times what
// sending its result does, and a second is what a figure may be old (the seat
// contract, point 3).
type pageCache struct {
	clock func() time.Time
	mu    sync.Mutex
	pages map[pageKey]cachedPage
	moved map[int]time.Time         // until when people who did something get pages made anew
	made  map[pageKey]chan struct{} // the pages that are being made
}

// pageKey says who gets the same page: visitors from one country, or people who
// differ in nothing but name and address.
type pageKey struct {
	address, country string
	reader           people.Account // the zero account: a visitor
}

type cachedPage struct {
	kind  string
	text  mould
	known map[int]bool // people who have something of their own on the page
	ends  time.Time
}

const (
	cacheLife  = time.Second
	cachePages = 512 // some 50 MB at the worst
	cacheMoved = 10_000
)

func newPageCache(clock func() time.Time) *pageCache {
	return &pageCache{clock: clock, pages: map[pageKey]cachedPage{}, moved: map[int]time.Time{},
		made: map[pageKey]chan struct{}{}}
}

// get gives a page that a person (0: a visitor) may be given.
func (p *pageCache) get(key pageKey, person int) (cachedPage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.pages[key]
	return page, ok && p.clock().Before(page.ends) && !page.known[person]
}

func (p *pageCache) put(key pageKey, page cachedPage) {
	page.ends = p.clock().Add(cacheLife)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pages) >= cachePages {
		clear(p.pages)
	}
	p.pages[key] = page
}

// turn lets one at a time make a page: it waits while another does, and tells
// whether nobody did. Who was told so ends the turn.
func (p *pageCache) turn(key pageKey) (mine bool, end func()) {
	p.mu.Lock()
	other, busy := p.made[key]
	if !busy {
		done := make(chan struct{})
		p.made[key] = done
		p.mu.Unlock()
		return true, func() {
			p.mu.Lock()
			delete(p.made, key)
			p.mu.Unlock()
			close(done)
		}
	}
	p.mu.Unlock()
	<-other
	return false, func() {}
}

// move notes that a person did something, of which no kept page knows.
func (p *pageCache) move(person int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.moved) >= cacheMoved {
		clear(p.moved)
		clear(p.pages)
	}
	p.moved[person] = p.clock().Add(cacheLife)
}

// still reports whether the person did nothing that kept pages may not know of.
func (p *pageCache) still(person int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, ok := p.moved[person]
	if ok && !p.clock().Before(until) {
		delete(p.moved, person)
		ok = false
	}
	return !ok
}

// knows tells, for a page on which some people have something of their own, who
// they are.
type knows func(*fiber.Ctx) (map[int]bool, error)

// fromCache answers from a copy at most a second old, and keeps what a handler
// after it makes. Nothing of one reader may reach another: the page is made for
// somebody without a number, name, address or form token, and these are filled in
// on the way out; it is passed by whoever brings a notice or a form's cookie.
func (h *Handlers) fromCache(c *fiber.Ctx) error { return h.cached(c, nil) }

// fromRunCache is fromCache for pages of a run, where people may hold or have a
// seat: they get a page of their own.
func (h *Handlers) fromRunCache(c *fiber.Ctx) error {
	return h.cached(c, func(c *fiber.Ctx) (map[int]bool, error) {
		return h.enrolment.Known(c.UserContext(), c.Params("code"))
	})
}

func (h *Handlers) cached(c *fiber.Ctx, known knows) error {
	viewer := viewerOf(c)
	person, key := 0, pageKey{address: c.OriginalURL(), country: frontCountry(c)}
	if viewer != nil {
		person, key.reader = viewer.ID, *viewer
		key.reader.ID, key.reader.Email, key.reader.Name, key.reader.Locale = 0, "", "", ""
	}
	if c.Method() != fiber.MethodGet || c.Cookies(noticeCookie) != "" || c.Cookies(formCookie) != "" || !h.cache.still(person) {
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		return c.Next()
	}
	if page, ok := h.cache.get(key, person); ok {
		return h.sendCached(c, page)
	}
	mine, end := h.cache.turn(key)
	defer end()
	if !mine {
		if page, ok := h.cache.get(key, person); ok {
			return h.sendCached(c, page)
		}
	}
	page := cachedPage{}
	if known != nil && viewer != nil {
		var err error
		if page.known, err = known(c); err != nil {
			return err
		}
		if page.known[person] {
			c.Set(fiber.HeaderCacheControl, "private, no-store")
			return c.Next()
		}
	}
	return h.makeCached(c, key, page)
}

// makeCached has the page made for nobody in particular, keeps and sends it.
func (h *Handlers) makeCached(c *fiber.Ctx, key pageKey, page cachedPage) error {
	viewer := viewerOf(c)
	if viewer != nil {
		c.Locals(localViewer, h.blanks.nobody(viewer))
		c.Locals(localBlank, true)
	}
	err := c.Next()
	if viewer != nil {
		c.Locals(localViewer, viewer)
		c.Locals(localBlank, false)
	}
	if err != nil {
		return err
	}
	body := c.Response().Body()
	if c.Response().StatusCode() != fiber.StatusOK || len(c.Response().Header.ContentEncoding()) > 0 {
		c.Response().SetBody(h.blanks.fill(body, h.own(c)))
		return nil
	}
	page.kind = string(c.Response().Header.ContentType())
	if page.text, err = h.blanks.cast(body); err != nil {
		return err
	}
	h.cache.put(key, page)
	return h.sendCached(c, page)
}

// own is what of a kept page is the reader's.
func (h *Handlers) own(c *fiber.Ctx) personal {
	viewer := viewerOf(c)
	if viewer == nil {
		return personal{}
	}
	return personal{name: viewer.Name, email: viewer.Email, form: h.csrfToken(c)}
}

func (h *Handlers) sendCached(c *fiber.Ctx, page cachedPage) error {
	c.Set(fiber.HeaderContentType, page.kind)
	c.Set(fiber.HeaderCacheControl, "private, max-age=1")
	if viewerOf(c) != nil {
		c.Set(fiber.HeaderCacheControl, "private, no-store")
	}
	c.Vary(fiber.HeaderAcceptEncoding, fiber.HeaderCookie)
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(page.text.gzipped(h.own(c)))
	}
	return c.Send(page.text.plain(h.own(c)))
}
