package page

import (
	"strings"
	"unicode"
)

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
		if used+f.advance(r) > limit && i > start && r != ' ' && f.advance(r) > 0 {
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
