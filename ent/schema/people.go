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

func table(name string, checks map[string]string) []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: name, Checks: checks}}
}

// MemberState is a member of the Council, with dates: a state can join, be
// suspended and leave.
type MemberState struct{ ent.Schema }

// Fields of MemberState.
func (MemberState) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique().MaxLen(2).Comment("ISO 3166-1 alpha-2, or EU"),
		field.String("kind").Default("state").Comment("state, or union"),
		field.String("member_from").Comment("day"),
		field.String("member_until").Optional().Comment("day; empty: still a member"),
		field.String("suspended_from").Optional().Comment("day; empty: not suspended"),
	}
}

// Annotations of MemberState.
func (MemberState) Annotations() []schema.Annotation {
	return table("member_states", map[string]string{"member_state_kind": "kind in ('state', 'union')"})
}

// Agency is the body that a person serves.
type Agency struct{ ent.Schema }

// Fields of Agency.
func (Agency) Fields() []ent.Field {
	return []ent.Field{
		field.String("slug").Unique().MaxLen(60),
		field.String("name").MaxRuneLen(200),
		field.String("country").MaxLen(2),
		field.String("kind").Default("other"),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of Agency.
func (Agency) Indexes() []ent.Index { return []ent.Index{index.Fields("country")} }

// Annotations of Agency.
func (Agency) Annotations() []schema.Annotation { return table("agencies", nil) }

// Person is an account. Country and agency are declared by the person and
// count only while affiliation_confirmed_at is set.
type Person struct{ ent.Schema }

// Fields of Person.
func (Person) Fields() []ent.Field {
	return []ent.Field{
		field.String("email").Unique().MaxLen(254).Comment("lower case"),
		field.Time("email_confirmed_at").Optional().Nillable(),
		field.String("name").MaxRuneLen(200).Comment("as on the certificate; empty until the profile is filled in"),
		field.String("password_hash").Optional().Sensitive().Comment("argon2id, PHC string; empty: log-in by link only"),
		field.Enum("role").GoType(training.Role("")).Default(string(training.RoleTrainee)),
		field.String("locale").MaxLen(2).Default("en"),
		field.String("profession").Optional(),
		field.String("language_level").Optional().Comment("CEFR level of English, as declared"),
		field.String("country").Optional().MaxLen(2).Comment("service country, as declared"),
		field.Int("agency_id").Optional().Nillable().Comment("as declared"),
		field.Time("affiliation_confirmed_at").Optional().Nillable(),
		field.Int("affiliation_confirmed_by").Optional().Nillable(),
		field.Time("created_at").Immutable(),
		field.Time("disabled_at").Optional().Nillable(),
	}
}

// Edges of Person.
func (Person) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("agency", Agency.Type).Field("agency_id").Unique(),
		edge.From("teaches", Run.Type).Ref("instructors"),
		edge.From("enrolments", Enrolment.Type).Ref("person"),
	}
}

// Indexes of Person.
func (Person) Indexes() []ent.Index {
	return []ent.Index{index.Fields("agency_id"), index.Fields("country")}
}

// Annotations of Person.
func (Person) Annotations() []schema.Annotation {
	return table("people", map[string]string{"person_email_lower": "email = lower(email)"})
}

// Session is a log-in of one browser. Only the hash of its token is stored.
type Session struct{ ent.Schema }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.String("token_hash").Unique().Immutable().Sensitive(),
		field.Int("person_id").Immutable(),
		field.Time("created_at").Immutable(),
		field.Time("expires_at"),
	}
}

// Edges of Session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{edge.To("person", Person.Type).Field("person_id").Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes of Session.
func (Session) Indexes() []ent.Index {
	return []ent.Index{index.Fields("person_id"), index.Fields("expires_at")}
}

// Annotations of Session.
func (Session) Annotations() []schema.Annotation { return table("sessions", nil) }

// OneTimeLink is a link sent by mail: to log in, to set a new password, to
// confirm an address. It works once.
type OneTimeLink struct{ ent.Schema }

// Fields of OneTimeLink.
func (OneTimeLink) Fields() []ent.Field {
	return []ent.Field{
		field.String("token_hash").Unique().Immutable().Sensitive(),
		field.String("purpose").Immutable(),
		field.Int("person_id").Immutable(),
		field.Time("created_at").Immutable(),
		field.Time("expires_at").Immutable(),
		field.Time("used_at").Optional().Nillable(),
	}
}

// Edges of OneTimeLink.
func (OneTimeLink) Edges() []ent.Edge {
	return []ent.Edge{edge.To("person", Person.Type).Field("person_id").Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes of OneTimeLink.
func (OneTimeLink) Indexes() []ent.Index {
	return []ent.Index{index.Fields("person_id"), index.Fields("expires_at")}
}

// Annotations of OneTimeLink.
func (OneTimeLink) Annotations() []schema.Annotation {
	return table("one_time_links", map[string]string{"one_time_link_purpose": "purpose in ('login', 'reset', 'email')"})
}

// APIToken lets a program act as a person. Only its hash is stored.
type APIToken struct{ ent.Schema }

// Fields of APIToken.
func (APIToken) Fields() []ent.Field {
	return []ent.Field{
		field.String("token_hash").Unique().Immutable().Sensitive(),
		field.Int("person_id").Immutable(),
		field.Time("created_at").Immutable(),
		field.Time("expires_at").Immutable(),
	}
}

// Edges of APIToken.
func (APIToken) Edges() []ent.Edge {
	return []ent.Edge{edge.To("person", Person.Type).Field("person_id").Unique().Required().Immutable().
		Annotations(entsql.OnDelete(entsql.Cascade))}
}

// Indexes of APIToken.
func (APIToken) Indexes() []ent.Index { return []ent.Index{index.Fields("person_id")} }

// Annotations of APIToken.
func (APIToken) Annotations() []schema.Annotation { return table("api_tokens", nil) }
