package page

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/jung-kurt/gofpdf"
)

// brush draws on one page and remembers which letters of each font that took.
type brush struct {
	pdf   *gofpdf.Fpdf
	fonts *fontPair
	needs map[*face]uint8 // of the variants of the font, plus one
}

func (b *brush) sheet(s sheet) {
	b.stroke(fjord, 0.35)
	b.pdf.Rect(frameInset, frameInset, pageWidth-2*frameInset, pageHeight-2*frameInset, "D")
	b.mark(s.mark)
	b.wordmark(s.mark)
	for i, p := range s.pictures {
		b.picture(i, p)
	}
	b.stroke(fjord, 0.2)
	for _, r := range s.rules {
		b.pdf.Line(r.x, r.y, r.x+r.width, r.y)
	}
	for _, l := range s.lines {
		b.write(l)
	}
}

func (b *brush) fill(c colour) { b.pdf.SetFillColor(c.r, c.g, c.b) }

func (b *brush) stroke(c colour, width float64) {
	b.pdf.SetDrawColor(c.r, c.g, c.b)
	b.pdf.SetLineWidth(width)
}

func (b *brush) write(l line) {
	b.pdf.SetFont(l.face.family, "", l.size)
	b.pdf.SetTextColor(l.colour.r, l.colour.g, l.colour.b)
	x := l.x
	l.face.pieces(l.text, func(run string, marked []placedGlyph) {
		if marked == nil {
			b.text(l.face, x, l.y, run)
		} else {
			b.marked(l, x, run, marked)
		}
		x += l.face.width(run, l.size)
	})
}

// marked draws a letter with its marks, which is read out as it was given. The
// letter alone stands for all of it: a reader that goes by the pen's place finds
// no gap behind it, and one that knows no such words finds the marks next to it.
func (b *brush) marked(l line, x float64, letter string, glyphs []placedGlyph) {
	thousandth := l.size * mmPerPoint / 1000
	said := textString(letter)
	for _, g := range glyphs {
		b.raw("/Span <</ActualText " + said + ">> BDC")
		b.text(l.face, x+float64(g.x)*thousandth, l.y-float64(g.y)*thousandth, string(g.code))
		b.raw("EMC")
		said = "()"
	}
}

func (b *brush) text(f *face, x, y float64, s string) {
	needs := b.needs[f]
	for _, r := range s {
		needs = max(needs, f.smallest[r])
	}
	b.needs[f] = needs
	b.pdf.Text(x, y, s)
}

func (b *brush) raw(s string) { b.pdf.RawWriteStr(s) }

// picture draws the i-th picture, which says in words what it shows.
func (b *brush) picture(i int, p placedPicture) {
	if p.alt != "" {
		b.raw("/Span <</Alt " + textString(p.alt) + ">> BDC")
	}
	b.raw(fmt.Sprintf("q %.3f 0 0 %.3f %.3f %.3f cm /%s%d Do Q", p.at.width*pointsPerMM, p.at.height*pointsPerMM,
		p.at.x*pointsPerMM, (pageHeight-p.at.y-p.at.height)*pointsPerMM, pictureName, i))
	if p.alt != "" {
		b.raw("EMC")
	}
}

// wordmark sets the name beside the mark. The wordmark is semibold, and a third
// font would be embedded for five letters: an outline in the same colour gives
// them the weight.
func (b *brush) wordmark(m markPlace) {
	const fillAndStroke, fillOnly = 2, 0
	b.stroke(fjord, 0.18*m.side/markSide)
	b.pdf.SetTextRenderingMode(fillAndStroke)
	b.write(line{face: b.fonts.sans, size: m.wordSize(), colour: fjord, x: m.wordX(b.fonts.sans), y: m.baseline, text: wordmark})
	b.pdf.SetTextRenderingMode(fillOnly)
}

// code fills all dark modules as one path, so that no renderer shows seams
// between neighbours. It is drawn in modules, whose whole numbers are short.
func (b *brush) code(c code) {
	b.pdf.SetFillColor(0, 0, 0)
	module := codeSize / float64(c.modules) * pointsPerMM
	path := fmt.Appendf(make([]byte, 0, 16*len(c.dark)+64), "q %.5f 0 0 %.5f %.3f %.3f cm\n",
		module, -module, codeX*pointsPerMM, (pageHeight-codeY)*pointsPerMM)
	for _, r := range c.dark {
		for _, n := range [...]int{r.x, r.y, r.w, r.h} {
			path = append(strconv.AppendInt(path, int64(n), 10), ' ')
		}
		path = append(path, "re\n"...)
	}
	path = append(path, "f Q"...)
	b.pdf.RawWriteBuf(bytes.NewReader(path))
}
