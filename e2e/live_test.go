package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
)

// comes waits until an element says the text.
func (w *window) comes(selector, text string) {
	w.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		said := w.text(selector)
		if strings.Contains(said, text) {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s never says %q; it says:\n%s", selector, text, said)
		}
	}
}

// TestSeatsChangeWhileTheyAreLookedAt: nobody reloads the page.
func TestSeatsChangeWhileTheyAreLookedAt(t *testing.T) {
	s := testkit.SQLite(t)
	a, base := serve(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 2, Quotas: map[string]int{"LV": 1}})
	anna := s.Person(t, testkit.P{Email: "anna@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
	bo := s.Person(t, testkit.P{Email: "bo@example.org"})
	w := newWindow(t, chromium(t), base)
	w.open("/en/runs/R1")
	w.sees("1 of 2 seats available to all countries. 1 seat is kept for certain countries.", "1 of 1")
	held, err := a.Enrolment.Hold(t.Context(), anna, "R1")
	if err != nil {
		t.Fatal(err)
	}
	w.comes("#quotas", "0 of 1")
	w.comes("#seats", "1 of 2 seats available")
	w.comes("[data-live-voice]", "1 of 2 seats available") // read aloud
	if strings.Contains(w.text("#seats"), "kept for certain") {
		t.Errorf("the reserved seat is kept for somebody: %s", w.text("#seats"))
	}
	if strings.Contains(w.text("main"), "Load the page again") {
		t.Error("a seat is left, and the reader is sent to load the page again")
	}
	if _, err := a.Enrolment.Hold(t.Context(), bo, "R1"); err != nil {
		t.Fatal(err)
	}
	w.comes("#seats", "No seats left.")
	w.comes("main", "Load the page again")
	if err := a.Enrolment.Drop(t.Context(), anna, held.Token); err != nil {
		t.Fatal(err)
	}
	w.comes("#seats", "1 seat is kept for certain countries.")
}
