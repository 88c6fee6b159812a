//go:build testclock

package store

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// clockFile names the file that says by how much the clock is to be moved, as
// time.ParseDuration reads it: -2h. Proofs move the clock of a serving program
// with it; whoever writes the file replaces it whole. No variable: the clock
// stands where it is.
const clockFile = "VARDE_TEST_CLOCK_FILE"

// clockJump reads the file each time, so that a jump is seen by all servers in
// the same instant. A file that cannot be read is no clock.
func clockJump() (time.Duration, error) {
	path := os.Getenv(clockFile)
	if path == "" {
		return 0, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read how far the clock is moved: %w", err)
	}
	jump, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read how far the clock is moved: %w", err)
	}
	return jump, nil
}
