package badge

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// joseArchive is the npm package jose 6.2.17 as its makers give it out
// (docs/third-party.md), and joseSum the checksum that npm has of it.
//
//go:embed testdata/jose-6.2.17.tgz
var joseArchive []byte

const joseSum = "wOuK9V1yujQFH5S0ZWmLcDZN7+IKh9bUCC2ZPCf2HDlol3WWHy+PPyNjEI75FXRLMp3vDKQcupP59xhVU95hcg=="

// jose unpacks the package and gives the file to import.
func jose(t *testing.T) string {
	t.Helper()
	if sum := sha512.Sum512(joseArchive); base64.StdEncoding.EncodeToString(sum[:]) != joseSum {
		t.Fatal("the archive of jose is not what its makers gave out")
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(joseArchive))
	if err != nil {
		t.Fatal(err)
	}
	folder, files := t.TempDir(), tar.NewReader(unpacked)
	for {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(folder, "package", "dist", "webapi", "index.js")
		}
		if err != nil {
			t.Fatal(err)
		}
		if !filepath.IsLocal(file.Name) || strings.HasSuffix(file.Name, ".d.ts") {
			continue
		}
		unpackFile(t, filepath.Join(folder, file.Name), files)
	}
}

func unpackFile(t *testing.T, path string, content io.Reader) {
	t.Helper()
	data, err := io.ReadAll(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

type joseToken struct {
	Token string    `json:"token"`
	Type  string    `json:"typ"`
	Now   time.Time `json:"now"`
}

type joseVerdict struct {
	Payload map[string]any
	Refused string
}

type joseVerdicts struct {
	Judged      map[string]joseVerdict // by the published set
	Followed    map[string]joseVerdict // by the key that an address for a kid leads to
	Thumbprints []string
}

// askJose runs jose in Node.js. Where that is missing the test fails: without it
// nothing would have been proved.
func askJose(t *testing.T, keys Keys, tokens map[string]joseToken) joseVerdicts {
	t.Helper()
	document, err := keys.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	question, err := json.Marshal(map[string]any{"jwks": json.RawMessage(document), "issuer": issuer.ID, "tokens": tokens})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/jose.mjs", jose(t))
	cmd.Stdin = bytes.NewReader(question)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v: %s", err, stderr.String())
	}
	var verdicts joseVerdicts
	if err := json.Unmarshal(answer, &verdicts); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	return verdicts
}

func TestJoseJudgesAsWeDo(t *testing.T) {
	keys := Keys{mustKey(t, stranger()), mustKey(t, signer())}
	credential, list := mustCredential(t, sample()), []byte(mustList(t, 94567))
	token := mustJWT(t, credential, signer())
	parts := strings.Split(token, ".")
	altered := parts[0] + "." + encode(strings.Replace(part(t, token, 1), "CBRN-2", "CBRN-3", 1)) + "." + parts[2]
	refused := map[string]string{
		"altered": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "without signature": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
		"another's key": "ERR_JWKS_NO_MATCHING_KEY", "not yet": "ERR_JWT_CLAIM_VALIDATION_FAILED", "ended": "ERR_JWT_EXPIRED",
	}
	verdicts := askJose(t, keys, map[string]joseToken{
		"badge": {token, "JWT", during}, "list": {mustJWT(t, list, signer()), "vc+jwt", during},
		"altered": {altered, "JWT", during}, "without signature": {parts[0] + "." + parts[1] + ".", "JWT", during},
		"another's key": {mustJWT(t, credential, newKey("nobody")), "JWT", during},
		"not yet":       {token, "JWT", awarded.Add(-time.Hour)}, "ended": {token, "JWT", until},
	})
	for name, signed := range map[string][]byte{"badge": credential, "list": list} {
		verdict := verdicts.Judged[name]
		for _, claim := range []string{"iss", "jti", "nbf", "sub", "exp"} {
			delete(verdict.Payload, claim)
		}
		if diff := cmp.Diff(read(t, string(signed)), verdict.Payload); diff != "" {
			t.Errorf("jose reads another %s, refused %q (- ours, + read):\n%s", name, verdict.Refused, diff)
		}
	}
	for name, want := range refused {
		if got := verdicts.Judged[name]; got.Refused != want {
			t.Errorf("%s: jose says %q, want %q", name, got.Refused, want)
		}
	}
	if want := []string{keys[0].ID, keys[1].ID}; !slices.Equal(verdicts.Thumbprints, want) {
		t.Errorf("jose names the keys %v, we %v", verdicts.Thumbprints, want)
	}
}
