// Package demo owns filling an empty database for trying out: the shipped
// catalogue, agencies, invented people of every role, runs over the next year,
// and a few past ones with their certificates. It does all of it through the
// services, as people would, and owns no way of its own into the database.
package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	shipped "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/demo/data"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// ErrNotEmpty says that there is something in the database already.
var ErrNotEmpty = errors.New("the database is not empty; the demonstration is only for an empty one")

// loginsFile lies beside the secret, so that make run can show it again.
const loginsFile = "demo-logins.txt"

// Fill fills the database of the settings and writes the log-ins to out. With
// SQLite it fills a file beside it and gives it the name at the end, so that a
// stop in the middle leaves nothing half done.
func Fill(ctx context.Context, s config.Settings, log *slog.Logger, out io.Writer) error {
	s.SMTPURL = "" // nobody of the demonstration has a mailbox
	s.RedisURL = ""
	if err := mustBeEmpty(ctx, s, log); err != nil {
		return err
	}
	target, isSQLite := strings.CutPrefix(s.DatabaseURL, "sqlite:")
	draft := target + ".demo"
	if isSQLite {
		if err := removeAll(draft); err != nil {
			return err
		}
		s.DatabaseURL = "sqlite:" + draft
	}
	logins, err := fill(ctx, s, log)
	if err != nil && isSQLite {
		return errors.Join(err, removeAll(draft))
	}
	if err != nil {
		return err
	}
	if isSQLite {
		if err := removeAll(target); err != nil {
			return err
		}
		if err := os.Rename(draft, target); err != nil {
			return fmt.Errorf("put the filled database in its place: %w", err)
		}
	}
	if _, err := io.WriteString(out, logins); err != nil {
		return fmt.Errorf("print the log-ins: %w", err)
	}
	path := filepath.Join(filepath.Dir(s.SecretFile), loginsFile)
	if err := os.WriteFile(path, []byte(logins), 0o600); err != nil {
		return fmt.Errorf("write the log-ins: %w", err)
	}
	return nil
}

func mustBeEmpty(ctx context.Context, s config.Settings, log *slog.Logger) error {
	path, isSQLite := strings.CutPrefix(s.DatabaseURL, "sqlite:")
	if _, err := os.Stat(path); isSQLite && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	a, err := app.Open(ctx, s, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.DB.LockForServing(s.DatabaseURL); err != nil {
		return err
	}
	empty, err := a.Empty(ctx)
	if err == nil && !empty {
		err = ErrNotEmpty
	}
	return err
}

// removeAll removes a SQLite file with what belongs to it.
func removeAll(path string) error {
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", path+end, err)
		}
	}
	return nil
}

type demo struct {
	*app.App
	people []person
	byMail map[string]*person
	slugs  map[string]string // of courses, by the id of the catalogue
	admin  training.Actor
}

type person struct {
	Name, Email, Role, Agency, Country, Locale, Profession string
	Login                                                  bool
	Confirmed                                              *bool

	actor training.Actor
	busy  []span
}

type span struct{ from, to training.Date }

func fill(ctx context.Context, s config.Settings, log *slog.Logger) (string, error) {
	a, err := app.Open(ctx, s, log)
	if err != nil {
		return "", err
	}
	d := &demo{App: a}
	logins, err := d.fill(ctx)
	a.DB.Shift(0)
	return logins, errors.Join(err, a.Close())
}

func (d *demo) fill(ctx context.Context) (string, error) {
	// Past runs are lived through at their own time, which Redis' clock knows
	// nothing of: the database alone decides, as when Redis is away.
	if err := d.LeaveRedis(); err != nil {
		return "", err
	}
	password := strings.ToLower(rand.Text()[:12])
	steps := []func(context.Context) error{
		d.importCatalogue,
		func(ctx context.Context) error { return d.addPeople(ctx, password) },
		d.addRuns,
		d.revokeOne,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return "", err
		}
	}
	return d.logins(password), nil
}

func (d *demo) importCatalogue(ctx context.Context) error {
	if _, err := d.Catalogue.ImportTrusted(ctx, bytes.NewReader(shipped.Courses)); err != nil {
		return err
	}
	d.slugs = map[string]string{}
	for page := 1; ; page++ {
		found, err := d.Catalogue.Find(ctx, catalogue.Query{Page: page, PerPage: 100, Lang: "en"})
		if err != nil {
			return err
		}
		for _, c := range found.Courses {
			d.slugs[c.ImportID] = c.Slug
		}
		if page >= found.Pages {
			return nil
		}
	}
}

func (d *demo) addPeople(ctx context.Context, password string) error {
	var agencies []people.Agency
	if err := json.Unmarshal(data.Agencies, &agencies); err != nil {
		return fmt.Errorf("read the agencies: %w", err)
	}
	if err := d.People.AddAgencies(ctx, agencies); err != nil {
		return err
	}
	if err := json.Unmarshal(data.People, &d.people); err != nil {
		return fmt.Errorf("read the people: %w", err)
	}
	var members []people.NewUser
	for _, p := range d.people {
		if p.Confirmed != nil && !*p.Confirmed {
			continue
		}
		n := people.NewUser{Email: p.Email, Name: p.Name, Role: training.Role(p.Role), Country: p.Country,
			Agency: p.Agency, Locale: p.Locale}
		if p.Login {
			n.Password = password
		}
		members = append(members, n)
	}
	if err := d.People.AddUsers(ctx, members); err != nil {
		return err
	}
	return errors.Join(d.signUpOthers(ctx), d.setProfessions(ctx), d.meet(ctx))
}

// signUpOthers are those whose agency has yet to say that they are its own.
func (d *demo) signUpOthers(ctx context.Context) error {
	for _, p := range d.people {
		if p.Confirmed == nil || *p.Confirmed {
			continue
		}
		account, err := d.People.SignUp(ctx, people.SignUp{Email: p.Email, Password: rand.Text(), Locale: p.Locale})
		if err != nil {
			return fmt.Errorf("sign up %s: %w", p.Email, err)
		}
		_, err = d.People.SaveProfile(ctx, account.Actor(), people.Profile{Name: p.Name, Profession: p.Profession,
			Country: p.Country, AgencySlug: p.Agency, Locale: p.Locale})
		if err != nil {
			return fmt.Errorf("profile of %s: %w", p.Email, err)
		}
	}
	return nil
}

// setProfessions: the list of people that a command takes has no profession.
func (d *demo) setProfessions(ctx context.Context) error {
	return d.DB.InTx(ctx, func(tx *store.Tx) error {
		for _, p := range d.people {
			const set = "UPDATE people SET profession = $1 WHERE email = $2"
			if _, err := tx.SQL.ExecContext(ctx, set, p.Profession, p.Email); err != nil {
				return fmt.Errorf("profession of %s: %w", p.Email, err)
			}
		}
		return nil
	})
}

// meet learns who everybody is to the services.
func (d *demo) meet(ctx context.Context) error {
	rows, err := d.DB.Ent.Person.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("load the people: %w", err)
	}
	d.byMail = map[string]*person{}
	for i := range d.people {
		d.byMail[d.people[i].Email] = &d.people[i]
	}
	for _, row := range rows {
		p := d.byMail[row.Email]
		p.actor = training.Actor{PersonID: row.ID, Role: row.Role}
		if row.AffiliationConfirmedAt != nil {
			p.actor.Country = row.Country
			if row.AgencyID != nil {
				p.actor.AgencyID = *row.AgencyID
			}
		}
		if row.Role == training.RoleAdmin {
			d.admin = p.actor
		}
	}
	return nil
}

func (d *demo) logins(password string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Demonstration log-ins at %s (password of all: %s)\n", d.Settings.BaseURL, password)
	for _, p := range d.people {
		if p.Login {
			fmt.Fprintf(&b, "  %-12s %-42s %s\n", p.Role, p.Email, p.Name)
		}
	}
	return b.String()
}
