package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

const (
	certificateBlock = "CERTIFICATE"
	// revokedHeader marks a certificate of a chain file whose key is no longer to
	// be trusted: an RFC 3339 instant, for example 2027-01-01T00:00:00Z.
	revokedHeader = "Varde-Revoked"
	// maxPath bounds the way from a signer to its root.
	maxPath = 8
)

// Chain is all that a checker trusts: the issuer's certificate first, then past
// ones of the same issuer, their authorities and roots, in any order. It holds
// nothing secret and is there to be published. It does not change.
type Chain struct{ links []link }

type link struct {
	certificate *x509.Certificate
	revoked     time.Time // zero: not revoked
}

// ParseChain reads PEM certificates. A certificate block may carry the header
// Varde-Revoked with an instant: from then on its signatures are refused.
func ParseChain(text []byte) (*Chain, error) {
	chain, blocks := &Chain{}, bytes.Count(text, []byte("-----BEGIN "))
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != certificateBlock {
			return nil, fmt.Errorf("block %d is a %s: only certificates belong here", len(chain.links)+1, block.Type)
		}
		l, err := newLink(block)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(chain.links)+1, err)
		}
		chain.links = append(chain.links, l)
	}
	// The decoder passes over blocks it cannot read; a past key must not get lost so.
	if len(chain.links) != blocks {
		return nil, fmt.Errorf("%d of %d blocks cannot be read", blocks-len(chain.links), blocks)
	}
	if blocks == 0 {
		return nil, errors.New("no certificate")
	}
	return chain, nil
}

func newLink(block *pem.Block) (link, error) {
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return link{}, err
	}
	l := link{certificate: certificate}
	for key, text := range block.Headers {
		if key != revokedHeader {
			return link{}, fmt.Errorf("header %q is not known", key)
		}
		if l.revoked, err = time.Parse(time.RFC3339, text); err != nil {
			return link{}, fmt.Errorf("header %s: %w", revokedHeader, err)
		}
	}
	return l, nil
}

// PEM writes the chain as ParseChain reads it, revocations included.
func (c *Chain) PEM() []byte {
	var out bytes.Buffer
	for _, l := range c.links {
		block := &pem.Block{Type: certificateBlock, Bytes: l.certificate.Raw}
		if !l.revoked.IsZero() {
			block.Headers = map[string]string{revokedHeader: l.revoked.UTC().Format(time.RFC3339)}
		}
		// Neither the buffer nor this header can fail.
		_ = pem.Encode(&out, block)
	}
	return out.Bytes()
}

// Certificates lists the chain's certificates in its order.
func (c *Chain) Certificates() []*x509.Certificate {
	all := make([]*x509.Certificate, 0, len(c.links))
	for _, l := range c.links {
		all = append(all, l.certificate)
	}
	return all
}

// Signers lists the certificates whose keys sign certificates or did so, the
// present one first: all but those of authorities.
func (c *Chain) Signers() []*x509.Certificate {
	var signers []*x509.Certificate
	for _, l := range c.links {
		if !l.certificate.IsCA {
			signers = append(signers, l.certificate)
		}
	}
	return signers
}

// Complete reports the first signer whose way up does not end in a root of the
// chain: nothing that it signed is genuine by this chain.
func (c *Chain) Complete() error {
	for _, signer := range c.Signers() {
		path := c.path(signer)
		if last := path[len(path)-1]; !bytes.Equal(last.RawSubject, last.RawIssuer) {
			return fmt.Errorf("the chain lacks the authority %s, on which the certificate of %s (%s) rests",
				last.Issuer, signer.Subject, Fingerprint(signer))
		}
	}
	return nil
}

// path goes from a certificate of the chain up to where the chain ends. It
// becomes part of signed files and is held against them later, so it stays the
// same when newer certificates come into the chain, wherever they are put.
func (c *Chain) path(from *x509.Certificate) []*x509.Certificate {
	path := []*x509.Certificate{from}
	for len(path) < maxPath {
		last := path[len(path)-1]
		issuer := c.issuerOf(last)
		if issuer == nil || issuer.Equal(last) {
			break
		}
		path = append(path, issuer)
	}
	return path
}

// issuerOf finds who made a certificate. An authority may have renewed its own
// certificate for the same key: the one that was its latest then is meant.
func (c *Chain) issuerOf(certificate *x509.Certificate) *x509.Certificate {
	var found *x509.Certificate
	for _, l := range c.links {
		if bytes.Equal(l.certificate.RawSubject, certificate.RawIssuer) && certificate.CheckSignatureFrom(l.certificate) == nil &&
			(found == nil || nearer(l.certificate, found, certificate.NotBefore)) {
			found = l.certificate
		}
	}
	return found
}

// nearer reports whether a, rather than b, was the latest at an instant; of two
// that came only after it, the earlier is.
func nearer(a, b *x509.Certificate, at time.Time) bool {
	switch then, other := !a.NotBefore.After(at), !b.NotBefore.After(at); {
	case then != other:
		return then
	case then:
		return a.NotBefore.After(b.NotBefore)
	}
	return a.NotBefore.Before(b.NotBefore)
}

// leadsToRoot reports whether the chain vouches for its signer at an instant.
// All authorities of the chain count as roots: whoever gave the chain chose them.
func (c *Chain) leadsToRoot(signer *x509.Certificate, at time.Time) bool {
	roots := x509.NewCertPool()
	for _, l := range c.links {
		if l.certificate.IsCA || bytes.Equal(l.certificate.RawSubject, l.certificate.RawIssuer) {
			roots.AddCert(l.certificate)
		}
	}
	_, err := signer.Verify(x509.VerifyOptions{
		Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}

// Revoked is the instant from which signatures by a certificate are refused: the
// earliest at which it, or an authority on the way to its root, was revoked. In UTC;
// zero: none was.
func (c *Chain) Revoked(signer *x509.Certificate) time.Time {
	var earliest time.Time
	for _, certificate := range c.path(signer) {
		for _, l := range c.links {
			if l.revoked.IsZero() || !l.certificate.Equal(certificate) {
				continue
			}
			if earliest.IsZero() || l.revoked.Before(earliest) {
				earliest = l.revoked
			}
		}
	}
	return earliest.UTC()
}

// holds reports whether a certificate, given as DER, is one of the chain.
func (c *Chain) holds(der []byte) bool {
	for _, l := range c.links {
		if bytes.Equal(l.certificate.Raw, der) {
			return true
		}
	}
	return false
}

// Fingerprint names a certificate: the SHA-256 of its DER in lower-case
// hexadecimal digits.
func Fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}
