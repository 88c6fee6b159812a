package roster_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/ent/setting"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestClosingGivesEveryoneAResult(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		results := map[string]training.Status{}
		for present, want := range []training.Status{
			training.Absent, training.NotCompleted, training.NotCompleted, training.NotCompleted, training.Completed, training.Completed,
		} {
			name := fmt.Sprintf("present%d", present)
			c.enrol(t, name, training.Confirmed, "")
			c.mark(t, name, present)
			results[name] = want
		}
		c.enrol(t, "unmarked", training.Confirmed, "")
		results["unmarked"] = training.Absent
		c.enrol(t, "chosen", training.Confirmed, "")
		c.mark(t, "chosen", 5)
		if _, _, err := c.service.Mark(s.Context(), c.instructor, "FIRE-1", "chosen", roster.Change{Result: new(training.NotCompleted)}); err != nil {
			t.Fatal(err)
		}
		results["chosen"] = training.NotCompleted
		c.close(t)
		for name, want := range results {
			if line := c.line(t, name); line.Status != want || line.Result != want {
				t.Errorf("%s is %s, want %s", name, line.Status, want)
			}
			if diff := cmp.Diff([]string{"event." + string(want)}, c.reasons(t, name)); diff != "" {
				t.Errorf("history of %s: %s", name, diff)
			}
		}
		if got := c.seats(t, ""); got != "8/10, 0" {
			t.Errorf("after the close the open seats are %s: the others keep theirs", got)
		}
	})
}

func TestClosingEndsWhatIsStillOpenAndFreesItsSeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.enrol(t, "offered", training.Offered, "")
		c.enrol(t, "pending", training.Pending, "EE")
		c.enrol(t, "waiting", training.Waiting, "EE")
		c.enrol(t, "wished", training.Wished, "")
		c.enrol(t, "cancelled", training.Cancelled, "")
		before := c.seatVersion(t)
		c.close(t)
		for _, name := range []string{"offered", "pending", "waiting", "wished"} {
			if got := c.status(t, name); got != training.Lapsed {
				t.Errorf("%s is %s, want lapsed", name, got)
			}
			if diff := cmp.Diff([]string{"event.run_closed"}, c.reasons(t, name)); diff != "" {
				t.Errorf("history of %s: %s", name, diff)
			}
		}
		if got := c.status(t, "cancelled"); got != training.Cancelled || len(c.reasons(t, "cancelled")) != 0 {
			t.Errorf("who had left is %s", got)
		}
		if open, quota := c.seats(t, ""), c.seats(t, "EE"); open != "0/10, 0" || quota != "1/2, 0" {
			t.Errorf("seats are %s open and %s for Estonia", open, quota)
		}
		if c.seatVersion(t) <= before {
			t.Error("the seat version was not raised")
		}
		if diff := cmp.Diff([]string{"offered", "pending", "waiting", "wished"}, c.told(t, "run_closed")); diff != "" {
			t.Errorf("who is told by mail: %s", diff)
		}
	})
}

// told are the enrolments whose people get the mail of that name.
func (c course) told(t *testing.T, mail string) []string {
	t.Helper()
	var names []string
	for _, row := range c.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.EnrolmentMail)).AllX(c.Context()) {
		var job training.EnrolmentMailJob
		if err := json.Unmarshal(row.Payload, &job); err != nil {
			t.Fatal(err)
		}
		if job.Name == mail {
			names = append(names, job.Enrolment)
		}
	}
	slices.Sort(names)
	return names
}

func TestASeatFreedInAReleasedQuotaMovesToTheOpenPool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "pending", training.Pending, "EE")
		// The quota was released with one of its two seats unused.
		ctx, now := s.Context(), s.Now(t)
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(c.run), seatpool.Country("EE")).SetSize(1).SetReleasedAt(now).ExecX(ctx)
		s.DB.Ent.SeatPool.Update().Where(seatpool.RunID(c.run), seatpool.Country("")).SetSize(11).ExecX(ctx)
		c.close(t)
		if open, quota := c.seats(t, ""), c.seats(t, "EE"); open != "0/12, 0" || quota != "0/0, 0" {
			t.Errorf("seats are %s open and %s for Estonia", open, quota)
		}
	})
}

func TestClosingAsksForTheCertificatesOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		version := func() string {
			return s.DB.Ent.Setting.Query().Where(setting.Name(store.CatalogueVersionSetting)).OnlyX(s.Context()).Value
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if err := c.service.Close(s.Context(), c.instructor, "FIRE-1"); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		closed := c.line(t, "anna")
		first := version()
		c.close(t)
		jobs := s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.IssueCertificates)).AllX(s.Context())
		if len(jobs) != 1 {
			t.Fatalf("%d jobs follow from one closing", len(jobs))
		}
		var job training.IssueJob
		if err := json.Unmarshal(jobs[0].Payload, &job); err != nil || job.RunID != c.run {
			t.Errorf("the job is %s (%v)", jobs[0].Payload, err)
		}
		if got := version(); got != first || got != "1" {
			t.Errorf("catalogue version is %s, then %s", first, got)
		}
		if diff := cmp.Diff(closed, c.line(t, "anna")); diff != "" {
			t.Error(diff)
		}
		if reasons := c.reasons(t, "anna"); len(reasons) != 1 {
			t.Errorf("the history is %v", reasons)
		}
	})
}

func TestAClosedRunTakesNoMarks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.close(t)
		_, _, err := c.service.Mark(s.Context(), c.instructor, "FIRE-1", "anna", roster.Change{Presence: []roster.Mark{{halfDays[0], new(true)}}})
		wantKind(t, err, training.KindConflict, "fault.run_closed")
		err = c.service.MarkMany(s.Context(), c.instructor, "FIRE-1", halfDays[0], map[string]*bool{"anna": new(true)})
		wantKind(t, err, training.KindConflict, "fault.run_closed")
		if line := c.line(t, "anna"); len(line.Presence) != 0 {
			t.Errorf("a mark came through: %v", line.Presence)
		}
	})
}

// Marks that race with the closing either count for the result or are refused.
func TestNoMarkIsLostBetweenMarkAndClose(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.mark(t, "anna", 3)
		var marked error
		var wait sync.WaitGroup
		wait.Go(func() {
			_, _, marked = c.service.Mark(s.Context(), c.instructor, "FIRE-1", "anna",
				roster.Change{Presence: []roster.Mark{{halfDays[3], new(true)}}})
		})
		wait.Go(func() {
			if err := c.service.Close(s.Context(), c.admin, "FIRE-1"); err != nil {
				t.Error(err)
			}
		})
		wait.Wait()
		line := c.line(t, "anna")
		want, present := training.Completed, 4
		if marked != nil {
			wantKind(t, marked, training.KindConflict, "fault.run_closed")
			want, present = training.NotCompleted, 3
		}
		if line.Result != want || line.Attendance.Present != present {
			t.Errorf("mark answered %v, but the line is %+v", marked, line)
		}
	})
}

func TestARunIsClosedFromItsFirstDayOnInItsOwnZone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		instructor := s.Person(t, testkit.P{Email: "i@example.org", Role: training.RoleInstructor})
		service := roster.New(s.DB)
		zone, err := time.LoadLocation("Pacific/Auckland") // there the day begins long before it does in UTC
		if err != nil {
			t.Fatal(err)
		}
		starts := training.DateOf(s.Now(t).In(zone)).AddDays(1)
		s.Run(t, testkit.R{Code: "NZ", TimeZone: "Pacific/Auckland", Starts: starts, Instructors: []training.Actor{instructor}})
		begin := starts.In(zone).Sub(s.Now(t))
		s.DB.Shift(begin - time.Minute)
		wantKind(t, service.Close(s.Context(), instructor, "NZ"), training.KindConflict, "fault.run_not_started")
		s.DB.Shift(begin + time.Second)
		if err := service.Close(s.Context(), instructor, "NZ"); err != nil {
			t.Errorf("on the first day: %v", err)
		}
	})
}

func TestACancelledRunIsNotClosed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		s.DB.Ent.Run.UpdateOneID(c.run).SetCancelledAt(s.Now(t)).ExecX(s.Context())
		wantKind(t, c.service.Close(s.Context(), c.instructor, "FIRE-1"), training.KindConflict, "fault.run_cancelled")
	})
}

func TestAnAdministratorReopensWithAReason(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.enrol(t, "bo", training.Confirmed, "")
		c.enrol(t, "waiting", training.Waiting, "")
		c.mark(t, "anna", 3)
		c.mark(t, "bo", 5)
		reopen := func(actor training.Actor, reason string) error {
			return c.service.Reopen(s.Context(), actor, "FIRE-1", reason)
		}
		wantKind(t, reopen(c.admin, "not closed yet"), training.KindConflict, "fault.run_not_closed")
		c.close(t)
		wantKind(t, reopen(c.instructor, "I forgot"), training.KindForbidden, "fault.forbidden")
		wantField(t, reopen(c.admin, "  "), "reason", "invalid.required")
		wantField(t, reopen(c.admin, "a\x00b"), "reason", "invalid.characters")
		wantField(t, reopen(c.admin, "a\xffb"), "reason", "invalid.characters")
		wantField(t, reopen(c.admin, strings.Repeat("ä", 1001)), "reason", "invalid.too_long")
		if err := reopen(c.admin, "A mark was forgotten"); err != nil {
			t.Fatal(err)
		}
		if a, b, w := c.status(t, "anna"), c.status(t, "bo"), c.status(t, "waiting"); a != training.Confirmed || b != training.Confirmed || w != training.Lapsed {
			t.Errorf("after reopening they are %s, %s and %s", a, b, w)
		}
		if got := c.line(t, "anna").Result; got != "" {
			t.Errorf("a result that followed from the attendance stayed: %s", got)
		}
		c.mark(t, "anna", 4)
		c.close(t)
		if got := c.status(t, "anna"); got != training.Completed {
			t.Errorf("after the correction anna is %s", got)
		}
		want := []string{"event.not_completed", "event.run_reopened", "event.completed"}
		if diff := cmp.Diff(want, c.reasons(t, "anna")); diff != "" {
			t.Error(diff)
		}
		if jobs := s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(training.IssueCertificates)).CountX(s.Context()); jobs != 2 {
			t.Errorf("%d jobs follow from two closings", jobs)
		}
		if open, quota := c.seats(t, ""), c.seats(t, "EE"); open != "1/10, 0" || quota != "1/2, 0" {
			t.Errorf("seats are %s open and %s for Estonia", open, quota)
		}
	})
}
