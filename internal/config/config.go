// Package config owns the settings: their names, defaults and checks. It opens
// nothing; docs/configuration.md has a row for each.
package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/training"
)

// Settings are how an installation is run.
type Settings struct {
	DatabaseURL    string
	RedisURL       string // empty: embedded
	Addr           string
	BaseURL        string // without a slash at the end
	SecretFile     string
	SigningKey     SigningFiles
	TSAURL         string // empty: no time-stamps
	TSAChainFile   string // roots of the authority of time-stamps; empty: none
	SMTPURL        string // empty: mails stay in the outbox
	MailFrom       string
	Contact        string // address of the secretariat, for people
	Issuer         string
	HoldLife       time.Duration
	Deadlines      training.Deadlines
	TrustedProxies []string
	APILimit       int // requests a minute of one token
	SignInLimit    int // tries to sign in a quarter of an hour for one account

	baseSet string // VARDE_BASE_URL; empty: not set
	contact string // VARDE_CONTACT; empty: not set
}

// SQLite reports whether this is the set-up for trying out, where what is
// missing is made.
func (s Settings) SQLite() bool { return strings.HasPrefix(s.DatabaseURL, "sqlite:") }

// Read takes the settings from the environment. All that is wrong is told at
// once.
func Read(env func(string) string) (Settings, error) {
	r := reader{env: env}
	s := Settings{
		DatabaseURL: r.text("VARDE_DATABASE_URL", "sqlite:data/varde.db"),
		RedisURL:    r.text("VARDE_REDIS_URL", ""),
		Addr:        r.text("VARDE_ADDR", "127.0.0.1:8080"),
		SecretFile:  r.text("VARDE_SECRET_FILE", "data/secret"),
		SigningKey: SigningFiles{
			Key:        r.text("VARDE_SIGNING_KEY_FILE", ""),
			Chain:      r.text("VARDE_SIGNING_CHAIN_FILE", ""),
			Passphrase: r.text("VARDE_SIGNING_PASSPHRASE_FILE", ""),
		},
		TSAURL:       r.address("VARDE_TSA_URL"),
		TSAChainFile: r.text("VARDE_TSA_CHAIN_FILE", ""),
		SMTPURL:      r.text("VARDE_SMTP_URL", ""),
		MailFrom:     r.text("VARDE_MAIL_FROM", ""),
		Issuer:       r.text("VARDE_ISSUER", "Varde"),
		contact:      r.mailbox("VARDE_CONTACT"),
		HoldLife:     r.minutes("VARDE_HOLD_MINUTES", 10),
		Deadlines: training.Deadlines{
			Offer:     r.hours("VARDE_OFFER_HOURS", 48),
			LateOffer: r.hours("VARDE_OFFER_LATE_HOURS", 24),
			Approval:  r.hours("VARDE_APPROVAL_HOURS", 168),
		},
		TrustedProxies: r.list("VARDE_TRUSTED_PROXIES"),
		APILimit:       r.number("VARDE_API_LIMIT", 3000),
		SignInLimit:    r.number("VARDE_SIGN_IN_LIMIT", 30),
	}
	s.baseSet = r.base("VARDE_BASE_URL")
	return s.WithAddr(s.Addr), errors.Join(r.faults...)
}

// WithAddr listens elsewhere; links follow unless VARDE_BASE_URL says where they
// lead.
func (s Settings) WithAddr(addr string) Settings {
	s.Addr, s.BaseURL = addr, s.baseSet
	if s.BaseURL == "" {
		s.BaseURL = "http://" + addr
	}
	if s.MailFrom == "" {
		s.MailFrom = "varde@" + hostOf(s.BaseURL)
	}
	if s.Contact = s.contact; s.Contact == "" {
		s.Contact = s.MailFrom
		if sender, err := mail.ParseAddress(s.MailFrom); err == nil {
			s.Contact = sender.Address
		}
	}
	return s
}

type reader struct {
	env    func(string) string
	faults []error
}

func (r *reader) fault(name, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(name+": "+format, args...))
}

func (r *reader) text(name, otherwise string) string {
	if v := strings.TrimSpace(r.env(name)); v != "" {
		return v
	}
	return otherwise
}

// mailbox is a bare e-mail address.
func (r *reader) mailbox(name string) string {
	v := r.text(name, "")
	if a, err := mail.ParseAddress(v); v != "" && (err != nil || a.Address != v) {
		r.fault(name, "%q is no e-mail address", v)
	}
	return v
}

func (r *reader) list(name string) []string {
	var list []string
	for item := range strings.SplitSeq(r.env(name), ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

func (r *reader) number(name string, otherwise int) int {
	v := r.text(name, "")
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		r.fault(name, "must be a whole number from 1, not %q", v)
	}
	return n
}

// minutes may be a fraction: 0.05 is three seconds.
func (r *reader) minutes(name string, otherwise float64) time.Duration {
	minutes := otherwise
	if v := r.text(name, ""); v != "" {
		var err error
		minutes, err = strconv.ParseFloat(v, 64)
		if err != nil || !(minutes >= 0.001 && minutes <= 24*60) {
			r.fault(name, "must be a number of minutes from 0.001 to 1440, not %q", v)
			return 0
		}
	}
	return time.Duration(minutes * float64(time.Minute))
}

// hours may be a fraction: 0.001 is 3.6 seconds.
func (r *reader) hours(name string, otherwise float64) time.Duration {
	hours := otherwise
	if v := r.text(name, ""); v != "" {
		var err error
		hours, err = strconv.ParseFloat(v, 64)
		if err != nil || !(hours >= 0.0001 && hours <= 366*24) {
			r.fault(name, "must be a number of hours from 0.0001 to 8784, not %q", v)
			return 0
		}
	}
	return time.Duration(hours * float64(time.Hour))
}

func (r *reader) base(name string) string {
	v := r.text(name, "")
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		r.fault(name, "must be like https://varde.example, not %q", v)
	}
	return strings.TrimRight(v, "/")
}

// address is a whole web address, of a path too.
func (r *reader) address(name string) string {
	v := r.text(name, "")
	if u, err := url.Parse(v); v != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		r.fault(name, "must be like https://tsa.example/tsr, not %q", v)
	}
	return v
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	return u.Hostname()
}
