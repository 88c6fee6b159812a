package page

import (
	"bytes"
	"fmt"
	"strings"
)

// objectsOfFont is how many objects a font takes in a document: the font, its
// descendant, descriptor, widths' and letters' tables, and its outlines.
const objectsOfFont = 6

// fontObjects are the objects of one subset of a font, written once per process
// under numbers that are the same in all documents.
type fontObjects struct {
	written []byte
	places  [objectsOfFont]int // of each object in written
}

// writeFont writes a font whose codes are code points of two bytes, as gofpdf
// writes them on the page.
func writeFont(p parsedFont, name string, first, flags int) (fontObjects, error) {
	const symbolic = 4
	outlines, err := deflate(p.ttf)
	if err != nil {
		return fontObjects{}, err
	}
	toGlyph, err := deflate(glyphTable(p.glyphs))
	if err != nil {
		return fontObjects{}, err
	}
	toUnicode, err := deflate(unicodeTable(p.glyphs))
	if err != nil {
		return fontObjects{}, err
	}
	var w writer
	w.object(first, fmt.Sprintf("<<\n/Type /Font\n/Subtype /Type0\n/BaseFont /%s\n/Encoding /Identity-H\n/DescendantFonts [%d 0 R]\n/ToUnicode %d 0 R\n>>",
		name, first+1, first+4))
	w.object(first+1, fmt.Sprintf("<<\n/Type /Font\n/Subtype /CIDFontType2\n/BaseFont /%s\n"+
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>>\n/FontDescriptor %d 0 R\n/DW 0\n/W [%s]\n/CIDToGIDMap %d 0 R\n>>",
		name, first+2, widths(p.glyphs), first+3))
	w.object(first+2, fmt.Sprintf("<<\n/Type /FontDescriptor\n/FontName /%s\n/Flags %d\n/FontBBox [%d %d %d %d]\n"+
		"/ItalicAngle 0\n/Ascent %d\n/Descent %d\n/CapHeight %d\n/StemV 80\n/FontFile2 %d 0 R\n>>",
		name, symbolic|flags, p.bounds.Min.X, -p.bounds.Max.Y, p.bounds.Max.X, -p.bounds.Min.Y,
		p.metrics.Ascent, -p.metrics.Descent, p.metrics.CapHeight, first+5))
	w.stream(first+3, "/Filter /FlateDecode", toGlyph)
	w.stream(first+4, "/Filter /FlateDecode", toUnicode)
	w.stream(first+5, fmt.Sprintf("/Filter /FlateDecode\n/Length1 %d", len(p.ttf)), outlines)

	done := fontObjects{written: w.out}
	copy(done.places[:], w.places[first:])
	return done, nil
}

// glyphTable gives, two bytes a code, the glyph of each.
func glyphTable(glyphs []glyph) []byte {
	table := make([]byte, 2*(int(glyphs[len(glyphs)-1].code)+1))
	for _, g := range glyphs {
		table[2*g.code], table[2*g.code+1] = byte(g.index>>8), byte(g.index)
	}
	return table
}

// runsOf cuts the glyphs where their codes leave a gap or the high byte changes.
func runsOf(glyphs []glyph) [][]glyph {
	var runs [][]glyph
	start := 0
	for i := 1; i <= len(glyphs); i++ {
		if i == len(glyphs) || glyphs[i].code != glyphs[i-1].code+1 || glyphs[i].code&0xFF == 0 {
			runs = append(runs, glyphs[start:i])
			start = i
		}
	}
	return runs
}

func widths(glyphs []glyph) string {
	var b strings.Builder
	for _, run := range runsOf(glyphs) {
		fmt.Fprintf(&b, "%d [", run[0].code)
		for i, g := range run {
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%d", g.advance)
		}
		b.WriteString("] ")
	}
	return strings.TrimSpace(b.String())
}

// unicodeTable says that each code is its own code point.
func unicodeTable(glyphs []glyph) []byte {
	const mostRanges = 100 // in one list
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for runs := runsOf(glyphs); len(runs) > 0; runs = runs[min(mostRanges, len(runs)):] {
		list := runs[:min(mostRanges, len(runs))]
		fmt.Fprintf(&b, "%d beginbfrange\n", len(list))
		for _, run := range list {
			first := run[0].code
			fmt.Fprintf(&b, "<%04X> <%04X> <%04X>\n", first, run[len(run)-1].code, first)
		}
		b.WriteString("endbfrange\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
