package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// mostInMonth is how many editions a month's page shows.
const mostInMonth = 300

// addBroken starts a server that knows its readers and has lost the editions: so
// a fault of the server looks for people of each role.
func (w *world) addBroken(t *testing.T, secret string) {
	t.Helper()
	s := testkit.SQLite(t)
	w.start(t, brokenPart, s, secret, "")
	w.own[brokenPart] = map[string]training.Actor{}
	for who, role := range map[string]training.Role{"idle": training.RoleTrainee, "instructor": training.RoleInstructor,
		"officer": training.RoleAgency, "coordinator": training.RoleCoordinator, "admin": training.RoleAdmin} {
		w.own[brokenPart][who] = s.Person(t, testkit.P{Email: who + "@people.example", Name: "Sigrid Almquist", Role: role})
	}
	if _, err := s.DB.SQL.ExecContext(t.Context(), "ALTER TABLE runs RENAME TO runs_gone"); err != nil {
		t.Fatal(err)
	}
}

// addCrowd starts a server with one edition more in a month than its page shows.
func (w *world) addCrowd(t *testing.T, secret string) {
	t.Helper()
	s := testkit.SQLite(t)
	first := catalogue.MonthOf(training.DateOf(s.Now(t)).AddDays(62)).First()
	course := s.Course(t, "crowd")
	for i := range mostInMonth + 1 {
		starts := first.AddDays(i % 28)
		s.Run(t, testkit.R{Code: fmt.Sprintf("CROWD-%d", i), Course: course, Starts: starts, Ends: starts.AddDays(i % 3)})
	}
	w.values["crowded month"] = first.String()[:len("2006-01")]
	w.start(t, crowded, s, secret, "")
}

// addMarked makes an edition under way in which everybody is marked in all half
// days, and closes nothing.
func (w *world) addMarked(t *testing.T) {
	t.Helper()
	day := training.DateOf(w.Now(t)).AddDays(-1) // a half day to come takes no marks
	w.Run(t, testkit.R{Code: "MARKED", Course: w.courseID(t, "ucpm-mbc"), Instructors: []training.Actor{w.people["instructor"]},
		Starts: day, Ends: day, Closes: w.Now(t).AddDate(0, 0, 1)})
	present := []bool{true, false}
	for i, who := range []string{"enrolled", "colleague"} {
		made, err := w.app.Enrolment.Confirm(t.Context(), w.people[who], "MARKED", "")
		if err != nil {
			t.Fatal(err)
		}
		w.underWay(t, "MARKED")
		for _, half := range halfDaysOf(w.Now(t)) {
			change := roster.Change{Presence: []roster.Mark{{HalfDay: half.Key, Present: &present[i]}}}
			if _, _, err := w.app.Roster.Mark(t.Context(), w.people["instructor"], "MARKED", made.Ref, change); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// tired is the address of a reader who has tried too often.
const tired = "192.0.2.1"

func tireTheCounter(t *testing.T, w *world) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, w.servers[""]+"/en/verify/2222-2222-2222-2222", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", tired)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusTooManyRequests {
			return
		}
		if time.Now().After(end) {
			t.Fatal("nobody is ever made to wait")
		}
	}
}

// noticeKeys are what pages say after something was done: all messages of that
// kind there are.
func noticeKeys(t *testing.T) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for key := range englishMessages(t) {
		if strings.HasPrefix(key, "notice.") {
			keys[key] = true
		}
	}
	return keys
}
