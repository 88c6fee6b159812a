package certificate_test

import (
	"fmt"
	"testing"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestALongListIsTurnedPageByPage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
		for i := range 5 {
			c.came(t, testkit.P{Email: fmt.Sprintf("p%d@example.org", i), Name: fmt.Sprintf("Person %d", i), Agency: "rescue", Country: "EE", Confirmed: true},
				training.Completed, 5)
		}
		c.close(t)
		c.issue(t)
		whole, err := c.service.OfAgency(s.Context(), officer, "rescue", certificate.Filter{})
		if err != nil || len(whole) != 5 {
			t.Fatalf("%d certificates, %v", len(whole), err)
		}
		var turned []string
		for n := 1; n <= 3; n++ {
			page, err := c.service.OfAgencyPage(s.Context(), officer, "rescue", certificate.Filter{}, n, 2)
			if err != nil {
				t.Fatal(err)
			}
			if page.Total != 5 || page.Page != n || page.Pages != 3 {
				t.Errorf("page %d is %d of %d, with %d in all", n, page.Page, page.Pages, page.Total)
			}
			for _, l := range page.Certificates {
				turned = append(turned, l.Number)
			}
		}
		for i, l := range whole {
			if i >= len(turned) || turned[i] != l.Number {
				t.Fatalf("page by page the numbers are %v, and %s is missing at its place", turned, l.Number)
			}
		}
		for asked, want := range map[int]int{-3: 1, 0: 1, 99: 3} {
			if page, err := c.service.OfAgencyPage(s.Context(), officer, "rescue", certificate.Filter{}, asked, 2); err != nil || page.Page != want {
				t.Errorf("page %d gives page %d, %v", asked, page.Page, err)
			}
		}
		none, err := c.service.OfAgencyPage(s.Context(), officer, "rescue", certificate.Filter{Holder: "nobody"}, 1, 2)
		if err != nil || none.Total != 0 || none.Pages != 1 || len(none.Certificates) != 0 {
			t.Errorf("nobody's list is %+v, %v", none, err)
		}
		foreign := s.Person(t, testkit.P{Email: "f@example.org", Role: training.RoleAgency, Agency: "coast", Country: "LV", Confirmed: true})
		wantKind(t, "another agency's officer", second(c.service.OfAgencyPage(s.Context(), foreign, "rescue", certificate.Filter{}, 1, 2)), training.KindNotFound)
		wantKind(t, "another agency's officer", second(c.service.Summary(s.Context(), foreign, "rescue", s.Now(t), 90)), training.KindNotFound)
		wantKind(t, "another agency's officer", c.service.Manages(s.Context(), foreign, "rescue"), training.KindNotFound)
	})
}

func TestAnAgencysCertificatesInFigures(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		expire := func(ref string, days int) {
			t.Helper()
			at := s.Now(t).AddDate(0, 0, days)
			if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE certificates SET expires_at = $1 WHERE number = $2", at, c.standing(t, ref)); err != nil {
				t.Fatal(err)
			}
		}
		expire("mari", 89)
		sum, err := c.service.Summary(s.Context(), officer, "rescue", s.Now(t).AddDate(0, 0, -1), 90)
		if err != nil {
			t.Fatal(err)
		}
		if sum.Issued != 2 || sum.Expiring != 1 || len(sum.Courses) != 1 || sum.Courses[0].Slug == "" || sum.Courses[0].Titles.CourseID == 0 {
			t.Errorf("the figures are %+v", sum)
		}
		if title, lang := sum.Courses[0].Titles.In("en"); title != "Course course-1-ship-1" || lang != "en" {
			t.Errorf("the course is called %q in %q", title, lang)
		}
		expire("mari", 91)
		if sum, err = c.service.Summary(s.Context(), officer, "rescue", s.Now(t).AddDate(0, 0, 1), 90); err != nil || sum.Issued != 0 || sum.Expiring != 0 {
			t.Errorf("a day later the figures are %+v, %v", sum, err)
		}
	})
}
