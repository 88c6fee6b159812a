package seal

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// testdata holds files that this package signed once, with what is needed to
// check them. They must stay genuine for ever: people keep such files for years.
func kept(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func keptTrust(t testing.TB) Trust {
	t.Helper()
	chain, err := ParseChain(kept(t, "chain.pem"))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := ParseChain(kept(t, "authority.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return Trust{Chain: chain, TimestampRoots: authority.Certificates()}
}

func TestOldFilesStayGenuine(t *testing.T) {
	trust := keptTrust(t)
	plain, stamped := Check(kept(t, "signed.pdf"), trust), Check(kept(t, "stamped.pdf"), trust)
	for name, v := range map[string]Verdict{"signed": plain, "stamped": stamped} {
		if !v.Genuine || v.Number != number || v.SignedAt.Year() != 2026 {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if !plain.Timestamp.IsZero() || !stamped.TimestampTrusted || stamped.Timestamp.Sub(stamped.SignedAt).Abs() > time.Minute {
		t.Errorf("time-stamps: %+v, %+v", plain, stamped)
	}
}

// Whatever somebody brings, there is an answer, soon, and only what was signed is
// genuine.
func FuzzCheck(f *testing.F) {
	trust := keptTrust(f)
	genuine := [][]byte{kept(f, "signed.pdf"), kept(f, "stamped.pdf")}
	for _, pdf := range genuine {
		f.Add(pdf)
		f.Add(append(bytes.Clone(pdf), "\n"...))
	}
	f.Add(smallPDF(f))
	f.Add(encrypted(smallPDF(f)))
	f.Add(newer("/Encrypt 1 0 R"))
	f.Add([]byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R /Prev 9>>\nstartxref\n9\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		v := Check(pdf, trust)
		if v.Reason == "" || v.Genuine != (v.Reason == Genuine) {
			t.Fatalf("no clear answer: %+v", v)
		}
		if v.Genuine && !bytes.Equal(pdf, genuine[0]) && !bytes.Equal(pdf, genuine[1]) {
			t.Fatalf("genuine, but never signed: %+v", v)
		}
		// Neither may fail otherwise than by its error.
		_, _ = Number(pdf)
		_, _ = ReadAttachment(pdf, badgeName)
	})
}

// What can be signed is genuine then; all else is an error.
func FuzzSign(f *testing.F) {
	issuer := testIssuer(f)
	f.Add(smallPDF(f), "Reason", number)
	f.Add(smallPDF(f, "one", "two"), "Pārbaude (a\\", "")
	f.Add(kept(f, "signed.pdf"), "", "\xff")
	f.Fuzz(func(t *testing.T, pdf []byte, reason, number string) {
		o := Options{At: signingTime, Reason: reason, Number: number}
		signed, err := Sign(context.Background(), pdf, issuer, o)
		if err != nil {
			return
		}
		if v := Check(signed, Trust{Chain: issuer.Chain()}); !v.Genuine || v.Number != number {
			t.Fatalf("signed, but %+v", v)
		}
		if !bytes.HasPrefix(signed, pdf) {
			t.Fatal("signing changed the file")
		}
	})
}

// Authorities and files bring time-stamps of any kind.
func FuzzReadStamp(f *testing.F) {
	d, err := open(kept(f, "stamped.pdf"))
	if err != nil {
		f.Fatal(err)
	}
	signatures, err := d.signatures()
	if err != nil {
		f.Fatal(err)
	}
	contents := signatures[0]["Contents"].text
	e, err := decode(contents[:derLength(contents)], keptTrust(f).Chain, [32]byte{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.token)
	f.Fuzz(func(t *testing.T, token []byte) {
		s, err := readStamp(token)
		if err != nil {
			return
		}
		if !bytes.Equal(token, e.token) && s.trusted(keptTrust(t).TimestampRoots) == nil {
			t.Fatal("trusted, but not the token that the authority gave")
		}
		if _, err := granted(token); err == nil {
			t.Fatal("a token is no answer")
		}
	})
}
