// Command bench measures Varde against something measured in the same run on
// the same machine, prints a table, and writes it to docs/benchmarks.md. It
// owns no expectation: what a ratio has to reach stands in the table's text.
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
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	what, against   string
	ours, theirs    float64 // a second
	ratio           float64 // median of the rounds
	lowest, highest float64
	wanted          float64
}

// plan is how thoroughly to measure, and what.
type plan struct {
	rounds int // each of ours and theirs in turn
	length time.Duration
	only   string // part of the names of the measurements; empty: all
}

// shorter is for what has to be measured often or uses things up.
func (p plan) shorter() plan { return plan{min(p.rounds, 3), min(p.length, 2*time.Second), p.only} }

func main() {
	if drewCertificates() || wroteArchive() {
		return
	}
	out := flag.String("out", "docs/benchmarks.md", "file to write; empty: none")
	rounds := flag.Int("rounds", 5, "rounds, each of ours and theirs in turn")
	length := flag.Duration("length", 3*time.Second, "length of one measurement")
	only := flag.String("only", "", "measure only what has this in its name, and write no file")
	profile := flag.String("profile", "", "file for a CPU profile of the servers and the load")
	flag.Parse()
	if *only != "" {
		*out = ""
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := profiled(*profile, func() error { return measure(ctx, *out, plan{*rounds, *length, *only}) }); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled does the work and writes where its time went.
func profiled(name string, work func() error) error {
	if name == "" {
		return work()
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("make the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(err, file.Close())
	}
	err = work()
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}

func measure(ctx context.Context, out string, p plan) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	var rows []row
	for _, m := range []struct {
		name string
		do   func(context.Context, plan) ([]row, error)
	}{{"pages", pages}, {"courses grow", pagesGrown}, {"certificates", certificates}} {
		if !p.wants(m.name) {
			continue
		}
		measured, err := m.do(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		rows = append(rows, measured...)
	}
	notes, seatRows, err := seatRows(ctx, p)
	if err != nil {
		return err
	}
	if p.wants("archive") {
		more, err := archive(ctx)
		if err != nil {
			return fmt.Errorf("archive: %w", err)
		}
		notes += "\n" + more
	}
	text := table(append(rows, seatRows...)) + "\n" + notes
	fmt.Print(text)
	if out == "" {
		return nil
	}
	if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func (p plan) wants(name string) bool { return strings.Contains(name, p.only) }

// seatRows are measured on three servers with PostgreSQL and Redis, and some of
// them on three others with a thousand times as much in the database.
func seatRows(ctx context.Context, p plan) (notes string, rows []row, err error) {
	if !slices.ContainsFunc([]string{"rush", "growth", "sold out", "holds", "many runs", "one run"}, p.wants) {
		return "", nil, nil
	}
	b, err := startBackends(ctx)
	defer func() { err = errors.Join(err, b.stop()) }()
	if err != nil {
		return "", nil, err
	}
	c, err := startCluster(ctx, b, few)
	if err != nil {
		return "", nil, err
	}
	if p.wants("rush") {
		notes, err = rush(ctx, c)
	}
	if err != nil {
		return "", nil, err
	}
	measurements := []struct {
		name string
		do   func(context.Context, *cluster, plan) ([]row, error)
	}{
		{"growth", growth},
		{"sold out", one(soldOut)},
		{"holds", one(holds)},
		{"many runs", one(manyRuns)},
		{"one run", one(oneRun)},
	}
	for _, m := range measurements {
		if !p.wants(m.name) {
			continue
		}
		measured, err := m.do(ctx, c, p)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", m.name, err)
		}
		rows = append(rows, measured...)
	}
	return notes + perMinute(rows), rows, nil
}

func one(do func(context.Context, *cluster, plan) (row, error)) func(context.Context, *cluster, plan) ([]row, error) {
	return func(ctx context.Context, c *cluster, p plan) ([]row, error) {
		r, err := do(ctx, c, p)
		return []row{r}, err
	}
}

// perMinute tells the completed enrolments as the ticket shops do.
func perMinute(rows []row) string {
	var notes strings.Builder
	for _, r := range rows {
		if strings.HasPrefix(r.what, "completed enrolments") && r.against == pgbenchName {
			fmt.Fprintf(&notes, "**Enrolments a minute:** %.0f (%s).\n", r.ours*60, strings.TrimPrefix(r.what, "completed enrolments, "))
		}
	}
	return notes.String()
}

func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMade by `make bench` on %s: %s, %d processors, %s, load from the same machine, %d clients at once where nothing else is said.\n",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version(), clients)
	b.WriteString("Absolute figures mean little on another machine; the ratio is of two measurements in turn, its median over the rounds.\n\n")
	b.WriteString("| what | a second | against | a second | ratio (lowest to highest) | wanted |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		wanted := "nothing"
		if r.wanted > 0 {
			wanted = fmt.Sprintf("at least %.2f", r.wanted)
		}
		fmt.Fprintf(&b, "| %s | %.0f | %s | %.0f | %.2f (%.2f to %.2f) | %s |\n",
			r.what, r.ours, r.against, r.theirs, r.ratio, r.lowest, r.highest, wanted)
	}
	return b.String()
}

// processor names the machine's processor, as Linux tells it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t: "))
		}
	}
	return runtime.GOARCH
}
