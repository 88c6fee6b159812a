package people

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAdministratorSeesWhoCanTeach(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := withMail(s)
		c := newCast(t, s)
		s.Person(t, testkit.P{Email: "maja@example.org", Name: "Maja", Role: training.RoleInstructor})
		s.Person(t, testkit.P{Email: "erik@example.org", Name: "Erik", Role: training.RoleInstructor, Country: "LV", Agency: "lv-vugd"})
		left := s.Person(t, testkit.P{Email: "gone@example.org", Name: "Left", Role: training.RoleInstructor})
		disable(t, s, left.PersonID)

		got := must[[]Instructor](t)(people.Instructors(s.Context(), c.admin))
		want := []Instructor{
			{Name: "Erik", Email: "erik@example.org", AgencyName: "Agency lv-vugd"},
			{Name: "Maja", Email: "maja@example.org"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInstructorsAreForAdministrators(t *testing.T) {
	s := testkit.SQLite(t)
	people := withMail(s)
	c := newCast(t, s)
	for _, who := range []training.Actor{c.anna, c.officer} {
		if _, err := people.Instructors(s.Context(), who); !training.IsKind(err, training.KindForbidden) {
			t.Errorf("%s gets %v, want forbidden", who.Role, err)
		}
	}
	if _, err := people.Instructors(s.Context(), training.Actor{}); !training.IsKind(err, training.KindUnauthenticated) {
		t.Errorf("a visitor gets %v, want unauthenticated", err)
	}
}
