package people

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/onetimelink"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/session"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// What a one-time link is for.
const (
	PurposeLogIn = "login"
	PurposeReset = "reset" // of the password
	PurposeEmail = "email" // to confirm the address
)

// linkKinds is what differs between the purposes. The mails' words say how long
// a link is good for: change them along.
var linkKinds = map[string]struct {
	life       time.Duration
	page, mail string
}{
	PurposeLogIn: {30 * time.Minute, "link", "login_link"},
	PurposeReset: {2 * time.Hour, "reset", "reset_password"},
	PurposeEmail: {7 * 24 * time.Hour, "link", "confirm_email"},
}

// SendLogInLink mails a link to sign in with. Whether the address has an
// account is not told.
func (s *Service) SendLogInLink(ctx context.Context, email, locale string) error {
	return s.sendLink(ctx, email, locale, PurposeLogIn)
}

// SendReset mails a link to set a new password with. Whether the address has an
// account is not told.
func (s *Service) SendReset(ctx context.Context, email, locale string) error {
	return s.sendLink(ctx, email, locale, PurposeReset)
}

func (s *Service) sendLink(ctx context.Context, email, locale, purpose string) error {
	address, ok := normaliseEmail(email)
	if !ok {
		return training.InvalidField("email", "invalid.email", nil)
	}
	return s.change(ctx, func(tx *store.Tx) error {
		account, err := findAccount(ctx, tx.SQL, accountByEmail, address)
		if errors.Is(err, errNobody) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.mailLink(ctx, tx, account, purpose, spokenOrEnglish(locale))
	})
}

// SendConfirmation mails the person who asks a new link to confirm the address
// with; nothing is sent where it is confirmed.
func (s *Service) SendConfirmation(ctx context.Context, actor training.Actor) error {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error {
		account, err := findAccount(ctx, tx.SQL, accountByID, actor.PersonID)
		if errors.Is(err, errNobody) {
			return training.NotFound()
		}
		if err != nil || account.EmailConfirmed {
			return err
		}
		return s.mailLink(ctx, tx, account, PurposeEmail, account.Locale)
	})
}

// LinkFor gives a one-time log-in link, in the person's language, to whoever
// runs the program.
func (s *Service) LinkFor(ctx context.Context, email string) (string, error) {
	address, _ := normaliseEmail(email)
	var url string
	err := s.change(ctx, func(tx *store.Tx) error {
		account, err := findAccount(ctx, tx.SQL, accountByEmail, address)
		if errors.Is(err, errNobody) {
			return unknownAddress(email)
		}
		if err != nil {
			return err
		}
		token, _, err := newLink(ctx, tx, account.ID, PurposeLogIn)
		url = s.linkURL(account.Locale, PurposeLogIn, token)
		return err
	})
	if err != nil {
		return "", err
	}
	return url, nil
}

func (s *Service) linkURL(locale, purpose, token string) string {
	return s.opts.BaseURL + "/" + locale + "/" + linkKinds[purpose].page + "/" + token
}

func (s *Service) mailLink(ctx context.Context, tx *store.Tx, to Account, purpose, locale string) error {
	token, id, err := newLink(ctx, tx, to.ID, purpose)
	if err != nil {
		return err
	}
	name := linkKinds[purpose].mail
	return outbox.PutMail(ctx, tx, outbox.Mail{To: to.Email, Locale: locale, Name: name,
		Args: map[string]string{"link": s.linkURL(locale, purpose, token)}, Key: name + ":" + strconv.Itoa(id)})
}

// newLink makes a link; the older unused ones of the same purpose end with it,
// so that of several mails only the newest counts.
func newLink(ctx context.Context, tx *store.Tx, personID int, purpose string) (string, int, error) {
	_, err := tx.OneTimeLink.Delete().Where(onetimelink.PersonID(personID), onetimelink.Purpose(purpose),
		onetimelink.UsedAtIsNil()).Exec(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("end older links: %w", err)
	}
	token := newToken()
	row, err := tx.OneTimeLink.Create().SetTokenHash(hashOf(token)).SetPurpose(purpose).SetPersonID(personID).
		SetCreatedAt(tx.Now).SetExpiresAt(tx.Now.Add(linkKinds[purpose].life)).Save(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("make a link: %w", err)
	}
	return token, row.ID, nil
}

// LinkInfo is what the page behind a link may show before it is used.
type LinkInfo struct{ Purpose, Email string }

// LookLink looks at a link without using it up: mail scanners open links, so
// the page shows a button and only that uses it. Without purposes any will do.
func (s *Service) LookLink(ctx context.Context, token string, purposes ...string) (LinkInfo, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return LinkInfo{}, err
	}
	query := s.db.Ent.OneTimeLink.Query().Where(onetimelink.TokenHash(hashOf(token)), onetimelink.UsedAtIsNil(),
		onetimelink.ExpiresAtGT(now), onetimelink.HasPersonWith(person.DisabledAtIsNil()))
	if len(purposes) > 0 {
		query.Where(onetimelink.PurposeIn(purposes...))
	}
	row, err := query.WithPerson().Only(ctx)
	if ent.IsNotFound(err) {
		return LinkInfo{}, linkOver()
	}
	if err != nil {
		return LinkInfo{}, fmt.Errorf("look at a link: %w", err)
	}
	return LinkInfo{Purpose: row.Purpose, Email: row.Edges.Person.Email}, nil
}

// linkOver is the one answer for a link that never was, was used, or is over.
func linkOver() error {
	return training.NewFault(training.KindNotFound, "fault.not_found_link", nil)
}

// UseLink uses up a link to sign in or to confirm an address, and gives its
// account and purpose. Either way the address is then confirmed: the link was
// read there. Links to set a password are for ResetPassword alone.
func (s *Service) UseLink(ctx context.Context, token string) (Account, string, error) {
	var account Account
	var purpose string
	err := s.change(ctx, func(tx *store.Tx) error {
		owner, err := addressConfirmed(ctx, tx, token)
		if err != nil {
			return err
		}
		link, err := useLink(ctx, tx, token, PurposeLogIn, PurposeEmail)
		if err != nil {
			return err
		}
		purpose = link.Purpose
		if purpose == PurposeLogIn && !owner {
			if err := dropStrangers(ctx, tx, link.PersonID); err != nil {
				return err
			}
		}
		account, err = findAccount(ctx, tx.SQL, accountByID, link.PersonID)
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	return account, purpose, nil
}

// addressConfirmed reports whether whoever holds the link's address has shown it
// before.
func addressConfirmed(ctx context.Context, tx *store.Tx, token string) (bool, error) {
	confirmed, err := tx.OneTimeLink.Query().Where(onetimelink.TokenHash(hashOf(token)),
		onetimelink.HasPersonWith(person.EmailConfirmedAtNotNil())).Exist(ctx)
	return confirmed, wrap(err, "ask whether an address is confirmed")
}

// dropStrangers: whoever signed up may have given somebody else's address. The
// first who comes in by a link sent there is its owner, and what was set before
// is not the owner's: the password and all sessions go.
func dropStrangers(ctx context.Context, tx *store.Tx, personID int) error {
	if err := tx.Person.UpdateOneID(personID).ClearPasswordHash().Exec(ctx); err != nil {
		return fmt.Errorf("drop a password: %w", err)
	}
	_, err := tx.Session.Delete().Where(session.PersonID(personID)).Exec(ctx)
	return wrap(err, "drop sessions")
}

// useLink marks a link as used, unless it is used or over, and its person's
// address as confirmed.
func useLink(ctx context.Context, tx *store.Tx, token string, purposes ...string) (*ent.OneTimeLink, error) {
	hash := onetimelink.TokenHash(hashOf(token))
	n, err := tx.OneTimeLink.Update().Where(hash, onetimelink.PurposeIn(purposes...), onetimelink.UsedAtIsNil(),
		onetimelink.ExpiresAtGT(tx.Now), onetimelink.HasPersonWith(person.DisabledAtIsNil())).
		SetUsedAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("use a link: %w", err)
	}
	if n == 0 {
		return nil, linkOver()
	}
	link, err := tx.OneTimeLink.Query().Where(hash).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a used link: %w", err)
	}
	err = tx.Person.Update().Where(person.ID(link.PersonID), person.EmailConfirmedAtIsNil()).
		SetEmailConfirmedAt(tx.Now).Exec(ctx)
	return link, wrap(err, "confirm an address")
}

// ResetPassword sets a new password by a link sent for that. All sessions of
// the person end.
func (s *Service) ResetPassword(ctx context.Context, token, password string) (Account, error) {
	info, err := s.LookLink(ctx, token, PurposeReset)
	if err != nil {
		return Account{}, err
	}
	if err := training.Invalid(checkPassword(password, info.Email)); err != nil {
		return Account{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return Account{}, err
	}
	var account Account
	err = s.change(ctx, func(tx *store.Tx) error {
		link, err := useLink(ctx, tx, token, PurposeReset)
		if err != nil {
			return err
		}
		if err := storePassword(ctx, tx, link.PersonID, hash); err != nil {
			return err
		}
		account, err = findAccount(ctx, tx.SQL, accountByID, link.PersonID)
		return err
	})
	return account, err
}
