// Package certificate owns certificates: who is given one, the facts that it
// freezes, the files made from them and kept, whether it still stands, and who
// may fetch it. It does not own results, which the roster makes final, nor the
// wording, which it is handed, nor the drawing, the sealing and the badge's form,
// which are in page, seal and badge.
package certificate

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Words are the wording and the formats of one language.
type Words interface {
	// T is the sentence of a message key; args are names and values by turns,
	// where the number named count chooses the plural form.
	T(key string, args ...any) string
	Date(training.Date) string
	DateRange(first, last training.Date) string
	Country(code string) string      // by ISO 3166-1 alpha-2, or EU
	LanguageName(code string) string // by ISO 639-1
}

// Options are what the service needs to know of this installation.
type Options struct {
	BaseURL string // what addresses on certificates and in mails start with
	Issuer  string // name of the issuing organisation; empty: Varde
	Words   func(lang string) Words
	Seal    Seal
}

// Seal is what files are sealed and judged with.
type Seal struct {
	Issuer *seal.Issuer // nil: no file can be made or judged
	// Timestamp has the time of sealing proved by an authority; nil: nobody is asked.
	Timestamp seal.Timestamper
	// TimestampRoots vouch for authorities of time-stamps in files that are judged.
	TimestampRoots []*x509.Certificate
}

// Service issues, shows, checks and revokes certificates.
type Service struct {
	db      *store.DB
	baseURL string
	issuer  string
	words   func(lang string) Words
	seal    Seal
	slots   chan struct{} // one for each who may draw, seal or judge at this moment
	logos   logoCache
	lists   statusLists
}

// New makes the service.
func New(db *store.DB, opts Options) *Service {
	return &Service{
		db: db, baseURL: strings.TrimRight(opts.BaseURL, "/"), issuer: cmp.Or(opts.Issuer, "Varde"), words: opts.Words,
		seal: opts.Seal, slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
}

// slot waits until fewer are drawing, sealing or judging than there are
// processors: more at once would only need more memory. The caller gives it back
// with done.
func (s *Service) slot(ctx context.Context) (done func(), err error) {
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free processor: %w", ctx.Err())
	}
}

// verifyPath is where, after the address of the site, certificates are verified.
const verifyPath = "/verify/"

func (s *Service) verifyURL(number string) string { return s.baseURL + verifyPath + number }

// find is the certificate of a number as somebody writes it. A malformed number
// and one that was never given out are missing alike.
func (s *Service) find(ctx context.Context, typed string, with func(*ent.CertificateQuery)) (*ent.Certificate, error) {
	canonical, ok := number.Parse(typed)
	if !ok {
		return nil, training.NotFound()
	}
	query := s.db.Ent.Certificate.Query().Where(certificate.Number(canonical))
	if with != nil {
		with(query)
	}
	row, err := query.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, training.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find certificate %s: %w", number.Mask(canonical), err)
	}
	return row, nil
}

func instant(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(store.Instant(*t))
}

func speakable(lang string) string {
	if training.SpeaksLanguage(lang) {
		return lang
	}
	return "en"
}
