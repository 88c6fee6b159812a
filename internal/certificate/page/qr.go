package page

import (
	"fmt"

	"github.com/skip2/go-qrcode"
)

// code is a QR code as the rectangles of its dark modules, in modules from the
// top left. Rectangles instead of a picture stay sharp at every size.
type code struct {
	modules int // per side
	dark    []moduleRect
}

type moduleRect struct{ x, y, w, h int }

func newCode(address string) (code, error) {
	q, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return code{}, fmt.Errorf("make QR code: %w", err)
	}
	// The white page around the code is its quiet zone.
	q.DisableBorder = true
	bitmap := q.Bitmap()
	return code{modules: len(bitmap), dark: mergeModules(bitmap)}, nil
}

// mergeModules joins dark modules into runs, and equal runs of neighbouring
// rows into blocks: fewer marks, and no hairlines between them on a screen.
func mergeModules(bitmap [][]bool) []moduleRect {
	var done []moduleRect
	open := map[[2]int]int{} // run (x, w) ending in the row above, to its place in done
	for y, row := range bitmap {
		next := map[[2]int]int{}
		for x := 0; x < len(row); x++ {
			w := 0
			for x+w < len(row) && row[x+w] {
				w++
			}
			if w == 0 {
				continue
			}
			run := [2]int{x, w}
			at, ok := open[run]
			if !ok {
				at = len(done)
				done = append(done, moduleRect{x: x, y: y, w: w})
			}
			done[at].h++
			next[run] = at
			x += w
		}
		open = next
	}
	return done
}
