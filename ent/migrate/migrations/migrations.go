// Package migrations owns the versioned SQL of both dialects; internal/store
// runs it. A file that has once been released is never edited.
package migrations

import "embed"

// SQLite holds sqlite/VERSION_name.sql.
//
//go:embed sqlite/*.sql
var SQLite embed.FS

// Postgres holds postgres/VERSION_name.sql.
//
//go:embed postgres/*.sql
var Postgres embed.FS
