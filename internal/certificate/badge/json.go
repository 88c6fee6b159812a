package badge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const deepest = 32

// readObject reads JSON that everybody reads alike: one object, in UTF-8, without
// a member named twice, of which one reader would take the first and another the
// last. Numbers stay as they are written.
func readObject(data []byte) (map[string]any, error) {
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, fmt.Errorf("%w: no JSON", Malformed)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readValue(d, deepest)
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: no object", Malformed)
	}
	return o, nil
}

func readValue(d *json.Decoder, deeper int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Malformed, err)
	}
	if deeper == 0 {
		return nil, fmt.Errorf("%w: nested too deep", Malformed)
	}
	switch token {
	case json.Delim('{'):
		return readMembers(d, deeper-1)
	case json.Delim('['):
		return readItems(d, deeper-1)
	}
	return token, nil
}

func readMembers(d *json.Decoder, deeper int) (map[string]any, error) {
	o := map[string]any{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: no member's name", Malformed)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("%w: a member named twice", Malformed)
		}
		if o[name], err = readValue(d, deeper); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}

func readItems(d *json.Decoder, deeper int) ([]any, error) {
	items := []any{}
	for d.More() {
		v, err := readValue(d, deeper)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return items, err
}

// text, texts and object read a member, and give nothing where it is something
// else or missing.
func text(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}

func texts(o map[string]any, name string) []string {
	items, _ := o[name].([]any)
	found := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

func object(o map[string]any, name string) map[string]any {
	found, _ := o[name].(map[string]any)
	return found
}
