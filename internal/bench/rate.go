package main

import (
	"context"
	"errors"
	"slices"
	"time"
)

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
const clients = 50

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
