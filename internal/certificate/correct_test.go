package certificate_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// holder is the actor of an enrolment's person.
func (c course) holder(t *testing.T, ref string) training.Actor {
	t.Helper()
	return training.Actor{PersonID: c.enrolment(ref).PersonID, Role: training.RoleTrainee}
}

func wantFault(t *testing.T, what string, err error, key string) {
	t.Helper()
	if fault, ok := training.AsFault(err); !ok || fault.MessageKey() != key {
		t.Errorf("%s answers %v, want %s", what, err, key)
	}
}

func TestACorrectionTakesTheCertificatesPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		anna := c.came(t, testkit.P{Email: "anna@example.org", Name: "Ana Bērziņa", Locale: "lv"}, training.Completed, 5)
		c.DB.Ent.Run.GetX(s.Context(), c.run).QueryCourse().OnlyX(s.Context()).Update().SetValidMonths(12).ExecX(s.Context())
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		wantFault(t, "a correction of what is right", second(c.service.Correction(s.Context(), c.admin, number)), "fault.certificate_same")
		wantFault(t, "a correction of what is right", second(c.service.Correct(s.Context(), c.admin, number, "")), "fault.certificate_same")

		c.rename(t, anna, "Anna Bērziņa")
		c.DB.Ent.Run.Update().Where(run.ID(c.run)).SetPlace("Liepāja").ExecX(s.Context())
		would, err := c.service.Correction(s.Context(), c.admin, strings.ToLower(number))
		if err != nil || would.Holder != "Anna Bērziņa" {
			t.Fatalf("it would be for %q, %v", would.Holder, err)
		}
		if diff := cmp.Diff([]string{"holder", "place"}, would.Changed); diff != "" {
			t.Error(diff)
		}
		c.rename(t, anna, "Anna Bērzina")
		wantFault(t, "another name than was shown", second(c.service.Correct(s.Context(), c.admin, number, would.Shown)), "fault.certificate_moved_on")
		c.rename(t, anna, "Anna Bērziņa")
		if c.verify(t, number).State != "valid" {
			t.Fatal("it does not stand any more, though nothing was corrected")
		}
		before := c.verify(t, number)

		// Two officers press the button at once.
		var done sync.WaitGroup
		made := make(chan string, 2)
		for range 2 {
			done.Go(func() {
				corrected, err := c.service.Correct(s.Context(), c.admin, number, would.Shown)
				if err == nil {
					made <- corrected.Number
				} else if !training.IsKind(err, training.KindConflict) {
					t.Errorf("the second is answered %v", err)
				}
			})
		}
		done.Wait()
		close(made)
		if len(made) != 1 {
			t.Fatalf("%d certificates were issued, want one", len(made))
		}
		corrected := <-made
		old, now := c.verify(t, number), c.verify(t, corrected)
		if old.State != "replaced" || old.ReplacedBy != corrected || old.Holder != "Ana Bērziņa" {
			t.Errorf("the old one is %+v", old)
		}
		if now.State != "valid" || now.Holder != "Anna Bērziņa" || !now.ExpiresAt.Equal(*before.ExpiresAt) {
			t.Errorf("the new one is %+v, and was to be valid until %v", now, before.ExpiresAt)
		}
		if mails := c.mails(t)["certificate_replaced"]; len(mails) != 1 || mails[0].Args["number"] != corrected || mails[0].Args["replaced"] != number {
			t.Errorf("the holder is told %+v", mails)
		}
		wantFault(t, "a second correction", second(c.service.Correct(s.Context(), c.admin, number, would.Shown)), "fault.certificate_replaced")
		if result := c.issue(t); result.Issued != 0 || c.standing(t, "anna") != corrected {
			t.Errorf("asking again for the run's certificates issues %d", result.Issued)
		}
	})
}

// correct asks for what a correction would state, and confirms it.
func (c course) correct(t *testing.T, number string) (certificate.Corrected, error) {
	t.Helper()
	would, err := c.service.Correction(c.Context(), c.admin, number)
	if err != nil {
		return certificate.Corrected{}, err
	}
	return c.service.Correct(c.Context(), c.admin, number, would.Shown)
}

// Whatever changed after it was shown, nobody confirmed it.
func TestACorrectionStatesWhatWasShownAndNothingElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		anna := c.came(t, testkit.P{Email: "anna@example.org", Name: "Ana"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		c.rename(t, anna, "Anna")
		ctx := s.Context()
		for what, change := range map[string]func(){
			"the place":       func() { s.DB.Ent.Run.Update().Where(run.ID(c.run)).SetPlace("Liepāja").ExecX(ctx) },
			"the title":       func() { s.DB.Ent.CourseText.Update().SetText("Renamed").ExecX(ctx) },
			"the attendance":  func() { c.attend(t, c.enrolment("anna").ID, 4) },
			"the signatories": func() { s.DB.Ent.Course.Update().SetProgramme("other").ExecX(ctx) },
			"the language":    func() { s.DB.Ent.Person.UpdateOneID(anna.PersonID).SetLocale("lv").ExecX(ctx) },
		} {
			would, err := c.service.Correction(ctx, c.admin, number)
			if err != nil {
				t.Fatal(err)
			}
			change()
			wantFault(t, what, second(c.service.Correct(ctx, c.admin, number, would.Shown)), "fault.certificate_moved_on")
		}
		wantFault(t, "what was never shown", second(c.service.Correct(ctx, c.admin, number, "")), "fault.certificate_moved_on")
		if made, err := c.correct(t, number); err != nil || c.verify(t, made.Number).Holder != "Anna" {
			t.Errorf("shown again: %+v, %v", made, err)
		}
	})
}

// How long a certificate is valid was said when it was issued.
func TestACorrectionIsValidAsLongAsWhatItReplacesWhateverTheCourseSaysNow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		anna := c.came(t, testkit.P{Email: "anna@example.org", Name: "Ana"}, training.Completed, 5)
		s.DB.Ent.Course.Update().SetValidMonths(1).ExecX(s.Context())
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		s.DB.Shift(40 * 24 * time.Hour)
		before := c.verify(t, number)
		s.DB.Ent.Course.Update().SetValidMonths(24).ExecX(s.Context())
		wantFault(t, "another validity alone", second(c.service.Correction(s.Context(), c.admin, number)), "fault.certificate_same")
		for _, change := range []struct {
			name string
			make func()
		}{
			{"Anna", func() {}},
			{"Anne", func() { s.DB.Ent.Course.Update().ClearValidMonths().ExecX(s.Context()) }},
		} {
			change.make()
			c.rename(t, anna, change.name)
			would, err := c.service.Correction(s.Context(), c.admin, number)
			if diff := cmp.Diff([]string{"holder"}, would.Changed); err != nil || diff != "" {
				t.Errorf("as changes are shown (%v):\n%s", err, diff)
			}
			made, err := c.service.Correct(s.Context(), c.admin, number, would.Shown)
			if err != nil {
				t.Fatal(err)
			}
			number = made.Number
			after := c.verify(t, number)
			if after.State != "expired" || after.ExpiresAt == nil || !after.ExpiresAt.Equal(*before.ExpiresAt) {
				t.Errorf("for %s it is %s until %v, and was %s until %v", change.name, after.State, after.ExpiresAt, before.State, before.ExpiresAt)
			}
		}
	})
}

func TestWhatCannotBeCorrected(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		actors := map[string]training.Actor{}
		for _, name := range []string{"wrong", "error", "unearned", "glyph"} {
			actors[name] = c.came(t, testkit.P{Email: name + "@example.org", Name: "Holder"}, training.Completed, 5)
		}
		c.close(t)
		c.issue(t)
		for name, reason := range map[string]string{"wrong": "facts_wrong", "error": "issued_in_error"} {
			if err := c.service.Revoke(s.Context(), c.admin, c.standing(t, name), reason, ""); err != nil {
				t.Fatal(err)
			}
		}
		for _, actor := range actors {
			c.rename(t, actor, "Renamed")
		}
		c.rename(t, actors["glyph"], "Fire 🔥")
		c.attend(t, c.enrolment("unearned").ID, 1)
		correct := func(name string) (string, error) {
			t.Helper()
			made, err := c.correct(t, c.standing(t, name))
			if name == "glyph" && (made.Number != "" || made.Stop.Reason != "missing_glyph" || made.Stop.Field != "holder") {
				t.Errorf("a name that cannot be drawn gives %+v", made)
			}
			return made.Number, err
		}
		wantFault(t, "issued in error", second(correct("error")), "fault.certificate_for_good")
		wantFault(t, "not earned any more", second(correct("unearned")), "fault.certificate_not_earned")
		if _, err := correct("glyph"); err != nil || c.verify(t, c.standing(t, "glyph")).State != "valid" {
			t.Errorf("a name that cannot be drawn: %v", err)
		}
		old := c.standing(t, "wrong") // revoked because its facts were wrong: the right ones can follow
		made, err := correct("wrong")
		if err != nil || c.verify(t, made).State != "valid" {
			t.Errorf("after wrong facts: %v", err)
		}
		if public := c.verify(t, old); public.State != "revoked" || public.ReplacedBy != made {
			t.Errorf("the one with wrong facts is %+v", public)
		}
		c.DB.Ent.Run.UpdateOneID(c.run).ClearClosedAt().ExecX(s.Context())
		wantFault(t, "an edition opened again", second(correct("unearned")), "fault.run_not_closed")
	})
}

func TestARevocationsNoteHasABound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "anna@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		wantKind(t, "a note too long", c.service.Revoke(s.Context(), c.admin, number, "facts_wrong", strings.Repeat("ä", 2001)), training.KindInvalid)
		if c.verify(t, number).State != "valid" {
			t.Error("it was revoked all the same")
		}
		if err := c.service.Revoke(s.Context(), c.admin, number, "facts_wrong", strings.Repeat("ä", 2000)); err != nil {
			t.Error(err)
		}
	})
}

func TestWhetherCertificatesAreStillBeingIssued(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		other := c.newRun(t, "OTHER-2", c.instructor)
		c.close(t)
		issuing := func(run int) bool {
			t.Helper()
			asked, err := c.service.Issuing(s.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			return asked
		}
		if issuing(c.run) {
			t.Error("nobody has asked")
		}
		if err := c.service.IssueAgain(s.Context(), c.instructor, "SHIP-1"); err != nil {
			t.Fatal(err)
		}
		if !issuing(c.run) || issuing(other) {
			t.Error("it was asked for this run and no other")
		}
		c.DB.Ent.OutboxJob.Update().SetDoneAt(s.Now(t)).ExecX(s.Context())
		if issuing(c.run) {
			t.Error("it is done")
		}
	})
}
