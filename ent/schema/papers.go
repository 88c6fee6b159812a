package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/varde-platform/varde/internal/training"
)

// CertificateFile is a file of a certificate as it was first given out: it is
// served again byte for byte, whatever key or layout is newer.
type CertificateFile struct{ ent.Schema }

// Fields of CertificateFile.
func (CertificateFile) Fields() []ent.Field {
	return []ent.Field{
		field.Int("certificate_id").Immutable(),
		field.String("kind").Immutable().MaxLen(5).Comment("pdf or badge"),
		field.String("language").Immutable().MaxLen(2),
		field.Bytes("bytes").Immutable(),
		field.String("sha256").Immutable().MaxLen(64).Comment("of bytes, hexadecimal"),
		field.String("sealed_by").Immutable().MaxLen(64).Comment("fingerprint of the issuer's certificate"),
		field.Time("made_at").Immutable(),
	}
}

// Edges of CertificateFile.
func (CertificateFile) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("certificate", Certificate.Type).Field("certificate_id").Unique().Required().Immutable(),
	}
}

// Indexes of CertificateFile.
func (CertificateFile) Indexes() []ent.Index {
	return []ent.Index{index.Fields("certificate_id", "kind", "language").Unique().StorageKey("certificate_file_once")}
}

// Annotations of CertificateFile.
func (CertificateFile) Annotations() []schema.Annotation {
	return table("certificate_files", map[string]string{"certificate_file_kind": "kind in ('pdf', 'badge')"})
}

// Programme is how the certificates of a programme look: whose names stand on
// them. Courses name their programme; the row without a name is for all others.
type Programme struct{ ent.Schema }

// Fields of Programme.
func (Programme) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Immutable().MaxLen(300),
		field.String("organisers").Default("").MaxLen(300).Comment("one line; empty: the issuer's name"),
		field.JSON("signatories", []training.Signatory{}).Optional(),
		field.Int("left_logo_id").Optional().Nillable(),
		field.Int("right_logo_id").Optional().Nillable(),
		field.Time("changed_at"),
		field.Int("changed_by"),
	}
}

// Edges of Programme.
func (Programme) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("left_logo", Logo.Type).Field("left_logo_id").Unique(),
		edge.To("right_logo", Logo.Type).Field("right_logo_id").Unique(),
	}
}

// Annotations of Programme.
func (Programme) Annotations() []schema.Annotation { return table("programmes", nil) }

// Logo is a picture on certificates. It never changes, so that a certificate can
// name it by its hash.
type Logo struct{ ent.Schema }

// Fields of Logo.
func (Logo) Fields() []ent.Field {
	return []ent.Field{
		field.String("sha256").Unique().Immutable().MaxLen(64).Comment("of alt, NUL and png, hexadecimal"),
		field.Bytes("png").Immutable(),
		field.String("alt").Immutable().MaxLen(200),
		field.Time("made_at").Immutable(),
	}
}

// Annotations of Logo.
func (Logo) Annotations() []schema.Annotation { return table("logos", nil) }
