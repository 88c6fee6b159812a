package page

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// placedGlyph is one glyph of a letter that Unicode has only as a letter and its
// marks, with its place from the pen in thousandths of the size, y upwards.
type placedGlyph struct {
	code rune
	x, y int
}

// readMarks reads fonts/marks.txt: where serif and sans have the glyphs of a
// letter with marks.
func readMarks(text string) ([2]map[string][]placedGlyph, error) {
	tables := [2]map[string][]placedGlyph{{}, {}}
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		columns := strings.Split(row, ";")
		if len(columns) != 3 {
			return tables, fmt.Errorf("places of marks: %q", row)
		}
		letter, err := readCodes(columns[0])
		if err != nil {
			return tables, err
		}
		for i, table := range tables {
			if table[letter], err = readPlaces(columns[i+1]); err != nil {
				return tables, err
			}
		}
	}
	return tables, nil
}

func readCodes(s string) (string, error) {
	var text strings.Builder
	for code := range strings.FieldsSeq(s) {
		n, err := strconv.ParseUint(code, 16, 16)
		if err != nil {
			return "", fmt.Errorf("places of marks: %w", err)
		}
		text.WriteRune(rune(n))
	}
	return text.String(), nil
}

func readPlaces(s string) ([]placedGlyph, error) {
	var glyphs []placedGlyph
	for one := range strings.FieldsSeq(s) {
		var g placedGlyph
		if _, err := fmt.Sscanf(one, "%x@%d,%d", &g.code, &g.x, &g.y); err != nil {
			return nil, fmt.Errorf("places of marks: %q: %w", one, err)
		}
		glyphs = append(glyphs, g)
	}
	return glyphs, nil
}

// markedLetter gives how many bytes at the start of s are one letter with its
// marks, or 0 if no mark follows the first letter.
func markedLetter(s string) int {
	_, first := utf8.DecodeRuneInString(s)
	end := first
	for end < len(s) && s[end] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsMark(r) {
			break
		}
		end += n
	}
	if end == first {
		return 0
	}
	return end
}

// pieces cuts a text in runs of letters, for which the pen goes on by itself, and
// letters with marks, whose glyphs have places of their own.
func (f *face) pieces(text string, do func(run string, marked []placedGlyph)) {
	start := 0
	for i := 0; i < len(text); {
		_, n := utf8.DecodeRuneInString(text[i:])
		if i+n < len(text) && text[i+n] >= utf8.RuneSelf {
			if end := markedLetter(text[i:]); end > 0 {
				if i > start {
					do(text[start:i], nil)
				}
				do(text[i:i+end], f.clusters[text[i:i+end]])
				i += end
				start = i
				continue
			}
		}
		i += n
	}
	if start < len(text) {
		do(text[start:], nil)
	}
}
