package hold_test

import (
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// A server that dies in the middle of a confirmation leaves the hold kept. Whoever
// sends the form again is not to be told that the hold has ended, while its seat
// is kept for nobody else.
func TestAKeptHoldIsStillItsOwners(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const life = 200 * time.Millisecond
		k := hold.New(s.Redis, secret, life)
		f := figures(1, 1, open(10, 1, 0))
		h := take(t, k, f, 5)
		if _, err := k.Keep(t.Context(), h.Token, 1, 5); err != nil {
			t.Fatal(err)
		}
		time.Sleep(life + 50*time.Millisecond)
		if again := take(t, k, f, 5); again.Token != h.Token {
			t.Errorf("got another hold of the only seat")
		}
		if _, err := k.Keep(t.Context(), h.Token, 1, 5); err != nil {
			t.Errorf("its owner confirms again: %v", err)
		}
		_, err := k.Keep(t.Context(), h.Token, 1, 6)
		wantKind(t, err, training.KindNotFound)
	})
}
