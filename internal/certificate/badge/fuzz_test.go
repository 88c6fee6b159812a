package badge

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// isRefusal holds every error to the codes that people are shown.
func isRefusal(t *testing.T, err error) {
	t.Helper()
	var r Refusal
	if err != nil && !errors.As(err, &r) {
		t.Errorf("an error without a code: %v", err)
	}
}

// Nothing but the very tokens that the key has signed may be believed.
func FuzzVerify(f *testing.F) {
	keys := Keys{mustKey(f, signer())}
	badge := mustJWT(f, mustCredential(f, sample()), signer())
	list := mustJWT(f, []byte(mustList(f, 94567)), signer())
	parts := strings.Split(badge, ".")
	for _, seed := range []string{
		"", "..", badge, list, badge + ".", parts[0] + "." + parts[1] + ".", mustJWT(f, mustCredential(f, sample()), stranger()),
		encode(`{"alg":"none"}`) + "." + parts[1] + ".", encode(badgeHeader()) + ".e30." + parts[2],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := Verify(token, keys, during)
		if isRefusal(t, err); err == nil && token != badge {
			t.Errorf("a badge that nobody signed: %q", token)
		}
		_, err = VerifyList(token, keys, during)
		if isRefusal(t, err); err == nil && token != list {
			t.Errorf("a list that nobody signed: %q", token)
		}
	})
}

// Signed or not, whatever is believed must state what its claims state, read by
// another reader than Verify's own.
func FuzzVerifySigned(f *testing.F) {
	keys := Keys{mustKey(f, signer())}
	badge := part(f, mustJWT(f, mustCredential(f, sample()), signer()), 1)
	list := part(f, mustJWT(f, []byte(mustList(f, 94567)), signer()), 1)
	for _, seed := range []string{
		"", "{}", "[]", "null", badge, list, strings.Repeat("[", 100), strings.Replace(badge, `"exp"`, `"Exp"`, 1),
		strings.Replace(badge, `"issuer":{`, `"issuer":{"id":"a",`, 1), strings.Replace(badge, `Z"`, `+00:00"`, 1),
	} {
		f.Add(seed)
	}
	listHeader := strings.Replace(badgeHeader(), `"JWT"`, `"vc+jwt"`, 1)
	f.Fuzz(func(t *testing.T, payload string) {
		if len(payload) > badgeKind.max {
			return
		}
		_, err := VerifyList(forge(t, listHeader, payload), keys, during)
		isRefusal(t, err)
		claims, err := Verify(forge(t, badgeHeader(), payload), keys, during)
		if isRefusal(t, err); err != nil {
			return
		}
		var c struct {
			ISS, JTI, SUB, ID string
			NBF               int64
			Issuer            any
			CredentialSubject struct{ ID string }
		}
		if err := json.Unmarshal([]byte(payload), &c); err != nil {
			t.Fatalf("believed, though %v", err)
		}
		id := c.Issuer
		if o, ok := id.(map[string]any); ok {
			id = o["id"]
		}
		if c.ISS != id || c.JTI != c.ID || c.SUB != c.CredentialSubject.ID || c.NBF != claims.ValidFrom.Unix() || claims.Address != c.ID {
			t.Errorf("claims and credential differ in %s", payload)
		}
	})
}

func FuzzBit(f *testing.F) {
	good, _ := at(read(f, mustList(f, 0, 94567, MinEntries-1)), "credentialSubject", "encodedList").(string)
	for _, seed := range []string{"", "u", good, good[1:], good + "A", "u" + encode("no gzip"), pack(f, make([]byte, MinEntries/8)), pack(f, []byte("short"))} {
		f.Add(seed, 0)
		f.Add(seed, 94567)
		f.Add(seed, MinEntries)
	}
	f.Fuzz(func(t *testing.T, encoded string, index int) {
		set, err := Bit(encoded, index)
		if err != nil && set {
			t.Error("an entry is set in a list that was refused")
		}
		if err != nil {
			return
		}
		bits, err := Decode(encoded)
		if err != nil || len(bits)*8 < MinEntries || len(bits)*8 > MaxEntries || index < 0 || index >= len(bits)*8 {
			t.Errorf("entry %d of %d was read, %v", index, len(bits)*8, err)
		}
		again, err := bits.encode()
		if err != nil {
			t.Fatal(err)
		}
		if same, err := Bit(again, index); same != set || err != nil {
			t.Errorf("written again, entry %d is %v, %v", index, same, err)
		}
	})
}
