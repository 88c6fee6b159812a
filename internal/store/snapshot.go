package store

import (
	"context"
	"database/sql"
	"fmt"

	"entgo.io/ent/dialect"
)

// Reader asks questions of one unchanging view of the database.
type Reader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Snapshot reads from one view of the database, whatever is written meanwhile.
// On SQLite writers wait for its end.
func (db *DB) Snapshot(ctx context.Context, read func(Reader) error) error {
	if err := db.queue(ctx); err != nil {
		return err
	}
	defer db.leave()
	options := &sql.TxOptions{}
	if db.Dialect == dialect.Postgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := db.SQL.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	return read(tx)
}
