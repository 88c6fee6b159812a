package enrolment_test

import (
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// What cannot be done changes nothing, and says why.
func TestSeatsThatCannotBeSoAreRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		c := gather(t, s, testkit.R{Size: 4, Quotas: map[string]int{"LV": 2}, Opens: s.Now(t).Add(time.Hour),
			Instructors: []training.Actor{teacher}})
		ctx := t.Context()
		resize := func(country string, size int) error { return c.e.Resize(ctx, admin, "W", country, size) }
		cases := map[string]struct {
			err  error
			kind training.Kind
			key  string
		}{
			"released before enrolment opens": {c.e.ReleaseQuota(ctx, admin, "W", "LV"), training.KindConflict, "fault.release_before_opening"},
			"a quota that there is not":       {c.e.ReleaseQuota(ctx, admin, "W", "EE"), training.KindNotFound, ""},
			"the open pool released":          {c.e.ReleaseQuota(ctx, admin, "W", ""), training.KindNotFound, ""},
			"by the instructor":               {c.e.ReleaseQuota(ctx, teacher, "W", "LV"), training.KindForbidden, ""},
			"of no run":                       {c.e.ReleaseQuota(ctx, admin, "X", "LV"), training.KindNotFound, ""},
			"fewer than no seats":             {resize("", -1), training.KindInvalid, ""},
			"more seats than a run can have":  {resize("LV", 1<<30), training.KindInvalid, ""},
			"more with those of the quota":    {resize("", training.MaxSeats-1), training.KindInvalid, ""},
			"seats of a quota there is not":   {resize("EE", 3), training.KindNotFound, ""},
			"seats set by a trainee":          {c.e.Resize(ctx, c.who("xx1"), "W", "", 3), training.KindForbidden, ""},
			"moved up by a trainee":           {second(c.e.Admit(ctx, c.who("xx1"), "NONE")), training.KindForbidden, ""},
			"replaced in no enrolment":        {second(c.e.Replace(ctx, admin, "NONE", "a@example.org")), training.KindNotFound, ""},
			"waiting before enrolment opens":  {second(c.e.ConfirmOrWait(ctx, c.who("xx1"), "W", "")), training.KindEnrolmentClosed, ""},
		}
		for name, refused := range cases {
			fault, ok := training.AsFault(refused.err)
			if !ok || fault.Kind != refused.kind || refused.key != "" && fault.Key != refused.key {
				t.Errorf("%s: %v, want %s %s", name, refused.err, refused.kind, refused.key)
			}
		}
		c.wantPools(map[string][2]int{"": {2, 0}, "LV": {2, 0}})
		c.jump(2 * time.Hour)
		c.jumpTo(-time.Hour)
		if err := s.DB.Ent.Run.Update().SetClosedAt(s.Now(t)).Exec(ctx); err != nil {
			t.Fatal(err)
		}
		wantKind(t, resize("", 5), training.KindConflict)
		wantKind(t, c.e.ReleaseQuota(ctx, admin, "W", "LV"), training.KindConflict)
	})
}

func second[T any](_ T, err error) error { return err }

func TestOnePersonThroughTwoAgenciesHasOneSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := gather(t, s, testkit.R{Size: 4})
		officer := s.Person(t, testkit.P{Email: "officer@example.ee", Role: training.RoleAgency, Country: "EE", Agency: "ee-agency", Confirmed: true})
		c.enrol("lv1", "ee1")
		moved := s.DB.Ent.Person.Update().Where(person.Email("lv1@example.org")).SetCountry("EE").SetAgencyID(officer.AgencyID)
		if err := moved.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := c.e.Replace(t.Context(), officer, c.refs["ee1"], "lv1@example.org")
		wantKind(t, err, training.KindAlreadyEnrolled)
		c.want(map[string]string{"lv1": "confirmed", "ee1": "confirmed"})
		_, err = c.e.Confirm(t.Context(), c.who("lv1"), "W", "")
		wantKind(t, err, training.KindAlreadyEnrolled)
		e, err := c.e.Get(t.Context(), c.who("lv1"), c.refs["lv1"])
		if err != nil || e.AgencySlug != "lv-agency" {
			t.Errorf("the enrolment names %q, %v: it never moves with the person", e.AgencySlug, err)
		}
	})
}
