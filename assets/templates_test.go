package assets

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

var (
	actions    = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	attributes = regexp.MustCompile(`\s(?:aria-label|aria-description|alt|title|placeholder|content|value)="([^"]*)"`)
	drawings   = regexp.MustCompile(`(?s)<(svg|script|style)\b.*?</(svg|script|style)>`)
	tags       = regexp.MustCompile(`(?s)<[^>]*>`)
	letters    = regexp.MustCompile(`\pL{2,}`)
)

// Words in a template that are no message: the name, which is never translated,
// and what machines read.
var allowed = map[string]bool{"Varde": true, "data": true, "flush": true} // data-flush: an attribute by itself

// machine are contents of attributes that nobody reads.
var machine = regexp.MustCompile(`^(width=device-width, initial-scale=1|noindex|light dark|#[0-9A-F]{6}|[a-z_/]+)$`)

// wordsIn gives the words of a template that stand in it as they are.
func wordsIn(template string) []string {
	text := actions.ReplaceAllString(template, "")
	var words []string
	for _, m := range attributes.FindAllStringSubmatch(text, -1) {
		if !machine.MatchString(m[1]) {
			words = append(words, letters.FindAllString(m[1], -1)...)
		}
	}
	words = append(words, letters.FindAllString(tags.ReplaceAllString(drawings.ReplaceAllString(text, " "), " "), -1)...)
	var found []string
	for _, word := range words {
		if !allowed[word] {
			found = append(found, word)
		}
	}
	return found
}

// Whatever people read comes from the messages: a word in a template would be
// English in all twelve languages.
func TestNoTemplateHasWordsOfItsOwn(t *testing.T) {
	read := 0
	err := fs.WalkDir(Templates(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := fs.ReadFile(Templates(), path)
		if err != nil {
			return err
		}
		read++
		if words := wordsIn(string(text)); len(words) > 0 {
			t.Errorf("%s says %q by itself", path, words)
		}
		return nil
	})
	if err != nil || read < 30 {
		t.Fatalf("%d templates read: %v", read, err)
	}
}

func TestAWordInATemplateIsFound(t *testing.T) {
	for template, want := range map[string]string{
		`<p>Only here</p>`:                            "Only here",
		`<p>{{.T "a.b"}} and {{.T "c.d"}}</p>`:        "and",
		`<a href="/x" aria-label="Close">{{.X}}</a>`:  "Close",
		`<input placeholder="{{.Y}} name" name="q">`:  "name",
		`<p class="vd-x">Varde {{.T "a"}}</p>`:        "",
		`<input type="hidden" name="k" value="hold">`: "",
	} {
		if got := strings.Join(wordsIn(template), " "); got != want {
			t.Errorf("%s says %q, want %q", template, got, want)
		}
	}
}
