package faults

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/testkit/services"
)

const (
	servers   = 3
	course    = "resilience"
	seats     = 24 // of each run, quotas included
	runsEach  = 4
	newcomers = seats + 6 // of each kind; more than there can be seats
	probers   = 60
	// answerLimit is above all that a server may take for an answer.
	answerLimit = 30 * time.Second
	// settleLimit is for what has to be in order soon after the weather.
	settleLimit = 15 * time.Second
	// limit is for everything else: it says no more than that it happens.
	limit = 90 * time.Second
)

// countries are those that quotas are kept for, and one more.
var countries = []string{"LV", "EE", "LT"}

// stage is three servers and the people who ask them. Scenarios follow each
// other on one stage, each with runs of its own.
type stage struct {
	cluster  *cluster.Cluster
	client   *cluster.Client
	db       *sql.DB // past all links
	postgres *services.Server
	admin    cluster.Person
	crowd    []cluster.Person
	fresh    map[string][]cluster.Person // newcomers by country
	probers  []cluster.Person
	probed   int
	scenes   int
}

// newStage starts the servers on a PostgreSQL of the test's own and the Redis
// at that address.
func newStage(t *testing.T, redisURL string, links bool) *stage {
	t.Helper()
	s := &stage{fresh: map[string][]cluster.Person{}, client: cluster.NewClient(form.people, answerLimit)}
	var err error
	s.postgres, err = services.Postgres(t.Context(), services.Fast...)
	must(t, err)
	t.Cleanup(s.postgres.Stop)
	url, _, err := s.postgres.NewDatabase(t.Context())
	must(t, err)
	s.db, err = sql.Open("pgx", url)
	must(t, err)
	t.Cleanup(func() { s.db.Close() })
	s.cluster, err = cluster.Start(t.Context(), cluster.Options{Servers: servers, DatabaseURL: url, RedisURL: redisURL,
		Links: links, Settings: map[string]string{
			"VARDE_API_LIMIT": "100000000",
			// Three seconds and some ten: holds end and offers lapse while people look.
			"VARDE_HOLD_MINUTES": "0.05", "VARDE_OFFER_HOURS": "0.003", "VARDE_OFFER_LATE_HOURS": "0.003",
		}})
	must(t, err)
	t.Cleanup(s.cluster.Stop)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.cluster.Logs())
		}
	})
	s.fill(t)
	return s
}

// fill makes the course and everybody.
func (s *stage) fill(t *testing.T) {
	t.Helper()
	_, err := s.cluster.Command(t.Context(), `[{"id": "`+course+`", "title": "Resilience"}]`, "import", "courses", "-")
	must(t, err)
	people := []cluster.Person{{Email: "admin@varde.example", Role: "admin"}}
	add := func(kind string, n int, country func(i int) string) {
		for i := range n {
			people = append(people, cluster.Person{Email: fmt.Sprintf("%s%d@varde.example", kind, i), Role: "trainee", Country: country(i)})
		}
	}
	add("person", form.people, func(i int) string { return append(countries, "")[i%(len(countries)+1)] })
	for _, country := range countries {
		add("new-"+strings.ToLower(country), newcomers, func(int) string { return country })
	}
	add("prober", probers, func(int) string { return "" })
	must(t, s.cluster.AddPeople(t.Context(), people))
	take := func(n int) []cluster.Person {
		some := people[:n]
		people = people[n:]
		return some
	}
	s.admin, s.crowd = take(1)[0], take(form.people)
	for _, country := range countries {
		s.fresh[country] = take(newcomers)
	}
	s.probers = take(probers)
}

// newRun makes a run with a quota for each of two states, which is released when
// told or, where that is empty, never while the proof lasts.
func (s *stage) newRun(t *testing.T, code string, size int, releases string) {
	t.Helper()
	day := time.Now().AddDate(0, 0, 60)
	quotas := []map[string]any{}
	for _, q := range []struct {
		country string
		size    int
	}{{"LV", size / 6}, {"EE", size / 8}} {
		quota := map[string]any{"country": q.country, "size": q.size}
		if releases != "" {
			quota["releases_at"] = releases
		}
		quotas = append(quotas, quota)
	}
	body := map[string]any{"code": code, "starts": day.Format(time.DateOnly), "ends": day.AddDate(0, 0, 4).Format(time.DateOnly),
		"time_zone": "Europe/Riga", "place": "Riga", "country": "LV", "language": "en", "size": size, "quotas": quotas}
	answer, err := s.client.Do(t.Context(), s.cluster.Servers[0], cluster.Request{Method: "POST", Path: "/courses/" + course + "/runs",
		Token: s.admin.Token, Body: body})
	must(t, err)
	if answer.Status != 201 {
		t.Fatalf("make run %s: %d %s", code, answer.Status, answer.Body)
	}
}

// rows are the enrolments of the runs whose codes begin like that.
func (s *stage) rows(t *testing.T, scene string) []row {
	t.Helper()
	found, err := s.db.QueryContext(t.Context(), `SELECT e.ref, p.email, r.code, e.status FROM enrolments e
		JOIN people p ON p.id = e.person_id JOIN runs r ON r.id = e.run_id WHERE starts_with(r.code, $1)`, scene+"-")
	must(t, err)
	defer found.Close()
	var rows []row
	for found.Next() {
		var r row
		must(t, found.Scan(&r.id, &r.person, &r.run, &r.status))
		rows = append(rows, r)
	}
	must(t, found.Err())
	return rows
}

// eventually tries until there is nothing wrong; what was wrong last is in the
// failure.
func eventually(t *testing.T, within time.Duration, what string, wrong func() error) {
	t.Helper()
	end := time.Now().Add(within)
	for {
		err := wrong()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: after %v still: %v", what, within, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// privateRedis is a single Redis of the test's own.
func privateRedis(t *testing.T) *services.Server {
	t.Helper()
	redis, err := services.Redis(t.Context())
	must(t, err)
	t.Cleanup(redis.Stop)
	return redis
}
