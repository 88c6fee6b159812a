package catalogue

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// twoMonths has four courses: in the order of the alphabet a, b, c, d; by their
// next dates b, a, c; by free seats a, c, b; and d without dates.
func twoMonths(t *testing.T, s *testkit.Setup) (*Service, Month) {
	t.Helper()
	today := training.DateOf(s.Now(t))
	month := MonthOf(today).Add(2)
	first := month.First()
	a, b, c := s.Course(t, "a"), s.Course(t, "b"), s.Course(t, "c")
	s.Course(t, "d")
	s.Run(t, testkit.R{Code: "A1", Course: a, Size: 9, Starts: first.AddDays(4)})
	s.Run(t, testkit.R{Code: "A2", Course: a, Size: 30, Starts: month.Add(1).First()})
	s.Run(t, testkit.R{Code: "B1", Course: b, Size: 20, Starts: first})
	s.Run(t, testkit.R{Code: "C1", Course: c, Size: 3, Starts: month.Add(1).First().AddDays(2), Quotas: map[string]int{"EE": 1}})
	s.DB.Ent.SeatPool.Update().Where(seatpool.HasRunWith(run.Code("B1"))).SetTaken(20).ExecX(t.Context())
	s.DB.Ent.Course.UpdateOneID(c).SetDeliveryForm("online").ExecX(t.Context())
	return New(s.DB, Options{}), month
}

func TestCoursesAreSortedAsIsAsked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, _ := twoMonths(t, s)
		for sort, want := range map[string][]string{
			"": {"b", "a", "c", "d"}, SortDate: {"b", "a", "c", "d"}, SortTitle: {"a", "b", "c", "d"}, SortSeats: {"a", "c", "b", "d"},
		} {
			if diff := gocmp.Diff(want, ids(mustFind(t, service, Query{Sort: sort, Lang: "en"}).Courses)); diff != "" {
				t.Errorf("sorted by %q (-want +got):\n%s", sort, diff)
			}
		}
	})
}

// A list shows the first run that can be enrolled in, and so stands in that order.
func TestCoursesStandByTheRunThatIsShownOfThem(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		first := training.DateOf(s.Now(t)).AddDays(40)
		a, b, c := s.Course(t, "a"), s.Course(t, "b"), s.Course(t, "c")
		s.Run(t, testkit.R{Code: "A1", Course: a, Starts: first, Closes: s.Now(t).Add(-time.Hour)})
		s.Run(t, testkit.R{Code: "A2", Course: a, Starts: first.AddDays(60)})
		s.Run(t, testkit.R{Code: "B1", Course: b, Starts: first.AddDays(30)})
		s.Run(t, testkit.R{Code: "C1", Course: c, Starts: first.AddDays(10), Closes: s.Now(t).Add(-time.Hour)})
		service := New(s.DB, Options{})
		for _, sort := range []string{"", SortDate} {
			if diff := gocmp.Diff([]string{"c", "b", "a"}, ids(mustFind(t, service, Query{Sort: sort, Lang: "en"}).Courses)); diff != "" {
				t.Errorf("sorted by %q (-want +got):\n%s", sort, diff)
			}
		}
	})
}

func TestTitlesAreSortedAsTheLanguageDoes(t *testing.T) {
	s := testkit.SQLite(t)
	service := New(s.DB, Options{})
	mustImport(t, service, `[{"id": "z", "title": "Zoll"}, {"id": "ae", "title": "Ärzte"}, {"id": "a", "title": "Alarm"}]`)
	for lang, want := range map[string][]string{"de": {"a", "ae", "z"}, "sv": {"a", "z", "ae"}} {
		if diff := gocmp.Diff(want, ids(mustFind(t, service, Query{Sort: SortTitle, Lang: lang}).Courses)); diff != "" {
			t.Errorf("in %s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestCoursesAreFoundByMonthAndForm(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, month := twoMonths(t, s)
		next := month.Add(1).String()
		for name, tt := range map[string]struct {
			q    Query
			want []string
		}{
			"the first month":   {Query{Month: []string{month.String()}}, []string{"b", "a"}},
			"the second month":  {Query{Month: []string{next}}, []string{"a", "c"}},
			"either":            {Query{Month: []string{month.String(), next}}, []string{"b", "a", "c"}},
			"another":           {Query{Month: []string{month.Add(-1).String()}}, []string{}},
			"online":            {Query{Form: []string{"online"}}, []string{"c"}},
			"online, in person": {Query{Form: []string{"online", "residential"}}, []string{"c"}},
			"online in a month": {Query{Form: []string{"online"}, Month: []string{month.String()}}, []string{}},
		} {
			if diff := gocmp.Diff(tt.want, ids(mustFind(t, service, tt.q).Courses)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		facets, err := service.Facets(t.Context(), Query{Form: []string{"online"}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]Count{{month.String(), 0}, {next, 1}}, facets.Months); diff != "" {
			t.Errorf("months beside online (-want +got):\n%s", diff)
		}
		if diff := gocmp.Diff([]Count{{"online", 1}}, facets.Forms); diff != "" {
			t.Errorf("forms (-want +got):\n%s", diff)
		}
	})
}

// A run must itself be what is asked for, not another run of its course.
func TestRunsFoundAreThemselvesWhatIsAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, month := twoMonths(t, s)
		s.DB.Ent.Run.Update().Where(run.Code("A2")).SetCountry("EE").SetLanguage("et").ExecX(t.Context())
		s.DB.Ent.Run.Update().Where(run.Code("C1")).SetCancelledAt(s.Now(t)).ExecX(t.Context())
		for name, tt := range map[string]struct {
			q    Query
			want []string
		}{
			"all":        {Query{}, []string{"B1", "A1", "A2"}},
			"with seats": {Query{Free: true}, []string{"A1", "A2"}},
			"a month":    {Query{Month: []string{month.String()}}, []string{"B1", "A1"}},
			"Estonia":    {Query{Country: []string{"EE"}}, []string{"A2"}},
			"Estonian":   {Query{Language: []string{"et"}}, []string{"A2"}},
		} {
			runs, err := service.RunsFound(t.Context(), tt.q)
			if err != nil {
				t.Fatal(err)
			}
			codes := []string{}
			for _, r := range runs {
				codes = append(codes, r.Run.Code)
			}
			if diff := gocmp.Diff(tt.want, codes); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestTheLatestCoursesAreThoseChangedLast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, _ := twoMonths(t, s)
		now := s.Now(t)
		s.DB.Ent.Course.UpdateOneID(courseID(t, s, "d")).SetUpdatedAt(now.AddDate(0, 0, 1)).ExecX(t.Context())
		s.DB.Ent.Run.Update().Where(run.Code("B1")).SetClosesAt(now.AddDate(0, 1, 0)).ExecX(t.Context())
		latest, err := service.LatestFound(t.Context(), Query{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(latest) != 4 || latest[0].Course.ImportID != "d" || !latest[0].At.Equal(now.AddDate(0, 0, 1)) {
			t.Errorf("%d courses, first %+v", len(latest), latest[0])
		}
		if latest, err = service.LatestFound(t.Context(), Query{Lang: "en"}, 2); err != nil || len(latest) != 2 {
			t.Errorf("%d courses of at most 2: %v", len(latest), err)
		}
		if latest, err = service.LatestFound(t.Context(), Query{Text: "zzzz"}, 2); err != nil || len(latest) != 0 {
			t.Errorf("%d courses of nothing: %v", len(latest), err)
		}
	})
}

func TestMonthsAreReadAndCounted(t *testing.T) {
	month, err := ParseMonth("2026-12")
	if err != nil || month.Add(1).String() != "2027-01" || month.Add(-12).String() != "2025-12" {
		t.Errorf("%v, %v", month, err)
	}
	for _, written := range []string{"", "2026", "2026-13", "2026-1", "2026-01-01", "x"} {
		if _, err := ParseMonth(written); err == nil {
			t.Errorf("%q is read", written)
		}
	}
}
