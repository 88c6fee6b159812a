// Command screenshots fills a database with the demonstration, serves it, and
// takes pictures of the main pages for the documents. It owns which pages those
// are, and nothing of the pages themselves.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
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

// shot is one picture; its file is called after name, language and device.
type shot struct {
	name, lang, path string
	role             training.Role // of the reader; empty: a visitor
	device           device
	dark             bool
}

type device struct {
	name          string
	width, height int64
}

var (
	desk  = device{"desk", 1280, 860}
	phone = device{"phone", 390, 844}
)

// shots are taken of the demonstration, whose editions have these codes.
var shots = []shot{
	{name: "front", lang: "en", path: "/", device: desk},
	{name: "front", lang: "fi", path: "/", device: phone},
	{name: "front-dark", lang: "pl", path: "/", device: desk, dark: true},
	{name: "courses", lang: "en", path: "/courses", device: desk},
	{name: "courses", lang: "ru", path: "/courses", device: phone},
	{name: "courses-month", lang: "en", path: "/courses?view=calendar", device: desk},
	{name: "course", lang: "en", path: "/courses/modules-basic-course", device: desk},
	{name: "course", lang: "lt", path: "/courses/modules-basic-course", device: phone},
	{name: "run", lang: "en", path: "/runs/OPCW-KUO-9", device: desk},
	{name: "run", lang: "lv", path: "/runs/OPCW-KUO-9", device: phone, role: training.RoleTrainee},
	{name: "mine", lang: "lv", path: "/me", device: desk, role: training.RoleTrainee},
	{name: "profile", lang: "sv", path: "/me/profile", device: phone, role: training.RoleTrainee},
	{name: "teach", lang: "et", path: "/teach", device: desk, role: training.RoleInstructor},
	{name: "roster", lang: "en", path: "/teach/MBC-32", device: desk, role: training.RoleAdmin},
	{name: "agency", lang: "en", path: "/agency", device: desk, role: training.RoleAgency},
	{name: "agency-dark", lang: "lv", path: "/agency", device: phone, role: training.RoleAgency, dark: true},
	{name: "secretariat", lang: "en", path: "/admin", device: desk, role: training.RoleAdmin},
	{name: "secretariat-runs", lang: "en", path: "/admin/runs", device: desk, role: training.RoleAdmin},
	{name: "verify", lang: "de", path: "/verify", device: phone},
}

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
	env := map[string]string{"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"), "VARDE_SECRET_FILE": filepath.Join(folder, "secret")}
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
	return a, settings.BaseURL, func() error { stop(); return errors.Join(<-ended, a.Close()) }, nil
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

func (s shot) take(ctx context.Context, browser context.Context, a *app.App, base, file string) error {
	window, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer end()
	if err := chromedp.Do(window); err != nil {
		return fmt.Errorf("open a window: %w", err)
	}
	if err := s.signIn(ctx, window, a, base); err != nil {
		return err
	}
	if err := s.prepare(window); err != nil {
		return err
	}
	for range 2 { // the second time with the letters, which a page does not wait for
		answer, err := chromedp.Run(window, chromedp.NavigateResponse(base+"/"+s.lang+s.path))
		if err != nil {
			return fmt.Errorf("open %s: %w", s.path, err)
		}
		if answer.Status != 200 {
			return fmt.Errorf("%s answers %d", s.path, answer.Status)
		}
	}
	if _, err := chromedp.Run(window, chromedp.Evaluate[bool]("document.fonts.ready.then(() => true)", chromedp.EvalAwaitPromise)); err != nil {
		return fmt.Errorf("wait for the letters: %w", err)
	}
	picture, err := chromedp.Run(window, chromedp.CaptureScreenshot())
	if err != nil {
		return fmt.Errorf("take the picture: %w", err)
	}
	small, err := smaller(picture)
	if err != nil {
		return err
	}
	return os.WriteFile(file, small, 0o644)
}

// signIn takes the first person of the role who has a log-in: they are those
// that the demonstration is about.
func (s shot) signIn(ctx context.Context, window context.Context, a *app.App, base string) error {
	if s.role == "" {
		return nil
	}
	reader, err := a.DB.Ent.Person.Query().Where(person.RoleEQ(s.role), person.PasswordHashNEQ("")).Order(person.ByID()).First(ctx)
	if err != nil {
		return fmt.Errorf("find a reader of role %s: %w", s.role, err)
	}
	token, _, err := a.People.StartSession(ctx, reader.ID)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	cookie := network.SetCookieParams{Name: "varde_session", Value: token, URL: base}
	if _, err := chromedp.Call(window, network.SetCookie, cookie); err != nil {
		return fmt.Errorf("set the cookie: %w", err)
	}
	return nil
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
	return nil
}
