package page

import (
	_ "embed" // the two fonts
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts are strings, not byte slices, because gofpdf writes into the bytes
// it is given (it pads tables in place): each page needs a copy of its own.
var (
	//go:embed fonts/NotoSerif-Regular.ttf
	serifTTF string
	//go:embed fonts/NotoSans-Regular.ttf
	sansTTF string
)

// loadFonts reads both fonts once per process.
var loadFonts = sync.OnceValues(func() (*fontPair, error) {
	serif, err := newFace("notoserif", serifTTF)
	if err != nil {
		return nil, err
	}
	sans, err := newFace("notosans", sansTTF)
	if err != nil {
		return nil, err
	}
	return &fontPair{serif: serif, sans: sans}, nil
})

// fontPair holds the only two fonts a page may use: gofpdf embeds every
// registered font and measures it anew for each document.
type fontPair struct{ serif, sans *face }

// draws reports whether both fonts have a letter for r. Both are asked, so that
// moving a text from one font to the other can never lose a letter.
func (p *fontPair) draws(r rune) bool { return p.serif.has(r) && p.sans.has(r) }

// face is one font as the layout sees it: which letters it has and how wide
// they are.
type face struct {
	family   string
	ttf      string
	advances []uint16 // by rune, in thousandths of the size; 0 where there is no glyph
}

func newFace(family, ttf string) (*face, error) {
	parsed, err := sfnt.Parse([]byte(ttf))
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", family, err)
	}
	f := &face{family: family, ttf: ttf}
	buf := new(sfnt.Buffer)
	for r := rune(' '); r <= 0xFFFF; r++ {
		glyph, err := parsed.GlyphIndex(buf, r)
		if err != nil {
			return nil, fmt.Errorf("look up %U in font %s: %w", r, family, err)
		}
		if glyph == 0 || !drawable(r) {
			continue
		}
		em := parsed.UnitsPerEm()
		width, err := parsed.GlyphAdvance(buf, glyph, fixed.Int26_6(em), font.HintingNone)
		if err != nil {
			return nil, fmt.Errorf("measure %U in font %s: %w", r, family, err)
		}
		f.set(r, (int(width)*1000+int(em)/2)/int(em))
	}
	return f, nil
}

// drawable reports whether a glyph put at the pen's place shows r as it should
// look. Marks would stand beside their letter, and controls show nothing.
func drawable(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsMark(r) && r != unicode.ReplacementChar
}

func (f *face) set(r rune, advance int) {
	if missing := int(r) + 1 - len(f.advances); missing > 0 {
		f.advances = append(f.advances, make([]uint16, missing)...)
	}
	f.advances[r] = uint16(advance)
}

func (f *face) has(r rune) bool {
	return r >= 0 && int(r) < len(f.advances) && f.advances[r] > 0
}

// advance is the width of r in thousandths of the size; r must be in the font.
func (f *face) advance(r rune) int { return int(f.advances[r]) }

func (f *face) advanceAll(s string) int {
	sum := 0
	for _, r := range s {
		sum += f.advance(r)
	}
	return sum
}

// mmPerPoint converts type sizes, which are in points, to the page's millimetres.
const mmPerPoint = 25.4 / 72

// width is how long s is in mm at a size in points.
func (f *face) width(s string, size float64) float64 {
	return float64(f.advanceAll(s)) / 1000 * size * mmPerPoint
}

// wrap sets s in lines no longer than width mm. It breaks between words; a word
// longer than a line is broken at its own hyphens, and only one that has none is
// cut between two letters. Even lines are no longer than their number demands, so
// that a title does not leave one word alone.
func (f *face) wrap(s string, size, width float64, evenly bool) []string {
	lines, whole := f.breakLines(s, size, width, false)
	atHyphens := !whole
	if atHyphens {
		lines, whole = f.breakLines(s, size, width, true)
	}
	if !evenly || !whole || len(lines) == 1 {
		return lines
	}
	for low, high := width/2, width; high-low > 1; {
		middle := (low + high) / 2
		narrow, ok := f.breakLines(s, size, middle, atHyphens)
		if !ok || len(narrow) > len(lines) {
			low = middle
			continue
		}
		lines, high = narrow, middle
	}
	return lines
}

// breakLines fills line after line. The second result is false if a word had to
// be cut between two letters.
func (f *face) breakLines(s string, size, width float64, atHyphens bool) ([]string, bool) {
	var lines []string
	whole := true
	limit := int(width / (size * mmPerPoint) * 1000)
	start, breakAt, used := 0, 0, 0
	var before, last rune
	for i, r := range s {
		if opensLine(last, r) || atHyphens && isHyphen(last) && unicode.IsLetter(before) && unicode.IsLetter(r) {
			breakAt = i
		}
		if used+f.advance(r) > limit && i > start && r != ' ' {
			if breakAt <= start {
				breakAt, whole = i, false
			}
			lines = append(lines, strings.TrimRight(s[start:breakAt], " "))
			start, used = breakAt, f.advanceAll(s[breakAt:i])
		}
		used += f.advance(r)
		before, last = last, r
	}
	return append(lines, s[start:]), whole
}

// opensLine reports whether a line may begin with r, which follows last: after a
// space, but not with a sign that stands between two words.
func opensLine(last, r rune) bool {
	return last == ' ' && !strings.ContainsRune(" ·•–—/|", r)
}

// isHyphen reports signs after which a word written with them may be broken.
func isHyphen(r rune) bool { return strings.ContainsRune("-\u2010–/", r) }
