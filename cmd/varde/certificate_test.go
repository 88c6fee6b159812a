package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/testkit"
)

const testNumber = "7K3M-9QXA-WB5T-2HND"

func sealedFile(t *testing.T, issuer *seal.Issuer) []byte {
	t.Helper()
	at := time.Now().Truncate(time.Second)
	pdf, err := page.Render(page.Facts{
		Lang: "en", Number: testNumber, VerifyURL: "https://varde.example/verify/" + testNumber, IssuedAt: at,
		Holder: "Jānis Bērziņš-Ķēniņš", Issuer: "Varde", Primary: page.Text{Heading: "Certificate of completion", Course: "Ship fires"},
	})
	must(t, err)
	signed, err := seal.Sign(t.Context(), pdf, issuer, seal.Options{At: at, Number: testNumber})
	must(t, err)
	return signed
}

func anotherIssuer(t *testing.T, folder string) *seal.Issuer {
	t.Helper()
	n := seal.New{KeyFile: filepath.Join(folder, "other.key"), ChainFile: filepath.Join(folder, "other.pem"), Name: "Varde", At: time.Now().Add(-time.Hour)}
	must(t, seal.Make(n))
	issuer, err := seal.Load(n.KeyFile, n.ChainFile, "")
	must(t, err)
	return issuer
}

func TestACertificateIsJudgedByTheChainGivenOrConfiguredAlone(t *testing.T) {
	folder := install(t)
	configured := os.Getenv("VARDE_SIGNING_CHAIN_FILE")
	issuer := testkit.Issuer(t)
	pdf := sealedFile(t, issuer)
	other := anotherIssuer(t, folder)
	file := func(name string, content []byte) string {
		return write(t, filepath.Join(folder, name), string(content))
	}
	genuine := file("genuine.pdf", pdf)
	forged := file("forged.pdf", sealedFile(t, other))
	otherChain := filepath.Join(folder, "other.pem")
	altered := bytes.Clone(pdf)
	altered[bytes.Index(altered, []byte("stream"))+20] ^= 1

	for name, test := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"configured":           {[]string{genuine}, exitDone, []string{"Genuine and untouched", testNumber, "O=Varde", "was not checked"}},
		"given":                {[]string{"--chain", configured, genuine}, exitDone, []string{testNumber}},
		"another chain":        {[]string{"--chain", otherChain, genuine}, exitNo, []string{"Not genuine.", "not sealed with a key of ours"}},
		"another's, same name": {[]string{forged}, exitNo, []string{"Not genuine.", "not sealed with a key of ours"}},
		"another's by its own": {[]string{"--chain", otherChain, forged}, exitDone, []string{testNumber}},
		"a changed byte":       {[]string{file("altered.pdf", altered)}, exitNo, []string{"not what we sealed"}},
		"added to":             {[]string{file("added.pdf", append(bytes.Clone(pdf), "\n%\n"...))}, exitNo, []string{"added to it afterwards"}},
		"half of it":           {[]string{file("half.pdf", pdf[:len(pdf)/2])}, exitNo, []string{"damaged"}},
		"no PDF":               {[]string{file("text.pdf", []byte("hello"))}, exitNo, []string{"not a PDF"}},
		"nothing":              {[]string{file("empty.pdf", nil)}, exitNo, []string{"not a PDF"}},
		"too long":             {[]string{file("long.pdf", append(bytes.Clone(pdf), make([]byte, seal.MaxBytes)...))}, exitNo, []string{"larger"}},
	} {
		r := call(t, "", append([]string{"certificate", "verify"}, test.args...)...)
		if r.code != test.code || r.err != "" || strings.Count(r.out, "\n") != 1 {
			t.Errorf("%s: exit %d, want %d; printed %q, told %q", name, r.code, test.code, r.out, r.err)
		}
		for _, word := range test.says {
			if !strings.Contains(r.out, word) {
				t.Errorf("%s: %q does not say %q", name, r.out, word)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "varde.db")); err == nil {
		t.Error("a database was made")
	}
}

func TestWithoutAChainACertificateCannotBeJudged(t *testing.T) {
	folder := install(t)
	genuine := write(t, filepath.Join(folder, "genuine.pdf"), string(sealedFile(t, testkit.Issuer(t))))
	damaged := write(t, filepath.Join(folder, "damaged.pem"), "no chain")
	chain := os.Getenv("VARDE_SIGNING_CHAIN_FILE")
	for name, test := range map[string]struct {
		args []string
		word string
	}{
		"a missing chain":  {[]string{"verify", "--chain", filepath.Join(folder, "missing.pem"), genuine}, "missing.pem"},
		"a damaged chain":  {[]string{"verify", "--chain", damaged, genuine}, "damaged.pem"},
		"the file itself":  {[]string{"verify", "--chain", genuine, genuine}, "genuine.pdf"},
		"a missing file":   {[]string{"verify", "--chain", chain, filepath.Join(folder, "missing.pdf")}, "missing.pdf"},
		"no file":          {[]string{"verify"}, "one file"},
		"two files":        {[]string{"verify", genuine, genuine}, "one file"},
		"no word":          {nil, "verify"},
		"another word":     {[]string{"sign", genuine}, "verify"},
		"an unknown flag":  {[]string{"verify", "--trust-file", genuine}, "trust-file"},
		"missing stampers": {[]string{"verify", "--tsa-chain", filepath.Join(folder, "missing.pem"), genuine}, "missing.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, exitUsage, "", append([]string{"certificate"}, test.args...), test.word)
		})
	}
	t.Setenv("VARDE_SIGNING_CHAIN_FILE", filepath.Join(folder, "nowhere.pem"))
	refused(t, exitUsage, "", []string{"certificate", "verify", genuine}, "nowhere.pem", "--chain", "VARDE_SIGNING_CHAIN_FILE")
	// A chain that is given needs no settings, however wrong they are.
	t.Setenv("VARDE_BASE_URL", "nonsense")
	if r := call(t, "", "certificate", "verify", "--chain", chain, genuine); r.code != exitDone {
		t.Errorf("%+v", r)
	}
}
