package certificate

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/store"
)

// Why nothing is forgotten of a key.
var (
	ErrUnknownKey = errors.New("the issuer's chain has no such key")
	ErrKeyStands  = errors.New("the issuer's chain does not mark this key as revoked: what it sealed is kept as it was given out")
)

// Forgotten counts kept files.
type Forgotten struct{ PDFs, Badges, Certificates int }

// Forget drops the kept files that hang on a revoked key, named by the fingerprint of
// its certificate, so that they are made and sealed anew when they are next asked for:
// those that it sealed, and all of a certificate whose badge it signed, since each of
// them carries that badge. Unless really is set, it only counts them. It is for the
// operator, who is asked for no right.
func (s *Service) Forget(ctx context.Context, fingerprint string, really bool) (Forgotten, error) {
	if err := s.refused(fingerprint); err != nil {
		return Forgotten{}, err
	}
	var all Forgotten
	err := s.db.InTx(ctx, func(tx *store.Tx) error {
		if really {
			if err := s.holdBadges(ctx, tx, fingerprint); err != nil {
				return err
			}
		}
		rows, err := tx.CertificateFile.Query().Where(hangsOn(fingerprint)).
			Select(certificatefile.FieldCertificateID, certificatefile.FieldKind).All(ctx)
		if err != nil {
			return fmt.Errorf("count the files of a key: %w", err)
		}
		all = Forgotten{}
		of := map[int]bool{}
		for _, row := range rows {
			if of[row.CertificateID] = true; row.Kind == kindBadge {
				all.Badges++
			} else {
				all.PDFs++
			}
		}
		all.Certificates = len(of)
		if !really {
			return nil
		}
		if _, err := tx.CertificateFile.Delete().Where(hangsOn(fingerprint)).Exec(ctx); err != nil {
			return fmt.Errorf("forget the files of a key: %w", err)
		}
		return nil
	})
	return all, err
}

// holdBadges waits for those who are keeping a file with a badge by a key, so that the
// statements after it find that file, and keeps others from it until the transaction ends.
func (s *Service) holdBadges(ctx context.Context, tx *store.Tx, fingerprint string) error {
	if s.db.Dialect != dialect.Postgres { // SQLite has one writer at a time
		return nil
	}
	_, err := tx.CertificateFile.Query().Where(certificatefile.Kind(kindBadge), certificatefile.SealedBy(fingerprint)).
		Order(ent.Asc(certificatefile.FieldID)).ForUpdate().Select(certificatefile.FieldID).All(ctx)
	if err != nil {
		return fmt.Errorf("hold the badges of a key: %w", err)
	}
	return nil
}

// refused is nil for a key that is marked as revoked. The files of any other are
// those that people have, and stay byte for byte.
func (s *Service) refused(fingerprint string) error {
	if s.seal.Issuer == nil {
		return errNoSigner
	}
	chain := s.seal.Issuer.Chain()
	for _, signer := range chain.Signers() {
		switch {
		case seal.Fingerprint(signer) != fingerprint:
		case chain.Revoked(signer).IsZero():
			return ErrKeyStands
		default:
			return nil
		}
	}
	return ErrUnknownKey
}

func hangsOn(fingerprint string) predicate.CertificateFile {
	return certificatefile.Or(certificatefile.SealedBy(fingerprint), func(s *sql.Selector) {
		badges := sql.Table(certificatefile.Table)
		s.Where(sql.In(s.C(certificatefile.FieldCertificateID), sql.Select(badges.C(certificatefile.FieldCertificateID)).From(badges).
			Where(sql.And(sql.EQ(badges.C(certificatefile.FieldKind), kindBadge), sql.EQ(badges.C(certificatefile.FieldSealedBy), fingerprint)))))
	})
}
