package certificate_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// files are what a holder is given of a certificate.
func files(t *testing.T, s *certificate.Service, holder training.Actor, number string, langs ...string) map[string][]byte {
	t.Helper()
	given := map[string][]byte{}
	badge, err := s.Badge(t.Context(), holder, number)
	if err != nil {
		t.Fatal(err)
	}
	given["badge"] = badge.Bytes
	for _, lang := range langs {
		pdf, err := s.PDF(t.Context(), holder, number, lang)
		if err != nil {
			t.Fatal(err)
		}
		given[lang] = pdf.Bytes
	}
	return given
}

// A stolen key: what hangs on it is made anew once the operator says so, and nothing else.
func TestOnlyWhatHangsOnARevokedKeyIsForgotten(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holders, numbers := map[string]training.Actor{}, map[string]string{}
		for _, name := range []string{"before", "after"} {
			holders[name] = c.came(t, testkit.P{Email: name + "@example.org"}, training.Completed, 5)
		}
		c.close(t)
		c.issue(t)
		for name := range holders {
			numbers[name] = c.standing(t, name)
		}
		stolen := testkit.Issuer(t)
		changed := c.with(t, certificate.Seal{Issuer: issuerWith(t, func(chain *seal.Chain) *seal.Chain {
			return marked(t, chain, stolen.Fingerprint(), s.Now(t))
		})})
		// One got its badge and a file by the stolen key, and a file with that badge by
		// the new one; the other all by the new one.
		old := files(t, c.service, holders["before"], numbers["before"], "lt")
		for name, file := range files(t, changed, holders["before"], numbers["before"], "de") {
			old[name] = file
		}
		untouched := files(t, changed, holders["after"], numbers["after"], "lt", "de")

		want := certificate.Forgotten{PDFs: 2, Badges: 1, Certificates: 1}
		for _, really := range []bool{false, false, true} {
			got, err := changed.Forget(s.Context(), stolen.Fingerprint(), really)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Fatalf("really %v: %v\n%s", really, err, diff)
			}
		}
		if got, err := changed.Forget(s.Context(), stolen.Fingerprint(), true); err != nil || got != (certificate.Forgotten{}) {
			t.Errorf("a second time: %+v, %v", got, err)
		}
		for name, file := range files(t, changed, holders["before"], numbers["before"], "lt", "de") {
			if bytes.Equal(file, old[name]) {
				t.Errorf("%s is still the one that hangs on the stolen key", name)
			}
			if j := judge(t, changed, file); name != "badge" && !j.Genuine {
				t.Errorf("%s, made anew: %+v", name, j)
			}
		}
		if diff := cmp.Diff(untouched, files(t, changed, holders["after"], numbers["after"], "lt", "de")); diff != "" {
			t.Error("what the new key sealed was forgotten")
		}
	})
}

// What people have in their hands stays what it is, whatever an operator mistypes.
func TestWhatAKeySealedThatStandsIsNotForgotten(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	given := files(t, c.service, holder, number, "lt")
	changed := c.with(t, certificate.Seal{Issuer: issuerOf(t, nextIssuer)})
	for _, tt := range []struct {
		fingerprint string
		want        error
	}{
		{issuerOf(t, nextIssuer).Fingerprint(), certificate.ErrKeyStands},
		{testkit.Issuer(t).Fingerprint(), certificate.ErrKeyStands}, // past, but not revoked
		{testkit.Issuer(t).Fingerprint()[:20], certificate.ErrUnknownKey},
		{"", certificate.ErrUnknownKey},
	} {
		if _, err := changed.Forget(s.Context(), tt.fingerprint, true); !errors.Is(err, tt.want) {
			t.Errorf("key %.8s: %v, want %v", tt.fingerprint, err, tt.want)
		}
	}
	if diff := cmp.Diff(given, files(t, changed, holder, number, "lt")); diff != "" {
		t.Error("files were forgotten")
	}
}

// sealing lets something happen, once, while a file is being sealed.
type sealing struct {
	speaker
	meanwhile func()
}

func (s sealing) T(key string, args ...any) string {
	if key == "certificate.seal_reason" {
		s.meanwhile()
	}
	return s.speaker.T(key, args...)
}

// sealingWith is the service whose operator marked the first key as stolen, and what
// happens while it seals its first file.
func (c course) sealingWith(t *testing.T, meanwhile func(*certificate.Service)) *certificate.Service {
	t.Helper()
	var service *certificate.Service
	once := sync.OnceFunc(func() { meanwhile(service) })
	service = certificate.New(c.DB, certificate.Options{
		BaseURL: "https://varde.example", Issuer: "Baltic Training Board",
		Words: func(lang string) certificate.Words { return sealing{speaker{t, lang}, once} },
		Seal: certificate.Seal{Issuer: issuerWith(t, func(chain *seal.Chain) *seal.Chain {
			return marked(t, chain, testkit.Issuer(t).Fingerprint(), c.Now(t))
		})},
	})
	return service
}

// wantBadgeOf fails unless a file carries the badge that is kept.
func (c course) wantBadgeOf(t *testing.T, s *certificate.Service, holder training.Actor, number string, pdf []byte) {
	t.Helper()
	inside, err := seal.ReadAttachment(pdf, "open-badge.jwt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(inside, files(t, s, holder, number)["badge"]) {
		t.Error("the file carries a badge that was forgotten")
	}
	if !bytes.Equal(pdf, files(t, s, holder, number, "de")["de"]) {
		t.Error("another file is kept than was given out")
	}
}

// The badge of a stolen key is read, drawn into a page, and forgotten before that is
// kept: nothing would ever find that file again.
func TestAFileThatIsMadeWhileItsBadgeIsForgottenIsMadeAnew(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		files(t, c.service, holder, number) // by the key that is stolen
		service := c.sealingWith(t, func(service *certificate.Service) {
			got, err := service.Forget(s.Context(), testkit.Issuer(t).Fingerprint(), true)
			if want := (certificate.Forgotten{Badges: 1, Certificates: 1}); err != nil || got != want {
				t.Errorf("forgotten meanwhile: %+v, %v", got, err)
			}
		})
		pdf, err := service.PDF(s.Context(), holder, number, "de")
		if err != nil {
			t.Fatal(err)
		}
		c.wantBadgeOf(t, service, holder, number, pdf.Bytes)
	})
}

// The same, where the badge goes in a transaction that has not ended yet.
func TestAFileWaitsForWhoIsForgettingItsBadge(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		files(t, c.service, holder, number)
		var done sync.WaitGroup
		service := c.sealingWith(t, func(*certificate.Service) {
			gone := make(chan struct{})
			signal := sync.OnceFunc(func() { close(gone) })
			done.Go(func() {
				defer signal()
				if err := s.DB.InTx(s.Context(), func(tx *store.Tx) error {
					_, err := tx.CertificateFile.Delete().Exec(s.Context())
					signal()
					time.Sleep(300 * time.Millisecond)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
			<-gone
		})
		pdf, err := service.PDF(s.Context(), holder, number, "de")
		if done.Wait(); err != nil {
			t.Fatal(err)
		}
		c.wantBadgeOf(t, service, holder, number, pdf.Bytes)
	})
}

// And the other way about: a file is being kept when its badge is to be forgotten.
func TestForgettingWaitsForWhoIsKeepingAFile(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		files(t, c.service, holder, number)
		service := c.sealingWith(t, func(*certificate.Service) {})
		row := s.DB.Ent.CertificateFile.Query().OnlyX(s.Context())
		keeping := make(chan struct{})
		signal := sync.OnceFunc(func() { close(keeping) })
		var done sync.WaitGroup
		done.Go(func() {
			defer signal()
			if err := s.DB.InTx(s.Context(), func(tx *store.Tx) error {
				query := tx.CertificateFile.Query().Where(certificatefile.ID(row.ID))
				if s.DB.Dialect == dialect.Postgres {
					query.ForShare()
				}
				if _, err := query.Only(s.Context()); err != nil {
					return err
				}
				signal()
				time.Sleep(300 * time.Millisecond)
				return tx.CertificateFile.Create().SetCertificateID(row.CertificateID).SetKind("pdf").SetLanguage("de").SetBytes(row.Bytes).
					SetSha256(row.Sha256).SetSealedBy("another key").SetMadeAt(tx.Now).Exec(s.Context())
			}); err != nil {
				t.Error(err)
			}
		})
		<-keeping
		_, err := service.Forget(s.Context(), testkit.Issuer(t).Fingerprint(), true)
		if done.Wait(); err != nil {
			t.Fatal(err)
		}
		if n := s.DB.Ent.CertificateFile.Query().CountX(s.Context()); n != 0 {
			t.Errorf("%d files are still kept, one with a badge of the stolen key", n)
		}
	})
}
