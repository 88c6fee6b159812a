package certificate

import (
	"context"
	"time"

	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/training"
)

// MaxFileBytes is the longest file that people may bring to be judged. One of
// ours has a fiftieth of it.
const MaxFileBytes = 5 << 20

// Judged is what a file that somebody brought proves.
type Judged struct {
	Genuine bool   // sealed by us, every byte as it was
	Reason  string // why, or why not; the words of seal.Reason
	Number  string // of the certificate, as sealed; empty where the seal is not ours
	// SealedAt is when, by the issuer's word; StampedAt by that of an authority,
	// zero without one. In UTC.
	SealedAt, StampedAt time.Time
	Signer, Fingerprint string // the issuer's certificate: its subject and SHA-256
	// Certificate is how it stands now; nil where our seal was not found, or where
	// we know no certificate of the number.
	Certificate *Public
}

// Judge says whether a file is one of ours and untouched, and how its certificate
// stands now. It is for everyone. Nothing of the file is kept.
func (s *Service) Judge(ctx context.Context, pdf []byte) (Judged, error) {
	if len(pdf) > MaxFileBytes {
		return Judged{Reason: string(seal.TooLarge)}, nil
	}
	if s.seal.Issuer == nil {
		return Judged{}, errNoSigner
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return Judged{}, err
	}
	v, err := s.check(ctx, pdf, now)
	if err != nil {
		return Judged{}, err
	}
	j := Judged{
		Genuine: v.Genuine, Reason: string(v.Reason), Number: v.Number, SealedAt: v.SignedAt,
		Signer: v.Signer, Fingerprint: v.KeyFingerprint,
	}
	if v.TimestampTrusted {
		j.StampedAt = v.Timestamp
	}
	if !v.Genuine {
		return j, nil
	}
	public, err := s.Verify(ctx, v.Number)
	if training.IsKind(err, training.KindNotFound) {
		return j, nil
	}
	if err != nil {
		return Judged{}, err
	}
	j.Certificate = &public
	return j, nil
}

func (s *Service) check(ctx context.Context, pdf []byte, now time.Time) (seal.Verdict, error) {
	done, err := s.slot(ctx)
	if err != nil {
		return seal.Verdict{}, err
	}
	defer done()
	return seal.Check(pdf, seal.Trust{
		Chain: s.seal.Issuer.Chain(), TimestampRoots: s.seal.TimestampRoots, Now: now,
	}), nil
}
