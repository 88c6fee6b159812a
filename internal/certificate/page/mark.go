package page

import "github.com/jung-kurt/gofpdf"

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

// drawMark draws the Varde mark, side mm wide, with its top left corner at x, y.
func drawMark(pdf *gofpdf.Fpdf, x, y, side float64) {
	unit := side / markUnits
	at := func(p point) (float64, float64) { return x + p.x*unit, y + p.y*unit }

	fill(pdf, fjord)
	stroke(pdf, fjord, 4*unit)
	pdf.SetLineJoinStyle("round")
	for _, corners := range stones {
		pdf.MoveTo(at(corners[0]))
		for _, corner := range corners[1:] {
			pdf.LineTo(at(corner))
		}
		pdf.ClosePath()
		pdf.DrawPath("FD")
	}

	fill(pdf, ember)
	pdf.MoveTo(at(flameStart))
	for _, curve := range flame {
		x1, y1 := at(curve[0])
		x2, y2 := at(curve[1])
		x3, y3 := at(curve[2])
		pdf.CurveBezierCubicTo(x1, y1, x2, y2, x3, y3)
	}
	pdf.ClosePath()
	pdf.DrawPath("F")
}
