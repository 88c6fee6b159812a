package certificate_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestInstructorSeesTheCertificatesOfTheOwnRunAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		other := c.Person(t, testkit.P{Email: "other@example.org", Role: training.RoleInstructor})
		c.newRun(t, "SHIP-2", other)
		c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna"}, training.Completed, 5)
		c.came(t, testkit.P{Email: "bo@example.org", Name: "Bo"}, training.Absent, 0)
		c.close(t)
		c.issue(t)

		for _, who := range []training.Actor{c.instructor, c.admin} {
			list, err := c.service.OfRun(c.Context(), who, "SHIP-1")
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 1 || list[0].Holder != "Anna" || list[0].State != training.CertificateValid {
				t.Errorf("%s sees %+v, want Anna's valid certificate alone", who.Role, list)
			}
		}
		if list, err := c.service.OfRun(c.Context(), other, "SHIP-2"); err != nil || len(list) != 0 {
			t.Errorf("a run without certificates: %v, %v", list, err)
		}
	})
}

func TestCertificatesOfARunAreNotForOthers(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	other := c.Person(t, testkit.P{Email: "other@example.org", Role: training.RoleInstructor})
	trainee := c.Person(t, testkit.P{Email: "anna@example.org"})
	for _, tt := range []struct {
		name string
		who  training.Actor
		run  string
		want training.Kind
	}{
		{"visitor", training.Actor{}, "SHIP-1", training.KindUnauthenticated},
		{"trainee", trainee, "SHIP-1", training.KindForbidden},
		{"trainee, missing run", trainee, "NONE", training.KindForbidden},
		{"instructor of another run", other, "SHIP-1", training.KindNotFound},
		{"administrator, missing run", c.admin, "NONE", training.KindNotFound},
	} {
		if _, err := c.service.OfRun(c.Context(), tt.who, tt.run); !training.IsKind(err, tt.want) {
			t.Errorf("%s gets %v, want %s", tt.name, err, tt.want)
		}
	}
}
