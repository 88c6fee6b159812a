// Command screenshots fills a database with the demonstration, serves it, and
// takes pictures of the main pages for the documents. It owns which pages those
// are, and nothing of the pages themselves.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/demo"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// readersZone is where the reader of all pictures is: a place with a name, as a
// reader's is.
const readersZone = "Europe/Helsinki"

// shownAddress is the one on certificates, where a reader would be led to it.
const shownAddress = "https://varde.example"

func main() {
	folder := flag.String("to", "docs/images", "folder of the pictures")
	flag.Parse()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	err := take(ctx, *folder)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func take(ctx context.Context, folder string) error {
	scratch, err := os.MkdirTemp("", "varde-screenshots")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of the pictures: %w", err)
	}
	a, base, end, err := serve(ctx, scratch)
	if err != nil {
		return err
	}
	browser, closeBrowser, err := start(filepath.Join(scratch, "browser"))
	if err != nil {
		return errors.Join(err, end())
	}
	defer closeBrowser()
	for _, s := range shots {
		file := filepath.Join(folder, fmt.Sprintf("%s-%s-%s.png", s.name, s.lang, s.device.name))
		if err := s.take(ctx, browser, a, base, file); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", filepath.Base(file), err), end())
		}
	}
	return end()
}

// serve fills a database in the folder and serves it until end is called.
func serve(ctx context.Context, folder string) (*app.App, string, func() error, error) {
	env := map[string]string{"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"), "VARDE_SECRET_FILE": filepath.Join(folder, "secret"),
		"VARDE_BASE_URL": shownAddress}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", nil, fmt.Errorf("listen: %w", err)
	}
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		return nil, "", nil, fmt.Errorf("read the settings: %w", err)
	}
	settings = settings.WithAddr(listener.Addr().String())
	quiet := slog.New(slog.DiscardHandler)
	if err := demo.Fill(ctx, settings, quiet, io.Discard); err != nil {
		return nil, "", nil, fmt.Errorf("fill the demonstration: %w", err)
	}
	a, err := app.Open(ctx, settings, quiet)
	if err != nil {
		return nil, "", nil, fmt.Errorf("open: %w", err)
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(serving, listener, "demonstration") }()
	return a, "http://" + listener.Addr().String(), func() error { stop(); return errors.Join(<-ended, a.Close()) }, nil
}

func start(folder string) (context.Context, func(), error) {
	path, err := services.Chromium()
	if err != nil {
		return nil, nil, err
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(folder))
	browser, endBrowser := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("start Chromium: %w", err), chromedp.Cancel(browser))
	}
	return browser, func() { endBrowser(); end() }, nil
}

// take writes the picture into the file.
func (s shot) take(ctx context.Context, browser context.Context, a *app.App, base, file string) error {
	var who reader
	var err error
	if s.role != "" {
		if who, err = s.signIn(ctx, a); err != nil {
			return err
		}
	}
	var picture []byte
	if s.paper != nil {
		picture, err = s.ofPaper(ctx, a, who)
	} else {
		picture, err = s.ofPage(ctx, browser, a, who, base)
	}
	if err != nil {
		return err
	}
	small, err := smaller(picture)
	if err != nil {
		return err
	}
	return os.WriteFile(file, small, 0o644)
}

// ofPage takes a picture of what the browser shows.
func (s shot) ofPage(ctx context.Context, browser context.Context, a *app.App, who reader, base string) ([]byte, error) {
	window, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer end()
	if err := chromedp.Do(window); err != nil {
		return nil, fmt.Errorf("open a window: %w", err)
	}
	if s.role != "" {
		cookie := network.SetCookieParams{Name: "varde_session", Value: who.token, URL: base}
		if _, err := chromedp.Call(window, network.SetCookie, cookie); err != nil {
			return nil, fmt.Errorf("set the cookie: %w", err)
		}
	}
	if err := s.prepare(window); err != nil {
		return nil, err
	}
	path := s.path
	if s.before != nil {
		var err error
		if path, err = s.before(ctx, a, who.Actor); err != nil {
			return nil, err
		}
	}
	for range 2 { // the second time with the letters, which a page does not wait for
		answer, err := chromedp.Run(window, chromedp.NavigateResponse(base+"/"+s.lang+path))
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		if answer.Status != cmp.Or(s.status, 200) {
			return nil, fmt.Errorf("%s answers %d", path, answer.Status)
		}
	}
	if _, err := chromedp.Run(window, chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise)); err != nil {
		return nil, fmt.Errorf("wait for the letters: %w", err)
	}
	picture, err := chromedp.Run(window, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, fmt.Errorf("take the picture: %w", err)
	}
	return picture, nil
}

// dotsPerInch make a page of paper about as large as one of the screen.
const dotsPerInch = "80"

// ofPaper draws the first page of a PDF with Poppler, which the tests need too.
func (s shot) ofPaper(ctx context.Context, a *app.App, who reader) ([]byte, error) {
	file, err := s.paper(ctx, a, who.Actor, s.lang)
	if err != nil {
		return nil, err
	}
	draw := exec.CommandContext(ctx, "pdftoppm", "-png", "-r", dotsPerInch, "-f", "1", "-l", "1", "-")
	draw.Stdin = bytes.NewReader(file)
	picture, err := draw.Output()
	if err != nil {
		return nil, fmt.Errorf("draw the PDF: %w", err)
	}
	return picture, nil
}

// reader is somebody who is signed in.
type reader struct {
	training.Actor
	token string
}

// signIn takes the first person of the role who has a log-in: they are those
// that the demonstration is about.
func (s shot) signIn(ctx context.Context, a *app.App) (reader, error) {
	row, err := a.DB.Ent.Person.Query().Where(person.RoleEQ(s.role), person.PasswordHashNEQ("")).Order(person.ByID()).First(ctx)
	if err != nil {
		return reader{}, fmt.Errorf("find a reader of role %s: %w", s.role, err)
	}
	token, _, err := a.People.StartSession(ctx, row.ID)
	if err != nil {
		return reader{}, fmt.Errorf("sign in: %w", err)
	}
	account, err := a.People.Session(ctx, token)
	if err != nil {
		return reader{}, fmt.Errorf("find who is signed in: %w", err)
	}
	return reader{account.Actor(), token}, nil
}

func (s shot) prepare(window context.Context) error {
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(window, emulation.SetEmulatedMedia, media); err != nil {
		return fmt.Errorf("set the scheme: %w", err)
	}
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: s.device.width, Height: s.device.height, DeviceScaleFactor: 1,
		Mobile: strings.HasPrefix(s.device.name, "phone")}
	if _, err := chromedp.Call(window, emulation.SetDeviceMetricsOverride, metrics); err != nil {
		return fmt.Errorf("set the width: %w", err)
	}
	if _, err := chromedp.Call(window, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: readersZone}); err != nil {
		return fmt.Errorf("set the time zone: %w", err)
	}
	return nil
}
