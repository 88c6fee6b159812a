package handlers_test

import (
	"net/http/httptest"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// People write a code down as they please; the page has one address all the same.
func TestACodeInOtherCapitalsLeadsToTheRun(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		course := s.Course(t, "ships")
		for _, code := range []string{"MBC-32", "Two", "TWO", "ŪDENS 1"} {
			s.Run(t, testkit.R{Code: code, Course: course, Instructors: []training.Actor{teacher}})
		}
		visitor := site.browser()
		person := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		instructor := site.as(t, teacher)
		admin := site.as(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}))
		for _, c := range []struct {
			who        *browser
			path, want string // empty: there is no such page
		}{
			{visitor, "/en/runs/mbc-32", "/en/runs/MBC-32"},
			{visitor, "/fi/runs/Mbc-32?a=b%20c", "/fi/runs/MBC-32?a=b%20c"},
			{visitor, "/lv/runs/%C5%ABdens%201", "/lv/runs/%C5%AADENS%201"},
			{person, "/en/runs/mbc-32/enrol?held=1", "/en/runs/MBC-32/enrol?held=1"},
			{instructor, "/en/teach/mbc-32", "/en/teach/MBC-32"},
			{admin, "/en/admin/runs/mbc-32", "/en/admin/runs/MBC-32"},
			{visitor, "/en/runs/two", ""}, // there are two, and either may be meant
			{visitor, "/en/runs/mbc-33", ""},
			{visitor, "//runs/mbc-32", ""}, // which would lead to another host
			{visitor, "/en/courses/mbc-32", ""},
		} {
			got := c.who.get(t, c.path)
			status := 301
			if c.want == "" {
				status = 404
			}
			if got.status != status || got.header.Get("Location") != c.want {
				t.Errorf("%s: %d to %q, want %d to %q", c.path, got.status, got.header.Get("Location"), status, c.want)
			}
		}
		for _, code := range []string{"Two", "TWO", "MBC-32"} {
			visitor.get(t, "/en/runs/"+code).want(t, 200, "")
		}
		headers := site.do(t, httptest.NewRequest("HEAD", "/en/runs/mbc-32", nil))
		if headers.status != 301 || headers.header.Get("Location") != "/en/runs/MBC-32" {
			t.Errorf("the headers alone: %d to %q", headers.status, headers.header.Get("Location"))
		}
		person.get(t, "/en/me/profile")
		person.post(t, "/en/runs/mbc-32/hold").want(t, 404, "")
		site.call(t, "", "GET", "/runs/mbc-32", "").want(t, 404, "not_found")
	})
}
