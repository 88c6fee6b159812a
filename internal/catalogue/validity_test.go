package catalogue_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestTheSecretariatSaysHowLongCertificatesAreValid(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := catalogue.New(s.DB, catalogue.Options{})
		s.Course(t, "first")
		s.Course(t, "second")
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		months := func() map[string]int {
			t.Helper()
			list, err := c.Validities(s.Context(), admin, "")
			if err != nil {
				t.Fatal(err)
			}
			said := map[string]int{}
			for _, one := range list {
				said[one.Slug] = one.Months
			}
			return said
		}
		for _, set := range []map[string]int{{"first": 36}, {"first": 24, "second": 12}, {"first": 0}} {
			before := months()
			if err := c.SetValidities(s.Context(), admin, set); err != nil {
				t.Fatal(err)
			}
			for slug, n := range set {
				before[slug] = n
			}
			if diff := cmp.Diff(before, months()); diff != "" {
				t.Error(diff)
			}
		}
		before := months()
		for name, set := range map[string]map[string]int{
			"below nothing": {"first": -1, "second": 6}, "for ever and a day": {"first": training.MaxValidMonths + 1, "second": 6},
		} {
			fault, _ := training.AsFault(c.SetValidities(s.Context(), admin, set))
			if fault == nil || fault.Kind != training.KindInvalid || len(fault.Fields) != 1 || fault.Fields[0].Field != "first" {
				t.Errorf("%s: %v", name, fault)
			}
		}
		if err := c.SetValidities(s.Context(), admin, map[string]int{"first": 6, "none": 6}); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("a course that there is not: %v", err)
		}
		if diff := cmp.Diff(before, months()); diff != "" {
			t.Errorf("a refused change left something behind:\n%s", diff)
		}
		trainee := s.Person(t, testkit.P{Email: "t@example.org"})
		if _, err := c.Validities(s.Context(), trainee, ""); !training.IsKind(err, training.KindForbidden) {
			t.Errorf("a trainee reads: %v", err)
		}
		if err := c.SetValidities(s.Context(), trainee, map[string]int{"first": 1}); !training.IsKind(err, training.KindForbidden) {
			t.Errorf("a trainee sets: %v", err)
		}
	})
}
