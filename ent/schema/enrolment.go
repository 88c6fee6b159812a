package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/varde-platform/varde/internal/training"
)

// Enrolment is one person's place, or wish for one, in one run. Agency and
// country are the person's confirmed ones when enrolling; they never move with
// the person.
type Enrolment struct{ ent.Schema }

// Fields of Enrolment.
func (Enrolment) Fields() []ent.Field {
	return []ent.Field{
		field.String("ref").Unique().Immutable().MaxLen(20).Comment("public identifier"),
		field.Int("run_id").Immutable(),
		field.Int("person_id").Immutable(),
		field.Int("pool_id").Optional().Nillable().Comment("the pool of its seat; null: no seat"),
		field.Enum("status").GoType(training.Status("")),
		field.Int("agency_id").Optional().Nillable(),
		field.String("country").Optional().MaxLen(2),
		field.String("hold").Optional().Nillable().Unique().Comment("the hold it was confirmed from"),
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
		field.Time("waiting_since").Optional().Nillable(),
		field.Time("deadline_at").Optional().Nillable().Comment("of an offer or an approval"),
		field.String("result").Optional().Default("").Comment("chosen by the instructor before the run is closed; empty: none chosen"),
	}
}

// Edges of Enrolment.
func (Enrolment) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("run", Run.Type).Ref("enrolments").Field("run_id").Unique().Required().Immutable(),
		edge.To("person", Person.Type).Field("person_id").Unique().Required().Immutable(),
		edge.To("pool", SeatPool.Type).Field("pool_id").Unique(),
		edge.To("agency", Agency.Type).Field("agency_id").Unique(),
		edge.To("presence", Presence.Type),
		edge.To("events", EnrolmentEvent.Type),
		edge.To("certificates", Certificate.Type),
	}
}

// Indexes of Enrolment. The partial one is the last defence of "one living
// enrolment per person and run"; its predicate is written with <> because an
// IN list gives an endless migration difference on PostgreSQL.
func (Enrolment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("run_id", "person_id").Unique().StorageKey("enrolment_one_living").
			Annotations(entsql.IndexWhere("status <> 'declined' and status <> 'lapsed' and status <> 'cancelled' and status <> 'not_selected'")),
		index.Fields("run_id", "status"),
		index.Fields("person_id"),
		index.Fields("agency_id", "status"),
		index.Fields("pool_id"),
		// The sweep asks every second which deadlines have come.
		index.Fields("deadline_at").StorageKey("enrolment_deadline").Annotations(entsql.IndexWhere("deadline_at is not null")),
	}
}

// Annotations of Enrolment.
func (Enrolment) Annotations() []schema.Annotation {
	return table("enrolments", map[string]string{
		"enrolment_result": "result in ('', 'completed', 'not_completed', 'absent')",
	})
}

// EnrolmentEvent is one line of an enrolment's append-only history: who changed
// it, from what to what, and the reason that the person can read.
type EnrolmentEvent struct{ ent.Schema }

// Fields of EnrolmentEvent.
func (EnrolmentEvent) Fields() []ent.Field {
	return []ent.Field{
		field.Int("enrolment_id").Immutable(),
		field.String("from_status").Optional().Immutable(),
		field.String("to_status").Immutable(),
		field.String("reason").Immutable().Comment("message key"),
		field.JSON("args", map[string]any{}).Optional().Immutable(),
		field.Int("actor_id").Optional().Nillable().Immutable().Comment("null: the program, by a rule"),
		field.Time("at").Immutable(),
	}
}

// Edges of EnrolmentEvent.
func (EnrolmentEvent) Edges() []ent.Edge {
	return []ent.Edge{edge.From("enrolment", Enrolment.Type).Ref("events").Field("enrolment_id").Unique().Required().Immutable()}
}

// Indexes of EnrolmentEvent.
func (EnrolmentEvent) Indexes() []ent.Index { return []ent.Index{index.Fields("enrolment_id")} }

// Annotations of EnrolmentEvent.
func (EnrolmentEvent) Annotations() []schema.Annotation { return table("enrolment_events", nil) }

// Presence is one person's mark for one half day.
type Presence struct{ ent.Schema }

// Fields of Presence.
func (Presence) Fields() []ent.Field {
	return []ent.Field{
		field.Int("enrolment_id").Immutable(),
		field.String("half_day").Immutable().MaxLen(13),
		field.Bool("present"),
		field.Int("marked_by"),
		field.Time("marked_at"),
	}
}

// Edges of Presence.
func (Presence) Edges() []ent.Edge {
	return []ent.Edge{edge.From("enrolment", Enrolment.Type).Ref("presence").Field("enrolment_id").Unique().Required().Immutable()}
}

// Indexes of Presence.
func (Presence) Indexes() []ent.Index {
	return []ent.Index{index.Fields("enrolment_id", "half_day").Unique()}
}

// Annotations of Presence.
func (Presence) Annotations() []schema.Annotation { return table("presences", nil) }

// Certificate is what a person is given after a run: a row that never changes
// once issued, but for its revocation and its replacement.
type Certificate struct{ ent.Schema }

// Fields of Certificate.
func (Certificate) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Unique().Immutable().MaxLen(40).Comment("canonical form"),
		field.Int("enrolment_id").Immutable(),
		field.Int("run_id").Immutable(),
		field.Int("person_id").Immutable(),
		field.Int("agency_id").Optional().Nillable().Immutable(),
		field.String("holder").Immutable(),
		field.String("language").Immutable().MaxLen(2).Comment("holder's language at issue"),
		field.JSON("facts", map[string]any{}).Immutable().Comment("everything else as it was at issue"),
		field.Time("issued_at").Immutable(),
		field.Time("expires_at").Optional().Nillable().Immutable(),
		field.Time("revoked_at").Optional().Nillable(),
		field.String("revoked_reason").Default(""),
		field.Text("revoked_note").Optional().Comment("stays with the secretariat"),
		field.String("replaced_by").Default("").Comment("number of the certificate that replaces it"),
	}
}

// Edges of Certificate.
func (Certificate) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("enrolment", Enrolment.Type).Ref("certificates").Field("enrolment_id").Unique().Required().Immutable(),
		edge.To("run", Run.Type).Field("run_id").Unique().Required().Immutable(),
		edge.To("person", Person.Type).Field("person_id").Unique().Required().Immutable(),
		edge.To("agency", Agency.Type).Field("agency_id").Unique().Immutable(),
	}
}

// Indexes of Certificate. The partial one is the last defence of "one standing
// certificate per enrolment".
func (Certificate) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("enrolment_id").Unique().StorageKey("certificate_one_per_enrolment").
			Annotations(entsql.IndexWhere("replaced_by = ''")),
		index.Fields("person_id"),
		index.Fields("run_id"),
		index.Fields("agency_id", "issued_at"),
	}
}

// Annotations of Certificate.
func (Certificate) Annotations() []schema.Annotation {
	return table("certificates", map[string]string{
		"certificate_revoked_reason": "revoked_reason in ('', 'issued_in_error', 'facts_wrong', 'withdrawn_by_issuer')",
	})
}
