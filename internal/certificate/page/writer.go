package page

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The objects that every document has, in the order of its file.
const (
	catalogueObject = iota + 1
	pagesObject
	pageObject
	contentObject
	infoObject
	firstFontObject
	firstFreeObject = firstFontObject + 2*objectsOfFont
)

// writer writes the objects of a PDF one after the other.
type writer struct {
	out    []byte
	places []int // of each object by its number
}

func (w *writer) begin(number int) {
	w.place(number, len(w.out))
	w.out = strconv.AppendInt(w.out, int64(number), 10)
	w.out = append(w.out, " 0 obj\n"...)
}

func (w *writer) place(number, at int) {
	if missing := number + 1 - len(w.places); missing > 0 {
		w.places = append(w.places, make([]int, missing)...)
	}
	w.places[number] = at
}

func (w *writer) object(number int, body string) {
	w.begin(number)
	w.out = append(w.out, body...)
	w.out = append(w.out, "\nendobj\n"...)
}

// stream writes a stream; entries are those of its dictionary but the length.
func (w *writer) stream(number int, entries string, data []byte) {
	w.begin(number)
	w.out = fmt.Appendf(w.out, "<<\n%s\n/Length %d\n>>\nstream\n", entries, len(data))
	w.out = append(w.out, data...)
	w.out = append(w.out, "\nendstream\nendobj\n"...)
}

// font adds objects already written.
func (w *writer) font(first int, f *fontObjects) {
	for i, at := range f.places {
		w.place(first+i, len(w.out)+at)
	}
	w.out = append(w.out, f.written...)
}

// finish writes the table of places and the trailer. The file's name for itself
// goes by its content: the same content has the same name.
func (w *writer) finish() []byte {
	sum := sha256.Sum256(w.out)
	table := len(w.out)
	w.out = fmt.Appendf(w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.places))
	for _, at := range w.places[1:] {
		digits := strconv.Itoa(at)
		w.out = append(w.out, "0000000000"[len(digits):]...)
		w.out = append(w.out, digits...)
		w.out = append(w.out, " 00000 n \n"...)
	}
	w.out = fmt.Appendf(w.out, "trailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n/ID [<%x> <%x>]\n>>\nstartxref\n%d\n%%%%EOF\n",
		len(w.places), catalogueObject, infoObject, sum[:16], sum[:16], table)
	return w.out
}

// textString writes a text of a dictionary: readable where it is ASCII, UTF-16
// otherwise.
func textString(s string) string {
	ascii := true
	for _, b := range []byte(s) {
		ascii = ascii && b >= ' ' && b < 0x7F
	}
	if ascii {
		return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s) + ")"
	}
	const digits = "0123456789ABCDEF"
	b := []byte("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
	}
	return string(append(b, '>'))
}

// nameObject writes a name such as a MIME type, whose slash a name cannot hold.
func nameObject(s string) string {
	var b strings.Builder
	b.WriteByte('/')
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || strings.IndexByte("#/()<>[]{}%", c) >= 0 {
			fmt.Fprintf(&b, "#%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// deflate packs what is packed once and kept.
func deflate(data []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, zlib.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}
