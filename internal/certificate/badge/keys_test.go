package badge

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The example is that of RFC 7638 §3.1.
func TestThumbprint(t *testing.T) {
	n, err := encoding.DecodeString("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
	if err != nil {
		t.Fatal(err)
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	if got, want := Thumbprint(key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; got != want {
		t.Errorf("thumbprint %s, want %s", got, want)
	}
	if k, err := NewKey(key); err != nil || k.ID != Thumbprint(key) {
		t.Errorf("the key is named %q, %v", k.ID, err)
	}
}

// A key's document has these members and no others, so that none can hold a part
// of the private key; nor does one stand anywhere else in it.
func TestPublishedKeysArePublic(t *testing.T) {
	keys := Keys{mustKey(t, signer()), mustKey(t, stranger())}
	set, err := keys.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	one, err := keys[0].JWK()
	if err != nil {
		t.Fatal(err)
	}
	document := read(t, string(set))
	if len(document) != 1 {
		t.Errorf("the set has other members than its keys: %v", document)
	}
	published, _ := document["keys"].([]any)
	if len(published) != 2 {
		t.Fatalf("%d keys are published, want 2", len(published))
	}
	for i, v := range append(published, read(t, string(one))) {
		key := keys[i%2]
		want := map[string]any{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.ID,
			"n": encoding.EncodeToString(key.Public.N.Bytes()), "e": "AQAB",
		}
		if diff := cmp.Diff(any(want), v); diff != "" {
			t.Errorf("key %d (- want, + got):\n%s", i, diff)
		}
	}
	for _, private := range []*rsa.PrivateKey{signer(), stranger()} {
		pre := private.Precomputed
		for _, secret := range append([]*big.Int{private.D, pre.Dp, pre.Dq, pre.Qinv}, private.Primes...) {
			if text := encoding.EncodeToString(secret.Bytes()); strings.Contains(string(set), text) || strings.Contains(string(set), secret.String()) {
				t.Error("a private number is published")
			}
		}
	}
}

func TestWhichKeysArePublished(t *testing.T) {
	now, past := mustKey(t, signer()), mustKey(t, stranger())
	revoked := past
	revoked.Revoked = new(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC))
	atAnAddress := past
	atAnAddress.ID = "https://varde.example/keys/1"
	for name, tt := range map[string]struct {
		keys Keys
		want []string
	}{
		"none":                   {nil, []string{}},
		"the present and a past": {Keys{now, past}, []string{now.ID, past.ID}},
		"one twice":              {Keys{now, past, now}, []string{now.ID, past.ID}},
		"one revoked":            {Keys{now, revoked}, []string{now.ID}},
		"one revoked elsewhere":  {Keys{past, now, revoked}, []string{now.ID}},
		"named by an address":    {Keys{atAnAddress}, []string{"https://varde.example/keys/1"}},
	} {
		set, err := tt.keys.JWKS()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := []string{}
		published, isList := read(t, string(set))["keys"].([]any)
		for _, v := range published {
			got = append(got, v.(map[string]any)["kid"].(string))
		}
		if !isList || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	for name, k := range map[string]Key{"without a name": {Public: now.Public}, "without a number": {ID: "key"}} {
		if _, err := (Keys{k}).JWKS(); err == nil {
			t.Errorf("a key %s was published in a set", name)
		}
		if _, err := k.JWK(); err == nil {
			t.Errorf("a key %s was published", name)
		}
	}
}

// Open Badges names a key by an address: a badge whose kid is one is believed as
// well as one named by the thumbprint.
func TestAKeyMayBeNamedByAnAddress(t *testing.T) {
	key := mustKey(t, signer())
	key.ID = "https://varde.example/.well-known/jwks.json#" + key.ID
	token, err := JWT(mustCredential(t, sample()), signer(), key.ID)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := Verify(token, Keys{key}, during)
	if err != nil || claims.KeyID != key.ID {
		t.Errorf("%+v, %v", claims, err)
	}
	if _, err := Verify(token, Keys{mustKey(t, signer())}, during); err == nil {
		t.Error("believed under another name")
	}
}

func TestKeysThatAreNotTaken(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	number := func(bits uint) *big.Int { return new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1) }
	for name, key := range map[string]any{
		"nothing": nil, "elliptic": curve.Public(), "private": signer(), "no number": &rsa.PublicKey{E: 65537}, "none": (*rsa.PublicKey)(nil),
		"short": &rsa.PublicKey{N: number(2047), E: 65537}, "huge": &rsa.PublicKey{N: number(8193), E: 65537}, "exponent 1": &rsa.PublicKey{N: number(2048), E: 1},
	} {
		if k, err := NewKey(key); err == nil || k.Public != nil {
			t.Errorf("%s: taken as %+v", name, k)
		}
	}
}
