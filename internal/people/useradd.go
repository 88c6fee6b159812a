package people

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// NewUser is an account as whoever runs the program makes it. Without a name
// the person fills it in; without a country it is the agency's; without a
// locale it is English; without a password the person signs in by link or token.
type NewUser struct {
	Email    string
	Name     string
	Role     training.Role
	Country  string // may differ from the agency's: a liaison officer serves abroad
	Agency   string // slug; a new one is made, in the person's country
	Locale   string
	Password string
}

// AddUser makes one account; it is a confirmed member, its address too.
func (s *Service) AddUser(ctx context.Context, u NewUser) error {
	return s.addUsers(ctx, []NewUser{u}, func(_ int, faults []training.FieldFault) error {
		return training.Invalid(faults)
	})
}

// AddUsers makes many accounts, all or none. A fault names the first record in
// the way, counted from 1.
func (s *Service) AddUsers(ctx context.Context, users []NewUser) error {
	return s.addUsers(ctx, users, recordFault)
}

type complain func(record int, faults []training.FieldFault) error

// recordFault is what is wrong with one record of many, counted from 1.
func recordFault(record int, faults []training.FieldFault) error {
	return &training.Fault{Kind: training.KindInvalid, Key: "fault.invalid_record",
		Args: training.Args{"record": record}, Fields: faults}
}

func (s *Service) addUsers(ctx context.Context, users []NewUser, complain complain) error {
	users, err := tidyUsers(users, complain)
	if err != nil {
		return err
	}
	hashes := make([]string, len(users))
	for i, u := range users {
		if u.Password == "" {
			continue
		}
		if hashes[i], err = hashPassword(ctx, u.Password); err != nil {
			return err
		}
	}
	defer s.agencies.forget()
	return s.change(ctx, func(tx *store.Tx) error {
		if err := refuseKnown(ctx, tx, users, complain); err != nil {
			return err
		}
		bodies, err := agenciesFor(ctx, tx, users, complain)
		if err != nil {
			return err
		}
		return insertUsers(ctx, tx, users, hashes, bodies)
	})
}

// tidyUsers gives the records as they are stored, or complains of the first one
// that cannot be.
func tidyUsers(users []NewUser, complain complain) ([]NewUser, error) {
	tidied := make([]NewUser, len(users))
	seen := make(map[string]bool, len(users))
	for i, u := range users {
		email, ok := normaliseEmail(u.Email)
		u.Name = tidyName(u.Name)
		u.Country = strings.ToUpper(strings.TrimSpace(u.Country))
		u.Agency = strings.TrimSpace(u.Agency)
		u.Locale = training.CanonicalLanguage(cmp.Or(strings.TrimSpace(u.Locale), "en"))
		faults := u.check()
		switch {
		case !ok:
			faults = append(faults, training.FieldFault{Field: "email", Key: "invalid.email"})
		case seen[email]:
			faults = append(faults, training.FieldFault{Field: "email", Key: "invalid.email_twice"})
		}
		if u.Password != "" {
			faults = append(faults, checkPassword(u.Password, email)...)
		}
		if len(faults) > 0 {
			return nil, complain(i+1, faults)
		}
		seen[email] = true
		u.Email = email
		tidied[i] = u
	}
	return tidied, nil
}

func (u NewUser) check() []training.FieldFault {
	var faults []training.FieldFault
	fault := func(field, key string) {
		faults = append(faults, training.FieldFault{Field: field, Key: key})
	}
	if u.Name != "" {
		faults = append(faults, checkName(u.Name)...)
	}
	if !training.IsRole(string(u.Role)) {
		fault("role", "invalid.role")
	}
	if u.Country != "" && !training.IsCountry(u.Country) {
		fault("country", "invalid.choose_country")
	}
	if u.Role == training.RoleCoordinator && u.Country == "" {
		fault("country", "invalid.role_needs_country")
	}
	if u.Agency != "" && !slugPattern.MatchString(u.Agency) {
		fault("agency", "invalid.slug")
	}
	if u.Role == training.RoleAgency && u.Agency == "" {
		fault("agency", "invalid.role_needs_agency")
	}
	if !training.SpeaksLanguage(u.Locale) {
		fault("locale", "invalid.locale")
	}
	return faults
}

func refuseKnown(ctx context.Context, tx *store.Tx, users []NewUser, complain complain) error {
	known := map[string]bool{}
	for some := range chunks(users) {
		emails := make([]string, len(some))
		for i, u := range some {
			emails[i] = u.Email
		}
		found, err := tx.Person.Query().Where(person.EmailIn(emails...)).Select(person.FieldEmail).Strings(ctx)
		if err != nil {
			return fmt.Errorf("look for known addresses: %w", err)
		}
		for _, email := range found {
			known[email] = true
		}
	}
	for i, u := range users {
		if known[u.Email] {
			return complain(i+1, []training.FieldFault{{Field: "email", Key: "invalid.email_taken"}})
		}
	}
	return nil
}

// agenciesFor finds the agencies that the users name, by slug, and makes those
// that are new.
func agenciesFor(ctx context.Context, tx *store.Tx, users []NewUser, complain complain) (map[string]*ent.Agency, error) {
	bodies := map[string]*ent.Agency{}
	for some := range chunks(users) {
		slugs := make([]string, len(some))
		for i, u := range some {
			slugs[i] = u.Agency
		}
		found, err := tx.Agency.Query().Where(agency.SlugIn(slugs...)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("find agencies: %w", err)
		}
		for _, body := range found {
			bodies[body.Slug] = body
		}
	}
	fresh, err := freshAgencies(tx, users, bodies, complain)
	if err != nil {
		return nil, err
	}
	for some := range chunks(fresh) {
		made, err := tx.Agency.CreateBulk(some...).Save(ctx)
		if slugTaken(err) {
			return nil, training.NewFault(training.KindConflict, "fault.conflict", nil)
		}
		if err != nil {
			return nil, fmt.Errorf("make agencies: %w", err)
		}
		for _, body := range made {
			bodies[body.Slug] = body
		}
	}
	return bodies, nil
}

// freshAgencies are those that nobody knows yet, in the country of the first
// user who names them.
func freshAgencies(tx *store.Tx, users []NewUser, known map[string]*ent.Agency, complain complain) ([]*ent.AgencyCreate, error) {
	var fresh []*ent.AgencyCreate
	seen := map[string]bool{"": true}
	for i, u := range users {
		if seen[u.Agency] || known[u.Agency] != nil {
			continue
		}
		if u.Country == "" {
			return nil, complain(i+1, []training.FieldFault{{Field: "country", Key: "invalid.agency_needs_country"}})
		}
		seen[u.Agency] = true
		fresh = append(fresh, createAgency(tx, Agency{Slug: u.Agency, Name: u.Agency, Country: u.Country, Kind: "other"}))
	}
	return fresh, nil
}

func insertUsers(ctx context.Context, tx *store.Tx, users []NewUser, hashes []string, bodies map[string]*ent.Agency) error {
	rows := make([]*ent.PersonCreate, len(users))
	for i, u := range users {
		row := tx.Person.Create().SetEmail(u.Email).SetEmailConfirmedAt(tx.Now).SetName(u.Name).SetRole(u.Role).
			SetLocale(u.Locale).SetPasswordHash(hashes[i]).SetCreatedAt(tx.Now)
		country := u.Country
		if body := bodies[u.Agency]; body != nil {
			row.SetAgencyID(body.ID)
			country = cmp.Or(country, body.Country)
		}
		if row.SetCountry(country); country != "" {
			row.SetAffiliationConfirmedAt(tx.Now)
		}
		rows[i] = row
	}
	for some := range chunks(rows) {
		err := tx.Person.CreateBulk(some...).Exec(ctx)
		if emailTaken(err) {
			return training.NewFault(training.KindConflict, "fault.conflict", nil)
		}
		if err != nil {
			return fmt.Errorf("make accounts: %w", err)
		}
	}
	return nil
}
