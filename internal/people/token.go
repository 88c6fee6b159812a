package people

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

// tokenPrefix makes a token that leaked into a log or a repository findable.
const tokenPrefix = "vrd_"

// maxTokenDays bounds the life of an API token.
const maxTokenDays = 3650

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func newAPIToken() string {
	bits := make([]byte, 20)
	rand.Read(bits) //nolint:errcheck // never fails: it ends the program instead
	return tokenPrefix + base32Lower.EncodeToString(bits)
}

// IssueToken makes an API token of the person with that address.
func (s *Service) IssueToken(ctx context.Context, email string, days int) (string, error) {
	tokens, err := s.IssueTokens(ctx, []string{email}, days)
	if err != nil {
		return "", err
	}
	return tokens[0], nil
}

// IssueTokens makes one API token for each address, in the order of the
// addresses; all or, where an address is unknown, none. It is for whoever runs
// the program. Only hashes of the tokens are kept.
func (s *Service) IssueTokens(ctx context.Context, emails []string, days int) ([]string, error) {
	if days < 1 || days > maxTokenDays {
		return nil, training.InvalidField("days", "invalid.between", training.Args{"min": 1, "max": maxTokenDays})
	}
	addresses := make([]string, len(emails))
	for i, email := range emails {
		addresses[i], _ = normaliseEmail(email)
	}
	tokens := make([]string, len(emails))
	err := s.change(ctx, func(tx *store.Tx) error {
		ids, err := idsOf(ctx, tx, addresses)
		if err != nil {
			return err
		}
		rows := make([]*ent.APITokenCreate, len(emails))
		for i, address := range addresses {
			id, known := ids[address]
			if !known {
				return unknownAddress(emails[i])
			}
			tokens[i] = newAPIToken()
			rows[i] = tx.APIToken.Create().SetTokenHash(hashOf(tokens[i])).SetPersonID(id).
				SetCreatedAt(tx.Now).SetExpiresAt(tx.Now.AddDate(0, 0, days))
		}
		for some := range chunks(rows) {
			if err := tx.APIToken.CreateBulk(some...).Exec(ctx); err != nil {
				return fmt.Errorf("store tokens: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return tokens, nil
}

// tokenQueries gives the question for each number of tokens that it is asked of.
var tokenQueries = func() map[int]string {
	queries := map[int]string{}
	for n := 1; n <= together.Most; n = store.Padded(n + 1) {
		queries[n] = `WITH q (n, hash) AS (VALUES ` + store.Rows(n, "TEXT") + `) SELECT q.n, ` + accountFields +
			` FROM q JOIN api_tokens s ON s.token_hash = q.hash JOIN people p ON p.id = s.person_id` + agencyOfPerson +
			fmt.Sprintf("WHERE s.expires_at > $%d AND p.disabled_at IS NULL", n+1)
	}
	return queries
}()

// ByToken gives the account that an API token acts as, or ErrNoSession. What
// another server changed in it shows a second later at most.
func (s *Service) ByToken(ctx context.Context, token string) (Account, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return Account{}, ErrNoSession
	}
	hash, now := hashOf(token), s.opts.Now()
	if account, ok := s.tokens.get(hash, now); ok {
		return account, nil
	}
	since := s.tokens.since()
	account, err := s.byTokenHash.Ask(ctx, hash)
	if err == nil && account.ID == 0 {
		err = ErrNoSession
	}
	if err == nil {
		s.tokens.put(hash, account, now, since)
	}
	return account, err
}

// findByTokens gives the accounts in the order of the tokens' hashes, zero where
// there is none. The end is judged by this server's clock, as that of sessions.
func (s *Service) findByTokens(ctx context.Context, hashes []string) ([]Account, error) {
	size := store.Padded(len(hashes))
	args := make([]any, size, size+1) // those left nil find nothing
	for i, hash := range hashes {
		args[i] = hash
	}
	rows, err := s.db.SQL.QueryContext(ctx, tokenQueries[size], append(args, store.Instant(s.opts.Now()))...)
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	defer rows.Close()
	accounts := make([]Account, len(hashes))
	for rows.Next() {
		var n int
		var a Account
		if err := rows.Scan(append([]any{&n}, a.fields()...)...); err != nil {
			return nil, fmt.Errorf("read accounts: %w", err)
		}
		a.ProfileComplete = a.Name != ""
		accounts[n] = a
	}
	return accounts, wrap(rows.Err(), "read accounts")
}
