package cluster

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/apitoken"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit/services"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin starts a cluster on a PostgreSQL and a Redis of the test run.
func begin(t *testing.T, servers int, links bool) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), Options{Servers: servers, Links: links,
		DatabaseURL: database(t, services.SharedPostgres), RedisURL: database(t, services.SharedRedis)})
	must(t, err)
	t.Cleanup(c.Stop)
	return c
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

func TestAServerIsKilledAndStartedAgainAtItsAddress(t *testing.T) {
	c := begin(t, 2, false)
	first := c.Servers[0]
	first.Kill()
	if _, err := first.Readiness(t.Context()); err == nil {
		t.Error("the killed server answers")
	}
	if !first.Ended() {
		t.Error("the killed server is said to run")
	}
	if _, err := c.Servers[1].Readiness(t.Context()); err != nil {
		t.Errorf("the other server: %v", err)
	}
	must(t, first.Start())
	must(t, first.AwaitReady(t.Context()))
	if state, err := first.Readiness(t.Context()); err != nil || state["redis"] != "ok" {
		t.Errorf("started again it says %v (%v)", state, err)
	}
	must(t, c.Audit(t.Context()))
	for _, s := range c.Servers {
		all, err := s.Log(func(string) bool { return true })
		if err != nil || len(all) == 0 || !strings.Contains(all[0], s.URL) {
			t.Errorf("log: %q (%v)", all, err)
		}
		for what, match := range map[string]func(string) bool{"panic": Panicked, "failure": Failed} {
			if lines, err := s.Log(match); err != nil || len(lines) > 0 {
				t.Errorf("a %s is noted: %q (%v)", what, lines, err)
			}
		}
	}
}

func TestWhatIsWrongIsFoundInALog(t *testing.T) {
	tests := []struct {
		line             string
		panicked, failed bool
	}{
		{`{"level":"ERROR","msg":"panic","path":"/en/","cause":"nil map","stack":"…"}`, true, true},
		{"panic: runtime error: index out of range [3] with length 3", true, false},
		{"fatal error: concurrent map writes", true, false},
		{`{"level":"ERROR","msg":"request","method":"POST","path":"/api/v1/runs/A/holds","error":"raise the seat version: EOF"}`, false, true},
		{`{"level":"ERROR","msg":"request","method":"POST","path":"/api/v1/runs/A/holds","error":"unavailable (fault.holds_away): EOF"}`, false, false},
		{`{"level":"WARN","msg":"seat figures not told to Redis"}`, false, false},
		{"Varde serves at http://127.0.0.1:8080", false, false},
	}
	for _, tt := range tests {
		if Panicked(tt.line) != tt.panicked || Failed(tt.line) != tt.failed {
			t.Errorf("%s: panicked %v, failed %v", tt.line, Panicked(tt.line), Failed(tt.line))
		}
	}
}

func TestPeopleGetTokensThatEveryServerKnows(t *testing.T) {
	c := begin(t, 2, false)
	people := []Person{{Email: "a@varde.example", Role: "admin"}, {Email: "b@varde.example", Role: "trainee", Country: "LV"}}
	must(t, c.AddPeople(t.Context(), people))
	client := NewClient(2, time.Minute)
	for _, p := range people {
		for _, s := range c.Servers {
			answer, err := client.Do(t.Context(), s, Request{Method: "GET", Path: "/me/enrolments", Token: p.Token})
			must(t, err)
			var list struct{ Total int }
			if must(t, answer.Into(&list)); answer.Status != 200 || list.Total != 0 {
				t.Errorf("%s: %d %s", p.Email, answer.Status, answer.Body)
			}
		}
	}
	answer, err := client.Do(t.Context(), c.Servers[0], Request{Method: "GET", Path: "/me/enrolments", Token: "vrd_forged"})
	if err != nil || answer.Status != 401 || answer.Code != "unauthenticated" {
		t.Errorf("a forged token: %+v (%v)", answer, err)
	}
	if err := c.AddPeople(t.Context(), people[:1]); err == nil || !strings.Contains(err.Error(), "email") {
		t.Errorf("adding somebody twice: %v", err)
	}
}

func TestALinkIsSpoiledAndHealed(t *testing.T) {
	c := begin(t, 1, true)
	s := c.Servers[0]
	redis := func() string {
		state, err := s.Readiness(t.Context())
		must(t, err)
		return state["redis"]
	}
	for what, spoil := range map[string]func() error{
		"cut":    func() error { return s.Redis.Cut(0) },
		"silent": s.Redis.Silence,
	} {
		must(t, spoil())
		if got := redis(); got != "away" {
			t.Errorf("with its link %s Redis is %s", what, got)
		}
		s.Redis.Heal()
		// A server that found Redis away asks again after a while only.
		for end := time.Now().Add(patience); redis() != "ok"; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("with its link healed Redis is away")
			}
		}
	}
	const late = 300 * time.Millisecond
	must(t, s.Database.Slow(late, 0))
	began := time.Now()
	_, err := s.Readiness(t.Context())
	must(t, err)
	if took := time.Since(began); took < late {
		t.Errorf("the slow database answered after %v", took)
	}
	s.Database.Heal()
	must(t, s.Database.Cut(0))
	if state, err := s.Readiness(t.Context()); err == nil {
		t.Errorf("with its database cut off it is ready: %v", state)
	}
	s.Database.Heal()
	must(t, s.AwaitReady(t.Context()))
}

func TestTheClockOfABuildForProofsCanBeMoved(t *testing.T) {
	c := begin(t, 0, false)
	must(t, c.AddPeople(t.Context(), []Person{{Email: "a@varde.example", Role: "admin"}}))
	issue := func() error {
		_, err := c.Command(t.Context(), "", "token", "issue", "--email", "a@varde.example")
		return err
	}
	const ahead = 30 * time.Hour
	must(t, c.MoveClock(ahead))
	must(t, issue())
	must(t, c.MoveClock(0))
	must(t, issue())
	db, err := store.Open(t.Context(), c.env["VARDE_DATABASE_URL"])
	must(t, err)
	defer db.Close()
	now, err := db.Now(t.Context())
	must(t, err)
	var hours []float64
	for _, row := range db.Ent.APIToken.Query().Order(ent.Asc(apitoken.FieldID)).AllX(t.Context()) {
		hours = append(hours, row.CreatedAt.Sub(now).Round(time.Hour).Hours())
	}
	if diff := cmp.Diff([]float64{0, ahead.Hours(), 0}, hours); diff != "" {
		t.Errorf("hours at which tokens were issued: %s", diff)
	}
	must(t, os.WriteFile(c.env[clockFile], []byte("noon"), 0o600))
	if err := issue(); err == nil || !strings.Contains(err.Error(), "noon") {
		t.Errorf("a clock that cannot be read: %v", err)
	}
}

// What is given away must not even know the variable.
func TestAReleaseDoesNotKnowTheClock(t *testing.T) {
	folder := t.TempDir()
	release := filepath.Join(folder, "varde")
	must(t, build(t.Context(), release))
	proof, err := Program()
	must(t, err)
	got := map[string]bool{}
	for what, path := range map[string]string{"release": release, "proof": proof} {
		program, err := os.ReadFile(path)
		must(t, err)
		got[what] = bytes.Contains(program, []byte(clockFile))
	}
	if diff := cmp.Diff(map[string]bool{"release": false, "proof": true}, got); diff != "" {
		t.Errorf("who knows %s: %s", clockFile, diff)
	}
	settings := map[string]string{"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"),
		"VARDE_SECRET_FILE": filepath.Join(folder, "secret"), clockFile: filepath.Join(folder, "there is no such file")}
	for path, refuses := range map[string]bool{release: false, proof: true} {
		_, err := run(t.Context(), path, settings, "", "user", "add", "--email", filepath.Base(path)+"@varde.example")
		if (err != nil) != refuses {
			t.Errorf("%s with a clock that is not there: %v", path, err)
		}
	}
}
