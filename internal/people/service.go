// Package people owns accounts and log-in, what people say about themselves and
// who confirms it, agencies and member states. It does not own who may do what
// (training.Can), the sending of mails (outbox), or enrolments: nothing in it
// changes a hold or an enrolment, so these never move with the person.
package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/apitoken"
	"github.com/varde-platform/varde/ent/onetimelink"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/session"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// sessionLife is how long a browser stays signed in unless Options say otherwise.
const sessionLife = 30 * 24 * time.Hour

// Options are the settings of the service.
type Options struct {
	MailOut     bool             // SMTP is set, so an e-mail address can and must be confirmed
	BaseURL     string           // what links in mails start with; a trailing slash is dropped
	SessionLife time.Duration    // zero: 30 days
	Now         func() time.Time // this server's clock, by which sessions and tokens end; nil: time.Now
}

// Service is the way to accounts, agencies and member states.
type Service struct {
	db       *store.DB
	opts     Options
	agencies agencyCache
	tokens   tokenCache
	sessions tokenCache

	byTokenHash *together.Asker[string, Account]
}

// New makes the service over an open, migrated database.
func New(db *store.DB, opts Options) *Service {
	opts.BaseURL = strings.TrimRight(opts.BaseURL, "/")
	if opts.SessionLife == 0 {
		opts.SessionLife = sessionLife
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Service{db: db, opts: opts}
	s.byTokenHash = together.New(s.findByTokens)
	return s
}

// change is a transaction that may change accounts, after which no copy of one is
// right any more.
func (s *Service) change(ctx context.Context, do func(*store.Tx) error) error {
	defer s.sessions.forget()
	defer s.tokens.forget()
	return s.db.InTx(ctx, do)
}

// Account is a person as the person's own pages show it. Country and agency are
// as declared; they count only where AffiliationConfirmed.
type Account struct {
	ID                   int
	Email                string // lower case
	Name                 string // as on the certificate; empty until the profile is filled in
	Locale               string // one of training.Languages
	Profession           string
	LanguageLevel        string // CEFR level of English, as declared; may be empty
	Role                 training.Role
	Country              string // ISO 3166-1 alpha-2, or EU; may be empty
	AgencySlug           string
	AgencyName           string
	AgencyID             int // 0: none
	AffiliationConfirmed bool
	EmailConfirmed       bool
	HasPassword          bool // false: signs in by link alone
	ProfileComplete      bool // has the name that a certificate needs
}

// Actor is the account as one who asks: agency and country only where somebody
// entitled has confirmed them.
func (a Account) Actor() training.Actor {
	actor := training.Actor{PersonID: a.ID, Role: a.Role}
	if a.AffiliationConfirmed {
		actor.AgencyID, actor.Country = a.AgencyID, a.Country
	}
	return actor
}

// MayHold answers nil where the account is ready to take a hold, else what the
// person has to do first.
func (s *Service) MayHold(a Account) error {
	return training.MayHold(a.EmailConfirmed, s.opts.MailOut, a.Name)
}

const (
	accountFields = `p.id, p.email, p.name, p.locale, COALESCE(p.profession, ''), COALESCE(p.language_level, ''),
		p.role, COALESCE(p.country, ''), COALESCE(a.id, 0), COALESCE(a.slug, ''), COALESCE(a.name, ''),
		p.affiliation_confirmed_at IS NOT NULL, p.email_confirmed_at IS NOT NULL, COALESCE(p.password_hash, '') <> ''`
	accountColumns = `SELECT ` + accountFields
	agencyOfPerson = ` LEFT JOIN agencies a ON a.id = p.agency_id `
	accountByEmail = accountColumns + ` FROM people p` + agencyOfPerson + `WHERE p.email = $1 AND p.disabled_at IS NULL`
	accountByID    = accountColumns + ` FROM people p` + agencyOfPerson + `WHERE p.id = $1 AND p.disabled_at IS NULL`
)

// errNobody says that no living account matches.
var errNobody = errors.New("no such account")

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// findAccount runs one of the account queries: person and agency in one go,
// because every request asks for them.
func findAccount(ctx context.Context, q rowQuerier, query string, args ...any) (Account, error) {
	var a Account
	err := q.QueryRowContext(ctx, query, args...).Scan(a.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, errNobody
	}
	if err != nil {
		return Account{}, fmt.Errorf("find an account: %w", err)
	}
	a.ProfileComplete = a.Name != ""
	return a, nil
}

// fields are the places for accountFields.
func (a *Account) fields() []any {
	return []any{&a.ID, &a.Email, &a.Name, &a.Locale, &a.Profession, &a.LanguageLevel, &a.Role, &a.Country,
		&a.AgencyID, &a.AgencySlug, &a.AgencyName, &a.AffiliationConfirmed, &a.EmailConfirmed, &a.HasPassword}
}

// SignUp is what a new person sends. Locale is the language of the page.
type SignUp struct{ Email, Password, Locale string }

// SignUp makes a trainee's account. Where mail is sent, a mail asks the person
// to confirm the address.
func (s *Service) SignUp(ctx context.Context, in SignUp) (Account, error) {
	email, ok := normaliseEmail(in.Email)
	var faults []training.FieldFault
	if !ok {
		faults = append(faults, training.FieldFault{Field: "email", Key: "invalid.email"})
	}
	faults = append(faults, checkPassword(in.Password, email)...)
	if err := training.Invalid(faults); err != nil {
		return Account{}, err
	}
	hash, err := hashPassword(ctx, in.Password)
	if err != nil {
		return Account{}, err
	}
	var account Account
	err = s.change(ctx, func(tx *store.Tx) error {
		row, err := tx.Person.Create().SetEmail(email).SetName("").SetPasswordHash(hash).
			SetLocale(spokenOrEnglish(in.Locale)).SetCreatedAt(tx.Now).Save(ctx)
		if emailTaken(err) {
			return training.InvalidField("email", "invalid.email_taken", nil)
		}
		if err != nil {
			return fmt.Errorf("make an account: %w", err)
		}
		if account, err = findAccount(ctx, tx.SQL, accountByID, row.ID); err != nil {
			return err
		}
		if !s.opts.MailOut {
			return nil
		}
		return s.mailLink(ctx, tx, account, PurposeEmail, account.Locale)
	})
	return account, err
}

func emailTaken(err error) bool {
	return err != nil && store.Broke(err, "people_email_key", "people.email")
}

func spokenOrEnglish(locale string) string {
	if locale = training.CanonicalLanguage(locale); training.SpeaksLanguage(locale) {
		return locale
	}
	return "en"
}

// SetLocale changes the language of the person's pages and mails.
func (s *Service) SetLocale(ctx context.Context, actor training.Actor, locale string) error {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	locale = training.CanonicalLanguage(locale)
	if !training.SpeaksLanguage(locale) {
		return training.InvalidField("locale", "invalid.locale", nil)
	}
	return s.change(ctx, func(tx *store.Tx) error {
		err := tx.Person.UpdateOneID(actor.PersonID).SetLocale(locale).Exec(ctx)
		if ent.IsNotFound(err) {
			return training.NotFound()
		}
		return wrap(err, "set a person's language")
	})
}

// Cleanup deletes the sessions, links and tokens whose time is over.
func (s *Service) Cleanup(ctx context.Context) error {
	return s.change(ctx, func(tx *store.Tx) error {
		if _, err := tx.Session.Delete().Where(session.ExpiresAtLTE(tx.Now)).Exec(ctx); err != nil {
			return fmt.Errorf("delete old sessions: %w", err)
		}
		if _, err := tx.OneTimeLink.Delete().Where(onetimelink.ExpiresAtLTE(tx.Now)).Exec(ctx); err != nil {
			return fmt.Errorf("delete old links: %w", err)
		}
		_, err := tx.APIToken.Delete().Where(apitoken.ExpiresAtLTE(tx.Now)).Exec(ctx)
		return wrap(err, "delete old tokens")
	})
}

// idsOf finds the living accounts of many addresses in a few queries.
func idsOf(ctx context.Context, tx *store.Tx, emails []string) (map[string]int, error) {
	ids := make(map[string]int, len(emails))
	for chunk := range chunks(emails) {
		rows, err := tx.Person.Query().Where(person.EmailIn(chunk...), person.DisabledAtIsNil()).
			Select(person.FieldID, person.FieldEmail).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("find accounts by address: %w", err)
		}
		for _, row := range rows {
			ids[row.Email] = row.ID
		}
	}
	return ids, nil
}

func unknownAddress(email string) error {
	return training.NewFault(training.KindNotFound, "fault.not_found_address", training.Args{"email": email})
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
