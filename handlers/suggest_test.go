package handlers_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

type suggested struct {
	Say     string
	Options []struct{ Text, Lang, Note, Href string }
}

func (b *browser) suggestions(t *testing.T, lang, typed string) suggested {
	t.Helper()
	got := b.get(t, "/"+lang+"/courses/suggest?q="+url.QueryEscape(typed))
	got.want(t, 200, "")
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("%q is answered as %s", typed, kind)
	}
	var s suggested
	if err := json.Unmarshal([]byte(got.body), &s); err != nil {
		t.Fatalf("%q: %v\n%s", typed, err, got.body)
	}
	return s
}

func TestSuggestionsLeadToWhatIsTyped(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	s := visitor.suggestions(t, "fi", "pintap")
	if len(s.Options) == 0 || s.Options[0].Text != "Pintapelastajakurssi" || !strings.HasPrefix(s.Options[0].Href, "/fi/courses/") || s.Say == "" {
		t.Errorf("%+v", s)
	}
	page := visitor.get(t, s.Options[0].Href)
	page.want(t, 200, "")
	page.has(t, "Pintapelastajakurssi")

	s = visitor.suggestions(t, "fi", "metsäp")
	if len(s.Options) == 0 || s.Options[0].Href != "/fi/courses?topic=forest_fires" || s.Options[0].Note == "" {
		t.Errorf("the topic is not suggested: %+v", s)
	}
	visitor.get(t, s.Options[0].Href).want(t, 200, "")
	if s = visitor.suggestions(t, "sv", "kurs"); len(s.Options) != 8 {
		t.Errorf("%d suggestions", len(s.Options))
	}
}

func TestWhereNothingFitsNothingIsSuggested(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	for _, typed := range []string{"", " ", "k", "qwxzv", "!!!!", "\u202e\u202d", "<script>alert(1)</script>x", "💥💥", "%", "%%%"} {
		if s := visitor.suggestions(t, "en", typed); len(s.Options) != 0 || s.Say != "" {
			t.Errorf("%q suggests %+v", typed, s)
		}
	}
}

func TestNoSearchBreaksThePage(t *testing.T) {
	site := withCatalogue(t, testkit.SQLite(t))
	for _, typed := range []string{
		strings.Repeat("a", 7000), strings.Repeat("метод ", 300), "\x00\x01\x02", "a\u0000b", "\xff\xfe\xfd", "\u202eredo\u202c",
		strings.Repeat("\u0301", 500), "()[]{}*+?\\^$|.", strings.Repeat("-", 400), "\u00ad\u200b", "ﷺ", strings.Repeat("ß", 190), "'; DROP TABLE courses; --",
	} {
		for _, path := range []string{"/en/courses?q=", "/ru/courses/suggest?q="} {
			got := site.do(t, httptest.NewRequest("GET", path+url.QueryEscape(typed), nil))
			// What cannot be stored is refused as such everywhere.
			if got.status != 200 && got.status != 400 && got.status != 414 && got.status != 422 {
				t.Errorf("%s%.40q: %d", path, typed, got.status)
			}
		}
	}
}

func TestTheSearchFieldIsAPlainOneWithoutScript(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	for _, path := range []string{"/pl/", "/pl/courses?q=po%C5%BCar%C3%B3w"} {
		page := visitor.get(t, path)
		page.want(t, 200, "")
		page.has(t, `id="q" name="q" type="search"`, `<label class="ds-label" for="q">`, `data-suggest="/pl/courses/suggest"`)
		if strings.Contains(page.body, "combobox") {
			t.Errorf("%s promises suggestions before script can give them", path)
		}
	}
}

func TestWhereNothingIsFoundTheNearestWordIsProposed(t *testing.T) {
	visitor := withCatalogue(t, testkit.SQLite(t)).browser()
	page := visitor.get(t, "/en/courses?q=zwimmer")
	page.want(t, 200, "")
	page.has(t, "Did you mean “swimmer”?", `href="/en/courses?q=swimmer"`)
	page = visitor.get(t, "/en/courses?q=swimmer")
	page.has(t, "Rescue Swimmer Course")
	if strings.Contains(page.body, "Did you mean") {
		t.Error("what was found is doubted")
	}
	// Where the words are found as what they are close to, the list says so.
	page = visitor.get(t, "/en/courses?q=swimmmer")
	page.has(t, "Rescue Swimmer Course", "These courses were found for “swimmer”.")
	// What is proposed must find something together with the filters.
	page = visitor.get(t, "/en/courses?q=zwimmer&topic=drought")
	if strings.Contains(page.body, "Did you mean") {
		t.Error("a search is proposed that finds nothing")
	}
}
