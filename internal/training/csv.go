package training

import "strings"

// CSVCell makes a text safe as a cell of a table that somebody opens in a
// spreadsheet program: a text that such a program would run as a formula is
// given an apostrophe in front, which it takes for "this is text".
func CSVCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
