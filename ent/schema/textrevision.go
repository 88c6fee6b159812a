package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// TextRevision is one line of the append-only history of a course's text: what
// somebody made of it in Varde, or what an import put in the place of that.
type TextRevision struct{ ent.Schema }

// Fields of TextRevision.
func (TextRevision) Fields() []ent.Field {
	return []ent.Field{
		field.Int("course_id").Immutable(),
		field.String("kind").Immutable().Comment("as of CourseText"),
		field.String("language").MaxLen(2).Immutable(),
		field.Text("text").Immutable().Comment("empty: deleted"),
		field.String("origin").Immutable().Comment("original, translated, machine"),
		field.Int("actor_id").Optional().Nillable().Immutable().Comment("null: an import"),
		field.Time("at").Immutable(),
	}
}

// Edges of TextRevision.
func (TextRevision) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("course", Course.Type).Field("course_id").Unique().Required().Immutable().Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of TextRevision.
func (TextRevision) Indexes() []ent.Index {
	return []ent.Index{index.Fields("course_id", "language")}
}

// Annotations of TextRevision.
func (TextRevision) Annotations() []schema.Annotation { return table("text_revisions", nil) }
