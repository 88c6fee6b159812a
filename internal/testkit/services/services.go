// Package services starts the private PostgreSQL and Redis that tests run against, and finds the other programs they
// need. It owns the life of those servers and of their folders, which end with the process that asked for them however
// that process ends; it knows nothing of Varde's tables, keys or settings.
//
// A whole test run shares one PostgreSQL and one Redis: the command with-services starts them and names them in
// PostgresURLVariable and RedisURLVariable. Where these are not set, as in a plain `go test ./internal/hold`, each test
// binary starts its own when a test first asks SharedPostgres or SharedRedis for it. Nothing has to be stopped in
// TestMain.
package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// The environment variables that name the servers of a whole test run. They are meant to be set by with-services alone:
// NewDatabase relies on servers that this package has set up.
const (
	PostgresURLVariable = "VARDE_TEST_POSTGRES_URL"
	RedisURLVariable    = "VARDE_TEST_REDIS_URL"
)

// startLimit is generous because several test binaries may be compiling on the same few cores.
const startLimit = 90 * time.Second

// Server is one running server. Its methods other than NewDatabase are not for concurrent use.
type Server struct {
	// URL is postgres://… or redis://… with the password, and stays the same over Crash and Restart.
	URL string

	engine engine
	port   int
	ward   *ward // nil for a server of with-services, which is not ours to end
}

// engine is what differs between the kinds of server.
type engine interface {
	// prepare fills the empty folder with what the server needs to start.
	prepare(ctx context.Context, folder string) error
	command(folder string, port int) *exec.Cmd
	url(port int) string
	// ping fails unless it is this very server that answers, and not a stranger on the same port.
	ping(ctx context.Context, url string) error
	newDatabase(ctx context.Context, url string) (string, func(), error)
	// endSignal, such as "QUIT", ends the server without delay, losing nothing it has promised to keep.
	endSignal() string
}

// NewDatabase makes an empty database for one test. It gives its URL and what removes it again, whoever is still
// connected; what cannot be removed goes with the server. It is safe for concurrent use, by other processes too.
func (s *Server) NewDatabase(ctx context.Context) (string, func(), error) {
	return s.engine.newDatabase(ctx, s.URL)
}

// Stop ends the server and removes its folder; a second call does nothing. On a shared server that with-services
// started it does nothing either.
func (s *Server) Stop() {
	if s.ward != nil {
		s.ward.close()
	}
}

// Crash ends the server as the loss of its machine would, keeping its address: Redis forgets everything, PostgreSQL
// keeps what was committed. It must not be used on a shared server.
func (s *Server) Crash() {
	s.ward.kill(s.engine.endSignal())
}

// Restart brings a crashed server back at the same URL. Redis has then forgotten also which databases were taken.
func (s *Server) Restart(ctx context.Context) error {
	return s.launch(ctx)
}

// SharedPostgres is the PostgreSQL of the test run, or of this process where there is none. It is set to Fast. Tests
// take a database of their own from it and never stop it.
func SharedPostgres() (*Server, error) { return sharedPostgres() }

// SharedRedis is the Redis of the test run, or of this process where there is none. Tests take a database of their own
// from it, never stop it and never send it FLUSHALL.
func SharedRedis() (*Server, error) { return sharedRedis() }

var (
	sharedPostgres = sync.OnceValues(newSharedPostgres)
	sharedRedis    = sync.OnceValues(newSharedRedis)
)

func newSharedPostgres() (*Server, error) {
	if url := os.Getenv(PostgresURLVariable); url != "" {
		return &Server{URL: url, engine: &postgres{}}, nil
	}
	return Postgres(context.Background(), Fast...)
}

func newSharedRedis() (*Server, error) {
	if url := os.Getenv(RedisURLVariable); url != "" {
		return &Server{URL: url, engine: &redisServer{}}, nil
	}
	return Redis(context.Background())
}

// Chromium gives the path of a browser that chromedp can drive.
func Chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", missing("chromium")
}

// Tool gives the path of a program that tests check Varde's files with, such as qpdf, pdfsig or zbarimg.
func Tool(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", missing(name)
	}
	return path, nil
}

func missing(program string) error {
	return fmt.Errorf("%s is not on this machine: run make test, which installs what is missing", program)
}
