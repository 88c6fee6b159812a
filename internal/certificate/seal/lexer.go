package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// errDamaged is every way in which bytes are not the PDF they claim to be.
var errDamaged = errors.New("damaged PDF")

func damaged(words string, args ...any) error {
	return fmt.Errorf("%w: %s", errDamaged, fmt.Sprintf(words, args...))
}

const (
	// maxDepth bounds values within values; a certificate needs six.
	maxDepth = 24
	// workBudget bounds what one document may cost to read, in bytes looked at
	// and valueCost for each value made. Without it a file that refers to one
	// huge object a thousand times would keep the server busy for minutes.
	workBudget = 16 << 20
	valueCost  = 64
)

type kind uint8

const (
	kindOther kind = iota // null, booleans, reals: nothing here asks for their value
	kindInt
	kindName
	kindString
	kindArray
	kindDict
	kindRef
)

// value is one value of a PDF with its place in the file, from start up to end.
type value struct {
	kind       kind
	start, end int
	num        int    // of an integer, or the object a reference names
	text       []byte // of a name or string, decoded
	items      []value
	entries    map[string]value
}

func (v value) name() string {
	if v.kind != kindName {
		return ""
	}
	return string(v.text)
}

// lexer reads values from data. Its budget is shared by all lexers of one
// document.
type lexer struct {
	data   []byte
	pos    int
	budget *int
}

func (l *lexer) spend(n int) error {
	*l.budget -= n
	if *l.budget < 0 {
		return damaged("too much to read")
	}
	return nil
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

// skip passes white space and comments.
func (l *lexer) skip() error {
	from, comment := l.pos, false
	for ; l.pos < len(l.data); l.pos++ {
		switch c := l.data[l.pos]; {
		case comment:
			comment = c != '\n' && c != '\r'
		case c == '%':
			comment = true
		case !isSpace(c):
			return l.spend(l.pos - from)
		}
	}
	return l.spend(l.pos - from)
}

// peek is the byte n places on, or 0 beyond the end, which is no part of any
// value.
func (l *lexer) peek(n int) byte {
	if l.pos+n >= len(l.data) {
		return 0
	}
	return l.data[l.pos+n]
}

// word reads the regular characters that come next: a number or a keyword.
func (l *lexer) word() (string, error) {
	if err := l.skip(); err != nil {
		return "", err
	}
	from := l.pos
	for l.pos < len(l.data) && isRegular(l.data[l.pos]) {
		l.pos++
	}
	return string(l.data[from:l.pos]), l.spend(l.pos - from)
}

// integer reads a number without sign or fraction that fits a place in a file.
func (l *lexer) integer() (int, error) {
	w, err := l.word()
	if err != nil {
		return 0, err
	}
	n, ok := natural(w)
	if !ok {
		return 0, damaged("a number expected at %d", l.pos)
	}
	return n, nil
}

func natural(w string) (int, bool) {
	if w == "" || len(w) > 10 || w[0] < '0' || w[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(w)
	return n, err == nil
}

func (l *lexer) keyword(want string) error {
	got, err := l.word()
	if err != nil {
		return err
	}
	if got != want {
		return damaged("%q expected at %d", want, l.pos)
	}
	return nil
}

// value reads one value, whatever it holds.
func (l *lexer) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, damaged("nested too deeply")
	}
	if err := errors.Join(l.skip(), l.spend(valueCost)); err != nil {
		return value{}, err
	}
	start := l.pos
	v, err := l.anyValue(depth)
	v.start, v.end = start, l.pos
	return v, err
}

func (l *lexer) anyValue(depth int) (value, error) {
	switch c := l.peek(0); {
	case c == '<' && l.peek(1) == '<':
		return l.dict(depth)
	case c == '<':
		return l.hexString()
	case c == '(':
		return l.literal()
	case c == '[':
		return l.array(depth)
	case c == '/':
		return l.nameValue()
	case c != 0 && isRegular(c):
		return l.number()
	}
	return value{}, damaged("no value at %d", l.pos)
}

// number reads an integer, a reference, or any other bare word.
func (l *lexer) number() (value, error) {
	w, err := l.word()
	if err != nil {
		return value{}, err
	}
	n, ok := natural(w)
	if !ok {
		switch {
		case w == "true", w == "false", w == "null", w[0] == '-', w[0] == '+', w[0] == '.', w[0] >= '0' && w[0] <= '9':
			return value{kind: kindOther}, nil
		}
		return value{}, damaged("unknown word at %d", l.pos)
	}
	after := l.pos
	if generation, err := l.word(); err == nil {
		if _, ok := natural(generation); ok {
			if r, err := l.word(); err == nil && r == "R" {
				return value{kind: kindRef, num: n}, nil
			}
		}
	}
	l.pos = after
	return value{kind: kindInt, num: n}, nil
}

func (l *lexer) array(depth int) (value, error) {
	l.pos++
	v := value{kind: kindArray}
	for {
		if err := l.skip(); err != nil {
			return v, err
		}
		if l.peek(0) == ']' {
			l.pos++
			return v, nil
		}
		item, err := l.value(depth + 1)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
}

// dict reads a dictionary. A key given twice is refused: readers differ in which
// of the two they believe.
func (l *lexer) dict(depth int) (value, error) {
	l.pos += 2
	v := value{kind: kindDict, entries: map[string]value{}}
	for {
		if err := l.skip(); err != nil {
			return v, err
		}
		if l.peek(0) == '>' && l.peek(1) == '>' {
			l.pos += 2
			return v, nil
		}
		if l.peek(0) != '/' {
			return v, damaged("a name expected at %d", l.pos)
		}
		key, err := l.nameValue()
		if err != nil {
			return v, err
		}
		entry, err := l.value(depth + 1)
		if err != nil {
			return v, err
		}
		if _, twice := v.entries[key.name()]; twice {
			return v, damaged("a key twice before %d", l.pos)
		}
		v.entries[key.name()] = entry
	}
}

func (l *lexer) nameValue() (value, error) {
	l.pos++
	from := l.pos
	v := value{kind: kindName}
	for l.pos < len(l.data) && isRegular(l.data[l.pos]) {
		c := l.data[l.pos]
		if c == '#' {
			high, low := hexDigit(l.peek(1)), hexDigit(l.peek(2))
			if high < 0 || low < 0 {
				return v, damaged("a name at %d", l.pos)
			}
			c = byte(high<<4 | low)
			l.pos += 2
		}
		v.text = append(v.text, c)
		l.pos++
	}
	return v, l.spend(l.pos - from)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (l *lexer) hexString() (value, error) {
	from, digits := l.pos, 0
	length := bytes.IndexByte(l.data[from:], '>')
	if length < 0 {
		return value{}, damaged("a string without end")
	}
	v := value{kind: kindString, text: make([]byte, 0, length/2)}
	for l.pos++; l.pos < len(l.data); l.pos++ {
		c := l.data[l.pos]
		if c == '>' {
			l.pos++
			return v, l.spend(l.pos - from)
		}
		if isSpace(c) {
			continue
		}
		d := hexDigit(c)
		if d < 0 {
			return v, damaged("a string at %d", l.pos)
		}
		if digits%2 == 0 {
			v.text = append(v.text, byte(d<<4))
		} else {
			v.text[len(v.text)-1] |= byte(d)
		}
		digits++
	}
	return v, damaged("a string without end")
}

func (l *lexer) literal() (value, error) {
	from, open := l.pos, 0
	v := value{kind: kindString}
	for ; l.pos < len(l.data); l.pos++ {
		c := l.data[l.pos]
		switch c {
		case '(':
			open++
			if open == 1 {
				continue
			}
		case ')':
			open--
			if open == 0 {
				l.pos++
				return v, l.spend(l.pos - from)
			}
		case '\\':
			v.text = l.escaped(v.text)
			continue
		}
		v.text = append(v.text, c)
	}
	return v, damaged("a string without end")
}

// escaped appends what the backslash at pos stands for and leaves pos at the
// last byte of it.
func (l *lexer) escaped(text []byte) []byte {
	c := l.peek(1)
	l.pos++
	switch c {
	case 'n':
		return append(text, '\n')
	case 'r':
		return append(text, '\r')
	case 't':
		return append(text, '\t')
	case 'b':
		return append(text, '\b')
	case 'f':
		return append(text, '\f')
	case '\n':
		return text
	case '\r':
		if l.peek(1) == '\n' {
			l.pos++
		}
		return text
	}
	if c < '0' || c > '7' {
		return append(text, c)
	}
	n := int(c - '0')
	for range 2 {
		d := l.peek(1)
		if d < '0' || d > '7' {
			break
		}
		n = n<<3 | int(d-'0')
		l.pos++
	}
	return append(text, byte(n))
}
