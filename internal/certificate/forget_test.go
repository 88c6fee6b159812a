package certificate_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/seal"
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
