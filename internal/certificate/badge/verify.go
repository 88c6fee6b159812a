package badge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Refusal is why a token is not believed; it is stable and may be shown by code.
type Refusal string

// Error is the refusal's code.
func (r Refusal) Error() string { return string(r) }

// What Verify and VerifyList refuse. The last three are about a token that the
// issuer did sign: what it states is returned with them.
const (
	TooLarge     Refusal = "too_large"
	Malformed    Refusal = "malformed"     // no token, or not one that is written as it must be
	BadHeader    Refusal = "bad_header"    // another algorithm or type, or members that do not belong there
	UnknownKey   Refusal = "unknown_key"   // none of the keys that are trusted
	BadSignature Refusal = "bad_signature" // altered, or signed by somebody else
	NotBadge     Refusal = "not_badge"     // or, where a list is wanted, no list
	Differs      Refusal = "differs"       // the token's claims are not those of its credential

	KeyRevoked Refusal = "key_revoked"
	NotYet     Refusal = "not_yet"
	Expired    Refusal = "expired"
)

// Claims are what a badge states of those things that its page shows.
type Claims struct {
	Address    string // the badge's id: where the certificate is verified
	Issuer     Profile
	Title      string // of the course
	Code       string
	ValidFrom  time.Time  // UTC, whole seconds
	ValidUntil *time.Time // nil: it does not expire
	Status     *Status    // nil: it cannot be revoked
	Identities []Identity
	KeyID      string
}

// Verify believes a badge that one of the keys has signed and that holds together
// at the instant now. Whether it was revoked since is in the list that Status
// names. Errors are Refusals, some with a reason wrapped around.
func Verify(token string, keys Keys, now time.Time) (Claims, error) {
	payload, key, err := open(token, badgeKind, keys)
	if err != nil {
		return Claims{}, err
	}
	times, err := holdsTogether(payload, badgeKind)
	if err != nil {
		return Claims{}, err
	}
	c, err := readClaims(payload)
	if err != nil {
		return Claims{}, err
	}
	c.KeyID = key.ID
	c.ValidFrom, c.ValidUntil = times.validity()
	return c, stands(key, c.ValidFrom, c.ValidUntil, now)
}

func stands(key Key, from time.Time, until *time.Time, now time.Time) error {
	switch {
	case key.Revoked != nil && !now.Before(*key.Revoked):
		return KeyRevoked
	case now.Before(from):
		return NotYet
	case until != nil && !now.Before(*until):
		return Expired
	}
	return nil
}

// holdsTogether checks that a payload is a credential of that kind and that its
// claims are the ones which the credential asks for, and gives these.
func holdsTogether(payload map[string]any, k kind) (claims, error) {
	contexts := []string{credentialsContext}
	if k.name == badgeKind.name {
		contexts = append(contexts, badgesContext)
	}
	types := texts(payload, "type")
	if !slices.Equal(texts(payload, "@context"), contexts) || !slices.Contains(types, "VerifiableCredential") || !slices.Contains(types, k.name) {
		return claims{}, NotBadge
	}
	want, err := claimsOf(payload)
	if err != nil {
		return claims{}, fmt.Errorf("%w: %w", Malformed, err)
	}
	for name, wanted := range map[string]any{
		"iss": want.Issuer, "jti": want.ID, "sub": want.Subject, "nbf": number(want.NotBefore), "exp": nil, "vc": nil,
	} {
		if name == "exp" && want.Expires != nil {
			wanted = number(*want.Expires)
		}
		if got, there := payload[name]; got != wanted || there != (wanted != nil) {
			return claims{}, fmt.Errorf("%w: %s", Differs, name)
		}
	}
	return want, nil
}

// number is a claim's instant as it is read: as it is written, letter by letter.
func number(seconds int64) json.Number { return json.Number(strconv.FormatInt(seconds, 10)) }

func readClaims(payload map[string]any) (Claims, error) {
	subject := object(payload, "credentialSubject")
	course := object(subject, "achievement")
	if !slices.Contains(texts(subject, "type"), "AchievementSubject") || !slices.Contains(texts(course, "type"), "Achievement") || text(course, "name") == "" {
		return Claims{}, NotBadge
	}
	c := Claims{
		Address: text(payload, "id"), Issuer: issuerOf(payload), Title: text(course, "name"), Code: text(course, "humanCode"),
	}
	var err error
	if c.Identities, err = readIdentities(subject["identifier"]); err != nil {
		return Claims{}, err
	}
	if c.Status, err = readStatus(payload); err != nil {
		return Claims{}, err
	}
	return c, nil
}

// validity is from when on and until when a token's credential is valid.
func (c claims) validity() (time.Time, *time.Time) {
	from := time.Unix(c.NotBefore, 0).UTC()
	if c.Expires == nil {
		return from, nil
	}
	return from, new(time.Unix(*c.Expires, 0).UTC())
}

func readIdentities(v any) ([]Identity, error) {
	list, _ := v.([]any)
	found := make([]Identity, 0, len(list))
	for _, one := range list {
		o, isObject := one.(map[string]any)
		hashed, isBool := o["hashed"].(bool)
		if !isObject || !isBool {
			return nil, fmt.Errorf("%w: identifier", Malformed)
		}
		found = append(found, Identity{
			Type: text(o, "type"), Hash: text(o, "identityHash"), Kind: text(o, "identityType"), Hashed: hashed, Salt: text(o, "salt"),
		})
	}
	return found, nil
}

// readStatus refuses what it does not understand: a badge whose revocation cannot
// be looked up must not pass for one that cannot be revoked.
func readStatus(payload map[string]any) (*Status, error) {
	v, there := payload["credentialStatus"]
	if !there {
		return nil, nil
	}
	o, _ := v.(map[string]any)
	index, err := strconv.Atoi(text(o, "statusListIndex"))
	_, sized := o["statusSize"]
	if err != nil || index < 0 || sized || text(o, "type") != "BitstringStatusListEntry" ||
		text(o, "statusPurpose") != revocation || !isAddress(text(o, "statusListCredential")) {
		return nil, fmt.Errorf("%w: credentialStatus", Malformed)
	}
	return &Status{List: text(o, "statusListCredential"), Index: index}, nil
}
