package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/varde-platform/varde/internal/audit"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/hold"
	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/store"
)

// auditRows recounts every invariant and prints each breach.
func auditRows(ctx context.Context, c console, args []string) error {
	if err := noMore("audit", args); err != nil {
		return err
	}
	s, err := settings()
	if err != nil {
		return err
	}
	if path, isSQLite := strings.CutPrefix(s.DatabaseURL, "sqlite:"); isSQLite {
		if _, err := os.Stat(path); err != nil { // opening would make an empty one
			return fmt.Errorf("there is no database at %s", path)
		}
	}
	db, err := store.Open(ctx, s.DatabaseURL)
	if err != nil {
		return err
	}
	breaches, err := recount(ctx, db, s)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	for _, breach := range breaches {
		fmt.Fprintln(c.out, breach)
	}
	if len(breaches) > 0 {
		return fmt.Errorf("%d breaches", len(breaches))
	}
	fmt.Fprintln(c.out, "all invariants hold")
	return nil
}

func recount(ctx context.Context, db *store.DB, s config.Settings) ([]string, error) {
	holds := audit.Holds{Life: s.HoldLife}
	if s.RedisURL != "" {
		redis, err := kv.Open(s.RedisURL)
		if err != nil {
			return nil, err
		}
		defer redis.Close()
		holds.Quiet = hold.New(redis, nil, s.HoldLife).Quiet
	}
	breaches, err := audit.Run(ctx, db)
	if err != nil {
		return nil, err
	}
	idle, err := audit.Idle(ctx, db, holds)
	return append(breaches, idle...), err
}
