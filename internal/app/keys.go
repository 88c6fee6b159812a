package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/setting"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/config"
)

// signersSetting is the row that holds the fingerprints of the issuer's
// certificates, past ones too, the latest last.
const signersSetting = "signing_fingerprints"

// slack is how much earlier than its making a key is valid: the database's clock,
// which says when a file is sealed, may be behind this machine's.
const slack = 24 * time.Hour

// MakeIssuer makes the issuer's key and chain where they are missing, and gives
// them. past is the chain of the keys until now, nil for a first one.
func MakeIssuer(s config.Settings, past *seal.Chain) (*seal.Issuer, error) {
	files := s.Signing()
	// The chain is looked for first: who makes both makes the key first.
	chain, key := there(files.Chain), there(files.Key)
	switch {
	case key && past != nil:
		return nil, fmt.Errorf("there is a key in %s already: move it and its chain away for a new one", files.Key)
	case chain && !key:
		return nil, fmt.Errorf("there is a chain in %s, but no key in %s: bring the key, or move the chain away for a new one", files.Chain, files.Key)
	case !chain || !key:
		n := seal.New{KeyFile: files.Key, ChainFile: files.Chain, Name: s.Issuer, At: time.Now().Add(-slack), Past: past}
		if !key {
			n.PassphraseFile = files.Passphrase
		}
		if n.Name == "" {
			n.Name = "Varde"
		}
		if past != nil { // before a key is made that could not be used
			if err := past.Complete(); err != nil {
				return nil, fmt.Errorf("the chain of the keys until now: %w", err)
			}
		}
		if err := seal.Make(n); err != nil {
			return nil, err
		}
	}
	return seal.Load(files.Key, files.Chain, files.Passphrase)
}

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// loadIssuer reads a key that was given, or made by varde keys.
func loadIssuer(s config.Settings) (*seal.Issuer, error) {
	files := s.Signing()
	var missing []string
	for _, path := range []string{files.Key, files.Chain} {
		if !there(path) {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the issuer's key is missing (no %s): make it once with varde keys, or name yours with "+
			"VARDE_SIGNING_KEY_FILE and VARDE_SIGNING_CHAIN_FILE, and give every server the same", strings.Join(missing, ", no "))
	}
	return seal.Load(files.Key, files.Chain, files.Passphrase)
}

// checkIssuer reads the issuer's key, which the first start with SQLite makes, and
// holds its chain against the keys that this database knows. Whatever they sealed must stay genuine on every server, so
// a chain without one of them is refused; a new key beside them is noted.
func (a *App) checkIssuer(ctx context.Context) error {
	known, err := a.knownSigners(ctx)
	if err != nil {
		return err
	}
	switch {
	case a.issuer != nil:
	case known == nil:
		a.issuer, err = MakeIssuer(a.Settings, nil)
	default:
		a.issuer, err = loadIssuer(a.Settings)
	}
	if err != nil {
		return err
	}
	chain := map[string]bool{}
	for _, c := range a.issuer.Chain().Certificates() {
		chain[seal.Fingerprint(c)] = true
	}
	for {
		for _, print := range known {
			if !chain[print] {
				return fmt.Errorf("the issuer's chain in %s lacks the certificate %s, with which this database's certificates were sealed",
					a.Settings.Signing().Chain, print)
			}
		}
		if slices.Contains(known, a.issuer.Fingerprint()) {
			a.warnOfExpiry()
			return nil
		}
		if err := a.noteSigner(ctx, known); err != nil {
			return err
		}
		if known, err = a.knownSigners(ctx); err != nil {
			return err
		}
	}
}

// knownSigners are the fingerprints that the database knows; nil: none yet.
func (a *App) knownSigners(ctx context.Context) ([]string, error) {
	row, err := a.DB.Ent.Setting.Query().Where(setting.Name(signersSetting)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the fingerprints of the issuer's keys: %w", err)
	}
	return strings.Fields(row.Value), nil
}

// noteSigner adds the issuer's fingerprint to those that were read; where another
// server has changed them meanwhile, it does nothing.
func (a *App) noteSigner(ctx context.Context, known []string) error {
	value := strings.Join(append(slices.Clone(known), a.issuer.Fingerprint()), " ")
	var err error
	if known == nil {
		err = a.DB.Ent.Setting.Create().SetName(signersSetting).SetValue(value).
			OnConflictColumns(setting.FieldName).Ignore().Exec(ctx)
	} else {
		_, err = a.DB.Ent.Setting.Update().Where(setting.Name(signersSetting), setting.Value(strings.Join(known, " "))).
			SetValue(value).Save(ctx)
	}
	if err != nil {
		return fmt.Errorf("write the fingerprint of the issuer's key: %w", err)
	}
	return nil
}

// notice is how long before the end of its key an installation says so at start.
const notice = 90 * 24 * time.Hour

func (a *App) warnOfExpiry() {
	if end := a.issuer.Certificate().NotAfter; time.Now().Add(notice).After(end) {
		a.log.Warn("the issuer's key can soon seal no more certificates: change it (docs/operations.md)", "until", end)
	}
}

// sealing is what certificates are sealed and judged with.
func (a *App) sealing() (certificate.Seal, error) {
	s := certificate.Seal{Issuer: a.issuer}
	if path := a.Settings.TSAChainFile; path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return s, fmt.Errorf("read the roots of the time-stamps: %w", err)
		}
		chain, err := seal.ParseChain(text)
		if err != nil {
			return s, fmt.Errorf("the roots of the time-stamps in %s: %w", path, err)
		}
		s.TimestampRoots = chain.Certificates()
	}
	if a.Settings.TSAURL != "" {
		s.Timestamp = seal.HTTPTimestamper{URL: a.Settings.TSAURL, Roots: s.TimestampRoots}
	}
	return s, nil
}
