package catalogue

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// withCourse gives a service over a database with the course "a", and an
// administrator.
func withCourse(t *testing.T, s *testkit.Setup) (*Service, training.Actor) {
	t.Helper()
	service := New(s.DB, Options{})
	mustImport(t, service, `[{"id": "a", "title": "A"}]`)
	return service, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
}

func TestARunIsMadeAsItWasDescribed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := withCourse(t, s)
		s.Person(t, testkit.P{Email: "berit@example.org", Name: "Berit Lie", Role: training.RoleInstructor})
		s.Person(t, testkit.P{Email: "anna@example.org", Name: "Anna Bērziņa", Role: training.RoleInstructor})
		threshold := 90
		n := NewRun{Code: "A-2190", Starts: "2190-03-15", Ends: "2190-03-16", TimeZone: "Europe/Oslo", Place: "Tønsberg", Country: "NO",
			Language: "nb", Size: 10, Quotas: []NewQuota{{"SE", 2, "2190-02-15T12:00:00.1234567+01:00"}, {"EU", 3, ""}},
			Instructors: []string{"Berit@Example.org", "anna@example.org"}, Opens: "2190-02-01T08:00:00+01:00", Closes: "2190-03-10T08:00:00+01:00", WithdrawUntil: "2190-03-12T18:00:00+01:00",
			Approval: true, Discreet: true, FilledBy: FilledSelection, Threshold: &threshold,
			Conditions: training.Conditions{Professions: []string{"police"}, LanguageLevel: "B2"},
			HalfDays:   []training.HalfDay{{Key: "2190-03-15/pm", From: "13:00", To: "17:00"}, {Key: "2190-03-15/am", From: "08:00", To: "12:00"}}}
		made, err := service.CreateRun(t.Context(), admin, "a", n)
		if err != nil {
			t.Fatal(err)
		}
		closes := time.Date(2190, time.March, 10, 7, 0, 0, 0, time.UTC)
		c, err := service.BySlug(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		want := Run{Code: "A-2190", CourseID: c.ID, CourseSlug: "a", Starts: training.Date{Year: 2190, Month: 3, Day: 15},
			Ends: training.Date{Year: 2190, Month: 3, Day: 16}, TimeZone: "Europe/Oslo", Place: "Tønsberg", Country: "NO", Language: "nb",
			Opens: time.Date(2190, time.February, 1, 7, 0, 0, 0, time.UTC), Closes: closes, WithdrawUntil: time.Date(2190, time.March, 12, 17, 0, 0, 0, time.UTC), Size: 10, Threshold: 90, Approval: true,
			Discreet: true, FilledBy: "selection", Conditions: n.Conditions,
			HalfDays: []training.HalfDay{n.HalfDays[1], n.HalfDays[0]},
			Quotas: []training.Pool{{Country: "EU", Size: 3, ReleasesAt: closes},
				{Country: "SE", Size: 2, ReleasesAt: time.Date(2190, time.February, 15, 11, 0, 0, 123456000, time.UTC)}},
			Instructors: []string{"Anna Bērziņa", "Berit Lie"}}
		same := cmp.Options{cmpopts.IgnoreFields(Run{}, "ID", "CreatedAt"), cmpopts.IgnoreFields(training.Pool{}, "ID"), cmpopts.IgnoreUnexported(Run{})}
		if diff := cmp.Diff(want, made, same); diff != "" {
			t.Errorf("as made: %s", diff)
		}
		stored, course, err := service.RunByCode(t.Context(), "A-2190")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made, *stored, cmpopts.IgnoreUnexported(Run{})); diff != "" {
			t.Errorf("as stored: %s", diff)
		}
		if course.Slug != "a" || len(course.Runs) != 1 || stored.Location().String() != "Europe/Oslo" {
			t.Errorf("course %+v in %s", course, stored.Location())
		}
		seats, err := service.Seats(t.Context(), []int{made.ID})
		if err != nil {
			t.Fatal(err)
		}
		if open := seats[made.ID][0]; len(seats[made.ID]) != 3 || !open.Open() || open.Size != 5 || !open.ReleasesAt.IsZero() {
			t.Errorf("pools: %+v", seats[made.ID])
		}
	})
}

func TestTheOpenPoolIsThereEvenWithoutSeats(t *testing.T) {
	s := testkit.SQLite(t)
	service, admin := withCourse(t, s)
	n := newRun("A-1")
	n.Quotas = []NewQuota{{Country: "SE", Size: 20}}
	n.Starts, n.Ends = "2190-03-15", "2190-03-16"
	made, err := service.CreateRun(t.Context(), admin, "a", n)
	if err != nil {
		t.Fatal(err)
	}
	pools, err := service.Seats(t.Context(), []int{made.ID})
	if err != nil || len(pools[made.ID]) != 2 || !pools[made.ID][0].Open() || pools[made.ID][0].Size != 0 {
		t.Errorf("pools: %+v, %v", pools, err)
	}
}

func TestOnlyPeopleWhoTeachAreNamedAsInstructors(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := withCourse(t, s)
		s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		s.Person(t, testkit.P{Email: "trainee@example.org"})
		gone := s.Person(t, testkit.P{Email: "gone@example.org", Role: training.RoleInstructor})
		s.DB.Ent.Person.UpdateOneID(gone.PersonID).SetDisabledAt(s.Now(t)).ExecX(t.Context())
		n := newRun("A-1")
		n.Instructors = []string{"teacher@example.org", "trainee@example.org", "gone@example.org", "nobody@example.org", "no\x00body", "\xff"}
		_, err := service.CreateRun(t.Context(), admin, "a", n)
		fault, ok := training.AsFault(err)
		if !ok {
			t.Fatalf("error %v, want a fault", err)
		}
		var want []training.FieldFault
		for _, address := range n.Instructors[1:] {
			want = append(want, training.FieldFault{Field: "instructors", Key: "invalid.instructor", Args: training.Args{"value": addresses([]string{address})[0]}})
		}
		if diff := cmp.Diff(want, fault.Fields); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARunThatIsNotRightLeavesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := withCourse(t, s)
		before := contentsOf(t, service)
		bad := newRun("A-1")
		bad.Size, bad.Country = 0, "XX"
		_, err := service.CreateRun(t.Context(), admin, "a", bad)
		if fault, ok := training.AsFault(err); !ok || fault.Kind != training.KindInvalid || len(fault.Fields) != 2 {
			t.Errorf("error %v, want two faults", err)
		}
		if _, err := service.CreateRun(t.Context(), admin, "nothing", newRun("A-1")); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("no such course: %v", err)
		}
		for role, kind := range map[training.Role]training.Kind{"": training.KindUnauthenticated, training.RoleInstructor: training.KindForbidden,
			training.RoleTrainee: training.KindForbidden, training.RoleAgency: training.KindForbidden, training.RoleCoordinator: training.KindForbidden} {
			actor := training.Actor{Role: role}
			if role != "" {
				actor.PersonID = admin.PersonID
			}
			if _, err := service.CreateRun(t.Context(), actor, "a", newRun("A-1")); !training.IsKind(err, kind) {
				t.Errorf("%q: error %v, want %s", role, err, kind)
			}
		}
		if runs := s.DB.Ent.Run.Query().CountX(t.Context()); runs != 0 {
			t.Errorf("%d runs were made", runs)
		}
		unchanged(t, before, contentsOf(t, service))
	})
}

func TestOneOfManyWhoWantACodeAtOnceGetsIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := withCourse(t, s)
		const rivals = 8
		errs := make([]error, rivals)
		var all sync.WaitGroup
		for i := range rivals {
			all.Go(func() { _, errs[i] = service.CreateRun(t.Context(), admin, "a", newRun("A-1")) })
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
				continue
			}
			fault, ok := training.AsFault(err)
			if !ok || len(fault.Fields) != 1 || fault.Fields[0].Field != "code" || fault.Fields[0].Key != "invalid.code_taken" {
				t.Errorf("error %v, want code_taken", err)
			}
		}
		if runs := s.DB.Ent.Run.Query().CountX(t.Context()); made != 1 || runs != 1 {
			t.Errorf("%d were told it is theirs, %d runs", made, runs)
		}
		if pools := s.DB.Ent.SeatPool.Query().CountX(t.Context()); pools != 1 {
			t.Errorf("%d pools", pools)
		}
	})
}

func TestRunsMadeAtOnceAreAllMade(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := withCourse(t, s)
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				if _, err := service.CreateRun(t.Context(), admin, "a", newRun(fmt.Sprintf("A-%d", i))); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() { mustFind(t, service, Query{Free: true}) })
		}
		all.Go(func() {
			mustImport(t, service, `[{"id": "b", "title": "B"}, {"id": "a", "title": "Another"}]`)
		})
		all.Wait()
		c, err := service.BySlug(t.Context(), "a")
		if err != nil || len(c.Runs) != 12 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
