package page

// The page in millimetres: A4, landscape.
const (
	pageWidth  = 297.0
	pageHeight = 210.0

	left         = 27.0
	right        = pageWidth - left
	measure      = right - left
	topBaseline  = 34.5         // heading and wordmark stand on one line
	headingWidth = measure - 58 // clear of the mark
	logoTop      = 15.5
	logoHeight   = 14.0
	logoWidth    = 45.0
	// Beneath logos the heading stands lower.
	logoBaseline = topBaseline + 10.5
	titleWidth   = measure - 12 // no title comes near the frame
	footBottom   = 189.0
	codeSize     = 29.0
	codeX        = right - codeSize
	codeY        = footBottom - codeSize
	verifyRight  = codeX - 6
)

// Everything shrinks together, step by step, where texts are long.
const (
	shrinkStep    = 0.04
	smallestScale = 0.44
)

type colour struct{ r, g, b int }

// Text is ink and stone; fjord is the accent, ember the flame's alone.
var (
	fjord = colour{0x0B, 0x55, 0x66}
	ink   = colour{0x25, 0x2D, 0x30}
	stone = colour{0x55, 0x5F, 0x64}
	ember = colour{0xF0, 0xA0, 0x30}
)

// sheet is the page composed, everything at its place, in the order a screen
// reader follows.
type sheet struct {
	lines    []line
	rules    []rule
	links    []area
	pictures []placedPicture
	mark     markPlace
}

func (s *sheet) place(b *block, top float64) {
	for _, l := range b.lines {
		l.y += top
		s.lines = append(s.lines, l)
	}
	for _, r := range b.rules {
		r.y += top
		s.rules = append(s.rules, r)
	}
	for _, a := range b.links {
		a.y += top
		s.links = append(s.links, a)
	}
}

// compose takes the largest scale at which the parts keep clear of each other: a
// page is always exactly one page.
func compose(f Facts, fonts *fontPair, logos [2]*placedPicture) (sheet, error) {
	for scale := 1.0; scale >= smallestScale; scale -= shrinkStep {
		c := composer{facts: f, fonts: fonts, logos: logos, scale: scale}
		if s, ok := c.sheet(); ok {
			return s, nil
		}
	}
	return sheet{}, ErrTooLong
}

// composer sets the parts of one certificate at one scale.
type composer struct {
	facts Facts
	fonts *fontPair
	logos [2]*placedPicture
	scale float64
}

func (c composer) block() *block { return &block{scale: c.scale} }

func (c composer) space(mm float64) float64 { return white(mm, c.scale) }

// sheet puts heading and award at the top, the foot at the bottom and the facts
// upon the foot; false if they would touch.
func (c composer) sheet() (sheet, bool) {
	var s, foot sheet
	baseline := c.head(&s)
	heading, award, grid := c.heading(), c.award(), c.grid()
	footTop := c.foot(&foot)
	// An empty heading never gets here, so there is a first line.
	headingTop := baseline - heading.lines[0].y
	awardTop := headingTop + heading.height + c.space(8)
	gridTop := footTop - c.space(9) - grid.height
	room := gridTop - c.space(7) - awardTop - award.height
	if room < 0 {
		return sheet{}, false
	}
	s.place(heading, headingTop)
	// A short award hangs a little lower: with all the white beneath the title
	// something would seem to be left out.
	s.place(award, awardTop+min(room*0.45, 15))
	s.place(grid, gridTop)
	s.lines, s.rules, s.links = append(s.lines, foot.lines...), append(s.rules, foot.rules...), append(s.links, foot.links...)
	return s, true
}

// heading says what kind of paper this is.
func (c composer) heading() *block {
	first := style{face: c.fonts.serif, size: 25, leading: 1.2, colour: fjord, evenly: true}
	second := style{face: c.fonts.sans, size: 11, leading: 1.35, colour: stone, gap: 0.8}
	b := c.block()
	b.paragraph(first, c.facts.Primary.Heading, left, headingWidth)
	b.paragraph(second, c.facts.Secondary.Heading, left, headingWidth)
	return b
}

// award says who is given it and for which course.
func (c composer) award() *block {
	first, second := c.facts.Primary, c.facts.Secondary
	say := style{face: c.fonts.sans, size: 12, leading: 1.35, colour: stone}
	small := style{face: c.fonts.sans, size: 9, leading: 1.35, colour: stone, gap: 0.2}
	name := style{face: c.fonts.serif, size: 34, leading: 1.25, colour: ink, evenly: true}
	title := style{face: c.fonts.serif, size: 20, leading: 1.28, colour: ink, gap: 2, evenly: true}
	below := style{face: c.fonts.sans, size: 11, leading: 1.35, colour: stone, gap: 1, evenly: true}

	b := c.block()
	b.paragraph(say, first.Awarded, left, titleWidth)
	b.paragraph(small, second.Awarded, left, titleWidth)
	b.space(2.5)
	b.paragraph(b.onOneLine(name, c.facts.Holder, measure, 0.65), c.facts.Holder, left, measure)
	b.space(5)
	b.paragraph(say, first.Completed, left, titleWidth)
	b.paragraph(small, second.Completed, left, titleWidth)
	b.paragraph(title, first.Course, left, titleWidth)
	if second.Course != first.Course {
		b.paragraph(below, second.Course, left, titleWidth)
	}
	return b
}
