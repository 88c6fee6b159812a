package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAPIFromHoldToCertificate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		admin := site.token(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}))
		teacher := site.token(t, s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor}))
		officer := site.token(t, s.Person(t, testkit.P{Email: "officer@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}))
		trainee := site.token(t, s.Person(t, testkit.P{Email: "t@example.org", Name: "Jānis Bērziņš-Ķēniņš", Country: "LV", Agency: "lv-a", Confirmed: true, Locale: "lv"}))
		s.Course(t, "umi")
		today := training.DateOf(s.Now(t))
		run := fmt.Sprintf(`{"code":"UMI-1","starts":%q,"ends":%q,"time_zone":"Europe/Riga","place":"Rīga","country":"LV",
			"language":"en","size":2,"quotas":[{"country":"LV","size":1}],"instructors":["teacher@example.org"],
			"closes":%q,"half_days":[{"half_day":"%s/am","from":"09:00","to":"12:00"}]}`,
			today, today.AddDays(2), today.AddDays(2).String()+"T00:00:00+02:00", today)
		site.call(t, trainee, "POST", "/courses/umi/runs", run).want(t, 403, "forbidden")
		site.call(t, admin, "POST", "/courses/umi/runs", run).want(t, 201, "")
		site.call(t, admin, "POST", "/courses/umi/runs", run).want(t, 422, "invalid")

		held := site.call(t, trainee, "POST", "/runs/UMI-1/holds", "")
		held.want(t, 201, "")
		site.call(t, trainee, "POST", "/runs/UMI-1/holds", "").want(t, 200, "")
		whole := site.call(t, "", "GET", "/runs/UMI-1", "").json(t)
		if seats := whole["seats"].(map[string]any); seats["held"] != 1.0 || seats["free"] != 1.0 || seats["size"] != 2.0 {
			t.Errorf("seats %v", seats)
		}
		form := fmt.Sprintf(`{"hold":%q}`, held.json(t)["hold"])
		made := site.call(t, trainee, "POST", "/runs/UMI-1/enrolments", form)
		made.want(t, 201, "")
		id := made.json(t)["id"].(string)
		again := site.call(t, trainee, "POST", "/runs/UMI-1/enrolments", form)
		if again.status != 201 || again.json(t)["id"] != id {
			t.Errorf("the same hold again: %d %s", again.status, again.body)
		}
		site.call(t, trainee, "POST", "/runs/UMI-1/enrolments", "{}").want(t, 409, "already_enrolled")

		site.call(t, teacher, "GET", "/runs/UMI-1/roster", "").want(t, 200, "")
		mark := fmt.Sprintf(`{"presence":[{"half_day":"%s/am","present":true}]}`, today)
		site.call(t, teacher, "PUT", "/runs/UMI-1/roster/"+id, mark).want(t, 200, "")
		site.call(t, teacher, "POST", "/runs/UMI-1/close", "").want(t, 200, "")
		site.call(t, teacher, "POST", "/runs/UMI-1/close", "").want(t, 200, "")
		site.work(t)
		closed := site.call(t, "", "GET", "/runs/UMI-1", "").json(t)["certificates"].(map[string]any)
		if closed["due"] != 1.0 || closed["issued"] != 1.0 {
			t.Errorf("certificates %v", closed)
		}

		mine := site.call(t, trainee, "GET", "/me/certificates", "").json(t)["items"].([]any)
		number := mine[0].(map[string]any)["number"].(string)
		public := site.call(t, "", "GET", "/certificates/"+number, "").json(t)
		if public["state"] != "valid" || public["holder"] != "Jānis Bērziņš-Ķēniņš" || len(public) != 12 {
			t.Errorf("public %v", public)
		}
		list := site.call(t, officer, "GET", "/agencies/lv-a/certificates", "").json(t)
		if list["total"] != 1.0 {
			t.Errorf("the agency's list %v", list)
		}
		pdf := site.call(t, officer, "GET", "/certificates/"+number+".pdf", "")
		if pdf.status != 200 || !strings.HasPrefix(pdf.body, "%PDF") {
			t.Errorf("the agency's file: %d", pdf.status)
		}
		site.call(t, "", "GET", "/certificates/"+number+".pdf", "").want(t, 401, "unauthenticated")
		site.call(t, "", "GET", "/certificates/NOSUCHNUMBER", "").want(t, 404, "not_found")
	})
}

// work does what the outbox has to do.
func (s *site) work(t *testing.T) {
	t.Helper()
	for {
		n, err := s.app.Outbox.Drain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 5})
		s.Run(t, testkit.R{Code: "FULL", Size: 1})
		a := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		b := site.token(t, s.Person(t, testkit.P{Email: "b@example.org"}))
		answers := make([]answer, 6)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				answers[i] = site.call(t, a, "POST", "/runs/R1/enrolments", "{}", "Idempotency-Key", "k1")
			})
		}
		wg.Wait()
		for _, got := range answers {
			if got.status != 201 || got.body != answers[0].body {
				t.Errorf("%d %s, want the first answer", got.status, got.body)
			}
		}
		site.call(t, a, "POST", "/runs/R1/enrolments", `{"hold":"x"}`, "Idempotency-Key", "k1").want(t, 409, "conflict")
		site.call(t, b, "POST", "/runs/R1/enrolments", "{}", "Idempotency-Key", "k1").want(t, 201, "")
		site.call(t, b, "POST", "/runs/FULL/enrolments", "{}").want(t, 201, "")
		gone := site.call(t, a, "POST", "/runs/FULL/enrolments", "{}", "Idempotency-Key", "k2")
		gone.want(t, 409, "seat_gone")
		again := site.call(t, a, "POST", "/runs/FULL/enrolments", "{}", "Idempotency-Key", "k2")
		if again.status != 409 || again.body != gone.body || again.header.Get("Content-Type") != gone.header.Get("Content-Type") {
			t.Errorf("a final refusal is not replayed: %d %s", again.status, again.body)
		}
	})
}

func TestBadRequestsToTheAPI(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	token := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	admin := site.token(t, s.Person(t, testkit.P{Email: "adm@example.org", Role: training.RoleAdmin}))
	cases := []struct {
		name, token, method, path, body string
		status                          int
		code                            string
	}{
		{"no token", "", "POST", "/runs/R1/holds", "", 401, "unauthenticated"},
		{"a wrong token", "vrd_nonsense", "GET", "/courses", "", 401, "unauthenticated"},
		{"broken JSON", token, "POST", "/runs/R1/enrolments", `{"hold":`, 400, "invalid"},
		{"broken JSON where none is needed", token, "POST", "/runs/R1/holds", `{x`, 400, "invalid"},
		{"two documents", token, "POST", "/runs/R1/enrolments", `{}{}`, 400, "invalid"},
		{"a field of the wrong type", token, "POST", "/runs/R1/enrolments", `{"hold":5}`, 422, "invalid"},
		{"a list for an object", token, "POST", "/runs/R1/enrolments", `[]`, 400, "invalid"},
		{"a forged hold", token, "POST", "/runs/R1/enrolments", `{"hold":"abc"}`, 404, "not_found"},
		{"an unknown run", token, "POST", "/runs/NONE/holds", "", 404, "not_found"},
		{"an unknown path", token, "GET", "/nothing", "", 404, "not_found"},
		{"a method there is not", token, "PATCH", "/runs/R1", "", 405, "method_not_allowed"},
		{"an administrator takes no seat", admin, "POST", "/runs/R1/holds", "", 403, "forbidden"},
		{"a language that Varde does not speak", "", "GET", "/courses?lang=xx", "", 422, "invalid"},
		{"a large body", token, "POST", "/runs/R1/enrolments", `{"hold":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "too_large"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := site.call(t, c.token, c.method, c.path, c.body)
			got.want(t, c.status, c.code)
			if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("Content-Type %s", kind)
			}
		})
	}
}

func TestRedisAwayThroughTheAPI(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 1})
	a := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b := site.token(t, s.Person(t, testkit.P{Email: "b@example.org"}))
	held := site.call(t, a, "POST", "/runs/R1/holds", "").json(t)["hold"]
	if err := site.app.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	away := site.call(t, b, "POST", "/runs/R1/holds", "")
	away.want(t, 503, "unavailable")
	if away.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if seats := site.call(t, "", "GET", "/runs/R1", "").json(t)["seats"].(map[string]any); seats["held"] != nil {
		t.Errorf("held is %v while nobody knows", seats["held"])
	}
	if ready := site.do(t, newRequest(t, "GET", "/readyz")); ready.status != 200 || ready.json(t)["redis"] != "away" {
		t.Errorf("readyz %d %s", ready.status, ready.body)
	}
	site.call(t, a, "POST", "/runs/R1/enrolments", fmt.Sprintf(`{"hold":%q}`, held)).want(t, 201, "")
	site.call(t, b, "POST", "/runs/R1/enrolments", "{}").want(t, 409, "seat_gone")
}

func newRequest(t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
