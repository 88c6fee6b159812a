package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/training"
)

// Addresses, after that of the site, of what is published for checkers.
const (
	IssuerPath = "/badges/issuer"
	StatusPath = "/badges/status/"
)

// Media types of what is published.
const (
	ChainMediaType  = "application/pem-certificate-chain"
	KeysMediaType   = badge.KeysMediaType
	BadgeMediaType  = badge.MediaType
	IssuerMediaType = "application/ld+json"
)

const (
	// listLife is how long a status list is kept: so late at most a revocation
	// shows in it.
	listLife = time.Minute
	// listValid is how long a checker may go by a list.
	listValid = 24 * time.Hour
)

func (s *Service) profile() badge.Profile {
	return badge.Profile{ID: s.baseURL + IssuerPath, Name: s.issuer, URL: s.baseURL + "/"}
}

// IssuerProfile is the issuer's profile, as badges name it.
func (s *Service) IssuerProfile() ([]byte, error) { return badge.IssuerProfile(s.profile()) }

// Chain is, in PEM, what others need to check files without asking us.
func (s *Service) Chain() ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	return s.seal.Issuer.Chain().PEM(), nil
}

// Keys is the set of public keys, past ones too, that badges are checked with.
// Revoked ones are not in it.
func (s *Service) Keys() ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	keys, err := badgeKeys(s.seal.Issuer.Chain())
	if err != nil {
		return nil, err
	}
	return keys.JWKS()
}

func badgeKeys(chain *seal.Chain) (badge.Keys, error) {
	var keys badge.Keys
	revoked, err := revocations(chain)
	if err != nil {
		return nil, err
	}
	for _, signer := range chain.Signers() {
		key, err := badge.NewKey(signer.PublicKey)
		if err != nil {
			continue // a past key that never signed badges
		}
		key.Revoked = revoked[string(signer.Raw)]
		keys = append(keys, key)
	}
	return keys, nil
}

// statusOf is where the revocation of a certificate's badge shows. The row's
// number places it: it is known as soon as the row is there, and no two have the
// same.
func (s *Service) statusOf(id int) badge.Status {
	list, index := (id-1)/badge.MinEntries, (id-1)%badge.MinEntries
	return badge.Status{List: s.listAddress(list), Index: index}
}

func (s *Service) listAddress(n int) string { return fmt.Sprintf("%s%s%d", s.baseURL, StatusPath, n) }

// statusLists keeps the lists that were made last.
type statusLists struct {
	mutex sync.Mutex
	kept  map[int]statusList
}

type statusList struct {
	token []byte
	until time.Time
}

// StatusList is the n-th list of revoked badges, counted from 0, as a token. It
// is made anew each minute.
func (s *Service) StatusList(ctx context.Context, n int) ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	if n < 0 || n > badge.MaxEntries {
		return nil, training.NotFound()
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	// One at a time: whoever comes meanwhile gets what is made now.
	s.lists.mutex.Lock()
	defer s.lists.mutex.Unlock()
	if list, ok := s.lists.kept[n]; ok && now.Before(list.until) {
		return list.token, nil
	}
	token, err := s.makeList(ctx, n, now)
	if err != nil {
		return nil, err
	}
	if s.lists.kept == nil {
		s.lists.kept = map[int]statusList{}
	}
	s.lists.kept[n] = statusList{token, now.Add(listLife)}
	return token, nil
}

func (s *Service) makeList(ctx context.Context, n int, now time.Time) ([]byte, error) {
	first := n*badge.MinEntries + 1
	rows := s.db.Ent.Certificate.Query().Where(certificate.IDGTE(first))
	if n > 0 { // the first one is there before any certificate
		there, err := rows.Clone().Exist(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for status list %d: %w", n, err)
		}
		if !there {
			return nil, training.NotFound()
		}
	}
	// A replaced certificate's badge would stand beside its correction, and a badge
	// has no other way to say so: it is set like a revoked one's.
	ids, err := rows.Where(certificate.IDLT(first+badge.MinEntries),
		certificate.Or(certificate.RevokedAtNotNil(), certificate.ReplacedByNEQ(""))).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read status list %d: %w", n, err)
	}
	bits, err := badge.NewBits(badge.MinEntries)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := bits.Set(id - first); err != nil {
			return nil, err
		}
	}
	credential, err := badge.StatusList(s.listAddress(n), s.profile(), bits, now, now.Add(listValid))
	if err != nil {
		return nil, err
	}
	return s.token(credential)
}

// revocations are the instants from which on keys of the chain are refused, by
// the certificate's DER. The chain's text says so for the key itself, or for an
// authority above it.
func revocations(chain *seal.Chain) (map[string]*time.Time, error) {
	marked := map[string]*time.Time{}
	for rest := chain.PEM(); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		text, revoked := block.Headers["Varde-Revoked"]
		if !revoked {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, fmt.Errorf("read the issuer's chain: %w", err)
		}
		marked[string(block.Bytes)] = &at
	}
	all := chain.Certificates()
	revoked := map[string]*time.Time{}
	for _, signer := range chain.Signers() {
		for _, c := range pathOf(signer, all) {
			at := marked[string(c.Raw)]
			if before := revoked[string(signer.Raw)]; at != nil && (before == nil || at.Before(*before)) {
				revoked[string(signer.Raw)] = at
			}
		}
	}
	return revoked, nil
}

// pathOf goes from a certificate up to where the chain ends.
func pathOf(from *x509.Certificate, all []*x509.Certificate) []*x509.Certificate {
	path := []*x509.Certificate{from}
	for range all { // no longer than the chain, whoever vouches for whom
		last := path[len(path)-1]
		for _, c := range all {
			if !c.Equal(last) && bytes.Equal(c.RawSubject, last.RawIssuer) && last.CheckSignatureFrom(c) == nil {
				path = append(path, c)
				break
			}
		}
		if path[len(path)-1] == last {
			break
		}
	}
	return path
}
