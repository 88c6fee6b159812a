package catalogue

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// shippedWith is the shipped catalogue's record of an id, changed by a patch, as
// a file of its own.
func shippedWith(t *testing.T, id, patch string) string {
	t.Helper()
	var records []map[string]any
	if err := json.Unmarshal(data.Courses, &records); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r["id"] != id {
			continue
		}
		if err := json.Unmarshal([]byte(patch), &r); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal([]any{r})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	t.Fatalf("no record %s", id)
	return ""
}

func mustBySlug(t *testing.T, service *Service, slug string) *Course {
	t.Helper()
	c, err := service.BySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// machines counts the machine's texts of a kind.
func machines(c *Course, kind string) int {
	n := 0
	for _, t := range c.Texts[kind] {
		if t.Origin == OriginMachine {
			n++
		}
	}
	return n
}

func TestTheShippedCatalogueIsReadInAllTwelveLanguages(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := imported(t, s)
		all := mustFind(t, service, Query{PerPage: 100}).Courses
		for _, c := range all {
			for _, lang := range training.Languages {
				for _, kind := range []string{KindTitle, KindSummary} {
					text, ok := c.Text(kind, lang)
					if !ok || text.Lang != lang || text.Text == "" {
						t.Errorf("%s, %s in %s: %+v", c.ImportID, kind, lang, text)
					}
					if original, _ := c.Original(kind); lang != "en" && lang != original.Lang && text.Origin != OriginMachine {
						t.Errorf("%s, %s in %s is marked %s", c.ImportID, kind, lang, text.Origin)
					}
				}
			}
		}
		if len(all) != 100 {
			t.Errorf("%d courses", len(all))
		}
	})
}

func TestAMachinesTextGoesWithTheWordsThatItWasMadeOf(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := imported(t, s)
		slug := ""
		for _, c := range mustFind(t, service, Query{PerPage: 100}).Courses {
			if c.ImportID == "ucpm-umi" {
				slug = c.Slug
			}
		}
		for _, tt := range []struct {
			patch            string
			titles, sumaries int
		}{
			{`{"description": "Other words."}`, 11, 0},
			{`{"title": "Another course"}`, 0, 11},
			{`{}`, 11, 11},
			{`{"costs": "None."}`, 11, 11},
			{`{"title_lang": "fi"}`, 10, 11},
			{`{"title": "A", "description": null}`, 0, 0},
		} {
			if got := mustImport(t, service, shippedWith(t, "ucpm-umi", tt.patch)); got.Changed != 1 {
				t.Errorf("%s: %+v", tt.patch, got)
			}
			c := mustBySlug(t, service, slug)
			if machines(c, KindTitle) != tt.titles || machines(c, KindSummary) != tt.sumaries {
				t.Errorf("%s: %d titles and %d summaries of a machine, want %d and %d",
					tt.patch, machines(c, KindTitle), machines(c, KindSummary), tt.titles, tt.sumaries)
			}
		}
	})
}

func TestARecordOfAnotherCatalogueGetsNoTexts(t *testing.T) {
	service := New(testkit.SQLite(t).DB, Options{})
	mustImport(t, service, shippedWith(t, "ucpm-umi", `{"id": "another"}`))
	if c := mustBySlug(t, service, "union-mechanism-introduction-course"); machines(c, KindTitle)+machines(c, KindSummary) != 0 {
		t.Errorf("%+v", c.Texts)
	}
}

const onFloods = `[{"id": "floods", "code": "F1", "title": "Flom", "title_lang": "nb", "title_en": "Floods", "description": "About floods.", "costs": "None."}]`

// edit saves one text as somebody does who has just opened its page.
func edit(t *testing.T, service *Service, admin training.Actor, slug, lang, kind, text, origin string) {
	t.Helper()
	sheet, err := service.TextSheet(t.Context(), admin, slug, lang)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range sheet.Lines {
		if line.Kind != kind {
			continue
		}
		e := TextEdit{Kind: kind, Text: text, Origin: origin, Seen: line.Seen, SeenSource: line.SeenSource}
		if n, err := service.SaveTexts(t.Context(), admin, slug, lang, []TextEdit{e}); n != 1 || err != nil {
			t.Fatalf("%s in %s: %d changed, %v", kind, lang, n, err)
		}
	}
}

func TestAnImportLeavesWhatWasEditedInVarde(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		mustImport(t, service, onFloods)
		edit(t, service, admin, "flom", "en", KindSummary, "What floods do.", OriginOriginal)
		edit(t, service, admin, "flom", "en", KindCosts, "", OriginOriginal)
		edit(t, service, admin, "flom", "sv", KindTitle, "Översvämningar", OriginTranslated)
		edit(t, service, admin, "flom", "en", KindOutcomes, "You know floods.", OriginOriginal)
		kept := []Kept{{"flom", "F1", KindSummary, "en"}, {"flom", "F1", KindCosts, "en"}}
		texts := map[string][]Text{
			KindTitle:    {{"Flom", "nb", OriginOriginal}, {"Floods", "en", OriginTranslated}, {"Översvämningar", "sv", OriginTranslated}},
			KindSummary:  {{"What floods do.", "en", OriginOriginal}},
			KindOutcomes: {{"You know floods.", "en", OriginOriginal}},
		}
		check := func(what string, got ImportResult, want ImportResult) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
			if diff := cmp.Diff(texts, mustBySlug(t, service, "flom").Texts); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		before := contentsOf(t, service)
		check("the same file", mustImport(t, service, onFloods), ImportResult{Unchanged: 1, Kept: kept})
		unchanged(t, before, contentsOf(t, service))

		newer := strings.NewReplacer("About floods.", "All about floods.", `"Floods"`, `"The floods"`).Replace(onFloods)
		texts[KindTitle][1].Text = "The floods" // nobody had touched it
		check("a newer file", mustImport(t, service, newer), ImportResult{Changed: 1, Kept: kept})

		texts[KindSummary][0].Text = "All about floods."
		texts[KindCosts] = []Text{{"None.", "en", OriginOriginal}}
		got, err := service.ImportTrusted(t.Context(), strings.NewReader(newer), Overwrite)
		if err != nil {
			t.Fatal(err)
		}
		check("overwriting, though the file is the same", got, ImportResult{Changed: 1})
		before = contentsOf(t, service)
		check("once more", mustImport(t, service, newer), ImportResult{Unchanged: 1})
		unchanged(t, before, contentsOf(t, service))
	})
}

func TestAReviewedTranslationIsNeverOverwrittenByAMachine(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		file := shippedWith(t, "ucpm-umi", `{}`)
		mustImport(t, service, file)
		const slug = "union-mechanism-introduction-course"
		edit(t, service, admin, slug, "fi", KindTitle, "Johdantokurssi", OriginTranslated)
		edit(t, service, admin, slug, "et", KindTitle, "", "")
		got, err := service.ImportTrusted(t.Context(), strings.NewReader(strings.Replace(file, `"costs":null`, `"costs":"Free"`, 1)), Overwrite)
		if err != nil || got.Changed != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		c := mustBySlug(t, service, slug)
		if text, _ := c.Text(KindTitle, "fi"); text != (Text{"Johdantokurssi", "fi", OriginTranslated}) {
			t.Errorf("%+v", text)
		}
		if text, _ := c.Text(KindTitle, "et"); text.Lang == "et" {
			t.Errorf("what was deleted is back: %+v", text)
		}
	})
}
