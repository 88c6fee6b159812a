// Package app owns putting the rooms together: it opens what the settings name,
// makes the services and the site, and runs them until told to stop. It holds
// no rule.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/setting"
	"github.com/varde-platform/varde/handlers"
	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/idempotency"
	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/limit"
	"github.com/varde-platform/varde/internal/mail"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
	"github.com/varde-platform/varde/locales"
)

// App is everything that runs in one process.
type App struct {
	Settings     config.Settings
	DB           *store.DB
	Bundle       *i18n.Bundle
	People       *people.Service
	Catalogue    *catalogue.Service
	Enrolment    *enrolment.Service
	Roster       *roster.Service
	Certificates *certificate.Service
	Mail         *mail.Service
	Outbox       *outbox.Worker
	Answers      *idempotency.Service

	secret []byte
	issuer *seal.Issuer
	redis  *kv.Conn
	holds  *hold.Keeper
	log    *slog.Logger
}

// Open connects to what the settings name and brings the database up to date.
// It waits for the database but not for Redis.
func Open(ctx context.Context, s config.Settings, log *slog.Logger) (*App, error) {
	secret, err := config.Secret(s.SecretFile, s.SQLite())
	if err != nil {
		return nil, err
	}
	a := &App{Settings: s, secret: secret, log: log}
	if !s.SQLite() { // before the database is touched
		if a.issuer, err = loadIssuer(s); err != nil {
			return nil, err
		}
	}
	if a.DB, err = store.Open(ctx, s.DatabaseURL); err != nil {
		return nil, err
	}
	if err := a.prepare(ctx); err != nil {
		return nil, errors.Join(err, a.DB.Close())
	}
	return a, nil
}

func (a *App) prepare(ctx context.Context) error {
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	if err := a.checkSecret(ctx); err != nil {
		return err
	}
	if err := a.checkIssuer(ctx); err != nil {
		return err
	}
	var err error
	if a.Bundle, err = i18n.Load(locales.Files); err != nil {
		return err
	}
	if a.redis, err = kv.Open(a.Settings.RedisURL); err != nil {
		return err
	}
	if err := a.services(); err != nil {
		return errors.Join(err, a.redis.Close())
	}
	return a.People.EnsureStates(ctx)
}

func (a *App) services() error {
	s := a.Settings
	var err error
	if a.Mail, err = mail.New(a.DB, a.Bundle, s.SMTPURL, s.MailFrom); err != nil {
		return err
	}
	a.holds = hold.New(a.redis, a.secret, s.HoldLife)
	a.People = people.New(a.DB, people.Options{MailOut: a.Mail.Out(), BaseURL: s.BaseURL})
	a.Catalogue = catalogue.New(a.DB, catalogue.Options{Names: func(kind, id, lang string) string {
		return a.Bundle.For(lang).T(kind + "." + id)
	}})
	a.Enrolment = enrolment.New(a.DB, a.holds, enrolment.Options{MailOut: a.Mail.Out(), Deadlines: s.Deadlines})
	a.Roster = roster.New(a.DB)
	sealing, err := a.sealing()
	if err != nil {
		return err
	}
	a.Certificates = certificate.New(a.DB, certificate.Options{BaseURL: s.BaseURL, Issuer: s.Issuer, Seal: sealing,
		Words: func(lang string) certificate.Words { return a.Bundle.For(lang) }})
	a.Answers = idempotency.New(a.DB)
	a.Outbox = outbox.NewWorker(a.DB, a.doers(), a.log)
	a.Outbox.Turn(map[string]outbox.Turner{training.EnrolmentMail: a.writeLetters})
	return nil
}

// secretSetting is the row that holds the fingerprint of the secret.
const secretSetting = "secret_fingerprint"

// checkSecret keeps a server whose secret is not the others' from serving: the
// holds and cookies it makes would be refused everywhere else.
func (a *App) checkSecret(ctx context.Context) error {
	print := config.Fingerprint(a.secret)
	err := a.DB.Ent.Setting.Create().SetName(secretSetting).SetValue(print).
		OnConflictColumns(setting.FieldName).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("write the fingerprint of the secret: %w", err)
	}
	row, err := a.DB.Ent.Setting.Query().Where(setting.Name(secretSetting)).Only(ctx)
	if err != nil {
		return fmt.Errorf("read the fingerprint of the secret: %w", err)
	}
	if row.Value != print {
		return fmt.Errorf("the secret in %s is not the one that this database knows (%s)", a.Settings.SecretFile, row.Value)
	}
	return nil
}

// Close ends all connections.
func (a *App) Close() error { return errors.Join(a.redis.Close(), a.DB.Close()) }

// Site is the web site and API.
func (a *App) Site(version string) (*fiber.App, error) {
	h, err := a.handlers(version)
	if err != nil {
		return nil, err
	}
	return h.App(), nil
}

func (a *App) handlers(version string) (*handlers.Handlers, error) {
	return handlers.New(handlers.Services{People: a.People, Catalogue: a.Catalogue, Enrolment: a.Enrolment,
		Roster: a.Roster, Certificates: a.Certificates, Mail: a.Mail, Answers: a.Answers,
		Limits: limit.New(a.redis, time.Now), DatabaseReady: a.DB.Ready, WakeOutbox: a.Outbox.Wake, SeatChanges: a.holds,
		Notes: kv.NewNotes(a.redis),
	}, handlers.Options{BaseURL: a.Settings.BaseURL, Secret: a.secret, TrustedProxies: a.Settings.TrustedProxies,
		APILimit: a.Settings.APILimit, SignInLimit: a.Settings.SignInLimit, Version: version,
		Clock: time.Now, Deadlines: a.Settings.Deadlines, Issuer: a.Settings.Issuer, Contact: a.Settings.Contact}, a.Bundle, a.log)
}

// stopLimit is how long requests under way are waited for.
const stopLimit = 20 * time.Second

// Serve answers on the listener, and works in the background, until the context
// ends; then it lets what is under way come to its end.
func (a *App) Serve(ctx context.Context, listener net.Listener, version string) error {
	h, err := a.handlers(version)
	if err != nil {
		return err
	}
	site := h.App()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { a.Outbox.Run(work) })
	background.Go(func() { a.sweep(work) })
	background.Go(func() { a.sweepSeats(work) })
	// Streams are requests that end only when what they tell of does: before the
	// site waits for requests under way.
	listening, stopListening := context.WithCancel(ctx)
	background.Go(h.Live(listening))
	failed := make(chan error, 1)
	go func() { failed <- site.Listener(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = site.ShutdownWithTimeout(stopLimit)
	}
	stopListening()
	stopWork()
	background.Wait()
	return err
}

// sweepEvery is how late what time ends may end: offers, quotas, and holds that
// somebody waits for.
const sweepEvery = time.Second

func (a *App) sweepSeats(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := a.Enrolment.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("sweep of seats", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep drops what time has made useless.
func (a *App) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := errors.Join(a.People.Cleanup(ctx), a.Answers.Cleanup(ctx)); err != nil && ctx.Err() == nil {
			a.log.Error("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Empty reports whether nobody has used the database yet.
func (a *App) Empty(ctx context.Context) (bool, error) {
	for _, exists := range []func(context.Context) (bool, error){
		func(ctx context.Context) (bool, error) { return a.DB.Ent.Person.Query().Exist(ctx) },
		func(ctx context.Context) (bool, error) { return a.DB.Ent.Course.Query().Exist(ctx) },
		func(ctx context.Context) (bool, error) { return a.DB.Ent.Agency.Query().Exist(ctx) },
	} {
		there, err := exists(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return false, fmt.Errorf("look whether the database is empty: %w", err)
		}
		if there {
			return false, nil
		}
	}
	return true, nil
}

// LeaveRedis lets the database decide alone from here on, as while Redis is
// away. The demonstration needs it: it lives through past months, which Redis'
// own clock knows nothing of.
func (a *App) LeaveRedis() error { return a.redis.Leave() }
