package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/training"
)

// said is a text of a page, and the language that it is marked up to be in.
type said struct{ Text, Lang string }

// knownTitles gives the languages in which a course has a title, by the title.
var knownTitles = sync.OnceValues(func() (map[string][]string, error) {
	known := map[string][]string{}
	var records []struct {
		ID, Title string
		English   string `json:"title_en"`
	}
	if err := json.Unmarshal(catalogue.Courses, &records); err != nil {
		return nil, err
	}
	originals := catalogue.TitleLanguages()
	add := func(title, lang string) {
		if title = strings.Join(strings.Fields(title), " "); title != "" {
			known[title] = append(known[title], lang)
		}
	}
	for _, record := range records {
		add(record.Title, originals[record.ID])
		add(record.English, "en")
	}
	for _, lang := range training.Languages {
		if lang == "en" {
			continue
		}
		texts, err := catalogue.Texts(lang)
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			add(text.Title, lang)
		}
	}
	return known, nil
})

// misnamed lists the texts that are in another language than is said: titles of
// courses, and whatever is in Cyrillic letters, which of the twelve languages
// Russian alone is.
func misnamed(texts []said, titles map[string][]string) []said {
	var wrong []said
	for _, text := range texts {
		langs, isTitle := titles[text.Text]
		cyrillic := strings.ContainsFunc(text.Text, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
		if isTitle && !slices.Contains(langs, text.Lang) || cyrillic && !isTitle && text.Lang != "ru" {
			wrong = append(wrong, text)
		}
	}
	return wrong
}

// checkLanguages: a title is read aloud by the voice of the language it is in.
func (w *window) checkLanguages(t *testing.T) {
	t.Helper()
	titles, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	texts := ask[[]said](w, "texts()")
	if len(texts) < 10 {
		t.Errorf("the page says %d texts", len(texts))
	}
	for _, wrong := range misnamed(texts, titles) {
		t.Errorf("said to be in %q: %s", wrong.Lang, wrong.Text)
	}
}

func TestTitlesInTheWrongLanguageAreFound(t *testing.T) {
	titles, err := knownTitles()
	if err != nil {
		t.Fatal(err)
	}
	fi, err := catalogue.Texts("fi")
	if err != nil {
		t.Fatal(err)
	}
	title := fi["ucpm-mbc"].Title
	if len(titles) < 500 || !slices.Contains(titles[title], "fi") {
		t.Fatalf("%d titles are known; %q is in %v", len(titles), title, titles[title])
	}
	for _, text := range []said{{title, "en"}, {"Курсы", "pl"}, {title, ""}} {
		if len(misnamed([]said{text}, titles)) != 1 {
			t.Errorf("%q in %q is taken for right", text.Text, text.Lang)
		}
	}
	for _, text := range []said{{title, "fi"}, {"Курсы", "ru"}, {"Courses", "fi"}} {
		if len(misnamed([]said{text}, titles)) != 0 {
			t.Errorf("%q in %q is taken for wrong", text.Text, text.Lang)
		}
	}
}
