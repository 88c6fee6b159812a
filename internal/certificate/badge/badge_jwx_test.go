package badge

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// published are both keys as a checker fetches and reads them.
func published(t *testing.T) jwk.Set {
	t.Helper()
	document, err := Keys{mustKey(t, stranger()), mustKey(t, signer())}.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwk.Parse(document)
	if err != nil {
		t.Fatalf("jwx does not read the keys: %v", err)
	}
	return set
}

// jwxReads is what a checker does who knows nothing but the published keys.
func jwxReads(token string, set jwk.Set, now time.Time) (jwt.Token, error) {
	return jwt.ParseString(token, jwt.WithKeySet(set), jwt.WithValidate(true), jwt.WithIssuer(issuer.ID),
		jwt.WithClock(jwt.ClockFunc(func() time.Time { return now })))
}

func TestJWXBelievesTheBadge(t *testing.T) {
	credential := mustCredential(t, sample())
	token, err := jwxReads(mustJWT(t, credential, signer()), published(t), during)
	if err != nil {
		t.Fatalf("jwx refuses the badge: %v", err)
	}
	whole, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, string(whole))
	for name, want := range map[string]any{
		"jti": sample().Address, "sub": holderID(sample().Address), "nbf": float64(awarded.Unix()), "exp": float64(until.Unix()),
	} {
		if got[name] != want {
			t.Errorf("jwx reads %s as %v, want %v", name, got[name], want)
		}
	}
	for _, name := range []string{"iss", "jti", "nbf", "sub", "exp"} {
		delete(got, name)
	}
	if diff := cmp.Diff(read(t, string(credential)), got); diff != "" {
		t.Errorf("jwx reads another credential (- ours, + read):\n%s", diff)
	}
}

func TestJWXBelievesTheStatusList(t *testing.T) {
	token, err := jwxReads(mustJWT(t, []byte(mustList(t, 94567)), signer()), published(t), during)
	if err != nil {
		t.Fatalf("jwx refuses the list: %v", err)
	}
	var subject map[string]any
	if err := token.Get("credentialSubject", &subject); err != nil {
		t.Fatal(err)
	}
	encoded, _ := subject["encodedList"].(string)
	if revoked, err := Bit(encoded, 94567); !revoked || err != nil {
		t.Errorf("the entry is read as %v, %v", revoked, err)
	}
}

func TestJWXRefusesWhatWeRefuse(t *testing.T) {
	set, keys := published(t), Keys{mustKey(t, stranger()), mustKey(t, signer())}
	token := mustJWT(t, mustCredential(t, sample()), signer())
	parts := strings.Split(token, ".")
	other := encode(strings.Replace(part(t, token, 1), "CBRN-2", "CBRN-3", 1))
	for name, tt := range map[string]struct {
		token string
		now   time.Time
	}{
		"altered":            {parts[0] + "." + other + "." + parts[2], during},
		"without signature":  {parts[0] + "." + parts[1] + ".", during},
		"another's key":      {mustJWT(t, mustCredential(t, sample()), newKey("nobody")), during},
		"before it is valid": {token, awarded.Add(-time.Hour)},
		"after it has ended": {token, until.Add(time.Hour)},
	} {
		if _, err := jwxReads(tt.token, set, tt.now); err == nil {
			t.Errorf("%s: jwx believes it", name)
		}
		if _, err := Verify(tt.token, keys, tt.now); err == nil {
			t.Errorf("%s: we believe it", name)
		}
	}
}

func TestJWXNamesKeysAsWeDo(t *testing.T) {
	key, err := jwk.Import(&signer().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := jwk.AssignKeyID(key); err != nil {
		t.Fatal(err)
	}
	if kid, _ := key.KeyID(); kid != mustKey(t, signer()).ID {
		t.Errorf("jwx names the key %q, we %q", kid, mustKey(t, signer()).ID)
	}
}

// The other way round: a badge that jwx has signed is believed here.
func TestABadgeThatJWXSignedIsBelieved(t *testing.T) {
	token := mustJWT(t, mustCredential(t, sample()), signer())
	head := jws.NewHeaders()
	for name, value := range map[string]string{jws.KeyIDKey: mustKey(t, signer()).ID, jws.TypeKey: "JWT"} {
		if err := head.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := jws.Sign([]byte(part(t, token, 1)), jws.WithKey(jwa.RS256(), signer(), jws.WithProtectedHeaders(head)))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := Verify(string(signed), Keys{mustKey(t, signer())}, during)
	if err != nil || claims.Address != sample().Address {
		t.Errorf("%+v, %v", claims, err)
	}
}
