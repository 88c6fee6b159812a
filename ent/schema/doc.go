// Package schema owns the fields, edges, indexes and CHECK constraints of the
// database. It holds no hooks and no rules: those are in internal/training,
// from which it takes the enums and nothing else.
//
// Instants are stored in UTC, cut to microseconds (SQLite compares text);
// calendar days are stored as text, 2027-03-15.
package schema
