package badge

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Sizes of a key in bits. Above the largest, checking a signature is work that
// nobody should be made to do.
const (
	minKeyBits = 2048
	maxKeyBits = 8192
)

// Key is a public key of the issuer. ID is how a token's header names it.
type Key struct {
	ID      string
	Public  *rsa.PublicKey
	Revoked *time.Time // from when on it is not trusted; nil: it is
}

// NewKey takes an RSA public key of 2048 to 8192 bits. Its ID is its thumbprint
// (RFC 7638); where a badge's kid is to be an address, put it in the place of it.
func NewKey(public crypto.PublicKey) (Key, error) {
	rsaKey, ok := public.(*rsa.PublicKey)
	if !ok || rsaKey == nil || rsaKey.N == nil {
		return Key{}, fmt.Errorf("a badge needs an RSA key, not %T", public)
	}
	if bits := rsaKey.N.BitLen(); bits < minKeyBits || bits > maxKeyBits || rsaKey.E < 3 {
		return Key{}, fmt.Errorf("a badge needs an RSA key of %d to %d bits, not %d", minKeyBits, maxKeyBits, bits)
	}
	return Key{ID: Thumbprint(rsaKey), Public: rsaKey}, nil
}

// Thumbprint is the SHA-256 thumbprint of a key as RFC 7638 has it, in base64url.
func Thumbprint(public *rsa.PublicKey) string {
	e, n := exponent(public), modulus(public)
	sum := sha256.Sum256([]byte(`{"e":"` + e + `","kty":"RSA","n":"` + n + `"}`))
	return encoding.EncodeToString(sum[:])
}

// Keys are all that the issuer has ever signed with, in any order.
type Keys []Key

// Trusted gives the key of a name, unless it is marked revoked: whoever asks for a
// key by its name believes what he gets.
func (keys Keys) Trusted(id string) (Key, bool) {
	k, known := keys.find(id)
	return k, known && k.Revoked == nil
}

// find gives the key of a name; where it is there twice, the one marked revoked.
func (keys Keys) find(id string) (Key, bool) {
	found, ok := Key{}, false
	for _, k := range keys {
		if k.ID == id && k.Public != nil && (!ok || k.Revoked != nil) {
			found, ok = k, true
		}
	}
	return found, ok
}

// document is a public key as it is published: these members and no others (RFC 7517, RFC 7518 §6.3.1).
type document struct {
	Type      string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}

func (k Key) document() document {
	return document{Type: "RSA", Use: "sig", Algorithm: algorithm, ID: k.ID, Modulus: modulus(k.Public), Exponent: exponent(k.Public)}
}

// JWK is one key's document, for where its ID is an address of its own.
func (k Key) JWK() ([]byte, error) {
	if k.ID == "" || k.Public == nil {
		return nil, errors.New("a key without name or number cannot be published")
	}
	return write(k.document())
}

// JWKS is the document that publishes the keys (RFC 7517), each once, in their
// order. Those marked revoked are left out, since others believe all that is in it.
func (keys Keys) JWKS() ([]byte, error) {
	set := struct {
		Keys []document `json:"keys"`
	}{Keys: []document{}}
	seen := map[string]bool{}
	for _, k := range keys {
		if k.ID == "" || k.Public == nil {
			return nil, errors.New("a key without name or number cannot be published")
		}
		if _, trusted := keys.Trusted(k.ID); trusted && !seen[k.ID] {
			seen[k.ID] = true
			set.Keys = append(set.Keys, k.document())
		}
	}
	return write(set)
}

// encoding refuses what is written otherwise than it writes, new lines aside.
var encoding = base64.RawURLEncoding.Strict()

func modulus(k *rsa.PublicKey) string { return encoding.EncodeToString(k.N.Bytes()) }

func exponent(k *rsa.PublicKey) string {
	return encoding.EncodeToString(big.NewInt(int64(k.E)).Bytes())
}
