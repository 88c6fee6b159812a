package testkit

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/certificate/seal"
)

// keyFiles are those of an issuer's key, as they lie beside the secret. There is no
// passphrase: to try one takes as long as it should, and tests open many servers.
var keyFiles = []string{"signing.key", "signing.pem"}

// oneKey is made once in a process: making a key takes longer than most tests.
var oneKey = sync.OnceValues(func() (map[string][]byte, error) {
	folder, err := os.MkdirTemp("", "varde-test-key")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := func(i int) string { return filepath.Join(folder, keyFiles[i]) }
	err = seal.Make(seal.New{KeyFile: path(0), ChainFile: path(1), Name: "Varde",
		At: time.Now().AddDate(-1, 0, 0)})
	made := map[string][]byte{}
	for i, name := range keyFiles {
		text, readErr := os.ReadFile(path(i))
		made[name], err = text, errors.Join(err, readErr)
	}
	return made, err
})

// SigningKey puts an issuer's key, its chain and what opens it into a folder,
// where an installation with its secret in that folder looks for them. Every test
// of a process has the same key.
func SigningKey(t testing.TB, folder string) {
	t.Helper()
	made, err := oneKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range made {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Issuer is that key, for services that are made without an installation.
func Issuer(t testing.TB) *seal.Issuer {
	t.Helper()
	issuer, err := oneIssuer()
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

var oneIssuer = sync.OnceValues(func() (*seal.Issuer, error) {
	made, err := oneKey()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "varde-test-key")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	for name, text := range made {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	path := func(i int) string { return filepath.Join(folder, keyFiles[i]) }
	return seal.Load(path(0), path(1), "")
})
