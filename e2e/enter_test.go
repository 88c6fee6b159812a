package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/varde-platform/varde/internal/testkit"
)

// Without script Enter in a field sends the form, and does not press one of the
// buttons that exchange the language and keep what was typed.
func TestEnterSendsTheFormWithoutScript(t *testing.T) {
	_, base := serve(t, testkit.SQLite(t))
	w := newWindow(t, chromium(t), base)
	if _, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	w.open("/en/signup")
	w.do("type the address", chromedp.SendKeys(chromedp.CSS("input[name=email]"), "anna@example.org"))
	w.do("type the password", chromedp.SendKeys(chromedp.CSS("input[name=password]"), "a long password 12"))
	w.do("press Enter", chromedp.KeyEvent(kb.Enter))
	var where string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if where, err = chromedp.Run(w.ctx, chromedp.Location()); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(where, "/en/me/profile") {
			return
		}
	}
	t.Errorf("after Enter the browser is at %s", where)
}
