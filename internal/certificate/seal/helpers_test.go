package seal

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font/gofont/goregular"
)

const (
	issuerName = "Baltic Training – Rīga"
	number     = "7K3M-9QXA-WB5T-2HND"
	badgeName  = "badge.jwt"
	badge      = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6Im9uZSJ9.c2lnbmF0dXJl"
)

var signingTime = time.Date(2027, 6, 12, 9, 30, 15, 0, time.UTC)

// smallPDF draws what the real page is made of, in little: text, and an
// attachment that stands before the page in the file.
func smallPDF(t testing.TB, pages ...string) []byte {
	t.Helper()
	pdf := gofpdf.New("L", "mm", "A4", "")
	pdf.SetCompression(false)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(signingTime)
	pdf.SetModificationDate(signingTime)
	pdf.SetAttachments([]gofpdf.Attachment{
		{Content: []byte("another file"), Filename: "žodis.txt"},
		{Content: []byte(badge), Filename: badgeName},
	})
	if len(pages) == 0 {
		pages = []string{"Certificate"}
	}
	for _, text := range pages {
		pdf.AddPage()
		pdf.SetFont("Helvetica", "", 20)
		pdf.Text(20, 20, text)
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// fullPDF draws a page with all that certificates have besides: compressed
// streams, an embedded font, and a link that lies on the page already.
func fullPDF(t testing.TB) []byte {
	t.Helper()
	pdf := gofpdf.New("L", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(signingTime)
	pdf.SetModificationDate(signingTime)
	pdf.SetTitle("Kursa apliecība", true)
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddPage()
	pdf.SetFont("go", "", 20)
	pdf.Text(20, 20, "Žydrūnė Šiaučiūnaitė")
	pdf.LinkString(20, 20, 60, 10, "https://varde.example/verify/"+number)
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("/Annots")) {
		t.Fatal("the page has no link")
	}
	return out.Bytes()
}

// maker makes one issuer for all tests: RSA keys take their time.
var maker = sync.OnceValues(func() (*Issuer, error) { return newTestIssuer(issuerName, signingTime.AddDate(0, -1, 0)) })

func newTestIssuer(name string, from time.Time) (*Issuer, error) {
	key, chain, err := generate(name, from)
	if err != nil {
		return nil, err
	}
	return newIssuer(key, chain)
}

func testIssuer(t testing.TB) *Issuer {
	t.Helper()
	issuer, err := maker()
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

var stranger = sync.OnceValues(func() (*Issuer, error) { return newTestIssuer(issuerName, signingTime.AddDate(0, -1, 0)) })

// otherIssuer has the same names as testIssuer, but keys of its own.
func otherIssuer(t testing.TB) *Issuer {
	t.Helper()
	issuer, err := stranger()
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func options() Options {
	return Options{At: signingTime, Number: number, Reason: "Certificate of completion", Location: "Rīga"}
}

func mustSign(t testing.TB, pdf []byte, issuer *Issuer, o Options) []byte {
	t.Helper()
	signed, err := Sign(context.Background(), pdf, issuer, o)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// tool runs another's program. One that is not there fails the test: without it
// nobody but ourselves would have looked at our signatures.
func tool(t testing.TB, input []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this test needs %s (Debian packages openssl, poppler-utils, qpdf)", name)
	}
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	command.Stdin = bytes.NewReader(input)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func writeFile(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// vouch makes a certificate for a key, by a root of its own.
func vouch(t testing.TB, leaf *x509.Certificate, key *rsa.PrivateKey) *Chain {
	t.Helper()
	chain, _ := vouchAs(t, leaf, key)
	return chain
}

// vouchAs gives the root's key too.
func vouchAs(t testing.TB, leaf *x509.Certificate, key *rsa.PrivateKey) (*Chain, *ecdsa.PrivateKey) {
	t.Helper()
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root, err := certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Test root"}, NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := certify(leaf, root, &key.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	return &Chain{links: []link{{certificate: certificate}, {certificate: root}}}, rootKey
}
