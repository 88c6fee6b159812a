package issuing

import (
	"database/sql"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/testkit/services"
)

const (
	holders = 40
	course  = "resilience"
	run     = "SHIP-1"
	// limit says no more than that it happens: the machine may be busy.
	limit = 2 * time.Minute
	// lease is longer than a killed server keeps its work from the others.
	lease = 3 * time.Minute
)

// stage is two servers and a run with people who have all earned a certificate.
type stage struct {
	cluster *cluster.Cluster
	client  *cluster.Client
	db      *sql.DB
	admin   cluster.Person
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func database(t *testing.T, get func() (*services.Server, error)) string {
	t.Helper()
	server, err := get()
	must(t, err)
	address, drop, err := server.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	return address
}

func newStage(t *testing.T) *stage {
	t.Helper()
	url := database(t, services.SharedPostgres)
	c, err := cluster.Start(t.Context(), cluster.Options{Servers: 2, DatabaseURL: url, RedisURL: database(t, services.SharedRedis),
		Settings: map[string]string{"VARDE_API_LIMIT": "1000000"}})
	must(t, err)
	t.Cleanup(c.Stop)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.Logs())
		}
	})
	s := &stage{cluster: c, client: cluster.NewClient(1, limit)}
	s.db, err = sql.Open("pgx", url)
	must(t, err)
	t.Cleanup(func() { s.db.Close() })
	return s
}

// ask has the first server do something and gives its answer.
func (s *stage) ask(t *testing.T, who cluster.Person, method, path string, body any) cluster.Answer {
	t.Helper()
	answer, err := s.client.Do(t.Context(), s.cluster.Servers[0], cluster.Request{Method: method, Path: path, Token: who.Token, Body: body})
	must(t, err)
	if answer.Status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, answer.Status, answer.Body)
	}
	return answer
}

// fill makes the run, which began today, and has everybody come to it.
func (s *stage) fill(t *testing.T) {
	t.Helper()
	_, err := s.cluster.Command(t.Context(), `[{"id": "`+course+`", "title": "Resilience"}]`, "import", "courses", "-")
	must(t, err)
	people := []cluster.Person{{Email: "admin@varde.example", Role: "admin"}}
	for i := range holders {
		people = append(people, cluster.Person{Email: fmt.Sprintf("person%d@varde.example", i), Role: "trainee", Country: "LV"})
	}
	must(t, s.cluster.AddPeople(t.Context(), people))
	s.admin = people[0]
	now := time.Now().UTC()
	today, tomorrow := now.Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly)
	s.ask(t, s.admin, "POST", "/courses/"+course+"/runs", map[string]any{
		"code": run, "starts": today, "ends": tomorrow, "closes": tomorrow + "T12:00:00Z", "time_zone": "UTC",
		"place": "Riga", "country": "LV", "language": "en", "size": holders,
		"half_days": []map[string]string{{"half_day": today + "/am", "from": "00:00", "to": "12:00"}},
	})
	for _, person := range people[1:] {
		var enrolment struct{ ID string }
		must(t, s.ask(t, person, "POST", "/runs/"+run+"/enrolments", map[string]any{}).Into(&enrolment))
		s.ask(t, s.admin, "PUT", "/runs/"+run+"/roster/"+enrolment.ID, map[string]any{
			"presence": []map[string]any{{"half_day": today + "/am", "present": true}}, "result": "completed",
		})
	}
}

func (s *stage) count(t *testing.T, query string) int {
	t.Helper()
	var n int
	must(t, s.db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// await waits until so many certificates are there, looking often enough to find a
// server in the middle of its work.
func (s *stage) await(t *testing.T, atLeast int) {
	t.Helper()
	for end := time.Now().Add(limit); s.count(t, "SELECT count(*) FROM certificates") < atLeast; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %v there are not %d certificates", limit, atLeast)
		}
	}
}

// powerCut ends all servers at once, and starts them again after so long that what
// they had begun is anybody's. It tells how many certificates there were meanwhile.
func (s *stage) powerCut(t *testing.T, away time.Duration) int {
	t.Helper()
	for _, server := range s.cluster.Servers {
		server.Kill()
	}
	n := s.count(t, "SELECT count(*) FROM certificates")
	must(t, s.cluster.MoveClock(away))
	for _, server := range s.cluster.Servers {
		must(t, server.Start())
	}
	return n
}

func TestServersKilledWhileTheyIssueGiveEachCertificateOnce(t *testing.T) {
	s := newStage(t)
	s.fill(t)
	s.ask(t, s.admin, "POST", "/runs/"+run+"/close", nil)
	issued := 0
	for cut := range 3 {
		s.await(t, issued+1)
		issued = s.powerCut(t, time.Duration(cut+1)*lease)
		t.Logf("cut off when %d of %d were issued", issued, holders)
		if issued == holders {
			t.Fatal("there was nothing left to do: this proves nothing")
		}
	}
	s.await(t, holders)
	for _, server := range s.cluster.Servers {
		must(t, server.AwaitReady(t.Context()))
	}
	// Asking once more gives nobody a second one.
	s.ask(t, s.admin, "POST", "/runs/"+run+"/certificates", nil)
	for end := time.Now().Add(limit); s.count(t, "SELECT count(*) FROM outbox_jobs WHERE kind = 'issue_certificates' AND done_at IS NULL") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the work of issuing does not end")
		}
	}
	for what, query := range map[string]string{
		"certificates":                "SELECT count(*) FROM certificates",
		"people with a certificate":   "SELECT count(DISTINCT person_id) FROM certificates WHERE replaced_by = '' AND revoked_at IS NULL",
		"mails that tell of one":      "SELECT count(*) FROM outbox_jobs WHERE dedupe_key LIKE '%certificate_issued:%'",
		"certificates told in a mail": "SELECT count(*) FROM certificates c WHERE EXISTS (SELECT 1 FROM outbox_jobs j WHERE j.dedupe_key LIKE '%certificate_issued:' || c.number)",
	} {
		if n := s.count(t, query); n != holders {
			t.Errorf("%s: %d, want %d", what, n, holders)
		}
	}
	s.holdsTogether(t)
}

// holdsTogether asks what an instructor and an operator would ask in the end.
func (s *stage) holdsTogether(t *testing.T) {
	t.Helper()
	type progress struct {
		Due, Issued int
		Stopped     []any
	}
	var shown struct{ Certificates progress }
	must(t, s.ask(t, s.admin, "GET", "/runs/"+run, nil).Into(&shown))
	if diff := cmp.Diff(progress{Due: holders, Issued: holders, Stopped: []any{}}, shown.Certificates); diff != "" {
		t.Error(diff)
	}
	must(t, s.cluster.Audit(t.Context()))
	for i, server := range s.cluster.Servers {
		for what, match := range map[string]func(string) bool{"panic": cluster.Panicked, "failure": cluster.Failed} {
			if lines, err := server.Log(match); err != nil || len(lines) > 0 {
				t.Errorf("server %d notes a %s: %q (%v)", i, what, lines, err)
			}
		}
	}
}
