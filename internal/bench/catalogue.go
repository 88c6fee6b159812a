package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/demo"
)

// cataloguePage measures the catalogue page of 30 courses, on the demonstration
// and over a connection as a browser has it, against a Fiber page of one word.
func cataloguePage(ctx context.Context, rounds int, length time.Duration) (row, error) {
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return row{}, err
	}
	defer os.RemoveAll(folder)
	page, stop, err := serveDemo(ctx, folder)
	if err != nil {
		return row{}, err
	}
	defer stop()
	word, stopWord, err := serveWord()
	if err != nil {
		return row{}, err
	}
	defer stopWord()
	r, err := compare(ctx, rounds, length, getter(page+"/en/courses", "vd-row__title", 30), getter(word, "Varde", 1))
	r.what, r.against, r.wanted = "catalogue page of 30 courses", "Fiber page of one word", 0.1
	return r, err
}

func serveDemo(ctx context.Context, folder string) (string, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	env := map[string]string{
		"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"),
		"VARDE_SECRET_FILE":  filepath.Join(folder, "secret"),
		"VARDE_ADDR":         listener.Addr().String(),
	}
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		return "", nil, err
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := demo.Fill(ctx, settings, quiet, io.Discard); err != nil {
		return "", nil, fmt.Errorf("fill the demonstration: %w", err)
	}
	a, err := app.Open(ctx, settings, quiet)
	if err != nil {
		return "", nil, err
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(a.Serve(serving, listener, "bench"), a.Close()) }()
	return "http://" + listener.Addr().String(), func() { cancel(); <-ended }, nil
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
func getter(address, sign string, times int) func(context.Context) error {
	client := &fasthttp.Client{MaxConnsPerHost: clients, ReadTimeout: 10 * time.Second}
	var checked atomic.Bool
	return func(context.Context) error {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(request)
		defer fasthttp.ReleaseResponse(response)
		request.SetRequestURI(address)
		request.Header.Set("Accept-Encoding", "gzip")
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
