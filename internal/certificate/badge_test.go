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

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/badge"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// publishedKeys are the keys as a checker reads them from the published set.
func publishedKeys(t *testing.T, s *certificate.Service) badge.Keys {
	t.Helper()
	var keys badge.Keys
	for _, k := range keySet(t, s) {
		number := func(member string) *big.Int {
			text, _ := k[member].(string)
			bytes, err := base64.RawURLEncoding.DecodeString(text)
			if err != nil || text == "" {
				t.Fatalf("key %v cannot be read", k)
			}
			return new(big.Int).SetBytes(bytes)
		}
		id, _ := k["kid"].(string)
		keys = append(keys, badge.Key{ID: id, Public: &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}})
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

// later says other sentences, as a newer version of the program may.
type later struct{ speaker }

func (l later) T(key string, args ...any) string { return "Later: " + l.speaker.T(key, args...) }

// A badge is made when it is first asked for. Nothing that has changed by then may
// show in it: two who ask at different times must not be told different things.
func TestARowMakesTheSameBadgeWheneverItIsMade(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		ctx := s.Context()
		first, err := c.service.Badge(ctx, holder, number)
		if err != nil {
			t.Fatal(err)
		}
		s.DB.Ent.Person.UpdateOneID(holder.PersonID).SetEmail("married@example.org").SetName("Žydrūnė Kitokia").SetLocale("pl").ExecX(ctx)
		s.DB.Ent.Course.Update().SetSlug("renamed").SetCode("NEW-1").ExecX(ctx)
		s.DB.Ent.CourseText.Update().SetText("Renamed").ExecX(ctx)
		s.DB.Shift(time.Hour)
		again := func(baseURL string) []byte {
			t.Helper()
			s.DB.Ent.CertificateFile.Delete().ExecX(ctx) // as if nobody had asked yet
			service := certificate.New(s.DB, certificate.Options{
				BaseURL: baseURL, Issuer: "Renamed Board", Seal: certificate.Seal{Issuer: testkit.Issuer(t)},
				Words: func(lang string) certificate.Words { return later{speaker{t, lang}} },
			})
			made, err := service.Badge(ctx, holder, number)
			if err != nil {
				t.Fatal(err)
			}
			return made.Bytes
		}
		if made := again("https://varde.example"); !bytes.Equal(first.Bytes, made) {
			t.Errorf("made later, the badge states\n%s\nand not\n%s", stated(t, made), stated(t, first.Bytes))
		}
		// Its key too is named below the address that the badge has its issuer at.
		if made := again("https://moved.example"); !bytes.Equal(first.Bytes, made) {
			t.Errorf("made by a site that has moved, the badge has the head %s and states\n%s", tokenPart(t, made, 0), stated(t, made))
		}
	})
}

// stated is the payload of a token.
func stated(t *testing.T, token []byte) string {
	t.Helper()
	return tokenPart(t, token, 1)
}

func tokenPart(t *testing.T, token []byte, index int) string {
	t.Helper()
	part, err := base64.RawURLEncoding.DecodeString(strings.Split(string(token), ".")[index])
	if err != nil {
		t.Fatal(err)
	}
	return string(part)
}

// A checker need not know of the set of keys: the badge itself leads to its key.
func TestTheKidOfABadgeLeadsToItsKeyAsLongAsThatIsTrusted(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	made, err := c.service.Badge(s.Context(), holder, number)
	if err != nil {
		t.Fatal(err)
	}
	var head struct{ Kid string }
	if err := json.Unmarshal([]byte(tokenPart(t, made.Bytes, 0)), &head); err != nil {
		t.Fatal(err)
	}
	thumbprint, ours := strings.CutPrefix(head.Kid, "https://varde.example"+certificate.KeysPath)
	if !ours {
		t.Fatalf("the key is named %q", head.Kid)
	}
	moved := certificate.New(s.DB, certificate.Options{
		BaseURL: "https://moved.example", Words: words(t), Seal: certificate.Seal{Issuer: testkit.Issuer(t)},
	})
	if _, err := moved.Key(thumbprint); err != nil {
		t.Errorf("a redirect from the address of before leads to no key: %v", err)
	}
	next := c.with(t, certificate.Seal{Issuer: issuerOf(t, nextIssuer)})
	for when, service := range map[string]*certificate.Service{"the present one": c.service, "a past one": next} {
		text, err := service.Key(thumbprint)
		if err != nil {
			t.Fatalf("as %s: %v", when, err)
		}
		var alone, published map[string]any
		if err := json.Unmarshal(text, &alone); err != nil {
			t.Fatal(err)
		}
		for _, k := range keySet(t, service) {
			if k["kid"] == head.Kid {
				published = k
			}
		}
		if diff := cmp.Diff(published, alone); diff != "" || alone["kid"] != head.Kid {
			t.Errorf("as %s the key is another than in the set (- set, + alone):\n%s", when, diff)
		}
	}
	revoked := issuerWith(t, func(chain *seal.Chain) *seal.Chain {
		return marked(t, chain, testkit.Issuer(t).Fingerprint(), s.Now(t))
	})
	for name, ask := range map[string]func() ([]byte, error){
		"a revoked key":  func() ([]byte, error) { return c.with(t, certificate.Seal{Issuer: revoked}).Key(thumbprint) },
		"no key of ours": func() ([]byte, error) { return c.service.Key(thumbprint[1:] + "A") },
		"no name":        func() ([]byte, error) { return c.service.Key("") },
	} {
		_, err := ask()
		wantKind(t, name, err, training.KindNotFound)
	}
}

func keySet(t *testing.T, s *certificate.Service) []map[string]any {
	t.Helper()
	text, err := s.Keys()
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys
}

func TestPastKeysArePublishedAndRevokedOnesAreNot(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	next := issuerOf(t, nextIssuer)
	both := publishedKeys(t, c.with(t, certificate.Seal{Issuer: next}))
	if len(both) != 4 {
		t.Errorf("%d names of keys are published, want two of the present and two of the past one", len(both))
	}
	chain, err := c.with(t, certificate.Seal{Issuer: next}).Chain()
	if err != nil || !bytes.Equal(chain, next.Chain().PEM()) || bytes.Contains(chain, []byte("PRIVATE")) {
		t.Errorf("the chain is not what was configured (%v)", err)
	}
	marked := issuerWith(t, func(chain *seal.Chain) *seal.Chain {
		return marked(t, chain, testkit.Issuer(t).Fingerprint(), s.Now(t))
	})
	if keys := publishedKeys(t, c.with(t, certificate.Seal{Issuer: marked})); len(keys) != 2 {
		t.Errorf("%d names of keys are published, want those of the present one alone", len(keys))
	}
}

// Badges that were given out before kids were addresses name their key by its
// thumbprint; no move of the site makes a difference to that name.
func TestTheSetHasEachKeyUnderItsThumbprintToo(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	signer := testkit.Issuer(t).PrivateKey()
	key, err := badge.NewKey(signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	bits, err := badge.NewBits(badge.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	now := s.Now(t)
	issuer := badge.Profile{ID: "https://varde.example/badges/issuer", Name: "Baltic Training Board", URL: "https://varde.example/"}
	credential, err := badge.StatusList("https://varde.example/badges/status/0", issuer, bits, now, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	token, err := badge.JWT(credential, signer, key.ID)
	if err != nil {
		t.Fatal(err)
	}
	next := c.with(t, certificate.Seal{Issuer: issuerOf(t, nextIssuer)})
	for when, service := range map[string]*certificate.Service{"the present one": c.service, "a past one": next} {
		if _, err := badge.VerifyList(token, publishedKeys(t, service), now.Add(time.Second)); err != nil {
			t.Errorf("by %s under its thumbprint: %v", when, err)
		}
	}
}

// Older rows have no slug of their course.
func TestABadgeOfARowWithoutTheCoursesSlugStillLeadsToTheCourse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		made, err := c.service.Badge(s.Context(), holder, number)
		if err != nil {
			t.Fatal(err)
		}
		s.DB.Ent.CertificateFile.Delete().ExecX(s.Context())
		row := s.DB.Ent.Certificate.Query().OnlyX(s.Context())
		delete(row.Facts, "course_slug")
		facts, err := json.Marshal(row.Facts)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB.SQL.ExecContext(s.Context(), `UPDATE certificates SET facts = $1`, string(facts)); err != nil {
			t.Fatal(err)
		}
		older, err := c.service.Badge(s.Context(), holder, number)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(stated(t, made.Bytes), stated(t, older.Bytes)); diff != "" {
			t.Error(diff)
		}
	})
}
