package seal

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"time"
)

// Reason says in a word why a file is genuine or is not. The words are stable.
type Reason string

// The reasons of a verdict.
const (
	Genuine         Reason = "genuine"          // signed by the issuer, and every byte is as it was signed
	NotPDF          Reason = "not_a_pdf"        // something else than a PDF
	TooLarge        Reason = "too_large"        // longer than MaxBytes
	Encrypted       Reason = "encrypted"        // no certificate ever is
	Damaged         Reason = "damaged"          // not readable as a PDF
	NotSigned       Reason = "not_signed"       // a PDF without a signature
	MoreThanOne     Reason = "more_than_one"    // several signatures
	UnknownIssuer   Reason = "unknown_issuer"   // signed with a key that the chain does not have
	NotCovered      Reason = "not_covered"      // the signature leaves out a part of the file
	ChangedAfter    Reason = "changed_after"    // genuine once; something was appended later
	Altered         Reason = "altered"          // not what was signed
	OutsideValidity Reason = "outside_validity" // signed when the key was not valid yet or no longer
	KeyRevoked      Reason = "key_revoked"      // the key is revoked and nothing proves an earlier signature
)

// Verdict is the judgement of a file. What follows Reason is known only where
// the issuer's signature itself is right: for Genuine, ChangedAfter,
// OutsideValidity and KeyRevoked.
type Verdict struct {
	Genuine bool
	Reason  Reason
	// Number is the certificate's number in the signature; SignedAt the time that
	// the issuer states, in UTC.
	Number   string
	SignedAt time.Time
	// Timestamp is the time that a time-stamp states; zero without one. It proves
	// something only if TimestampTrusted.
	Timestamp        time.Time
	TimestampTrusted bool
	// Signer is the subject of the key's certificate, KeyFingerprint its name.
	Signer, KeyFingerprint string
}

// Trust is all that a checker goes by. Nothing in a file adds to it.
type Trust struct {
	// Chain holds the issuer's keys. Without it no file is genuine.
	Chain *Chain
	// TimestampRoots vouch for authorities of time-stamps.
	TimestampRoots []*x509.Certificate
	// Now is held against the dates of revocation; zero counts as after all.
	Now time.Time
}

// Check judges a file that somebody brings. It never fails otherwise than by its
// verdict, and its work is bounded whatever the file holds.
func Check(pdf []byte, trust Trust) Verdict {
	switch {
	case len(pdf) > MaxBytes:
		return Verdict{Reason: TooLarge}
	case !bytes.HasPrefix(pdf, []byte("%PDF-")):
		return Verdict{Reason: NotPDF}
	}
	if trust.Chain == nil {
		trust.Chain = &Chain{}
	}
	verdict := judge(pdf, trust)
	if !verdict.Genuine {
		if before, ok := beforeUpdate(pdf, trust); ok {
			return before
		}
	}
	return verdict
}

// judge judges a file as a whole.
func judge(pdf []byte, trust Trust) Verdict {
	d, err := open(pdf)
	if err != nil {
		return Verdict{Reason: unreadable(pdf, err)}
	}
	signatures, err := d.signatures()
	switch {
	case err != nil:
		return Verdict{Reason: unreadable(pdf, err)}
	case len(signatures) == 0:
		return Verdict{Reason: NotSigned}
	case len(signatures) > 1:
		return Verdict{Reason: MoreThanOne}
	}
	return judgeSignature(pdf, signatures[0], trust)
}

const rangeKey = "/ByteRange"

func unreadable(pdf []byte, err error) Reason {
	switch {
	case errors.Is(err, errEncrypted):
		return Encrypted
	case !errors.Is(err, errNewer):
		return Damaged
	case bytes.Contains(pdf, []byte(rangeKey)):
		return UnknownIssuer
	}
	return NotSigned
}

func judgeSignature(pdf []byte, entries map[string]value, trust Trust) Verdict {
	contents := entries["Contents"]
	signer := trust.Chain.signerIn(contents.text)
	if signer == nil {
		return Verdict{Reason: UnknownIssuer}
	}
	gap := span{contents.start, contents.end}
	if !coversAll(pdf, entries["ByteRange"], gap) {
		return Verdict{Reason: NotCovered}
	}
	signedAt, ok := readTime(entries["M"].text)
	if !ok {
		return Verdict{Reason: Altered}
	}
	e, err := opened(pdf, gap, contents.text, trust.Chain)
	if errors.Is(err, errNotOfChain) {
		return Verdict{Reason: UnknownIssuer}
	}
	if err != nil || !e.path[0].Equal(signer) {
		return Verdict{Reason: Altered}
	}
	v := Verdict{
		Number: readText(entries[numberKey].text), SignedAt: signedAt,
		Signer: signer.Subject.String(), KeyFingerprint: Fingerprint(signer),
	}
	proof := stamp{}
	if e.token != nil {
		s, err := readStamp(e.token)
		if err != nil || !s.covers(e.signature) {
			return Verdict{Reason: Altered}
		}
		v.Timestamp, v.TimestampTrusted = s.earliest, s.trusted(trust.TimestampRoots) == nil
		proof = *s
	}
	v.Reason = trust.accepts(signer, v, proof)
	v.Genuine = v.Reason == Genuine
	return v
}

// accepts decides whether a right signature counts: by a key that was valid, and
// that is not revoked or was used before by a trusted authority's word. What the
// signature itself says of its time proves nothing against a thief of the key.
func (t Trust) accepts(signer *x509.Certificate, v Verdict, proof stamp) Reason {
	within := func(at time.Time) bool { return !at.Before(signer.NotBefore) && !at.After(signer.NotAfter) }
	if !within(v.SignedAt) || v.TimestampTrusted && !within(v.Timestamp) {
		return OutsideValidity
	}
	if !t.Chain.leadsToRoot(signer, v.SignedAt) {
		return UnknownIssuer
	}
	revoked := t.Chain.Revoked(signer)
	inForce := !revoked.IsZero() && (t.Now.IsZero() || !t.Now.Before(revoked))
	if inForce && !(v.TimestampTrusted && proof.latest.Before(revoked)) {
		return KeyRevoked
	}
	return Genuine
}

// signerIn gives the signer's certificate that a signature carries. It is the
// chain's own: a certificate from the file is never trusted.
func (c *Chain) signerIn(contents []byte) *x509.Certificate {
	for _, signer := range c.Signers() {
		if bytes.Contains(contents, signer.Raw) {
			return signer
		}
	}
	return nil
}

// coversAll reports whether the range of signed bytes is the whole file but the
// string of this very signature.
func coversAll(pdf []byte, ranges value, gap span) bool {
	if ranges.kind != kindArray || len(ranges.items) != 4 {
		return false
	}
	for i, want := range []int{0, gap.start, gap.end, len(pdf) - gap.end} {
		if item := ranges.items[i]; item.kind != kindInt || item.num != want {
			return false
		}
	}
	return true
}

// opened reads the signature in the gap and holds every byte of it, the zeros
// that fill up the gap too, against the one way of writing it, then checks it
// with the signer's key. The gap's length is signed over and tells whether there
// was a time-stamp, so that none can be taken away.
func opened(pdf []byte, gap span, contents []byte, chain *Chain) (envelope, error) {
	written := pdf[gap.start:gap.end]
	if canonical := "<" + hex.EncodeToString(contents) + ">"; string(written) != canonical {
		return envelope{}, errors.New("digits written in another way")
	}
	length := derLength(contents)
	if length < 0 || len(bytes.Trim(contents[length:], "\x00")) > 0 {
		return envelope{}, errors.New("filled up with other than zeros")
	}
	e, err := decode(contents[:length], chain, digestAround(pdf, gap))
	if err != nil {
		return e, err
	}
	if !slices.EqualFunc(e.path, chain.path(e.path[0]), (*x509.Certificate).Equal) {
		return e, errors.New("other certificates than the signer's")
	}
	reserved, err := room(e.path, len(e.signature), e.token != nil)
	if err != nil {
		return e, err
	}
	if len(contents) != reserved {
		return e, errors.New("another room than that of such a signature")
	}
	again, err := e.encode()
	if err != nil {
		return e, err
	}
	if !bytes.Equal(again, contents[:length]) {
		return e, errors.New("not the signature of this file")
	}
	attributes, err := e.signedAttributes()
	if err != nil {
		return e, err
	}
	return e, e.path[0].CheckSignature(x509.SHA256WithRSA, attributes, e.signature)
}

// derLength is the length of the DER element that contents begin with, or -1.
func derLength(contents []byte) int {
	if len(contents) < 2 {
		return -1
	}
	length, header := int(contents[1]), 2
	if length >= 0x80 {
		count := length & 0x7F
		if count < 1 || count > 3 || len(contents) < 2+count {
			return -1
		}
		length, header = 0, 2+count
		for _, b := range contents[2:header] {
			length = length<<8 | int(b)
		}
	}
	if header+length > len(contents) {
		return -1
	}
	return header + length
}

// beforeUpdate looks for a genuine file at the front of one that is not: whoever
// appended something may have hidden our signature while doing so.
func beforeUpdate(pdf []byte, trust Trust) (Verdict, bool) {
	const most = 8
	at := 0
	for range most {
		next := bytes.Index(pdf[at:], []byte(rangeKey))
		if next < 0 {
			break
		}
		at += next + len(rangeKey)
		budget := 1 << 10
		ranges, err := (&lexer{data: pdf, pos: at, budget: &budget}).value(0)
		if err != nil || ranges.kind != kindArray || len(ranges.items) != 4 {
			continue
		}
		end := ranges.items[2].num + ranges.items[3].num
		if end <= 0 || end >= len(pdf) {
			continue
		}
		if v := judge(pdf[:end], trust); v.Genuine {
			v.Genuine, v.Reason = false, ChangedAfter
			return v, true
		}
	}
	return Verdict{}, false
}
