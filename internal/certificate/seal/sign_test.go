package seal

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

func TestSameInputGivesSameBytes(t *testing.T) {
	issuer, plain := testIssuer(t), smallPDF(t)
	one, two := mustSign(t, plain, issuer, options()), mustSign(t, plain, issuer, options())
	if !bytes.Equal(one, two) {
		t.Error("two signatures of the same page differ")
	}
	if !bytes.HasPrefix(one, plain) {
		t.Error("the page itself was changed")
	}
	later := options()
	later.At = later.At.Add(time.Second)
	if bytes.Equal(one, mustSign(t, plain, issuer, later)) {
		t.Error("another time gives the same bytes")
	}
}

func TestWhatASignatureSays(t *testing.T) {
	issuer := testIssuer(t)
	o := options()
	o.At = o.At.In(time.FixedZone("Riga", 3*60*60)).Add(999 * time.Millisecond)
	o.Reason = `Apliecība (a \ b) „“ 𝄞`
	signed := mustSign(t, smallPDF(t), issuer, o)
	d, err := open(signed)
	if err != nil {
		t.Fatal(err)
	}
	signatures, err := d.signatures()
	if err != nil || len(signatures) != 1 {
		t.Fatal(len(signatures), err)
	}
	for key, want := range map[string]string{
		"Reason": o.Reason, "Location": "Rīga", "Name": issuerName, "M": "D:20270612093015+00'00'", numberKey: number,
	} {
		if got := readText(signatures[0][key].text); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	if got, err := Number(signed); err != nil || got != number {
		t.Errorf("Number: %q, %v", got, err)
	}
	if contents := signatures[0]["Contents"].text; derLength(contents) != len(contents) {
		t.Error("room is left in a signature that should fit")
	}
}

func TestWhatIsNotSigned(t *testing.T) {
	issuer, plain := testIssuer(t), smallPDF(t)
	early := options()
	early.At = issuer.leaf.NotBefore.Add(-time.Second)
	for name, c := range map[string]struct {
		pdf     []byte
		options Options
		want    error // nil: any
	}{
		"nothing":        {nil, options(), errDamaged},
		"no PDF":         {[]byte("Hello"), options(), errDamaged},
		"signed already": {mustSign(t, plain, issuer, options()), options(), ErrSigned},
		"encrypted":      {encrypted(plain), options(), errEncrypted},
		"half":           {plain[:len(plain)/2], options(), errDamaged},
		"too long":       {append(bytes.Clone(plain), make([]byte, MaxBytes)...), options(), nil},
		"no time":        {plain, Options{Number: number}, ErrValidity},
		"too early":      {plain, early, ErrValidity},
		"no page":        {bytes.Replace(plain, []byte("/Type /Page\n"), []byte("/Type /Pale\n"), 1), options(), errDamaged},
		"rubbish behind": {append(bytes.Clone(plain), "rubbish"...), options(), errDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Sign(context.Background(), c.pdf, issuer, c.options)
			if err == nil || out != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %d bytes, %v", len(out), err)
			}
		})
	}
}

func TestAttachmentsSurviveSigning(t *testing.T) {
	plain := smallPDF(t)
	signed := mustSign(t, plain, testIssuer(t), options())
	for name, want := range map[string]string{badgeName: badge, "žodis.txt": "another file"} {
		for _, pdf := range [][]byte{plain, signed} {
			if got, err := ReadAttachment(pdf, name); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	if _, err := ReadAttachment(signed, "other"); !errors.Is(err, ErrNoAttachment) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadAttachment(fullPDF(t), badgeName); !errors.Is(err, ErrNoAttachment) {
		t.Errorf("a file without attachments: %v", err)
	}
	if _, err := ReadAttachment([]byte("Hello"), badgeName); !errors.Is(err, errDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestNumberOfOthers(t *testing.T) {
	unnumbered := options()
	unnumbered.Number = ""
	for name, pdf := range map[string][]byte{
		"no PDF": nil, "not signed": smallPDF(t), "no number": mustSign(t, smallPDF(t), testIssuer(t), unnumbered),
	} {
		if got, err := Number(pdf); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	issuer, pdf := testIssuer(b), fullPDF(b)
	b.ReportAllocs()
	for b.Loop() {
		mustSign(b, pdf, issuer, options())
	}
}

func BenchmarkCheck(b *testing.B) {
	issuer := testIssuer(b)
	signed := mustSign(b, fullPDF(b), issuer, options())
	b.ReportAllocs()
	for b.Loop() {
		if !Check(signed, Trust{Chain: issuer.Chain()}).Genuine {
			b.Fatal("not genuine")
		}
	}
}
