package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority is a time-stamping authority as openssl ts makes one, on this machine.
type authority struct {
	server *httptest.Server
	root   *x509.Certificate
	answer func(w http.ResponseWriter, reply []byte) // nil: as it is
}

type authorityKind struct {
	curve    bool
	digest   string
	named    string // the digest by which a token names the certificate
	usage    []asn1.ObjectIdentifier
	critical bool
}

var forStamps = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}

func soundAuthority() authorityKind {
	return authorityKind{digest: "sha256", named: "sha256", usage: []asn1.ObjectIdentifier{forStamps}, critical: true}
}

func newAuthority(t testing.TB, kind authorityKind) *authority {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Fatal("this test needs openssl (Debian package openssl)")
	}
	folder := t.TempDir()
	key, leaf, root := kind.certify(t)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: plainBlock, Bytes: der})))
	write("tsa.pem", string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: leaf.Raw})))
	write("serial", "01\n")
	write("ts.cnf", "[tsa]\ndefault_tsa = local\n[local]\nserial = serial\ncrypto_device = builtin\nsigner_cert = tsa.pem\n"+
		"signer_key = key.pem\nsigner_digest = "+kind.digest+"\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n"+
		"accuracy = secs:1, millisecs:500\ness_cert_id_alg = "+kind.named+"\n")

	a := &authority{root: root}
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			t.Errorf("query: %v, %s", err, r.Header.Get("Content-Type"))
		}
		write("query", string(query))
		command := exec.Command("openssl", "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query")
		command.Dir = folder
		reply, err := command.Output()
		if err != nil {
			t.Errorf("openssl ts: %v", err)
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		if a.answer != nil {
			a.answer(w, reply)
			return
		}
		_, _ = w.Write(reply)
	}))
	t.Cleanup(a.server.Close)
	return a
}

// certify makes the authority's key and certificate, and the root of both.
func (kind authorityKind) certify(t testing.TB) (crypto.Signer, *x509.Certificate, *x509.Certificate) {
	t.Helper()
	var key crypto.Signer
	var err error
	if kind.curve {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		key, err = rsa.GenerateKey(rand.Reader, minKeyBits)
	}
	if err != nil {
		t.Fatal(err)
	}
	usage, err := asn1.Marshal(kind.usage)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root, err := certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Time root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "Time"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: oidExtKeyUsage, Critical: kind.critical, Value: usage}},
	}, root, key.Public(), rootKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, leaf, root
}

// presentIssuer has a certificate that is valid now, for authorities go by the
// machine's clock.
func presentIssuer(t testing.TB) (*Issuer, Options) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	key := testIssuer(t).key
	issuer, err := newIssuer(key, vouch(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: issuerName}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}, key))
	if err != nil {
		t.Fatal(err)
	}
	o := options()
	o.At = now
	return issuer, o
}

func TestTimestampedFileIsGenuine(t *testing.T) {
	issuer, o := presentIssuer(t)
	for name, change := range map[string]func(*authorityKind){
		"RSA":              func(*authorityKind) {},
		"RSA, SHA-512":     func(k *authorityKind) { k.digest = "sha512" },
		"ECDSA":            func(k *authorityKind) { k.curve = true },
		"ECDSA, SHA-384":   func(k *authorityKind) { k.curve, k.digest = true, "sha384" },
		"named by SHA-1":   func(k *authorityKind) { k.named = "sha1" },
		"named by SHA-512": func(k *authorityKind) { k.named = "sha512" },
	} {
		t.Run(name, func(t *testing.T) {
			kind := soundAuthority()
			change(&kind)
			a := newAuthority(t, kind)
			roots := []*x509.Certificate{a.root}
			o := o
			o.Timestamp = HTTPTimestamper{URL: a.server.URL, Roots: roots}
			signed := mustSign(t, smallPDF(t), issuer, o)
			v := Check(signed, Trust{Chain: issuer.Chain(), TimestampRoots: roots})
			if off := time.Since(v.Timestamp); !v.Genuine || !v.TimestampTrusted || off < -time.Minute || off > 10*time.Minute {
				t.Errorf("got %+v", v)
			}
			for _, roots := range [][]*x509.Certificate{nil, {issuer.path[1]}} {
				if v := Check(signed, Trust{Chain: issuer.Chain(), TimestampRoots: roots}); !v.Genuine || v.TimestampTrusted || v.Timestamp.IsZero() {
					t.Errorf("without the authority's root: %+v", v)
				}
			}
			file := writeFile(t, "stamped.pdf", signed)
			if report := tool(t, nil, "pdfsig", "-nocert", file); !strings.Contains(report, "Signature is Valid.") || !strings.Contains(report, "Total document signed") {
				t.Errorf("pdfsig:\n%s", report)
			}
			tool(t, nil, "qpdf", "--check", file)
		})
	}
}

func TestEveryFlippedByteOfATimestampedFileIsFound(t *testing.T) {
	issuer, o := presentIssuer(t)
	a := newAuthority(t, soundAuthority())
	trust := Trust{Chain: issuer.Chain(), TimestampRoots: []*x509.Certificate{a.root}}
	o.Timestamp = HTTPTimestamper{URL: a.server.URL, Roots: trust.TimestampRoots}
	signed := mustSign(t, smallPDF(t), issuer, o)
	changed := bytes.Clone(signed)
	zeros := bytes.Index(signed, bytes.Repeat([]byte("0"), 1000))
	filled := zeros + bytes.IndexByte(signed[zeros:], '>')
	for i, b := range signed {
		// Of the thousands of zeros that fill up the room for a time-stamp, some.
		if i > zeros && i < filled-1 && i%97 != 0 {
			continue
		}
		for _, flip := range []byte{0x01, 0x20} {
			changed[i] = b ^ flip
			if v := Check(changed, trust); v.Genuine {
				t.Errorf("byte %d (%q as %q) of %d: %+v", i, b, changed[i], len(signed), v)
			}
		}
		changed[i] = b
	}
}

func TestTimestampSavesWhatWasSignedBeforeTheKeyWasRevoked(t *testing.T) {
	issuer, o := presentIssuer(t)
	a := newAuthority(t, soundAuthority())
	roots := []*x509.Certificate{a.root}
	o.Timestamp = HTTPTimestamper{URL: a.server.URL, Roots: roots}
	signed := mustSign(t, smallPDF(t), issuer, o)
	for name, c := range map[string]struct {
		revoked time.Duration
		roots   []*x509.Certificate
		want    Reason
	}{
		"stamped before":                         {time.Hour, roots, Genuine},
		"stamped after":                          {-time.Minute, roots, KeyRevoked},
		"stamped before, within the inaccuracy":  {0, roots, KeyRevoked},
		"stamped before, by nobody that we know": {time.Hour, nil, KeyRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			links := append([]link{}, issuer.chain.links...)
			stated := Check(signed, Trust{Chain: issuer.chain}).Timestamp
			links[0].revoked = stated.Add(c.revoked + time.Second)
			if v := Check(signed, Trust{Chain: &Chain{links: links}, TimestampRoots: c.roots}); v.Reason != c.want {
				t.Errorf("got %+v, want %s", v, c.want)
			}
		})
	}
}

// Nothing is signed with a time-stamp that a checker would not believe.
func TestBadTimestampsAreRefused(t *testing.T) {
	issuer, o := presentIssuer(t)
	sound := newAuthority(t, soundAuthority())
	earlier, err := HTTPTimestamper{URL: sound.server.URL}.Timestamp(context.Background(), []byte("another signature"))
	if err != nil {
		t.Fatal(err)
	}
	reply := func(status int, token []byte) []byte {
		var r stampResponse
		r.Status.Status = status
		r.Token.FullBytes = token
		der, err := asn1.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	send := func(content []byte) func(http.ResponseWriter, []byte) {
		return func(w http.ResponseWriter, _ []byte) { _, _ = w.Write(content) }
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, []byte)
		roots  []*x509.Certificate
		want   string
	}{
		"as it is":              {nil, []*x509.Certificate{sound.root}, ""},
		"as it is, no roots":    {nil, nil, ""},
		"others' roots":         {nil, issuer.chain.Certificates(), "not trusted"},
		"for another signature": {send(reply(0, earlier)), nil, "another question"},
		"refused":               {send(reply(2, nil)), nil, "status 2"},
		"no token":              {send(reply(0, nil)), nil, "damaged"},
		"rubbish":               {send([]byte("<html>")), nil, "no time-stamp"},
		"endless":               {send(make([]byte, maxToken+1)), nil, "too long"},
		"failing":               {func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusBadGateway) }, nil, "502"},
		"altered": {func(w http.ResponseWriter, reply []byte) {
			reply[len(reply)-5] ^= 1
			_, _ = w.Write(reply)
		}, nil, "time-stamp"},
	} {
		t.Run(name, func(t *testing.T) {
			sound.answer = c.answer
			o := o
			o.Timestamp = HTTPTimestamper{URL: sound.server.URL, Roots: c.roots}
			_, err := Sign(context.Background(), smallPDF(t), issuer, o)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one that says %q", err, c.want)
			}
		})
	}
	t.Run("too late", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := (HTTPTimestamper{URL: sound.server.URL}).Timestamp(ctx, []byte("x")); err == nil {
			t.Error("a cancelled question is answered")
		}
	})
}

func TestOnlyAuthoritiesOfTimeAreTrusted(t *testing.T) {
	servers := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	for name, c := range map[string]struct {
		usage    []asn1.ObjectIdentifier
		critical bool
		late     time.Duration
		want     bool
	}{
		"for time-stamps": {[]asn1.ObjectIdentifier{forStamps}, true, 0, true},
		"not critical":    {[]asn1.ObjectIdentifier{forStamps}, false, 0, false},
		"for servers too": {[]asn1.ObjectIdentifier{forStamps, servers}, true, 0, false},
		"for servers":     {[]asn1.ObjectIdentifier{servers}, true, 0, false},
		"for others too":  {[]asn1.ObjectIdentifier{forStamps, {1, 2, 3}}, true, 0, false},
		"expired":         {[]asn1.ObjectIdentifier{forStamps}, true, 30 * 365 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, leaf, root := authorityKind{curve: true, usage: c.usage, critical: c.critical}.certify(t)
			s := stamp{signer: leaf, earliest: time.Now().Add(c.late)}
			if err := s.trusted([]*x509.Certificate{root}); (err == nil) != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}
