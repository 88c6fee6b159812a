package certificate

import (
	"context"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Public is all that anyone who knows a number is told.
type Public struct {
	Number       string
	State        string // valid, revoked, replaced or expired
	Holder       string // empty where Discreet
	Titles       training.Titles
	Starts, Ends training.Date
	TimeZone     string // IANA name, of the run
	Issuer       string
	IssuedAt     time.Time  // this and the others: UTC, to the microsecond
	ExpiresAt    *time.Time // nil: it does not expire
	RevokedAt    *time.Time
	Reason       string // of a revocation; one of training.RevocationReasons
	ReplacedBy   string // number
	Discreet     bool   // the run names nobody; ask HolderMatches
}

// Verify says what a number proves and whether it still stands. It is for
// everyone.
func (s *Service) Verify(ctx context.Context, typed string) (Public, error) {
	row, err := s.find(ctx, typed, func(q *ent.CertificateQuery) { q.WithRun() })
	if err != nil {
		return Public{}, err
	}
	facts, err := readFacts(row)
	if err != nil {
		return Public{}, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return Public{}, err
	}
	public := Public{
		Number: row.Number, State: stateOf(row, now), Holder: row.Holder, Titles: facts.Titles,
		TimeZone: facts.TimeZone, Issuer: facts.Issuer, IssuedAt: store.Instant(row.IssuedAt), ExpiresAt: instant(row.ExpiresAt),
		RevokedAt: instant(row.RevokedAt), Reason: row.RevokedReason, ReplacedBy: row.ReplacedBy,
		Discreet: row.Edges.Run.Discreet,
	}
	public.Starts, public.Ends = facts.dates()
	if public.Discreet {
		public.Holder = ""
	}
	return public, nil
}

func stateOf(row *ent.Certificate, now time.Time) string {
	return training.CertificateState(row.RevokedAt, row.ExpiresAt, row.ReplacedBy, now)
}

// HolderMatches answers whether a certificate was given to a person of that
// name, for runs that name nobody. How letters are composed, their case and the
// spaces between words make no difference; anything else does.
func (s *Service) HolderMatches(ctx context.Context, typed, name string) (bool, error) {
	row, err := s.find(ctx, typed, nil)
	if err != nil {
		return false, err
	}
	return comparable(row.Holder) == comparable(name), nil
}

func comparable(name string) string {
	folded := norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
	return strings.Join(strings.Fields(folded), " ")
}
