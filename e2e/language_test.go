package e2e

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

// Who goes on in another language in the middle of a form finds what was typed,
// but for the password, and only that once.
func TestWhatWasTypedStaysInAnotherLanguage(t *testing.T) {
	_, base := serve(t, testkit.SQLite(t))
	w := newWindow(t, chromium(t), base)
	w.open("/en/signup")
	w.runs(`document.querySelector("input[name=email]").value = "anna@example.org"; document.querySelector("input[type=password]").value = "a long password"`)
	w.runs(`document.querySelector("a[hreflang=fi]").click()`)
	w.becomesTrue(`location.pathname === "/fi/signup" && document.readyState === "complete"`)
	w.becomesTrue(`document.querySelector("input[name=email]").value === "anna@example.org"`)
	w.becomesTrue(`document.querySelector("input[type=password]").value === "" && sessionStorage.length === 0`)
	w.open("/fi/signup")
	w.becomesTrue(`document.querySelector("input[name=email]").value === ""`)
}
