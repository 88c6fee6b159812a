package cluster

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
)

// Person is somebody with an account.
type Person struct {
	Email, Role, Country string
	Token                string // of the JSON interface
}

// AddPeople makes an account and a token for each, through the program's own
// commands, and fills in the tokens.
func (c *Cluster) AddPeople(ctx context.Context, people []Person) error {
	var table bytes.Buffer
	rows := csv.NewWriter(&table)
	emails := make([]string, len(people))
	if err := rows.Write([]string{"email", "name", "role", "country", "agency", "locale"}); err != nil {
		return err
	}
	for i, p := range people {
		emails[i] = p.Email
		name, _, _ := strings.Cut(p.Email, "@")
		if err := rows.Write([]string{p.Email, "Person " + name, p.Role, p.Country, "", "en"}); err != nil {
			return err
		}
	}
	if rows.Flush(); rows.Error() != nil {
		return rows.Error()
	}
	if _, err := c.Command(ctx, table.String(), "user", "add", "--from", "-"); err != nil {
		return err
	}
	out, err := c.Command(ctx, strings.Join(emails, "\n"), "token", "issue", "--emails-from", "-")
	if err != nil {
		return err
	}
	tokens := strings.Fields(out)
	if len(tokens) != len(people) {
		return fmt.Errorf("%d tokens for %d people", len(tokens), len(people))
	}
	for i := range people {
		people[i].Token = tokens[i]
	}
	return nil
}
