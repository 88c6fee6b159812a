package catalogue

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/setting"
	"github.com/varde-platform/varde/internal/store"
)

// lockCatalogue makes the transaction the only one that imports, without
// changing anything: the next one then sees what this one has written.
func lockCatalogue(ctx context.Context, tx *store.Tx) error {
	_, err := tx.SQL.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, '0')
		ON CONFLICT (name) DO UPDATE SET value = settings.value`, store.CatalogueVersionSetting)
	if err != nil {
		return fmt.Errorf("lock the catalogue: %w", err)
	}
	return nil
}

// version is empty before the first change.
func (s *Service) version(ctx context.Context) (string, error) {
	row, err := s.db.Ent.Setting.Query().Where(setting.Name(store.CatalogueVersionSetting)).Only(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the catalogue's version: %w", err)
	}
	return row.Value, nil
}
