package handlers

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/training"
)

// limited counts tries of one address for a purpose. A request for the headers
// alone counts too: its status tells as much.
func (h *Handlers) limited(purpose string, most int, within time.Duration) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := h.count(c, purpose+":"+h.addressOf(c), most, within); err != nil {
			return err
		}
		return c.Next()
	}
}

// searchLimit is how often an address or a token may search in a minute, answers
// from the cache aside: a hundred people of one agency, each with a search every ten
// seconds.
const searchLimit = 600

// limitedSearch counts searches for words, which cost far more than filters in a
// large catalogue. They count per token where one is used.
func (h *Handlers) limitedSearch() fiber.Handler {
	return func(c *fiber.Ctx) error {
		if strings.TrimSpace(c.Query("q")) == "" {
			return c.Next()
		}
		who, hasToken := c.Locals(localTokenSum).(string)
		if !hasToken {
			who = h.addressOf(c)
		}
		if err := h.count(c, "search:"+who, searchLimit, time.Minute); err != nil {
			return err
		}
		return c.Next()
	}
}

func (h *Handlers) count(c *fiber.Ctx, key string, most int, within time.Duration) error {
	if over, wait := h.limits.Over(c.UserContext(), key, most, within); over {
		return &training.Fault{Kind: training.KindRateLimited, RetryAfter: wait}
	}
	return nil
}

// addressOf is where a request comes from. Each proxy adds the address it was
// called from at the end of X-Forwarded-For, so what counts is the last one that
// is not a proxy of ours: what stands before it is whatever the sender wrote.
func (h *Handlers) addressOf(c *fiber.Ctx) string {
	from, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return c.IP()
	}
	from = from.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for _, hop := range slices.Backward(hops) {
		if !h.isProxy(from) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		from = before.Unmap()
	}
	return from.String()
}

func (h *Handlers) isProxy(a netip.Addr) bool {
	return slices.ContainsFunc(h.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// networks reads addresses and networks such as 10.0.0.0/8.
func networks(texts []string) ([]netip.Prefix, error) {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			list[i] = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q is neither an address nor a network", text)
		}
		list[i] = network
	}
	return list, nil
}
