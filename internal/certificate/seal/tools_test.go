package seal

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestOthersToolsAgree(t *testing.T) {
	issuer := testIssuer(t)
	for name, plain := range map[string][]byte{"small": smallPDF(t), "full": fullPDF(t), "two pages": smallPDF(t, "a", "b")} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, "signed.pdf", mustSign(t, plain, issuer, options()))
			report := tool(t, nil, "pdfsig", "-nocert", file)
			for _, want := range []string{
				"Signature is Valid.", "Total document signed", "Signature Type: ETSI.CAdES.detached",
				"Signing Hash Algorithm: SHA-256", "Signer Certificate Common Name: " + issuerName,
				"Signing Time: Jun 12 2027 09:30:15",
			} {
				if !strings.Contains(report, want) {
					t.Errorf("pdfsig does not say %q:\n%s", want, report)
				}
			}
			if strings.Count(report, "Signature #") != 1 {
				t.Errorf("not one signature:\n%s", report)
			}
			if report := tool(t, nil, "qpdf", "--check", file); !strings.Contains(report, "No syntax or stream encoding errors found") {
				t.Errorf("qpdf:\n%s", report)
			}
			if report := tool(t, nil, "pdfinfo", file); !strings.Contains(report, "Form:            AcroForm") || !strings.Contains(report, "PDF version:     1.7") {
				t.Errorf("pdfinfo:\n%s", report)
			}
		})
	}
}

// OpenSSL reads the signature by itself: a CMS that is right for the signed
// bytes, by a key that the root vouches for.
func TestOpenSSLVerifiesTheSignature(t *testing.T) {
	issuer := testIssuer(t)
	signed := mustSign(t, smallPDF(t), issuer, options())
	d, err := open(signed)
	if err != nil {
		t.Fatal(err)
	}
	signatures, err := d.signatures()
	if err != nil {
		t.Fatal(err)
	}
	contents := signatures[0]["Contents"]
	content := writeFile(t, "content", append(bytes.Clone(signed[:contents.start]), signed[contents.end:]...))
	root := writeFile(t, "root.pem", (&Chain{links: issuer.chain.links[1:]}).PEM())
	report := tool(t, contents.text, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any",
		"-content", content, "-CAfile", root, "-attime", strconv.FormatInt(signingTime.Unix(), 10), "-out", os.DevNull)
	if !strings.Contains(report, "CAdES Verification successful") {
		t.Errorf("openssl: %s", report)
	}
	print := tool(t, contents.text, "openssl", "cms", "-cmsout", "-print", "-noout", "-inform", "DER")
	for _, want := range []string{"id-smime-aa-signingCertificateV2", "messageDigest", "contentType"} {
		if !strings.Contains(print, want) {
			t.Errorf("the signed attributes lack %s", want)
		}
	}
	if strings.Contains(print, "signingTime") {
		t.Error("PAdES has the time in the PDF alone")
	}
}

func TestKeysAreThoseOfOpenSSL(t *testing.T) {
	folder := t.TempDir()
	n := New{KeyFile: folder + "/key.pem", ChainFile: folder + "/chain.pem", PassphraseFile: folder + "/passphrase", Name: issuerName, At: signingTime}
	if err := Make(n); err != nil {
		t.Fatal(err)
	}
	made, err := Load(n.KeyFile, n.ChainFile, n.PassphraseFile)
	if err != nil {
		t.Fatal(err)
	}
	// OpenSSL opens ours, and closes it again in its own way and with another passphrase.
	theirs := folder + "/theirs.pem"
	if err := os.WriteFile(folder+"/other", []byte("år—ķēniņš \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := folder + "/plain.pem"
	tool(t, nil, "openssl", "pkey", "-in", n.KeyFile, "-passin", "file:"+n.PassphraseFile, "-out", plain)
	tool(t, nil, "openssl", "pkcs8", "-in", n.KeyFile, "-passin", "file:"+n.PassphraseFile,
		"-topk8", "-v2", "aes-256-cbc", "-out", theirs, "-passout", "file:"+folder+"/other")
	for key, passphrase := range map[string]string{theirs: folder + "/other", plain: ""} {
		again, err := Load(key, n.ChainFile, passphrase)
		if err != nil {
			t.Fatal(err)
		}
		if again.Fingerprint() != made.Fingerprint() || !again.key.Equal(made.key) {
			t.Errorf("%s is another key", key)
		}
	}
	if report := tool(t, nil, "openssl", "verify", "-attime", strconv.FormatInt(signingTime.Unix(), 10), "-CAfile", n.ChainFile, n.ChainFile); !strings.Contains(report, ": OK") {
		t.Errorf("openssl verify: %s", report)
	}
}
