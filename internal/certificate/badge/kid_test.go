package badge

import (
	"crypto/rsa"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// A checker that was given nothing but a badge follows its kid to the key: the way of
// Open Badges 3.0 (§8.2.4.1). The site here serves each key at an address of its own.
type keySite struct{ base string }

func newKeySite(t *testing.T, served ...*rsa.PrivateKey) keySite {
	t.Helper()
	documents := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, there := documents[r.URL.Path]
		if !there {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", KeyMediaType)
		_, _ = w.Write(document)
	}))
	t.Cleanup(server.Close)
	site := keySite{server.URL}
	for _, private := range served {
		document, err := site.key(t, private).JWK()
		if err != nil {
			t.Fatal(err)
		}
		documents[strings.TrimPrefix(site.kid(private), server.URL)] = document
	}
	return site
}

func (s keySite) kid(private *rsa.PrivateKey) string {
	return s.base + "/keys/" + Thumbprint(&private.PublicKey)
}

func (s keySite) key(t *testing.T, private *rsa.PrivateKey) Key {
	t.Helper()
	key := mustKey(t, private)
	key.ID = s.kid(private)
	return key
}

func (s keySite) badge(t *testing.T, private *rsa.PrivateKey) string {
	t.Helper()
	token, err := JWT(mustCredential(t, sample()), private, s.kid(private))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func altered(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	return parts[0] + "." + encode(strings.Replace(part(t, token, 1), "CBRN-2", "CBRN-3", 1)) + "." + parts[2]
}

func TestJWXFollowsTheKid(t *testing.T) {
	site := newKeySite(t, signer(), stranger())
	for name, tt := range map[string]struct {
		token    string
		believed bool
	}{
		"the present key": {site.badge(t, signer()), true},
		"a past key":      {site.badge(t, stranger()), true},
		"altered":         {altered(t, site.badge(t, signer())), false},
	} {
		key := jwxFetches(t, tt.token)
		_, err := jwt.ParseString(tt.token, jwt.WithKey(jwa.RS256(), key), jwt.WithValidate(true), jwt.WithIssuer(issuer.ID),
			jwt.WithClock(jwt.ClockFunc(func() time.Time { return during })))
		if (err == nil) != tt.believed {
			t.Errorf("%s: jwx says %v", name, err)
		}
	}
}

// jwxFetches gives the key that a token's kid leads to, as jwx reads both.
func jwxFetches(t *testing.T, token string) jwk.Key {
	t.Helper()
	message, err := jws.Parse([]byte(token))
	if err != nil {
		t.Fatal(err)
	}
	kid, _ := message.Signatures()[0].ProtectedHeaders().KeyID()
	response, err := http.Get(kid)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	document, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	key, err := jwk.ParseKey(document)
	if err != nil {
		t.Fatalf("jwx does not read the key: %v", err)
	}
	if id, _ := key.KeyID(); id != kid {
		t.Errorf("%s leads to a key named %s", kid, id)
	}
	return key
}

func TestJoseFollowsTheKid(t *testing.T) {
	site := newKeySite(t, signer(), stranger())
	keys := Keys{site.key(t, stranger()), site.key(t, signer())}
	token := site.badge(t, signer())
	verdicts := askJose(t, keys, map[string]joseToken{
		"the present key": {token, "JWT", during}, "a past key": {site.badge(t, stranger()), "JWT", during},
		"altered": {altered(t, token), "JWT", during}, "no key there": {site.badge(t, newKey("nobody")), "JWT", during},
	})
	for how, judged := range map[string]map[string]joseVerdict{"by its kid": verdicts.Followed, "by the set": verdicts.Judged} {
		for name, believed := range map[string]bool{"the present key": true, "a past key": true, "altered": false, "no key there": false} {
			if got := judged[name]; (got.Refused == "") != believed || believed && !cmp.Equal(got.Payload["jti"], any(sample().Address)) {
				t.Errorf("%s, %s: jose says %+v", name, how, got)
			}
		}
	}
}
