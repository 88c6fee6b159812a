package catalogue

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func mustSheet(t *testing.T, service *Service, actor training.Actor, slug, lang string) map[string]SheetLine {
	t.Helper()
	sheet, err := service.TextSheet(t.Context(), actor, slug, lang)
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]SheetLine{}
	for _, line := range sheet.Lines {
		lines[line.Kind] = line
	}
	if len(lines) != len(Kinds) {
		t.Fatalf("%d kinds of text", len(lines))
	}
	return lines
}

// desk is a service with one course and somebody who may edit it.
func desk(t *testing.T, s *testkit.Setup) (*Service, training.Actor) {
	t.Helper()
	service := New(s.DB, Options{})
	mustImport(t, service, onFloods)
	return service, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
}

func TestATextStandsBesideItsOriginal(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		english := mustSheet(t, service, admin, "flom", "en")
		if l := english[KindTitle]; l.Source != (Text{"Flom", "nb", OriginOriginal}) || l.Text.Origin != OriginTranslated || l.Older || l.Missing() {
			t.Errorf("title in English: %+v", l)
		}
		if l := english[KindSummary]; l.Source != (Text{}) || l.Text.Origin != OriginOriginal || l.Older {
			t.Errorf("the original description: %+v", l)
		}
		finnish := mustSheet(t, service, admin, "flom", "fi")
		if l := finnish[KindSummary]; !l.Missing() || l.Source.Text != "About floods." {
			t.Errorf("description in Finnish: %+v", l)
		}
		if l := finnish[KindOutcomes]; l.Missing() || l.Source != (Text{}) {
			t.Errorf("outcomes, of which there are none: %+v", l)
		}
		for _, lang := range []string{"fr", "xx", ""} {
			if _, err := service.TextSheet(t.Context(), admin, "flom", lang); !training.IsKind(err, training.KindNotFound) {
				t.Errorf("language %q: %v", lang, err)
			}
		}
		if _, err := service.TextSheet(t.Context(), admin, "none", "fi"); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("no such course: %v", err)
		}
	})
}

func TestATranslationIsOlderOnceItsOriginalChanges(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		edit(t, service, admin, "flom", "fi", KindSummary, "Tulvista.", OriginTranslated)
		older := func(what string, want bool) {
			t.Helper()
			if l := mustSheet(t, service, admin, "flom", "fi")[KindSummary]; l.Older != want {
				t.Errorf("%s: older is %v, want %v", what, l.Older, want)
			}
			page, err := service.TextsOverview(t.Context(), admin, "fi", "en", 1)
			if err != nil || len(page.Courses) != 1 || (page.Courses[0].Older == 1) != want {
				t.Errorf("%s: overview %+v, %v", what, page, err)
			}
		}
		older("just translated", false)
		edit(t, service, admin, "flom", "en", KindSummary, "All about floods.", OriginOriginal)
		older("the original was edited", true)
		edit(t, service, admin, "flom", "en", KindSummary, "About floods.", OriginOriginal)
		older("and edited back", false)
		mustImport(t, service, strings.Replace(onFloods, `"None."`, `"Free."`, 1))
		older("an import of something else", false)
		edit(t, service, admin, "flom", "en", KindSummary, "On floods.", OriginOriginal)
		line := mustSheet(t, service, admin, "flom", "fi")[KindSummary]
		fits := TextEdit{Kind: KindSummary, Text: line.Text.Text, Origin: line.Text.Origin, Fits: true, Seen: line.Seen, SeenSource: line.SeenSource}
		if n, err := service.SaveTexts(t.Context(), admin, "flom", "fi", []TextEdit{fits}); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		older("judged to fit", false)
	})
}

// Somebody translates while somebody else edits the original.
func TestATranslationOfWhatWasSeenIsOlderThanWhatStandsNow(t *testing.T) {
	service, admin := desk(t, testkit.SQLite(t))
	line := mustSheet(t, service, admin, "flom", "fi")[KindSummary]
	edit(t, service, admin, "flom", "en", KindSummary, "All about floods.", OriginOriginal)
	e := TextEdit{Kind: KindSummary, Text: "Tulvista.", Origin: OriginTranslated, Seen: line.Seen, SeenSource: line.SeenSource}
	if _, err := service.SaveTexts(t.Context(), admin, "flom", "fi", []TextEdit{e}); err != nil {
		t.Fatal(err)
	}
	if l := mustSheet(t, service, admin, "flom", "fi")[KindSummary]; !l.Older {
		t.Errorf("%+v", l)
	}
}

func TestOnlyOneOfTwoEditorsSavesUnawares(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		lines := mustSheet(t, service, admin, "flom", "sv")
		edits := func(title, summary string) []TextEdit {
			return []TextEdit{{Kind: KindTitle, Text: title, Origin: OriginTranslated, Seen: lines[KindTitle].Seen},
				{Kind: KindSummary, Text: summary, Origin: OriginTranslated, Seen: lines[KindSummary].Seen}}
		}
		faults := make([]error, 2)
		var both sync.WaitGroup
		for i, summary := range []string{"Om ena.", "Om andra."} {
			both.Go(func() {
				_, faults[i] = service.SaveTexts(t.Context(), admin, "flom", "sv", edits("", summary))
			})
		}
		both.Wait()
		if (faults[0] == nil) == (faults[1] == nil) {
			t.Fatalf("one must win: %v, %v", faults[0], faults[1])
		}
		// Another title beside the conflict is not saved either.
		_, err := service.SaveTexts(t.Context(), admin, "flom", "sv", edits("Översvämning", "Om tredje."))
		fault, ok := training.AsFault(err)
		if !ok || fault.Kind != training.KindConflict || len(fault.Fields) != 1 || fault.Fields[0].Field != KindSummary {
			t.Fatalf("%v", err)
		}
		now := mustSheet(t, service, admin, "flom", "sv")
		if now[KindTitle].Text.Text != "" {
			t.Errorf("half of it is saved: %+v", now[KindTitle])
		}
		// Who did not touch the text, or typed the same, has no conflict.
		for _, untouched := range [][]TextEdit{edits("", ""), edits("", now[KindSummary].Text.Text)} {
			if n, err := service.SaveTexts(t.Context(), admin, "flom", "sv", untouched); n != 0 || err != nil {
				t.Errorf("%d changed, %v", n, err)
			}
		}
	})
}

func TestWhatIsWrongWithATextStandsAtIt(t *testing.T) {
	service, admin := desk(t, testkit.SQLite(t))
	before := contentsOf(t, service)
	for _, tt := range []struct {
		name, lang, kind, text, origin, key string
	}{
		{"too long a title", "fi", KindTitle, strings.Repeat("ä", 501), OriginTranslated, "invalid.too_long"},
		{"too long", "fi", KindSummary, strings.Repeat("ä", 20_001), OriginTranslated, "invalid.too_long"},
		{"a control character", "fi", KindSummary, "a\x07b", OriginTranslated, "invalid.characters"},
		{"not UTF-8", "fi", KindCosts, "a\xff", OriginTranslated, "invalid.characters"},
		{"no such state", "fi", KindSummary, "a", "wonderful", "invalid.choice"},
		{"no state", "fi", KindSummary, "a", "", "invalid.choice"},
		{"no such kind", "fi", "poem", "a", OriginOriginal, "invalid.choice"},
	} {
		_, err := service.SaveTexts(t.Context(), admin, "flom", tt.lang, []TextEdit{
			{Kind: KindRoute, Text: "good", Origin: OriginOriginal}, {Kind: tt.kind, Text: tt.text, Origin: tt.origin}})
		fault, ok := training.AsFault(err)
		if !ok || fault.Kind != training.KindInvalid || len(fault.Fields) != 1 || fault.Fields[0].Field != tt.kind || fault.Fields[0].Key != tt.key {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	unchanged(t, before, contentsOf(t, service))
	edit(t, service, admin, "flom", "fi", KindSummary, "a\r\nb\tc ", OriginTranslated)
	if text, _ := mustBySlug(t, service, "flom").Text(KindSummary, "fi"); text.Text != "a\nb\tc" {
		t.Errorf("%q", text.Text)
	}
	edit(t, service, admin, "flom", "fi", KindTitle, " Tulva\r\n ja  vesi", OriginTranslated)
	if text, _ := mustBySlug(t, service, "flom").Text(KindTitle, "fi"); text.Text != "Tulva ja vesi" {
		t.Errorf("%q", text.Text)
	}
}

func TestACourseKeepsATitleThatAPersonWrote(t *testing.T) {
	service, admin := desk(t, testkit.SQLite(t))
	edit(t, service, admin, "flom", "fi", KindTitle, "Tulva", OriginMachine)
	edit(t, service, admin, "flom", "nb", KindTitle, "", "")
	line := mustSheet(t, service, admin, "flom", "en")[KindTitle]
	for _, e := range []TextEdit{{Text: ""}, {Text: "Floods", Origin: OriginMachine}} {
		e.Kind, e.Seen = KindTitle, line.Seen
		_, err := service.SaveTexts(t.Context(), admin, "flom", "en", []TextEdit{e})
		if fault, ok := training.AsFault(err); !ok || fault.Fields[0].Key != "invalid.last_title" {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestOnlyAnAdministratorSeesAndSavesTexts(t *testing.T) {
	s := testkit.SQLite(t)
	service, _ := desk(t, s)
	for role, kind := range map[training.Role]training.Kind{
		"": training.KindUnauthenticated, training.RoleTrainee: training.KindForbidden, training.RoleInstructor: training.KindForbidden,
		training.RoleAgency: training.KindForbidden, training.RoleCoordinator: training.KindForbidden,
	} {
		actor := training.Actor{}
		if role != "" {
			actor = s.Person(t, testkit.P{Email: string(role) + "@example.org", Role: role})
		}
		_, seeing := service.TextSheet(t.Context(), actor, "flom", "fi")
		_, saving := service.SaveTexts(t.Context(), actor, "flom", "fi", nil)
		_, overview := service.TextsOverview(t.Context(), actor, "fi", "en", 1)
		for what, err := range map[string]error{"see": seeing, "save": saving, "overview": overview} {
			if !training.IsKind(err, kind) {
				t.Errorf("%q, %s: %v", role, what, err)
			}
		}
	}
}

func TestAnEditIsSeenByEveryServer(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		other := New(s.DB, Options{})
		clock := time.Now()
		other.views.clock = func() time.Time { return clock }
		mustBySlug(t, other, "flom")
		edit(t, service, admin, "flom", "en", KindOutcomes, "You know floods.", OriginOriginal)
		if _, ok := mustBySlug(t, service, "flom").Text(KindOutcomes, "pl"); !ok {
			t.Error("the server that saved it does not show it")
		}
		clock = clock.Add(copyLife)
		if _, ok := mustBySlug(t, other, "flom").Text(KindOutcomes, "pl"); !ok {
			t.Error("another server does not show it a second later")
		}
	})
}

func TestTheOverviewBeginsWithWhatWantsMost(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		mustImport(t, service, shippedWith(t, "ucpm-umi", `{}`))
		mustImport(t, service, `[{"id": "a", "title": "Alone"}, {"id": "b", "title": "Beside"}]`)
		edit(t, service, admin, "beside", "pl", KindTitle, "Obok", OriginTranslated)
		page, err := service.TextsOverview(t.Context(), admin, "pl", "en", 1)
		if err != nil {
			t.Fatal(err)
		}
		type line struct {
			Slug                    string
			Missing, Older, Machine int
		}
		var got []line
		for _, n := range page.Courses {
			got = append(got, line{n.Course.Slug, n.Missing, n.Older, n.Machine})
		}
		want := []line{{"union-mechanism-introduction-course", 3, 0, 2}, {"flom", 3, 0, 0}, {"alone", 1, 0, 0}, {"beside", 0, 0, 0}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if page.Sum.Missing != 7 || page.Sum.Machine != 2 || page.Total != 4 || page.Pages != 1 {
			t.Errorf("%+v", page)
		}
		if far, err := service.TextsOverview(t.Context(), admin, "pl", "en", 9); err != nil || len(far.Courses) != 0 {
			t.Errorf("beyond the last page: %+v, %v", far, err)
		}
	})
}
