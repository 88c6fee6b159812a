package catalogue

import (
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
	"github.com/varde-platform/varde/locales"
)

// queries are what professionals of each country type, with the course that
// must come first. They were written before it was tried what they find.
//
//go:embed testdata/queries.json
var queries []byte

type typedQuery struct{ Lang, Typed, First, Why string }

func readQueries(t *testing.T) []typedQuery {
	t.Helper()
	var list []typedQuery
	if err := json.Unmarshal(queries, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// inAllLanguages is the shipped catalogue with its texts and the names of its topics
// and professions in all languages.
func inAllLanguages(t *testing.T) *Service {
	t.Helper()
	bundle, err := i18n.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	s := testkit.SQLite(t)
	service := New(s.DB, Options{Names: func(kind, id, lang string) string { return bundle.For(lang).T(kind + "." + id) }})
	mustImport(t, service, string(data.Courses))
	return service
}

func TestWhatProfessionalsTypeFindsTheCourseTheyMean(t *testing.T) {
	service := inAllLanguages(t)
	for _, q := range readQueries(t) {
		t.Run(q.Lang+" "+q.Typed, func(t *testing.T) {
			found := ids(mustFind(t, service, Query{Text: q.Typed, Lang: q.Lang, PerPage: 5}).Courses)
			if len(found) == 0 || found[0] != q.First {
				t.Errorf("%s: want %s first, found %v", q.Why, q.First, found)
			}
		})
	}
}

func TestTheQueriesCoverEveryLanguageAndEveryKind(t *testing.T) {
	perLanguage, perKind := map[string]int{}, map[string]int{}
	list := readQueries(t)
	for _, q := range list {
		perLanguage[q.Lang]++
		perKind[q.Why]++
	}
	if len(list) < 60 {
		t.Errorf("%d queries", len(list))
	}
	for _, lang := range training.Languages {
		if perLanguage[lang] < 4 {
			t.Errorf("%d queries in %s", perLanguage[lang], lang)
		}
	}
	for _, kind := range []string{"as written", "another form", "without marks", "typing error", "part of a word", "topic", "profession", "code", "place"} {
		if perKind[kind] < 2 {
			t.Errorf("%d queries by %s", perKind[kind], kind)
		}
	}
}

func TestFormsOfWordsFindEachOther(t *testing.T) {
	service := inAllLanguages(t)
	for _, tt := range []struct {
		lang, typed string
		finds       []string
	}{
		{"fi", "metsäpalot", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		{"fi", "metsapaloissa", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		{"pl", "pożary", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		{"pl", "pożarów", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		{"sv", "skogsbränder", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		// The language of the page does not decide what is found.
		{"ru", "skogsbränder", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
		{"en", "metsäpalot", []string{"se-ff-owner", "se-ff-web", "pl-wildfire"}},
	} {
		found := ids(mustFind(t, service, Query{Text: tt.typed, Lang: tt.lang, PerPage: 100}).Courses)
		for _, id := range tt.finds {
			if !slices.Contains(found, id) {
				t.Errorf("%s in %s finds %v, without %s", tt.typed, tt.lang, found, id)
			}
		}
	}
}

func TestWhatNobodyMeansFindsNothing(t *testing.T) {
	service := inAllLanguages(t)
	for _, typed := range []string{
		"qwxzv", "asdfghjkl", "unicorn dragons", "lorem ipsum dolor", "фывапролдж",
		"fxr", // three letters forgive no error
		"10221", "HK-9",
		"!!!", "---", "?", "…", "«»", "../../etc", "\u202e\u202d!", "💥",
	} {
		for _, lang := range []string{"en", "fi", "ru"} {
			if page := mustFind(t, service, Query{Text: typed, Lang: lang}); page.Total != 0 {
				t.Errorf("%q finds %v", typed, ids(page.Courses))
			}
		}
	}
}

func TestSomethingCloseIsProposed(t *testing.T) {
	service := inAllLanguages(t)
	for _, tt := range []struct{ lang, typed, proposed string }{
		{"sv", "skogsbrnad", "skogsbrand"}, // found, as what it was taken for
		{"fi", "vetsäpalo", "metsäpalo"},   // the first letter wrong: not found, but proposed
		{"en", "forest fire supression", "forest fire suppression"},
		{"en", "forest fire", ""},
		{"en", "qwxzvklkj", ""},
		{"en", "", ""},
		{"en", "!!!", ""},
	} {
		got, err := service.Suggest(t.Context(), Query{Text: tt.typed, Lang: tt.lang})
		if err != nil || got != tt.proposed {
			t.Errorf("%q proposes %q, want %q (%v)", tt.typed, got, tt.proposed, err)
		}
	}
}

func TestCoursesAreProposedWhileTyping(t *testing.T) {
	service := inAllLanguages(t)
	for _, tt := range []struct {
		lang, typed, first string
	}{
		{"fi", "pintap", "ecgf-rescue-swimmer"},
		{"sv", "skogsbrand", "se-ff-owner"},
		{"en", "hk-1", "se-hk1"},
		{"nb", "SAMVI-L", "no-samvi-led"},
		{"en", "undac ref", "un-undac-refresher"},
	} {
		courses, err := service.Complete(t.Context(), tt.typed, tt.lang, 8)
		if err != nil {
			t.Fatal(err)
		}
		if found := ids(courses); len(found) == 0 || len(found) > 8 || found[0] != tt.first {
			t.Errorf("%s proposes %v, want %s first", tt.typed, found, tt.first)
		}
	}
	if courses, err := service.Complete(t.Context(), "kurs", "sv", 8); err != nil || len(courses) != 8 {
		t.Errorf("%d courses proposed, %v", len(courses), err)
	}
	all := mustFind(t, service, Query{Text: "kurs", Lang: "sv", PerPage: 8}).Courses
	some, err := service.Complete(t.Context(), "kurs", "sv", 8)
	if err != nil || !slices.Equal(ids(all), ids(some)) {
		t.Errorf("the proposals %v stand in another order than what is found, %v", ids(some), ids(all))
	}
}
