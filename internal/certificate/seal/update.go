package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	// pdfTime is how the time of signing is written, always in UTC.
	pdfTime = "D:20060102150405+00'00'"
	// numberKey names the certificate's number in the signature's dictionary, with
	// the prefix that PDF asks of names that are not its own.
	numberKey = "Varde_Number"
	// rangeWidth holds the longest range of bytes that a file can have.
	rangeWidth = 40
)

// update is what an incremental update appends to a file.
type update struct {
	d      *document
	out    []byte
	places map[int]int
	size   int // highest number of an object, and one
	ranges span
	gap    span
}

func newUpdate(d *document, size int) *update {
	out := make([]byte, len(d.data), len(d.data)+32<<10)
	copy(out, d.data)
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	return &update{d: d, out: out, places: map[int]int{}, size: size}
}

func (u *update) object(number int, body string) {
	u.begin(number)
	u.out = append(u.out, body...)
	u.out = append(u.out, "\nendobj\n"...)
}

func (u *update) begin(number int) {
	u.places[number] = len(u.out)
	u.out = fmt.Appendf(u.out, "%d 0 obj\n", number)
}

// signature writes the signature's dictionary with a gap of zeros for the
// signature itself, and gives the gap. DocMDP with P 1 forbids every change.
func (u *update) signature(number int, o Options, room int) span {
	u.begin(number)
	u.out = append(u.out, "<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/ByteRange "...)
	u.ranges = span{len(u.out), len(u.out) + rangeWidth}
	u.out = append(u.out, strings.Repeat(" ", rangeWidth)...)
	u.out = append(u.out, "\n/Contents "...)
	u.gap.start = len(u.out)
	u.out = append(u.out, '<')
	u.out = append(u.out, bytes.Repeat([]byte{'0'}, 2*room)...)
	u.out = append(u.out, '>')
	u.gap.end = len(u.out)
	u.out = fmt.Appendf(u.out, "\n/M (%s)", o.At.UTC().Format(pdfTime))
	for _, entry := range []struct{ key, text string }{
		{"Name", o.Name}, {"Reason", o.Reason}, {"Location", o.Location}, {numberKey, o.Number},
	} {
		if entry.text != "" {
			u.out = fmt.Appendf(u.out, "\n/%s %s", entry.key, textString(entry.text))
		}
	}
	u.out = append(u.out, "\n/Reference [<</Type /SigRef /TransformMethod /DocMDP "+
		"/TransformParams <</Type /TransformParams /P 1 /V /1.2>>>>]\n>>\nendobj\n"...)
	return u.gap
}

// finish writes the cross-reference section and fills in which bytes are signed.
func (u *update) finish() []byte {
	table := len(u.out)
	u.out = append(u.out, "xref\n0 1\n0000000000 65535 f \n"...)
	numbers := make([]int, 0, len(u.places))
	for n := range u.places {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for i := 0; i < len(numbers); {
		j := i + 1
		for j < len(numbers) && numbers[j] == numbers[j-1]+1 {
			j++
		}
		u.out = fmt.Appendf(u.out, "%d %d\n", numbers[i], j-i)
		for ; i < j; i++ {
			u.out = fmt.Appendf(u.out, "%010d 00000 n \n", u.places[numbers[i]])
		}
	}
	u.out = fmt.Appendf(u.out, "trailer\n<<\n/Size %d\n/Root %d 0 R\n/Prev %d\n", u.size, u.d.trailer["Root"].num, u.d.table)
	if info, ok := u.d.trailer["Info"]; ok {
		u.out = fmt.Appendf(u.out, "/Info %s\n", u.d.data[info.start:info.end])
	}
	if id, ok := u.d.trailer["ID"]; ok {
		u.out = fmt.Appendf(u.out, "/ID %s\n", u.d.data[id.start:id.end])
	} else {
		// The name of a file goes by its content, so that the same gives the same.
		sum := sha256.Sum256(u.d.data)
		u.out = fmt.Appendf(u.out, "/ID [<%x> <%x>]\n", sum[:16], sum[16:])
	}
	u.out = fmt.Appendf(u.out, ">>\nstartxref\n%d\n%%%%EOF\n", table)
	copy(u.out[u.ranges.start:u.ranges.end], fmt.Sprintf("[0 %d %d %d]", u.gap.start, u.gap.end, len(u.out)-u.gap.end))
	return u.out
}

// textString writes a text as PDF: readable where it is ASCII, UTF-16 otherwise.
func textString(s string) string {
	ascii := true
	for _, r := range s {
		ascii = ascii && r >= ' ' && r < 0x7F
	}
	if ascii {
		return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s) + ")"
	}
	var b strings.Builder
	b.WriteString("<feff")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04x", unit)
	}
	b.WriteString(">")
	return b.String()
}

// readText reads a text as PDF has it: UTF-16 or UTF-8 with a mark in front, or
// one byte a letter.
func readText(b []byte) string {
	if rest, ok := bytes.CutPrefix(b, []byte{0xFE, 0xFF}); ok {
		units := make([]uint16, 0, len(rest)/2)
		for ; len(rest) > 1; rest = rest[2:] {
			units = append(units, uint16(rest[0])<<8|uint16(rest[1]))
		}
		return string(utf16.Decode(units))
	}
	if rest, ok := bytes.CutPrefix(b, []byte{0xEF, 0xBB, 0xBF}); ok {
		return strings.ToValidUTF8(string(rest), "\uFFFD")
	}
	runes := make([]rune, 0, len(b))
	for _, c := range b {
		runes = append(runes, rune(c))
	}
	return string(runes)
}

// readTime reads a time as signature writes it and in no other way.
func readTime(b []byte) (time.Time, bool) {
	at, err := time.Parse(pdfTime, string(b))
	return at, err == nil && at.Format(pdfTime) == string(b)
}
