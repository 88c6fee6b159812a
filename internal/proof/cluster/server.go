package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// Server is one process of `varde serve`, at an address that it keeps over
// Kill and Start.
type Server struct {
	URL string // http://host:port
	// Database and Redis are what it reaches them through; nil without links.
	Database, Redis *Link

	process *services.Process
	env     map[string]string
}

// patience is how long a server may take to be ready: a crashed PostgreSQL
// recovers first, and the machine may be busy.
const patience = 60 * time.Second

func newServer(ctx context.Context, env map[string]string, links bool) (*Server, error) {
	process, err := services.NewProcess("varde-server-")
	if err != nil {
		return nil, err
	}
	s := &Server{process: process, env: maps.Clone(env)}
	if err := s.prepare(ctx, links); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *Server) prepare(ctx context.Context, links bool) error {
	port, err := services.FreePort(ctx)
	if err != nil {
		return err
	}
	s.env["VARDE_ADDR"] = fmt.Sprintf("127.0.0.1:%d", port)
	s.URL = "http://" + s.env["VARDE_ADDR"]
	if !links {
		return nil
	}
	if s.Database, err = s.linked(ctx, "VARDE_DATABASE_URL"); err != nil {
		return err
	}
	s.Redis, err = s.linked(ctx, "VARDE_REDIS_URL")
	return err
}

// linked puts a link into one of the server's settings.
func (s *Server) linked(ctx context.Context, setting string) (*Link, error) {
	link, err := newLink(ctx, s.env[setting])
	if err != nil {
		return nil, err
	}
	s.env[setting], err = behind(s.env[setting], link.Address)
	return link, err
}

// Start starts the process and does not wait for it; see AwaitReady.
func (s *Server) Start() error {
	program, err := Program()
	if err != nil {
		return err
	}
	cmd := exec.Command(program, "serve")
	cmd.Env = environ(s.env)
	return s.process.Start(cmd)
}

// Kill ends the process as kill -9 does.
func (s *Server) Kill() { s.process.Kill() }

// AwaitReady waits until /readyz says that the database answers.
func (s *Server) AwaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		_, err := s.Readiness(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.process.Exited():
			return fmt.Errorf("the server at %s has ended:\n%s", s.URL, s.process.LastWords())
		case <-ctx.Done():
			return fmt.Errorf("the server at %s is not ready: %w\n%s", s.URL, err, s.process.LastWords())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Readiness is what /readyz tells, such as "redis": "away". A server whose
// database is away is an error.
func (s *Server) Readiness(ctx context.Context) (map[string]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var state map[string]string
	if err := json.NewDecoder(response.Body).Decode(&state); err != nil {
		return nil, fmt.Errorf("read /readyz: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return state, fmt.Errorf("/readyz answers %d: %v", response.StatusCode, state)
	}
	return state, nil
}

// Ended reports whether the process has ended, other than by being started
// anew since.
func (s *Server) Ended() bool {
	select {
	case <-s.process.Exited():
		return true
	default:
		return false
	}
}

// Log gives the lines of the log that match.
func (s *Server) Log(match func(line string) bool) ([]string, error) {
	text, err := os.ReadFile(s.process.LogFile())
	if err != nil {
		return nil, fmt.Errorf("read the log of the server at %s: %w", s.URL, err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if match(line) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found, nil
}

// Panicked matches the lines that tell of a panic.
func Panicked(line string) bool {
	return strings.Contains(line, `"msg":"panic"`) || strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:")
}

// Failed matches the lines that tell of something that went wrong in the program
// itself.
func Failed(line string) bool {
	return strings.Contains(line, `"level":"ERROR"`) && !strings.Contains(line, `"error":"unavailable `)
}

func (s *Server) close() {
	s.process.Stop()
	for _, link := range []*Link{s.Database, s.Redis} {
		if link != nil {
			link.close()
		}
	}
}
