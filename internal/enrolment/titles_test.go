package enrolment_test

import (
	"testing"

	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestNoMailNamesACourseInAMachinesWords(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		id := s.Course(t, "ships")
		for lang, text := range map[string]struct{ title, origin string }{
			"lv": {"Mašīnas virsraksts", "machine"}, "fi": {"Alusten palot", "translated"}, "et": {"", "translated"},
		} {
			s.DB.Ent.CourseText.Create().SetCourseID(id).SetKind("title").SetLanguage(lang).SetText(text.title).
				SetOrigin(text.origin).SetUpdatedAt(s.Now(t)).ExecX(t.Context())
		}
		s.Run(t, testkit.R{Code: "R1", Course: id})
		e := newService(s, service.Options{})
		made, err := e.Confirm(t.Context(), s.Person(t, testkit.P{Email: "a@example.org", Locale: "lv"}), "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		letters, err := e.Letters(t.Context(), []training.EnrolmentMailJob{{Enrolment: made.Ref, Name: "enrolment_confirmed"}})
		if err != nil || len(letters) != 1 {
			t.Fatalf("%+v, %v", letters, err)
		}
		for lang, want := range map[string]string{"lv": "Course ships", "fi": "Alusten palot", "et": "Alusten palot", "sv": "Course ships"} {
			if title, _ := letters[0].Titles.In(lang); title != want {
				t.Errorf("to a reader of %s: %q, want %q", lang, title, want)
			}
		}
	})
}
