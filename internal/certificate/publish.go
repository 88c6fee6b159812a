package certificate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/training"
)

// Addresses, after that of the site, of what is published for checkers.
const (
	IssuerPath = "/badges/issuer"
	StatusPath = "/badges/status/"
	KeysPath   = "/badges/keys/" // then a key's thumbprint: the whole is the kid of badges
)

// Media types of what is published.
const (
	ChainMediaType  = "application/pem-certificate-chain"
	KeysMediaType   = badge.KeysMediaType
	KeyMediaType    = badge.KeyMediaType
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

func profile(base, issuer string) badge.Profile {
	return badge.Profile{ID: base + IssuerPath, Name: issuer, URL: base + "/"}
}

// IssuerProfile is the issuer's profile, as badges name it.
func (s *Service) IssuerProfile() ([]byte, error) {
	return badge.IssuerProfile(profile(s.baseURL, s.issuer))
}

// Chain is, in PEM, what others need to check files without asking us.
func (s *Service) Chain() ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	return s.seal.Issuer.Chain().PEM(), nil
}

// Keys is the set of public keys, past ones too, that badges are checked with, each
// under its address and, as older badges name it, under its bare thumbprint. Revoked
// ones are not in it.
func (s *Service) Keys() ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	return s.badgeKeys().JWKS()
}

// Key is one of those keys alone, by its thumbprint: what the kid of a badge leads to.
func (s *Service) Key(thumbprint string) ([]byte, error) {
	if s.seal.Issuer == nil {
		return nil, errNoSigner
	}
	key, trusted := s.badgeKeys().Trusted(keyAddress(s.baseURL, thumbprint))
	if !trusted {
		return nil, training.NotFound()
	}
	return key.JWK()
}

func (s *Service) badgeKeys() badge.Keys {
	chain := s.seal.Issuer.Chain()
	var keys badge.Keys
	for _, signer := range chain.Signers() {
		bare, err := badge.NewKey(signer.PublicKey)
		if err != nil {
			continue // a past key that never signed badges
		}
		if at := chain.Revoked(signer); !at.IsZero() {
			bare.Revoked = &at
		}
		addressed := bare
		addressed.ID = keyAddress(s.baseURL, bare.ID)
		keys = append(keys, addressed, bare)
	}
	return keys
}

// keyAddress names a key by where it is served, as Open Badges wants it.
func keyAddress(base, thumbprint string) string { return base + KeysPath + thumbprint }

// statusOf is where the revocation of a certificate's badge shows. The row's
// number places it: it is known as soon as the row is there, and no two have the
// same.
func statusOf(base string, id int) badge.Status {
	list, index := (id-1)/badge.MinEntries, (id-1)%badge.MinEntries
	return badge.Status{List: listAddress(base, list), Index: index}
}

func listAddress(base string, n int) string { return fmt.Sprintf("%s%s%d", base, StatusPath, n) }

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
	credential, err := badge.StatusList(listAddress(s.baseURL, n), profile(s.baseURL, s.issuer), bits, now, now.Add(listValid))
	if err != nil {
		return nil, err
	}
	return s.token(credential, s.baseURL)
}
