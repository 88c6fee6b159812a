package seal

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestSignedFileIsGenuine(t *testing.T) {
	issuer := testIssuer(t)
	signed := mustSign(t, smallPDF(t), issuer, options())
	got := Check(signed, Trust{Chain: issuer.Chain()})
	want := Verdict{
		Genuine: true, Reason: Genuine, Number: number, SignedAt: signingTime,
		Signer: issuer.Certificate().Subject.String(), KeyFingerprint: issuer.Fingerprint(),
	}
	if got != want {
		t.Errorf("verdict\n got %+v\nwant %+v", got, want)
	}
}

// Whoever changes any one byte, in whatever way, is found out: in the page, in
// the tables, in the signature, even in the spelling of its digits.
func TestEveryFlippedByteIsFound(t *testing.T) {
	issuer := testIssuer(t)
	signed := mustSign(t, smallPDF(t), issuer, options())
	trust := Trust{Chain: issuer.Chain()}
	changed := bytes.Clone(signed)
	for i, b := range signed {
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xFF} {
			changed[i] = b ^ flip
			if v := Check(changed, trust); v.Genuine || v.Reason == Genuine {
				t.Fatalf("byte %d (%q as %q) of %d: %+v\n%q", i, b, changed[i], len(signed), v, signed[max(0, i-40):min(i+40, len(signed))])
			}
		}
		changed[i] = b
	}
}

func TestEveryTruncationIsFound(t *testing.T) {
	issuer := testIssuer(t)
	signed := mustSign(t, smallPDF(t), issuer, options())
	for i := range signed {
		if v := Check(signed[:i], Trust{Chain: issuer.Chain()}); v.Genuine {
			t.Fatalf("the first %d bytes of %d: %+v", i, len(signed), v)
		}
	}
}

// appendUpdate adds an incremental update with one more object.
func appendUpdate(t *testing.T, pdf []byte, entries string) []byte {
	t.Helper()
	d, err := open(pdf)
	if err != nil {
		t.Fatal(err)
	}
	root := d.trailer["Root"].num
	v, _, err := d.object(root)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(pdf)
	place := len(out)
	body := d.extended(v, "/Lang (xx)")
	if entries != "" {
		body = entries
	}
	out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", root, body)
	table := len(out)
	return fmt.Appendf(out, "xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d /Root %d 0 R /Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		root, place, d.trailer["Size"].num, root, d.table, table)
}

func TestReasons(t *testing.T) {
	issuer, other := testIssuer(t), otherIssuer(t)
	plain := smallPDF(t)
	signed := mustSign(t, plain, issuer, options())
	page := []byte("(Certificate) Tj")
	if !bytes.Contains(signed, page) {
		t.Fatal("the page is not to be found in the file")
	}
	foreignChain := &Chain{links: append([]link{issuer.chain.links[0]}, other.chain.links[1:]...)}
	mixed := &Chain{links: append(append([]link{}, issuer.chain.links...), other.chain.links...)}
	stretched := bytes.Replace(signed, []byte("/M (D:"), []byte("\n/M (D"), 1)

	for name, c := range map[string]struct {
		pdf   []byte
		chain *Chain
		want  Reason
	}{
		"as signed":                       {signed, issuer.chain, Genuine},
		"chain with more issuers":         {signed, mixed, Genuine},
		"nothing":                         {nil, issuer.chain, NotPDF},
		"a picture":                       {[]byte("\x89PNG\r\n\x1a\n"), issuer.chain, NotPDF},
		"too large":                       {append(bytes.Clone(signed), make([]byte, MaxBytes)...), issuer.chain, TooLarge},
		"no signature":                    {plain, issuer.chain, NotSigned},
		"header alone":                    {[]byte("%PDF-1.7\n"), issuer.chain, Damaged},
		"second half lost":                {signed[:len(plain)+100], issuer.chain, Damaged},
		"encrypted":                       {encrypted(plain), issuer.chain, Encrypted},
		"cross-reference stream":          {newer(""), issuer.chain, NotSigned},
		"cross-reference stream, signed":  {newer("/ByteRange [0 1 2 3]"), issuer.chain, UnknownIssuer},
		"appended update":                 {appendUpdate(t, signed, ""), issuer.chain, ChangedAfter},
		"appended update hides signature": {appendUpdate(t, signed, "<</Type /Catalog /Pages 1 0 R>>"), issuer.chain, ChangedAfter},
		"appended line break":             {append(bytes.Clone(signed), '\n'), issuer.chain, ChangedAfter},
		"appended rubbish":                {append(bytes.Clone(signed), "startxref\n1\n%%EOF"...), issuer.chain, ChangedAfter},
		"appended newer update":           {append(bytes.Clone(signed), newer("")...), issuer.chain, ChangedAfter},
		"page changed":                    {bytes.Replace(signed, page, []byte("(certificate) Tj"), 1), issuer.chain, Altered},
		"time changed":                    {bytes.Replace(signed, []byte("/M (D:2027"), []byte("/M (D:2028"), 1), issuer.chain, Altered},
		"time unreadable":                 {stretched, issuer.chain, Altered},
		"others' key, same names":         {mustSign(t, plain, other, options()), issuer.chain, UnknownIssuer},
		"others' chain":                   {signed, other.chain, UnknownIssuer},
		"key without its root":            {signed, &Chain{links: issuer.chain.links[:1]}, UnknownIssuer},
		"key with another's root":         {signed, foreignChain, UnknownIssuer},
		"root without the key":            {signed, &Chain{links: issuer.chain.links[1:]}, UnknownIssuer},
		"no chain":                        {signed, nil, UnknownIssuer},
		"range leaves out the end":        {shortRange(t, signed), issuer.chain, NotCovered},
		"two signatures":                  {twice(signed), issuer.chain, MoreThanOne},
	} {
		t.Run(name, func(t *testing.T) {
			got := Check(c.pdf, Trust{Chain: c.chain})
			if got.Reason != c.want || got.Genuine != (c.want == Genuine) {
				t.Errorf("got %+v, want %s", got, c.want)
			}
			if c.want == ChangedAfter && (got.Number != number || !got.SignedAt.Equal(signingTime)) {
				t.Errorf("what was signed before the change is lost: %+v", got)
			}
		})
	}
}

func encrypted(pdf []byte) []byte {
	return bytes.Replace(pdf, []byte("trailer\n<<\n"), []byte("trailer\n<<\n/Encrypt 5 0 R\n"), 1)
}

// newer is a file with a cross-reference stream, as far as anybody reads it here.
func newer(more string) []byte {
	const head = "%PDF-1.7\n"
	return fmt.Appendf([]byte(head), "1 0 obj\n<</Type /XRef /Length 0 %s>>\nstream\n\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", more, len(head))
}

// shortRange states a range that ends before the file does.
func shortRange(t *testing.T, signed []byte) []byte {
	t.Helper()
	at := bytes.LastIndex(signed, []byte(rangeKey))
	end := at + bytes.IndexByte(signed[at:], ']')
	out := bytes.Clone(signed)
	if out[end-1] == '0' {
		t.Fatal("the last digit of the range cannot be lowered")
	}
	out[end-1]--
	return out
}

// twice names the signature's field two times in the form.
func twice(signed []byte) []byte {
	at := bytes.LastIndex(signed, []byte("/Fields ["))
	end := at + bytes.IndexByte(signed[at:], ']')
	field := string(signed[at+len("/Fields [") : end])
	out := bytes.Replace(signed, []byte("/Fields ["+field+"] /SigFlags 3"), []byte("/Fields ["+field+" "+field+"]"), 1)
	// The places of what follows stay the same if the dictionary does not grow.
	missing := len(signed) - len(out)
	return bytes.Replace(out, []byte(field+" "+field+"]"), []byte(field+" "+field+"]"+strings.Repeat(" ", missing)), 1)
}

// A page put in the place of another, with the signature carried over.
func TestSwappedPageIsFound(t *testing.T) {
	issuer := testIssuer(t)
	one, two := mustSign(t, smallPDF(t, "Anna", "Berta"), issuer, options()), smallPDF(t, "Berta", "Anna")
	if len(one) < len(two) || bytes.Equal(one[:len(two)], two) {
		t.Fatal("the two files do not differ as they should")
	}
	swapped := append(bytes.Clone(two), one[len(two):]...)
	if v := Check(swapped, Trust{Chain: issuer.Chain()}); v.Reason != Altered {
		t.Errorf("got %+v", v)
	}
}

func TestTimeOfSigningMustLieInTheKeysTime(t *testing.T) {
	key := testIssuer(t).key
	for name, c := range map[string]struct {
		from, to time.Time
		want     Reason
	}{
		"within":      {signingTime.Add(-time.Hour), signingTime.Add(time.Hour), Genuine},
		"first, last": {signingTime, signingTime, Genuine},
		"expired":     {signingTime.Add(-time.Hour), signingTime.Add(-time.Second), OutsideValidity},
		"not yet":     {signingTime.Add(time.Second), signingTime.Add(time.Hour), OutsideValidity},
	} {
		t.Run(name, func(t *testing.T) {
			chain := vouch(t, &x509.Certificate{
				Subject: pkix.Name{CommonName: issuerName}, NotBefore: c.from, NotAfter: c.to,
				KeyUsage: x509.KeyUsageDigitalSignature,
			}, key)
			issuer, err := newIssuer(key, chain)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := sign(context.Background(), smallPDF(t), issuer, options())
			if err != nil {
				t.Fatal(err)
			}
			if v := Check(signed, Trust{Chain: chain}); v.Reason != c.want {
				t.Errorf("got %+v, want %s", v, c.want)
			}
			_, err = Sign(context.Background(), smallPDF(t), issuer, options())
			if (err == nil) != (c.want == Genuine) {
				t.Errorf("Sign: %v", err)
			}
		})
	}
}

func TestRevokedKeyIsRefusedFromItsDate(t *testing.T) {
	issuer := testIssuer(t)
	signed := mustSign(t, smallPDF(t), issuer, options())
	text := strings.Replace(string(issuer.Chain().PEM()), "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nVarde-Revoked: 2028-01-01T00:00:00Z\n\n", 1)
	chain, err := ParseChain([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	revoked := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		now  time.Time
		want Reason
	}{
		{revoked.Add(-time.Second), Genuine},
		// The thief of a key writes any time he likes into the file.
		{revoked, KeyRevoked},
		{revoked.AddDate(1, 0, 0), KeyRevoked},
		{time.Time{}, KeyRevoked},
	} {
		if v := Check(signed, Trust{Chain: chain, Now: c.now}); v.Reason != c.want {
			t.Errorf("at %s: got %+v, want %s", c.now, v, c.want)
		}
	}
	if again, err := ParseChain(chain.PEM()); err != nil || !again.Revoked(issuer.leaf).Equal(revoked) {
		t.Errorf("the revocation is lost when the chain is published: %v", err)
	}
	if _, err := newIssuer(issuer.key, chain); err == nil {
		t.Error("a revoked key signs")
	}
}

// What an old key signed stays genuine after a change of key.
func TestPastKeysStayGood(t *testing.T) {
	old, present := otherIssuer(t), testIssuer(t)
	signed := mustSign(t, smallPDF(t), old, options())
	chain := &Chain{links: append(append([]link{}, present.chain.links...), old.chain.links...)}
	v := Check(signed, Trust{Chain: chain})
	if !v.Genuine || v.KeyFingerprint != old.Fingerprint() {
		t.Errorf("got %+v", v)
	}
}

// The issuer may renew a root's certificate for the same key and put it wherever
// it likes in the chain.
func TestRenewedRootLeavesOldFilesGenuine(t *testing.T) {
	key := testIssuer(t).key
	chain, rootKey := vouchAs(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: issuerName}, NotBefore: signingTime.Add(-time.Hour), NotAfter: signingTime.Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}, key)
	issuer, err := newIssuer(key, chain)
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := certify(&x509.Certificate{
		Subject: issuer.path[1].Subject, NotBefore: signingTime, NotAfter: signingTime.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		t.Fatal(err)
	}
	signed := mustSign(t, smallPDF(t), issuer, options())
	for name, links := range map[string][]link{
		"behind":   {chain.links[0], chain.links[1], {certificate: renewed}},
		"in front": {{certificate: renewed}, chain.links[0], chain.links[1]},
	} {
		if v := Check(signed, Trust{Chain: &Chain{links: links}}); !v.Genuine {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
