package e2e

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// recorder keeps what a page says to the console and asks of the network.
type recorder struct {
	mu       sync.Mutex
	console  []entry
	requests []string // addresses
	failed   []string
	bytes    float64
	urls     map[network.RequestID]string
}

// entry is a line of the console, and the address it is about.
type entry struct{ text, url string }

// record begins to listen to a window.
func (w *window) record() *recorder {
	w.t.Helper()
	r := &recorder{urls: map[network.RequestID]string{}}
	if err := chromedp.Listen(w.ctx, r.hear); err != nil {
		w.t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, network.Enable, network.EnableParams{}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, log.Enable, cdp.Empty{}); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (r *recorder) hear(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, arg := range e.Args {
			words = append(words, string(arg.Value)+arg.Description)
		}
		r.console = append(r.console, entry{string(e.Type) + ": " + strings.Join(words, " "), ""})
	case *runtime.EventExceptionThrown:
		r.console = append(r.console, entry{"exception: " + e.ExceptionDetails.Text, ""})
	case *log.EventEntryAdded:
		r.console = append(r.console, entry{fmt.Sprintf("%s, %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text), e.Entry.URL})
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
		r.urls[e.RequestID] = e.Request.URL
	case *network.EventLoadingFinished:
		r.bytes += e.EncodedDataLength
	case *network.EventLoadingFailed:
		if !e.Canceled { // leaving a page ends what it listened to
			r.failed = append(r.failed, r.urls[e.RequestID]+": "+e.ErrorText)
		}
	}
}

func (r *recorder) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.console, r.requests, r.failed, r.bytes = nil, nil, nil, 0
}

// noise is what was heard and should not have been. A page that is an answer of
// an error status is named in the console by every browser.
func (r *recorder) noise(base string, status int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var noise []string
	for _, address := range r.requests {
		if !strings.HasPrefix(address, base+"/") && !strings.HasPrefix(address, "data:") {
			noise = append(noise, "a request to another host: "+address)
		}
	}
	for _, e := range r.console {
		expected := fmt.Sprintf("network, error: Failed to load resource: the server responded with a status of %d", status)
		if status >= 400 && strings.HasPrefix(e.text, expected) && !strings.Contains(e.url, "/static/") {
			continue
		}
		noise = append(noise, "the console says "+e.text+" "+e.url)
	}
	for _, f := range r.failed {
		noise = append(noise, "a request failed: "+f)
	}
	return noise
}
