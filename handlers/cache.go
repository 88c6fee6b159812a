package handlers

import (
	"maps"
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
	known func(person int) bool // who has something of their own on the page; nil: nobody
	ends  time.Time
}

// suits reports whether a person may be given the page.
func (p cachedPage) suits(person int) bool { return p.known == nil || !p.known(person) }

const (
	cacheLife  = time.Second
	cachePages = 512 // some 50 MB at the worst
	cacheMoved = 10_000
)

func newPageCache(clock func() time.Time) *pageCache {
	return &pageCache{clock: clock, pages: map[pageKey]cachedPage{}, moved: map[int]time.Time{},
		made: map[pageKey]chan struct{}{}}
}

func (p *pageCache) get(key pageKey) (cachedPage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.pages[key]
	return page, ok && p.clock().Before(page.ends)
}

// put keeps a page as long as there is room: in a rush the same few are wanted.
func (p *pageCache) put(key pageKey, page cachedPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pages) >= cachePages {
		now := p.clock()
		maps.DeleteFunc(p.pages, func(_ pageKey, old cachedPage) bool { return !now.Before(old.ends) })
	}
	if _, there := p.pages[key]; there || len(p.pages) < cachePages {
		p.pages[key] = page
	}
}

// turnPatience is how long a reader waits for a page that another has made.
const turnPatience = 100 * time.Millisecond

// turn lets one at a time make a page: it waits while another does, for a moment,
// and tells whether nobody did. Who was told so ends the turn.
func (p *pageCache) turn(key pageKey) (mine bool, end func()) {
	p.mu.Lock()
	other, busy := p.made[key]
	if !busy {
		done := make(chan struct{})
		p.made[key] = done
		p.mu.Unlock()
		return true, sync.OnceFunc(func() {
			p.mu.Lock()
			delete(p.made, key)
			p.mu.Unlock()
			close(done)
		})
	}
	p.mu.Unlock()
	select {
	case <-other:
	case <-time.After(turnPatience):
	}
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
type knows func(*fiber.Ctx) (func(person int) bool, error)

// fromCache answers from a copy at most a second old, and keeps what a handler
// after it makes. Nothing of one reader may reach another: the page is made for
// somebody without a number, name, address or form token, and these are filled in
// on the way out; it is passed by whoever brings a notice or a form's cookie.
func (h *Handlers) fromCache(c *fiber.Ctx) error { return h.cached(c, nil) }

// fromRunCache is fromCache for pages of a run, where people may hold or have a
// seat: they get a page of their own.
func (h *Handlers) fromRunCache(c *fiber.Ctx) error {
	return h.cached(c, func(c *fiber.Ctx) (func(int) bool, error) {
		return h.enrolment.Knows(c.UserContext(), c.Params("code"))
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
		return ownPage(c)
	}
	end := func() {}
	for range 2 { // the second time after another has made the page
		if page, ok := h.cache.get(key); ok && page.suits(person) {
			return h.sendCached(c, page)
		} else if ok {
			return ownPage(c)
		}
		var mine bool
		if mine, end = h.cache.turn(key); mine {
			defer end()
			break
		}
	}
	page := cachedPage{ends: h.cache.clock().Add(cacheLife)} // what it is read from is no older
	if known != nil && viewer != nil {
		var err error
		if page.known, err = known(c); err != nil {
			return err
		}
		if !page.suits(person) {
			end()
			return ownPage(c)
		}
	}
	return h.makeCached(c, key, page)
}

// ownPage has a page made for its reader alone.
func ownPage(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Next()
}

// makeCached has the page made for nobody in particular, keeps and sends it.
func (h *Handlers) makeCached(c *fiber.Ctx, key pageKey, page cachedPage) error {
	err := h.asNobody(c)
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

// asNobody goes on as if somebody like the reader had asked who is nobody.
func (h *Handlers) asNobody(c *fiber.Ctx) error {
	viewer := viewerOf(c)
	if viewer == nil {
		return c.Next()
	}
	c.Locals(localViewer, h.blanks.nobody(viewer))
	c.Locals(localBlank, true)
	defer func() { // also where the page ends in a panic, which is answered to the reader
		c.Locals(localViewer, viewer)
		c.Locals(localBlank, false)
	}()
	return c.Next()
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
