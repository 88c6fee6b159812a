package certificate_test

import (
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// A certificate is a statement: it names the course as people have, and so does
// the mail that tells of it.
func TestNeitherCertificateNorMailNamesACourseInAMachinesWords(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		courseID := s.DB.Ent.Run.GetX(s.Context(), c.run).CourseID
		for lang, text := range map[string]struct{ title, origin string }{
			"lv": {"Mašīnas virsraksts", "machine"}, "fi": {"Alusten palot", "translated"}, "et": {"", "translated"},
		} {
			s.DB.Ent.CourseText.Create().SetCourseID(courseID).SetKind("title").SetLanguage(lang).SetText(text.title).
				SetOrigin(text.origin).SetUpdatedAt(s.Now(t)).ExecX(s.Context())
		}
		anna := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Ozola", Locale: "lv"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		public := c.verify(t, number)
		if len(public.Titles.Text) != 2 || public.Titles.Text["lv"] != "" || public.Titles.Text["fi"] != "Alusten palot" {
			t.Errorf("titles %+v", public.Titles)
		}
		if page := textOf(t, c.pdf(t, anna, number, "lv").Bytes); strings.Contains(page, "Mašīnas") || !strings.Contains(page, "Course course-1-ship-1") {
			t.Errorf("the page in Latvian: %s", page)
		}
		for _, lang := range []string{"fi", "et"} { // which has none of its own; its readers manage Finnish
			if page := textOf(t, c.pdf(t, anna, number, lang).Bytes); !strings.Contains(page, "Alusten palot") {
				t.Errorf("the page in %s: %s", lang, page)
			}
		}
		for _, mail := range c.mails(t)["certificate_issued"] {
			if mail.Args["course"] != "Course course-1-ship-1" {
				t.Errorf("the mail names %q", mail.Args["course"])
			}
		}
	})
}
