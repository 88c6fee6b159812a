package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

func user(ctx context.Context, c console, args []string) error {
	if len(args) == 0 {
		return usage("user: say add or link")
	}
	switch args[0] {
	case "add":
		return userAdd(ctx, c, args[1:])
	case "link":
		return userLink(ctx, c, args[1:])
	}
	return usage("user: there is no %q; say add or link", args[0])
}

func userAdd(ctx context.Context, c console, args []string) (err error) {
	var n people.NewUser
	var role, from string
	var password bool
	rest, err := flags(c, "user add", func(f *flag.FlagSet) {
		f.StringVar(&n.Email, "email", "", "address")
		f.StringVar(&n.Name, "name", "", "name as on the certificate")
		f.StringVar(&role, "role", "trainee", "trainee, instructor, agency, coordinator or admin")
		f.StringVar(&n.Country, "country", "", "service country, ISO 3166-1 alpha-2 or EU")
		f.StringVar(&n.Agency, "agency", "", "slug of the agency; made if it is new")
		f.StringVar(&n.Locale, "locale", "", "language, one of the twelve")
		f.BoolVar(&password, "password-stdin", false, "read the password from standard input")
		f.StringVar(&from, "from", "", "CSV file with email,name,role,country,agency,locale")
	}, args)
	if err != nil {
		return err
	}
	if err := noMore("user add", rest); err != nil {
		return err
	}
	if (from == "") == (n.Email == "") {
		return usage("user add: give --email or --from")
	}
	n.Role = training.Role(role)
	users := []people.NewUser{n}
	if from != "" {
		if users, err = usersFrom(c, from); err != nil {
			return err
		}
	}
	if password {
		if from != "" {
			return usage("user add: --password-stdin goes with --email")
		}
		if users[0].Password, err = firstLine(c.in); err != nil {
			return err
		}
		if users[0].Password == "" {
			return usage("user add: there is no password on standard input")
		}
	}
	return with(ctx, c, func(a *app.App) error { return a.People.AddUsers(ctx, users) })
}

// with opens the installation, does one thing, and closes it.
func with(ctx context.Context, c console, do func(*app.App) error) error {
	a, err := open(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

func usersFrom(c console, path string) ([]people.NewUser, error) {
	in, done, err := source(c, path)
	if err != nil {
		return nil, err
	}
	defer done()
	return people.ParseUsersCSV(in)
}

// source is a file, or standard input for "-".
func source(c console, path string) (io.Reader, func(), error) {
	if path == "-" {
		return c.in, func() {}, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, usage("%v", err)
	}
	return file, func() { file.Close() }, nil
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func userLink(ctx context.Context, c console, args []string) error {
	var email string
	rest, err := flags(c, "user link", func(f *flag.FlagSet) { f.StringVar(&email, "email", "", "address") }, args)
	if err != nil {
		return err
	}
	if email == "" || len(rest) > 0 {
		return usage("user link: give --email")
	}
	return with(ctx, c, func(a *app.App) error {
		link, err := a.People.LinkFor(ctx, email)
		if err == nil {
			fmt.Fprintln(c.out, link)
		}
		return err
	})
}

func token(ctx context.Context, c console, args []string) error {
	if len(args) == 0 || args[0] != "issue" {
		return usage("token: say issue")
	}
	var email, from string
	var days int
	rest, err := flags(c, "token issue", func(f *flag.FlagSet) {
		f.StringVar(&email, "email", "", "address")
		f.IntVar(&days, "days", 30, "days until it ends")
		f.StringVar(&from, "emails-from", "", "file with one address a line, or -")
	}, args[1:])
	if err != nil {
		return err
	}
	if len(rest) > 0 || (email == "") == (from == "") {
		return usage("token issue: give --email or --emails-from")
	}
	emails := []string{email}
	if from != "" {
		if emails, err = addresses(c, from); err != nil {
			return err
		}
	}
	return with(ctx, c, func(a *app.App) error {
		tokens, err := a.People.IssueTokens(ctx, emails, days)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.out, strings.Join(tokens, "\n"))
		return err
	})
}

func addresses(c console, path string) ([]string, error) {
	in, done, err := source(c, path)
	if err != nil {
		return nil, err
	}
	defer done()
	var list []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			list = append(list, line)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the addresses: %w", err)
	}
	if len(list) == 0 {
		return nil, usage("token issue: %s holds no address", path)
	}
	return list, nil
}
