// Package cldr owns what the twelve languages prescribe: how dates, times,
// numbers and lists are written, what countries and languages are called, how
// names are sorted and folded for search. It does not own any sentence of
// Varde, nor which language a visitor gets.
package cldr

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Languages lists the codes of the twelve languages in alphabetical order. It
// is read by everybody and changed by nobody.
var Languages = []string{"da", "de", "en", "et", "fi", "is", "lt", "lv", "nb", "pl", "ru", "sv"}

// fallback is the language of last resort.
const fallback = "en"

// Written by gen/gen.mjs, never by hand.
//
//go:embed data.json
var dataJSON []byte

// Locale formats, names and sorts in one language. It is safe for concurrent
// use, and there is one for each language: get it from For.
type Locale struct {
	lang      string
	table     table
	tailor    func(string) string
	collators sync.Pool
}

// table is what data.json says of one language.
type table struct {
	Autonym string `json:"autonym"`

	Months      [12]string `json:"months"`
	MonthsAlone [12]string `json:"monthsAlone"`
	MonthsShort [12]string `json:"monthsShort"`
	Weekdays    [7]string  `json:"weekdays"`

	Date            pattern    `json:"date"`
	DateWeekday     pattern    `json:"dateWeekday"`
	DateShort       pattern    `json:"dateShort"`
	Month           pattern    `json:"month"`
	Range           rangeTable `json:"range"`
	RangeShort      rangeTable `json:"rangeShort"`
	Time            pattern    `json:"time"`
	DateTime        pattern    `json:"dateTime"`
	DateTimeWeekday pattern    `json:"dateTimeWeekday"`

	Decimal     string `json:"decimal"`
	Group       string `json:"group"`
	Minus       string `json:"minus"`
	MinGrouping int    `json:"minGrouping"`
	Percent     string `json:"percent"`

	And listTable `json:"and"`
	Or  listTable `json:"or"`

	Countries map[string]string `json:"countries"`
	Languages map[string]string `json:"languages"`
}

// rangeTable has one pattern for each way two dates can differ.
type rangeTable struct {
	SameMonth pattern `json:"sameMonth"`
	SameYear  pattern `json:"sameYear"`
	OtherYear pattern `json:"otherYear"`
}

// listTable says what stands between the items of a list.
type listTable struct {
	Two    string `json:"two"`
	Start  string `json:"start"`
	Middle string `json:"middle"`
	End    string `json:"end"`
}

var locales = sync.OnceValue(func() map[string]*Locale {
	all, err := parse(dataJSON)
	if err != nil {
		// The data is part of the program: without it nothing can be shown.
		panic(err)
	}
	return all
})

func parse(data []byte) (map[string]*Locale, error) {
	var file struct {
		Locales map[string]table `json:"locales"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("locale data: %w", err)
	}
	all := make(map[string]*Locale, len(Languages))
	for _, lang := range Languages {
		t, ok := file.Locales[lang]
		if !ok {
			return nil, fmt.Errorf("locale data: nothing for %q", lang)
		}
		if err := t.withClockWords(lang); err != nil {
			return nil, fmt.Errorf("clock of %q: %w", lang, err)
		}
		all[lang] = newLocale(lang, t)
	}
	return all, nil
}

func newLocale(lang string, t table) *Locale {
	l := &Locale{lang: lang, table: t, tailor: tailoring(lang)}
	l.collators.New = func() any { return newCollator(lang) }
	return l
}

// For gives the locale of one of the twelve languages, and English for every
// other code; never nil.
func For(lang string) *Locale {
	if l, ok := locales()[lang]; ok {
		return l
	}
	return locales()[fallback]
}

// Lang is the code of the language, such as "nb".
func (l *Locale) Lang() string { return l.lang }

// Autonym is what the language calls itself, as its own rules capitalise it:
// "dansk", "Deutsch", "norsk bokmål".
func (l *Locale) Autonym() string { return l.table.Autonym }

// Country names a country or area by its two letters of ISO 3166-1, and the
// European Union by EU. An unknown code is given back as it is.
func (l *Locale) Country(code string) string {
	if name, ok := l.table.Countries[strings.ToUpper(code)]; ok {
		return name
	}
	return code
}

// LanguageName names a language by its two letters of ISO 639-1, capitalised
// as within a sentence. Norwegian as such is "no", its written forms are "nb"
// and "nn". An unknown code is given back as it is.
func (l *Locale) LanguageName(code string) string {
	if name, ok := l.table.Languages[strings.ToLower(code)]; ok {
		return name
	}
	return code
}

// And joins items into "A, B and C". No items give an empty string.
func (l *Locale) And(items []string) string { return l.table.And.join(items) }

// Or joins items into "A, B or C". No items give an empty string.
func (l *Locale) Or(items []string) string { return l.table.Or.join(items) }

func (t listTable) join(items []string) string {
	var b strings.Builder
	last := len(items) - 1
	for i, item := range items {
		switch {
		case i == 0:
		case last == 1:
			b.WriteString(t.Two)
		case i == last:
			b.WriteString(t.End)
		case i == 1:
			b.WriteString(t.Start)
		default:
			b.WriteString(t.Middle)
		}
		b.WriteString(item)
	}
	return b.String()
}
