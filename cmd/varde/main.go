// Command varde is the whole program: it reads flags and settings, and calls
// what does the work. It holds no rule.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // runs have time zones, and a bare machine has no table of them

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/training"
	"github.com/varde-platform/varde/locales"
)

// Set when building.
var (
	version = "dev"
	commit  = "unknown"
)

// Exit codes (contract.md).
const (
	exitDone  = 0
	exitNo    = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage says that the words of the call are off; its text is shown.
type errUsage struct{ text string }

func (e errUsage) Error() string { return e.text }

func usage(format string, args ...any) error { return errUsage{fmt.Sprintf(format, args...)} }

// console is what a command talks to.
type console struct {
	in       io.Reader
	out, err io.Writer
}

type command struct {
	name, help string
	run        func(context.Context, console, []string) error
}

func commands() []command {
	return []command{
		{"serve", "serve [--addr HOST:PORT]: bring the database up to date and serve", serve},
		{"migrate", "migrate: bring the database up to date, and no more", migrate},
		{"import", "import courses [--overwrite] FILE: read a catalogue; texts edited in Varde stay unless they are to be overwritten", importCourses},
		{"demo", "demo: fill an empty database for trying out", demonstrate},
		{"user", "user add … | user link --email E: make accounts and log-in links", user},
		{"token", "token issue --email E [--days N] | --emails-from FILE: make API tokens", token},
		{"audit", "audit: recount seats, pools, enrolments and certificates from the rows", auditRows},
		{"certificate", "certificate verify [--chain FILE] FILE.pdf | certificate forget --key FINGERPRINT [--delete]: tell whether a certificate's file is genuine and untouched; forget the files of a revoked key", certificateFiles},
		{"keys", "keys [--past CHAIN]: make the secret and the issuer's key where they are missing", keys},
		{"version", "version: tell version, commit and Go version", showVersion},
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 0 {
		help(errs)
		return exitUsage
	}
	if args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		help(out)
		return exitDone
	}
	for _, c := range commands() {
		if c.name == args[0] && len(args) == 2 && (args[1] == "--help" || args[1] == "-h") {
			fmt.Fprintln(out, "varde "+c.help)
			return exitDone
		}
		if c.name == args[0] {
			return finish(errs, c.run(ctx, console{in, out, errs}, args[1:]))
		}
	}
	fmt.Fprintf(errs, "varde: there is no command %q; varde help lists them\n", args[0])
	return exitUsage
}

func help(w io.Writer) {
	fmt.Fprintln(w, "varde: catalogue and enrolment for cross-border training")
	for _, c := range commands() {
		fmt.Fprintln(w, "  varde "+c.help)
	}
}

// finish tells an error in one plain line and chooses the exit code.
func finish(errs io.Writer, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if errors.Is(err, errNotGenuine) {
		return exitNo
	}
	fmt.Fprintln(errs, "varde: "+strings.ReplaceAll(inWords(err), "\n", "; "))
	if _, ok := errors.AsType[errUsage](err); ok {
		return exitUsage
	}
	return exitNo
}

// inWords says a fault in English, the language of the command line.
func inWords(err error) string {
	fault, ok := training.AsFault(err)
	if !ok {
		return err.Error()
	}
	bundle, loadErr := i18n.Load(locales.Files)
	if loadErr != nil {
		return err.Error()
	}
	s := bundle.For("en")
	say := func(key string, args training.Args) string {
		list := make([]any, 0, 2*len(args))
		for name, value := range args {
			list = append(list, name, value)
		}
		return s.T(key, list...)
	}
	if len(fault.Fields) == 0 {
		return say(fault.MessageKey(), fault.Args)
	}
	var lines []string
	for _, f := range fault.Fields {
		line := say(f.Key, f.Args)
		if !strings.HasPrefix(f.Key, "import.") {
			line = f.Field + ": " + line
		}
		if record, ok := fault.Args["record"]; ok {
			line = fmt.Sprintf("record %v, %s", record, line)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// settings reads the environment; what is wrong there is wrong use.
func settings() (config.Settings, error) {
	s, err := config.Read(os.Getenv)
	if err != nil {
		return s, usage("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return s, nil
}

// open opens the installation for a command that works and ends.
func open(ctx context.Context, c console) (*app.App, error) {
	s, err := settings()
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, s, logger(c.err))
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}
