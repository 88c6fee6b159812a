package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"runtime"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/store"
)

// flags parses a command's own flags and gives the words after them. Whoever
// asks for help gets the list of the flags, and flag.ErrHelp ends the command.
func flags(c console, name string, define func(*flag.FlagSet), args []string) ([]string, error) {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard) // it would print more than one line
	define(set)
	err := set.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(c.out, "varde "+name)
		set.SetOutput(c.out)
		set.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, usage("%s: %v", name, err)
	}
	return set.Args(), nil
}

func noMore(name string, rest []string) error {
	if len(rest) > 0 {
		return usage("%s takes no %q", name, rest[0])
	}
	return nil
}

func serve(ctx context.Context, c console, args []string) (err error) {
	s, err := settings()
	if err != nil {
		return err
	}
	var addr string
	rest, err := flags(c, "serve", func(f *flag.FlagSet) {
		f.StringVar(&addr, "addr", s.Addr, "where to listen")
	}, args)
	if err != nil {
		return err
	}
	if err := noMore("serve", rest); err != nil {
		return err
	}
	s = s.WithAddr(addr)
	a, err := app.Open(ctx, s, logger(c.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.DB.LockForServing(s.DatabaseURL); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Addr, err)
	}
	fmt.Fprintln(c.out, "Varde serves at "+s.BaseURL)
	return a.Serve(ctx, listener, version)
}

func migrate(ctx context.Context, c console, args []string) error {
	if err := noMore("migrate", args); err != nil {
		return err
	}
	s, err := settings()
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, s.DatabaseURL)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx), db.Close())
}

func showVersion(_ context.Context, c console, args []string) error {
	if err := noMore("version", args); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "varde %s, commit %s, %s\n", version, commit, runtime.Version())
	return nil
}
