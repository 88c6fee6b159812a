package certificate_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// staff makes an agency with an officer and two holders, and others elsewhere.
func staff(t *testing.T, s *testkit.Setup) (course, training.Actor) {
	t.Helper()
	c := ended(t, s)
	rescue := testkit.P{Agency: "rescue", Country: "EE", Confirmed: true}
	with := func(email, name, locale string) testkit.P {
		p := rescue
		p.Email, p.Name, p.Locale = email, name, locale
		return p
	}
	officer := with("officer@example.org", "Officer", "et")
	officer.Role = training.RoleAgency
	actor := s.Person(t, officer)
	c.came(t, with("mari@example.org", "Mari Õun", "et"), training.Completed, 5)
	c.came(t, with("formula@example.org", "=SUM(A1)", "en"), training.Completed, 4)
	c.came(t, testkit.P{Email: "finn@example.org", Agency: "police", Country: "FI", Confirmed: true}, training.Completed, 5)
	c.came(t, testkit.P{Email: "declared@example.org", Agency: "rescue", Country: "EE"}, training.Completed, 5)
	c.close(t)
	c.issue(t)
	return c, actor
}

// columns are those of a table of SQLite that a copy of a row has too.
func columns(t *testing.T, s *testkit.Setup, table string) []string {
	t.Helper()
	var names string
	if err := s.DB.SQL.QueryRowContext(s.Context(), "SELECT group_concat(name) FROM pragma_table_info($1) WHERE name <> 'id'", table).Scan(&names); err != nil {
		t.Fatal(err)
	}
	return strings.Split(names, ",")
}

// More editions than SQLite takes values in a statement (32,766).
func TestAHolderIsFoundAmongManyEditions(t *testing.T) {
	s := testkit.SQLite(t)
	c, _, number := one(t, s)
	const count = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 33000) "
	for _, copies := range []struct {
		table  string
		values map[string]string
	}{
		{"runs", map[string]string{"code": "'M-' || n"}},
		{"certificates", map[string]string{"number": "'M-' || n", "run_id": "(SELECT id FROM runs WHERE code = 'M-' || n)", "replaced_by": "'another'"}},
	} {
		names := columns(t, s, copies.table)
		values := slices.Clone(names)
		for i, name := range names {
			if value, other := copies.values[name]; other {
				values[i] = value
			}
		}
		if _, err := s.DB.SQL.ExecContext(s.Context(), "INSERT INTO "+copies.table+" ("+strings.Join(names, ", ")+") "+count+
			"SELECT "+strings.Join(values, ", ")+" FROM many, (SELECT * FROM "+copies.table+" LIMIT 1)"); err != nil {
			t.Fatal(err)
		}
	}
	day := training.DateOf(s.Now(t))
	for _, f := range []certificate.Filter{
		{Holder: "zydr"}, {Holder: "zydr", From: day.AddDays(-1), To: day.AddDays(1)}, {From: day.AddDays(-1)},
	} {
		list, err := c.service.Register(s.Context(), c.admin, f, 1, 10)
		if err != nil || list.Total != 33001 {
			t.Errorf("%+v finds %d certificates, want 33,001: %v", f, list.Total, err)
		}
	}
	list, err := c.service.Register(s.Context(), c.admin, certificate.Filter{Holder: "zydr", State: "valid"}, 1, 10)
	if err != nil || len(list.Certificates) != 1 || list.Certificates[0].Number != number {
		t.Errorf("those that stand: %+v, %v", list, err)
	}
}

func numbers(list []certificate.Listed) []string {
	all := make([]string, 0, len(list))
	for _, c := range list {
		all = append(all, c.Number)
	}
	slices.Sort(all)
	return all
}

func TestAnAgencySeesTheCertificatesThatNameItAndNoOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		list, err := c.service.OfAgency(s.Context(), officer, "rescue", certificate.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{c.standing(t, "mari"), c.standing(t, "formula")}
		slices.Sort(want)
		if diff := cmp.Diff(want, numbers(list)); diff != "" {
			t.Error(diff)
		}
		for _, l := range list {
			title, _ := l.Titles.In("et")
			if l.RunCode != "SHIP-1" || l.CourseSlug != "course-1-ship-1" || title != "Course course-1-ship-1" || l.State != "valid" {
				t.Errorf("listed as %+v", l)
			}
		}

		foreign := s.Person(t, testkit.P{Email: "f@example.org", Role: training.RoleAgency, Agency: "police", Country: "FI", Confirmed: true})
		for slug, kind := range map[string]training.Kind{"rescue": training.KindNotFound, "none": training.KindNotFound} {
			_, err := c.service.OfAgency(s.Context(), foreign, slug, certificate.Filter{})
			wantKind(t, "the list of "+slug, err, kind)
			_, err = c.service.Archive(s.Context(), foreign, slug, certificate.Filter{})
			wantKind(t, "the archive of "+slug, err, kind)
		}
		_, err = c.service.OfAgency(s.Context(), c.admin, "none", certificate.Filter{})
		wantKind(t, "a missing agency to an administrator", err, training.KindNotFound)
		for who, actor := range map[string]training.Actor{
			"trainee": s.Person(t, testkit.P{Email: "t@example.org", Agency: "rescue", Country: "EE", Confirmed: true}), "instructor": c.instructor,
		} {
			_, err = c.service.OfAgency(s.Context(), actor, "rescue", certificate.Filter{})
			wantKind(t, who, err, training.KindForbidden)
			_, err = c.service.Archive(s.Context(), actor, "rescue", certificate.Filter{})
			wantKind(t, who, err, training.KindForbidden)
		}
	})
}

func TestAListIsNarrowedByCourseAndDayOfIssue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		riga, err := time.LoadLocation("Europe/Riga")
		if err != nil {
			t.Fatal(err)
		}
		// Half an hour into the 2nd in Riga it is still the 1st in UTC.
		at := time.Date(2027, 4, 2, 0, 30, 0, 0, riga).UTC()
		if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE certificates SET issued_at = $1", at); err != nil {
			t.Fatal(err)
		}
		first := training.Date{Year: 2027, Month: 4, Day: 1}
		second := first.AddDays(1)
		course := "course-1-ship-1"
		mari, finn := strings.ToLower(c.standing(t, "mari")), c.standing(t, "finn")
		for _, test := range []struct {
			name   string
			filter certificate.Filter
			want   int
		}{
			{"the course", certificate.Filter{Course: course}, 2},
			{"another course", certificate.Filter{Course: "other"}, 0},
			{"from the day", certificate.Filter{From: second}, 2},
			{"from the day after", certificate.Filter{From: second.AddDays(1)}, 0},
			{"to the day", certificate.Filter{To: second}, 2},
			{"to the day before", certificate.Filter{To: first}, 0},
			{"some of them", certificate.Filter{Numbers: []string{mari, "nonsense"}}, 1},
			{"one of another agency", certificate.Filter{Numbers: []string{finn}}, 0},
			{"none that is a number", certificate.Filter{Numbers: []string{"nonsense"}}, 0},
			{"that day alone", certificate.Filter{Course: course, From: second, To: second}, 2},
		} {
			list, err := c.service.OfAgency(s.Context(), officer, "rescue", test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != test.want {
				t.Errorf("%s: %d certificates, want %d", test.name, len(list), test.want)
			}
		}
	})
}

func TestTheArchiveHoldsWhatTheListShows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		list, err := c.service.OfAgency(s.Context(), officer, "rescue", certificate.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		packed := func() []byte {
			t.Helper()
			archive, err := c.service.Archive(s.Context(), officer, "rescue", certificate.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := archive.Write(s.Context(), &out, func(int) {}); err != nil {
				t.Fatal(err)
			}
			return out.Bytes()
		}
		first := packed()
		if !bytes.Equal(first, packed()) {
			t.Error("packed twice, the bytes differ")
		}
		files := unpacked(t, s, c.service, officer, certificate.Filter{})
		if len(files) != len(list)+2 {
			t.Errorf("%d files for %d certificates", len(files), len(list))
		}
		want := [][]string{{"number", "holder", "course", "course_code", "run", "starts", "ends", "issued_at", "state", "expires_at", "replaced_by", "file"}}
		for _, l := range list {
			alone := c.pdf(t, officer, l.Number, "")
			if !bytes.Equal(files[alone.Name], alone.Bytes) {
				t.Errorf("%s in the archive is not the file that is fetched alone", alone.Name)
			}
			holder := l.Holder
			if holder == "=SUM(A1)" {
				holder = "'=SUM(A1)" // never run by a spreadsheet program
			}
			run, err := s.DB.Ent.Run.Query().Where(run.Code("SHIP-1")).Only(s.Context())
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, []string{l.Number, holder, "Course course-1-ship-1", "COURSE-1-SHIP-1", "SHIP-1", run.Starts, run.Ends,
				l.IssuedAt.Format(time.RFC3339), "valid", "", "", alone.Name})
		}
		rows := csvOf(t, files)
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(diff)
		}
	})
}

type broken struct{}

var errBroken = errors.New("the connection broke")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAnArchiveThatCannotBeSentSaysSo(t *testing.T) {
	s := testkit.SQLite(t)
	c, officer := staff(t, s)
	archive, err := c.service.Archive(s.Context(), officer, "rescue", certificate.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Write(s.Context(), broken{}, func(int) {}); !errors.Is(err, errBroken) {
		t.Errorf("the answer is %v", err)
	}
}

func TestAnAgencyWithoutCertificatesGetsAnArchiveOfTheListsAlone(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
	files := unpacked(t, s, c.service, officer, certificate.Filter{})
	if len(files) != 2 || len(csvOf(t, files)) != 1 || strings.TrimSpace(string(files["certificates.json"])) != "[]" {
		t.Errorf("the archive holds %q", files)
	}
}

// unpacked is what is in the archive of the agency rescue.
func unpacked(t *testing.T, s *testkit.Setup, service *certificate.Service, officer training.Actor, f certificate.Filter) map[string][]byte {
	t.Helper()
	archive, err := service.Archive(s.Context(), officer, "rescue", f)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	last := 0
	if err := archive.Write(s.Context(), &out, func(n int) { last = n }); err != nil {
		t.Fatal(err)
	}
	if last != archive.Count {
		t.Errorf("told of %d certificates at the end, of %d", last, archive.Count)
	}
	packed, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range packed.File {
		opened, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(opened); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func csvOf(t *testing.T, files map[string][]byte) [][]string {
	t.Helper()
	table, ok := strings.CutPrefix(string(files["certificates.csv"]), "\ufeff")
	if !ok {
		t.Error("the table has no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheArchiveTellsOfAllButHandsOutWhatStands(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		gone := c.standing(t, "mari")
		if err := c.service.Revoke(s.Context(), c.admin, gone, "facts_wrong", "a slip"); err != nil {
			t.Fatal(err)
		}
		files := unpacked(t, s, c.service, officer, certificate.Filter{})
		rows := csvOf(t, files)
		var facts []map[string]any
		if err := json.Unmarshal(files["certificates.json"], &facts); err != nil {
			t.Fatal(err)
		}
		if len(rows) != 3 || len(facts) != 2 || len(files) != 3 {
			t.Fatalf("%d rows, %d facts, %d files; want 3, 2 and 3", len(rows), len(facts), len(files))
		}
		for i, row := range rows[1:] {
			state, file := row[8], row[11]
			if facts[i]["number"] != row[0] || facts[i]["state"] != state || (file == "") != (facts[i]["file"] == nil) {
				t.Errorf("the table says %q, the list %v", row, facts[i])
			}
			if row[0] == gone && (state != "revoked" || file != "") || row[0] != gone && len(files[file]) == 0 {
				t.Errorf("certificate %s is %s and has the file %q", row[0], state, file)
			}
		}
	})
}

func TestAListIsNarrowedByNameAndByWhatLapsesSoon(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		soon := s.Now(t).AddDate(0, 0, 20)
		if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE certificates SET expires_at = $1 WHERE number = $2", soon, c.standing(t, "mari")); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name   string
			filter certificate.Filter
			want   int
		}{
			{"without accents", certificate.Filter{Holder: "mari oun"}, 1},
			{"a part", certificate.Filter{Holder: "ÕU"}, 1},
			{"nobody", certificate.Filter{Holder: "kati"}, 0},
			{"letters that no name here has", certificate.Filter{Holder: "Παπα"}, 0},
			{"a letter without a spelling in Latin", certificate.Filter{Holder: "і"}, 0},
			{"a hyphen alone", certificate.Filter{Holder: "-"}, 0},
			{"within a month", certificate.Filter{Expiring: 30}, 1},
			{"within two weeks", certificate.Filter{Expiring: 14}, 0},
		} {
			list, err := c.service.OfAgency(s.Context(), officer, "rescue", test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != test.want {
				t.Errorf("%s: %d certificates, want %d", test.name, len(list), test.want)
			}
		}
		if err := c.service.Revoke(s.Context(), c.admin, c.standing(t, "mari"), "facts_wrong", ""); err != nil {
			t.Fatal(err)
		}
		if list, err := c.service.OfAgency(s.Context(), officer, "rescue", certificate.Filter{Expiring: 30}); err != nil || len(list) != 0 {
			t.Errorf("what was revoked lapses soon: %v, %v", list, err)
		}
	})
}

func TestEveryoneListsTheOwnCertificatesAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		mari := c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun"}, training.Completed, 5)
		c.came(t, testkit.P{Email: "anna@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		list, err := c.service.Mine(s.Context(), mari)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || list[0].Number != c.standing(t, "mari") || list[0].Holder != "Mari Õun" || list[0].State != "valid" {
			t.Errorf("mari sees %+v", list)
		}
		_, err = c.service.Mine(s.Context(), training.Actor{})
		wantKind(t, "a visitor", err, training.KindUnauthenticated)
	})
}
