package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// courseText is a text of a course as it is stored. madeOf is the sum of the
// text that it was translated from; empty: from none, or nobody knows.
type courseText struct{ kind, lang, text, origin, madeOf string }

// sum stands for a text where only sameness matters.
func sum(text string) string {
	whole := sha256.Sum256([]byte(text))
	return hex.EncodeToString(whole[:16])
}

// texts gives the texts of a record whose title's language has been settled.
// All but the title are written in English for the catalogue.
func (r Record) texts() []courseText {
	texts := r.titles()
	add := func(kind, text string) {
		if text != "" {
			texts = append(texts, courseText{kind, "en", text, OriginOriginal, ""})
		}
	}
	add(KindSummary, r.Description)
	add(KindPrerequisites, r.PrerequisiteText)
	add(KindRoute, r.ApplicationRoute)
	add(KindCosts, r.Costs)
	add(KindDurationNote, r.DurationNote)
	add(KindDatesNote, r.DatesObserved)
	add(KindDeadlineNote, r.DeadlineObserved)
	return texts
}

func (r Record) titles() []courseText {
	english := courseText{KindTitle, "en", r.TitleEn, OriginTranslated, ""}
	if r.TitleLang == "" {
		// Nothing tells the title's language: the one title whose language is
		// sure is better than a second one marked with a wrong one.
		return []courseText{english}
	}
	english.madeOf = sum(r.Title)
	titles := []courseText{{KindTitle, r.TitleLang, r.Title, OriginOriginal, ""}}
	if r.TitleEn != "" && r.TitleLang != "en" {
		titles = append(titles, english)
	}
	return titles
}

// titleLanguage finds out in which language the title is: known says it for the
// catalogue that Varde is shipped with. Empty: nothing tells.
func (r Record) titleLanguage(known map[string]string) string {
	if r.TitleLang != "" {
		return r.TitleLang
	}
	if lang := known[r.ID]; lang != "" {
		return lang
	}
	if r.TitleEn == "" || r.TitleEn == r.Title {
		return "en"
	}
	for _, lang := range r.Languages {
		if lang != "en" {
			return lang
		}
	}
	if lang := mainLanguage[r.Country]; lang != "" {
		return lang
	}
	if strings.ContainsFunc(r.Title, func(c rune) bool { return unicode.Is(unicode.Cyrillic, c) }) {
		return "ru"
	}
	return ""
}

// mainLanguage is the language in which an authority of the country most likely
// names its courses, where that is one language.
var mainLanguage = map[string]string{
	"AT": "de", "BG": "bg", "BY": "ru", "CZ": "cs", "DE": "de", "DK": "da", "EE": "et", "ES": "es", "FI": "fi",
	"FO": "fo", "FR": "fr", "GL": "kl", "GR": "el", "HR": "hr", "HU": "hu", "IS": "is", "IT": "it", "LT": "lt",
	"LV": "lv", "NL": "nl", "NO": "nb", "PL": "pl", "PT": "pt", "RO": "ro", "RU": "ru", "SE": "sv", "SI": "sl",
	"SK": "sk", "UA": "uk",
}
