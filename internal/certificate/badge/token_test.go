package badge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestATokenIsTheCredentialAndItsClaims(t *testing.T) {
	credential := mustCredential(t, sample())
	token := mustJWT(t, credential, signer())

	kid := Thumbprint(&signer().PublicKey)
	if diff := cmp.Diff(map[string]any{"alg": "RS256", "kid": kid, "typ": "JWT"}, read(t, part(t, token, 0))); diff != "" {
		t.Errorf("header (- want, + got):\n%s", diff)
	}
	if inside := strings.TrimSuffix(string(credential), "}"); !strings.HasPrefix(part(t, token, 1), inside+",") {
		t.Error("the credential's bytes are not those that were signed")
	}
	want := read(t, string(credential))
	maps.Copy(want, map[string]any{
		"iss": issuer.ID, "jti": sample().Address, "sub": at(want, "credentialSubject", "id"),
		"nbf": float64(awarded.Unix()), "exp": float64(until.Unix()),
	})
	if diff := cmp.Diff(want, read(t, part(t, token, 1))); diff != "" {
		t.Errorf("payload (- want, + got):\n%s", diff)
	}
	if again := mustJWT(t, credential, signer()); again != token {
		t.Error("signing again makes another token")
	}
}

func TestABadgeWithoutEndHasNoExp(t *testing.T) {
	f := sample()
	f.ValidUntil = nil
	token := mustJWT(t, mustCredential(t, f), signer())
	if _, there := read(t, part(t, token, 1))["exp"]; there {
		t.Error("it has one")
	}
	if _, err := Verify(token, Keys{mustKey(t, signer())}, awarded.AddDate(80, 0, 0)); err != nil {
		t.Errorf("eighty years later: %v", err)
	}
}

// pss is a signer that is set to another scheme than it is asked for.
type pss struct{ *rsa.PrivateKey }

func (p pss) Sign(random io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	return p.PrivateKey.Sign(random, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
}

type broken struct{ *rsa.PrivateKey }

var errAway = errors.New("the device is away")

func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errAway }

func TestKeysThatMakeNoBadge(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	credential := mustCredential(t, sample())
	for name, s := range map[string]crypto.Signer{
		"elliptic": curve, "another scheme": pss{signer()}, "another key answers": mixed{signer(), stranger()},
	} {
		if token, err := JWT(credential, s, "key"); err == nil || token != "" {
			t.Errorf("%s: made %q", name, token)
		}
	}
	if _, err := JWT(credential, broken{signer()}, "key"); !errors.Is(err, errAway) {
		t.Errorf("a device that is away: %v", err)
	}
	if _, err := JWT(credential, signer(), ""); err == nil {
		t.Error("made a token whose key has no name")
	}
}

type mixed struct{ shows, uses *rsa.PrivateKey }

func (m mixed) Public() crypto.PublicKey { return m.shows.Public() }

func (m mixed) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return m.uses.Sign(random, digest, opts)
}

func TestCredentialsThatAreNotSigned(t *testing.T) {
	good := string(mustCredential(t, sample()))
	for name, credential := range map[string]string{
		"nothing":                  "",
		"no object":                `["OpenBadgeCredential"]`,
		"another credential":       strings.Replace(good, "OpenBadgeCredential", "DriverLicence", 1),
		"claims already":           strings.Replace(good, `{"@context"`, `{"exp":null,"@context"`, 1),
		"wrapped in vc":            strings.Replace(good, `{"@context"`, `{"vc":{},"@context"`, 1),
		"no subject id":            strings.Replace(good, `{"id":"urn:uuid`, `{"Id":"urn:uuid`, 1),
		"no issuer id":             strings.Replace(good, `"issuer":{"id"`, `"issuer":{"ID"`, 1),
		"an instant with fraction": strings.Replace(good, `15Z","validUntil"`, `15.5Z","validUntil"`, 1),
		"no instant":               strings.Replace(good, `"validFrom"`, `"issuanceDate"`, 1),
		"an end that is none":      strings.Replace(good, `"validUntil":"2030-03-26T00:00:00Z"`, `"validUntil":"2030-03-26"`, 1),
		"too long to be read":      strings.Replace(good, `"name":"`, `"name":"`+strings.Repeat("x", badgeKind.max), 1),
	} {
		if credential == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if token, err := JWT([]byte(credential), signer(), "key"); err == nil || token != "" {
			t.Errorf("%s: signed as %d bytes", name, len(token))
		}
	}
}

func TestASpacedCredentialIsSignedToo(t *testing.T) {
	token := mustJWT(t, slices.Concat([]byte(" \n"), mustCredential(t, sample()), []byte("\n ")), signer())
	if _, err := Verify(token, Keys{mustKey(t, signer())}, during); err != nil {
		t.Error(err)
	}
}
