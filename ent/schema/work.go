package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// OutboxJob is something that must follow a commit: it is written in the same
// transaction, done after it, retried, never lost.
type OutboxJob struct{ ent.Schema }

// Fields of OutboxJob.
func (OutboxJob) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").Immutable(),
		field.String("dedupe_key").Unique().Immutable().MaxLen(200),
		field.Bytes("payload").Immutable().Comment("JSON"),
		field.Time("created_at").Immutable(),
		field.Time("due_at").Comment("not before; moved on by each failed try"),
		field.Int("tries").Default(0),
		field.String("lease").Optional().Comment("who is at it"),
		field.Time("leased_until").Optional().Nillable(),
		field.Time("done_at").Optional().Nillable(),
		field.Time("given_up_at").Optional().Nillable(),
		field.Text("last_error").Optional(),
	}
}

// Indexes of OutboxJob. What is done, and mails where nobody sends them, must not
// be in the way of who looks for what is due.
func (OutboxJob) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("kind", "due_at").StorageKey("outbox_job_due").
			Annotations(entsql.IndexWhere("done_at is null and given_up_at is null")),
		index.Fields("kind", "created_at"),
	}
}

// Annotations of OutboxJob.
func (OutboxJob) Annotations() []schema.Annotation { return table("outbox_jobs", nil) }

// Answer is the first answer to a request with an Idempotency-Key, kept for a
// day. Status 0: the first request is still under way.
type Answer struct{ ent.Schema }

// Fields of Answer.
func (Answer) Fields() []ent.Field {
	return []ent.Field{
		field.Int("person_id").Immutable(),
		field.String("method").Immutable().MaxLen(8),
		field.String("path").Immutable().MaxLen(400),
		field.String("key").Immutable().MaxLen(200),
		field.String("body_hash").Immutable(),
		field.Int("status").Default(0),
		field.String("content_type").Optional(),
		field.Bytes("body").Optional(),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of Answer.
func (Answer) Indexes() []ent.Index {
	return []ent.Index{index.Fields("person_id", "method", "path", "key").Unique(), index.Fields("created_at")}
}

// Annotations of Answer.
func (Answer) Annotations() []schema.Annotation { return table("idempotent_answers", nil) }

// Setting is a fact about this installation: fingerprints of its keys, the
// version of the catalogue.
type Setting struct{ ent.Schema }

// Fields of Setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Unique().Immutable(),
		field.String("value"),
	}
}

// Annotations of Setting.
func (Setting) Annotations() []schema.Annotation { return table("settings", nil) }
