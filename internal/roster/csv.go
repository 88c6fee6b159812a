package roster

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/varde-platform/varde/internal/training"
)

// WriteCSV writes a roster as a table for a spreadsheet program (UTF-8 with a
// byte order mark, without which some of them guess wrong). The header has a
// word for each of name, address, country, agency, status, result, half days
// present, half days in all; after those each half day has its column by key,
// where 1 is present, 0 absent and nothing not marked.
func WriteCSV(w io.Writer, list Roster, header []string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write the roster: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	first := append([]string{}, header...)
	for _, h := range list.HalfDays {
		first = append(first, h.Key)
	}
	rows := [][]string{first}
	for _, item := range list.Items {
		rows = append(rows, item.row(list.HalfDays))
	}
	for _, row := range rows {
		for i := range row {
			row[i] = training.CSVCell(row[i])
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write the roster: %w", err)
	}
	return nil
}

func (i Item) row(half []training.HalfDay) []string {
	row := []string{
		i.Name, i.Email, i.Country, i.AgencyName, string(i.Status), string(i.Result),
		strconv.Itoa(i.Attendance.Present), strconv.Itoa(i.Attendance.Total),
	}
	for _, h := range half {
		row = append(row, presenceCell(i.Presence, h.Key))
	}
	return row
}

func presenceCell(presence map[string]bool, key string) string {
	present, marked := presence[key]
	switch {
	case !marked:
		return ""
	case present:
		return "1"
	}
	return "0"
}
