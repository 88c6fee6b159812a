package certificate_test

import (
	"testing"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// again is what reopening, correcting and closing leaves in the rows.
func (c course) again(t *testing.T, ref string, status training.Status, present int) {
	t.Helper()
	e := c.enrolment(ref)
	c.DB.Ent.Enrolment.UpdateOne(e).SetStatus(status).ExecX(c.Context())
	c.attend(t, e.ID, present)
	c.close(t)
}

func TestReopeningReplacesChangedCertificatesAndLeavesTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "changed@example.org"}, training.Completed, 4)
		c.came(t, testkit.P{Email: "same@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		old, same := c.standing(t, "changed"), c.standing(t, "same")

		c.again(t, "changed", training.Completed, 5)
		if got := c.issue(t); got.Due != 2 || got.Issued != 1 {
			t.Errorf("after the correction %+v", got)
		}
		replacement := c.standing(t, "changed")
		if replacement == old || c.standing(t, "same") != same {
			t.Errorf("changed: %s then %s; unchanged: %s then %s", old, replacement, same, c.standing(t, "same"))
		}
		if p := c.verify(t, old); p.State != "replaced" || p.ReplacedBy != replacement {
			t.Errorf("the old one says %q by %q", p.State, p.ReplacedBy)
		}
		if p := c.verify(t, replacement); p.State != "valid" || p.ReplacedBy != "" {
			t.Errorf("the new one says %q by %q", p.State, p.ReplacedBy)
		}
		mails := c.mails(t)["certificate_replaced"]
		if len(mails) != 1 || mails[0].To != "changed@example.org" || mails[0].Args["replaced"] != old || mails[0].Args["number"] != replacement {
			t.Errorf("the mails that tell of it are %v", mails)
		}
	})
}

// A job that runs twice, or a stop put right, leaves alone what was issued.
func TestWithoutAReopeningNothingIsReplaced(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		actor := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask"}, training.Completed, 4)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		c.rename(t, actor, "Anna Tamm")
		s.DB.Ent.CourseText.Update().SetText("Renamed").ExecX(s.Context())
		if got := c.issue(t); got.Issued != 0 || c.standing(t, "anna") != number {
			t.Errorf("asked again after a change of name: %+v", got)
		}
		// Closing again states the name of now.
		c.close(t)
		if got := c.issue(t); got.Issued != 1 || c.verify(t, c.standing(t, "anna")).Holder != "Anna Tamm" {
			t.Errorf("closed again after a change of name: %+v", got)
		}
	})
}

func TestACertificateNoLongerEarnedIsRevokedAndGivenAnewOnceEarnedAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "anna@example.org"}, training.Completed, 5)
		c.came(t, testkit.P{Email: "bo@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		first, bo := c.standing(t, "anna"), c.standing(t, "bo")

		// While the run is open again, what was issued still stands.
		s.DB.Ent.Run.UpdateOneID(c.run).ClearClosedAt().ExecX(s.Context())
		c.issue(t)
		if p := c.verify(t, first); p.State != "valid" {
			t.Errorf("in the reopened run it is %s", p.State)
		}
		c.again(t, "anna", training.NotCompleted, 1)
		s.DB.Ent.Enrolment.Update().Where(enrolment.Ref("bo")).SetStatus(training.Cancelled).ExecX(s.Context())
		c.issue(t)
		for _, number := range []string{first, bo} {
			if p := c.verify(t, number); p.State != "revoked" || p.Reason != "facts_wrong" || p.RevokedAt == nil {
				t.Errorf("no longer earned, it says %q because of %q", p.State, p.Reason)
			}
		}
		revoked := c.verify(t, first).RevokedAt
		c.issue(t)
		if again := c.verify(t, first).RevokedAt; !again.Equal(*revoked) {
			t.Errorf("asked again it is revoked anew at %v", again)
		}

		c.again(t, "anna", training.Completed, 5)
		c.issue(t)
		second := c.standing(t, "anna")
		if p := c.verify(t, first); second == first || p.State != "revoked" || p.ReplacedBy != second {
			t.Errorf("earned again: %s is %s and leads to %q, the new one is %s", first, p.State, p.ReplacedBy, second)
		}
		if p := c.verify(t, second); p.State != "valid" {
			t.Errorf("the new one is %s", p.State)
		}
	})
}

// What the secretariat took back does not return by closing the run once more.
func TestClosingAgainDoesNotUndoARevocation(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		for _, reason := range []string{"issued_in_error", "withdrawn_by_issuer"} {
			c.came(t, testkit.P{Email: reason + "@example.org"}, training.Completed, 4)
		}
		c.close(t)
		c.issue(t)
		for _, reason := range []string{"issued_in_error", "withdrawn_by_issuer"} {
			number := c.standing(t, reason)
			if err := c.service.Revoke(s.Context(), c.admin, number, reason, ""); err != nil {
				t.Fatal(err)
			}
			c.again(t, reason, training.Completed, 5)
			c.issue(t)
			if got := c.standing(t, reason); got != number {
				t.Errorf("revoked as %s, it came back as %s", reason, got)
			}
		}
	})
}
