package page

import (
	"bytes"
	"fmt"

	"github.com/jung-kurt/gofpdf"
)

const (
	frameInset = 9.0
	markSide   = 15.0
	markTop    = topBaseline + 0.9 - markSide
	markX      = right - 36
)

// paint writes a composed sheet as a PDF. gofpdf panics on some input rather
// than report it; whatever the checks before let pass ends as an error.
func paint(f Facts, fonts *fontPair, s sheet, c code) ([]byte, error) {
	var pdf []byte
	var err error
	func() {
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("draw certificate: %v", cause)
			}
		}()
		pdf, err = draw(f, fonts, s, c)
	}()
	return pdf, err
}

func draw(f Facts, fonts *fontPair, s sheet, c code) ([]byte, error) {
	pdf := newDocument(f, fonts)
	stroke(pdf, fjord, 0.35)
	pdf.Rect(frameInset, frameInset, pageWidth-2*frameInset, pageHeight-2*frameInset, "D")
	drawMark(pdf, markX, markTop, markSide)
	drawWordmark(pdf, fonts.sans)
	stroke(pdf, fjord, 0.2)
	for _, r := range s.rules {
		pdf.Line(r.x, r.y, r.x+r.width, r.y)
	}
	for _, l := range s.lines {
		write(pdf, l)
	}
	drawCode(pdf, c)
	for _, a := range s.links {
		pdf.LinkString(a.x, a.y, a.width, a.height, f.VerifyURL)
	}

	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	return out.Bytes(), nil
}

// newDocument opens the one page, with both fonts, and everything set that would
// otherwise make the bytes depend on more than the facts.
func newDocument(f Facts, fonts *fontPair) *gofpdf.Fpdf {
	pdf := gofpdf.New("L", "mm", "A4", "")
	pdf.SetCompression(true)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(f.IssuedAt)
	pdf.SetModificationDate(f.IssuedAt)
	pdf.SetProducer("Varde", false)
	pdf.SetTitle(f.Primary.Heading+": "+f.Primary.Course, true)
	pdf.SetAuthor(f.Issuer, true)
	pdf.SetSubject(f.Number, true)
	pdf.SetAutoPageBreak(false, 0)
	for _, one := range []*face{fonts.serif, fonts.sans} {
		pdf.AddUTF8FontFromBytes(one.family, "", []byte(one.ttf))
	}
	pdf.AddPage()
	return pdf
}

func fill(pdf *gofpdf.Fpdf, c colour) { pdf.SetFillColor(c.r, c.g, c.b) }

func stroke(pdf *gofpdf.Fpdf, c colour, width float64) {
	pdf.SetDrawColor(c.r, c.g, c.b)
	pdf.SetLineWidth(width)
}

func write(pdf *gofpdf.Fpdf, l line) {
	pdf.SetFont(l.face.family, "", l.size)
	pdf.SetTextColor(l.colour.r, l.colour.g, l.colour.b)
	pdf.Text(l.x, l.y, l.text)
}

// drawWordmark sets the name beside the mark. The wordmark is semibold, and a
// third font would be embedded whole for five letters: an outline in the same
// colour gives them the weight.
func drawWordmark(pdf *gofpdf.Fpdf, sans *face) {
	const fillAndStroke, fillOnly = 2, 0
	const size = 19
	x := right - sans.width("Varde", size)
	stroke(pdf, fjord, 0.18)
	pdf.SetTextRenderingMode(fillAndStroke)
	write(pdf, line{face: sans, size: size, colour: fjord, x: x, y: topBaseline, text: "Varde"})
	pdf.SetTextRenderingMode(fillOnly)
}

// drawCode fills all dark modules as one path, so that no renderer shows seams
// between neighbours.
func drawCode(pdf *gofpdf.Fpdf, c code) {
	const pointsPerMM = 72 / 25.4
	module := codeSize / float64(c.modules) * pointsPerMM
	x0, y0 := codeX*pointsPerMM, (pageHeight-codeY)*pointsPerMM
	var path bytes.Buffer
	for _, r := range c.dark {
		fmt.Fprintf(&path, "%.3f %.3f %.3f %.3f re\n",
			x0+float64(r.x)*module, y0-float64(r.y)*module,
			float64(r.w)*module, -float64(r.h)*module)
	}
	path.WriteString("f")
	pdf.SetFillColor(0, 0, 0)
	pdf.RawWriteBuf(&path)
}
