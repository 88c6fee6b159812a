package page

// markUnits is the side of the square in which the mark is drawn: three stones
// with a round stroke of 4 in their own colour, and the flame above them.
const markUnits = 64.0

type point struct{ x, y float64 }

var stones = [][]point{
	{{10, 59}, {13, 47}, {49, 45}, {55, 59}},
	{{16, 39}, {22, 30}, {46, 32}, {49, 39}},
	{{25, 24}, {27, 18}, {38, 17}, {41, 24}},
}

// The flame's outline: its start, then cubic curves as two control points and an
// end. The half circle at its foot is two curves, a quarter each.
var (
	flameStart = point{33, 0}
	flame      = [][3]point{
		{{36, 4}, {38, 5.5}, {38, 8}},
		{{38, 10.761}, {35.761, 13}, {33, 13}},
		{{30.239, 13}, {28, 10.761}, {28, 8}},
		{{28, 6.5}, {28.7, 5.5}, {30, 4.5}},
		{{30.3, 5.5}, {30.8, 6}, {31.5, 6.2}},
		{{31, 4}, {31.5, 2}, {33, 0}},
	}
)

const (
	wordmark = "Varde"
	markSide = 15.0 // at its full size
)

// markPlace says where mark and wordmark stand: the wordmark ends at the right
// edge of the text, the mark is left of it.
type markPlace struct{ side, baseline float64 }

func (m markPlace) wordSize() float64 { return 19 * m.side / markSide }

func (m markPlace) wordX(sans *face) float64 { return right - sans.width(wordmark, m.wordSize()) }

func (m markPlace) area() area {
	width := 36 * m.side / markSide
	return area{x: right - width, y: m.baseline + 0.06*m.side - m.side, width: width, height: m.side}
}

// mark draws the Varde mark.
func (b *brush) mark(m markPlace) {
	corner := m.area()
	unit := m.side / markUnits
	at := func(p point) (float64, float64) { return corner.x + p.x*unit, corner.y + p.y*unit }

	b.fill(fjord)
	b.stroke(fjord, 4*unit)
	b.pdf.SetLineJoinStyle("round")
	for _, corners := range stones {
		b.pdf.MoveTo(at(corners[0]))
		for _, corner := range corners[1:] {
			b.pdf.LineTo(at(corner))
		}
		b.pdf.ClosePath()
		b.pdf.DrawPath("FD")
	}

	b.fill(ember)
	b.pdf.MoveTo(at(flameStart))
	for _, curve := range flame {
		x1, y1 := at(curve[0])
		x2, y2 := at(curve[1])
		x3, y3 := at(curve[2])
		b.pdf.CurveBezierCubicTo(x1, y1, x2, y2, x3, y3)
	}
	b.pdf.ClosePath()
	b.pdf.DrawPath("F")
}
