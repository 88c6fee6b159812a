package badge

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestABadgeIsBelieved(t *testing.T) {
	key := mustKey(t, signer())
	got, err := Verify(mustJWT(t, mustCredential(t, sample()), signer()), Keys{mustKey(t, stranger()), key}, during)
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{
		Address: sample().Address, Issuer: issuer, Title: sample().Course.Title, Code: "CBRN-2",
		ValidFrom: awarded.Truncate(time.Second), ValidUntil: &until, Status: &Status{List: "https://varde.example/status/1", Index: 94567}, KeyID: key.ID,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Claims{}, "Identities")); diff != "" {
		t.Errorf("(- want, + got):\n%s", diff)
	}
	if len(got.Identities) != 2 || !got.Identities[0].Is(sampleEmail) || !got.Identities[1].Is(sample().Holder) || got.Identities[1].Is("Zydrune Siauciunaite") {
		t.Errorf("the holder is not recognised by %+v", got.Identities)
	}
}

// Every claim is told twice, by the token and by the credential. Whichever of the
// two is another, missing or of another kind, the badge is refused, though its
// signature is the issuer's.
func TestEveryClaimMustBeTheCredentials(t *testing.T) {
	good := part(t, mustJWT(t, mustCredential(t, sample()), signer()), 1)
	set := func(value any, path ...string) func(map[string]any) {
		return func(o map[string]any) {
			for _, step := range path[:len(path)-1] {
				o = o[step].(map[string]any)
			}
			if value == nil {
				delete(o, path[len(path)-1])
				return
			}
			o[path[len(path)-1]] = value
		}
	}
	for name, tt := range map[string]struct {
		spoil func(map[string]any)
		want  Refusal
	}{
		"iss is another's":         {set("https://varde.example/other", "iss"), Differs},
		"iss missing":              {set(nil, "iss"), Differs},
		"iss an object":            {set(map[string]any{"id": issuer.ID}, "iss"), Differs},
		"issuer.id is another's":   {set("https://varde.example/other", "issuer", "id"), Differs},
		"issuer.id missing":        {set(nil, "issuer", "id"), Malformed},
		"jti is another":           {set(sample().Address+"X", "jti"), Differs},
		"jti missing":              {set(nil, "jti"), Differs},
		"id is another":            {set(sample().Address+"X", "id"), Differs},
		"id missing":               {set(nil, "id"), Malformed},
		"nbf a second later":       {set(awarded.Unix()+1, "nbf"), Differs},
		"nbf missing":              {set(nil, "nbf"), Differs},
		"nbf a string":             {set(strconv.FormatInt(awarded.Unix(), 10), "nbf"), Differs},
		"nbf with a fraction":      {set(float64(awarded.Unix())+0.5, "nbf"), Differs},
		"validFrom another":        {set("2027-03-26T09:30:16Z", "validFrom"), Differs},
		"validFrom in a fraction":  {set("2027-03-26T09:30:15.5Z", "validFrom"), Malformed},
		"validFrom missing":        {set(nil, "validFrom"), Malformed},
		"sub is another":           {set("urn:uuid:00000000-0000-8000-8000-000000000000", "sub"), Differs},
		"sub missing":              {set(nil, "sub"), Differs},
		"subject's id another":     {set("urn:uuid:00000000-0000-8000-8000-000000000000", "credentialSubject", "id"), Differs},
		"subject's id missing":     {set(nil, "credentialSubject", "id"), Malformed},
		"exp a second later":       {set(until.Unix()+1, "exp"), Differs},
		"exp missing":              {set(nil, "exp"), Differs},
		"exp null":                 {set(json.RawMessage("null"), "exp"), Differs},
		"validUntil later":         {set("2040-03-26T00:00:00Z", "validUntil"), Differs},
		"validUntil missing":       {set(nil, "validUntil"), Differs},
		"validUntil no instant":    {set("never", "validUntil"), Malformed},
		"wrapped in vc as well":    {set(map[string]any{}, "vc"), Differs},
		"contexts swapped":         {set([]any{badgesContext, credentialsContext}, "@context"), NotBadge},
		"one context":              {set([]any{credentialsContext}, "@context"), NotBadge},
		"another credential":       {set([]any{"VerifiableCredential", "DriverLicence"}, "type"), NotBadge},
		"no credential":            {set([]any{"OpenBadgeCredential"}, "type"), NotBadge},
		"no achievement":           {set(nil, "credentialSubject", "achievement"), NotBadge},
		"another subject":          {set([]any{"Profile"}, "credentialSubject", "type"), NotBadge},
		"an unknown status":        {set("StatusList2021Entry", "credentialStatus", "type"), Malformed},
		"a status without list":    {set(nil, "credentialStatus", "statusListCredential"), Malformed},
		"a status for suspension":  {set("suspension", "credentialStatus", "statusPurpose"), Malformed},
		"a status of two bits":     {set(2, "credentialStatus", "statusSize"), Malformed},
		"an entry below the first": {set("-1", "credentialStatus", "statusListIndex"), Malformed},
		"an entry as a number":     {set(7, "credentialStatus", "statusListIndex"), Malformed},
		"several statuses":         {set([]any{}, "credentialStatus"), Malformed},
		"status null":              {set(json.RawMessage("null"), "credentialStatus"), Malformed},
		"identity without hashed":  {set([]any{map[string]any{"type": "IdentityObject"}}, "credentialSubject", "identifier"), Malformed},
	} {
		payload := read(t, good)
		tt.spoil(payload)
		spoilt, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := Verify(forge(t, badgeHeader(), string(spoilt)), Keys{mustKey(t, signer())}, during)
		if !errors.Is(err, tt.want) || !cmp.Equal(claims, Claims{}) {
			t.Errorf("%s: %v with claims %+v, want %s and none", name, err, claims, tt.want)
		}
	}
	// Without a fault, the same way of making it is believed; and a badge that does
	// not name a list is one that cannot be revoked.
	without := read(t, good)
	delete(without, "credentialStatus")
	data, err := json.Marshal(without)
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := Verify(forge(t, badgeHeader(), string(data)), Keys{mustKey(t, signer())}, during); err != nil || claims.Status != nil {
		t.Errorf("without status: %+v, %v", claims.Status, err)
	}
	if _, err := Verify(forge(t, badgeHeader(), good), Keys{mustKey(t, signer())}, during); err != nil {
		t.Errorf("unspoilt: %v", err)
	}
}

func TestOneCharacterOtherwiseAnywhereIsFound(t *testing.T) {
	f := sample()
	f.Course.Outcomes, f.Course.Description = nil, ""
	token, keys := mustJWT(t, mustCredential(t, f), signer()), Keys{mustKey(t, signer())}
	for i := range token {
		for _, other := range []byte{'A', 'B', '.', '\n', '='} {
			if token[i] == other {
				continue
			}
			if _, err := Verify(token[:i]+string(other)+token[i+1:], keys, during); err == nil {
				t.Fatalf("character %d may be %q", i, other)
			}
		}
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	payload := part(t, mustJWT(t, mustCredential(t, sample()), signer()), 1)
	kid := Thumbprint(&signer().PublicKey)
	for name, tt := range map[string]struct {
		head string
		want Refusal
	}{
		"none":             {`{"alg":"none","kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"no algorithm":     {`{"kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"HS256":            {`{"alg":"HS256","kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"RS384":            {`{"alg":"RS384","kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"PS256":            {`{"alg":"PS256","kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"in small letters": {`{"alg":"rs256","kid":"` + kid + `","typ":"JWT"}`, BadHeader},
		"no type":          {`{"alg":"RS256","kid":"` + kid + `"}`, BadHeader},
		"a list's type":    {`{"alg":"RS256","kid":"` + kid + `","typ":"vc+jwt"}`, BadHeader},
		"no key":           {`{"alg":"RS256","typ":"JWT"}`, BadHeader},
		"a key inside":     {`{"alg":"RS256","kid":"` + kid + `","typ":"JWT","jwk":{"kty":"RSA"}}`, BadHeader},
		"a key to fetch":   {`{"alg":"RS256","kid":"` + kid + `","typ":"JWT","jku":"https://evil.example/"}`, BadHeader},
		"critical":         {`{"alg":"RS256","kid":"` + kid + `","typ":"JWT","crit":["b64"],"b64":false}`, BadHeader},
		"unknown key":      {`{"alg":"RS256","kid":"another","typ":"JWT"}`, UnknownKey},
		"algorithm twice":  {`{"alg":"none","alg":"RS256","kid":"` + kid + `","typ":"JWT"}`, Malformed},
		"no object":        {`"RS256"`, Malformed},
		"more behind":      {badgeHeader() + `{}`, Malformed},
		"nothing":          {``, Malformed},
	} {
		if _, err := Verify(forge(t, tt.head, payload), Keys{mustKey(t, signer())}, during); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// The attacks that have worked elsewhere: no signature, the public key as a
// secret, and another scheme under the right name.
func TestSignaturesThatAreRefused(t *testing.T) {
	token, keys := mustJWT(t, mustCredential(t, sample()), signer()), Keys{mustKey(t, signer())}
	kid := Thumbprint(&signer().PublicKey)
	signed := token[:strings.LastIndex(token, ".")]
	payload := strings.Split(token, ".")[1]

	der, err := x509.MarshalPKIXPublicKey(&signer().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	hs := encode(`{"alg":"HS256","kid":"`+kid+`","typ":"JWT"}`) + "." + payload
	mac.Write([]byte(hs))

	sum, long := sha256.Sum256([]byte(signed)), sha512.Sum512([]byte(signed))
	pssSignature, err := rsa.SignPSS(rand.Reader, signer(), crypto.SHA256, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	longSignature, err := rsa.SignPKCS1v15(rand.Reader, signer(), crypto.SHA512, long[:])
	if err != nil {
		t.Fatal(err)
	}
	strangers := mustJWT(t, mustCredential(t, sample()), stranger())
	impostor, err := JWT(mustCredential(t, sample()), stranger(), kid)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		token string
		want  Refusal
	}{
		"no signature":                {signed + ".", BadSignature},
		"none":                        {encode(`{"alg":"none","kid":"`+kid+`","typ":"JWT"}`) + "." + payload + ".", BadHeader},
		"the public key as a secret":  {hs + "." + encoding.EncodeToString(mac.Sum(nil)), BadHeader},
		"PSS under RS256":             {signed + "." + encoding.EncodeToString(pssSignature), BadSignature},
		"SHA-512 under RS256":         {signed + "." + encoding.EncodeToString(longSignature), BadSignature},
		"a stranger's":                {strangers, UnknownKey},
		"a stranger's under our name": {impostor, BadSignature},
		"another badge's":             {signed + strangers[strings.LastIndex(strangers, "."):], BadSignature},
	} {
		if _, err := Verify(tt.token, keys, during); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	if _, err := Verify(token, nil, during); !errors.Is(err, UnknownKey) {
		t.Errorf("without any key: %v", err)
	}
}

func TestWhatIsNoToken(t *testing.T) {
	token, keys := mustJWT(t, mustCredential(t, sample()), signer()), Keys{mustKey(t, signer())}
	payload := part(t, token, 1)
	for name, tt := range map[string]struct {
		token string
		want  Refusal
	}{
		"nothing":             {"", Malformed},
		"dots":                {"..", Malformed},
		"two parts":           {token[:strings.LastIndex(token, ".")], Malformed},
		"four parts":          {token + ".", Malformed},
		"a new line":          {token[:40] + "\n" + token[40:], Malformed},
		"a line's end":        {token + "\r\n", Malformed},
		"padding":             {token + "==", Malformed},
		"JSON":                {payload, Malformed},
		"too large":           {strings.Repeat("A", badgeKind.max+1), TooLarge},
		"a member twice":      {forge(t, badgeHeader(), strings.Replace(payload, `"iss":`, `"iss":"https://evil.example/","iss":`, 1)), Malformed},
		"inside twice":        {forge(t, badgeHeader(), strings.Replace(payload, `"issuer":{`, `"issuer":{"name":"A",`, 1)), Malformed},
		"no UTF-8":            {forge(t, badgeHeader(), strings.Replace(payload, "CBRN-2", "CBRN\xff2", 1)), Malformed},
		"nested without end":  {forge(t, badgeHeader(), strings.Replace(payload, "{", `{"x":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+",", 1)), Malformed},
		"an array":            {forge(t, badgeHeader(), "["+payload+"]"), Malformed},
		"cut off":             {forge(t, badgeHeader(), payload[:len(payload)-1]), Malformed},
		"more behind":         {forge(t, badgeHeader(), payload+"{}"), Malformed},
		"an empty credential": {forge(t, badgeHeader(), "{}"), NotBadge},
	} {
		if _, err := Verify(tt.token, keys, during); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// A badge that has ended, has not begun or was signed with a key that is no longer
// trusted still says what it says: the page must be able to tell.
func TestABadgeStandsInItsTime(t *testing.T) {
	token := mustJWT(t, mustCredential(t, sample()), signer())
	from, revoked := awarded.Truncate(time.Second), during.AddDate(0, 1, 0)
	sound, lost := mustKey(t, signer()), mustKey(t, signer())
	lost.Revoked = &revoked
	for name, tt := range map[string]struct {
		keys Keys
		now  time.Time
		want error
	}{
		"before":                     {Keys{sound}, from.Add(-time.Microsecond), NotYet},
		"its first instant":          {Keys{sound}, from, nil},
		"its last instant":           {Keys{sound}, until.Add(-time.Microsecond), nil},
		"its end":                    {Keys{sound}, until, Expired},
		"the key's last instant":     {Keys{lost}, revoked.Add(-time.Microsecond), nil},
		"the key revoked":            {Keys{lost}, revoked, KeyRevoked},
		"the key revoked, and ended": {Keys{lost}, until, KeyRevoked},
		"the key there as sound too": {Keys{sound, lost}, revoked, KeyRevoked},
	} {
		claims, err := Verify(token, tt.keys, tt.now)
		if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if claims.Address != sample().Address {
			t.Errorf("%s: the claims are not told: %+v", name, claims)
		}
	}
}

func TestJSONIsReadAsItIs(t *testing.T) {
	o := map[string]any{"a": map[string]any{"b": json.Number("1")}, "c": []any{"d", true, nil}}
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readObject(data)
	if err != nil || !maps.EqualFunc(got, o, func(a, b any) bool { return cmp.Equal(a, b) }) {
		t.Errorf("%v, %v", got, err)
	}
}
