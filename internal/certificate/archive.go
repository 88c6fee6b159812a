package certificate

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Archive prepares the files of an agency's certificates as one ZIP archive: a
// PDF of each in its holder's language, and certificates.csv. Whoever may not
// have it is told so here; the function that is given back writes the archive
// piece by piece, so that its length does not matter, and only fails where the
// writing or the drawing does.
func (s *Service) Archive(ctx context.Context, actor training.Actor, slug string, f Filter) (func(io.Writer) error, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, f, certificate.AgencyID(id))
	if err != nil {
		return nil, err
	}
	list, err := s.listed(ctx, rows)
	if err != nil {
		return nil, err
	}
	return func(w io.Writer) error { return s.writeArchive(ctx, w, rows, list) }, nil
}

func (s *Service) writeArchive(ctx context.Context, w io.Writer, rows []listRow, list []Listed) error {
	archive := zip.NewWriter(w)
	// The table comes first: whoever's connection breaks sees what is missing.
	// It is as old as the latest certificate, so that the bytes repeat.
	latest := time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
	if len(list) > 0 {
		latest = list[0].IssuedAt
	}
	table, err := archive.CreateHeader(&zip.FileHeader{Name: "certificates.csv", Method: zip.Deflate, Modified: latest})
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	if err := writeTable(table, list); err != nil {
		return err
	}
	for _, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := s.file(row.Certificate, row.Language)
		if err != nil {
			return err
		}
		// A PDF is packed already.
		header := &zip.FileHeader{Name: file.Name, Method: zip.Store, Modified: store.Instant(row.IssuedAt)}
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		if _, err := entry.Write(file.Bytes); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// writeTable writes UTF-8 with a byte order mark, without which spreadsheet
// programs guess the letters wrong. Courses are named in the holder's language,
// as on the file beside it.
func writeTable(w io.Writer, list []Listed) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"number", "holder", "course", "run", "issued_at", "state", "expires_at"}}
	for _, c := range list {
		title, _ := c.Titles.In(c.Language)
		row := []string{c.Number, c.Holder, title, c.RunCode, c.IssuedAt.Format(time.RFC3339), c.State, ""}
		if c.ExpiresAt != nil {
			row[6] = c.ExpiresAt.Format(time.RFC3339)
		}
		for i := range row {
			row[i] = training.CSVCell(row[i])
		}
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
