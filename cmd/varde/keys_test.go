package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit/services"
)

func fingerprintOf(t *testing.T, printed string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^signing ([0-9a-f]{64}) `).FindStringSubmatch(printed)
	if found == nil {
		t.Fatalf("no fingerprint of the key in %q", printed)
	}
	return found[1]
}

func TestKeysMakesWhatIsMissingAndNothingTwice(t *testing.T) {
	folder := bare(t)
	first := done(t, "", "keys")
	for name, mode := range map[string]os.FileMode{"secret": 0o600, "signing.key": 0o600, "signing.pass": 0o600, "signing.pem": 0o644} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if again := done(t, "", "keys"); again != first || !strings.Contains(first, filepath.Join(folder, "signing.pem")) {
		t.Errorf("first %q, then %q", first, again)
	}
	// A chain alone is no reason for a new key: it may be lost for the moment only.
	must(t, os.Remove(filepath.Join(folder, "signing.key")))
	refused(t, exitNo, "", []string{"keys"}, filepath.Join(folder, "signing.key"), filepath.Join(folder, "signing.pem"))
}

func TestTheFirstStartWithSQLiteMakesAKeyAndALaterOneDoesNot(t *testing.T) {
	folder := bare(t)
	s := start(t)
	if status, body := s.get(t, "/.well-known/varde-issuer.pem"); status != 200 || !strings.HasPrefix(body, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("the chain: %d %q", status, body)
	}
	s.stop(t)
	// Where certificates may be out already, a key that is gone is not made anew.
	for _, name := range []string{"signing.key", "signing.pem", "signing.pass"} {
		must(t, os.Remove(filepath.Join(folder, name)))
	}
	refused(t, exitNo, "", []string{"serve"}, filepath.Join(folder, "signing.key"), "varde keys")
	if _, err := os.Stat(filepath.Join(folder, "signing.key")); err == nil {
		t.Error("a key was made that knows nothing of the last one")
	}
}

func TestAKeyIsChangedWithoutLosingTheLastOne(t *testing.T) {
	folder := bare(t)
	postgres, err := services.SharedPostgres()
	must(t, err)
	url, drop, err := postgres.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	t.Setenv("VARDE_DATABASE_URL", url)
	refused(t, exitNo, "", []string{"serve"}, "varde keys")
	old := fingerprintOf(t, done(t, "", "keys"))
	first := start(t)
	past := filepath.Join(folder, "past.pem")
	aside := func() {
		t.Helper()
		must(t, os.Rename(filepath.Join(folder, "signing.pem"), past))
		must(t, os.Rename(filepath.Join(folder, "signing.key"), filepath.Join(folder, "past.key")))
	}
	refused(t, exitNo, "", []string{"keys", "--past", filepath.Join(folder, "signing.pem")}, "already")

	// Without its files a server says which are missing, and with a key that knows
	// nothing of the last one it does not start.
	aside()
	refused(t, exitNo, "", []string{"serve"}, filepath.Join(folder, "signing.key"), filepath.Join(folder, "signing.pem"), "varde keys")
	stranger := fingerprintOf(t, done(t, "", "keys"))
	refused(t, exitNo, "", []string{"serve", "--addr", freeAddress(t)}, filepath.Join(folder, "signing.pem"), old)
	for _, name := range []string{"signing.key", "signing.pem"} {
		must(t, os.Remove(filepath.Join(folder, name)))
	}
	changed := fingerprintOf(t, done(t, "", "keys", "--past", past))
	if changed == old || changed == stranger {
		t.Fatalf("the new key is %s, the old %s", changed, old)
	}
	second := start(t)
	_, chain := second.get(t, "/.well-known/varde-issuer.pem")
	_, before := first.get(t, "/.well-known/varde-issuer.pem")
	if !strings.HasSuffix(chain, before) || strings.Count(chain, "BEGIN CERTIFICATE") != 4 {
		t.Errorf("the chain is not the new one before the old:\n%s", chain)
	}
	if _, keys := second.get(t, "/.well-known/jwks.json"); strings.Count(keys, `"kid"`) != 4 {
		t.Errorf("keys: %s", keys)
	}
	// From then on a server with the old key alone would not know its own site's files.
	for name, from := range map[string]string{"signing.pem": "past.pem", "signing.key": "past.key"} {
		must(t, os.Rename(filepath.Join(folder, from), filepath.Join(folder, name)))
	}
	refused(t, exitNo, "", []string{"serve", "--addr", freeAddress(t)}, filepath.Join(folder, "signing.pem"), changed)
}

func TestFilesOfTheKeyThatCannotBeReadAreTold(t *testing.T) {
	folder := bare(t)
	done(t, "", "keys")
	write(t, filepath.Join(folder, "signing.pass"), "another passphrase\n")
	refused(t, exitNo, "", []string{"serve"}, filepath.Join(folder, "signing.key"), filepath.Join(folder, "signing.pass"))
	write(t, filepath.Join(folder, "signing.pem"), "no chain")
	refused(t, exitNo, "", []string{"serve"}, filepath.Join(folder, "signing"))
	refused(t, exitNo, "", []string{"keys", "--past", filepath.Join(folder, "missing.pem")}, "missing.pem")
	install(t)
	t.Setenv("VARDE_TSA_CHAIN_FILE", filepath.Join(folder, "signing.pem"))
	refused(t, exitNo, "", []string{"serve"}, "time-stamps", filepath.Join(folder, "signing.pem"))
	refused(t, exitUsage, "", []string{"keys", "--past"}, "past")
	t.Setenv("VARDE_TSA_URL", "tsa.example")
	refused(t, exitUsage, "", []string{"serve"}, "VARDE_TSA_URL")
}
