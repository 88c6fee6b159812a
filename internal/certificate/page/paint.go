package page

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/jung-kurt/gofpdf"
)

const (
	frameInset  = 9.0
	pointsPerMM = 72 / 25.4
)

// worker draws one page at a time. It keeps what is costly to make: the document
// that has read the fonts, of which every page is a template, and the packer.
type worker struct {
	fonts  *fontPair
	base   *gofpdf.Fpdf
	names  [2]string // what gofpdf calls serif and sans on the page
	packer *zlib.Writer
}

var workers sync.Pool

func hire(fonts *fontPair) (*worker, error) {
	if w, ok := workers.Get().(*worker); ok {
		return w, nil
	}
	// Packing harder takes a fifth of a document's time and gains 1 % of its size.
	packer, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	w := &worker{fonts: fonts, base: gofpdf.New("L", "mm", "A4", ""), packer: packer}
	for i, f := range []*face{fonts.serif, fonts.sans} {
		// gofpdf only has to know the font by name: it writes code points, and the
		// widths are measured here. It writes into the bytes it is given.
		w.base.AddUTF8FontFromBytes(f.family, "", bytes.Clone(f.ttf))
		if w.names[i], err = w.nameOf(f); err != nil {
			return nil, err
		}
	}
	return w, nil
}

var fontChosen = regexp.MustCompile(`/(F[0-9a-f]+) 12\.00 Tf`)

// nameOf draws nothing but the choice of a font, to learn how the page calls it.
func (w *worker) nameOf(f *face) (string, error) {
	content := w.base.CreateTemplate(func(t *gofpdf.Tpl) { t.SetFont(f.family, "", 12) }).Bytes()
	name := fontChosen.FindSubmatch(content)
	if name == nil {
		return "", fmt.Errorf("draw certificate: font %s: %w", f.family, errors.Join(w.base.Error(), errors.New("it was not chosen")))
	}
	return string(name[1]), nil
}

// paint draws a composed sheet and writes it as a PDF. gofpdf panics on some
// input rather than report it; whatever the checks before let pass ends as an
// error, and the worker is not used again.
func paint(f Facts, fonts *fontPair, s sheet, c code) ([]byte, error) {
	var pdf []byte
	var err error
	func() {
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("draw certificate: %v", cause)
			}
		}()
		pdf, err = paintSheet(f, fonts, s, c)
	}()
	return pdf, err
}

func paintSheet(f Facts, fonts *fontPair, s sheet, c code) ([]byte, error) {
	w, err := hire(fonts)
	if err != nil {
		return nil, err
	}
	d, err := w.draw(s, c)
	if err != nil {
		return nil, err
	}
	if d.files, err = w.attach(f.Attachments); err != nil {
		return nil, err
	}
	workers.Put(w)
	return document(f, d), nil
}

func (w *worker) draw(s sheet, c code) (drawing, error) {
	d := drawing{names: w.names, links: s.links}
	b := brush{fonts: w.fonts, needs: map[*face]uint8{}}
	var failed error
	content := w.base.CreateTemplate(func(t *gofpdf.Tpl) {
		b.pdf = &t.Fpdf
		b.sheet(s)
		b.code(c)
		failed = t.Error()
	}).Bytes()
	if failed != nil {
		return d, fmt.Errorf("draw certificate: %w", failed)
	}
	for _, one := range s.pictures {
		d.pictures = append(d.pictures, one.picture)
	}
	for i, f := range []*face{w.fonts.serif, w.fonts.sans} {
		d.variants[i] = &f.variants[max(b.needs[f], 1)-1]
	}
	var err error
	d.content, err = w.pack(content)
	return d, err
}

func (w *worker) pack(data []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(data)/3+64))
	w.packer.Reset(out)
	if _, err := w.packer.Write(data); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := w.packer.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}
