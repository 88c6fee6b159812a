package e2e

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// The bounds of a page's first view.
const (
	mostBytes    = 100_000
	mostRequests = 6
)

// shifts keeps what moves after it was shown.
const shifts = `
	window.moved = [];
	new PerformanceObserver((list) => {
		for (const e of list.getEntries()) {
			const what = e.sources.map((s) => (s.node?.className ?? s.node?.nodeName) + JSON.stringify(s.previousRect) + JSON.stringify(s.currentRect));
			window.moved.push("by " + e.value + " at " + e.startTime + ": " + what.join("; "));
		}
	}).observe({ type: "layout-shift", buffered: true });
`

// TestTheFirstViewOfTheCatalogueIsLight: a page of 30 courses in a browser that
// has nothing of Varde yet, on a phone and at a desk.
func TestTheFirstViewOfTheCatalogueIsLight(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	if _, err := a.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(catalogue.Courses)); err != nil {
		t.Fatal(err)
	}
	browser := chromium(t)
	for _, lang := range visitLanguages {
		for _, l := range allLooks() {
			w := newWindow(t, browser, base)
			w.heard = w.record()
			call(w, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
			call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: shifts})
			w.shows(l)
			w.goes(base + "/" + lang + "/courses")
			w.settles()
			if rows := ask[int](w, "count('.vd-rows > li')"); rows != 30 {
				t.Fatalf("the page shows %d courses, want 30", rows)
			}
			w.heard.mu.Lock()
			bytes, requests := w.heard.bytes, w.heard.overTheWire()
			w.heard.mu.Unlock()
			t.Logf("%s, %s, %d px: %.0f bytes in %d requests: %v", lang, l.scheme, l.width, bytes, len(requests), requests)
			if bytes > mostBytes || bytes < 10_000 {
				t.Errorf("%s, %v: %.0f bytes, at most %d are allowed", lang, l, bytes, mostBytes)
			}
			if len(requests) > mostRequests {
				t.Errorf("%s, %v: %d requests, at most %d are allowed: %v", lang, l, len(requests), mostRequests, requests)
			}
			for _, moved := range ask[[]string](w, "moved()") {
				t.Errorf("%s, %v: what was shown moved %s", lang, l, moved)
			}
			for _, noise := range w.heard.noise(base, 200) {
				t.Error(noise)
			}
		}
	}
}

// overTheWire are the paths asked of a server.
func (r *recorder) overTheWire() []string {
	var paths []string
	for _, address := range r.requests {
		if u, err := url.Parse(address); err == nil && strings.HasPrefix(u.Scheme, "http") {
			paths = append(paths, u.Path)
		}
	}
	return paths
}
