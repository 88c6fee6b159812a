package catalogue

import (
	"testing"

	"github.com/varde-platform/varde/internal/training"
)

// courseIn gives a course with a title in each of the languages, the first of
// them the original.
func courseIn(languages ...string) *Course {
	c := &Course{Texts: map[string][]Text{}}
	origin := OriginOriginal
	for _, lang := range languages {
		c.Texts[KindTitle] = append(c.Texts[KindTitle], Text{"in " + lang, lang, origin})
		origin = OriginTranslated
	}
	return c
}

func TestATextIsShownInTheLanguageThatServesTheReaderBest(t *testing.T) {
	all := []string{"fr", "da", "de", "en", "et", "fi", "is", "lt", "lv", "nb", "pl", "ru", "sv"}
	tests := []struct {
		reader string
		has    []string
		want   string
	}{
		{"nb", []string{"en", "sv", "da"}, "da"},
		{"nb", []string{"en", "sv"}, "sv"},
		{"da", []string{"en", "sv", "nb"}, "nb"},
		{"da", []string{"en", "sv"}, "sv"},
		{"sv", []string{"en", "da", "nb"}, "nb"},
		{"sv", []string{"en", "da"}, "da"},
		{"fi", []string{"en", "sv"}, "sv"},
		{"fi", []string{"en", "nb"}, "en"},
		{"et", []string{"en", "fi"}, "fi"},
		{"is", []string{"en", "da"}, "da"},
		{"is", []string{"en", "sv", "nb"}, "nb"},
		{"fi", []string{"en", "et"}, "en"},
		{"lv", []string{"ru", "en"}, "en"},
		{"lt", []string{"pl", "en"}, "en"},
		{"pl", []string{"de", "en"}, "en"},
		{"de", []string{"da", "en"}, "en"},
		{"ru", []string{"lv", "en"}, "en"},
		{"en", []string{"sv", "en"}, "en"},
		{"en", []string{"sv", "nb"}, "sv"},
		{"lv", []string{"fr", "nb"}, "fr"},
		{"xx", []string{"fr", "en"}, "en"},
	}
	for _, lang := range training.Languages {
		tests = append(tests, struct {
			reader string
			has    []string
			want   string
		}{lang, all, lang})
	}
	for _, tt := range tests {
		got, ok := courseIn(tt.has...).Text(KindTitle, tt.reader)
		if !ok || got.Lang != tt.want || got.Text != "in "+tt.want {
			t.Errorf("a reader of %s gets %+v of %v, want %s", tt.reader, got, tt.has, tt.want)
		}
	}
	if got, ok := courseIn("en").Text(KindSummary, "en"); ok {
		t.Errorf("a course without a summary gives %+v", got)
	}
}

// What a machine made of a text serves those whose language it is; a reader who
// must take a foreign language gets what a person wrote.
func TestAMachinesTextServesItsOwnLanguageAlone(t *testing.T) {
	texts := []Text{{"original", "pl", OriginOriginal}, {"english", "en", OriginTranslated},
		{"dansk", "da", OriginMachine}, {"suomi", "fi", OriginMachine}}
	for _, tt := range []struct{ reader, want string }{
		{"da", "dansk"}, {"fi", "suomi"}, {"nb", "english"}, {"sv", "english"}, {"et", "english"}, {"pl", "original"}, {"en", "english"}, {"lv", "english"},
	} {
		if got, ok := choose(texts, tt.reader); !ok || got.Text != tt.want {
			t.Errorf("a reader of %s gets %+v, want %s", tt.reader, got, tt.want)
		}
	}
	if got, _ := choose([]Text{{"original", "pl", OriginOriginal}, {"english", "en", OriginMachine}}, "lv"); got.Text != "original" {
		t.Errorf("%+v in place of the original", got)
	}
	if got, ok := choose([]Text{{"suomi", "fi", OriginMachine}}, "pl"); !ok || got.Text != "suomi" {
		t.Errorf("%+v where there is nothing else", got)
	}
}
