package locales

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/varde-platform/varde/internal/training"
)

// message is one message: its text by plural form; "" where it has only one.
type message map[string]string

func load(t *testing.T, lang string) map[string]message {
	t.Helper()
	text, err := Files.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatalf("%s: %v", lang, err)
	}
	all := map[string]message{}
	for key, value := range raw {
		var one string
		var forms message
		switch {
		case json.Unmarshal(value, &one) == nil:
			all[key] = message{"": one}
		case json.Unmarshal(value, &forms) == nil:
			all[key] = forms
		default:
			t.Errorf("%s %s is neither a text nor plural forms", lang, key)
		}
	}
	return all
}

// forms are the plural forms that whole numbers have in a language (CLDR).
func forms(lang string) []string {
	names := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two",
		plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	found := map[string]bool{"other": true}
	tag := language.Make(lang)
	for n := range 1000 {
		found[names[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(m message) []string {
	seen := map[string]bool{}
	for _, text := range m {
		for _, p := range placeholder.FindAllStringSubmatch(text, -1) {
			seen[p[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// sameInEnglish are the messages that may read as in English: names, and words
// that a language has in common with it.
func sameInEnglish(t *testing.T) map[string]bool {
	t.Helper()
	text, err := Files.ReadFile("same_as_english.txt")
	if err != nil {
		t.Fatal(err)
	}
	same := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			same[line] = true
		}
	}
	return same
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	english := load(t, "en")
	same := sameInEnglish(t)
	used := map[string]bool{}
	for _, lang := range training.Languages {
		messages := load(t, lang)
		for key := range english {
			if _, ok := messages[key]; !ok {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for key, m := range messages {
			original, ok := english[key]
			if !ok {
				t.Errorf("%s has %s, which English has not", lang, key)
				continue
			}
			check(t, lang, key, m, original)
			entry := lang + " " + key
			if lang != "en" && isSame(m, original) {
				used[entry] = true
				if !same[entry] {
					t.Errorf("%s %s reads as in English: %q", lang, key, m)
				}
			}
		}
	}
	for entry := range same {
		if !used[entry] {
			t.Errorf("same_as_english.txt lists %q, which is not so", entry)
		}
	}
}

func check(t *testing.T, lang, key string, m, english message) {
	t.Helper()
	_, plain := m[""]
	_, plainEnglish := english[""]
	if plain != plainEnglish {
		t.Errorf("%s %s: plural forms in one language and none in the other", lang, key)
		return
	}
	if !plain {
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, forms(lang)) {
			t.Errorf("%s %s has the forms %v, the language has %v", lang, key, got, forms(lang))
		}
	}
	for form, text := range m {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s %s %s is empty", lang, key, form)
		}
		if strings.TrimSpace(text) != text {
			t.Errorf("%s %s %s begins or ends with a space: a sentence is never pieced together", lang, key, form)
		}
	}
	if got, want := placeholders(m), placeholders(english); !slices.Equal(got, want) {
		t.Errorf("%s %s uses %v, English %v", lang, key, got, want)
	}
}

// isSame: a text without letters, as a bare placeholder, is the same in every
// language.
func isSame(m, english message) bool {
	letters := regexp.MustCompile(`\pL`)
	for form, text := range m {
		if text != english[form] || !letters.MatchString(placeholder.ReplaceAllString(text, "")) {
			return false
		}
	}
	return len(m) == len(english)
}

func TestThePluralFormsAreTheLanguages(t *testing.T) {
	want := map[string]string{"en": "[one other]", "lv": "[one other zero]", "lt": "[few one other]",
		"pl": "[few many one other]", "ru": "[few many one other]", "is": "[one other]"}
	for lang, list := range want {
		if got := fmt.Sprint(forms(lang)); got != list {
			t.Errorf("%s: %s, want %s", lang, got, list)
		}
	}
}
