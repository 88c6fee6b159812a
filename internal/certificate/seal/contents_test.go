package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"testing"
)

// contentsOf reads the signature of a file, with the gap in which it stands.
func contentsOf(t *testing.T, pdf []byte, chain *Chain) (envelope, span) {
	t.Helper()
	d, err := open(pdf)
	if err != nil {
		t.Fatal(err)
	}
	signatures, err := d.signatures()
	if err != nil {
		t.Fatal(err)
	}
	contents := signatures[0]["Contents"]
	gap := span{contents.start, contents.end}
	e, err := decode(contents.text[:derLength(contents.text)], chain, digestAround(pdf, gap))
	if err != nil {
		t.Fatal(err)
	}
	return e, gap
}

// rewritten puts another signature into the gap of a file and fills up with zeros.
func rewritten(t *testing.T, pdf []byte, gap span, e envelope) []byte {
	t.Helper()
	der, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	if 2*len(der) > gap.end-gap.start-2 {
		t.Fatalf("no room for %d bytes", len(der))
	}
	out := bytes.Clone(pdf)
	copy(out[gap.start+1:gap.end-1], bytes.Repeat([]byte("0"), gap.end-gap.start-2))
	hex.Encode(out[gap.start+1:], der)
	return out
}

// What stands in the signature but is not signed over cannot be changed unseen
// either: neither certificates nor the time-stamp.
func TestRewrittenSignatureIsFound(t *testing.T) {
	trust := keptTrust(t)
	others := otherIssuer(t).chain.links
	trust.Chain = &Chain{links: append(slices.Clone(trust.Chain.links), others...)}
	for name, c := range map[string]struct {
		file   string
		change func(e *envelope)
		want   Reason
	}{
		"plain as it is":                {"signed.pdf", func(*envelope) {}, Genuine},
		"plain, root dropped":           {"signed.pdf", func(e *envelope) { e.path = e.path[:1] }, Altered},
		"stamped as it is":              {"stamped.pdf", func(*envelope) {}, Genuine},
		"stamped, root dropped":         {"stamped.pdf", func(e *envelope) { e.path = e.path[:1] }, Altered},
		"stamped, root twice":           {"stamped.pdf", func(e *envelope) { e.path = append(e.path, e.path[1]) }, Altered},
		"stamped, another root added":   {"stamped.pdf", func(e *envelope) { e.path = append(e.path, others[1].certificate) }, Altered},
		"stamped, another root instead": {"stamped.pdf", func(e *envelope) { e.path[1] = others[1].certificate }, Altered},
		"stamped, order of the chain":   {"stamped.pdf", func(e *envelope) { slices.Reverse(e.path) }, Altered},
		"time-stamp dropped":            {"stamped.pdf", func(e *envelope) { e.token = nil }, Altered},
		"time-stamp and root dropped":   {"stamped.pdf", func(e *envelope) { e.token, e.path = nil, e.path[:1] }, Altered},
	} {
		t.Run(name, func(t *testing.T) {
			pdf := kept(t, c.file)
			e, gap := contentsOf(t, pdf, trust.Chain)
			c.change(&e)
			got := rewritten(t, pdf, gap, e)
			if bytes.Equal(got, pdf) != (c.want == Genuine) {
				t.Fatal("the file is not changed as it should be")
			}
			if v := Check(got, trust); v.Reason != c.want || v.Genuine != (c.want == Genuine) {
				t.Errorf("got %+v, want %s", v, c.want)
			}
		})
	}
}

// Even with the key, a signature counts only in the room that Sign leaves for it.
func TestRoomIsThatOfSign(t *testing.T) {
	issuer := testIssuer(t)
	fits, err := room(issuer.path, issuer.key.Size(), false)
	if err != nil {
		t.Fatal(err)
	}
	for more, want := range map[int]Reason{0: Genuine, 1: Altered, maxToken: Altered} {
		out, gap, err := withField(smallPDF(t), options(), fits+more)
		if err != nil {
			t.Fatal(err)
		}
		e := envelope{path: issuer.path, digest: digestAround(out, gap)}
		attributes, err := e.signedAttributes()
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(attributes)
		if e.signature, err = issuer.key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
			t.Fatal(err)
		}
		if v := Check(rewritten(t, out, gap, e), Trust{Chain: issuer.chain}); v.Reason != want {
			t.Errorf("%d bytes more: got %+v, want %s", more, v, want)
		}
	}
}

type noToken struct{}

func (noToken) Timestamp(context.Context, []byte) ([]byte, error) { return nil, nil }

func TestNothingIsSignedWithATimestampThatNeverCame(t *testing.T) {
	o := options()
	o.Timestamp = noToken{}
	if _, err := Sign(context.Background(), smallPDF(t), testIssuer(t), o); err == nil {
		t.Error("signed")
	}
}

func TestCompleteChain(t *testing.T) {
	present, past := testIssuer(t).chain.links, otherIssuer(t).chain.links
	for name, c := range map[string]struct {
		links   []link
		missing *x509.Certificate // the signer that the error names
	}{
		"both roots":        {slices.Concat(present, past), nil},
		"past root lost":    {slices.Concat(present, past[:1]), past[0].certificate},
		"present root lost": {slices.Concat(present[:1], past), present[0].certificate},
	} {
		t.Run(name, func(t *testing.T) {
			chain := &Chain{links: c.links}
			err := chain.Complete()
			if c.missing == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !bytes.Contains([]byte(err.Error()), []byte(Fingerprint(c.missing))) {
				t.Errorf("got %v", err)
			}
		})
	}
}
