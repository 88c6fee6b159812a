//go:build !testclock

package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
)

// Whoever can set a variable of a serving program is not to move its deadlines.
func TestWhatIsServedInEarnestHasNoClockToMove(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	must(t, os.WriteFile(file, []byte("48h"), 0o600))
	t.Setenv("VARDE_TEST_CLOCK_FILE", file)
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		now, err := s.DB.Now(t.Context())
		must(t, err)
		if ahead := time.Until(now); ahead > time.Hour {
			t.Errorf("the clock is %v ahead", ahead)
		}
	})
}
