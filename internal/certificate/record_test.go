package certificate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// registered makes certificates in every state by the name of whose they are.
func registered(t *testing.T, s *testkit.Setup) (course, map[string]string) {
	t.Helper()
	c := ended(t, s)
	numbers := map[string]string{}
	names := []string{"valid", "lapsing", "expired", "revoked", "both"}
	for _, name := range names {
		c.came(t, testkit.P{Email: name + "@example.org", Name: "Holder " + name}, training.Completed, 5)
	}
	c.close(t)
	c.issue(t)
	for _, name := range names {
		numbers[name] = c.standing(t, name)
	}
	c.expires(t, numbers["lapsing"], time.Hour)
	c.expires(t, numbers["expired"], -time.Hour)
	c.expires(t, numbers["both"], -time.Hour)
	for _, name := range []string{"revoked", "both"} {
		if err := c.service.Revoke(s.Context(), c.admin, numbers[name], "withdrawn_by_issuer", "  why  "); err != nil {
			t.Fatal(err)
		}
	}
	return c, numbers
}

func (c course) expires(t *testing.T, number string, in time.Duration) {
	t.Helper()
	if _, err := c.DB.SQL.ExecContext(c.Context(), "UPDATE certificates SET expires_at = $1 WHERE number = $2", c.Now(t).Add(in), number); err != nil {
		t.Fatal(err)
	}
}

func (c course) register(t *testing.T, f certificate.Filter) []string {
	t.Helper()
	page, err := c.service.Register(c.Context(), c.admin, f, 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != len(page.Certificates) {
		t.Errorf("%+v finds %d, and lists %d", f, page.Total, len(page.Certificates))
	}
	for _, l := range page.Certificates {
		if f.State != "" && l.State != f.State {
			t.Errorf("among the %s ones is one that is %s", f.State, l.State)
		}
	}
	return numbers(page.Certificates)
}

func TestTheRegisterIsNarrowedAsTheStatesAreShown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, number := registered(t, s)
		other := c.newRun(t, "OTHER-2", c.instructor)
		c.cameTo(t, other, testkit.P{Email: "other@example.org", Name: "Þórður"}, training.Completed, 5)
		s.DB.Ent.Run.UpdateOneID(other).SetClosedAt(s.Now(t)).ExecX(s.Context())
		if _, err := c.service.IssueForRun(s.Context(), other); err != nil {
			t.Fatal(err)
		}
		number["other"] = c.standing(t, "other")
		number["old"] = number["valid"]
		c.rename(t, c.holder(t, "valid"), "Holder renamed")
		corrected, err := c.correct(t, number["valid"])
		if err != nil {
			t.Fatal(err)
		}
		number["valid"] = corrected.Number
		for _, test := range []struct {
			filter certificate.Filter
			want   []string
		}{
			{certificate.Filter{}, []string{"valid", "lapsing", "expired", "revoked", "both", "other", "old"}},
			{certificate.Filter{State: "valid"}, []string{"valid", "lapsing", "other"}},
			{certificate.Filter{State: "expired"}, []string{"expired"}},
			{certificate.Filter{State: "revoked"}, []string{"revoked", "both"}},
			{certificate.Filter{State: "replaced"}, []string{"old"}},
			{certificate.Filter{Run: "other-2"}, []string{"other"}},
			{certificate.Filter{Run: "OTHER"}, nil},
			{certificate.Filter{Holder: "thord"}, []string{"other"}},
			{certificate.Filter{Holder: "holder", State: "revoked"}, []string{"revoked", "both"}},
			{certificate.Filter{Numbers: []string{number["both"]}}, []string{"both"}},
		} {
			want := []string{}
			for _, name := range test.want {
				want = append(want, number[name])
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, c.register(t, test.filter)); diff != "" {
				t.Errorf("%+v: %s", test.filter, diff)
			}
		}
	})
}

func TestARecordTellsWhatHappened(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, number := registered(t, s)
		first := number["valid"]
		c.pdf(t, c.admin, first, "fi")
		holder := c.holder(t, "valid")
		c.rename(t, holder, "New Name")
		corrected, err := c.correct(t, first)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.service.Revoke(s.Context(), c.admin, first, "facts_wrong", ""); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			number, state, replaces, replacedBy string
			steps                               []string
			correctable                         bool
		}{
			{first, "revoked", "", corrected.Number, []string{"issued", "badge", "pdf", "replaced", "revoked"}, false},
			{corrected.Number, "valid", first, "", []string{"replaces"}, true},
			{number["expired"], "expired", "", "", []string{"issued", "expired"}, true},
			{number["revoked"], "revoked", "", "", []string{"issued", "revoked"}, false},
		} {
			r, err := c.service.Record(s.Context(), c.admin, test.number)
			if err != nil {
				t.Fatal(err)
			}
			var steps []string
			for _, step := range r.Steps {
				if step.At.IsZero() || step.What == "pdf" && step.Language != "fi" {
					t.Errorf("a step is %+v", step)
				}
				steps = append(steps, step.What)
			}
			if test.number == number["expired"] { // it lapsed, by the clock that was turned back, before it was issued
				slices.Sort(steps[1:])
			}
			if diff := cmp.Diff(test.steps, steps); diff != "" {
				t.Error(diff)
			}
			if r.State != test.state || r.Replaces != test.replaces || r.ReplacedBy != test.replacedBy || r.Correctable != test.correctable {
				t.Errorf("the record is %+v", r)
			}
		}
		r, err := c.service.Record(s.Context(), c.admin, number["revoked"])
		if err != nil || r.Reason != "withdrawn_by_issuer" || r.Note != "why" || r.RevokedAt == nil || r.Facts.Run != "SHIP-1" || r.Starts != monday {
			t.Errorf("the record is %+v, %v", r, err)
		}
		for who, actor := range map[string]training.Actor{"the holder": holder, "the instructor": c.instructor} {
			wantKind(t, who, second(c.service.Record(s.Context(), actor, first)), training.KindForbidden)
			wantKind(t, who, second(c.service.Record(s.Context(), actor, "none")), training.KindForbidden)
			wantKind(t, who, second(c.service.Register(s.Context(), actor, certificate.Filter{}, 1, 10)), training.KindForbidden)
			wantKind(t, who, second(c.service.Correction(s.Context(), actor, first)), training.KindForbidden)
			wantKind(t, who, second(c.service.Correct(s.Context(), actor, first, "any")), training.KindForbidden)
		}
		wantKind(t, "a number that nobody has", second(c.service.Record(s.Context(), c.admin, "2222-2222-2222-2222")), training.KindNotFound)
	})
}
