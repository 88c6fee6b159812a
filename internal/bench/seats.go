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
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	data "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// cluster is three servers on one PostgreSQL, which keeps what it promises
// (fsync on), and one Redis.
type cluster struct {
	postgres, redis *services.Server
	apps            []*app.App
	bases           []string
	tokens          []string // of trainees
	course          string   // slug
	admin           training.Actor
	client          *fasthttp.Client
	stops           []func() error
}

// trainees is how many people there are to take seats.
const trainees = 12_000

func startCluster(ctx context.Context) (*cluster, error) {
	c := &cluster{client: &fasthttp.Client{MaxConnsPerHost: 4096, ReadTimeout: 60 * time.Second}}
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return nil, err
	}
	c.stops = append(c.stops, func() error { return os.RemoveAll(folder) })
	if c.postgres, err = services.Postgres(ctx); err != nil {
		return c, err
	}
	c.stops = append(c.stops, func() error { c.postgres.Stop(); return nil })
	if c.redis, err = services.Redis(ctx); err != nil {
		return c, err
	}
	c.stops = append(c.stops, func() error { c.redis.Stop(); return nil })
	database, _, err := c.postgres.NewDatabase(ctx)
	if err != nil {
		return c, err
	}
	secret := filepath.Join(folder, "secret")
	if _, err := config.Secret(secret, true); err != nil {
		return c, err
	}
	for range 3 {
		if err := c.addServer(ctx, map[string]string{"VARDE_DATABASE_URL": database, "VARDE_REDIS_URL": c.redis.URL,
			"VARDE_SECRET_FILE": secret, "VARDE_API_LIMIT": "100000000"}); err != nil {
			return c, err
		}
	}
	return c, c.fill(ctx)
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

func (c *cluster) stop() error {
	var failed error
	for _, stop := range slices.Backward(c.stops) {
		failed = errors.Join(failed, stop())
	}
	return failed
}

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
	c.admin = account.Actor()
	return err
}

// newRun makes a run with that many open seats.
func (c *cluster) newRun(ctx context.Context, code string, size int) error {
	day := training.DateOf(time.Now()).AddDays(60)
	_, err := c.apps[0].Catalogue.CreateRun(ctx, c.admin, c.course, catalogue.NewRun{Code: code, Starts: day.String(),
		Ends: day.AddDays(4).String(), TimeZone: "Europe/Riga", Place: "Riga", Country: "LV", Language: "en", Size: size})
	return err
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

// crowd is how many people want the same seats.
const crowd = 2000

// rush lets the crowd ask for 24 seats at one instant.
func rush(ctx context.Context, c *cluster) (string, error) {
	const seats = 24
	if err := c.newRun(ctx, "RUSH", seats); err != nil {
		return "", err
	}
	times := make([]time.Duration, crowd)
	var given atomic.Int64
	var failed atomic.Pointer[error]
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			<-start
			began := time.Now()
			status, err := c.enrol(i, i, "RUSH")
			times[i] = time.Since(began)
			if err != nil || status != 201 && status != 409 {
				err = fmt.Errorf("person %d: status %d, %w", i, status, err)
				failed.Store(&err)
			}
			if status == 201 {
				given.Add(1)
			}
		})
	}
	began := time.Now()
	close(start)
	wg.Wait()
	all := time.Since(began)
	if err := failed.Load(); err != nil {
		return "", *err
	}
	slices.Sort(times)
	if given.Load() != seats {
		return "", fmt.Errorf("the rush gave %d seats of %d", given.Load(), seats)
	}
	return fmt.Sprintf("**Rush:** %d people, %d seats, one instant, three servers: %d seats given, last answer after %.2f s, p50 %.2f s, p99 %.2f s.\n",
		crowd, seats, given.Load(), all.Seconds(), times[crowd/2].Seconds(), times[crowd*99/100].Seconds()), nil
}

// soldOut measures refusals against the page of one word.
func soldOut(ctx context.Context, c *cluster, rounds int, length time.Duration) (row, error) {
	if err := c.newRun(ctx, "SOLD", 1); err != nil {
		return row{}, err
	}
	if status, err := c.enrol(0, 0, "SOLD"); err != nil || status != 201 {
		return row{}, fmt.Errorf("fill the run: %d, %w", status, err)
	}
	word, stop, err := serveWord()
	if err != nil {
		return row{}, err
	}
	defer stop()
	var next atomic.Int64
	refuse := func(context.Context) error {
		n := int(next.Add(1))
		status, _, err := c.post(1+n%(crowd-1), n, "/runs/SOLD/holds", nil)
		if err == nil && status != 409 {
			err = fmt.Errorf("a sold out run answered %d", status)
		}
		return err
	}
	r, err := compare(ctx, rounds, length, refuse, getter(word, "Varde", 1))
	r.what, r.against, r.wanted = "refusals of a sold-out run", "Fiber page of one word", 0.25
	return r, err
}

// steady measures enrolments, hold and confirmation, against pgbench's simple
// updates. runs is over how many runs they are spread.
func steady(ctx context.Context, c *cluster, name string, runs int, rounds int, length time.Duration, wanted float64) (row, error) {
	for i := range runs {
		if err := c.newRun(ctx, fmt.Sprintf("%s-%d", runCode(name), i), 10_000); err != nil {
			return row{}, err
		}
	}
	var next atomic.Int64
	enrol := func(context.Context) error {
		n := int(next.Add(1))
		// Over many runs a person takes part in several; in one each comes once.
		status, err := c.enrol(n%trainees, n, fmt.Sprintf("%s-%d", runCode(name), (n+n/trainees)%runs))
		if err == nil && status != 201 {
			err = fmt.Errorf("enrolment %d answered %d", n, status)
		}
		return err
	}
	r, err := compareRates(ctx, rounds,
		func() (float64, error) { return rate(ctx, length, enrol) },
		func() (float64, error) { return pgbench(ctx, c.postgres, length) })
	r.what, r.against, r.wanted = "completed enrolments, "+name, "pgbench -N, 8 clients", wanted
	return r, err
}

// runCode makes a code of a row's name.
func runCode(name string) string { return strings.ToUpper(strings.ReplaceAll(name, " ", "-")) }
