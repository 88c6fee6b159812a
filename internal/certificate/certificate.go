// Package certificate owns certificates: who is given one, the facts that it
// freezes, the page made from them, whether it still stands, and who may fetch
// it. It does not own results, which the roster makes final, nor the wording,
// which it is handed, nor the drawing, which is in page.
package certificate

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/certificate/page"
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
}

// Service issues, shows, checks and revokes certificates.
type Service struct {
	db      *store.DB
	baseURL string
	issuer  string
	words   func(lang string) Words
}

// New makes the service.
func New(db *store.DB, opts Options) *Service {
	baseURL := strings.TrimRight(opts.BaseURL, "/")
	return &Service{db: db, baseURL: baseURL, issuer: cmp.Or(opts.Issuer, "Varde"), words: opts.Words}
}

func (s *Service) verifyURL(number string) string { return s.baseURL + "/verify/" + number }

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

// File is a file to hand out.
type File struct {
	Name  string // ASCII, with its ending
	Bytes []byte
}

// PDF is the certificate's page in one of the twelve languages; an empty lang is
// the certificate's own. The same certificate in the same language is always the
// same bytes.
func (s *Service) PDF(ctx context.Context, actor training.Actor, typed, lang string) (File, error) {
	role := training.Subject{PersonID: actor.PersonID}
	if err := training.Can(actor, training.ActFetchCertificate, role); err != nil {
		return File{}, err
	}
	row, err := s.find(ctx, typed, func(q *ent.CertificateQuery) {
		q.WithRun(func(q *ent.RunQuery) {
			q.WithInstructors(func(q *ent.PersonQuery) { q.Where(person.ID(actor.PersonID)) })
		})
	})
	if err != nil {
		return File{}, err
	}
	subject := training.Subject{PersonID: row.PersonID, Instructs: len(row.Edges.Run.Edges.Instructors) > 0}
	if row.AgencyID != nil {
		subject.AgencyID = *row.AgencyID
	}
	if err := training.Can(actor, training.ActFetchCertificate, subject); err != nil {
		return File{}, err
	}
	wanted := cmp.Or(training.CanonicalLanguage(lang), row.Language)
	if !training.SpeaksLanguage(wanted) {
		return File{}, training.InvalidField("lang", "invalid.language", training.Args{"value": lang})
	}
	return s.file(row, wanted)
}

func (s *Service) file(row *ent.Certificate, lang string) (File, error) {
	facts, err := readFacts(row)
	if err != nil {
		return File{}, err
	}
	pdf, err := page.Render(s.pageFacts(row, facts, lang))
	if err != nil {
		return File{}, fmt.Errorf("draw certificate %s: %w", number.Mask(row.Number), err)
	}
	return File{Name: fileName(row, facts), Bytes: pdf}, nil
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
