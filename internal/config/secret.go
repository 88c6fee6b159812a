package config

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secretBytes is 256 bits; the file holds them as hexadecimal text.
const secretBytes = 32

// ErrNoSecret says that the secret's file is missing.
var ErrNoSecret = errors.New("the secret is missing: make it once with varde keys, and give every server the same")

// Secret reads the key for cookies, tokens and holds. With create, where the file is
// missing it is made, readable by its owner alone.
func Secret(path string, create bool) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, ErrNoSecret
		}
		return newSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) < secretBytes {
		return nil, fmt.Errorf("the secret in %s is not %d hexadecimal digits", path, 2*secretBytes)
	}
	return secret, nil
}

func newSecret(path string) ([]byte, error) {
	secret := make([]byte, secretBytes)
	rand.Read(secret) //nolint:errcheck // never fails: crypto/rand ends the program instead
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the secret: %w", err)
	}
	// Two processes that start at once must not end up with two secrets, nor read
	// half of one: the whole file gets its name in one step, once.
	draft, err := os.CreateTemp(filepath.Dir(path), "secret-")
	if err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(hex.EncodeToString(secret) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	err = os.Link(draft.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return Secret(path, false)
	}
	if err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	return secret, nil
}

// Fingerprint names a secret without telling it.
func Fingerprint(secret []byte) string {
	sum := sha256.Sum256(append([]byte("varde fingerprint "), secret...))
	return hex.EncodeToString(sum[:8])
}
