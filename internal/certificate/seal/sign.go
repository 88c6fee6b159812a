package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// MaxBytes is the longest file that is signed or judged. A certificate has some
// 50 kB.
const MaxBytes = 8 << 20

// Errors of Sign.
var (
	// ErrValidity says that the issuer's certificate does not hold at the time of
	// signing.
	ErrValidity = errors.New("the issuer's certificate is not valid at the time of signing")
	// ErrSigned says that a PDF has a form or a signature already.
	ErrSigned = errors.New("the PDF has a form or a signature already")
)

// Options are what a signature says of itself.
type Options struct {
	// At is the time of signing as the issuer states it, to the second.
	At time.Time
	// Number is the certificate's number; it is kept inside what is signed.
	Number string
	// Name, Reason and Location are shown by readers of PDF. An empty Name stands
	// for the issuer's.
	Name, Reason, Location string
	// Timestamp proves the time by an authority's token; nil for none.
	Timestamp Timestamper
}

// Sign puts a PAdES signature (B-B, with a time-stamp B-T) on an unsigned PDF and
// forbids every later change. The file is left as it is, byte for byte; the
// signature is appended. The same input gives the same bytes where no time-stamp
// is asked for. What it returns, Check calls genuine.
func Sign(ctx context.Context, pdf []byte, issuer *Issuer, o Options) ([]byte, error) {
	if len(pdf) > MaxBytes {
		return nil, fmt.Errorf("sign PDF: %d bytes are more than %d", len(pdf), MaxBytes)
	}
	if !issuer.chain.leadsToRoot(issuer.leaf, o.At) {
		return nil, fmt.Errorf("sign PDF: %w: %s, certificate from %s to %s", ErrValidity, o.At.UTC().Format(time.RFC3339),
			issuer.leaf.NotBefore.Format(time.RFC3339), issuer.leaf.NotAfter.Format(time.RFC3339))
	}
	signed, err := sign(ctx, pdf, issuer, o)
	if err != nil {
		return nil, fmt.Errorf("sign PDF: %w", err)
	}
	verdict := Check(signed, Trust{Chain: issuer.chain})
	if !verdict.Genuine || verdict.Number != o.Number {
		return nil, fmt.Errorf("sign PDF: what came out is not genuine: %s", verdict.Reason)
	}
	return signed, nil
}

func sign(ctx context.Context, pdf []byte, issuer *Issuer, o Options) ([]byte, error) {
	room, err := room(issuer.path, issuer.key.Size(), o.Timestamp != nil)
	if err != nil {
		return nil, err
	}
	if o.Name == "" {
		o.Name = issuer.leaf.Subject.CommonName
	}
	out, gap, err := withField(pdf, o, room)
	if err != nil {
		return nil, err
	}
	e := envelope{path: issuer.path, digest: digestAround(out, gap)}
	attributes, err := e.signedAttributes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(attributes)
	if e.signature, err = issuer.key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
		return nil, err
	}
	if o.Timestamp != nil {
		if e.token, err = o.Timestamp.Timestamp(ctx, e.signature); err != nil {
			return nil, err
		}
	}
	der, err := e.encode()
	if err != nil {
		return nil, err
	}
	if len(der) > room {
		return nil, fmt.Errorf("the signature has %d bytes, room is for %d", len(der), room)
	}
	hex.Encode(out[gap.start+1:], der)
	return out, nil
}

// room is how long the gap for a signature is. Without a time-stamp it fits to the
// byte, so that there is nothing to fill up. A checker asks for just this length:
// it must stay as it is, or no older file is genuine.
func room(path []*x509.Certificate, signature int, stamped bool) (int, error) {
	der, err := envelope{path: path, signature: make([]byte, signature)}.encode()
	if err != nil {
		return 0, err
	}
	if stamped {
		return len(der) + maxToken, nil
	}
	return len(der), nil
}

// span is a part of a file, from start up to end.
type span struct{ start, end int }

// digestAround hashes all of a file but the gap in which the signature stands.
func digestAround(pdf []byte, gap span) [sha256.Size]byte {
	hash := sha256.New()
	hash.Write(pdf[:gap.start])
	hash.Write(pdf[gap.end:])
	return [sha256.Size]byte(hash.Sum(nil))
}

// withField appends the signature's field, its dictionary with an empty gap, and
// page and catalogue as they must be to name them.
func withField(pdf []byte, o Options, room int) ([]byte, span, error) {
	d, err := open(pdf)
	if err != nil {
		return nil, span{}, err
	}
	root, err := d.catalogue()
	if err != nil {
		return nil, span{}, err
	}
	_, form := root["AcroForm"]
	if _, permissions := root["Perms"]; form || permissions {
		return nil, span{}, ErrSigned
	}
	page, err := d.firstPage()
	if err != nil {
		return nil, span{}, err
	}
	size := d.trailer["Size"]
	if size.kind != kindInt || d.trailer["Root"].kind != kindRef {
		return nil, span{}, damaged("trailer")
	}
	signature, field := size.num, size.num+1

	u := newUpdate(d, field+1)
	newPage, err := d.pageWith(page, field)
	if err != nil {
		return nil, span{}, err
	}
	u.object(page, newPage)
	newRoot, err := d.catalogueWith(root, signature, field)
	if err != nil {
		return nil, span{}, err
	}
	u.object(d.trailer["Root"].num, newRoot)
	u.object(field, fmt.Sprintf("<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (Signature)\n/V %d 0 R\n/P %d 0 R\n/Rect [0 0 0 0]\n/F 132\n>>",
		signature, page))
	gap := u.signature(signature, o, room)
	return u.finish(), gap, nil
}

// pageWith gives the page's dictionary with the field among its annotations. The
// field is nowhere to be seen, but readers find it by way of the page.
func (d *document) pageWith(page, field int) (string, error) {
	v, err := d.replaceable(page)
	if err != nil {
		return "", err
	}
	annotations, ok := v.entries["Annots"]
	if !ok {
		return d.extended(v, fmt.Sprintf("/Annots [%d 0 R]", field)), nil
	}
	if annotations.kind != kindArray {
		return "", damaged("annotations of the page")
	}
	last := annotations.end - 1
	return fmt.Sprintf("%s %d 0 R%s", d.data[v.start:last], field, d.data[last:v.end]), nil
}

// catalogueWith gives the catalogue with the form, the permission of no change,
// and the version of PDF that has both, where the file states a lower one.
func (d *document) catalogueWith(root map[string]value, signature, field int) (string, error) {
	v, err := d.replaceable(d.trailer["Root"].num)
	if err != nil {
		return "", err
	}
	added := fmt.Sprintf("/AcroForm <</Fields [%d 0 R] /SigFlags 3>>\n/Perms <</DocMDP %d 0 R>>", field, signature)
	const header, enough = "%PDF-", "1.7"
	_, states := root["Version"]
	if !bytes.HasPrefix(d.data, []byte(header)) || len(d.data) < len(header)+len(enough) {
		return "", damaged("header")
	}
	if !states && string(d.data[len(header):len(header)+len(enough)]) < enough {
		added += "\n/Version /" + enough
	}
	return d.extended(v, added), nil
}

// replaceable reads a dictionary of which an update may give a new edition.
func (d *document) replaceable(number int) (value, error) {
	v, _, err := d.object(number)
	if err != nil {
		return v, err
	}
	if v.kind != kindDict || !bytes.HasPrefix(d.data[d.offsets[number]:], fmt.Appendf(nil, "%d 0 obj", number)) {
		return v, damaged("object %d", number)
	}
	return v, nil
}

func (d *document) extended(v value, added string) string {
	return fmt.Sprintf("%s\n%s\n>>", bytes.TrimRight(d.data[v.start:v.end-len(">>")], "\n"), added)
}
