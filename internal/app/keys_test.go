package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/config"
)

func keySettings(t *testing.T, issuer string) config.Settings {
	t.Helper()
	return config.Settings{SecretFile: filepath.Join(t.TempDir(), "secret"), Issuer: issuer}
}

// without gives a chain that lost its last certificate.
func without(t *testing.T, text []byte) []byte {
	t.Helper()
	at := strings.LastIndex(string(text), "-----BEGIN ")
	if at <= 0 {
		t.Fatal("the chain has one certificate alone")
	}
	return text[:at]
}

// A past key without its root would make all its old files unknown: no server
// starts so, and no new key is made upon it.
func TestPastKeyWithoutItsRootIsRefused(t *testing.T) {
	past, err := MakeIssuer(keySettings(t, "Old Board"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := keySettings(t, "New Board")
	files := s.Signing()

	lost, err := seal.ParseChain(without(t, past.Chain().PEM()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MakeIssuer(s, lost); err == nil || !strings.Contains(err.Error(), "CN=Old Board") {
		t.Errorf("a new key upon half a chain: %v", err)
	}
	if _, err := os.Stat(files.Key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}

	if _, err := MakeIssuer(s, past.Chain()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(files.Chain)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files.Chain, without(t, whole), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, start := range map[string]func() (*seal.Issuer, error){
		"PostgreSQL": func() (*seal.Issuer, error) { return loadIssuer(s) },
		"SQLite":     func() (*seal.Issuer, error) { return MakeIssuer(s, nil) },
	} {
		_, err := start()
		if err == nil || !strings.Contains(err.Error(), files.Chain) || !strings.Contains(err.Error(), "CN=Old Board") ||
			!strings.Contains(err.Error(), past.Fingerprint()) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
