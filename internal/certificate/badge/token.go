package badge

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const algorithm = "RS256"

// kind is what a token can be; its typ keeps one from passing for the other.
type kind struct {
	name string // the credential's type
	typ  string // the token's
	max  int    // bytes of a whole token
}

var (
	badgeKind = kind{name: "OpenBadgeCredential", typ: "JWT", max: 128 << 10}
	listKind  = kind{name: "BitstringStatusListCredential", typ: "vc+jwt", max: 4 << 20}
)

// header has the three members that a token's header may have.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// claims repeat in a token's own words what its credential states.
type claims struct {
	Issuer    string `json:"iss"`
	ID        string `json:"jti"`
	NotBefore int64  `json:"nbf"`
	Subject   string `json:"sub"`
	Expires   *int64 `json:"exp,omitempty"`
}

// JWT signs a credential, which is one that Credential or StatusList has made,
// with the RSA key that kid names. The same key makes the same token of it.
func JWT(credential []byte, signer crypto.Signer, kid string) (string, error) {
	key, err := NewKey(signer.Public())
	if err != nil {
		return "", err
	}
	if kid == "" {
		return "", errors.New("sign badge: the key has no name")
	}
	object, err := readObject(credential)
	if err != nil {
		return "", fmt.Errorf("sign badge: %w", err)
	}
	k, err := kindOf(object)
	if err != nil {
		return "", fmt.Errorf("sign badge: %w", err)
	}
	payload, err := withClaims(credential, object)
	if err != nil {
		return "", fmt.Errorf("sign badge: %w", err)
	}
	head, err := write(header{Algorithm: algorithm, KeyID: kid, Type: k.typ})
	if err != nil {
		return "", err
	}
	return sign(encoding.EncodeToString(head)+"."+encoding.EncodeToString(payload), signer, key.Public, k.max)
}

func sign(signed string, signer crypto.Signer, public *rsa.PublicKey, longest int) (string, error) {
	sum := sha256.Sum256([]byte(signed))
	signature, err := signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("sign badge: %w", err)
	}
	// A signer that is a device or a service may be set to another scheme.
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature); err != nil {
		return "", fmt.Errorf("sign badge: the signer does not make RS256: %w", err)
	}
	token := signed + "." + encoding.EncodeToString(signature)
	if len(token) > longest {
		return "", fmt.Errorf("sign badge: %d bytes are more than the %d that are read again", len(token), longest)
	}
	return token, nil
}

func kindOf(credential map[string]any) (kind, error) {
	types := texts(credential, "type")
	for _, k := range []kind{badgeKind, listKind} {
		if slices.Contains(types, k.name) {
			return k, nil
		}
	}
	return kind{}, errors.New("neither a badge nor a status list")
}

// withClaims appends the claims to the credential's own members, whose bytes
// stay as they are.
func withClaims(credential []byte, object map[string]any) ([]byte, error) {
	for _, name := range []string{"iss", "jti", "nbf", "sub", "exp", "vc"} {
		if _, there := object[name]; there {
			return nil, fmt.Errorf("the credential has a member %s already", name)
		}
	}
	c, err := claimsOf(object)
	if err != nil {
		return nil, err
	}
	more, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write claims: %w", err)
	}
	open := bytes.TrimSuffix(bytes.TrimSpace(credential), []byte("}"))
	return slices.Concat(open, []byte(","), more[1:]), nil
}

// claimsOf are the claims that a credential asks for.
func claimsOf(credential map[string]any) (claims, error) {
	c := claims{Issuer: issuerOf(credential).ID, ID: text(credential, "id"), Subject: text(object(credential, "credentialSubject"), "id")}
	if c.Issuer == "" || c.ID == "" || c.Subject == "" {
		return claims{}, errors.New("issuer, credential and subject need an id")
	}
	from, err := readInstant(text(credential, "validFrom"))
	if err != nil {
		return claims{}, fmt.Errorf("validFrom: %w", err)
	}
	c.NotBefore = from.Unix()
	if _, ends := credential["validUntil"]; !ends {
		return c, nil
	}
	until, err := readInstant(text(credential, "validUntil"))
	if err != nil {
		return claims{}, fmt.Errorf("validUntil: %w", err)
	}
	c.Expires = new(until.Unix())
	return c, nil
}

// readInstant takes whole seconds alone, as the claims can say no others.
func readInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("read instant: %w", err)
	}
	if !t.Equal(whole(t)) {
		return time.Time{}, errors.New("not in whole seconds")
	}
	return t.UTC(), nil
}

// issuerOf reads an issuer as either of its two forms: an object, or its id alone.
func issuerOf(credential map[string]any) Profile {
	if id := text(credential, "issuer"); id != "" {
		return Profile{ID: id}
	}
	o := object(credential, "issuer")
	return Profile{ID: text(o, "id"), Name: text(o, "name"), URL: text(o, "url"), Image: text(object(o, "image"), "id")}
}

// open gives the payload of a token of that kind whose signature is that of one
// of the keys, and the key.
func open(token string, k kind, keys Keys) (map[string]any, Key, error) {
	if len(token) > k.max {
		return nil, Key{}, TooLarge
	}
	if strings.ContainsAny(token, "\r\n") || strings.Count(token, ".") != 2 {
		return nil, Key{}, fmt.Errorf("%w: not three parts", Malformed)
	}
	parts := strings.Split(token, ".")
	key, err := keyOf(parts[0], k, keys)
	if err != nil {
		return nil, Key{}, err
	}
	signature, err := encoding.DecodeString(parts[2])
	if err != nil {
		return nil, Key{}, fmt.Errorf("%w: signature: %w", Malformed, err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key.Public, crypto.SHA256, sum[:], signature); err != nil {
		return nil, Key{}, BadSignature
	}
	payload, err := readPart(parts[1])
	return payload, key, err
}

func keyOf(part string, k kind, keys Keys) (Key, error) {
	head, err := readPart(part)
	if err != nil {
		return Key{}, err
	}
	if text(head, "alg") != algorithm || text(head, "typ") != k.typ || text(head, "kid") == "" || len(head) != 3 {
		return Key{}, fmt.Errorf("%w: it must say alg %s, typ %s and kid, and nothing else", BadHeader, algorithm, k.typ)
	}
	key, known := keys.find(text(head, "kid"))
	if !known {
		return Key{}, UnknownKey
	}
	return key, nil
}

func readPart(part string) (map[string]any, error) {
	data, err := encoding.DecodeString(part)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Malformed, err)
	}
	return readObject(data)
}
