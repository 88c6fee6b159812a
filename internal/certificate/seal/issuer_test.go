package seal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func newIn(folder string) New {
	return New{
		KeyFile: filepath.Join(folder, "keys", "key.pem"), ChainFile: filepath.Join(folder, "public", "chain.pem"),
		PassphraseFile: filepath.Join(folder, "keys", "passphrase"), Name: issuerName, At: signingTime,
	}
}

func TestMakeMakesAnIssuer(t *testing.T) {
	n := newIn(t.TempDir())
	past := otherIssuer(t)
	n.Past = past.Chain()
	if err := Make(n); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{n.KeyFile, n.PassphraseFile} {
		if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", secret, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(n.KeyFile)
	if err != nil || !bytes.Contains(text, []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----")) || bytes.Contains(text, []byte("BEGIN PRIVATE")) {
		t.Errorf("the key is not encrypted: %v", err)
	}
	if chain, err := os.ReadFile(n.ChainFile); err != nil || bytes.Contains(chain, []byte("KEY")) {
		t.Errorf("the chain holds a key: %v", err)
	}
	issuer, err := Load(n.KeyFile, n.ChainFile, n.PassphraseFile)
	if err != nil {
		t.Fatal(err)
	}
	leaf, root := issuer.path[0], issuer.path[1]
	if !leaf.NotAfter.Equal(signingTime.AddDate(3, 0, 0)) || !root.NotAfter.Equal(signingTime.AddDate(10, 0, 0)) || leaf.IsCA || !root.IsCA {
		t.Errorf("leaf %v, root %v", leaf.NotAfter, root.NotAfter)
	}
	if leaf.KeyUsage != x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment || leaf.Subject.Organization[0] != issuerName {
		t.Errorf("leaf for %s with usage %b", leaf.Subject, leaf.KeyUsage)
	}
	if key := issuer.PrivateKey().Public().(*rsa.PublicKey); key.N.BitLen() != 3072 {
		t.Errorf("a key of %d bits", key.N.BitLen())
	}
	if signers := issuer.Chain().Signers(); len(signers) != 2 || !signers[1].Equal(past.Certificate()) {
		t.Errorf("the past key is not in the chain: %d signers", len(signers))
	}
	old := mustSign(t, smallPDF(t), past, options())
	if v := Check(old, Trust{Chain: issuer.Chain()}); !v.Genuine {
		t.Errorf("what the past key signed: %+v", v)
	}
}

func TestMakeLeavesWhatIsThere(t *testing.T) {
	n := newIn(t.TempDir())
	if err := Make(n); err != nil {
		t.Fatal(err)
	}
	before, err := Load(n.KeyFile, n.ChainFile, n.PassphraseFile)
	if err != nil {
		t.Fatal(err)
	}
	// Killed after the key and before the chain: the chain is made from the key's file.
	if err := os.Remove(n.ChainFile); err != nil {
		t.Fatal(err)
	}
	n.At = n.At.AddDate(1, 0, 0)
	if err := Make(n); err != nil {
		t.Fatal(err)
	}
	after, err := Load(n.KeyFile, n.ChainFile, n.PassphraseFile)
	if err != nil || after.Fingerprint() != before.Fingerprint() {
		t.Errorf("another issuer, %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(n.KeyFile))
	if err != nil || len(entries) != 2 {
		t.Errorf("drafts are left behind: %v, %v", entries, err)
	}
	// A key that somebody brought is not given a chain that does not belong to it.
	if err := os.Remove(n.ChainFile); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(n.KeyFile)
	block, _ := pem.Decode(text)
	if err := os.WriteFile(n.KeyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(n); err == nil || !strings.Contains(err.Error(), n.KeyFile) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(n.ChainFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a chain was made: %v", err)
	}
}

func TestOfManyAtOnceOneMakesTheIssuer(t *testing.T) {
	n := newIn(t.TempDir())
	prints := make([]string, 3)
	var all sync.WaitGroup
	for i := range prints {
		all.Go(func() {
			if err := Make(n); err != nil {
				t.Error(err)
				return
			}
			issuer, err := Load(n.KeyFile, n.ChainFile, n.PassphraseFile)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = issuer.Fingerprint()
		})
	}
	all.Wait()
	for _, p := range prints {
		if p != prints[0] {
			t.Fatalf("several issuers: %v", prints)
		}
	}
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: plainBlock, Bytes: der})
}

func TestLoadSaysWhichFileIsWrong(t *testing.T) {
	issuer, other := testIssuer(t), otherIssuer(t)
	const passphrase = "correct horse battery staple"
	der, err := x509.MarshalPKCS8PrivateKey(issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := encryptKey(der, []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	encrypted := pem.EncodeToMemory(&pem.Block{Type: encryptedBlock, Bytes: closed})
	traditional := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(issuer.key)})
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := issuer.Chain().PEM()
	authority := vouch(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "A"}, NotBefore: signingTime, NotAfter: signingTime.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}, issuer.key)
	server := vouch(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "A"}, NotBefore: signingTime, NotAfter: signingTime.Add(time.Hour),
		KeyUsage: x509.KeyUsageKeyEncipherment,
	}, issuer.key)

	for name, c := range map[string]struct {
		key, chain []byte
		passphrase string // none: no file is named; "-": the file is missing
		wrong      string // the file that the error names
		says       string
	}{
		"plain":                    {pkcs8(t, issuer.key), good, "", "", ""},
		"encrypted":                {encrypted, good, passphrase + "\n", "", ""},
		"line break of Windows":    {encrypted, good, passphrase + "\r\n", "", ""},
		"no key":                   {nil, good, "", "key", "no such file"},
		"empty key":                {[]byte{}, good, "", "key", "no key in PEM"},
		"damaged key":              {pem.EncodeToMemory(&pem.Block{Type: plainBlock, Bytes: der[:200]}), good, "", "key", "damaged"},
		"traditional key":          {traditional, good, "", "key", "openssl pkcs8"},
		"curve":                    {pkcs8(t, curve), good, "", "key", "RSA"},
		"no passphrase":            {encrypted, good, "", "key", "passphrase"},
		"passphrase's file lost":   {encrypted, good, "-", "passphrase", "no such file"},
		"empty passphrase":         {encrypted, good, "\n", "passphrase", "empty"},
		"wrong passphrase":         {encrypted, good, "guess", "passphrase", "does not open"},
		"no chain":                 {pkcs8(t, issuer.key), nil, "", "chain", "no such file"},
		"empty chain":              {pkcs8(t, issuer.key), []byte("\n"), "", "chain", "no certificate"},
		"key in the chain":         {pkcs8(t, issuer.key), append(bytes.Clone(good), pkcs8(t, issuer.key)...), "", "chain", "only certificates"},
		"damaged certificate":      {pkcs8(t, issuer.key), bytes.Replace(good, []byte("MII"), []byte("M??"), 1), "", "chain", "cannot be read"},
		"unknown header":           {pkcs8(t, issuer.key), bytes.Replace(good, []byte("CERTIFICATE-----\n"), []byte("CERTIFICATE-----\nVarde-Revoke: 2027-01-01T00:00:00Z\n\n"), 1), "", "chain", "Varde-Revoke"},
		"damaged date":             {pkcs8(t, issuer.key), bytes.Replace(good, []byte("CERTIFICATE-----\n"), []byte("CERTIFICATE-----\nVarde-Revoked: 1.1.2027\n\n"), 1), "", "chain", "Varde-Revoked"},
		"others' chain":            {pkcs8(t, issuer.key), other.Chain().PEM(), "", "chain", "not that of the key"},
		"chain without root":       {pkcs8(t, issuer.key), (&Chain{links: issuer.chain.links[:1]}).PEM(), "", "chain", "lacks the authority"},
		"authority's certificate":  {pkcs8(t, issuer.key), authority.PEM(), "", "chain", "authority"},
		"certificate of a server":  {pkcs8(t, issuer.key), server.PEM(), "", "chain", "not one for signing"},
		"root first in the chain":  {pkcs8(t, issuer.key), (&Chain{links: []link{issuer.chain.links[1], issuer.chain.links[0]}}).PEM(), "", "chain", "not that of the key"},
		"another way of encrypton": {pem.EncodeToMemory(&pem.Block{Type: encryptedBlock, Bytes: bytes.Replace(closed, []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x09}, []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x07}, 1)}), good, passphrase, "key", "openssl pkcs8"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			files := map[string]string{"key": folder + "/the-key.pem", "chain": folder + "/the-chain.pem", "passphrase": folder + "/the-passphrase"}
			put := func(name string, content []byte) {
				if content == nil {
					return
				}
				if err := os.WriteFile(files[name], content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			put("key", c.key)
			put("chain", c.chain)
			named := files["passphrase"]
			switch c.passphrase {
			case "":
				named = ""
			case "-":
			default:
				put("passphrase", []byte(c.passphrase))
			}
			_, err := Load(files["key"], files["chain"], named)
			if c.wrong == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), files[c.wrong]) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want one about the %s that says %q", err, c.wrong, c.says)
			}
			for _, secret := range []string{passphrase, "guess", issuer.key.D.String()} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells a secret: %v", err)
				}
			}
		})
	}
}
