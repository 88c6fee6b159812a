package page

// smallestType is the smallest type, in points, that a person with a printed
// page can be asked to read.
const smallestType = 6.0

// style is how a paragraph looks at full scale: size in points, leading from
// baseline to baseline as a multiple of it, gap above the paragraph in mm.
type style struct {
	face    *face
	size    float64
	leading float64
	colour  colour
	gap     float64
	evenly  bool // lines of about one length
}

// line is one line of text: x of its first letter and y of its baseline, in mm
// from the top left, and the size in points.
type line struct {
	face   *face
	size   float64
	colour colour
	x, y   float64
	text   string
}

func (l line) width() float64 { return l.face.width(l.text, l.size) }

// rule is a thin level stroke.
type rule struct{ x, y, width float64 }

// area is a rectangle of the page.
type area struct{ x, y, width, height float64 }

// block is a part of the page under construction from its top edge, y = 0,
// down. It knows nothing of where it will stand.
type block struct {
	scale  float64
	height float64
	lines  []line
	rules  []rule
	links  []area
}

func (b *block) size(s style) float64 { return max(s.size*b.scale, smallestType) }

func (b *block) lineHeight(s style) float64 { return b.size(s) * s.leading * mmPerPoint }

// white is how much is left of mm of white at a scale. White gives way faster
// than type: words must stay readable, distances need not.
func white(mm, scale float64) float64 { return mm * scale * scale }

// space leaves white, in mm at full scale.
func (b *block) space(mm float64) { b.height += white(mm, b.scale) }

// breakLines wraps a text as its style wants it; an empty text has no lines.
func (b *block) breakLines(s style, text string, width float64) []string {
	if text == "" {
		return nil
	}
	return s.face.wrap(text, b.size(s), width, s.evenly)
}

// onOneLine is the style made smaller so that text stays on one line, where that
// takes no more of the size than leaves its least share; else the style a little
// smaller, for the lines it then needs. Names are read best in one piece.
func (b *block) onOneLine(s style, text string, width, least float64) style {
	share := width / s.face.width(text, b.size(s))
	switch {
	case share >= 1:
	case share >= least:
		s.size *= share * 0.999
	default:
		s.size *= (1 + least) / 2
	}
	return s
}

// paragraph adds a text below what is there; an empty one takes no room.
func (b *block) paragraph(s style, text string, x, width float64) {
	b.linesAt(s, b.breakLines(s, text, width), x)
}

// linesAt adds lines already broken below what is there.
func (b *block) linesAt(s style, lines []string, x float64) {
	if len(lines) == 0 {
		return
	}
	b.space(s.gap)
	height := b.lineHeight(s)
	// Capitals of these fonts are 0.72 of the size high: this centres them in
	// the line's height and leaves their accents inside it.
	baseline := b.height + (height+0.72*b.size(s)*mmPerPoint)/2
	for _, text := range lines {
		b.lines = append(b.lines, line{
			face: s.face, size: b.size(s), colour: s.colour, x: x, y: baseline, text: text,
		})
		baseline += height
	}
	b.height += height * float64(len(lines))
}

// alignRight moves every line so that it ends at edge.
func (b *block) alignRight(edge float64) {
	for i := range b.lines {
		b.lines[i].x = edge - b.lines[i].width()
	}
}
