package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/demo"
)

// A page that is measured: where it is, and what tells that it is the one that is
// meant, so many times.
type sight struct {
	name, path, sign string
	times            int
}

// sightsOf are the pages that most people look at. A search is not always for the
// same: this one goes on to the next word each time.
func sightsOf(course, run string) []sight {
	return []sight{
		{"catalogue page of 30 courses", "/en/courses", "vd-row__title", 30},
		{"course page", "/en/courses/" + course, "<h1", 1},
		{"run page", "/en/runs/" + run, "<h1", 1},
		{"search", "/en/courses?q=", "<h1", 1},
	}
}

// searched are what people look for, in several languages, one with an error.
var searched = []string{"fire", "metsäpalo", "diving", "pożar", "border", "skogsbrand", "rescue", "Brandbekmpfung"}

// pages measures the pages of the demonstration as a browser gets them, against a
// Fiber page of one word: for visitors, and for somebody who is signed in. Both
// get a kept page but for once a second; what making one costs is not told here.
func pages(ctx context.Context, p plan) ([]row, error) {
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	site, err := serveDemo(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer site.stop()
	word, stopWord, err := serveWord()
	if err != nil {
		return nil, err
	}
	defer stopWord()
	course, run, err := site.first(ctx)
	if err != nil {
		return nil, err
	}
	cookie, err := site.signIn(ctx, "janis.berzins@vugd.example")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, reader := range []struct {
		who, cookie string
		wanted      float64
	}{{"", "", 0.25}, {", signed in", cookie, 0.1}} {
		for _, s := range sightsOf(course, run) {
			r, err := compare(ctx, p.rounds, p.length, site.viewer(s, reader.cookie), getter(word, "", "Varde", 1))
			if err != nil {
				return nil, err
			}
			r.what, r.against, r.wanted = s.name+reader.who, "Fiber page of one word", reader.wanted
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// crowded are how many courses the same pages are measured beside.
var crowded = []int{10_000, 100_000}

// pagesGrown measures the pages beside many courses against the same beside 100.
func pagesGrown(ctx context.Context, p plan) ([]row, error) {
	small, err := serveCourses(ctx, 100)
	if err != nil {
		return nil, err
	}
	defer small.stop()
	p = p.shorter()
	var rows []row
	for _, n := range crowded {
		grown, err := pagesBeside(ctx, p, small, n)
		if err != nil {
			return nil, fmt.Errorf("%d courses: %w", n, err)
		}
		rows = append(rows, grown...)
	}
	return rows, nil
}

func pagesBeside(ctx context.Context, p plan, small *site, n int) ([]row, error) {
	large, err := serveCourses(ctx, n)
	if err != nil {
		return nil, err
	}
	defer large.stop()
	course, _, err := small.first(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, s := range sightsOf(course, onlyRun) {
		ours, theirs := large.viewer(s, ""), small.viewer(s, "")
		// The first of all who looks after a start waits for the index to be built.
		if err := errors.Join(ours(ctx), theirs(ctx)); err != nil {
			return nil, err
		}
		r, err := compare(ctx, p.rounds, p.length, ours, theirs)
		if err != nil {
			return nil, err
		}
		r.what, r.against, r.wanted = fmt.Sprintf("%s, beside %d courses", s.name, n), "the same beside 100", 1/1.5
		rows = append(rows, r)
	}
	return rows, nil
}

// site is a server of its own with SQLite and the embedded Redis.
type site struct {
	*app.App
	base string
	stop func()
}

func serveDemo(ctx context.Context, folder string) (*site, error) {
	return serve(ctx, folder, func(settings config.Settings, quiet *slog.Logger) error {
		return demo.Fill(ctx, settings, quiet, io.Discard)
	})
}

func serve(ctx context.Context, folder string, fill func(config.Settings, *slog.Logger) error) (*site, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	env := map[string]string{
		"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"),
		"VARDE_SECRET_FILE":  filepath.Join(folder, "secret"),
		"VARDE_ADDR":         listener.Addr().String(),
	}
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := fill(settings, quiet); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	a, err := app.Open(ctx, settings, quiet)
	if err != nil {
		return nil, err
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(a.Serve(serving, listener, "bench"), a.Close()) }()
	return &site{a, "http://" + listener.Addr().String(), func() { cancel(); <-ended }}, nil
}

// first names a course and a run of the catalogue.
func (s *site) first(ctx context.Context) (course, run string, err error) {
	next, err := s.Catalogue.NextRuns(ctx, "", 1)
	if err != nil || len(next) == 0 {
		return "", "", fmt.Errorf("no run to look at: %w", err)
	}
	return next[0].Course.Slug, next[0].Run.Code, nil
}

// signIn gives the cookie of somebody's session.
func (s *site) signIn(ctx context.Context, email string) (string, error) {
	account, err := s.DB.Ent.Person.Query().Where(person.Email(email)).Only(ctx)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", email, err)
	}
	token, _, err := s.People.StartSession(ctx, account.ID)
	return "varde_session=" + token, err
}

// viewer looks at a page again and again.
func (s *site) viewer(what sight, cookie string) func(context.Context) error {
	if !strings.HasSuffix(what.path, "?q=") {
		return getter(s.base+what.path, cookie, what.sign, what.times)
	}
	views := make([]func(context.Context) error, len(searched))
	for i, word := range searched {
		views[i] = getter(s.base+what.path+url.QueryEscape(word), cookie, what.sign, what.times)
	}
	var next atomic.Int64
	return func(ctx context.Context) error { return views[int(next.Add(1))%len(views)](ctx) }
}

func serveWord() (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	site := fiber.New(fiber.Config{DisableStartupMessage: true})
	site.Get("/", func(c *fiber.Ctx) error { return c.SendString("Varde") })
	go site.Listener(listener)                                                         //nolint:errcheck // ends with Shutdown
	return "http://" + listener.Addr().String() + "/", func() { site.Shutdown() }, nil //nolint:errcheck // ends with the program
}

// getter asks for a page, as sent to a browser that takes gzip, and makes sure
// once that it is the page that is meant.
func getter(address, cookie, sign string, times int) func(context.Context) error {
	client := &fasthttp.Client{MaxConnsPerHost: clients, ReadTimeout: 10 * time.Second}
	var checked atomic.Bool
	return func(context.Context) error {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(request)
		defer fasthttp.ReleaseResponse(response)
		request.SetRequestURI(address)
		request.Header.Set("Accept-Encoding", "gzip")
		if cookie != "" {
			request.Header.Set("Cookie", cookie)
		}
		if err := client.Do(request, response); err != nil {
			return fmt.Errorf("get %s: %w", address, err)
		}
		if response.StatusCode() != fasthttp.StatusOK {
			return fmt.Errorf("get %s: status %d", address, response.StatusCode())
		}
		if checked.Load() {
			return nil
		}
		body, err := response.BodyUncompressed()
		if err != nil {
			return fmt.Errorf("read %s: %w", address, err)
		}
		if n := strings.Count(string(body), sign); n != times {
			return fmt.Errorf("%s shows %q %d times, not %d", address, sign, n, times)
		}
		checked.Store(true)
		return nil
	}
}
