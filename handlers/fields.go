package handlers

import "strings"

// Field is one field of a form as the partials "input" and "select" draw it.
type Field struct {
	Name, Label, Hint, Value, Type, Autocomplete, Error string
	Optional                                            string // the word "optional"; empty: required
	Required                                            bool
	Groups                                              []OptionGroup // of a select
}

// OptionGroup is some options of a select under a heading, or under none.
type OptionGroup struct {
	Label   string
	Options []Option
}

// Option is one choice. Lang is set where the label is not in the page's
// language.
type Option struct{ Value, Label, Lang string }

// Describedby lists the ids of the hint and the error.
func (f Field) Describedby() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}

// Input makes a text field. labelKey is its label's message; settings are names
// and values in turn: type, autocomplete, hint (a message key), optional ("yes").
func (b *Base) Input(name, labelKey, value string, settings ...string) Field {
	f := Field{Name: name, Label: b.T(labelKey), Value: value, Type: "text", Error: b.Error(name)}
	for i := 0; i+1 < len(settings); i += 2 {
		switch settings[i] {
		case "type":
			f.Type = settings[i+1]
		case "autocomplete":
			f.Autocomplete = settings[i+1]
		case "hint":
			f.Hint = b.T(settings[i+1])
		case "optional":
			f.Optional = b.T("form.optional")
		}
	}
	return f
}

// Select makes a choice from groups of options; settings as of Input.
func (b *Base) Select(name, labelKey, value string, groups []OptionGroup, settings ...string) Field {
	f := b.Input(name, labelKey, value, settings...)
	f.Groups = groups
	return f
}

// Choices makes the options of one vocabulary, whose words are the messages
// prefix+value, under no heading. emptyKey, if given, is the message of the
// choice of none.
func (b *Base) Choices(values []string, prefix, emptyKey string) []OptionGroup {
	var options []Option
	if emptyKey != "" {
		options = append(options, Option{"", b.T(emptyKey), ""})
	}
	for _, v := range values {
		options = append(options, Option{v, b.T(prefix + v), ""})
	}
	return []OptionGroup{{Options: options}}
}
