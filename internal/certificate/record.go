package certificate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// MaxNote is how long the note of a revocation may be, in characters.
const MaxNote = 2000

// CheckRevocation answers nil where a certificate can be revoked for a reason with
// a note, and else says what is wrong with them.
func CheckRevocation(reason, note string) error {
	var wrong []training.FieldFault
	if !slices.Contains(training.RevocationReasons, reason) {
		wrong = append(wrong, training.FieldFault{Field: "reason", Key: "invalid.reason", Args: training.Args{"value": reason}})
	}
	if utf8.RuneCountInString(note) > MaxNote {
		wrong = append(wrong, training.FieldFault{Field: "note", Key: "invalid.too_long", Args: training.Args{"max": MaxNote}})
	}
	return training.Invalid(wrong)
}

// inState has the database tell what training.CertificateState says; a state that
// there is not, empty included, narrows nothing.
func inState(state string, now time.Time) []predicate.Certificate {
	standing := []predicate.Certificate{certificate.RevokedAtIsNil(), certificate.ReplacedBy("")}
	switch state {
	case training.CertificateRevoked:
		return []predicate.Certificate{certificate.RevokedAtNotNil()}
	case training.CertificateReplaced:
		return []predicate.Certificate{certificate.RevokedAtIsNil(), certificate.ReplacedByNEQ("")}
	case training.CertificateExpired:
		return append(standing, certificate.ExpiresAtLTE(now))
	case training.CertificateValid:
		return append(standing, certificate.Or(certificate.ExpiresAtIsNil(), certificate.ExpiresAtGT(now)))
	}
	return nil
}

// Register is one page of all certificates, the latest first, of so many. It is
// for administrators. A page before the first is the first, and one after the last
// the last.
func (s *Service) Register(ctx context.Context, actor training.Actor, f Filter, page, size int) (ListPage, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return ListPage{}, err
	}
	if !f.toldByDatabase() {
		ids, err := s.chosen(ctx, f)
		if err != nil {
			return ListPage{}, err
		}
		list, from := turned(len(ids), page, size)
		return s.fillPage(ctx, list, ids[from:min(from+size, len(ids))])
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return ListPage{}, err
	}
	query := s.db.Ent.Certificate.Query().Where(f.narrow(now)...)
	total, err := query.Clone().Count(ctx)
	if err != nil {
		return ListPage{}, fmt.Errorf("count certificates: %w", err)
	}
	list, from := turned(total, page, size)
	ids, err := query.Order(ent.Desc(certificate.FieldIssuedAt, certificate.FieldID)).Offset(from).Limit(size).IDs(ctx)
	if err != nil {
		return ListPage{}, fmt.Errorf("list certificates: %w", err)
	}
	return s.fillPage(ctx, list, ids)
}

// Record is all that stands in the row of a certificate, and what became of it.
type Record struct {
	Listed
	Facts        Facts
	RevokedAt    *time.Time // UTC; nil: it was not
	Reason, Note string     // of the revocation; the note is the secretariat's alone
	ReplacedBy   string     // number; empty: by none
	Replaces     string     // number; empty: none
	Correctable  bool       // as far as its own row tells, another can be issued in its place
	Steps        []Step     // the earliest first
}

// What happened to a certificate.
const (
	StepIssued   = "issued"
	StepReplaces = "replaces" // it was issued, in the place of an earlier one
	StepPDF      = "pdf"      // the file that is kept was made, perhaps in the place of a forgotten one
	StepBadge    = "badge"
	StepReplaced = "replaced"
	StepRevoked  = "revoked"
	StepExpired  = "expired"
)

// Step is something that happened to a certificate.
type Step struct {
	What     string
	At       time.Time // UTC
	Language string    // of a file
	Number   string    // of the certificate that replaces it or is replaced
}

// Record shows a certificate to administrators.
func (s *Service) Record(ctx context.Context, actor training.Actor, typed string) (Record, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return Record{}, err
	}
	row, err := s.find(ctx, typed, func(q *ent.CertificateQuery) {
		q.WithRun(func(q *ent.RunQuery) { q.WithCourse() })
	})
	if err != nil {
		return Record{}, err
	}
	facts, err := readFacts(row)
	if err != nil {
		return Record{}, err
	}
	listed, err := s.listed(ctx, []listRow{{row, facts}})
	if err != nil {
		return Record{}, err
	}
	record := Record{
		Listed: listed[0], Facts: facts, RevokedAt: instant(row.RevokedAt), Reason: row.RevokedReason, Note: row.RevokedNote,
		ReplacedBy: row.ReplacedBy, Correctable: row.ReplacedBy == "" && !forGood(row),
	}
	err = s.addSteps(ctx, row, &record)
	return record, err
}

// addSteps puts together, from this row and those beside it, what happened.
func (s *Service) addSteps(ctx context.Context, row *ent.Certificate, record *Record) error {
	others, err := s.db.Ent.Certificate.Query().
		Where(certificate.PersonID(row.PersonID), certificate.Or(certificate.ReplacedBy(row.Number), certificate.Number(row.ReplacedBy))).
		Select(certificate.FieldNumber, certificate.FieldIssuedAt, certificate.FieldReplacedBy).All(ctx)
	if err != nil {
		return fmt.Errorf("read what stands before and after: %w", err)
	}
	first := Step{What: StepIssued, At: store.Instant(row.IssuedAt)}
	for _, other := range others {
		if other.ReplacedBy == row.Number {
			record.Replaces, first.What, first.Number = other.Number, StepReplaces, other.Number
		} else {
			record.Steps = append(record.Steps, Step{What: StepReplaced, At: store.Instant(other.IssuedAt), Number: other.Number})
		}
	}
	files, err := s.db.Ent.CertificateFile.Query().Where(certificatefile.CertificateID(row.ID)).
		Select(certificatefile.FieldKind, certificatefile.FieldLanguage, certificatefile.FieldMadeAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read which files there are: %w", err)
	}
	for _, file := range files {
		what := StepPDF
		if file.Kind == kindBadge {
			what = StepBadge
		}
		record.Steps = append(record.Steps, Step{What: what, At: store.Instant(file.MadeAt), Language: file.Language})
	}
	if row.RevokedAt != nil {
		record.Steps = append(record.Steps, Step{What: StepRevoked, At: store.Instant(*row.RevokedAt)})
	}
	if record.State == training.CertificateExpired {
		record.Steps = append(record.Steps, Step{What: StepExpired, At: store.Instant(*row.ExpiresAt)})
	}
	slices.SortStableFunc(record.Steps, func(a, b Step) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.What, b.What), cmp.Compare(a.Language, b.Language))
	})
	record.Steps = slices.Insert(record.Steps, 0, first)
	return nil
}
