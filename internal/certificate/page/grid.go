package page

const columnGap = 8.0

// gridStyles are the four voices of a fact.
type gridStyles struct{ label, label2, value, value2 style }

// cell is one fact broken into lines, in both languages.
type cell struct{ label, label2, value, value2 []string }

// columns says how many facts stand side by side: few enough for the name of a
// place, and no fact alone in its row where that can be helped.
func columns(facts int) int {
	switch facts {
	case 1, 2, 3, 5, 6, 9:
		return 3
	default:
		return 4
	}
}

// grid is the facts in columns under a thin rule. Without facts it has no rule.
func (c composer) grid() *block {
	b := c.block()
	facts := c.facts.Primary.Facts
	if len(facts) == 0 {
		return b
	}
	b.rules = append(b.rules, rule{x: left, width: measure})
	b.space(4)
	n := columns(len(facts))
	for start := 0; start < len(facts); start += n {
		if start > 0 {
			b.space(3.5)
		}
		c.row(b, start, min(start+n, len(facts)), n)
	}
	return b
}

// row sets facts start to end side by side in n columns. All values begin at one
// height, however many lines the labels take.
func (c composer) row(b *block, start, end, n int) {
	sans := c.fonts.sans
	styles := gridStyles{
		label:  style{face: sans, size: 8, leading: 1.35, colour: stone},
		label2: style{face: sans, size: 7, leading: 1.35, colour: stone},
		value:  style{face: sans, size: 10.5, leading: 1.35, colour: ink, gap: 0.6},
		value2: style{face: sans, size: 8, leading: 1.35, colour: stone, gap: 0.2},
	}
	width := (measure - float64(n-1)*columnGap) / float64(n)
	top, values, bottom := b.height, b.height, b.height
	cells := make([]cell, 0, n)
	for i := start; i < end; i++ {
		one := c.cell(b, styles, i, width)
		cells = append(cells, one)
		b.height = top
		x := left + float64(i-start)*(width+columnGap)
		b.linesAt(styles.label, one.label, x)
		b.linesAt(styles.label2, one.label2, x)
		values = max(values, b.height)
	}
	for i, one := range cells {
		b.height = values
		x := left + float64(i)*(width+columnGap)
		b.linesAt(styles.value, one.value, x)
		b.linesAt(styles.value2, one.value2, x)
		bottom = max(bottom, b.height)
	}
	b.height = bottom
}

// cell breaks the i-th fact into lines. What both languages say alike, such as a
// code, is said once.
func (c composer) cell(b *block, styles gridStyles, i int, width float64) cell {
	first := c.facts.Primary.Facts[i]
	one := cell{
		label: b.breakLines(styles.label, first.Label, width),
		value: b.breakLines(styles.value, first.Value, width),
	}
	if i >= len(c.facts.Secondary.Facts) {
		return one
	}
	second := c.facts.Secondary.Facts[i]
	both := first.Label + " · " + second.Label
	switch {
	case second.Label == first.Label || second.Label == "":
	case first.Label != "" && styles.label.face.width(both, b.size(styles.label)) <= width:
		one.label = []string{both}
	default:
		one.label2 = b.breakLines(styles.label2, second.Label, width)
	}
	if second.Value != first.Value {
		one.value2 = b.breakLines(styles.value2, second.Value, width)
	}
	return one
}
