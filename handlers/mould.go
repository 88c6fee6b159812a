package handlers

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"html/template"

	"github.com/varde-platform/varde/internal/people"
)

// blanks are words that stand in a page for what is one reader's own. They are
// others in each process, so that no text of anybody has one in it.
type blanks struct{ name, email, form string }

func newBlanks() blanks { return blanks{name: rand.Text(), email: rand.Text(), form: rand.Text()} }

// personal is what is filled in for a reader; a visitor has nothing.
type personal struct{ name, email, form string }

// nobody is an account like the one given that is nobody's: handlers that make a
// page for it cannot put anything of the person into it.
func (b blanks) nobody(a *people.Account) *people.Account {
	like := *a
	like.ID, like.Email, like.Locale = 0, b.email, ""
	if like.Name != "" { // without one a person is asked to give it
		like.Name = b.name
	}
	return &like
}

// words are the blanks with what to put in their place, ready for a page.
func (b blanks) words(p personal) map[string]string {
	return map[string]string{b.name: template.HTMLEscapeString(p.name), b.email: template.HTMLEscapeString(p.email),
		b.form: template.HTMLEscapeString(p.form)}
}

// fill puts the reader's own in.
func (b blanks) fill(page []byte, p personal) []byte {
	for blank, word := range b.words(p) {
		page = bytes.ReplaceAll(page, []byte(blank), []byte(word))
	}
	return page
}

// mould is a page whose blanks are filled for each reader anew. Its parts are
// packed once, each so that it can be unpacked without the others.
type mould struct {
	blanks blanks
	parts  []part
	whole  []byte // gzipped, where there is no blank
}

// part is a piece of a page and the blank that follows it; the last has none.
type part struct {
	plain, packed []byte
	blank         string
}

// cast makes a mould of a page.
func (b blanks) cast(page []byte) (mould, error) {
	m := mould{blanks: b}
	for rest := bytes.Clone(page); ; {
		at, blank := len(rest), ""
		for _, word := range []string{b.name, b.email, b.form} {
			if i := bytes.Index(rest, []byte(word)); i >= 0 && i < at {
				at, blank = i, word
			}
		}
		packed, err := packedPart(rest[:at])
		if err != nil {
			return mould{}, err
		}
		m.parts = append(m.parts, part{rest[:at], packed, blank})
		if blank == "" {
			break
		}
		rest = rest[at+len(blank):]
	}
	if len(m.parts) == 1 {
		m.whole = m.gzipped(personal{})
	}
	return m, nil
}

// packedPart is a piece of a deflate stream (RFC 1951) that ends at a whole byte
// and refers to nothing before it, so that pieces can be put one behind the other.
func packedPart(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack a page: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("pack a page: %w", err)
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("pack a page: %w", err)
	}
	return out.Bytes(), nil
}

func (m mould) plain(p personal) []byte {
	words := m.blanks.words(p)
	var page []byte
	for _, part := range m.parts {
		page = append(append(page, part.plain...), words[part.blank]...)
	}
	return page
}

// The head of a gzip file (RFC 1952) without name and time, and the empty last
// block of a deflate stream.
var (
	gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	lastPart = []byte{0x01, 0x00, 0x00, 0xff, 0xff}
)

// gzipped is plain as a gzip file.
func (m mould) gzipped(p personal) []byte {
	if m.whole != nil {
		return m.whole
	}
	words := m.blanks.words(p)
	size, sum, page := 0, crc32.NewIEEE(), bytes.Clone(gzipHead)
	for _, part := range m.parts {
		word := words[part.blank]
		page = append(page, part.packed...)
		page = appendStored(page, word)
		sum.Write(part.plain)   //nolint:errcheck // never fails
		sum.Write([]byte(word)) //nolint:errcheck // never fails
		size += len(part.plain) + len(word)
	}
	page = append(page, lastPart...)
	page = binary.LittleEndian.AppendUint32(page, sum.Sum32())
	return binary.LittleEndian.AppendUint32(page, uint32(size)) //nolint:gosec // gzip counts so
}

// appendStored puts a word of at most 65,535 bytes into a deflate stream as it is.
func appendStored(page []byte, word string) []byte {
	if word == "" {
		return page
	}
	n := uint16(len(word)) //nolint:gosec // names and tokens are short
	page = append(page, 0x00)
	page = binary.LittleEndian.AppendUint16(page, n)
	page = binary.LittleEndian.AppendUint16(page, ^n)
	return append(page, word...)
}
