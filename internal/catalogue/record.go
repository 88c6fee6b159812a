package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/varde-platform/varde/internal/training"
)

// Record is a course as an imported catalogue has it, checked. Empty and nil
// stand for null: a fact that no source gave.
type Record struct {
	ID, Code                                                    string
	Title, TitleEn                                              string
	TitleLang                                                   string // of Title, ISO 639-1; empty: not said
	Provider, Programme, Country, Place                         string
	Professions, Topics, Languages, PrerequisiteCodes, Inferred []string
	DurationDays                                                *float64
	SeatsTypical, ParticipantsObserved, StatesObserved          *int
	DurationNote, PrerequisiteText, ApplicationRoute, Costs     string
	DatesObserved, DeadlineObserved, DeliveryForm, Level        string
	Description, SourceTitle, SourceURL                         string
}

// recordFormat is part of each hash: raise it when records are made into rows
// in another way, so that the next import writes them all anew.
const recordFormat = "2"

// hash is the same for the same facts, however the file was formatted, with the
// same texts of the machine beside them: better ones are an import's work too.
func (r Record) hash(machine []courseText) (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("hash record %s: %w", r.ID, err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s%s", recordFormat, text)
	for _, t := range machine {
		fmt.Fprintf(h, "\n%q", t)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

const (
	maxImport = 64 << 20 // bytes
	// maxFaults bounds the list of what is wrong: whoever has so much to
	// correct imports again anyway.
	maxFaults = 50
)

// ParseCourses reads a catalogue: a JSON list of records of the shape of
// data/courses.json. What is not to be accepted is told as one fault, whose
// fields name record (counted from 1) and field, such as "[17].topics".
// Fields of other names are passed over.
func ParseCourses(r io.Reader) ([]Record, error) {
	return parseCourses(r, maxImport)
}

func parseCourses(r io.Reader, limit int64) ([]Record, error) {
	p := &parser{input: &meter{reader: r, left: limit}, seen: map[string]int{}}
	p.decoder = json.NewDecoder(p.input)
	if err := p.list(); err != nil {
		return nil, p.explain(err)
	}
	if len(p.faults) > 0 {
		return nil, &training.Fault{Kind: training.KindInvalid, Key: "import.refused", Fields: p.faults}
	}
	return p.records, nil
}

type parser struct {
	input   *meter
	decoder *json.Decoder
	number  int // of the record under way, from 1
	seen    map[string]int
	records []Record
	faults  []training.FieldFault
}

// errNotList, errMore and errTooLarge end the reading.
var (
	errNotList  = errors.New("not a list")
	errMore     = errors.New("something follows the list")
	errTooLarge = errors.New("the catalogue is too large")
)

func (p *parser) list() error {
	if token, err := p.decoder.Token(); err != nil || token != json.Delim('[') {
		if err == nil || errors.Is(err, io.EOF) {
			err = errNotList
		}
		return err
	}
	for p.decoder.More() && len(p.faults) < maxFaults {
		p.number++
		var raw json.RawMessage
		if err := p.decoder.Decode(&raw); err != nil {
			return err
		}
		p.record(raw)
	}
	if len(p.faults) >= maxFaults {
		p.faults = p.faults[:maxFaults]
		return nil
	}
	if _, err := p.decoder.Token(); err != nil {
		return err
	}
	_, err := p.decoder.Token()
	if err == nil {
		return errMore
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (p *parser) record(raw json.RawMessage) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil || values == nil {
		p.faults = append(p.faults, training.FieldFault{Field: fmt.Sprintf("[%d]", p.number), Key: "import.not_record",
			Args: training.Args{"record": p.number}})
		return
	}
	f := newFields(p.number, values)
	record := f.record()
	if first, again := p.seen[record.ID]; again && record.ID != "" {
		f.refuse("id", "import.duplicate", training.Args{"value": record.ID, "first": first})
	} else {
		p.seen[record.ID] = p.number
	}
	p.faults = append(p.faults, f.faults...)
	p.records = append(p.records, record)
}

// explain turns what ended the reading into a fault, but for failures of the
// reader itself.
func (p *parser) explain(err error) error {
	_, broken := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, errTooLarge):
		return training.NewFault(training.KindTooLarge, "import.too_large", training.Args{"megabytes": maxImport >> 20})
	case errors.Is(err, errNotList):
		return p.unreadable("import.not_list", 0, err)
	case errors.Is(err, errMore):
		return p.unreadable("import.broken", p.decoder.InputOffset()-1, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.unreadable("import.broken", p.input.read, err)
	case broken:
		return p.unreadable("import.broken", p.brokenAt(), err)
	}
	return fmt.Errorf("read the catalogue: %w", err)
}

// brokenAt is the offset of the byte at which the JSON is broken. The offset in
// the error of a stream's later values is not that of the file, so what the
// decoder could not take is looked through again by itself.
func (p *parser) brokenAt() int64 {
	start := p.decoder.InputOffset()
	var value json.RawMessage
	err := json.NewDecoder(p.decoder.Buffered()).Decode(&value)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return start + syntax.Offset - 1
	}
	return start // the value is right, but in the wrong place
}

func (p *parser) unreadable(key string, offset int64, cause error) error {
	args := training.Args{"record": max(p.number, 1), "byte": offset, "line": p.input.line(offset)}
	field := training.FieldFault{Field: "file", Key: key, Args: args}
	return &training.Fault{Kind: training.KindInvalid, Key: "import.refused", Unreadable: true, Cause: cause,
		Fields: append(p.faults, field)}
}

// meter passes bytes on up to a limit and remembers where lines end, because
// the decoder names a broken place by its byte alone.
type meter struct {
	reader io.Reader
	left   int64
	read   int64
	breaks []int64 // offsets of line ends
}

const byteOrderMark = "\xef\xbb\xbf"

// Read implements io.Reader.
func (m *meter) Read(to []byte) (int, error) {
	n, err := m.reader.Read(to)
	if int64(n) > m.left {
		return 0, errTooLarge
	}
	for i, b := range to[:n] {
		at := m.read + int64(i)
		switch {
		case b == '\n':
			m.breaks = append(m.breaks, at)
		case at < int64(len(byteOrderMark)) && b == byteOrderMark[at]:
			to[i] = ' ' // some editors begin a file with it; JSON does not know it
		}
	}
	m.left -= int64(n)
	m.read += int64(n)
	return n, err
}

// line counts from 1.
func (m *meter) line(offset int64) int {
	return 1 + sort.Search(len(m.breaks), func(i int) bool { return m.breaks[i] >= offset })
}
