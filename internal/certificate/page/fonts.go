package page

import (
	"embed"
	"fmt"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed fonts/*.ttf fonts/marks.txt
var fontFiles embed.FS

// variants are the subsets of each font from small to large, each with all the
// letters of the one before. A document carries the smallest that will do.
var variants = [...]string{"common", "cyrillic", "full"}

// loadFonts reads both fonts once per process.
var loadFonts = sync.OnceValues(func() (*fontPair, error) {
	serif, err := newFace("NotoSerif", firstFontObject, 2)
	if err != nil {
		return nil, err
	}
	sans, err := newFace("NotoSans", firstFontObject+objectsOfFont, 0)
	if err != nil {
		return nil, err
	}
	marks, err := fontFiles.ReadFile("fonts/marks.txt")
	if err != nil {
		return nil, fmt.Errorf("read the places of marks: %w", err)
	}
	tables, err := readMarks(string(marks))
	if err != nil {
		return nil, err
	}
	serif.clusters, sans.clusters = tables[0], tables[1]
	return &fontPair{serif: serif, sans: sans}, nil
})

// fontPair holds the only two fonts a page may use.
type fontPair struct{ serif, sans *face }

// draws reports whether both fonts have a letter for r. Both are asked, so that
// moving a text from one font to the other can never lose a letter.
func (p *fontPair) draws(r rune) bool { return p.serif.has(r) && p.sans.has(r) }

// face is one font as the layout sees it: which letters it has and how wide
// they are.
type face struct {
	family   string
	advances []uint16 // by rune, in thousandths of the size; 0: none, or a mark
	smallest []uint8  // by rune, the first of the variants that has it, plus one
	variants [len(variants)]fontObjects
	clusters map[string][]placedGlyph
	ttf      []byte // the common variant
}

// newFace reads all variants of a font, whose objects are numbered from first.
// Flags are those of the font's descriptor beside its being symbolic.
func newFace(family string, first, flags int) (*face, error) {
	f := &face{family: family}
	for i, variant := range variants {
		ttf, err := fontFiles.ReadFile("fonts/" + family + "-" + variant + ".ttf")
		if err != nil {
			return nil, fmt.Errorf("read font %s: %w", family, err)
		}
		if i == 0 {
			f.ttf = ttf
		}
		parsed, err := readFont(ttf)
		if err != nil {
			return nil, fmt.Errorf("read font %s-%s: %w", family, variant, err)
		}
		for _, g := range parsed.glyphs {
			f.set(g, uint8(i+1))
		}
		// Subsets are named with six capitals and a plus.
		name := fmt.Sprintf("VARDE%c+%s", 'A'+i, family)
		if f.variants[i], err = writeFont(parsed, name, first, flags); err != nil {
			return nil, fmt.Errorf("write font %s-%s: %w", family, variant, err)
		}
	}
	return f, nil
}

// drawable reports whether a glyph put at the pen's place shows r as it should
// look. Marks would stand beside their letter, and controls show nothing.
func drawable(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsMark(r) && r != unicode.ReplacementChar
}

func (f *face) set(g glyph, variant uint8) {
	if missing := int(g.code) + 1 - len(f.advances); missing > 0 {
		f.advances = append(f.advances, make([]uint16, missing)...)
		f.smallest = append(f.smallest, make([]uint8, missing)...)
	}
	if f.smallest[g.code] == 0 {
		f.smallest[g.code] = variant
	}
	if drawable(g.code) {
		f.advances[g.code] = uint16(g.advance)
	}
}

func (f *face) has(r rune) bool {
	return r >= 0 && int(r) < len(f.advances) && f.advances[r] > 0
}

// advance is the width of r in thousandths of the size; r must be in the font.
func (f *face) advance(r rune) int { return int(f.advances[r]) }

// glyph is a letter of a font: its code point, its place in the font, and its
// width in thousandths of the size.
type glyph struct {
	code    rune
	index   int
	advance int
}

// parsedFont is a TrueType font read, its glyphs in the order of their codes.
type parsedFont struct {
	ttf     []byte
	font    *sfnt.Font
	glyphs  []glyph
	metrics font.Metrics // in thousandths of the size
	bounds  fixed.Rectangle26_6
}

func readFont(ttf []byte) (parsedFont, error) {
	p := parsedFont{ttf: ttf}
	var err error
	if p.font, err = sfnt.Parse(ttf); err != nil {
		return p, err
	}
	// Asked for at a size of a thousand, everything comes in thousandths.
	const size = fixed.Int26_6(1000)
	buf := new(sfnt.Buffer)
	if p.metrics, err = p.font.Metrics(buf, size, font.HintingNone); err != nil {
		return p, err
	}
	if p.bounds, err = p.font.Bounds(buf, size, font.HintingNone); err != nil {
		return p, err
	}
	for r := rune(' '); r <= 0xFFFF; r++ {
		index, err := p.font.GlyphIndex(buf, r)
		if err != nil {
			return p, fmt.Errorf("look up %U: %w", r, err)
		}
		if index == 0 {
			continue
		}
		advance, err := p.font.GlyphAdvance(buf, index, size, font.HintingNone)
		if err != nil {
			return p, fmt.Errorf("measure %U: %w", r, err)
		}
		p.glyphs = append(p.glyphs, glyph{r, int(index), int(advance)})
	}
	return p, nil
}
