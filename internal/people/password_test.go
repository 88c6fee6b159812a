package people

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"
)

func TestHashIsAPHCString(t *testing.T) {
	cheap := cost
	cost = realCost
	t.Cleanup(func() { cost = cheap })
	first := must[string](t)(hashPassword(t.Context(), password))
	want := regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`)
	if !want.MatchString(first) {
		t.Errorf("stored %q", first)
	}
	if second := must[string](t)(hashPassword(t.Context(), password)); second == first {
		t.Error("the same password gives the same hash: no salt")
	}
	cost = cheap
	if !must[bool](t)(passwordFits(t.Context(), first, password)) {
		t.Error("a hash of another cost no longer fits")
	}
}

func TestPasswordFits(t *testing.T) {
	phc := must[string](t)(hashPassword(t.Context(), "Ålesund på ferge"))
	for typed, want := range map[string]bool{
		"Ålesund på ferge":             true,
		"A\u030alesund pa\u030a ferge": true, // as another system composes it
		"Alesund pa ferge":             false,
		"ålesund på ferge":             false,
		"":                             false,
	} {
		if got := must[bool](t)(passwordFits(t.Context(), phc, typed)); got != want {
			t.Errorf("%q fits: %v, want %v", typed, got, want)
		}
	}
	if must[bool](t)(passwordFits(t.Context(), "", "")) {
		t.Error("no password fits an account without one")
	}
}

func TestSpoiltHashIsAnErrorNotAnAnswer(t *testing.T) {
	for _, phc := range []string{"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$argon2id$v=19$m=64,t=1,p=1$!$AAAA"} {
		if fits, err := passwordFits(t.Context(), phc, password); fits || err == nil {
			t.Errorf("%q: %v, %v", phc, fits, err)
		}
	}
}

// A flood of log-ins waits for its turn instead of taking all memory, and who
// went away does not wait on.
func TestHashingWaitsForASlot(t *testing.T) {
	free := takeAllSlots(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := hashPassword(ctx, password); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hashed beyond the limit: %v", err)
	}
	free()
	must[string](t)(hashPassword(t.Context(), password))
}

// takeAllSlots keeps everybody from hashing until free is called or the test ends.
func takeAllSlots(t *testing.T) func() {
	t.Helper()
	for range cap(hashSlots) {
		hashSlots <- struct{}{}
	}
	free := sync.OnceFunc(func() {
		for range cap(hashSlots) {
			<-hashSlots
		}
	})
	t.Cleanup(free)
	return free
}
