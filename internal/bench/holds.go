package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/varde-platform/varde/internal/training"
)

// holds measures holds taken through the API against Redis doing nothing but the
// script that decides them.
func holds(ctx context.Context, c *cluster, p plan) (row, error) {
	command, err := c.takeCommand(ctx)
	if err != nil {
		return row{}, err
	}
	r, err := compareRates(ctx, p.rounds,
		func() (float64, error) { return c.taken(ctx, p.length) },
		func() (float64, error) { return c.takenInRedis(ctx, p.length, command) })
	r.what, r.against, r.wanted = "holds taken", redisBenchmarkName, 0.25
	return r, err
}

// taken measures holds taken through the API. Redis begins empty, for a person
// holds three seats at most.
func (c *cluster) taken(ctx context.Context, length time.Duration) (float64, error) {
	if err := c.kv.FlushDB(ctx).Err(); err != nil {
		return 0, fmt.Errorf("empty Redis: %w", err)
	}
	var next atomic.Int64
	return rate(ctx, length, func(context.Context) error {
		n := int(next.Add(1)) % (trainees * training.MaxHoldsPerPerson)
		status, _, err := c.post(n%trainees, n, fmt.Sprintf("/runs/HOLDS-%d/holds", (n+n/trainees)%spread), nil)
		if err == nil && status != 201 {
			err = fmt.Errorf("hold %d answered %d", n, status)
		}
		return err
	})
}

// redisRate is about what Redis does with such a script, to choose how often.
const redisRate = 20_000

func (c *cluster) takenInRedis(ctx context.Context, length time.Duration, command []string) (float64, error) {
	if err := c.kv.FlushDB(ctx).Err(); err != nil {
		return 0, fmt.Errorf("empty Redis: %w", err)
	}
	times := int(redisRate * length.Seconds())
	rate, err := redisBenchmark(ctx, c.redisURL, times, command)
	if err != nil {
		return 0, err
	}
	ends := command[slices.IndexFunc(command, func(s string) bool { return strings.HasSuffix(s, ":ends") })]
	taken, err := c.kv.ZCard(ctx, ends).Result()
	if err != nil || taken < int64(times)*9/10 { // now and then a number comes twice
		return 0, fmt.Errorf("redis-benchmark took %d holds in %d goes (%w)", taken, times, err)
	}
	return rate, nil
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

// takeCommand overhears what a server tells Redis when it takes a hold, and puts
// another person, another hold and endless seats into it.
func (c *cluster) takeCommand(ctx context.Context) ([]string, error) {
	options := c.kv.Options()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", options.Addr)
	if err != nil {
		return nil, fmt.Errorf("overhear Redis: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nMONITOR\r\n", options.Password); err != nil {
		return nil, fmt.Errorf("overhear Redis: %w", err)
	}
	lines := bufio.NewScanner(conn)
	for heard := 0; lines.Scan(); heard++ {
		if command := takeIn(lines.Text()); command != nil {
			return command, nil
		}
		if heard != 1 { // the answers to AUTH and to MONITOR come first
			continue
		}
		if status, _, err := c.post(trainees-1, 0, "/runs/HOLDS-0/holds", nil); err != nil || status >= 400 {
			return nil, fmt.Errorf("take a hold to overhear: %d, %w", status, err)
		}
	}
	return nil, fmt.Errorf("no hold overheard: %w", lines.Err())
}

// takeIn finds in a line of MONITOR the script's step that takes a hold: the word
// take, then person and hold, and somewhere behind them the size of the pool.
func takeIn(line string) []string {
	var words []string
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		words = append(words, m[1])
	}
	at := slices.Index(words, "take")
	if len(words) == 0 || !strings.EqualFold(words[0], "evalsha") || at < 0 || at+2 >= len(words) {
		return nil
	}
	size := at + slices.Index(words[at:], strconv.Itoa(training.MaxSeats))
	if size < at {
		return nil
	}
	words[at+1] = random
	words[at+2] = strings.Repeat("A", max(0, len(words[at+2])-len(random))) + random
	words[size] = "1000000000"
	return words
}

// random stands for twelve digits that are others each time.
const random = "__rand_int__"
