package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"github.com/varde-platform/varde/ent/migrate/migrations"
)

// migrationLock is the advisory lock that keeps two servers from migrating at
// once; the number is arbitrary and ours.
const migrationLock = 0x56415244 // "VARD"

// Migrate brings the database up to date. Each file runs in a transaction of
// its own with its line in schema_migrations, so that a stop in the middle
// leaves a database that the next call continues. It refuses a database made by
// a newer program.
func (db *DB) Migrate(ctx context.Context) error {
	files, err := migrationFiles(db.Dialect)
	if err != nil {
		return err
	}
	conn, err := db.SQL.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close()
	release, err := lockForMigration(ctx, conn, db.Dialect)
	if err != nil {
		return err
	}
	defer release()
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return err
	}
	if err := checkHistory(applied, files); err != nil {
		return err
	}
	for _, f := range files {
		if _, done := applied[f.name]; done {
			continue
		}
		if err := applyMigration(ctx, conn, db.Dialect, f); err != nil {
			return fmt.Errorf("migration %s: %w", f.name, err)
		}
	}
	return nil
}

type migrationFile struct{ name, sql, sum string }

func migrationFiles(d string) ([]migrationFile, error) {
	tree, dir := fs.FS(migrations.SQLite), "sqlite"
	if d == dialect.Postgres {
		tree, dir = migrations.Postgres, "postgres"
	}
	names, err := fs.Glob(tree, dir+"/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	files := make([]migrationFile, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		sum := sha256.Sum256(text)
		files = append(files, migrationFile{strings.TrimPrefix(name, dir+"/"), string(text), hex.EncodeToString(sum[:])})
	}
	return files, nil
}

func lockForMigration(ctx context.Context, conn *sql.Conn, d string) (func(), error) {
	if d == dialect.Postgres {
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
			return nil, fmt.Errorf("wait for the migration lock: %w", err)
		}
		return func() {
			conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock) //nolint:errcheck // ends with the connection
		}, nil
	}
	// SQLite rebuilds tables to change them; with foreign keys on, dropping the
	// old table would take the rows that point to it along.
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return nil, fmt.Errorf("pause foreign keys: %w", err)
	}
	return func() {
		conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on") //nolint:errcheck // the connection is checked out anew with it on
	}, nil
}

func appliedMigrations(ctx context.Context, conn *sql.Conn) (map[string]string, error) {
	const create = `CREATE TABLE IF NOT EXISTS schema_migrations (
		name varchar(200) NOT NULL PRIMARY KEY, sum varchar(64) NOT NULL, applied_at varchar(40) NOT NULL)`
	if _, err := conn.ExecContext(ctx, create); err != nil {
		return nil, fmt.Errorf("make the list of migrations: %w", err)
	}
	rows, err := conn.QueryContext(ctx, "SELECT name, sum FROM schema_migrations")
	if err != nil {
		return nil, fmt.Errorf("read the list of migrations: %w", err)
	}
	defer rows.Close()
	applied := map[string]string{}
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			return nil, fmt.Errorf("read the list of migrations: %w", err)
		}
		applied[name] = sum
	}
	return applied, rows.Err()
}

func checkHistory(applied map[string]string, files []migrationFile) error {
	known := map[string]string{}
	for _, f := range files {
		known[f.name] = f.sum
	}
	for name, sum := range applied {
		now, there := known[name]
		switch {
		case !there:
			return fmt.Errorf("the database knows migration %s, this program does not: it was made by a newer version", name)
		case now != sum:
			return fmt.Errorf("migration %s differs from the one that was applied", name)
		}
	}
	return nil
}

func applyMigration(ctx context.Context, conn *sql.Conn, d string, f migrationFile) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	insert := `INSERT INTO schema_migrations (name, sum, applied_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`
	listed, err := tx.ExecContext(ctx, insert, f.name, f.sum, Instant(time.Now()).Format(time.RFC3339))
	if err != nil {
		return err
	}
	// SQLite has no lock to wait for before the list is read: another process
	// may have run the migration since.
	if n, err := listed.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, f.sql); err != nil {
		return err
	}
	if d == dialect.SQLite {
		if err := foreignKeysHold(ctx, tx); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func foreignKeysHold(ctx context.Context, tx *sql.Tx) error {
	var table string
	err := tx.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`).Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("rows of %s point to missing ones", table)
}
