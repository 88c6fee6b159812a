package certificate_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// publishedKeys are the keys as a checker reads them from the published set.
func publishedKeys(t *testing.T, s *certificate.Service) badge.Keys {
	t.Helper()
	text, err := s.Keys()
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	var keys badge.Keys
	for _, k := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(k.N)
		e, errE := base64.RawURLEncoding.DecodeString(k.E)
		if errN != nil || errE != nil {
			t.Fatalf("key %s cannot be read", k.Kid)
		}
		public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		keys = append(keys, badge.Key{ID: k.Kid, Public: public})
	}
	return keys
}

func TestTheBadgeStatesTheCertificateAndTravelsInEachOfItsFiles(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		alone, err := c.service.Badge(s.Context(), holder, strings.ToLower(number))
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range []string{"lt", "en", "ru"} {
			inside, err := seal.ReadAttachment(c.pdf(t, holder, number, lang).Bytes, "open-badge.jwt")
			if err != nil || !bytes.Equal(inside, alone.Bytes) {
				t.Errorf("the badge in the file in %s is another (%v)", lang, err)
			}
		}
		claims, err := badge.Verify(string(alone.Bytes), publishedKeys(t, c.service), s.Now(t).Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if claims.Address != "https://varde.example/verify/"+number || claims.Title != "Course course-1-ship-1" || claims.Code != "COURSE-1-SHIP-1" ||
			claims.Issuer.ID != "https://varde.example/badges/issuer" || claims.Issuer.Name != "Baltic Training Board" || claims.ValidUntil != nil {
			t.Errorf("the badge states %+v", claims)
		}
		if len(claims.Identities) == 0 || !claims.Identities[0].Is("zydrune@example.org") {
			t.Errorf("the badge is not recognised as the holder's: %+v", claims.Identities)
		}
		if strings.Contains(string(alone.Bytes), base64.RawURLEncoding.EncodeToString([]byte("zydrune"))) || !strings.HasSuffix(alone.Name, number+".badge.jwt") {
			t.Errorf("the badge %s tells more than it must", alone.Name)
		}

		_, err = c.service.Badge(s.Context(), s.Person(t, testkit.P{Email: "other@example.org"}), number)
		wantKind(t, "another person", err, training.KindNotFound)
		_, err = c.service.Badge(s.Context(), training.Actor{}, number)
		wantKind(t, "a visitor", err, training.KindUnauthenticated)
	})
}

func TestRevokedAndReplacedBadgesAreSetInTheirList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		for _, name := range []string{"valid", "revoked", "replaced"} {
			c.came(t, testkit.P{Email: name + "@example.org"}, training.Completed, 4)
		}
		c.close(t)
		c.issue(t)
		numbers := map[string]string{}
		for _, name := range []string{"valid", "revoked", "replaced"} {
			numbers[name] = c.standing(t, name)
		}
		keys, claims := publishedKeys(t, c.service), map[string]badge.Claims{}
		for name, number := range numbers {
			token, err := c.service.Badge(s.Context(), c.admin, number)
			if err != nil {
				t.Fatal(err)
			}
			if claims[name], err = badge.Verify(string(token.Bytes), keys, s.Now(t).Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		wantRevoked(t, c, claims, map[string]bool{})

		if err := c.service.Revoke(s.Context(), c.admin, numbers["revoked"], "issued_in_error", ""); err != nil {
			t.Fatal(err)
		}
		c.again(t, "replaced", training.Completed, 5)
		c.issue(t)
		wantRevoked(t, c, claims, map[string]bool{}) // the list is as old as a minute
		s.DB.Shift(time.Minute + time.Second)
		wantRevoked(t, c, claims, map[string]bool{"revoked": true, "replaced": true})

		for _, n := range []int{-1, 1, badge.MaxEntries + 1} {
			_, err := c.service.StatusList(s.Context(), n)
			wantKind(t, "a list that is not there", err, training.KindNotFound)
		}
	})
}

func wantRevoked(t *testing.T, c course, claims map[string]badge.Claims, want map[string]bool) {
	t.Helper()
	token, err := c.service.StatusList(c.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	list, err := badge.VerifyList(string(token), publishedKeys(t, c.service), c.Now(t).Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for name, claim := range claims {
		if got, err := claim.Revoked(list); err != nil || got != want[name] {
			t.Errorf("the badge that is %s: revoked %v (%v)", name, got, err)
		}
	}
}

func TestPastKeysArePublishedAndRevokedOnesAreNot(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	next := issuerOf(t, nextIssuer)
	both := publishedKeys(t, c.with(t, certificate.Seal{Issuer: next}))
	if len(both) != 2 {
		t.Errorf("%d keys are published, want the present and the past one", len(both))
	}
	chain, err := c.with(t, certificate.Seal{Issuer: next}).Chain()
	if err != nil || !bytes.Equal(chain, next.Chain().PEM()) || bytes.Contains(chain, []byte("PRIVATE")) {
		t.Errorf("the chain is not what was configured (%v)", err)
	}
	marked := issuerWith(t, func(chain *seal.Chain) *seal.Chain {
		return marked(t, chain, testkit.Issuer(t).Fingerprint(), s.Now(t))
	})
	if keys := publishedKeys(t, c.with(t, certificate.Seal{Issuer: marked})); len(keys) != 1 {
		t.Errorf("%d keys are published, want the present one alone", len(keys))
	}
}
