package e2e

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"
)

// becomesTrue waits until the page is as a script says.
func (w *window) becomesTrue(script string) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		var yes bool
		w.patiently("look whether "+script, func(ctx context.Context) (err error) {
			yes, err = chromedp.Run(ctx, chromedp.Evaluate[bool](script))
			return err
		})
		if yes {
			return
		}
		if time.Now().After(deadline) {
			w.fail("wait", context.DeadlineExceeded)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *window) runs(script string) {
	w.t.Helper()
	w.patiently("run "+script, func(ctx context.Context) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => {"+script+"; return true})()"))
		return err
	})
}

// With script, filters work at once on the page that stays: the address follows,
// Back goes back, the focus stays, the count is said, and nothing moves.
func TestFiltersWorkInPlace(t *testing.T) {
	a, base := serve(t, testkit.SQLite(t))
	if _, err := a.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(catalogue.Courses)); err != nil {
		t.Fatal(err)
	}
	if err := a.Catalogue.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newWindow(t, chromium(t), base)
	w.open("/en/courses")
	w.runs(`window.same = true; window.moved = 0; new PerformanceObserver((l) => l.getEntries().forEach((e) => {
		if (!e.hadRecentInput) window.moved += e.value })).observe({type: "layout-shift", buffered: true})`)
	w.becomesTrue(`getComputedStyle(document.querySelector(".vd-filters__apply")).visibility === "hidden"`)

	w.tick(`input[name="topic"][value="incident_command"]`)
	w.becomesTrue(`location.search === "?topic=incident_command" && document.querySelectorAll(".vd-chip").length === 1`)
	w.becomesTrue(`document.activeElement.id === "topic-incident_command" && document.activeElement.checked`)
	w.becomesTrue(`document.querySelector("[data-inplace-voice]").textContent === document.querySelector("#hits h2").textContent`)
	w.becomesTrue(`document.querySelector('.vd-menu__list a[hreflang="fi"]').pathname + location.search === "/fi/courses?topic=incident_command"`)
	w.tick(`input[name="language"][value="sv"]`)
	w.becomesTrue(`new URLSearchParams(location.search).get("language") === "sv" && document.querySelectorAll(".vd-chip").length === 2`)
	w.runs(`history.back()`)
	w.becomesTrue(`location.search === "?topic=incident_command" && document.querySelectorAll(".vd-chip").length === 1 &&
		!document.querySelector('input[name="language"][value="sv"]').checked`)
	w.tick(`.vd-chip`)
	w.becomesTrue(`location.search === "" && document.querySelectorAll(".vd-chip").length === 0 && document.activeElement.id === "hits"`)
	w.tick(`nav.vd-switch a[href$="sort=title"]`)
	w.becomesTrue(`location.search === "?sort=title" && document.querySelector('input[name="sort"]').value === "title"`)
	w.tick(`input[name="topic"][value="incident_command"]`)
	w.becomesTrue(`location.search.includes("topic=incident_command") && location.search.includes("sort=title")`)
	w.becomesTrue(`window.same === true && window.moved === 0`)

	// What cannot be fetched is gone to as any link is.
	w.runs(`window.fetch = () => Promise.reject(new Error("away"))`)
	w.press(`.vd-chip`)
	w.becomesTrue(`window.same === undefined && location.search === "?sort=title"`)
}
