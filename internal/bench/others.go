package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

var pgbenchRate = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench measures PostgreSQL's own simple updates, on a database of its own.
func pgbench(ctx context.Context, server *services.Server, length time.Duration) (float64, error) {
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(programs) == 0 {
		return 0, fmt.Errorf("pgbench is not there: run make bench, which installs what is missing")
	}
	slices.Sort(programs)
	program := programs[len(programs)-1]
	url, drop, err := server.NewDatabase(ctx)
	if err != nil {
		return 0, err
	}
	defer drop()
	if out, err := exec.CommandContext(ctx, program, "-i", "-q", "-s", "10", url).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("prepare pgbench: %w: %s", err, out)
	}
	seconds := strconv.Itoa(max(1, int(length.Seconds())))
	out, err := exec.CommandContext(ctx, program, "-N", "-n", "-c", "8", "-j", "2", "-T", seconds, url).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m := pgbenchRate.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("pgbench said %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// compareRates is compare for what measures itself.
func compareRates(ctx context.Context, rounds int, ours, theirs func() (float64, error)) (row, error) {
	var a, b, ratios []float64
	for range rounds {
		if ctx.Err() != nil {
			return row{}, ctx.Err()
		}
		x, err := ours()
		if err != nil {
			return row{}, err
		}
		y, err := theirs()
		if err != nil {
			return row{}, err
		}
		a, b, ratios = append(a, x), append(b, y), append(ratios, x/y)
	}
	return row{ours: median(a), theirs: median(b), ratio: median(ratios), lowest: slices.Min(ratios), highest: slices.Max(ratios)}, nil
}
