package certificate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestWhoCompletedAtTheThresholdIsGivenACertificate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		want := map[string]bool{}
		for _, p := range []struct {
			name    string
			status  training.Status
			present int
			gets    bool
		}{
			{"all", training.Completed, 5, true},
			{"at-threshold", training.Completed, 4, true},
			{"below-threshold", training.Completed, 3, false},
			{"never-there", training.Completed, 0, false},
			{"not-completed", training.NotCompleted, 5, false},
			{"absent", training.Absent, 5, false},
			{"cancelled", training.Cancelled, 5, false},
			{"lapsed", training.Lapsed, 5, false},
		} {
			c.came(t, testkit.P{Email: p.name + "@example.org"}, p.status, p.present)
			want[p.name] = p.gets
		}
		if diff := cmp.Diff(certificate.IssueResult{}, c.issue(t)); diff != "" {
			t.Errorf("a run that is not closed owes something: %s", diff)
		}
		c.close(t)
		if diff := cmp.Diff(certificate.IssueResult{Due: 2, Issued: 2}, c.issue(t)); diff != "" {
			t.Error(diff)
		}
		for name, gets := range want {
			if number := c.standing(t, name); (number != "") != gets {
				t.Errorf("%s has certificate %q, want one: %v", name, number, gets)
			}
		}
	})
}

func TestACertificateIsGivenOnceHoweverOftenItIsAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		for i := range 4 {
			c.came(t, testkit.P{Email: fmt.Sprintf("p%d@example.org", i), Locale: "lv"}, training.Completed, 5)
		}
		c.close(t)

		// A first worker dies after two of them.
		ctx, die := context.WithCancel(s.Context())
		said := 0
		last := func(lang string) certificate.Words {
			if said++; said > 6 { // two languages for each page, one for each badge
				die()
			}
			return words(t)(lang)
		}
		dying := certificate.New(s.DB, certificate.Options{BaseURL: "https://varde.example", Words: last})
		if _, err := dying.IssueForRun(ctx, c.run); !errors.Is(err, context.Canceled) {
			t.Fatalf("the first worker did not die: %v", err)
		}
		if n := s.DB.Ent.Certificate.Query().CountX(s.Context()); n != 2 {
			t.Fatalf("the first worker issued %d, want 2", n)
		}

		var wait sync.WaitGroup
		results := make([]certificate.IssueResult, 3)
		for i := range results {
			wait.Go(func() {
				var err error
				if results[i], err = c.service.IssueForRun(s.Context(), c.run); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		issued := 0
		for _, r := range results {
			issued += r.Issued
		}
		if issued != 2 {
			t.Errorf("three workers at once issued %d, want the 2 that were owed", issued)
		}
		if diff := cmp.Diff(certificate.IssueResult{Due: 4}, c.issue(t)); diff != "" {
			t.Errorf("asked once more: %s", diff)
		}
		if n := s.DB.Ent.Certificate.Query().CountX(s.Context()); n != 4 {
			t.Errorf("there are %d certificates for 4 people", n)
		}
		if mails := c.mails(t)["certificate_issued"]; len(mails) != 4 {
			t.Errorf("%d mails for 4 certificates", len(mails))
		}
		progress, err := c.service.Progress(s.Context(), c.run)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(certificate.IssueResult{Due: 4, Issued: 4}, progress); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheHolderIsToldInTheOwnLanguage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Ozola", Locale: "lv"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		want := []outbox.Mail{{To: "anna@example.org", Locale: "lv", Name: "certificate_issued", Args: map[string]string{
			"name": "Anna Ozola", "course": "Course course-1-ship-1", "number": number,
			"link": "https://varde.example/lv/me", "verify": "https://varde.example/verify/" + number,
		}}}
		if diff := cmp.Diff(map[string][]outbox.Mail{"certificate_issued": want}, c.mails(t)); diff != "" {
			t.Error(diff)
		}
	})
}

// A name that cannot be written stops that certificate alone, and says so; put
// right, it is issued.
func TestACertificateThatCannotBePrintedIsNotIssued(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		emoji := c.came(t, testkit.P{Email: "emoji@example.org", Name: "Anna 🚒 Ozola"}, training.Completed, 5)
		c.came(t, testkit.P{Email: "fine@example.org", Name: "Žydrūnė Šiaučiūnaitė"}, training.Completed, 5)
		nameless := c.came(t, testkit.P{Email: "nameless@example.org", Name: "-"}, training.Completed, 5)
		c.rename(t, nameless, " ")
		c.close(t)
		want := []certificate.Stop{
			{Enrolment: "emoji", Reason: "missing_glyph", Field: "holder", Rune: "🚒 (U+1F692)"},
			{Enrolment: "nameless", Reason: "name_missing"},
		}
		if diff := cmp.Diff(certificate.IssueResult{Due: 3, Issued: 1, Stopped: want}, c.issue(t)); diff != "" {
			t.Error(diff)
		}
		c.issue(t)
		progress := func() certificate.IssueResult {
			t.Helper()
			progress, err := c.service.Progress(s.Context(), c.run)
			if err != nil {
				t.Fatal(err)
			}
			return progress
		}
		if diff := cmp.Diff(certificate.IssueResult{Due: 3, Issued: 1, Stopped: want}, progress()); diff != "" {
			t.Error(diff)
		}
		events := s.DB.Ent.Enrolment.Query().Where(enrolment.Ref("emoji")).QueryEvents().AllX(s.Context())
		if len(events) != 1 || events[0].Reason != "event.certificate_stopped_missing_glyph" {
			t.Errorf("the history of two tries is %v", events)
		}
		speaker{t, "en"}.T(events[0].Reason, "field", events[0].Args["field"], "rune", events[0].Args["rune"])

		c.rename(t, emoji, "Anna Ozola")
		c.rename(t, nameless, "Ann Onymous")
		if err := c.service.IssueAgain(s.Context(), c.instructor, "SHIP-1"); err != nil {
			t.Fatal(err)
		}
		if n := s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.IssueCertificates)).CountX(s.Context()); n != 1 {
			t.Errorf("asking again put %d jobs", n)
		}
		c.issue(t)
		if diff := cmp.Diff(certificate.IssueResult{Due: 3, Issued: 3}, progress()); diff != "" {
			t.Error(diff)
		}
		if got := c.verify(t, c.standing(t, "emoji")).Holder; got != "Anna Ozola" {
			t.Errorf("the holder is %q", got)
		}
	})
}

func TestAnAgencyNameThatCannotBePrintedIsNamedAsTheCause(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		actor := c.came(t, testkit.P{Email: "anna@example.org", Agency: "brigade", Country: "EE", Confirmed: true}, training.Completed, 5)
		s.DB.Ent.Agency.UpdateOneID(actor.AgencyID).SetName("Brigade 消防").ExecX(s.Context())
		c.close(t)
		want := []certificate.Stop{{Enrolment: "anna", Reason: "missing_glyph", Field: "agency", Rune: "消 (U+6D88)"}}
		if diff := cmp.Diff(want, c.issue(t).Stopped); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyTheRunsInstructorsAskForCertificatesAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		ask := func(actor training.Actor, code string) error {
			return c.service.IssueAgain(s.Context(), actor, code)
		}
		wantKind(t, "an open run", ask(c.instructor, "SHIP-1"), training.KindConflict)
		c.close(t)
		foreign := s.Person(t, testkit.P{Email: "f@example.org", Role: training.RoleInstructor})
		wantKind(t, "a foreign instructor", ask(foreign, "SHIP-1"), training.KindNotFound)
		wantKind(t, "a missing run", ask(c.admin, "NONE"), training.KindNotFound)
		wantKind(t, "a trainee", ask(s.Person(t, testkit.P{Email: "t@example.org"}), "SHIP-1"), training.KindForbidden)
		wantKind(t, "a visitor", ask(training.Actor{}, "SHIP-1"), training.KindUnauthenticated)
		if n := s.DB.Ent.OutboxJob.Query().CountX(s.Context()); n != 0 {
			t.Errorf("%d jobs were put", n)
		}
	})
}

// Whoever presses the button often is answered each time, and the run is gone through
// once; but a job that has begun may have passed what was put right since.
func TestAskingAgainWhileAJobWaitsPutsNoOther(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		other := c.newRun(t, "OTHER-2", c.instructor)
		c.close(t)
		s.DB.Ent.Run.UpdateOneID(other).SetClosedAt(s.Now(t)).ExecX(s.Context())
		for _, step := range []struct {
			name, code string
			before     func()
			want       int
		}{
			{"the first", "SHIP-1", func() {}, 1},
			{"one more", "SHIP-1", func() {}, 1},
			{"another edition", "OTHER-2", func() {}, 2},
			{"while it is done", "SHIP-1", func() {
				s.DB.Ent.OutboxJob.Update().AddTries(1).SetLease("worker").SetLeasedUntil(s.Now(t).Add(time.Minute)).ExecX(s.Context())
			}, 3},
			{"once more", "SHIP-1", func() {}, 3},
			{"when all is done", "SHIP-1", func() { s.DB.Ent.OutboxJob.Update().SetDoneAt(s.Now(t)).ExecX(s.Context()) }, 4},
			{"after it was given up", "SHIP-1", func() { s.DB.Ent.OutboxJob.Update().SetGivenUpAt(s.Now(t)).ExecX(s.Context()) }, 5},
		} {
			step.before()
			if err := c.service.IssueAgain(s.Context(), c.instructor, step.code); err != nil {
				t.Errorf("%s is answered %v", step.name, err)
			}
			if n := s.DB.Ent.OutboxJob.Query().CountX(s.Context()); n != step.want {
				t.Errorf("%s: there are %d jobs, want %d", step.name, n, step.want)
			}
		}
	})
}
