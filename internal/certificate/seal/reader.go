package seal

import (
	"bytes"
	"errors"
)

var (
	errEncrypted = errors.New("encrypted PDF")
	// errNewer marks files whose cross-reference table is a compressed stream,
	// as PDF allows since 1.5. Varde never writes such files.
	errNewer = errors.New("PDF with a cross-reference stream")
)

const (
	// maxSections bounds the updates one file may consist of: an own one has one.
	maxSections = 64
	// maxNesting bounds the levels of trees of pages and of form fields.
	maxNesting = 8
	free       = -1
)

// document is a PDF of which only the places of its objects are known yet.
type document struct {
	data    []byte
	table   int // place of the newest cross-reference section
	offsets map[int]int
	trailer map[string]value // of the newest section
	budget  int
}

// open reads the cross-reference sections, newest first.
func open(data []byte) (*document, error) {
	d := &document{data: data, offsets: map[int]int{}, budget: workBudget}
	at := bytes.LastIndex(data, []byte("startxref"))
	if at < 0 {
		return nil, damaged("no end")
	}
	l := d.lexer(at + len("startxref"))
	place, err := l.integer()
	if err != nil {
		return nil, err
	}
	// The end mark is a comment to the lexer. What follows it belongs to an update
	// that did not arrive whole.
	if err := l.skip(); err != nil || l.pos < len(data) {
		return nil, damaged("something after the end")
	}
	d.table = place
	for range maxSections {
		trailer, err := d.section(place)
		if err != nil {
			return nil, err
		}
		if d.trailer == nil {
			d.trailer = trailer
		}
		if _, ok := trailer["Encrypt"]; ok {
			return nil, errEncrypted
		}
		previous, more := trailer["Prev"]
		if !more {
			return d, nil
		}
		if previous.kind != kindInt {
			return nil, damaged("place of an earlier section")
		}
		place = previous.num
	}
	return nil, damaged("too many sections")
}

func (d *document) lexer(pos int) *lexer {
	return &lexer{data: d.data, pos: min(pos, len(d.data)), budget: &d.budget}
}

// section reads one cross-reference section and gives its trailer. Entries of
// newer sections stay.
func (d *document) section(place int) (map[string]value, error) {
	l := d.lexer(place)
	first, err := l.word()
	if err != nil {
		return nil, err
	}
	if first != "xref" {
		return nil, d.stream(place)
	}
	for {
		w, err := l.word()
		if err != nil {
			return nil, err
		}
		if w == "trailer" {
			break
		}
		start, ok := natural(w)
		if !ok {
			return nil, damaged("cross-reference table at %d", l.pos)
		}
		if err := d.subsection(l, start); err != nil {
			return nil, err
		}
	}
	trailer, err := l.value(0)
	if err != nil {
		return nil, err
	}
	if trailer.kind != kindDict {
		return nil, damaged("trailer")
	}
	return trailer.entries, nil
}

func (d *document) subsection(l *lexer, start int) error {
	count, err := l.integer()
	if err != nil {
		return err
	}
	for n := start; n-start < count; n++ {
		place, err1 := l.integer()
		_, err2 := l.integer()
		use, err3 := l.word()
		if err := errors.Join(err1, err2, err3, l.spend(valueCost)); err != nil {
			return err
		}
		if use == "f" {
			place = free
		} else if use != "n" {
			return damaged("cross-reference entry at %d", l.pos)
		}
		if _, newer := d.offsets[n]; !newer {
			d.offsets[n] = place
		}
	}
	return nil
}

// stream says what a section is that is no table.
func (d *document) stream(place int) error {
	v, _, err := d.at(place)
	if err != nil {
		return err
	}
	if v.entries["Type"].name() != "XRef" {
		return damaged("no cross-reference table")
	}
	if _, ok := v.entries["Encrypt"]; ok {
		return errEncrypted
	}
	return errNewer
}

// at reads the object that starts at a place; the lexer stands behind its value.
func (d *document) at(place int) (value, *lexer, error) {
	l := d.lexer(place)
	_, err1 := l.integer()
	_, err2 := l.integer()
	if err := errors.Join(err1, err2, l.keyword("obj")); err != nil {
		return value{}, nil, err
	}
	v, err := l.value(0)
	return v, l, err
}

// object reads an object by its number.
func (d *document) object(number int) (value, *lexer, error) {
	place, ok := d.offsets[number]
	if !ok || place == free {
		return value{}, nil, damaged("object %d is missing", number)
	}
	named, err := d.lexer(place).integer()
	if err != nil {
		return value{}, nil, err
	}
	if named != number {
		return value{}, nil, damaged("object %d is not in its place", number)
	}
	return d.at(place)
}

// dict gives the dictionary that v is or refers to.
func (d *document) dict(v value) (map[string]value, error) {
	v, err := d.resolve(v)
	if err != nil {
		return nil, err
	}
	if v.kind != kindDict {
		return nil, damaged("a dictionary expected")
	}
	return v.entries, nil
}

func (d *document) array(v value) ([]value, error) {
	v, err := d.resolve(v)
	if err != nil {
		return nil, err
	}
	if v.kind != kindArray {
		return nil, damaged("an array expected")
	}
	return v.items, nil
}

func (d *document) resolve(v value) (value, error) {
	if v.kind != kindRef {
		return v, nil
	}
	found, _, err := d.object(v.num)
	return found, err
}

// catalogue gives the entries of the document's root.
func (d *document) catalogue() (map[string]value, error) { return d.dict(d.trailer["Root"]) }

// firstPage gives the number of the first page's object. It goes by the tree:
// attachments come before the pages in the file.
func (d *document) firstPage() (int, error) {
	root, err := d.catalogue()
	if err != nil {
		return 0, err
	}
	node := root["Pages"]
	for range maxNesting {
		entries, err := d.dict(node)
		if err != nil {
			return 0, err
		}
		if entries["Type"].name() == "Page" && node.kind == kindRef {
			return node.num, nil
		}
		kids, err := d.array(entries["Kids"])
		if err != nil {
			return 0, err
		}
		if len(kids) == 0 {
			break
		}
		node = kids[0]
	}
	return 0, damaged("no page")
}

// signatures gives the signature dictionaries of all signed fields.
func (d *document) signatures() ([]map[string]value, error) {
	root, err := d.catalogue()
	if err != nil {
		return nil, err
	}
	form, ok := root["AcroForm"]
	if !ok {
		return nil, nil
	}
	entries, err := d.dict(form)
	if err != nil {
		return nil, err
	}
	return d.signed(entries["Fields"], 0)
}

func (d *document) signed(fields value, depth int) ([]map[string]value, error) {
	if depth > maxNesting {
		return nil, damaged("fields nested too deeply")
	}
	list, err := d.array(fields)
	if err != nil {
		return nil, err
	}
	var found []map[string]value
	for _, f := range list {
		field, err := d.dict(f)
		if err != nil {
			return nil, err
		}
		if kids, ok := field["Kids"]; ok && field["FT"].name() != "Sig" {
			below, err := d.signed(kids, depth+1)
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		}
		if v, ok := field["V"]; ok && field["FT"].name() == "Sig" {
			signature, err := d.dict(v)
			if err != nil {
				return nil, err
			}
			found = append(found, signature)
		}
	}
	return found, nil
}
