package catalogue

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/training"
)

// Limits of a record, in characters. Those of id, code, country and language
// are the database's.
const (
	maxID       = 120
	maxCode     = 60
	maxLine     = 500
	maxText     = 20_000
	maxURL      = 2000
	maxList     = 200
	maxDays     = 3660
	maxPeople   = 1_000_000
	shownInFlaw = 60 // of a wrong value, in the sentence about it
)

// fields reads the fields of one record and collects what is wrong with them,
// each under its own name.
type fields struct {
	number int
	id     string // "?" until it is known
	values map[string]json.RawMessage
	faults []training.FieldFault
}

func newFields(number int, values map[string]json.RawMessage) *fields {
	return &fields{number: number, id: "?", values: values}
}

func (f *fields) refuse(field, key string, args training.Args) {
	all := training.Args{"record": f.number, "id": f.id, "field": field}
	for name, value := range args {
		all[name] = value
	}
	f.faults = append(f.faults, training.FieldFault{Field: fmt.Sprintf("[%d].%s", f.number, field), Key: key, Args: all})
}

func (f *fields) refuseValue(field, key, value string) {
	f.refuse(field, key, training.Args{"value": shorten(value, shownInFlaw)})
}

func (f *fields) record() Record {
	id := f.required("id", maxID)
	if id != "" {
		f.id = shorten(id, shownInFlaw)
	}
	r := Record{
		ID: id, Code: f.text("code", maxCode), Title: f.required("title", maxLine), TitleEn: f.text("title_en", maxLine),
		TitleLang: f.language("title_lang", f.text("title_lang", maxLine)),
		Provider:  f.text("provider", maxLine), Programme: f.text("programme", maxLine),
		Country: f.country("country"), Place: f.text("place", maxLine),
		Professions: f.words("target_professions", "import.profession", training.IsProfession),
		Topics:      f.words("topics", "import.topic", training.IsTopic),
		Languages:   f.languages("language"), PrerequisiteCodes: f.list("prerequisite_codes"), Inferred: f.list("inferred"),
		DurationDays: f.days("duration_days"), SeatsTypical: f.whole("seats_typical"),
		ParticipantsObserved: f.whole("participants_observed"), StatesObserved: f.whole("participant_states_observed"),
		DurationNote: f.text("duration_note", maxText), PrerequisiteText: f.text("prerequisite_text", maxText),
		ApplicationRoute: f.text("application_route", maxText), Costs: f.text("costs", maxText),
		DatesObserved: f.text("dates_observed", maxText), DeadlineObserved: f.text("application_deadline_observed", maxText),
		DeliveryForm: f.text("delivery_form", maxLine), Level: f.text("level", maxLine),
		Description: f.text("description", maxText),
	}
	r.SourceTitle, r.SourceURL = f.source("source")
	return r
}

// given gives the value of a field, or false where it is missing or null.
func (f *fields) given(field string) (json.RawMessage, bool) {
	raw := f.values[field]
	return raw, raw != nil && string(raw) != "null"
}

func (f *fields) required(field string, limit int) string {
	before := len(f.faults)
	text := f.text(field, limit)
	if text == "" && len(f.faults) == before {
		f.refuse(field, "import.missing", nil)
	}
	return text
}

func (f *fields) text(field string, limit int) string {
	raw, ok := f.given(field)
	if !ok {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		f.refuse(field, "import.not_text", nil)
		return ""
	}
	return f.checked(field, text, limit)
}

// checked gives the text without space around it, or nothing where it cannot be
// stored or shown.
func (f *fields) checked(field, text string, limit int) string {
	text = strings.TrimSpace(text)
	switch {
	case !readable(text, "\n\r\t"):
		f.refuse(field, "import.characters", nil)
	case utf8.RuneCountInString(text) > limit:
		f.refuse(field, "import.too_long", training.Args{"max": limit})
	default:
		return text
	}
	return ""
}

// readable reports whether the text has neither control characters, but for
// those allowed, nor signs of a broken encoding: PostgreSQL refuses some of
// them, and nobody can read any.
func readable(text, allowed string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune(allowed, r)
	})
}

// list gives a list of texts, each once and none empty; never nil.
func (f *fields) list(field string) []string {
	list := []string{}
	raw, ok := f.given(field)
	if !ok {
		return list
	}
	var texts []*string
	if json.Unmarshal(raw, &texts) != nil || slices.Contains(texts, nil) {
		f.refuse(field, "import.not_list_of_text", nil)
		return list
	}
	if len(texts) > maxList {
		f.refuse(field, "import.list_too_long", training.Args{"max": maxList})
		return list
	}
	for _, t := range texts {
		if text := f.checked(field, *t, maxLine); text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// words gives a list of words of a vocabulary.
func (f *fields) words(field, key string, known func(string) bool) []string {
	list := f.list(field)
	for _, word := range list {
		if !known(word) {
			f.refuseValue(field, key, word)
		}
	}
	return list
}

func (f *fields) languages(field string) []string {
	languages := []string{}
	for _, value := range f.list(field) {
		if lang := f.language(field, value); lang != "" && !slices.Contains(languages, lang) {
			languages = append(languages, lang)
		}
	}
	return languages
}

// language folds the spellings of Norwegian into nb.
func (f *fields) language(field, value string) string {
	if value == "" {
		return ""
	}
	lang := training.CanonicalLanguage(value)
	if !training.IsLanguage(lang) {
		f.refuseValue(field, "import.language", value)
		return ""
	}
	return lang
}

func (f *fields) country(field string) string {
	country := f.text(field, maxLine)
	if country != "" && !training.IsCountry(country) {
		f.refuseValue(field, "import.country", country)
		return ""
	}
	return country
}

// days gives a number of days, which may be part of one.
func (f *fields) days(field string) *float64 {
	raw, ok := f.given(field)
	if !ok {
		return nil
	}
	var number float64
	if json.Unmarshal(raw, &number) != nil {
		f.refuse(field, "import.not_number", nil)
		return nil
	}
	if number <= 0 || number > maxDays {
		f.refuse(field, "import.days", training.Args{"max": maxDays})
		return nil
	}
	return &number
}

// whole gives a number of people or states. It may be written as 20.0, as some
// programs do.
func (f *fields) whole(field string) *int {
	raw, ok := f.given(field)
	if !ok {
		return nil
	}
	var number float64
	if json.Unmarshal(raw, &number) != nil || number != math.Trunc(number) {
		f.refuse(field, "import.not_whole", nil)
		return nil
	}
	if number < 0 || number > maxPeople {
		f.refuse(field, "import.between", training.Args{"min": 0, "max": maxPeople})
		return nil
	}
	whole := int(number)
	return &whole
}

func (f *fields) source(field string) (title, address string) {
	raw, ok := f.given(field)
	if !ok {
		return "", ""
	}
	var values map[string]json.RawMessage
	if json.Unmarshal(raw, &values) != nil {
		f.refuse(field, "import.not_object", nil)
		return "", ""
	}
	inner := &fields{number: f.number, id: f.id, values: map[string]json.RawMessage{
		field + ".title": values["title"], field + ".url": values["url"],
	}}
	title, address = inner.text(field+".title", maxLine), inner.text(field+".url", maxURL)
	if address != "" && !webAddress(address) {
		inner.refuseValue(field+".url", "import.url", address)
	}
	f.faults = append(f.faults, inner.faults...)
	return title, address
}

// webAddress keeps out what a link on a page must never have, such as
// javascript:.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit]) + "…"
}
