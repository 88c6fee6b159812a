package people

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/training"
)

// maxUsersFile bounds a file of new users in bytes; some forty thousand people.
const maxUsersFile = 4 << 20

var (
	userColumns = []string{"email", "name", "role", "country", "agency", "locale"}
	columnNames = training.Args{"columns": strings.Join(userColumns, ",")}
)

// ParseUsersCSV reads a file with the columns email, name, role, country,
// agency and locale, in any order, under a header that names them. Whether the
// people in it can be added is for AddUsers to say.
func ParseUsersCSV(r io.Reader) ([]NewUser, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxUsersFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the file of users: %w", err)
	}
	if len(text) > maxUsersFile {
		return nil, training.NewFault(training.KindTooLarge, "fault.too_large", nil)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, unreadable("fault.invalid_not_utf8", nil, nil)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	header, err := reader.Read()
	if err != nil {
		return nil, unreadable("fault.invalid_header", columnNames, err)
	}
	at, err := columnPlaces(header)
	if err != nil {
		return nil, err
	}
	var users []NewUser
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return users, nil
		}
		if err != nil {
			return nil, unreadable("fault.invalid_record_unreadable", training.Args{"record": len(users) + 1}, err)
		}
		users = append(users, NewUser{Email: row[at["email"]], Name: row[at["name"]],
			Role: training.Role(strings.TrimSpace(row[at["role"]])), Country: row[at["country"]],
			Agency: row[at["agency"]], Locale: row[at["locale"]]})
	}
}

// columnPlaces finds each column once and no others.
func columnPlaces(header []string) (map[string]int, error) {
	at := make(map[string]int, len(header))
	for i, name := range header {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range userColumns {
		if _, there := at[name]; !there || len(header) != len(userColumns) {
			return nil, unreadable("fault.invalid_header", columnNames, nil)
		}
	}
	return at, nil
}

func unreadable(key string, args training.Args, cause error) error {
	return &training.Fault{Kind: training.KindInvalid, Key: key, Args: args, Unreadable: true, Cause: cause}
}
