// Package ent is the generated data access; it owns no rule. Its schema stands
// in ent/schema, its migrations in ent/migrate/migrations.
package ent

//go:generate go tool ent generate --feature sql/upsert,sql/lock,sql/modifier,sql/execquery,sql/versioned-migration ./schema
