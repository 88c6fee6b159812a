package certificate

import (
	"cmp"
	"context"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// File is a file to hand out.
type File struct {
	Name  string // ASCII, with its ending
	Bytes []byte
}

// Kinds of files that are kept.
const (
	kindPDF   = "pdf"
	kindBadge = "badge"
)

var errNoSigner = errors.New("no key to seal with was given")

// PDF is the certificate's file in one of the twelve languages; an empty lang is
// the certificate's own. It is made and sealed when it is first asked for, and
// kept: whoever asks later gets the same bytes, whatever key or layout is newer.
func (s *Service) PDF(ctx context.Context, actor training.Actor, typed, lang string) (File, error) {
	row, err := s.mayFetch(ctx, actor, typed)
	if err != nil {
		return File{}, err
	}
	wanted := cmp.Or(training.CanonicalLanguage(lang), row.Language)
	if !training.SpeaksLanguage(wanted) {
		return File{}, training.InvalidField("lang", "invalid.language", training.Args{"value": lang})
	}
	file, err := s.file(ctx, row, wanted)
	return file, unprintable(err)
}

// unprintable is a fault that tells people what keeps a page from being drawn;
// other errors are as they were.
func unprintable(err error) error {
	if glyph, ok := errors.AsType[page.MissingGlyphError](err); ok {
		return &training.Fault{Kind: training.KindConflict, Key: stopEvent + StopMissingGlyph,
			Args: training.Args{"rune": readable(glyph.Rune)}, Cause: err}
	}
	if errors.Is(err, page.ErrTooLong) {
		return &training.Fault{Kind: training.KindConflict, Key: stopEvent + StopTooLong, Cause: err}
	}
	return err
}

// Badge is the certificate's Open Badge as a token, in the holder's language at
// issue, for those who may have the certificate. It is kept as the PDF is.
func (s *Service) Badge(ctx context.Context, actor training.Actor, typed string) (File, error) {
	row, err := s.mayFetch(ctx, actor, typed)
	if err != nil {
		return File{}, err
	}
	facts, err := readFacts(row)
	if err != nil {
		return File{}, err
	}
	token, err := s.badge(ctx, row, facts)
	if err != nil {
		return File{}, err
	}
	return File{Name: badgeName(row, facts), Bytes: token}, nil
}

// mayFetch is the certificate of a number, if the actor may have its files.
func (s *Service) mayFetch(ctx context.Context, actor training.Actor, typed string) (*ent.Certificate, error) {
	role := training.Subject{PersonID: actor.PersonID}
	if err := training.Can(actor, training.ActFetchCertificate, role); err != nil {
		return nil, err
	}
	row, err := s.find(ctx, typed, func(q *ent.CertificateQuery) {
		q.WithRun(func(q *ent.RunQuery) {
			q.WithInstructors(func(q *ent.PersonQuery) { q.Where(person.ID(actor.PersonID)) })
		})
	})
	if err != nil {
		return nil, err
	}
	subject := training.Subject{PersonID: row.PersonID, Instructs: len(row.Edges.Run.Edges.Instructors) > 0}
	if row.AgencyID != nil {
		subject.AgencyID = *row.AgencyID
	}
	if err := training.Can(actor, training.ActFetchCertificate, subject); err != nil {
		return nil, err
	}
	return row, nil
}

// file is the kept PDF of a certificate, made first where there is none.
func (s *Service) file(ctx context.Context, row *ent.Certificate, lang string) (File, error) {
	facts, err := readFacts(row)
	if err != nil {
		return File{}, err
	}
	pdf, err := s.once(ctx, row, kindPDF, lang, func() (made, error) { return s.sealed(ctx, row, facts, lang) })
	if err != nil {
		return File{}, err
	}
	return File{Name: fileName(row, facts), Bytes: pdf}, nil
}

// made is a file that is not kept yet, and the badge that it carries; nil: none.
type made struct{ bytes, badge []byte }

// errBadgeGone: the badge in a file was forgotten while that was made.
var errBadgeGone = errors.New("its badge is no longer the one that is kept")

// makings is how often a file is made before it is given up: its badge is forgotten
// when an operator says so, which is hardly ever.
const makings = 3

// once gives the kept file, or makes it and keeps it. Of several who make it at
// once the first is kept, and all get its bytes.
func (s *Service) once(ctx context.Context, row *ent.Certificate, kind, lang string, make func() (made, error)) ([]byte, error) {
	bytes, err := s.kept(ctx, row, kind, lang)
	for try := 0; err == nil && bytes == nil && try < makings; try++ {
		file, failed := make()
		if failed != nil {
			return nil, fmt.Errorf("make the %s of certificate %s: %w", kind, number.Mask(row.Number), failed)
		}
		failed = s.keep(ctx, row, kind, lang, file)
		if errors.Is(failed, errBadgeGone) {
			continue
		}
		if failed != nil {
			return nil, fmt.Errorf("keep the %s of certificate %s: %w", kind, number.Mask(row.Number), failed)
		}
		bytes, err = s.kept(ctx, row, kind, lang)
	}
	if err == nil && bytes == nil {
		err = fmt.Errorf("the %s of certificate %s was made and is gone, time after time", kind, number.Mask(row.Number))
	}
	return bytes, err
}

// keep keeps a file, unless one is kept already or its badge is not.
func (s *Service) keep(ctx context.Context, row *ent.Certificate, kind, lang string, file made) error {
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if file.badge != nil {
			if err := s.badgeStands(ctx, tx, row, file.badge); err != nil {
				return err
			}
		}
		err := tx.CertificateFile.Create().SetCertificateID(row.ID).SetKind(kind).SetLanguage(lang).
			SetBytes(file.bytes).SetSha256(digest(file.bytes)).SetSealedBy(s.seal.Issuer.Fingerprint()).SetMadeAt(tx.Now).
			OnConflict(sql.ConflictColumns(certificatefile.FieldCertificateID, certificatefile.FieldKind, certificatefile.FieldLanguage),
				sql.DoNothing()).Exec(ctx)
		if errors.Is(err, stdsql.ErrNoRows) { // there is one
			return nil
		}
		return err
	})
}

// badgeStands is nil while a badge is the one that is kept, and has it stay so until
// the transaction ends.
func (s *Service) badgeStands(ctx context.Context, tx *store.Tx, row *ent.Certificate, token []byte) error {
	query := tx.CertificateFile.Query().Where(certificatefile.CertificateID(row.ID), certificatefile.Kind(kindBadge),
		certificatefile.Language(row.Language), certificatefile.Sha256(digest(token)))
	if s.db.Dialect == dialect.Postgres { // SQLite has one writer at a time
		query.ForShare()
	}
	there, err := query.Select(certificatefile.FieldID).All(ctx)
	if err != nil {
		return fmt.Errorf("read its badge again: %w", err)
	}
	if len(there) == 0 {
		return errBadgeGone
	}
	return nil
}

// kept is a file as it was first given out; nil: there is none yet.
func (s *Service) kept(ctx context.Context, row *ent.Certificate, kind, lang string) ([]byte, error) {
	file, err := s.db.Ent.CertificateFile.Query().
		Where(certificatefile.CertificateID(row.ID), certificatefile.Kind(kind), certificatefile.Language(lang)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the kept %s of certificate %s: %w", kind, number.Mask(row.Number), err)
	}
	if digest(file.Bytes) != file.Sha256 {
		return nil, fmt.Errorf("the kept %s of certificate %s is not what it was when it was made", kind, number.Mask(row.Number))
	}
	return file.Bytes, nil
}

// digest is the SHA-256 of a file, hexadecimal.
func digest(bytes []byte) string {
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:])
}
