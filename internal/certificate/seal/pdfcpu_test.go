package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// listedIssuer has a certificate whose authority says where it lists what it
// revoked: without such a list pdfcpu calls no signature valid.
func listedIssuer(t *testing.T) *Issuer {
	t.Helper()
	var list []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) }))
	t.Cleanup(server.Close)
	now, key := time.Now(), testIssuer(t).key
	chain, rootKey := vouchAs(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: issuerName}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		CRLDistributionPoints: []string{server.URL + "/list.crl"},
	}, key)
	var err error
	list, err = x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: now.Add(-time.Minute), NextUpdate: now.Add(time.Hour),
	}, chain.links[1].certificate, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := newIssuer(key, chain)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

// pdfcpu, with the root in its store, comes to the same judgement as pdfsig.
func TestPdfcpuAgrees(t *testing.T) {
	issuer, o := listedIssuer(t), options()
	o.At = time.Now()
	trustRoot(t, issuer)
	for name, plain := range map[string][]byte{"small": smallPDF(t), "full": fullPDF(t)} {
		t.Run(name, func(t *testing.T) {
			signed := mustSign(t, plain, issuer, o)
			if err := api.Validate(bytes.NewReader(signed), nil); err != nil {
				t.Errorf("not a valid PDF: %v", err)
			}
			r := pdfcpuResult(t, signed)
			if r.Status != model.SignatureStatusValid {
				t.Fatalf("got:\n%s", r)
			}
			signer := r.Details.Signers[0]
			if signer.PAdES != "B-B" || !signer.Certified || signer.Permissions != model.CertifiedSigPermNoChangesAllowed {
				t.Errorf("got:\n%s", r)
			}
			if r := pdfcpuResult(t, redated(signed)); r.Status != model.SignatureStatusInvalid || r.Reason != model.SignatureReasonDocModified {
				t.Errorf("altered, but:\n%s", r)
			}
		})
	}
}

// A key that Make has made names no list of revoked ones: its root's key is forgotten,
// so that nobody could ever sign one. pdfcpu finds all else in order, says that this is
// what it cannot know, and finds a change of the file as ever.
func TestPdfcpuKnowsAllButTheRevocationOfAKeyMadeHere(t *testing.T) {
	issuer, err := newTestIssuer(issuerName, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.At = time.Now()
	trustRoot(t, issuer)
	signed := mustSign(t, fullPDF(t), issuer, o)
	r := pdfcpuResult(t, signed)
	if r.Status != model.SignatureStatusUnknown || r.Reason != model.SignatureReasonCertRevocationUnknown || !r.Details.Signers[0].Certified {
		t.Errorf("got:\n%s", r)
	}
	for _, problem := range r.Problems {
		if !strings.Contains(problem, "revocation") {
			t.Errorf("pdfcpu has another problem: %s", problem)
		}
	}
	if r := pdfcpuResult(t, redated(signed)); r.Status != model.SignatureStatusInvalid || r.Reason != model.SignatureReasonDocModified {
		t.Errorf("altered, but:\n%s", r)
	}
}

func redated(signed []byte) []byte {
	return bytes.Replace(signed, []byte("/M (D:20"), []byte("/M (D:19"), 1)
}

// trustRoot puts the issuer's root into pdfcpu's store.
func trustRoot(t *testing.T, issuer *Issuer) {
	t.Helper()
	model.ConfigPath, model.TrustedCertDir = "disable", t.TempDir()
	root := (&Chain{links: issuer.chain.links[1:]}).PEM()
	if err := os.WriteFile(filepath.Join(model.TrustedCertDir, "root.pem"), root, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pdfcpuResult(t *testing.T, pdf []byte) *model.SignatureValidationResult {
	t.Helper()
	conf := model.NewDefaultConfiguration()
	conf.AllowedRevocationHosts = []string{"127.0.0.1"}
	results, err := api.ValidateSignaturesRaw(bytes.NewReader(pdf), true, conf)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 {
		t.Fatalf("%d signatures", len(results))
	}
	return results[0]
}
