package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/testkit"
)

// More runs than are read at once: none is left out, and they stand by start.
func TestACatalogueOfManyRunsIsWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const copies = 2 * runsAtOnce
		s.Run(t, testkit.R{Code: "FIRST", Size: 4, Quotas: map[string]int{"SE": 1}})
		same := slices.DeleteFunc(slices.Clone(run.Columns), func(c string) bool {
			return slices.Contains([]string{run.FieldID, run.FieldCode, run.FieldStarts, run.FieldEnds}, c)
		})
		names := strings.Join(same, ", ")
		// Those made later start earlier.
		_, err := s.DB.SQL.ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO runs (code, starts, ends, %s)
			SELECT 'COPY-' || i, CAST(3000 - i / 10 AS text) || '-01-01', '3001-01-01', %s FROM runs,
				(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n`,
			names, names, copies))
		if err != nil {
			t.Fatal(err)
		}
		service := New(s.DB, Options{})
		for _, code := range []string{"FIRST", "COPY-1", fmt.Sprintf("COPY-%d", copies)} {
			if r, _, err := service.RunByCode(t.Context(), code); err != nil || r.Code != code {
				t.Errorf("%s: %v, %v", code, r, err)
			}
		}
		r, c, err := service.RunByCode(t.Context(), "FIRST")
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Quotas) != 1 || len(c.Runs) != copies+1 {
			t.Errorf("%d quotas, and %d runs of %d", len(r.Quotas), len(c.Runs), copies+1)
		}
		if !slices.IsSortedFunc(c.Runs, func(a, b Run) int { return byStart(&a, &b) }) {
			t.Error("the runs do not stand by start")
		}
	})
}
