package store

import (
	"context"
	"fmt"
)

// CatalogueVersionSetting is the row of settings whose number is raised by each
// transaction that changes what a list of courses or runs shows. Copies of such
// lists in memory are good as long as it stays the same.
const CatalogueVersionSetting = "catalogue_version"

// RaiseCatalogueVersion makes copies of the catalogue stale once the transaction
// commits. Call it last: its row is locked until then, by everyone who changes
// the catalogue.
func RaiseCatalogueVersion(ctx context.Context, tx *Tx) error {
	const raise = `INSERT INTO settings (name, value) VALUES ($1, '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS bigint) + 1 AS text)`
	if _, err := tx.SQL.ExecContext(ctx, raise, CatalogueVersionSetting); err != nil {
		return fmt.Errorf("raise the catalogue's version: %w", err)
	}
	return nil
}
