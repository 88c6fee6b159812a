package handlers_test

import (
	"net/http/httptest"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

// Who tries numbers gets no more tries by going from one address of a certificate to
// the next: in another language, short as on the paper, or by the JSON interface.
func TestTriesOfNumbersCountTogether(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	addresses := func(number string) []string {
		return []string{"/verify/" + number, "/en/verify/" + number, "/lv/verify/" + number, "/api/v1/certificates/" + number}
	}
	for range 15 {
		for _, path := range addresses("2222-2222-2222-2222") {
			if got := site.do(t, httptest.NewRequest("GET", path, nil)); got.status != 404 {
				t.Fatalf("%s: %d", path, got.status)
			}
		}
	}
	for _, path := range addresses(number) {
		got := site.do(t, httptest.NewRequest("GET", path, nil))
		if got.hasNot(t, "Anna"); got.status != 429 {
			t.Errorf("after 60 tries, %s: %d", path, got.status)
		}
	}
}
