package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/varde-platform/varde/ent/session"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// ErrNoSession says that a session or API token is unknown, over, or that of a
// disabled account. It is a fault of kind unauthenticated.
var ErrNoSession error = &training.Fault{Kind: training.KindUnauthenticated}

// newToken is 256 random bits as text for cookies and links.
func newToken() string {
	bits := make([]byte, 32)
	rand.Read(bits) //nolint:errcheck // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(bits)
}

// hashOf is what the database keeps of a token. The tokens are random, so a
// plain hash is enough: there is nothing to guess.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// StartSession signs a browser in and gives the token of its cookie, of which
// only a hash is kept, and when it ends, in UTC.
func (s *Service) StartSession(ctx context.Context, accountID int) (string, time.Time, error) {
	token := newToken()
	var expires time.Time
	err := s.db.InTx(ctx, func(tx *store.Tx) error { // which changes nobody's account
		expires = tx.Now.Add(s.opts.SessionLife)
		err := tx.Session.Create().SetTokenHash(hashOf(token)).SetPersonID(accountID).
			SetCreatedAt(tx.Now).SetExpiresAt(expires).Exec(ctx)
		return wrap(err, "start a session")
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return token, expires, nil
}

const sessionQuery = accountColumns + ` FROM sessions s JOIN people p ON p.id = s.person_id` + agencyOfPerson +
	`WHERE s.token_hash = $1 AND s.expires_at > $2 AND p.disabled_at IS NULL`

// Session gives the account of a session, or ErrNoSession. What another server
// changed in it shows a second later at most. The end is judged by this server's
// clock: asking the database for the time would be a second query of each
// request, for the sake of seconds in weeks.
func (s *Service) Session(ctx context.Context, token string) (Account, error) {
	hash, now := hashOf(token), s.opts.Now()
	if account, ok := s.sessions.get(hash, now); ok {
		return account, nil
	}
	since := s.sessions.since()
	account, err := findAccount(ctx, s.db.SQL, sessionQuery, hash, store.Instant(now))
	if errors.Is(err, errNobody) {
		return Account{}, ErrNoSession
	}
	if err == nil {
		s.sessions.put(hash, account, now, since)
	}
	return account, err
}

// LatelySeen gives the account of a session that was found in the last minutes,
// from memory alone: for a word to its reader on a page that decides nothing. The
// session may have ended since.
func (s *Service) LatelySeen(token string) (Account, bool) {
	return s.sessions.lately(hashOf(token), s.opts.Now())
}

// EndSession signs one browser out; an unknown token is no error.
func (s *Service) EndSession(ctx context.Context, token string) error {
	return s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Session.Delete().Where(session.TokenHash(hashOf(token))).Exec(ctx)
		return wrap(err, "end a session")
	})
}

// EndAllSessions signs the person out everywhere.
func (s *Service) EndAllSessions(ctx context.Context, actor training.Actor) error {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return err
	}
	return s.change(ctx, func(tx *store.Tx) error {
		_, err := tx.Session.Delete().Where(session.PersonID(actor.PersonID)).Exec(ctx)
		return wrap(err, "end sessions")
	})
}
