package catalogue_test

import (
	"testing"

	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestACourseIsCalledTheSameWhereverItIsNamed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		id := s.Course(t, "ships") // its original is in English
		for lang, text := range map[string]struct{ title, origin string }{
			"fi": {"Koneen otsikko", catalogue.OriginMachine}, "da": {"Brande om bord", catalogue.OriginTranslated},
		} {
			s.DB.Ent.CourseText.Create().SetCourseID(id).SetKind(catalogue.KindTitle).SetLanguage(lang).SetText(text.title).
				SetOrigin(text.origin).SetUpdatedAt(s.Now(t)).ExecX(s.Context())
		}
		service := catalogue.New(s.DB, catalogue.Options{})
		people := training.Titles{CourseID: id, Original: "en", Text: map[string]string{"en": "Course ships", "da": "Brande om bord"}}
		course := s.DB.Ent.Course.GetX(s.Context(), id)
		shown, err := service.BySlug(s.Context(), course.Slug)
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range training.Languages {
			want, _ := shown.Text(catalogue.KindTitle, lang)
			if got := service.Title(s.Context(), people, lang); got != want || got.Text == "" {
				t.Errorf("%s: %+v, and the course's page has %+v", lang, got, want)
			}
		}
		if got := service.Title(s.Context(), people, "fi"); got.Text != "Koneen otsikko" || got.Origin != catalogue.OriginMachine {
			t.Errorf("a Finn reads %+v", got)
		}

		for name, kept := range map[string]training.Titles{
			"of no course":           {Original: "en", Text: people.Text},
			"of one that is no more": {CourseID: id + 1000, Original: "en", Text: people.Text},
		} {
			if got := service.Title(s.Context(), kept, "nb"); got != (catalogue.Text{Text: "Brande om bord", Lang: "da"}) {
				t.Errorf("titles %s: %+v", name, got)
			}
		}
		s.DB.Ent.CourseText.Update().Where(coursetext.CourseID(id), coursetext.Language("en")).SetText("Fires on ships").ExecX(s.Context())
		if err := service.Refresh(s.Context()); err != nil {
			t.Fatal(err)
		}
		if got := service.Title(s.Context(), people, "lv"); got != (catalogue.Text{Text: "Course ships", Lang: "en"}) {
			t.Errorf("what was kept before the course was renamed is called %+v", got)
		}
	})
}
