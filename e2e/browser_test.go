package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// window is one person's browser: cookies of its own, nobody else's.
type window struct {
	t    *testing.T
	ctx  context.Context
	base string
	// heard is what its pages said to the console and asked for; nil: nobody
	// listens.
	heard *recorder
}

// patience is how long a step may take on a machine that has much to do.
const patience = 30 * time.Second

// chromium starts the browser that all windows of a test share.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := services.Chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 1000))
	t.Cleanup(cancel)
	first, cancelFirst := chromedp.NewContext(ctx)
	t.Cleanup(cancelFirst)
	if err := chromedp.Do(first); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return first
}

func newWindow(t *testing.T, chromium context.Context, base string) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	// The window lives as long as the context of its first step, so that is not
	// one with a time limit.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	// Of several windows one alone has the focus, without which none is shown in
	// the others: let each believe it is that one.
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatalf("give the window the focus: %v", err)
	}
	return &window{t: t, ctx: ctx, base: base}
}

func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	w.patiently(what, func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// patiently tries again where the page was renewed between finding an element
// and touching it: a person would not notice.
func (w *window) patiently(what string, step func(context.Context) error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	for {
		err := step(ctx)
		if err == nil {
			return
		}
		if !strings.Contains(err.Error(), "(-32000)") || ctx.Err() != nil {
			w.fail(what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// fail keeps a picture of the page that the person was left with.
func (w *window) fail(what string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	where, _ := chromedp.Run(ctx, chromedp.Location())
	text, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	w.t.Fatalf("%s: %v\nat %s the page says:\n%s", what, err, where, text)
}

// open goes to an address.
func (w *window) open(path string) {
	w.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = w.base + path
	}
	w.do("open "+path, chromedp.Navigate(path))
}

// press clicks on what leads to another page, and waits for that.
func (w *window) press(selector string) {
	w.t.Helper()
	css := chromedp.CSS(selector)
	w.patiently("press "+selector, func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.ScrollIntoView(css), chromedp.Click(css, chromedp.NodeVisible))
		return err
	})
}

// tick clicks on what stays on the page: a radio, a checkbox, a summary.
func (w *window) tick(selector string) {
	w.t.Helper()
	css := chromedp.CSS(selector)
	w.do("tick "+selector, chromedp.ScrollIntoView(css), chromedp.Click(css, chromedp.NodeReady))
}

// write types into a field.
func (w *window) write(selector, text string) {
	w.t.Helper()
	css := chromedp.CSS(selector)
	w.do("write into "+selector, chromedp.ScrollIntoView(css), chromedp.Clear(css), chromedp.SendKeys(css, text))
}

// choose picks an option by its value.
func (w *window) choose(selector, value string) {
	w.t.Helper()
	w.do("choose in "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// text is what a person reads in an element.
func (w *window) text(selector string) string {
	w.t.Helper()
	var text string
	w.patiently("read "+selector, func(ctx context.Context) (err error) {
		text, err = chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
		return err
	})
	return text
}

// sees fails unless the page says all of it.
func (w *window) sees(texts ...string) {
	w.t.Helper()
	page := w.text("body")
	for _, text := range texts {
		if !strings.Contains(page, text) {
			where, _ := chromedp.Run(w.ctx, chromedp.Location())
			w.t.Fatalf("the page %s does not say %q; it says:\n%s", where, text, page)
		}
	}
}

// attribute of an element.
func (w *window) attribute(selector, name string) string {
	w.t.Helper()
	var got chromedp.AttributeResult
	w.patiently("read "+name+" of "+selector, func(ctx context.Context) (err error) {
		got, err = chromedp.Run(ctx, chromedp.AttributeValue(chromedp.CSS(selector), name))
		return err
	})
	return got.Value
}

// download clicks on a link to a file and waits until it is on the disk.
func (w *window) download(selector, ending string) string {
	w.t.Helper()
	folder := w.t.TempDir()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	target := chromedp.FromContext(w.ctx)
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, BrowserContextID: target.BrowserContextID})
	if err != nil {
		w.fail("allow downloads", err)
	}
	w.tick(selector)
	for ctx.Err() == nil {
		files, err := filepath.Glob(filepath.Join(folder, "*"+ending))
		if err == nil && len(files) == 1 {
			if info, err := os.Stat(files[0]); err == nil && info.Size() > 0 {
				return files[0]
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.fail("download "+selector, ctx.Err())
	return ""
}
