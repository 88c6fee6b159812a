package store

import (
	"fmt"
	"strings"
)

// Padded is the number of rows in which n questions are asked: few numbers, so
// that the database plans few statements. The rest of the rows is left empty.
func Padded(n int) int {
	for size := 1; ; size *= 4 {
		if size >= n {
			return size
		}
	}
}

// Rows writes a list of rows with numbered places for their values from $1 on,
// each cast to the type of its column, for VALUES. The first column is the row's
// number from 0.
func Rows(rows int, types ...string) string {
	var b strings.Builder
	n := 0
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "(%d", row)
		for _, typ := range types {
			n++
			fmt.Fprintf(&b, ", CAST($%d AS %s)", n, typ)
		}
		b.WriteByte(')')
	}
	return b.String()
}
