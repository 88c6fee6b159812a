package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func envOf(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDefaultsAreTheContracts(t *testing.T) {
	s, err := Read(envOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	if s.DatabaseURL != "sqlite:data/varde.db" || s.Addr != "127.0.0.1:8080" || s.BaseURL != "http://127.0.0.1:8080" ||
		s.SecretFile != "data/secret" || s.HoldLife != 10*time.Minute || !s.SQLite() {
		t.Errorf("%+v", s)
	}
	if want := (SigningFiles{Key: "data/signing.key", Chain: "data/signing.pem", Passphrase: "data/signing.pass"}); s.Signing() != want {
		t.Errorf("%+v", s.Signing())
	}
	if s.TSAURL != "" || s.TSAChainFile != "" {
		t.Errorf("time-stamps are asked for unasked: %+v", s)
	}
}

func TestTheFilesOfTheKeyLieBesideTheSecretUnlessNamed(t *testing.T) {
	s, err := Read(envOf(map[string]string{"VARDE_SECRET_FILE": "/var/lib/varde/secret", "VARDE_SIGNING_CHAIN_FILE": "/etc/varde/chain.pem"}))
	if err != nil {
		t.Fatal(err)
	}
	want := SigningFiles{Key: "/var/lib/varde/signing.key", Chain: "/etc/varde/chain.pem", Passphrase: "/var/lib/varde/signing.pass"}
	if s.Signing() != want {
		t.Errorf("%+v, want %+v", s.Signing(), want)
	}
}

func TestHoldMinutesMayBeAFraction(t *testing.T) {
	s, err := Read(envOf(map[string]string{"VARDE_HOLD_MINUTES": "0.05"}))
	if err != nil || s.HoldLife != 3*time.Second {
		t.Errorf("%v, %v", s.HoldLife, err)
	}
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	_, err := Read(envOf(map[string]string{
		"VARDE_HOLD_MINUTES": "NaN", "VARDE_BASE_URL": "varde.example", "VARDE_API_LIMIT": "0",
		"VARDE_TSA_URL": "tsa.example"}))
	for _, name := range []string{"VARDE_HOLD_MINUTES", "VARDE_BASE_URL", "VARDE_API_LIMIT", "VARDE_TSA_URL"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestPeopleWriteToTheSenderUnlessAnotherAddressIsSet(t *testing.T) {
	for _, c := range []struct{ from, contact, want string }{
		{"", "", "varde@127.0.0.1"},
		{"Varde <post@varde.example>", "", "post@varde.example"},
		{"Varde <post@varde.example>", "help@cbss.example", "help@cbss.example"},
	} {
		s, err := Read(envOf(map[string]string{"VARDE_MAIL_FROM": c.from, "VARDE_CONTACT": c.contact}))
		if err != nil || s.Contact != c.want {
			t.Errorf("%+v: people write to %q, %v", c, s.Contact, err)
		}
	}
	if _, err := Read(envOf(map[string]string{"VARDE_CONTACT": "the secretariat"})); err == nil || !strings.Contains(err.Error(), "VARDE_CONTACT") {
		t.Errorf("no address: %v", err)
	}
}

func TestTheSecretIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "secret")
	if _, err := Secret(path, false); err != ErrNoSecret {
		t.Errorf("a missing secret: %v", err)
	}
	prints := make([]string, 8)
	var wg sync.WaitGroup
	for i := range prints {
		wg.Go(func() {
			secret, err := Secret(path, true)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = Fingerprint(secret)
		})
	}
	wg.Wait()
	again, err := Secret(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range prints {
		if p != Fingerprint(again) {
			t.Error("two secrets were made")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Secret(path, true); err == nil {
		t.Error("a damaged secret is taken, or made anew under everyone's feet")
	}
}
