package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

const pgbenchName = "pgbench -N, 8 clients"

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

const redisBenchmarkName = "redis-benchmark, the same script"

var redisBenchmarkRate = regexp.MustCompile(`(?m)^"[^"]*","([0-9.]+)"`)

// redisBenchmark measures how often a second Redis does one command by itself.
// In it __rand_int__ stands for twelve digits that are others each time.
func redisBenchmark(ctx context.Context, address string, times int, command []string) (float64, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, fmt.Errorf("address of Redis: %w", err)
	}
	password, _ := u.User.Password()
	args := []string{"-h", u.Hostname(), "-p", u.Port(), "-a", password, "--dbnum", strings.TrimPrefix(u.Path, "/"),
		"-c", strconv.Itoa(clients), "-n", strconv.Itoa(times), "-r", "1000000000", "--csv"}
	out, err := exec.CommandContext(ctx, "redis-benchmark", append(args, command...)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("redis-benchmark: %w: %s", err, out)
	}
	m := redisBenchmarkRate.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("redis-benchmark said %s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
