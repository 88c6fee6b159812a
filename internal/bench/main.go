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

func main() {
	out := flag.String("out", "docs/benchmarks.md", "file to write; empty: none")
	rounds := flag.Int("rounds", 5, "rounds, each of ours and theirs in turn")
	length := flag.Duration("length", 3*time.Second, "length of one measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *rounds, *length); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, rounds int, length time.Duration) error {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	first, err := cataloguePage(ctx, rounds, length)
	if err != nil {
		return err
	}
	rows := []row{first}
	notes, seatRows, err := seatRows(ctx, rounds, length)
	if err != nil {
		return err
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

// seatRows are measured on three servers with PostgreSQL and Redis.
func seatRows(ctx context.Context, rounds int, length time.Duration) (notes string, rows []row, err error) {
	c, err := startCluster(ctx)
	if c != nil {
		defer func() { err = errors.Join(err, c.stop()) }()
	}
	if err != nil {
		return "", nil, err
	}
	if notes, err = rush(ctx, c); err != nil {
		return "", nil, err
	}
	sold, err := soldOut(ctx, c, rounds, length)
	if err != nil {
		return "", nil, err
	}
	many, err := steady(ctx, c, "many runs", 40, rounds, length, 0.25)
	if err != nil {
		return "", nil, err
	}
	one, err := steady(ctx, c, "one run", 1, min(rounds, 3), length, 0.125)
	if err != nil {
		return "", nil, err
	}
	notes += fmt.Sprintf("**Enrolments a minute:** %.0f over many runs, %.0f in one run.\n", many.ours*60, one.ours*60)
	return notes, []row{sold, many, one}, nil
}

func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMade by `make bench` on %s: %s, %d processors, %s, load from the same machine.\n",
		time.Now().UTC().Format(time.DateOnly), processor(), runtime.NumCPU(), runtime.Version())
	b.WriteString("Absolute figures mean little on another machine; the ratio is of two measurements in turn, its median over the rounds.\n\n")
	b.WriteString("| what | a second | against | a second | ratio (lowest to highest) | wanted |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.0f | %s | %.0f | %.2f (%.2f to %.2f) | at least %.2f |\n",
			r.what, r.ours, r.against, r.theirs, r.ratio, r.lowest, r.highest, r.wanted)
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

// compare measures ours and theirs in turn and gives the median of each and of
// the ratios.
func compare(ctx context.Context, rounds int, length time.Duration, ours, theirs func(context.Context) error) (row, error) {
	return compareRates(ctx, rounds,
		func() (float64, error) { return rate(ctx, length, ours) },
		func() (float64, error) { return rate(ctx, length, theirs) })
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// clients is how many requests are under way at once.
const clients = 16

// rate does one thing by many clients for a time and answers how often a second
// it was done.
func rate(ctx context.Context, length time.Duration, do func(context.Context) error) (float64, error) {
	limited, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	type result struct {
		n   int
		err error
	}
	results := make(chan result, clients)
	start := time.Now()
	for range clients {
		go func() {
			n := 0
			for limited.Err() == nil {
				if err := do(limited); err != nil {
					results <- result{n, err}
					return
				}
				n++
			}
			results <- result{n, nil}
		}()
	}
	total := 0
	var failed error
	for range clients {
		r := <-results
		total += r.n
		failed = errors.Join(failed, r.err)
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return float64(total) / time.Since(start).Seconds(), failed
}
