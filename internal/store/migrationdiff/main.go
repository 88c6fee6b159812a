// Command migrationdiff writes the SQL that leads from the committed migrations
// to the present schema, for both dialects. It needs an empty PostgreSQL
// database in VARDE_TEST_POSTGRES_URL; make generate starts one.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	atlas "ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/varde-platform/varde/ent/migrate"
)

func main() {
	name := flag.String("name", "schema", "what the migration does, in a word or two joined by _")
	flag.Parse()
	if err := run(context.Background(), *name); err != nil {
		fmt.Fprintln(os.Stderr, "migrationdiff:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, name string) error {
	folder, err := os.MkdirTemp("", "varde-migration")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	lite := "file:" + filepath.Join(folder, "dev.db") + "?_pragma=foreign_keys(1)"
	if err := diff(ctx, "sqlite", lite, dialect.SQLite, "ent/migrate/migrations/sqlite", name); err != nil {
		return fmt.Errorf("SQLite: %w", err)
	}
	url := os.Getenv("VARDE_TEST_POSTGRES_URL")
	if url == "" {
		return fmt.Errorf("VARDE_TEST_POSTGRES_URL is not set: run make generate, which starts a private PostgreSQL")
	}
	if err := diff(ctx, "pgx", url, dialect.Postgres, "ent/migrate/migrations/postgres", name); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	return nil
}

func diff(ctx context.Context, driver, address, d, folder, name string) error {
	db, err := sql.Open(driver, address)
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := atlas.NewLocalDir(folder)
	if err != nil {
		return err
	}
	m, err := schema.NewMigrate(entsql.OpenDB(d, db),
		schema.WithDir(dir), schema.WithMigrationMode(schema.ModeReplay), schema.WithDialect(d),
		schema.WithFormatter(atlas.DefaultFormatter), schema.WithDropColumn(true), schema.WithDropIndex(true))
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, name, migrate.Tables...)
}
