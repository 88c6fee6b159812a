package roster_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAnInstructorSeesTheOwnRunsAndAnAdministratorAll(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.enrol(t, "bo", training.Waiting, "")
		other := s.Person(t, testkit.P{Email: "other@example.org", Role: training.RoleInstructor})
		s.Run(t, testkit.R{Code: "LATER", Instructors: []training.Actor{other}})

		own, err := c.service.Runs(s.Context(), c.instructor)
		if err != nil {
			t.Fatal(err)
		}
		if len(own) != 1 || own[0].Code != "FIRE-1" || own[0].Enrolled != 1 || own[0].Size != 12 || own[0].Closed() {
			t.Errorf("the instructor sees %+v", own)
		}
		if title, lang := own[0].Titles.In("fi"); title != "Course course-1-fire-1" || lang != "en" {
			t.Errorf("title is %q in %q", title, lang)
		}
		all, err := c.service.Runs(s.Context(), c.admin)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].Code != "LATER" || all[1].Code != "FIRE-1" {
			t.Errorf("the administrator sees %+v", all)
		}
	})
}

func TestTheRosterShowsWhoComesByNameWithTheAgencyOfTheEnrolment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "Mari", training.Confirmed, "EE")
		c.enrol(t, "anna", training.Confirmed, "")
		for name, status := range map[string]training.Status{
			"w": training.Waiting, "p": training.Pending, "o": training.Offered, "x": training.Cancelled, "l": training.Lapsed,
		} {
			c.enrol(t, name, status, "")
		}
		c.mark(t, "Mari", 4)
		// The person moves: the enrolment keeps naming the brigade of then.
		police := s.Agency(t, "police", "FI")
		s.DB.Ent.Person.UpdateOneID(c.personID(t, "mari@example.org")).SetAgencyID(police).SetCountry("FI").ExecX(s.Context())

		got, err := c.service.Roster(s.Context(), c.admin, "FIRE-1")
		if err != nil {
			t.Fatal(err)
		}
		want := []roster.Item{
			{
				Enrolment: "anna", PersonID: c.personID(t, "anna@example.org"), Name: "anna", Email: "anna@example.org",
				Status: training.Confirmed, Presence: map[string]bool{}, Attendance: training.Attendance{Present: 0, Total: 5},
			},
			{
				Enrolment: "Mari", PersonID: c.personID(t, "mari@example.org"), Name: "Mari", Email: "mari@example.org",
				Country: "EE", AgencyName: "Agency brigade-EE", AgencySlug: "brigade-EE", Status: training.Confirmed,
				Presence: map[string]bool{
					"2024-03-18/am": true, "2024-03-18/pm": true, "2024-03-19/am": true, "2024-03-19/pm": true, "2024-03-20/am": false,
				},
				Attendance: training.Attendance{Present: 4, Total: 5},
			},
		}
		if diff := cmp.Diff(want, got.Items); diff != "" {
			t.Error(diff)
		}
		if got.Threshold != 80 || len(got.HalfDays) != 5 || got.Closed() || got.Enrolled != 2 {
			t.Errorf("the roster is %+v", got)
		}
	})
}

// Whoever may not teach the run is told no, with the identifiers of another run
// and of a missing one, and nothing changes.
func TestNoOneElseReachesARoster(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		yes := new(true)
		calls := map[string]func(actor training.Actor, code string) error{
			"see": func(a training.Actor, code string) error {
				_, err := c.service.Roster(s.Context(), a, code)
				return err
			},
			"mark": func(a training.Actor, code string) error {
				_, _, err := c.service.Mark(s.Context(), a, code, "anna", roster.Change{Presence: []roster.Mark{{halfDays[0], yes}}})
				return err
			},
			"mark many": func(a training.Actor, code string) error {
				return c.service.MarkMany(s.Context(), a, code, halfDays[0], map[string]*bool{"anna": yes})
			},
			"close": func(a training.Actor, code string) error { return c.service.Close(s.Context(), a, code) },
			"reopen": func(a training.Actor, code string) error {
				return c.service.Reopen(s.Context(), a, code, "because")
			},
		}
		foreign := s.Person(t, testkit.P{Email: "foreign@example.org", Role: training.RoleInstructor})
		for name, call := range calls {
			for role, actor := range map[string]training.Actor{
				"trainee":     s.Person(t, testkit.P{Email: name + "t@example.org"}),
				"officer":     s.Person(t, testkit.P{Email: name + "a@example.org", Role: training.RoleAgency, Agency: "brigade-EE", Country: "EE", Confirmed: true}),
				"coordinator": s.Person(t, testkit.P{Email: name + "c@example.org", Role: training.RoleCoordinator, Country: "EE", Confirmed: true}),
			} {
				if err := call(actor, "FIRE-1"); !training.IsKind(err, training.KindForbidden) {
					t.Errorf("%s by a %s: %v", name, role, err)
				}
				if err := call(actor, "NONE"); !training.IsKind(err, training.KindForbidden) {
					t.Errorf("%s of a missing run by a %s: %v", name, role, err)
				}
			}
			if err := call(training.Actor{}, "FIRE-1"); !training.IsKind(err, training.KindUnauthenticated) {
				t.Errorf("%s by a visitor: %v", name, err)
			}
			want := training.KindNotFound
			if name == "reopen" {
				want = training.KindForbidden // for administrators alone
			}
			if err := call(foreign, "FIRE-1"); !training.IsKind(err, want) {
				t.Errorf("%s by the instructor of another run: %v", name, err)
			}
			if err := call(c.admin, "NONE"); !training.IsKind(err, training.KindNotFound) {
				t.Errorf("%s of a missing run: %v", name, err)
			}
		}
		if line := c.line(t, "anna"); len(line.Presence) != 0 || line.Status != training.Confirmed {
			t.Errorf("something changed: %+v", line)
		}
	})
}

func TestTheListCanBeTakenIntoASpreadsheet(t *testing.T) {
	list := roster.Roster{
		HalfDays: []training.HalfDay{{Key: halfDays[0]}, {Key: halfDays[1]}, {Key: halfDays[2]}},
		Items: []roster.Item{{
			Name: "=cmd()", Email: "a@example.org", Country: "EE", AgencyName: "Päästeamet, Lõuna", Status: training.Completed,
			Result: training.Completed, Presence: map[string]bool{halfDays[0]: true, halfDays[1]: false},
			Attendance: training.Attendance{Present: 1, Total: 3},
		}},
	}
	var out bytes.Buffer
	err := roster.WriteCSV(&out, list, []string{"Name", "Mail", "Country", "Agency", "Status", "Result", "Present", "Of"})
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeffName,Mail,Country,Agency,Status,Result,Present,Of,2024-03-18/am,2024-03-18/pm,2024-03-19/am\r\n" +
		"'=cmd(),a@example.org,EE,\"Päästeamet, Lõuna\",completed,completed,1,3,1,0,\r\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
