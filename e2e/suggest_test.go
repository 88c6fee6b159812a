package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"
)

// turns waits until an attribute of an element has a value.
func (w *window) turns(selector, name, value string) {
	w.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		got := w.attribute(selector, name)
		if got == value {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s of %s is %q and never %q", name, selector, got, value)
		}
	}
}

// TestSuggestionsAreChosenWithTheKeyboard: the field has the focus all the time,
// and what is active is said to those who cannot see it.
func TestSuggestionsAreChosenWithTheKeyboard(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	if _, err := a.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(data.Courses)); err != nil {
		t.Fatal(err)
	}
	w := newWindow(t, chromium(t), base)
	for _, path := range []string{"/fi/", "/fi/courses"} {
		w.open(path)
		w.do("go to the field", chromedp.Focus(chromedp.CSS("#q")))
		w.turns("#q", "role", "combobox")
		w.do("type", chromedp.KeyEvent("pintap"))
		w.turns("#q", "aria-expanded", "true")
		w.comes(`#q-suggestions [role="option"]`, "Pintapelastajakurssi")
		w.comes(`.vd-suggest [role="status"]`, "1")

		w.do("go down", chromedp.KeyEvent(kb.ArrowDown))
		w.turns("#q", "aria-activedescendant", "q-suggestions-0")
		w.turns("#q-suggestions-0", "aria-selected", "true")
		// What lies under the open list cannot be judged; the closed page is, elsewhere.
		if wrong := w.axe().Violations; len(wrong) > 0 {
			t.Errorf("%s with suggestions: %v", path, wrong)
		}
		w.do("close", chromedp.KeyEvent(kb.Escape))
		w.turns("#q", "aria-expanded", "false")
		if got := w.attribute("#q", "aria-activedescendant"); got != "" {
			t.Errorf("%s is active in a closed list", got)
		}

		w.do("open again", chromedp.KeyEvent(kb.ArrowDown))
		w.turns("#q-suggestions-0", "aria-selected", "true")
		w.enter(kb.Enter)
		w.sees("Pintapelastajakurssi")
		if where, err := chromedp.Run(w.ctx, chromedp.Location()); err != nil || !strings.Contains(where, "/fi/courses/") {
			t.Errorf("led to %s, %v", where, err)
		}
	}
}

// TestWhoTypesOnSearches: suggestions are offered, never taken by themselves.
func TestWhoTypesOnSearches(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	if _, err := a.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(data.Courses)); err != nil {
		t.Fatal(err)
	}
	w := newWindow(t, chromium(t), base)
	w.open("/pl/courses")
	w.do("go to the field", chromedp.Focus(chromedp.CSS("#q")))
	w.turns("#q", "role", "combobox")
	w.do("type", chromedp.KeyEvent("pożarów"))
	w.turns("#q", "aria-expanded", "true")
	w.enter(kb.Enter)
	where, err := chromedp.Run(w.ctx, chromedp.Location())
	if err != nil || !strings.Contains(where, "q=po%C5%BCar%C3%B3w") {
		t.Errorf("led to %s, %v", where, err)
	}
	w.do("go to the field", chromedp.Focus(chromedp.CSS("#q")))
	w.turns("#q", "role", "combobox")
	w.do("type nonsense", chromedp.Clear(chromedp.CSS("#q")), chromedp.KeyEvent("qwxzvk"))
	time.Sleep(time.Second) // nothing happens, so there is nothing to wait for
	if w.attribute("#q", "aria-expanded") != "false" || w.text(`.vd-suggest [role="status"]`) != "" {
		t.Error("nothing is found, and something is said")
	}
}
