package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// crowd is how many people want the same seats.
	crowd     = 2000
	rushSeats = 24
)

// rush lets the crowd ask for the same seats at one instant.
func rush(ctx context.Context, c *cluster) (string, error) {
	times := make([]time.Duration, crowd)
	var given atomic.Int64
	var failed atomic.Pointer[error]
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			<-start
			began := time.Now()
			status, err := c.enrol(i, i, "RUSH")
			times[i] = time.Since(began)
			if err != nil || status != 201 && status != 409 {
				err = fmt.Errorf("person %d: status %d, %w", i, status, err)
				failed.Store(&err)
			}
			if status == 201 {
				given.Add(1)
			}
		})
	}
	began := time.Now()
	close(start)
	wg.Wait()
	all := time.Since(began)
	if err := failed.Load(); err != nil {
		return "", *err
	}
	if given.Load() != rushSeats {
		return "", fmt.Errorf("the rush gave %d seats of %d", given.Load(), rushSeats)
	}
	slices.Sort(times)
	return fmt.Sprintf("**Rush:** %d people, %d seats, one instant, three servers: %d seats given, last answer after %.2f s, p50 %.2f s, p99 %.2f s.\n",
		crowd, rushSeats, given.Load(), all.Seconds(), times[crowd/2].Seconds(), times[crowd*99/100].Seconds()), nil
}

// soldOut measures refusals against the page of one word.
func soldOut(ctx context.Context, c *cluster, p plan) (row, error) {
	word, stop, err := serveWord()
	if err != nil {
		return row{}, err
	}
	defer stop()
	r, err := compareRates(ctx, p.rounds,
		func() (float64, error) { return c.refusals(ctx, p.length) },
		func() (float64, error) { return rate(ctx, p.length, getter(word, "", "Varde", 1)) })
	r.what, r.against, r.wanted = "refusals of a sold-out run", "Fiber page of one word", 0.25
	return r, err
}

// refusals measures how often a second people hear that a run is full.
func (c *cluster) refusals(ctx context.Context, length time.Duration) (float64, error) {
	if status, err := c.enrol(0, 0, "SOLD"); err != nil || status != 201 && status != 409 {
		return 0, fmt.Errorf("fill the run: %d, %w", status, err)
	}
	var next atomic.Int64
	return rate(ctx, length, func(context.Context) error {
		n := int(next.Add(1))
		status, _, err := c.post(1+n%(crowd-1), n, "/runs/SOLD/holds", nil)
		if err == nil && status != 409 {
			err = fmt.Errorf("a sold out run answered %d", status)
		}
		return err
	})
}

// manyRuns measures enrolments, hold and confirmation, spread over runs, against
// pgbench's simple updates.
func manyRuns(ctx context.Context, c *cluster, p plan) (row, error) {
	return c.againstPgbench(ctx, p, "many runs", 0.25, c.inManyRuns)
}

// oneRun is manyRuns with all in one run.
func oneRun(ctx context.Context, c *cluster, p plan) (row, error) {
	p.rounds = min(p.rounds, 3)
	return c.againstPgbench(ctx, p, "one run", 0.125, c.inOneRun)
}

func (c *cluster) againstPgbench(ctx context.Context, p plan, name string, wanted float64,
	measure func(context.Context, time.Duration) (float64, error)) (row, error) {
	r, err := compareRates(ctx, p.rounds,
		func() (float64, error) { return measure(ctx, p.length) },
		func() (float64, error) { return pgbench(ctx, c.postgres, p.length) })
	r.what, r.against, r.wanted = "completed enrolments, "+name, pgbenchName, wanted
	return r, err
}

func (c *cluster) inManyRuns(ctx context.Context, length time.Duration) (float64, error) {
	return rate(ctx, length, func(context.Context) error {
		n := int(c.pairs.Add(1))
		return c.mustEnrol(n, fmt.Sprintf("MANY-%d", (n+n/trainees)%spread))
	})
}

// inOneRun takes a new run each time: a run has an end of seats.
func (c *cluster) inOneRun(ctx context.Context, length time.Duration) (float64, error) {
	if c.ones == single {
		return 0, fmt.Errorf("all %d runs are used up", single)
	}
	run := fmt.Sprintf("ONE-%d", c.ones)
	c.ones++
	var next atomic.Int64
	return rate(ctx, length, func(context.Context) error { return c.mustEnrol(int(next.Add(1)), run) })
}

func (c *cluster) mustEnrol(n int, run string) error {
	status, err := c.enrol(n%trainees, n, run)
	if err == nil && status != 201 {
		err = fmt.Errorf("enrolment %d in %s answered %d", n, run, status)
	}
	return err
}
