package handlers

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// pageCache keeps pages as visitors who are not signed in get them, for a
// second: filling a template costs many times what sending its result does, and
// a second is what a figure may be old (the seat contract, point 3).
type pageCache struct {
	clock func() time.Time
	mu    sync.Mutex
	pages map[string]cachedPage
}

type cachedPage struct {
	kind    string
	plain   []byte
	gzipped []byte
	ends    time.Time
}

const (
	cacheLife  = time.Second
	cachePages = 512 // some 25 MB at the worst
)

func newPageCache(clock func() time.Time) *pageCache {
	return &pageCache{clock: clock, pages: map[string]cachedPage{}}
}

func (p *pageCache) get(key string) (cachedPage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page, ok := p.pages[key]
	return page, ok && p.clock().Before(page.ends)
}

func (p *pageCache) put(key string, page cachedPage) {
	page.ends = p.clock().Add(cacheLife)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pages) >= cachePages {
		clear(p.pages)
	}
	p.pages[key] = page
}

// fromCache answers a visitor from a copy at most a second old, and keeps what
// a handler after it makes. Nothing of one reader may reach another: it is
// passed by whoever is signed in or brings a notice or a form's cookie.
func (h *Handlers) fromCache(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodGet || viewerOf(c) != nil || c.Cookies(noticeCookie) != "" || c.Cookies(formCookie) != "" {
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		return c.Next()
	}
	key := c.OriginalURL()
	if page, ok := h.cache.get(key); ok {
		return sendCached(c, page)
	}
	if err := c.Next(); err != nil {
		return err
	}
	if c.Response().StatusCode() != fiber.StatusOK || len(c.Response().Header.ContentEncoding()) > 0 {
		return nil
	}
	page := cachedPage{kind: string(c.Response().Header.ContentType()), plain: bytes.Clone(c.Response().Body())}
	var err error
	if page.gzipped, err = gzipped(page.plain, gzip.BestSpeed); err != nil {
		return err
	}
	h.cache.put(key, page)
	return sendCached(c, page)
}

func sendCached(c *fiber.Ctx, page cachedPage) error {
	c.Set(fiber.HeaderContentType, page.kind)
	c.Set(fiber.HeaderCacheControl, "private, max-age=1")
	c.Vary(fiber.HeaderAcceptEncoding, fiber.HeaderCookie)
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(page.gzipped)
	}
	return c.Send(page.plain)
}
