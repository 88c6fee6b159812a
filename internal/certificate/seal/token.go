package seal

import (
	"bytes"
	"crypto"
	"crypto/sha1" //nolint:gosec // some authorities still name their certificate by it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// stamp is what a time-stamp token states, checked as far as it can be without
// trusting its authority.
type stamp struct {
	earliest, latest time.Time // the time stated, and that with its inaccuracy
	hash             crypto.Hash
	imprint          []byte
	nonce            *big.Int
	signer           *x509.Certificate
	others           []*x509.Certificate
}

// The structures of RFC 3161.
type timestampInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  messageImprint
	Serial   *big.Int
	Time     asn1.RawValue
	Accuracy accuracy      `asn1:"optional"`
	Ordering bool          `asn1:"optional"`
	Nonce    *big.Int      `asn1:"optional"`
	TSA      asn1.RawValue `asn1:"optional,explicit,tag:0"`
	More     asn1.RawValue `asn1:"optional,tag:1"`
}

type messageImprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

type accuracy struct {
	Seconds int `asn1:"optional"`
	Millis  int `asn1:"optional,tag:0"`
	Micros  int `asn1:"optional,tag:1"`
}

var (
	oidSHA384       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSA          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidSHA384RSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}
	oidSHA512RSA    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}
	oidECDSASHA256  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidECDSASHA384  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	oidECDSASHA512  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}
	oidEd25519      = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	errTokenDamaged = errors.New("the time-stamp is damaged")
)

// readStamp reads a token and checks that its signature is right for the
// certificate it names. It must be DER through and through: what is written
// otherwise could be changed without anybody seeing it.
func readStamp(token []byte) (*stamp, error) {
	var message signedMessage
	if !whole(token, &message) {
		return nil, errTokenDamaged
	}
	if again, err := asn1.Marshal(message); err != nil || !bytes.Equal(again, token) {
		return nil, errTokenDamaged
	}
	data := message.Content
	if !message.Type.Equal(oidSignedData) || data.Version != 3 || len(data.Signers) != 1 || len(data.Digests) != 1 ||
		!data.Content.Type.Equal(oidTimestampInfo) || len(data.Revocations.FullBytes) > 0 {
		return nil, errTokenDamaged
	}
	info := data.Signers[0]
	if !sameAlgorithm(info.Digest, data.Digests[0]) || len(info.NotCovered.FullBytes) > 0 {
		return nil, errTokenDamaged
	}
	s, err := stated(data.Content.Bytes)
	if err != nil {
		return nil, err
	}
	certificates, err := x509.ParseCertificates(data.Certificates.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certificates of the time-stamp: %w", err)
	}
	for _, c := range certificates {
		if names(info, c) && s.signer == nil {
			s.signer = c
		} else {
			s.others = append(s.others, c)
		}
	}
	if s.signer == nil {
		return nil, errors.New("the time-stamp lacks its authority's certificate")
	}
	return s, s.verify(info, data.Content.Bytes)
}

func sameAlgorithm(a, b pkix.AlgorithmIdentifier) bool {
	return a.Algorithm.Equal(b.Algorithm) && bytes.Equal(a.Parameters.FullBytes, b.Parameters.FullBytes)
}

// names reports whether a signer's information names a certificate, by issuer
// and serial number or by the key's identifier.
func names(info signerInfo, c *x509.Certificate) bool {
	if info.Version == 3 {
		return info.Signer.Class == asn1.ClassContextSpecific && info.Signer.Tag == 0 &&
			len(c.SubjectKeyId) > 0 && bytes.Equal(info.Signer.Bytes, c.SubjectKeyId)
	}
	want, err := asn1.Marshal(issuerAndSerial{Issuer: asn1.RawValue{FullBytes: c.RawIssuer}, Serial: c.SerialNumber})
	return err == nil && info.Version == 1 && bytes.Equal(want, info.Signer.FullBytes)
}

// stated reads what the authority signed.
func stated(der []byte) (*stamp, error) {
	var info timestampInfo
	if !whole(der, &info) || info.Version != 1 {
		return nil, errTokenDamaged
	}
	hash, ok := hashOf(info.Imprint.Algorithm.Algorithm)
	if !ok || info.Time.Tag != asn1.TagGeneralizedTime || info.Time.Class != asn1.ClassUniversal {
		return nil, errTokenDamaged
	}
	// Fractions of a second are allowed here, which asn1 does not read.
	text := string(info.Time.Bytes)
	at, err := time.Parse("20060102150405Z", text)
	if err != nil || !strings.HasSuffix(text, "Z") {
		return nil, errTokenDamaged
	}
	a := info.Accuracy
	const day = 24 * 60 * 60
	if a.Seconds < 0 || a.Seconds > day || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return nil, errTokenDamaged
	}
	off := time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond
	return &stamp{earliest: at, latest: at.Add(off), hash: hash, imprint: info.Imprint.Hash, nonce: info.Nonce}, nil
}

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	switch {
	case oid.Equal(oidSHA256):
		return crypto.SHA256, true
	case oid.Equal(oidSHA384):
		return crypto.SHA384, true
	case oid.Equal(oidSHA512):
		return crypto.SHA512, true
	}
	return 0, false
}

func digest(h crypto.Hash, content []byte) []byte {
	hash := h.New()
	hash.Write(content)
	return hash.Sum(nil)
}

// verify checks the token's own signature, and that its attributes name content
// and certificate.
func (s *stamp) verify(info signerInfo, content []byte) error {
	list, err := attributes(info.Signed)
	if err != nil {
		return err
	}
	hash, ok := hashOf(info.Digest.Algorithm)
	if !ok {
		return errors.New("the time-stamp uses a digest that is not known")
	}
	kind, err1 := single(list, oidContentType)
	sum, err2 := single(list, oidMessageDigest)
	wantKind, err3 := asn1.Marshal(oidTimestampInfo)
	wantSum, err4 := asn1.Marshal(digest(hash, content))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	if !bytes.Equal(kind, wantKind) || !bytes.Equal(sum, wantSum) {
		return errors.New("the time-stamp does not match its digest")
	}
	if !s.namedBy(list) {
		return errors.New("the time-stamp names another certificate than its own")
	}
	algorithm := signatureAlgorithm(info.Algorithm, hash, s.signer)
	if algorithm == x509.UnknownSignatureAlgorithm {
		return errors.New("the time-stamp is signed in a way that is not known")
	}
	if err := s.signer.CheckSignature(algorithm, retag(info.Signed.FullBytes, 0x31), info.Signature); err != nil {
		return fmt.Errorf("signature of the time-stamp: %w", err)
	}
	return nil
}

// namedBy reports whether the signed attributes name the signer's certificate
// by its hash, so that no other can be put in its place.
func (s *stamp) namedBy(list []attribute) bool {
	oid, hash, sum := oidSigningCertificateV2, crypto.SHA256, []byte(nil)
	der, err := single(list, oid)
	if err != nil {
		if der, err = single(list, oidSigningCertificate); err != nil {
			return false
		}
		hash = crypto.SHA1
	}
	var named essSigningCertificate
	if !whole(der, &named) || len(named.Certificates) == 0 {
		return false
	}
	first := named.Certificates[0]
	switch known, ok := hashOf(first.Digest.Algorithm); {
	case hash == crypto.SHA1:
		weak := sha1.Sum(s.signer.Raw) //nolint:gosec // as the import
		sum = weak[:]
	case ok:
		sum = digest(known, s.signer.Raw)
	case len(first.Digest.Algorithm) == 0:
		sum = digest(hash, s.signer.Raw)
	default:
		return false
	}
	return bytes.Equal(sum, first.Hash)
}

// signatureAlgorithm finds how a token was signed. An algorithm that names its
// digest must name the one that is used.
func signatureAlgorithm(a pkix.AlgorithmIdentifier, hash crypto.Hash, signer *x509.Certificate) x509.SignatureAlgorithm {
	table := []struct {
		oid       asn1.ObjectIdentifier
		hash      crypto.Hash
		key       x509.PublicKeyAlgorithm
		algorithm x509.SignatureAlgorithm
	}{
		{oidRSA, crypto.SHA256, x509.RSA, x509.SHA256WithRSA},
		{oidRSA, crypto.SHA384, x509.RSA, x509.SHA384WithRSA},
		{oidRSA, crypto.SHA512, x509.RSA, x509.SHA512WithRSA},
		{oidSHA256WithRSA, crypto.SHA256, x509.RSA, x509.SHA256WithRSA},
		{oidSHA384RSA, crypto.SHA384, x509.RSA, x509.SHA384WithRSA},
		{oidSHA512RSA, crypto.SHA512, x509.RSA, x509.SHA512WithRSA},
		{oidECDSASHA256, crypto.SHA256, x509.ECDSA, x509.ECDSAWithSHA256},
		{oidECDSASHA384, crypto.SHA384, x509.ECDSA, x509.ECDSAWithSHA384},
		{oidECDSASHA512, crypto.SHA512, x509.ECDSA, x509.ECDSAWithSHA512},
		{oidEd25519, crypto.SHA512, x509.Ed25519, x509.PureEd25519},
	}
	null := len(a.Parameters.FullBytes) == 0 || bytes.Equal(a.Parameters.FullBytes, asn1.NullBytes)
	for _, t := range table {
		if null && t.oid.Equal(a.Algorithm) && t.hash == hash && t.key == signer.PublicKeyAlgorithm {
			return t.algorithm
		}
	}
	return x509.UnknownSignatureAlgorithm
}

// covers reports whether the token is one of a signature.
func (s *stamp) covers(signature []byte) bool {
	return bytes.Equal(s.imprint, digest(s.hash, signature))
}

// trusted reports whether one of the roots vouches for the token's authority,
// for time-stamps and nothing else, at the time it states.
func (s *stamp) trusted(roots []*x509.Certificate) error {
	if !onlyForStamps(s.signer) {
		return errors.New("the time-stamp's certificate is not one for time-stamps alone")
	}
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range roots {
		pool.AddCert(c)
	}
	for _, c := range s.others {
		between.AddCert(c)
	}
	_, err := s.signer.Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: between, CurrentTime: s.earliest,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	return err
}

func onlyForStamps(c *x509.Certificate) bool {
	critical := false
	for _, e := range c.Extensions {
		critical = critical || e.Id.Equal(oidExtKeyUsage) && e.Critical
	}
	return critical && len(c.UnknownExtKeyUsage) == 0 &&
		len(c.ExtKeyUsage) == 1 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping
}
