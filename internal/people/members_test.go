package people

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestMembersAreThoseWhoAreConfirmedAndCanTakeSeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		c := newCast(t, s)
		zane := s.Person(t, testkit.P{Email: "zane@vugd.example", Name: "Zane", Country: "LV", Agency: "lv-vugd", Confirmed: true})
		left := s.Person(t, testkit.P{Email: "left@vugd.example", Country: "LV", Agency: "lv-vugd", Confirmed: true})
		s.Person(t, testkit.P{Email: "admin@vugd.example", Role: training.RoleAdmin, Country: "LV", Agency: "lv-vugd", Confirmed: true})
		s.DB.Ent.Person.UpdateOneID(left.PersonID).SetDisabledAt(s.Now(t)).ExecX(ctx)

		want := []Member{{c.officer.PersonID, "ilze", "ilze@vugd.example"}, {zane.PersonID, "Zane", "zane@vugd.example"}}
		for name, who := range map[string]training.Actor{"the officer": c.officer, "an administrator": c.admin} {
			if diff := cmp.Diff(want, must[[]Member](t)(people.Members(ctx, who, "lv-vugd"))); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		for name, try := range map[string]struct {
			who  training.Actor
			slug string
			want training.Kind
		}{
			"another agency's officer":     {c.foreign, "lv-vugd", training.KindNotFound},
			"an officer, a missing agency": {c.officer, "none", training.KindNotFound},
			"an administrator, a missing":  {c.admin, "none", training.KindNotFound},
			"a member":                     {zane, "lv-vugd", training.KindForbidden},
			"a visitor":                    {training.Actor{}, "lv-vugd", training.KindUnauthenticated},
		} {
			if got, err := people.Members(ctx, try.who, try.slug); !training.IsKind(err, try.want) {
				t.Errorf("%s: %v, %v, want %s", name, got, err, try.want)
			}
		}
	})
}
