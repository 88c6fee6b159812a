package handlers_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
)

// serve lets a site listen, and gives its address and what stops it.
func (s *site) serve(t *testing.T) (string, func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.app.Serve(ctx, listener, "test") }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	address := "http://" + listener.Addr().String()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get(address + "/healthz")
		if err == nil {
			response.Body.Close()
			return address, stop
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// watcher is a browser that listens to a run.
type watcher struct {
	response *http.Response
	events   chan string // closes when the stream ends
}

func look(t *testing.T, address, path string, cookies map[string]string) *watcher {
	t.Helper()
	r := newRequest(t, "GET", address+path)
	r.RequestURI = ""
	r.Header.Set("Accept-Encoding", "gzip, br")
	for name, value := range cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := (&http.Transport{}).RoundTrip(r.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{response, make(chan string, 100)}
	t.Cleanup(func() { response.Body.Close() })
	go w.read()
	return w
}

func (w *watcher) read() {
	defer close(w.events)
	lines, event := bufio.NewScanner(w.response.Body), ""
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			event += data + "\n"
		} else if lines.Text() == "" && event != "" {
			w.events <- event
			event = ""
		}
	}
}

// sees waits for a picture with the text and gives it.
func (w *watcher) sees(t *testing.T, within time.Duration, text string) string {
	t.Helper()
	last, end := "nothing", time.After(within)
	for {
		select {
		case event, open := <-w.events:
			if !open {
				t.Fatalf("the stream ended, last: %s", last)
			}
			if last = event; strings.Contains(event, text) {
				return event
			}
		case <-end:
			t.Fatalf("%q was not seen in %s, last: %s", text, within, last)
		}
	}
}

// soon is what a reader takes for at once, on a machine that has much to do.
const soon = 3 * time.Second

func ownRedis(t *testing.T, s *testkit.Setup) *services.Server {
	t.Helper()
	server, err := services.Redis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	s.RedisURL = server.URL
	return server
}
