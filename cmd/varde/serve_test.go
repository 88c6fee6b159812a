package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// server is a varde serve under way.
type server struct {
	url       string
	out, errs output
	cancel    context.CancelFunc
	ended     chan int
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start runs varde serve until it answers.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	addr := freeAddress(t)
	s := &server{url: "http://" + addr, ended: make(chan int, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	go func() {
		s.ended <- run(ctx, append([]string{"serve", "--addr", addr}, args...), strings.NewReader(""), &s.out, &s.errs)
	}()
	t.Cleanup(func() { s.stop(t) })
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get(s.url + "/healthz")
		if err == nil {
			response.Body.Close()
			return s
		}
		select {
		case code := <-s.ended:
			s.ended <- code
			t.Fatalf("ended at once: exit %d, %q", code, s.errs.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("does not answer: %v; %q", err, s.errs.String())
		}
	}
}

// stop stops the server and gives its exit code.
func (s *server) stop(t *testing.T) int {
	t.Helper()
	s.cancel()
	select {
	case code := <-s.ended:
		s.ended <- code
		return code
	case <-time.After(30 * time.Second):
		t.Error("it does not stop")
		return -1
	}
}

func (s *server) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := http.Get(s.url + path)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(body)
}

func TestServeAnswersAndStopsCleanly(t *testing.T) {
	install(t)
	for range 2 { // what was stopped can be started again
		s := start(t)
		if status, body := s.get(t, "/healthz"); status != http.StatusOK || body == "" {
			t.Errorf("/healthz: %d %q", status, body)
		}
		status, body := s.get(t, "/readyz")
		var ready map[string]string
		must(t, json.Unmarshal([]byte(body), &ready))
		if diff := cmp.Diff(map[string]string{"database": "ok", "redis": "ok"}, ready); status != http.StatusOK || diff != "" {
			t.Errorf("/readyz: %d %s", status, diff)
		}
		if status, body := s.get(t, "/lv/courses"); status != http.StatusOK || !strings.Contains(body, `lang="lv"`) {
			t.Errorf("/lv/courses: %d", status)
		}
		// A browser keeps its connection open; that must not keep the server up.
		began := time.Now()
		if code := s.stop(t); code != exitDone {
			t.Errorf("exit %d, %q", code, s.errs.String())
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if want := "Varde serves at " + s.url + "\n"; s.out.String() != want {
			t.Errorf("printed %q, want %q", s.out.String(), want)
		}
		if log := s.errs.String(); strings.Contains(log, `"ERROR"`) || strings.Contains(log, "varde: ") {
			t.Errorf("told %s", log)
		}
		if _, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Second); err == nil {
			t.Error("it still listens")
		}
	}
}

func TestASecondServerOnTheSameFileRefuses(t *testing.T) {
	install(t)
	first := start(t)
	refused(t, exitNo, "", []string{"serve", "--addr", freeAddress(t)}, "another varde serves from this database file")
	// The other commands work beside a server.
	done(t, "", "user", "add", "--email", "anna@vugd.example", "--name", "Anna", "--locale", "sv")
	link := strings.TrimSpace(done(t, "", "user", "link", "--email", "anna@vugd.example"))
	if status, _ := first.get(t, link[strings.Index(link, "/sv/"):]); status != http.StatusOK {
		t.Errorf("the link leads to %d", status)
	}
	if status, _ := first.get(t, "/readyz"); status != http.StatusOK {
		t.Errorf("the first server: %d", status)
	}
}

func TestAnAddressThatIsTakenIsToldPlainly(t *testing.T) {
	install(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	refused(t, exitNo, "", []string{"serve", "--addr", taken.Addr().String()}, taken.Addr().String(), "in use")
	refused(t, exitNo, "", []string{"serve", "--addr", "nowhere"}, "nowhere")
}

func TestServersOnPostgreSQLNeedTheSameSecret(t *testing.T) {
	folder := install(t)
	postgres, err := services.SharedPostgres()
	must(t, err)
	url, drop, err := postgres.NewDatabase(t.Context())
	must(t, err)
	t.Cleanup(drop)
	t.Setenv("VARDE_DATABASE_URL", url)
	refused(t, exitNo, "", []string{"serve"}, "varde keys")
	refused(t, exitNo, "", []string{"user", "link", "--email", "a@vugd.example"}, "varde keys")
	done(t, "", "migrate") // it needs none
	if _, err := os.Stat(filepath.Join(folder, "secret")); err == nil {
		t.Error("a secret was made without being asked for")
	}
	done(t, "", "keys")
	first, second := start(t), start(t)
	for _, s := range []*server{first, second} {
		if status, _ := s.get(t, "/readyz"); status != http.StatusOK {
			t.Errorf("/readyz: %d", status)
		}
	}
	t.Setenv("VARDE_SECRET_FILE", filepath.Join(folder, "other"))
	fingerprint := strings.Fields(done(t, "", "keys"))[1]
	refused(t, exitNo, "", []string{"serve", "--addr", freeAddress(t)}, filepath.Join(folder, "other"), "secret")
	r := call(t, "", "serve", "--addr", freeAddress(t))
	if strings.Contains(r.err, fingerprint) {
		t.Errorf("the known secret is called by the other's fingerprint: %q", r.err)
	}
	for _, s := range []*server{first, second} {
		if code := s.stop(t); code != exitDone {
			t.Errorf("exit %d, %q", code, s.errs.String())
		}
	}
}

func TestADamagedSecretIsRefused(t *testing.T) {
	folder := install(t)
	write(t, filepath.Join(folder, "secret"), "not a secret")
	refused(t, exitNo, "", []string{"serve"}, filepath.Join(folder, "secret"))
	refused(t, exitNo, "", []string{"keys"}, filepath.Join(folder, "secret"))
}

func TestRedisAwayIsToldAndStopsNothing(t *testing.T) {
	install(t)
	t.Setenv("VARDE_REDIS_URL", "redis://127.0.0.1:1")
	s := start(t)
	status, body := s.get(t, "/readyz")
	if status != http.StatusOK || !strings.Contains(body, `"redis":"away"`) {
		t.Errorf("/readyz: %d %q", status, body)
	}
	if status, _ := s.get(t, "/en/courses"); status != http.StatusOK {
		t.Errorf("/en/courses: %d", status)
	}
	if code := s.stop(t); code != exitDone {
		t.Errorf("exit %d, %q", code, s.errs.String())
	}
}

func TestAnAddressOfRedisThatCannotBeReadIsTold(t *testing.T) {
	install(t)
	t.Setenv("VARDE_REDIS_URL", "localhost:6379")
	refused(t, exitNo, "", []string{"serve"}, "redis://")
}
