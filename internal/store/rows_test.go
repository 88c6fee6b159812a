package store_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/store"
)

func TestRowsAreNumberedAndTheirPlacesCounted(t *testing.T) {
	if got, want := store.Rows(2, "TEXT", "BIGINT"), "(0, CAST($1 AS TEXT), CAST($2 AS BIGINT)), (1, CAST($3 AS TEXT), CAST($4 AS BIGINT))"; got != want {
		t.Errorf("rows are %s, not %s", got, want)
	}
	for n, want := range map[int]int{1: 1, 2: 4, 4: 4, 5: 16, 16: 16} {
		if got := store.Padded(n); got != want {
			t.Errorf("%d questions are asked in %d rows, not %d", n, got, want)
		}
	}
}
