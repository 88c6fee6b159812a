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

// Course is what is taught. Its wording stands in CourseText.
type Course struct{ ent.Schema }

// Fields of Course.
func (Course) Fields() []ent.Field {
	return []ent.Field{
		field.String("import_id").Unique().MaxLen(120).Comment("id of the imported catalogue"),
		field.String("slug").Unique().MaxLen(120),
		field.String("code").Optional().MaxLen(60),
		field.String("provider").Optional(),
		field.String("programme").Optional(),
		field.Int("valid_months").Optional().Nillable().Positive().Comment("how long its certificates are valid; null: for good"),
		field.String("country").Optional().MaxLen(2),
		field.String("place").Optional(),
		field.JSON("professions", []string{}),
		field.JSON("topics", []string{}),
		field.JSON("languages", []string{}).Comment("of instruction; ISO 639-1, no folded to nb"),
		field.Float("duration_days").Optional().Nillable(),
		field.Int("seats_typical").Optional().Nillable(),
		field.Int("participants_observed").Optional().Nillable(),
		field.Int("states_observed").Optional().Nillable(),
		field.JSON("prerequisite_codes", []string{}),
		field.String("delivery_form").Optional(),
		field.String("level").Optional(),
		field.String("source_title").Optional(),
		field.String("source_url").Optional(),
		field.JSON("inferred", []string{}).Comment("names of the facts that were derived, not stated by a source"),
		field.String("import_hash").Comment("of the imported record; equal: nothing to change"),
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
	}
}

// Edges of Course.
func (Course) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("texts", CourseText.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("runs", Run.Type),
	}
}

// Annotations of Course.
func (Course) Annotations() []schema.Annotation { return table("courses", nil) }

// CourseText is one text of a course in one language.
type CourseText struct{ ent.Schema }

// Fields of CourseText.
func (CourseText) Fields() []ent.Field {
	return []ent.Field{
		field.Int("course_id"),
		field.String("kind").Comment("title, summary, outcomes, prerequisites, route, costs, duration_note, dates_note, deadline_note"),
		field.String("language").MaxLen(2).Comment("language that the text really is in"),
		field.Text("text").Comment("empty: deleted in Varde, so that an import does not bring it back"),
		field.String("origin").Comment("original, translated, machine"),
		field.String("made_of").Default("").MaxLen(64).Comment("sum of the text that it was translated from; empty: from none, or not known"),
		field.Time("edited_at").Optional().Nillable().Comment("when it was last written or judged in Varde; null: as an import brought it"),
		field.Time("updated_at"),
	}
}

// Edges of CourseText.
func (CourseText) Edges() []ent.Edge {
	return []ent.Edge{edge.From("course", Course.Type).Ref("texts").Field("course_id").Unique().Required()}
}

// Indexes of CourseText.
func (CourseText) Indexes() []ent.Index {
	return []ent.Index{index.Fields("course_id", "kind", "language").Unique()}
}

// Annotations of CourseText.
func (CourseText) Annotations() []schema.Annotation {
	return table("course_texts", map[string]string{"course_text_origin": "origin in ('original', 'translated', 'machine')"})
}

// Run is one dated edition of a course.
type Run struct{ ent.Schema }

// Fields of Run.
func (Run) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique().MaxLen(40),
		field.Int("course_id").Immutable(),
		field.String("starts").Comment("day, in the run's time zone"),
		field.String("ends").Comment("day, in the run's time zone"),
		field.String("time_zone").Comment("IANA name"),
		field.String("place"),
		field.String("address").Optional().Comment("street and house, as people there write it"),
		field.String("country").MaxLen(2),
		field.String("language").MaxLen(2).Comment("of instruction"),
		field.Time("opens_at").Optional().Nillable().Comment("null: since it was made"),
		field.Time("closes_at"),
		field.Int("size"),
		field.Int("threshold").Default(training.DefaultThreshold).Comment("percent of half days"),
		field.Bool("approval").Default(false),
		field.String("filled_by").Default("first_come"),
		field.Bool("discreet").Default(false),
		field.JSON("conditions", training.Conditions{}),
		field.JSON("half_days", []training.HalfDay{}),
		field.Int("seat_version").Default(0).Comment("raised by each transaction that changes a seat figure"),
		field.Time("seat_changed_at").Optional().Nillable().Comment("when seat_version was last raised"),
		field.Time("withdraw_until").Optional().Nillable().Comment("until when people withdraw by themselves; null: until the run is closed"),
		field.Time("created_at").Immutable(),
		field.Time("closed_at").Optional().Nillable().Comment("the instructor closed it; results are final"),
		field.Time("cancelled_at").Optional().Nillable(),
	}
}

// Edges of Run.
func (Run) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("course", Course.Type).Ref("runs").Field("course_id").Unique().Required().Immutable(),
		edge.To("pools", SeatPool.Type),
		edge.To("instructors", Person.Type),
		edge.To("enrolments", Enrolment.Type),
	}
}

// Indexes of Run.
func (Run) Indexes() []ent.Index {
	return []ent.Index{index.Fields("course_id", "starts"), index.Fields("starts")}
}

// Annotations of Run.
func (Run) Annotations() []schema.Annotation {
	return table("runs", map[string]string{
		"run_dates":     "starts <= ends",
		"run_size":      "size > 0",
		"run_threshold": "threshold between 0 and 100",
		"run_filled_by": "filled_by in ('first_come', 'selection')",
	})
}

// SeatPool is a number of seats of one run. The check is the last defence
// against giving one too many.
type SeatPool struct{ ent.Schema }

// Fields of SeatPool.
func (SeatPool) Fields() []ent.Field {
	return []ent.Field{
		field.Int("run_id").Immutable(),
		field.String("country").Default("").MaxLen(2).Comment("empty: the open pool"),
		field.Int("size"),
		field.Int("taken").Default(0),
		field.Int("waiting").Default(0).Comment("people waiting who may take a seat of it"),
		field.Int("told").Default(0).Comment("free seats of which those who wait have been told, in the last days before the start"),
		field.Time("releases_at").Optional().Nillable(),
		field.Time("released_at").Optional().Nillable(),
		field.Time("suspended_at").Optional().Nillable(),
	}
}

// Edges of SeatPool.
func (SeatPool) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("run", Run.Type).Ref("pools").Field("run_id").Unique().Required().Immutable(),
	}
}

// Indexes of SeatPool.
func (SeatPool) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("run_id", "country").Unique(),
		index.Fields("released_at", "releases_at"), // the sweep asks every few seconds what is due
		// and every second where somebody waits
		index.Fields("run_id").StorageKey("seat_pool_waited_for").Annotations(entsql.IndexWhere("waiting > 0")),
	}
}

// Annotations of SeatPool.
func (SeatPool) Annotations() []schema.Annotation {
	return table("seat_pools", map[string]string{
		"seat_pool_never_one_too_many": "0 <= taken and taken <= size",
		"seat_pool_waiting":            "waiting >= 0",
	})
}
