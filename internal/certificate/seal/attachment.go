package seal

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// maxAttachment bounds what an attachment unpacks to; a badge has some 5 kB.
const maxAttachment = 1 << 20

// ErrNoAttachment says that a PDF has no attachment of the name.
var ErrNoAttachment = errors.New("the PDF has no such attachment")

// Number gives the certificate's number that a signed PDF states, without
// judging the file: what it says is worth nothing until Check calls it genuine.
func Number(pdf []byte) (string, error) {
	d, err := open(pdf)
	if err != nil {
		return "", fmt.Errorf("read the number: %w", err)
	}
	signatures, err := d.signatures()
	if err != nil {
		return "", fmt.Errorf("read the number: %w", err)
	}
	if len(signatures) != 1 {
		return "", fmt.Errorf("read the number: %d signatures", len(signatures))
	}
	number := readText(signatures[0][numberKey].text)
	if number == "" {
		return "", errors.New("read the number: the signature states none")
	}
	return number, nil
}

// ReadAttachment gives the contents of the attachment with a file name, at most
// 1 MiB. It does not judge the file either.
func ReadAttachment(pdf []byte, name string) ([]byte, error) {
	content, err := readAttachment(pdf, name)
	if err != nil {
		return nil, fmt.Errorf("read attachment %q: %w", name, err)
	}
	return content, nil
}

func readAttachment(pdf []byte, name string) ([]byte, error) {
	d, err := open(pdf)
	if err != nil {
		return nil, err
	}
	list, err := d.attachments()
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(list); i += 2 {
		file, err := d.dict(list[i])
		if err != nil {
			return nil, err
		}
		title := file["UF"]
		if title.kind != kindString {
			title = file["F"]
		}
		if readText(title.text) != name {
			continue
		}
		streams, err := d.dict(file["EF"])
		if err != nil {
			return nil, err
		}
		return d.unpacked(streams["F"])
	}
	return nil, ErrNoAttachment
}

// attachments gives the list of names and files, each after its name.
func (d *document) attachments() ([]value, error) {
	root, err := d.catalogue()
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"Names", "EmbeddedFiles"} {
		next, ok := root[key]
		if !ok {
			return nil, ErrNoAttachment
		}
		if root, err = d.dict(next); err != nil {
			return nil, err
		}
	}
	if _, ok := root["Names"]; !ok {
		return nil, ErrNoAttachment
	}
	return d.array(root["Names"])
}

// unpacked reads the stream that v refers to.
func (d *document) unpacked(v value) ([]byte, error) {
	if v.kind != kindRef {
		return nil, damaged("a stream expected")
	}
	head, l, err := d.object(v.num)
	if err != nil {
		return nil, err
	}
	length, err := d.resolve(head.entries["Length"])
	if err != nil {
		return nil, err
	}
	if err := l.keyword("stream"); err != nil {
		return nil, err
	}
	if l.peek(0) == '\r' {
		l.pos++
	}
	if l.peek(0) != '\n' || length.kind != kindInt || length.num > len(d.data)-l.pos-1 {
		return nil, damaged("stream of object %d", v.num)
	}
	packed := d.data[l.pos+1:][:length.num]
	if err := (&lexer{data: d.data, pos: l.pos + 1 + length.num, budget: &d.budget}).keyword("endstream"); err != nil {
		return nil, err
	}
	switch filter := head.entries["Filter"]; {
	case filter.name() == "FlateDecode":
		return inflate(packed)
	case filter.kind == kindOther && len(packed) <= maxAttachment:
		return bytes.Clone(packed), nil
	}
	return nil, damaged("filter of object %d", v.num)
}

func inflate(packed []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, damaged("compressed stream: %v", err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxAttachment+1))
	if err != nil {
		return nil, damaged("compressed stream: %v", err)
	}
	if len(content) > maxAttachment {
		return nil, fmt.Errorf("it has more than %d bytes", maxAttachment)
	}
	return content, nil
}
