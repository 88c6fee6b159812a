package badge

import (
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/training"
)

// signer and stranger are two keys. They are the same ones each time, so that a
// fuzzer's processes, of which each makes its own, read each other's tokens.
var (
	signer   = sync.OnceValue(func() *rsa.PrivateKey { return newKey("signer") })
	stranger = sync.OnceValue(func() *rsa.PrivateKey { return newKey("stranger") })
)

func newKey(name string) *rsa.PrivateKey {
	one, e := big.NewInt(1), big.NewInt(65537)
	p, q := newPrime(name+" p"), newPrime(name+" q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: int(e.Int64())},
		D:         new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		panic(err)
	}
	return key
}

// newPrime is the first prime of 1024 bits from a place that its name leads to.
func newPrime(name string) *big.Int {
	var data []byte
	for i := range 4 {
		sum := sha256.Sum256(fmt.Append(nil, name, i))
		data = append(data, sum[:]...)
	}
	data[0] |= 0xC0 // so that the product of two has 2048 bits
	data[len(data)-1] |= 1
	candidate, two := new(big.Int).SetBytes(data), big.NewInt(2)
	for !candidate.ProbablyPrime(20) {
		candidate.Add(candidate, two)
	}
	return candidate
}

func mustKey(t testing.TB, private *rsa.PrivateKey) Key {
	t.Helper()
	key, err := NewKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var issuer = Profile{
	ID: "https://varde.example/issuer", Name: "Rescue Training of the Baltic Sea States",
	URL: "https://varde.example/", Image: "https://varde.example/static/img/mark.svg",
}

var (
	awarded = time.Date(2027, 3, 26, 9, 30, 15, 123456000, time.UTC)
	until   = time.Date(2030, 3, 26, 0, 0, 0, 0, time.UTC)
	during  = awarded.AddDate(0, 6, 0)
)

const sampleEmail = "zydrune@example.lt"

// sample lasts over the change of the clock, and is named with letters of two scripts.
func sample() Facts {
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		panic(err)
	}
	const address = "https://varde.example/verify/7K3M-9QXA-WB5T-2HND"
	return Facts{
		Address: address, Number: "7K3M-9QXA-WB5T-2HND",
		Holder: "Žydrūnė Šiaučiūnaitė", EmailHash: HashEmail(address, sampleEmail),
		Course: Course{
			ID: "https://varde.example/courses/CBRN-2", Code: "CBRN-2",
			Title:       "CBRN reģistra vadība – «Химическая разведка»",
			Description: "Reconnaissance & sampling for mixed teams, <3 days in the field.",
			Criteria:    "Present on at least 80 % of the half days, and assessed as completed by the instructors.",
			Outcomes:    []string{"Plans a reconnaissance", "Takes samples * under\nsupervision", "Reads [maps]_now"},
			Level:       "advanced",
		},
		Language: "lv", Awarded: awarded, ValidUntil: &until,
		Starts: training.Date{Year: 2027, Month: time.March, Day: 25}, Ends: training.Date{Year: 2027, Month: time.March, Day: 28},
		Zone:   riga,
		Status: Status{List: "https://varde.example/status/1", Index: 94567},
	}
}

func mustCredential(t testing.TB, f Facts) []byte {
	t.Helper()
	c, err := Credential(f, issuer)
	if err != nil {
		t.Fatalf("Credential: %v", err)
	}
	return c
}

func mustJWT(t testing.TB, credential []byte, private *rsa.PrivateKey) string {
	t.Helper()
	token, err := JWT(credential, private, Thumbprint(&private.PublicKey))
	if err != nil {
		t.Fatalf("JWT: %v", err)
	}
	return token
}

// forge signs whatever it is given, as a broken or dishonest issuer could.
func forge(t testing.TB, head, payload string) string {
	t.Helper()
	token, err := sign(encode(head)+"."+encode(payload), signer(), &signer().PublicKey, 1<<30)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return token
}

func encode(s string) string { return encoding.EncodeToString([]byte(s)) }

func badgeHeader() string {
	return `{"alg":"RS256","kid":"` + Thumbprint(&signer().PublicKey) + `","typ":"JWT"}`
}

// part is a part of a token, decoded.
func part(t testing.TB, token string, index int) string {
	t.Helper()
	data, err := encoding.DecodeString(strings.Split(token, ".")[index])
	if err != nil {
		t.Fatalf("part %d: %v", index, err)
	}
	return string(data)
}

// read is JSON as any reader takes it.
func read(t testing.TB, data string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(data), &o); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return o
}

// at follows members and items into an object; nil where there is nothing.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(map[string]any)
			v = o[step]
		case int:
			items, _ := v.([]any)
			if step >= len(items) {
				return nil
			}
			v = items[step]
		}
	}
	return v
}
