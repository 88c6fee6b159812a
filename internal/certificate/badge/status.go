package badge

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const revocation = "revocation"

const (
	// MinEntries is the smallest list: among fewer, looking one up would tell the
	// issuer whose badge is being looked at.
	MinEntries = 131072
	// MaxEntries is the largest list that is read, 2 MiB unpacked.
	MaxEntries = 1 << 24
)

// Bits are a list's entries, the first one leftmost; a set one is revoked.
type Bits []byte

// NewBits makes room for n entries, for MinEntries where that is more, none set.
func NewBits(n int) (Bits, error) {
	if n < 0 || n > MaxEntries {
		return nil, fmt.Errorf("a status list of %d entries cannot be", n)
	}
	return make(Bits, (max(n, MinEntries)+7)/8), nil
}

// Set marks an entry as revoked.
func (b Bits) Set(index int) error {
	if index < 0 || index >= len(b)*8 {
		return fmt.Errorf("the status list has no entry %d", index)
	}
	b[index/8] |= 0x80 >> (index % 8)
	return nil
}

// Has reports whether an entry is revoked.
func (b Bits) Has(index int) (bool, error) {
	if index < 0 || index >= len(b)*8 {
		return false, fmt.Errorf("the status list has no entry %d", index)
	}
	return b[index/8]&(0x80>>(index%8)) != 0, nil
}

// multibase says that base64url without padding follows.
const multibase = "u"

func (b Bits) encode() (string, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return "", fmt.Errorf("pack status list: %w", err)
	}
	_, err = w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("pack status list: %w", err)
	}
	return multibase + encoding.EncodeToString(packed.Bytes()), nil
}

// Decode reads a list's encodedList. It unpacks no more than MaxEntries, however
// little is sent.
func Decode(encoded string) (Bits, error) {
	if len(encoded) > listKind.max {
		return nil, TooLarge
	}
	body, ok := strings.CutPrefix(encoded, multibase)
	if !ok || strings.ContainsAny(body, "\r\n") {
		return nil, fmt.Errorf("%w: no multibase base64url", Malformed)
	}
	packed, err := encoding.DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Malformed, err)
	}
	bits, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	if len(bits)*8 < MinEntries {
		return nil, fmt.Errorf("%w: fewer than %d entries", Malformed, MinEntries)
	}
	return bits, nil
}

func unpack(packed []byte) (Bits, error) {
	rest := bytes.NewReader(packed)
	r, err := gzip.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Malformed, err)
	}
	r.Multistream(false) // what follows would be read as more of the list
	bits, err := io.ReadAll(io.LimitReader(r, MaxEntries/8+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Malformed, err)
	}
	if len(bits) > MaxEntries/8 {
		return nil, TooLarge
	}
	if rest.Len() > 0 {
		return nil, fmt.Errorf("%w: more than one list", Malformed)
	}
	return bits, nil
}

// Bit reports whether an entry of an encodedList is set.
func Bit(encoded string, index int) (bool, error) {
	bits, err := Decode(encoded)
	if err != nil {
		return false, err
	}
	return bits.Has(index)
}

// StatusList is the credential that publishes the bits at an address, valid from
// one instant until another, after which a checker must fetch it again; a zero
// until is none. JWT signs it.
func StatusList(address string, issuer Profile, bits Bits, from, until time.Time) ([]byte, error) {
	if err := issuer.check(); err != nil {
		return nil, fmt.Errorf("status list: %w", err)
	}
	if !isAddress(address) || from.IsZero() || !until.IsZero() && !whole(until).After(whole(from)) {
		return nil, errors.New("status list: the address or the dates are wrong")
	}
	if len(bits)*8 < MinEntries || len(bits)*8 > MaxEntries {
		return nil, fmt.Errorf("status list: %d entries cannot be", len(bits)*8)
	}
	encoded, err := bits.encode()
	if err != nil {
		return nil, err
	}
	c := listCredential{
		Context: []string{credentialsContext}, ID: address, Type: []string{"VerifiableCredential", listKind.name},
		Issuer: issuer.ID, ValidFrom: instant(from),
		Subject: listSubject{ID: address + "#list", Type: "BitstringStatusList", Purpose: revocation, Encoded: encoded},
	}
	if !until.IsZero() {
		c.ValidUntil = instant(until)
	}
	return write(c)
}

type listCredential struct {
	Context    []string    `json:"@context"`
	ID         string      `json:"id"`
	Type       []string    `json:"type"`
	Issuer     string      `json:"issuer"` // not a profile, which the one context does not know
	ValidFrom  string      `json:"validFrom"`
	ValidUntil string      `json:"validUntil,omitempty"`
	Subject    listSubject `json:"credentialSubject"`
}

type listSubject struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Purpose string `json:"statusPurpose"`
	Encoded string `json:"encodedList"`
}

// List is a status list that was believed.
type List struct {
	Address    string
	Issuer     string    // its ID
	ValidFrom  time.Time // UTC, whole seconds
	ValidUntil *time.Time
	Bits       Bits
}

// VerifyList believes a status list as Verify does a badge.
func VerifyList(token string, keys Keys, now time.Time) (List, error) {
	payload, key, err := open(token, listKind, keys)
	if err != nil {
		return List{}, err
	}
	times, err := holdsTogether(payload, listKind)
	if err != nil {
		return List{}, err
	}
	subject := object(payload, "credentialSubject")
	purposes := append(texts(subject, "statusPurpose"), text(subject, "statusPurpose"))
	if _, sized := subject["statusSize"]; sized || text(subject, "type") != "BitstringStatusList" || !slices.Contains(purposes, revocation) {
		return List{}, NotBadge
	}
	bits, err := Decode(text(subject, "encodedList"))
	if err != nil {
		return List{}, err
	}
	l := List{Address: text(payload, "id"), Issuer: times.Issuer, Bits: bits}
	l.ValidFrom, l.ValidUntil = times.validity()
	return l, stands(key, l.ValidFrom, l.ValidUntil, now)
}

// Revoked looks a badge up in the list that it names. It fails for another list.
func (c Claims) Revoked(list List) (bool, error) {
	if c.Status == nil {
		return false, nil
	}
	if c.Status.List != list.Address {
		return false, errors.New("the badge is in another status list")
	}
	return list.Bits.Has(c.Status.Index)
}
