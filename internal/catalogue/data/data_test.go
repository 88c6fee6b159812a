package data

import (
	"encoding/json"
	"testing"

	"github.com/varde-platform/varde/internal/training"
)

func TestEveryTitleHasAKnownLanguage(t *testing.T) {
	var records []struct{ ID, Title string }
	if err := json.Unmarshal(Courses, &records); err != nil {
		t.Fatal(err)
	}
	if len(records) == 0 {
		t.Fatal("the catalogue is empty")
	}
	languages := TitleLanguages()
	for _, r := range records {
		if !training.IsLanguage(languages[r.ID]) {
			t.Errorf("title of %s (%s): language %q is not one", r.ID, r.Title, languages[r.ID])
		}
	}
	if len(languages) != len(records) {
		t.Errorf("%d languages for %d records", len(languages), len(records))
	}
}

func TestEveryCourseHasItsTextsInEveryLanguage(t *testing.T) {
	original := TitleLanguages()
	for _, language := range training.Languages {
		if language == "en" {
			continue
		}
		texts, err := Texts(language)
		if err != nil {
			t.Fatal(err)
		}
		for id, of := range original {
			text, there := texts[id]
			if !there || text.Description == "" || (text.Title == "") != (of == language) {
				t.Errorf("%s in %s: %+v", id, language, text)
			}
		}
		if len(texts) != len(original) {
			t.Errorf("%d texts in %s for %d records", len(texts), language, len(original))
		}
	}
}
