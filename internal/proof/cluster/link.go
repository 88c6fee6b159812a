package cluster

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// Link is the network between a server and what it needs, which a proof can
// make slow, cut, or silent. It is not for concurrent use.
type Link struct {
	Address string // host:port at which it is entered

	proxy *toxiproxy.Proxy
}

// newLink leads to the host and port of a URL.
func newLink(ctx context.Context, to string) (*Link, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, fmt.Errorf("lay a link: %w", err)
	}
	port, err := services.FreePort(ctx)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	hub := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(hub, address, address, u.Host)
	if err := proxy.Start(); err != nil {
		return nil, fmt.Errorf("lay a link to %s: %w", u.Host, err)
	}
	return &Link{Address: address, proxy: proxy}, nil
}

// Slow lets every answer take so much longer, more or less by the jitter.
func (l *Link) Slow(latency, jitter time.Duration) error {
	return l.add(fmt.Sprintf(`{"type": "latency", "stream": "downstream", "attributes": {"latency": %d, "jitter": %d}}`,
		latency.Milliseconds(), jitter.Milliseconds()))
}

// Cut resets every connection soon after something is asked through it.
func (l *Link) Cut(after time.Duration) error {
	return l.add(fmt.Sprintf(`{"type": "reset_peer", "stream": "upstream", "attributes": {"timeout": %d}}`, after.Milliseconds()))
}

// Silence swallows what is asked: connections stand, and no answer ever comes.
func (l *Link) Silence() error {
	return l.add(`{"type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`)
}

func (l *Link) add(toxic string) error {
	if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		return fmt.Errorf("spoil a link: %w", err)
	}
	return nil
}

// Heal takes all of that away. Connections on which something was lost end.
func (l *Link) Heal() { l.proxy.Toxics.ResetToxics(context.Background()) }

func (l *Link) close() { l.proxy.Stop() }
