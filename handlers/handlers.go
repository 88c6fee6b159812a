// Package handlers owns HTTP alone: routes, forms, pages, problem documents. It
// asks one service, and renders the answer in the reader's language. It decides
// nothing and knows neither ent nor Redis nor gofpdf.
package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/assets"
	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/idempotency"
	"github.com/varde-platform/varde/internal/limit"
	"github.com/varde-platform/varde/internal/live"
	"github.com/varde-platform/varde/internal/mail"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

// Services are what the handlers ask.
type Services struct {
	People       *people.Service
	Catalogue    *catalogue.Service
	Enrolment    *enrolment.Service
	Roster       *roster.Service
	Certificates *certificate.Service
	Mail         *mail.Service
	Answers      *idempotency.Service
	Limits       *limit.Counter
	// DatabaseReady answers nil while the database does.
	DatabaseReady func(context.Context) error
	// WakeOutbox has what a request put there done at once.
	WakeOutbox func()
	// SeatChanges says when the seats of runs change.
	SeatChanges live.Source
	// Notes says how far downloads are.
	Notes Notes
}

// Options are what an installation sets.
type Options struct {
	BaseURL        string // what links start with, without a slash at the end
	Secret         []byte
	TrustedProxies []string
	APILimit       int // requests a minute of one token
	SignInLimit    int // tries a quarter of an hour for one account
	Version        string
	Clock          func() time.Time
	Deadlines      training.Deadlines // what the enrolment service was given; zero: the defaults
	Issuer         string             // the organisation that runs the site
	Contact        string             // e-mail address of its secretariat
}

// Secure reports whether the site is reached over TLS.
func (o Options) Secure() bool { return strings.HasPrefix(o.BaseURL, "https://") }

// Handlers answers requests.
type Handlers struct {
	people       *people.Service
	catalogue    *catalogue.Service
	enrolment    *enrolment.Service
	roster       *roster.Service
	certificates *certificate.Service
	mail         *mail.Service
	answers      *idempotency.Service
	limits       *limit.Counter
	ready        func(context.Context) error
	wakeOutbox   func()
	notes        Notes

	options    Options
	bundle     *i18n.Bundle
	log        *slog.Logger
	awayLogged atomic.Int64 // second, Unix, of the last line about something that is away
	pages      pages
	static     *staticFiles
	cache      *pageCache
	blanks     blanks
	states     stateList
	hub        *live.Hub
	proxies    []netip.Prefix
	lastResort []byte // the page for when no other can be made
	methods    methodTable
}

// New loads templates and static files.
func New(s Services, o Options, bundle *i18n.Bundle, log *slog.Logger) (*Handlers, error) {
	h := &Handlers{people: s.People, catalogue: s.Catalogue, enrolment: s.Enrolment, roster: s.Roster,
		certificates: s.Certificates, mail: s.Mail, answers: s.Answers, limits: s.Limits, ready: s.DatabaseReady, wakeOutbox: s.WakeOutbox, notes: s.Notes,
		options: o, bundle: bundle, log: log, cache: newPageCache(o.Clock), blanks: newBlanks()}
	if h.options.Deadlines == (training.Deadlines{}) {
		h.options.Deadlines = training.DefaultDeadlines()
	}
	var err error
	if h.proxies, err = networks(o.TrustedProxies); err != nil {
		return nil, err
	}
	if h.pages, err = loadPages(assets.Templates()); err != nil {
		return nil, err
	}
	if h.static, err = loadStatic(assets.Static()); err != nil {
		return nil, err
	}
	h.hub = live.New(s.SeatChanges, h.lookAtSeats, log)
	page := ErrorPage{Base: Base{Speaker: bundle.For("en"), Path: "/", BaseURL: o.BaseURL, static: h.static}, Status: 500}
	page.Title = page.T("error.title_500")
	page.Text = page.T("fault.internal")
	if h.lastResort, err = h.fill("error", &page); err != nil {
		return nil, fmt.Errorf("make the page of last resort: %w", err)
	}
	return h, nil
}

// Live tells those who look at a run of its seats, until ctx ends; what it gives
// waits for the end. Their requests last until then: a server that is to stop
// ends ctx first.
func (h *Handlers) Live(ctx context.Context) (wait func()) { return h.hub.Start(ctx) }

// maxUpload bounds what the import page takes; all other requests are held to
// far less by smallBody.
const maxUpload = 16 << 20

// maxHeaders bounds a request's first line and headers: four times Fiber's own
// bound, which the cookies of a proxy that signs people in can reach.
const maxHeaders = 16 << 10

// writePatience is how long an answer, or a part of a download, may take on its way.
const writePatience = 5 * time.Minute

// App is the whole site.
func (h *Handlers) App() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:                 "Varde",
		Immutable:               true, // Fiber reuses its buffers: without it strings change after the handler
		ErrorHandler:            h.onError,
		BodyLimit:               maxUpload,
		ReadBufferSize:          maxHeaders,
		DisableStartupMessage:   true,
		ReadTimeout:             30 * time.Second,
		WriteTimeout:            writePatience,
		IdleTimeout:             2 * time.Minute,
		EnableTrustedProxyCheck: true, // and none is named: Fiber believes no proxy's header; see addressOf
	})
	h.routes(app)
	h.methods = newMethodTable(app.GetRoutes(true))
	return app
}
