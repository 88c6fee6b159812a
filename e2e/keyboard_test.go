package e2e

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// mostTabs is how far anything may be from where the reader is.
const mostTabs = 120

// tab moves on, and fails where the focus is not seen.
func (w *window) tab() {
	w.t.Helper()
	w.do("press Tab", chromedp.KeyEvent(kb.Tab))
	at := ask[struct {
		Name  string
		Wrong []string
	}](w, "focused()")
	for _, wrong := range at.Wrong {
		where, _ := chromedp.Run(w.ctx, chromedp.Location())
		w.t.Errorf("at %s the element with the focus %s: %s", where, wrong, at.Name)
	}
}

// has reports whether what a selector names has the focus.
func (w *window) has(selector string) bool {
	w.t.Helper()
	return ask[bool](w, fmt.Sprintf("has(%q)", selector))
}

// gets waits until something has the focus, and reports whether it ever does: a
// browser follows a link within the page in its own time.
func (w *window) gets(selector string) bool {
	w.t.Helper()
	for end := time.Now().Add(5 * time.Second); !w.has(selector); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// follow presses Enter on a link within the page. A browser that has followed it
// at the press drops the sign that the key would type, which would else send the
// form in whose field the focus is by then: nor is it typed here.
func (w *window) follow() {
	w.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(w, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13})
	}
	w.settles()
}

// reach tabs until something has the focus.
func (w *window) reach(selector string) {
	w.t.Helper()
	for range mostTabs {
		w.tab()
		if w.has(selector) {
			return
		}
	}
	w.fail("reach "+selector+" with the Tab key", fmt.Errorf("not within %d presses", mostTabs))
}

// enter presses a key that leads to another page, and waits for that.
func (w *window) enter(key string) {
	w.t.Helper()
	w.patiently("press "+key, func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(key))
		return err
	})
	w.settles()
}

func (w *window) types(text string) {
	w.t.Helper()
	w.do("type "+text, chromedp.KeyEvent(text))
}

// keyboardWorld has one course with an open run, and one with a single seat.
func keyboardWorld(t *testing.T) (base string, free func()) {
	t.Helper()
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	if _, err := a.Catalogue.ImportTrusted(t.Context(), bytes.NewReader(catalogue.Courses)); err != nil {
		t.Fatal(err)
	}
	w := &world{Setup: s, values: map[string]string{}}
	course := w.courseID(t, "ucpm-mbc")
	s.Agency(t, "lv-vugd", "LV")
	s.Run(t, testkit.R{Code: "OPEN", Course: course, Quotas: map[string]int{"LV": 2}})
	s.Run(t, testkit.R{Code: "ONE", Course: course, Size: 1})
	err := a.People.AddUsers(t.Context(), []people.NewUser{{Email: "janis@vugd.example", Name: "Jānis Bērziņš",
		Role: training.RoleTrainee, Country: "LV", Agency: "lv-vugd", Locale: "en", Password: password}})
	if err != nil {
		t.Fatal(err)
	}
	w.change(t, "UPDATE people SET profession = 'firefighter'")
	before := s.Person(t, testkit.P{Email: "before@example.org"})
	made, err := a.Enrolment.Confirm(t.Context(), before, "ONE", "")
	if err != nil {
		t.Fatal(err)
	}
	return base, func() {
		if _, err := a.Enrolment.Cancel(t.Context(), before, made.Ref); err != nil {
			t.Fatal(err)
		}
		if err := a.Enrolment.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheMainJobByKeyboardAlone: from the front page to a seat, out of it again,
// onto a waiting list, and an offer refused.
func TestTheMainJobByKeyboardAlone(t *testing.T) {
	base, free := keyboardWorld(t)
	browser := chromium(t)
	for _, l := range []look{{"light", 1440}, {"dark", 360}} {
		w := newWindow(t, browser, base)
		w.shows(l)
		if l.width == 1440 {
			w.findsAndEnrols()
			w.withdraws()
			w.waits(free)
			continue
		}
		w.findsAndEnrols() // with the sticky bars of a phone
	}
}

func (w *window) findsAndEnrols() {
	w.t.Helper()
	w.open("/en/")
	w.skips()
	w.open("/en/")
	w.reach("main input[name=q]")
	w.types("modules basic")
	w.enter(kb.Enter)
	w.reach("a[href='/en/courses/modules-basic-course']")
	w.enter(kb.Enter)
	w.reach("a[href='/en/runs/OPEN']")
	w.enter(kb.Enter)
	w.reach("main a[href*='/login']")
	w.enter(kb.Enter)
	w.signsIn()
	w.reach("form[action$='/runs/OPEN/hold'] button")
	w.enter(kb.Enter)
	w.sees("Jānis Bērziņš")
	w.reach("form[action$='/runs/OPEN/enrol'] button")
	w.enter(" ")
	ref := w.text(".vd-receipt__ref")
	w.reach("main a.ds-button[href='/en/me']")
	w.enter(kb.Enter)
	w.reach("a[href='/en/me/enrolments/" + ref + "']")
	w.enter(kb.Enter)
	w.sees(ref)
}

// skips the menus, as the first stop of every page offers.
func (w *window) skips() {
	w.t.Helper()
	w.tab()
	if !w.has("a[href='#main']") {
		w.t.Error("the first stop is not the way past the menus")
	}
	w.do("skip", chromedp.KeyEvent(kb.Enter))
	if !w.gets("#main") {
		w.t.Error("past the menus the focus is not at the content")
	}
	w.tab()
	if !w.has("main *") {
		w.t.Error("after the way past the menus comes something outside the content")
	}
}

func (w *window) signsIn() {
	w.t.Helper()
	w.reach("#email")
	w.types("janis@vugd.example")
	w.reach("#password")
	w.types(password)
	w.enter(kb.Enter)
}

// reachBack goes the other way.
func (w *window) reachBack(selector string) {
	w.t.Helper()
	for range mostTabs {
		w.do("press Shift and Tab", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
		if w.has(selector) {
			return
		}
	}
	w.fail("reach "+selector, fmt.Errorf("not within %d presses of Shift and Tab", mostTabs))
}

// withdraws from the seat on the page shown.
func (w *window) withdraws() {
	w.t.Helper()
	w.reach("section[aria-labelledby=withdraw] summary")
	w.do("open", chromedp.KeyEvent(" "))
	w.reach("form[action$='/cancel'] button")
	w.enter(kb.Enter)
	w.sees("You withdrew.")
}

// waits for a seat that is taken, is offered it, and refuses.
func (w *window) waits(free func()) {
	w.t.Helper()
	w.open("/en/runs/ONE")
	w.reach("form[action$='/runs/ONE/wait'] button")
	w.enter(kb.Enter)
	free()
	w.open("/en/me")
	w.reach("main .vd-notice a.ds-button[href*='/me/enrolments/']")
	w.enter(kb.Enter)
	w.reach("section[aria-labelledby=offer] summary")
	w.do("open", chromedp.KeyEvent(kb.Enter))
	w.reach("form[action$='/decline'] button")
	w.enter(" ")
	w.sees("Declined")
}

// TestAfterAnErrorTheKeyboardLeadsToTheFields: the summary has the focus, and its
// links lead to the fields, by key.
func TestAfterAnErrorTheKeyboardLeadsToTheFields(t *testing.T) {
	base, _ := keyboardWorld(t)
	w := newWindow(t, chromium(t), base)
	w.shows(look{"light", 360})
	w.open("/en/signup")
	w.reach("#email")
	w.types("nobody")
	w.enter(kb.Enter)
	if !w.has("[data-error-summary]") {
		t.Fatal("the focus is not on the summary of errors")
	}
	if title, err := chromedp.Run(w.ctx, chromedp.Title()); err != nil || !strings.HasPrefix(title, "Error: ") {
		t.Errorf("the title %q does not begin with the error (%v)", title, err)
	}
	w.tab() // to the first link; from a field back to the links
	for _, field := range []string{"#email", "#password"} {
		if link := "[data-error-summary] a[href='" + field + "']"; !w.has(link) {
			w.reachBack(link)
		}
		w.follow()
		if !w.gets(field + "[aria-invalid=true][aria-describedby]") {
			t.Errorf("the link to %s does not bring the focus there, or the field does not say what is wrong", field)
		}
		if wrong := ask[struct{ Wrong []string }](w, "focused()").Wrong; len(wrong) > 0 {
			t.Errorf("%s %v", field, wrong)
		}
	}
}

// TestTheCountdownIsAnnouncedAndNotShouted: at five minutes, at one, and at the
// end; each second between changes what is seen and is not read aloud.
func TestTheCountdownIsAnnouncedAndNotShouted(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	s.Run(t, testkit.R{Code: "OPEN"})
	anna := s.Person(t, testkit.P{Email: "anna@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
	if _, err := a.Enrolment.Hold(t.Context(), anna, "OPEN"); err != nil {
		t.Fatal(err)
	}
	w := newWindow(t, chromium(t), base)
	w.comesAs(t, &world{app: a, people: map[string]training.Actor{"anna": anna}, servers: map[string]string{"": base}}, "anna", "", "")
	w.open("/en/runs/OPEN/enrol")
	ask[bool](w, "listen()")
	for _, step := range []struct {
		left   int
		spoken string
	}{{400, ""}, {301, "Five minutes left."}, {200, ""}, {61, "One minute left."}, {40, ""}, {2, "has ended"}} {
		w.do("let time pass", chromedp.Evaluate[chromedp.Void](untilLeft(step.left)))
		before := w.text(".vd-hold")
		said := w.hears(step.spoken != "")
		switch {
		case step.spoken == "" && len(said) > 0:
			t.Errorf("from %d seconds on it says %q, want silence", step.left, said)
		case step.spoken != "" && (len(said) != 1 || !strings.Contains(said[0], step.spoken)):
			t.Errorf("from %d seconds on it says %q, want once and about %q", step.left, said, step.spoken)
		}
		if step.left < 60 && w.text(".vd-hold") == before {
			t.Errorf("from %d seconds on nothing changes: the countdown stands still", step.left)
		}
	}
}

// hears what is read aloud within two seconds of the countdown; where something
// is to come, from when it has.
func (w *window) hears(something bool) []string {
	w.t.Helper()
	var said []string
	for end := time.Now().Add(patience); something && len(said) == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		said = ask[[]string](w, "spoken()")
	}
	time.Sleep(2200 * time.Millisecond)
	return append(said, ask[[]string](w, "spoken()")...)
}
