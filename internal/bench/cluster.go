package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	data "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// backends is one PostgreSQL, which keeps what it promises (fsync on), and one
// Redis.
type backends struct {
	postgres, redis *services.Server
	clusters        int // started so far
	stops           []func() error
}

func startBackends(ctx context.Context) (*backends, error) {
	b := &backends{}
	var err error
	if b.postgres, err = services.Postgres(ctx, "max_connections=200"); err != nil {
		return b, err
	}
	b.stops = append(b.stops, func() error { b.postgres.Stop(); return nil })
	if b.redis, err = services.Redis(ctx); err != nil {
		return b, err
	}
	b.stops = append(b.stops, func() error { b.redis.Stop(); return nil })
	return b, nil
}

func (b *backends) stop() error {
	var failed error
	for _, stop := range slices.Backward(b.stops) {
		failed = errors.Join(failed, stop())
	}
	return failed
}

// cluster is three servers on a database and a Redis database of their own.
type cluster struct {
	*backends
	redisURL string
	kv       *redis.Client
	apps     []*app.App
	bases    []string
	tokens   []string // of trainees
	course   string   // slug
	admin    training.Actor
	client   *fasthttp.Client
	pairs    atomic.Int64 // people and runs used up by enrolling in many runs
	ones     int          // runs used up by enrolling in one run
}

const (
	// trainees is how many people there are to take seats.
	trainees = 12_000
	// spread is over how many runs those are spread who take part in many.
	spread = 40
	// single is how many runs there are for all to take part in one.
	single = 10
)

// startCluster starts three servers; in their database are that many runs and
// enrolments more than are measured. They stop with the backends.
func startCluster(ctx context.Context, b *backends, rows int) (*cluster, error) {
	c := &cluster{backends: b, client: &fasthttp.Client{MaxConnsPerHost: 4096, ReadTimeout: 60 * time.Second}}
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return nil, err
	}
	b.stops = append(b.stops, func() error { return os.RemoveAll(folder) })
	database, _, err := b.postgres.NewDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.openRedis(); err != nil {
		return nil, err
	}
	secret := filepath.Join(folder, "secret")
	if _, err := config.Secret(secret, true); err != nil {
		return nil, err
	}
	if _, err := app.MakeIssuer(config.Settings{SecretFile: secret}, nil); err != nil {
		return nil, err
	}
	for range 3 {
		if err := c.addServer(ctx, map[string]string{"VARDE_DATABASE_URL": database, "VARDE_REDIS_URL": c.redisURL,
			"VARDE_SECRET_FILE": secret, "VARDE_API_LIMIT": "100000000"}); err != nil {
			return nil, err
		}
	}
	if err := c.fill(ctx); err != nil {
		return nil, err
	}
	return c, c.grow(ctx, rows)
}

// openRedis gives each cluster its own database in Redis: the runs of two have
// the same numbers.
func (c *cluster) openRedis() error {
	options, err := redis.ParseURL(c.redis.URL)
	if err != nil {
		return fmt.Errorf("address of Redis: %w", err)
	}
	options.DB = c.clusters
	c.redisURL = strings.TrimSuffix(c.redis.URL, "/0") + fmt.Sprintf("/%d", c.clusters)
	c.clusters++
	c.kv = redis.NewClient(options)
	c.stops = append(c.stops, c.kv.Close)
	return nil
}

func (c *cluster) addServer(ctx context.Context, env map[string]string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env["VARDE_ADDR"] = listener.Addr().String()
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, settings, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(a.Serve(serving, listener, "bench"), a.Close()) }()
	c.stops = append(c.stops, func() error { cancel(); return <-ended })
	c.apps, c.bases = append(c.apps, a), append(c.bases, settings.BaseURL)
	return nil
}

// fill makes the people, and the runs that are measured.
func (c *cluster) fill(ctx context.Context) error {
	a := c.apps[0]
	if _, err := a.Catalogue.ImportTrusted(ctx, bytes.NewReader(data.Courses)); err != nil {
		return err
	}
	found, err := a.Catalogue.Find(ctx, catalogue.Query{PerPage: 1, Lang: "en"})
	if err != nil {
		return err
	}
	c.course = found.Courses[0].Slug
	users := []people.NewUser{{Email: "admin@bench.example", Name: "Admin", Role: training.RoleAdmin}}
	emails := make([]string, trainees)
	for i := range trainees {
		emails[i] = fmt.Sprintf("p%d@bench.example", i)
		users = append(users, people.NewUser{Email: emails[i], Name: fmt.Sprintf("Person %d", i), Role: training.RoleTrainee, Country: "LV", Agency: "lv-bench"})
	}
	for part := range slices.Chunk(users, 4000) {
		if err := a.People.AddUsers(ctx, part); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(emails, 4000) {
		tokens, err := a.People.IssueTokens(ctx, part, 1)
		if err != nil {
			return err
		}
		c.tokens = append(c.tokens, tokens...)
	}
	token, err := a.People.IssueToken(ctx, "admin@bench.example", 1)
	if err != nil {
		return err
	}
	account, err := a.People.ByToken(ctx, token)
	if err != nil {
		return err
	}
	c.admin = account.Actor()
	return c.newRuns(ctx)
}

func (c *cluster) newRuns(ctx context.Context) error {
	sizes := map[string]int{"RUSH": rushSeats, "SOLD": 1}
	for i := range spread {
		sizes[fmt.Sprintf("HOLDS-%d", i)] = training.MaxSeats
		sizes[fmt.Sprintf("MANY-%d", i)] = training.MaxSeats
	}
	for i := range single {
		sizes[fmt.Sprintf("ONE-%d", i)] = training.MaxSeats
	}
	day := training.DateOf(time.Now()).AddDays(60)
	for code, size := range sizes {
		_, err := c.apps[0].Catalogue.CreateRun(ctx, c.admin, c.course, catalogue.NewRun{Code: code, Starts: day.String(),
			Ends: day.AddDays(4).String(), TimeZone: "Europe/Riga", Place: "Riga", Country: "LV", Language: "en", Size: size})
		if err != nil {
			return err
		}
	}
	return nil
}

// post asks one of the servers as one of the people.
func (c *cluster) post(person, server int, path string, body any) (int, map[string]any, error) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI(c.bases[server%len(c.bases)] + "/api/v1" + path)
	request.Header.SetMethod(fasthttp.MethodPost)
	request.Header.Set("Authorization", "Bearer "+c.tokens[person])
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		request.SetBody(text)
	}
	if err := c.client.Do(request, response); err != nil {
		return 0, nil, fmt.Errorf("post %s: %w", path, err)
	}
	var answer map[string]any
	if err := json.Unmarshal(response.Body(), &answer); err != nil {
		return 0, nil, fmt.Errorf("post %s: %d %s", path, response.StatusCode(), response.Body())
	}
	return response.StatusCode(), answer, nil
}

// enrol holds a seat and confirms it, as a page does.
func (c *cluster) enrol(person, server int, run string) (int, error) {
	status, held, err := c.post(person, server, "/runs/"+run+"/holds", nil)
	if err != nil || status >= 400 {
		return status, err
	}
	status, _, err = c.post(person, server+1, "/runs/"+run+"/enrolments", map[string]any{"hold": held["hold"]})
	return status, err
}
