package catalogue

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// imported gives a service over a database with the shipped catalogue.
func imported(t *testing.T, s *testkit.Setup) *Service {
	t.Helper()
	service := New(s.DB, Options{Names: testNames})
	mustImport(t, service, string(data.Courses))
	return service
}

func mustImport(t *testing.T, service *Service, input string) ImportResult {
	t.Helper()
	result, err := service.ImportTrusted(t.Context(), strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func same(a, b ImportResult) bool { return cmp.Equal(a, b) }

// contents is everything that an import may change.
type contents struct {
	Version string
	Courses []*ent.Course
	Texts   []*ent.CourseText
}

func contentsOf(t *testing.T, service *Service) contents {
	t.Helper()
	ctx := t.Context()
	version, err := service.version(ctx)
	if err != nil {
		t.Fatal(err)
	}
	courses, err := service.db.Ent.Course.Query().Order(ent.Asc(course.FieldID)).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := service.db.Ent.CourseText.Query().Order(ent.Asc(coursetext.FieldID)).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return contents{version, courses, texts}
}

func unchanged(t *testing.T, before, after contents) {
	t.Helper()
	if before.Version != after.Version {
		t.Errorf("version of the catalogue went from %q to %q", before.Version, after.Version)
	}
	if diff := cmp.Diff(describe(before), describe(after)); diff != "" {
		t.Error(diff)
	}
}

func describe(c contents) []string {
	var lines []string
	for _, row := range c.Courses {
		lines = append(lines, row.String())
	}
	for _, row := range c.Texts {
		lines = append(lines, row.String())
	}
	return lines
}

func TestImportingTheShippedCatalogueTwiceChangesNothingTheSecondTime(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		if got := mustImport(t, service, string(data.Courses)); !same(got, ImportResult{Added: 100}) {
			t.Errorf("first import: %+v", got)
		}
		if n, err := service.ImportedCourseCount(t.Context()); n != 100 || err != nil {
			t.Errorf("%d courses (%v), want 100", n, err)
		}
		before := contentsOf(t, service)
		if got := mustImport(t, service, string(data.Courses)); !same(got, ImportResult{Unchanged: 100}) {
			t.Errorf("second import: %+v", got)
		}
		unchanged(t, before, contentsOf(t, service))
	})
}

func TestWhatIsImportedIsWhatTheCourseShows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := imported(t, s)
		c, err := service.BySlug(t.Context(), "grunnopplaering-av-mannskap-i-radiac-maletjeneste-rad-10")
		if err != nil {
			t.Fatal(err)
		}
		if c.ImportID != "dsb-rad10" || c.Code != "RAD 10" || c.Country != "NO" || c.Place != "" || c.SeatsTypical != nil {
			t.Errorf("facts: %+v", c)
		}
		if diff := cmp.Diff([]string{"nb"}, c.Languages); diff != "" {
			t.Error(diff)
		}
		titles := []Text{{"Grunnopplæring av mannskap i radiac måletjeneste (RAD 10)", "nb", "original"},
			{"Basic training of radiation measurement crews", "en", "translated"}}
		if diff := cmp.Diff(titles, c.Texts[KindTitle][:2]); diff != "" {
			t.Error(diff)
		}
		if summary, ok := c.Original(KindSummary); !ok || summary.Lang != "en" || summary.Origin != OriginOriginal {
			t.Errorf("summary: %+v", summary)
		}
	})
}

func TestAnImportWithAFaultChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		mustImport(t, service, `[{"id": "first", "title": "Other words"}]`)
		before := contentsOf(t, service)
		for _, tt := range badRecords {
			if _, err := service.ImportTrusted(t.Context(), strings.NewReader(with(t, tt.patch))); !training.IsKind(err, training.KindInvalid) {
				t.Errorf("%s: error %v, want invalid", tt.patch, err)
			}
		}
		if _, err := service.ImportTrusted(t.Context(), strings.NewReader(`[{"id": "first", "title": "First"}, `)); !training.IsKind(err, training.KindInvalid) {
			t.Errorf("cut file: error %v, want invalid", err)
		}
		unchanged(t, before, contentsOf(t, service))
	})
}

func TestOnlyAnAdministratorImports(t *testing.T) {
	s := testkit.SQLite(t)
	service := New(s.DB, Options{})
	for role, kind := range map[training.Role]training.Kind{
		"": training.KindUnauthenticated, training.RoleTrainee: training.KindForbidden, training.RoleInstructor: training.KindForbidden,
		training.RoleAgency: training.KindForbidden, training.RoleCoordinator: training.KindForbidden,
	} {
		actor := training.Actor{}
		if role != "" {
			actor = s.Person(t, testkit.P{Email: string(role) + "@example.org", Role: role})
		}
		if _, err := service.Import(t.Context(), actor, bytes.NewReader(data.Courses)); !training.IsKind(err, kind) {
			t.Errorf("%q: error %v, want %s", role, err, kind)
		}
	}
	admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
	if got, err := service.Import(t.Context(), admin, bytes.NewReader(data.Courses)); err != nil || got.Added != 100 {
		t.Errorf("administrator: %+v, %v", got, err)
	}
}

func TestAChangedRecordChangesItsCourseAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		mustImport(t, service, `[{"id": "a", "title": "Kurs", "title_en": "Course", "country": "NO", "seats_typical": 8, "code": "A1",
			"duration_days": 2, "costs": "None.", "description": "Old."}, {"id": "b", "title": "Second"}]`)
		translate(t, service, "a", KindSummary, "nb", "Gammelt.")
		translate(t, service, "a", KindTitle, "sv", "Kursen")
		got := mustImport(t, service, `[{"id": "b", "title": "Second"}, {"id": "c", "title": "Kurs"},
			{"id": "a", "title": "Kursen", "title_en": "The course", "country": "SE", "description": "New."}]`)
		if !same(got, ImportResult{Added: 1, Changed: 1, Unchanged: 1}) {
			t.Errorf("result %+v", got)
		}
		c, err := service.BySlug(t.Context(), "kurs")
		if err != nil {
			t.Fatal("a course keeps its address when its title changes:", err)
		}
		if c.Country != "SE" || c.SeatsTypical != nil || c.DurationDays != nil || c.Code != "" {
			t.Errorf("facts: %+v", c)
		}
		texts := map[string][]Text{
			KindTitle:   {{"Kursen", "sv", "original"}, {"The course", "en", "translated"}},
			KindSummary: {{"New.", "en", "original"}, {"Gammelt.", "nb", "translated"}},
		}
		if diff := cmp.Diff(texts, c.Texts); diff != "" {
			t.Error(diff)
		}
		if c, err := service.BySlug(t.Context(), "kurs-c"); err != nil || c.ImportID != "c" {
			t.Errorf("the new course of the same title: %+v, %v", c, err)
		}
		// Courses that a file leaves out stay.
		if got := mustImport(t, service, `[]`); !same(got, ImportResult{}) {
			t.Errorf("an empty file: %+v", got)
		}
		if n, err := service.ImportedCourseCount(t.Context()); n != 3 || err != nil {
			t.Errorf("%d courses (%v), want 3", n, err)
		}
	})
}

func translate(t *testing.T, service *Service, importID, kind, lang, text string) {
	t.Helper()
	row, err := service.db.Ent.Course.Query().Where(course.ImportID(importID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = service.db.Ent.CourseText.Create().SetCourseID(row.ID).SetKind(kind).SetLanguage(lang).SetText(text).
		SetOrigin(OriginTranslated).SetUpdatedAt(row.UpdatedAt).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheSameImportTwiceAtOnceAddsEachCourseOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		results := make([]ImportResult, 4)
		var all sync.WaitGroup
		for i := range results {
			all.Go(func() {
				var err error
				if results[i], err = service.ImportTrusted(t.Context(), bytes.NewReader(data.Courses)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var sum ImportResult
		for _, r := range results {
			sum.Added, sum.Changed, sum.Unchanged = sum.Added+r.Added, sum.Changed+r.Changed, sum.Unchanged+r.Unchanged
		}
		if !same(sum, ImportResult{Added: 100, Unchanged: 300}) {
			t.Errorf("in all %+v", sum)
		}
	})
}

func TestAThousandCoursesAreImported(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB, Options{})
		var list []string
		for range 1100 {
			n := len(list)
			id := strings.Repeat("x", n%7) + "-" + strings.Repeat("y", n/7%20) + strings.Repeat("z", n/140)
			list = append(list, `{"id": "`+id+`", "title": "The same title", "description": "d", "costs": "c"}`)
		}
		file := "[" + strings.Join(list, ",") + "]"
		if got := mustImport(t, service, file); !same(got, ImportResult{Added: 1100}) {
			t.Errorf("result %+v", got)
		}
		if got := mustImport(t, service, strings.ReplaceAll(file, `"d"`, `"e"`)); !same(got, ImportResult{Changed: 1100}) {
			t.Errorf("changed: %+v", got)
		}
	})
}
