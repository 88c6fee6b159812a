package handlers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestSecretariatSeesWhatThereIsToDo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		over := training.DateOf(s.Now(t)).AddDays(-10)
		s.Run(t, testkit.R{Code: "OVER", Starts: over, Ends: over.AddDays(2)})
		b := f.as(t, f.admin)
		// The new officer's agency is declared and not confirmed.
		b.get(t, "/en/admin").has(t, "1 person waits for a country and agency", "The catalogue has 2 courses.",
			"1 edition is over and not closed.", "No mail server is set.", `href="/en/admin/outbox"`)
		b.get(t, "/en/teach").has(t, "Over, to be closed")
	})
}

func TestSecretariatConfirmsPeople(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		alone := s.Person(t, testkit.P{Email: "alone@example.org", Name: "Alone", Country: "SE"})
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/people").has(t, "Nora", "Training officer", "Agency lv-a", "Alone", "No agency", "Sweden")
		officer := "/en/admin/people/" + strconv.Itoa(f.newOfficer.PersonID)
		b.follow(t, b.post(t, officer+"/confirm", "agency", "lv-a", "country", "LV")).has(t, "are confirmed")
		page := b.follow(t, b.post(t, "/en/admin/people/"+strconv.Itoa(alone.PersonID)+"/reject", "agency", "", "country", "SE"))
		page.has(t, "was not confirmed", "Nobody waits")
		// From the next request on she is an officer of the agency.
		if home := f.as(t, f.newOfficer).get(t, "/en/agency"); home.header.Get("Location") != "/en/agency/lv-a" {
			t.Errorf("%d to %s", home.status, home.header.Get("Location"))
		}
		b.get(t, "/en/admin/outbox").has(t, "To alone@example.org", "Kept here", "mails do not leave Varde",
			`<a href="http://varde.test/en/me">http://varde.test/en/me</a>`)
	})
}

func TestOutboxEscapesWhatPeopleWrote(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.anna = s.Person(t, testkit.P{Email: "x@a.example", Name: `<b>"Anna"</b> http://evil.example/<script>`, Country: "LV", Agency: "lv-a", Confirmed: true})
	f.issue(t, f.enrol(t, "R1", f.anna))
	page := f.as(t, f.admin).get(t, "/en/admin/outbox")
	page.lacks(t, "<script>", "<b>")
	page.has(t, "&lt;b&gt;")
}

// upload sends a file as the import page's form does.
func (b *browser) upload(t *testing.T, file string, fields ...string) answer {
	t.Helper()
	return b.send(t, importRequest(t, b.csrf, file, fields...))
}

// importRequest is that form; fields are further names and values in turn.
func importRequest(t *testing.T, csrf, file string, fields ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields = append(fields, "_csrf", csrf)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", "courses.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/en/admin/import", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

func TestSecretariatImportsTheCatalogue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/import").has(t, `enctype="multipart/form-data"`)
		file := `[{"id":"umi","title":"Umbrella","target_professions":["firefighter"],"topics":["floods"],"language":["en"]},
			{"id":"ice","title":"Ice rescue","target_professions":["rescue_specialist"],"topics":["search_and_rescue"],"language":["en"]}]`
		b.upload(t, file).has(t, "2 courses are new.", "0 courses have changed.")
		b.upload(t, strings.Replace(file, "Umbrella", "Umbrella exercise", 1)).
			has(t, "0 courses are new.", "1 course has changed.", "1 course stays as it was.")
		b.get(t, "/en/admin/courses?q=ice").has(t, "1 course<", "Ice rescue", `href="/en/admin/courses/ice-rescue/runs/new"`)

		refused := b.upload(t, strings.ReplaceAll(strings.Replace(file, "floods", "flods", 1), `"title":"Ice rescue",`, ""))
		refused.want(t, 422, "")
		refused.has(t, "The catalogue was not imported.", "2 things are wrong in the file", "Record 1 (umi), field topics: the topic “flods” is not known.",
			"Record 2 (ice), field title: the value is missing.", `href="#file"`)
		broken := b.upload(t, file[:len(file)-1])
		broken.want(t, 422, "")
		broken.has(t, "not valid JSON")
		empty := b.post(t, "/en/admin/import")
		empty.want(t, 422, "")
		empty.has(t, "Choose a file.")
		b.upload(t, "").has(t, "Choose a file.")
	})
}

func TestCatalogueThatIsTooLargeIsRefused(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b := f.as(t, f.admin)
	// The limit is the server's, which only a real connection meets.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = f.web.Listener(listener) }()
	t.Cleanup(func() { _ = f.web.Shutdown() })
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "POST /lv/admin/import HTTP/1.1\r\nHost: varde.test\r\nCookie: varde_session=%s\r\n"+
		"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n", b.cookies["varde_session"], 17<<20)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(page), `<html lang="lv"`) {
		t.Errorf("status %d\n%s", response.StatusCode, page)
	}
}

func TestNewEditionStartsFromTheCourse(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.DB.Ent.Course.Update().SetSeatsTypical(18).SetLanguages([]string{"fi", "sv"}).SetPlace("Kuopio").SetCountry("FI").ExecX(t.Context())
	s.Course(t, "plain")
	b := f.as(t, f.admin)
	b.get(t, "/en/admin/courses/ships/runs/new").has(t, "Course ships", `name="size" type="number" value="18"`, `value="Kuopio"`,
		`<option value="FI" selected>Finland</option>`, `<option value="Europe/Helsinki" selected>Helsinki</option>`,
		`<option value="fi" selected>`, `name="quota-LV"`, `name="quota-EU"`, `value="teacher@example.org"`, "Ilze Ozola")
	plain := b.get(t, "/en/admin/courses/plain/runs/new")
	plain.has(t, `name="size" type="number" value="22"`, `<option value="en" selected>`, `name="threshold" type="number" value="80"`)
	plain.lacks(t, `value="officer@a.example"`)
	b.get(t, "/en/admin/courses/nothing/runs/new").want(t, 404, "")
}

func TestSecretariatMakesAnEdition(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/courses/ships/runs/new")
		// Its deadlines must be to come, whenever this runs.
		year := strconv.Itoa(s.Now(t).Year() + 1)
		made := b.post(t, "/en/admin/courses/ships/runs/new", "code", "SHIP-1", "starts", year+"-03-15", "ends", year+"-03-17",
			"place", "Tallinn", "country", "EE", "time_zone", "Europe/Tallinn", "language", "en", "size", "16", "quota-LV", "2", "quota-EE", "",
			"quota-FI", "0", "releases", year+"-02-15", "opens", year+"-01-10T09:00", "closes", year+"-03-01T12:00", "withdraw_until", year+"-03-08T18:00", "threshold", "75",
			"approval", "yes", "instructors", "teacher@example.org", "instructors", "other@example.org")
		if made.header.Get("Location") != "/en/runs/SHIP-1" {
			t.Fatalf("%d\n%s", made.status, made.body)
		}
		b.follow(t, made).has(t, "The edition is created.", "Tallinn", "You can withdraw by yourself until 8 March "+year+" at 18:00 (Tallinn).")

		row := s.DB.Ent.Run.Query().Where(run.Code("SHIP-1")).WithInstructors().OnlyX(t.Context())
		at := func(text string) time.Time {
			v, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if want := at(year + "-01-10T09:00:00+02:00"); !row.OpensAt.Equal(want) {
			t.Errorf("opens %s, want %s", row.OpensAt, want)
		}
		if want := at(year + "-03-01T12:00:00+02:00"); !row.ClosesAt.Equal(want) {
			t.Errorf("closes %s, want %s", row.ClosesAt, want)
		}
		if want := at(year + "-03-08T18:00:00+02:00"); !row.WithdrawUntil.Equal(want) {
			t.Errorf("people withdraw until %s, want %s", row.WithdrawUntil, want)
		}
		if row.Threshold != 75 || !row.Approval || row.Discreet || len(row.Edges.Instructors) != 2 {
			t.Errorf("threshold %d, approval %v, discreet %v, %d instructors", row.Threshold, row.Approval, row.Discreet, len(row.Edges.Instructors))
		}
		pools := map[string]int{}
		for _, p := range row.QueryPools().AllX(t.Context()) {
			pools[p.Country] = p.Size
		}
		if diff := cmp.Diff(map[string]int{"": 14, "LV": 2}, pools); diff != "" {
			t.Error(diff)
		}
		quota := row.QueryPools().Where(seatpool.Country("LV")).OnlyX(t.Context())
		if want := at(year + "-02-15T00:00:00+02:00"); !quota.ReleasesAt.Equal(want) {
			t.Errorf("the quota is released %s, want %s", quota.ReleasesAt, want)
		}
	})
}

func TestWhatIsWrongWithAnEditionStandsAtItsField(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b := f.as(t, f.admin)
	b.get(t, "/en/admin/courses/ships/runs/new")
	good := map[string]string{"code": "SHIP-1", "starts": "2027-03-15", "ends": "2027-03-17", "place": "Tallinn", "country": "EE",
		"time_zone": "Europe/Tallinn", "language": "en", "size": "16", "threshold": "80"}
	for _, tt := range []struct{ field, value, at, says string }{
		{"code", "no spaces", "code", "Use letters, digits"},
		{"code", "R1", "code", "already in use"},
		{"code", "", "code", "must be filled in"},
		{"size", "", "size", "must be filled in"},
		{"starts", "", "starts", "must be filled in"},
		{"starts", "15.3.2027", "starts", "Enter a date such as"},
		{"ends", "2027-03-14", "ends", "before the first day"},
		{"place", "", "place", "must be filled in"},
		{"country", "", "country", "must be filled in"},
		{"time_zone", "", "time_zone", "must be filled in"},
		{"time_zone", "Baltic", "time_zone", "is not a time zone"},
		{"language", "", "language", "must be filled in"},
		{"size", "many", "size", "Enter a number from 1 to 10,000."},
		{"size", "0", "size", "Enter a number from 1 to 10,000."},
		{"threshold", "101", "threshold", "Enter a number from 0 to 100."},
		{"threshold", "half", "threshold", "Enter a number from 0 to 100."},
		{"opens", "soon", "opens", "Enter a day and a time."},
		{"closes", "2027-04-01T12:00", "closes", "after the last day"},
		{"withdraw_until", "later", "withdraw_until", "Enter a day and a time."},
		{"withdraw_until", "2027-04-01T12:00", "withdraw_until", "after the last day"},
		{"quota-LV", "two", "quota-LV", "Enter a number from 1 to 10,000."},
		{"quota-LV", "17", "quotas", "are more than all 16 seats"},
		{"instructors", "officer@a.example", "instructors", "is an instructor"},
	} {
		fields := []string{}
		for name, value := range good {
			if name != tt.field {
				fields = append(fields, name, value)
			}
		}
		a := b.post(t, "/en/admin/courses/ships/runs/new", append(fields, tt.field, tt.value)...)
		if a.status != 422 {
			t.Errorf("%s %q: %d", tt.field, tt.value, a.status)
			continue
		}
		a.has(t, `<title>Error: `, `href="#`+tt.at+`"`, `id="`+tt.at+`"`, tt.says, "1 answer needs your attention")
		if tt.field != "instructors" && tt.field != "place" {
			a.has(t, `value="Tallinn"`)
		}
		if tt.value != "" && tt.field != "instructors" {
			a.has(t, `value="`+tt.value+`"`)
		}
	}
	release := b.post(t, "/en/admin/courses/ships/runs/new", "code", "SHIP-1", "starts", "2027-03-15", "ends", "2027-03-17", "place", "Tallinn",
		"country", "EE", "time_zone", "Europe/Tallinn", "language", "en", "size", "16", "quota-LV", "2", "quota-EE", "2", "releases", "2027-03-16")
	release.want(t, 422, "")
	release.has(t, "1 answer needs your attention", `href="#releases"`, "must lie between")
	noDay := b.post(t, "/en/admin/courses/ships/runs/new", "code", "SHIP-1", "starts", "2027-03-15", "ends", "2027-03-17", "place", "Tallinn",
		"country", "EE", "time_zone", "", "language", "en", "size", "16", "quota-LV", "2", "releases", "2027-02-15")
	noDay.has(t, "1 answer needs your attention", `href="#time_zone"`) // the day itself is right
	noDay.lacks(t, `href="#releases"`)
	if n := s.DB.Ent.Run.Query().CountX(t.Context()); n != 1 {
		t.Errorf("%d editions, want the one before", n)
	}
}
