package handlers_test

import (
	"strings"
	"testing"

	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/testkit"
)

// titled gives the course of R1 a title of a machine's in Finnish and one of a
// person's in Danish.
func (s *site) titled(t *testing.T) (slug string) {
	t.Helper()
	row := s.DB.Ent.Course.Query().Where(course.HasRuns()).FirstX(t.Context())
	for lang, text := range map[string]struct{ title, origin string }{
		"fi": {"Koneen otsikko", "machine"}, "da": {"Brande om bord", "translated"},
	} {
		s.DB.Ent.CourseText.Create().SetCourseID(row.ID).SetKind("title").SetLanguage(lang).SetText(text.title).
			SetOrigin(text.origin).SetUpdatedAt(s.Now(t)).ExecX(t.Context())
	}
	s.refresh(t)
	return row.Slug
}

func TestACourseHasTheSameTitleOnEveryPage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		slug, ref := f.titled(t), f.enrol(t, "R1", f.anna)
		newcomer := f.as(t, s.Person(t, testkit.P{Email: "new@example.org", Country: "FI", Confirmed: true}))
		newcomer.reserve(t, "R1")
		anna, teacher, officer := f.as(t, f.anna), f.as(t, f.teacher), f.as(t, f.officer)
		for _, page := range []struct {
			who  *browser
			path string
			said bool // that a machine translated it
		}{
			{anna, "/courses/" + slug, true}, {anna, "/runs/R1", true}, {anna, "/courses", true},
			{anna, "/me", true}, {anna, "/me/enrolments/" + ref, true}, {newcomer, "/runs/R1/enrol", true},
			{teacher, "/teach", false}, {teacher, "/teach/R1", false}, {officer, "/agency/lv-a", false},
		} {
			finnish := page.who.get(t, "/fi"+page.path)
			finnish.has(t, "Koneen otsikko")
			if page.said {
				finnish.has(t, "vd-langnote")
			}
			body := strings.ReplaceAll(finnish.body, "Course ships", "")
			if page.path != "/courses/"+slug && body != finnish.body { // which names the original among its facts
				t.Errorf("%s names the course in English too\n%s", page.path, finnish.body)
			}
			page.who.get(t, "/nb"+page.path).has(t, `lang="da"`, "Brande om bord")
			page.who.get(t, "/lv"+page.path).has(t, `lang="en"`, "Course ships")
		}
		for lang, title := range map[string]string{"fi": "Koneen otsikko", "is": "Brande om bord", "pl": "Course ships"} {
			anna.get(t, "/"+lang+"/me/enrolments/"+ref+"/calendar.ics").has(t, title)
		}
	})
}

// What a certificate says of its course it says for good, and in people's words.
func TestListsOfCertificatesNameTheCourseAsTheCatalogueAndTheCertificateAsItself(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.titled(t)
		f.issue(t, f.enrol(t, "R1", f.anna))
		list, err := f.app.Certificates.Mine(t.Context(), f.anna)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d certificates, %v", len(list), err)
		}
		number := list[0].Number
		anna := f.as(t, f.anna)
		anna.get(t, "/fi/me").has(t, number, "Koneen otsikko")
		f.as(t, f.officer).get(t, "/fi/agency/lv-a").has(t, number, "Koneen otsikko")
		f.call(t, f.token(t, f.anna), "GET", "/me/certificates", "", "Accept-Language", "fi").has(t, "Koneen otsikko")
		verdict := anna.get(t, "/fi/verify/"+number)
		verdict.has(t, `lang="en"`, "Course ships")
		verdict.lacks(t, "Koneen otsikko")
		anna.get(t, "/nb/verify/"+number).has(t, `lang="da"`, "Brande om bord")

		// A course that is called something else by now did not change what people learnt.
		s.DB.Ent.CourseText.Update().Where(coursetext.Language("en"), coursetext.Kind("title")).SetText("Boats").ExecX(t.Context())
		s.DB.Ent.CourseText.Delete().Where(coursetext.Language("fi"), coursetext.Kind("title")).ExecX(t.Context())
		f.refresh(t)
		anna.get(t, "/en/me").has(t, "Boats", "Course ships") // the enrolment, and its certificate
	})
}
