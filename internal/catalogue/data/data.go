// Package data owns the catalogue that Varde is shipped with, as it was
// collected, and the languages of its titles. It does not own what is made of
// it: reading and checking is the catalogue's.
package data

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"
)

// Courses is the catalogue: a JSON list of course records. It is read by
// everybody and changed by nobody.
//
//go:embed courses.json
var Courses []byte

//go:embed title_languages.json
var titleLanguages []byte

// TitleLanguages says for each record of Courses, by its id, in which language
// its title is (ISO 639-1): the records themselves name only the language of
// instruction. It is read by everybody and changed by nobody.
var TitleLanguages = sync.OnceValue(func() map[string]string {
	var languages map[string]string
	if err := json.Unmarshal(titleLanguages, &languages); err != nil {
		// The list is part of the program, and a test reads it.
		panic(fmt.Errorf("title languages: %w", err))
	}
	return languages
})

//go:embed texts/*.json
var texts embed.FS

// Text is a course in one language, put into it by machine and read by no
// professional.
type Text struct {
	Title       string `json:"title"` // empty: the original title is in that language
	Description string `json:"description"`
}

// Texts gives the records of Courses, by id, in one language other than English
// (ISO 639-1).
func Texts(language string) (map[string]Text, error) {
	file, err := texts.ReadFile("texts/" + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("texts of the catalogue: %w", err)
	}
	var list map[string]Text
	if err := json.Unmarshal(file, &list); err != nil {
		return nil, fmt.Errorf("texts of the catalogue in %s: %w", language, err)
	}
	return list, nil
}
