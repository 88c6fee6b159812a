package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

var (
	oidData                 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimestampToken       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidTimestampInfo        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidSHA256               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA256WithRSA        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
)

// errNotOfChain says that a signature carries a certificate that the checker
// does not have.
var errNotOfChain = errors.New("a certificate that is not of the chain")

// The structures of RFC 5652 (CMS) and RFC 5035 (ESS), as far as signatures and
// time-stamps use them.
type signedMessage struct {
	Type    asn1.ObjectIdentifier
	Content signedData `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      encapsulated
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	Revocations  asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type encapsulated struct {
	Type  asn1.ObjectIdentifier
	Bytes []byte `asn1:"explicit,optional,tag:0"`
}

type signerInfo struct {
	Version    int
	Signer     asn1.RawValue
	Digest     pkix.AlgorithmIdentifier
	Signed     asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
	NotCovered asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type essCertificate struct {
	Digest pkix.AlgorithmIdentifier `asn1:"optional"` // absent: SHA-256
	Hash   []byte
	Issuer asn1.RawValue `asn1:"optional"`
}

type essSigningCertificate struct {
	Certificates []essCertificate
	Policies     asn1.RawValue `asn1:"optional"`
}

// envelope is all that differs from one signature of ours to the next. encode
// writes it in one way only, and that way must stay as it is: a checker writes
// it anew and compares each byte, so that nothing in a signature can be changed
// unseen, signed over or not.
type envelope struct {
	path      []*x509.Certificate // the signer's first
	digest    [sha256.Size]byte   // of the bytes signed over
	signature []byte
	token     []byte // time-stamp; nil for none
}

// signedAttributes are the bytes that the key signs: type of content, digest,
// signing certificate. The time of signing is in the PDF, as PAdES wants it.
func (e envelope) signedAttributes() ([]byte, error) {
	hash := sha256.Sum256(e.path[0].Raw)
	kind, err1 := newAttribute(oidContentType, oidData)
	digest, err2 := newAttribute(oidMessageDigest, e.digest[:])
	certificate, err3 := newAttribute(oidSigningCertificateV2,
		essSigningCertificate{Certificates: []essCertificate{{Hash: hash[:]}}})
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return asn1.MarshalWithParams([]attribute{kind, digest, certificate}, "set")
}

func newAttribute(oid asn1.ObjectIdentifier, content any) (attribute, error) {
	der, err := asn1.Marshal(content)
	return attribute{Type: oid, Values: []asn1.RawValue{{FullBytes: der}}}, err
}

// encode writes the detached CMS signature in DER.
func (e envelope) encode() ([]byte, error) {
	signed, err := e.signedAttributes()
	if err != nil {
		return nil, err
	}
	leaf := e.path[0]
	signer, err := asn1.Marshal(issuerAndSerial{Issuer: asn1.RawValue{FullBytes: leaf.RawIssuer}, Serial: leaf.SerialNumber})
	if err != nil {
		return nil, err
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}
	info := signerInfo{
		Version: 1, Signer: asn1.RawValue{FullBytes: signer}, Digest: sha,
		Signed:    asn1.RawValue{FullBytes: retag(signed, 0xA0)},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidSHA256WithRSA, Parameters: asn1.NullRawValue},
		Signature: e.signature,
	}
	if e.token != nil {
		stamp := attribute{Type: oidTimestampToken, Values: []asn1.RawValue{{FullBytes: e.token}}}
		der, err := asn1.MarshalWithParams([]attribute{stamp}, "set")
		if err != nil {
			return nil, err
		}
		info.NotCovered = asn1.RawValue{FullBytes: retag(der, 0xA1)}
	}
	var certificates []byte
	for _, c := range e.path {
		certificates = append(certificates, c.Raw...)
	}
	return asn1.Marshal(signedMessage{Type: oidSignedData, Content: signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{sha},
		Content:      encapsulated{Type: oidData},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificates},
		Signers:      []signerInfo{info},
	}})
}

// retag gives the same contents another tag: attributes are signed as a SET and
// carried as an implicitly tagged one.
func retag(der []byte, tag byte) []byte {
	out := bytes.Clone(der)
	out[0] = tag
	return out
}

// decode reads an envelope whose certificates are all the chain's. What it does
// not look at, the comparison with encode finds.
func decode(der []byte, chain *Chain, digest [sha256.Size]byte) (envelope, error) {
	e := envelope{digest: digest}
	var message signedMessage
	if !whole(der, &message) || len(message.Content.Signers) != 1 {
		return e, errors.New("not one signature")
	}
	for rest := message.Content.Certificates.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return e, fmt.Errorf("certificate: %w", err)
		}
		if !chain.holds(one.FullBytes) {
			return e, errNotOfChain
		}
		certificate, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			return e, fmt.Errorf("certificate: %w", err)
		}
		if e.path = append(e.path, certificate); len(e.path) > maxPath {
			return e, errors.New("too many certificates")
		}
	}
	if len(e.path) == 0 {
		return e, errors.New("no certificate")
	}
	info := message.Content.Signers[0]
	e.signature = info.Signature
	if len(info.NotCovered.FullBytes) == 0 {
		return e, nil
	}
	stamps, err := attributes(info.NotCovered)
	if err != nil {
		return e, err
	}
	e.token, err = single(stamps, oidTimestampToken)
	return e, err
}

// attributes reads a set of attributes, whatever its tag.
func attributes(v asn1.RawValue) ([]attribute, error) {
	if len(v.FullBytes) == 0 {
		return nil, errors.New("no attributes")
	}
	var list []attribute
	rest, err := asn1.UnmarshalWithParams(retag(v.FullBytes, 0x31), &list, "set")
	if err != nil || len(rest) > 0 {
		return nil, errors.New("attributes are damaged")
	}
	return list, nil
}

// single gives the one value of the one attribute of a type.
func single(list []attribute, oid asn1.ObjectIdentifier) ([]byte, error) {
	var found []byte
	for _, a := range list {
		if !a.Type.Equal(oid) {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil, fmt.Errorf("more than one value of attribute %s", oid)
		}
		found = a.Values[0].FullBytes
	}
	if found == nil {
		return nil, fmt.Errorf("attribute %s is missing", oid)
	}
	return found, nil
}
