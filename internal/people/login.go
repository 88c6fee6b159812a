package people

import (
	"context"
	"errors"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/ent/session"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// LogIn finds the account of an address and its password. An unknown address, a
// disabled account, one without a password and a wrong password all get the
// same answer after the same work.
func (s *Service) LogIn(ctx context.Context, email, password string) (Account, error) {
	wrong := training.NewFault(training.KindUnauthenticated, "fault.wrong_login", nil)
	address, _ := normaliseEmail(email)
	phc, err := s.passwordOf(ctx, person.Email(address))
	if err != nil && !errors.Is(err, errNobody) {
		return Account{}, err
	}
	fits, err := passwordFits(ctx, phc, password)
	if err != nil {
		return Account{}, err
	}
	if !fits {
		return Account{}, wrong
	}
	account, err := findAccount(ctx, s.db.SQL, accountByEmail, address)
	if errors.Is(err, errNobody) {
		return Account{}, wrong
	}
	return account, err
}

// passwordOf gives the stored hash of a living account; empty: it has none.
func (s *Service) passwordOf(ctx context.Context, who predicate.Person) (string, error) {
	row, err := s.db.Ent.Person.Query().Where(who, person.DisabledAtIsNil()).
		Select(person.FieldID, person.FieldPasswordHash).Only(ctx)
	if ent.IsNotFound(err) {
		return "", errNobody
	}
	if err != nil {
		return "", fmt.Errorf("read a password: %w", err)
	}
	return row.PasswordHash, nil
}

// ChangePassword replaces the password of the person who asks; where there was
// none, old is not looked at. All sessions of the person end, the one that asks
// too: start a new one.
func (s *Service) ChangePassword(ctx context.Context, actor training.Actor, old, password string) error {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	account, err := findAccount(ctx, s.db.SQL, accountByID, actor.PersonID)
	if errors.Is(err, errNobody) {
		return training.NotFound()
	}
	if err != nil {
		return err
	}
	if err := training.Invalid(checkPassword(password, account.Email)); err != nil {
		return err
	}
	before, err := s.passwordOf(ctx, person.ID(actor.PersonID))
	if err != nil {
		return err
	}
	fits, err := passwordFits(ctx, before, old)
	if err != nil {
		return err
	}
	if before != "" && !fits {
		return training.InvalidField("old", "invalid.password_wrong", nil)
	}
	unchanged := person.PasswordHash(before)
	if before == "" {
		unchanged = person.Or(person.PasswordHashIsNil(), person.PasswordHash(""))
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error {
		return storePassword(ctx, tx, account.ID, hash, unchanged)
	})
}

// SetPassword replaces the password of an account; it is for whoever runs the
// program, and ends all sessions of the person.
func (s *Service) SetPassword(ctx context.Context, email, password string) error {
	address, _ := normaliseEmail(email)
	account, err := findAccount(ctx, s.db.SQL, accountByEmail, address)
	if errors.Is(err, errNobody) {
		return unknownAddress(email)
	}
	if err != nil {
		return err
	}
	if err := training.Invalid(checkPassword(password, address)); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error { return storePassword(ctx, tx, account.ID, hash) })
}

// storePassword sets a password and ends all sessions: whoever signed in with
// the old one is out.
func storePassword(ctx context.Context, tx *store.Tx, personID int, hash string, when ...predicate.Person) error {
	n, err := tx.Person.Update().Where(append(when, person.ID(personID))...).SetPasswordHash(hash).Save(ctx)
	if err != nil {
		return fmt.Errorf("store a password: %w", err)
	}
	if n == 0 {
		return training.NewFault(training.KindConflict, "fault.conflict", nil)
	}
	_, err = tx.Session.Delete().Where(session.PersonID(personID)).Exec(ctx)
	return wrap(err, "end sessions")
}
