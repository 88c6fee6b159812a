// Package cluster runs Varde as an operator does: real processes of `varde
// serve` on one PostgreSQL and one Redis set-up, which can be killed, started
// again, cut off, and set to another time. It owns their life and the words
// that are spoken with them; what has to hold is for the proofs to say.
package cluster

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// Options are what a cluster is made of.
type Options struct {
	Servers     int
	DatabaseURL string // postgres://…
	RedisURL    string // as VARDE_REDIS_URL takes it
	// Links puts a Link between each server and the database, and between each
	// server and Redis, which then has to be a single server.
	Links bool
	// Settings are further variables of the environment, the same for all.
	Settings map[string]string
}

// Cluster is the servers of one installation, numbered from 0.
type Cluster struct {
	Servers []*Server

	folder *services.Process // nothing runs in it
	env    map[string]string // of commands, which reach the database directly
}

// clockFile is the variable that a build with the tag testclock reads.
const clockFile = "VARDE_TEST_CLOCK_FILE"

// Start builds the program if need be, brings the database up to date, makes
// the secret, and starts the servers. It returns when all are ready.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	folder, err := services.NewProcess("varde-cluster-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder, env: maps.Clone(o.Settings)}
	if c.env == nil {
		c.env = map[string]string{}
	}
	if err := c.start(ctx, o); err != nil {
		c.Stop()
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o Options) error {
	c.env["VARDE_DATABASE_URL"], c.env["VARDE_REDIS_URL"] = o.DatabaseURL, o.RedisURL
	c.env["VARDE_SECRET_FILE"] = filepath.Join(c.folder.Folder, "secret")
	c.env[clockFile] = filepath.Join(c.folder.Folder, "clock")
	if err := c.MoveClock(0); err != nil {
		return err
	}
	for _, command := range []string{"keys", "migrate"} {
		if _, err := c.Command(ctx, "", command); err != nil {
			return err
		}
	}
	for range o.Servers {
		s, err := newServer(ctx, c.env, o.Links)
		if err != nil {
			return err
		}
		c.Servers = append(c.Servers, s)
	}
	for _, s := range c.Servers {
		if err := s.Start(); err != nil {
			return err
		}
	}
	for _, s := range c.Servers {
		if err := s.AwaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// MoveClock lets everybody see the database's clock that far from where it is;
// 0 puts it right.
func (c *Cluster) MoveClock(by time.Duration) error {
	path := c.env[clockFile]
	if err := os.WriteFile(path+".new", []byte(by.String()), 0o600); err != nil {
		return fmt.Errorf("move the clock: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("move the clock: %w", err)
	}
	return nil
}

// Command runs one of the program's commands beside the servers and gives what
// it printed. A command that ends with another code than 0 is an error that
// tells all it said.
func (c *Cluster) Command(ctx context.Context, input string, args ...string) (string, error) {
	program, err := Program()
	if err != nil {
		return "", err
	}
	return run(ctx, program, c.env, input, args...)
}

// Audit has all invariants recounted from the rows; nil: all hold.
func (c *Cluster) Audit(ctx context.Context) error {
	_, err := c.Command(ctx, "", "audit")
	return err
}

// Stop ends all servers and removes what they left.
func (c *Cluster) Stop() {
	var all sync.WaitGroup
	for _, s := range c.Servers {
		all.Go(s.close)
	}
	all.Wait()
	c.folder.Stop()
}

// Logs are the ends of what the servers said, for messages.
func (c *Cluster) Logs() string {
	var text strings.Builder
	for i, s := range c.Servers {
		fmt.Fprintf(&text, "server %d, %s:\n%s\n", i, s.URL, s.process.LastWords())
	}
	return text.String()
}

// environ is what a process is started with: nothing of the settings that the
// proof itself was started with.
func environ(settings map[string]string) []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		env = append(env, name+"="+settings[name])
	}
	return env
}

// behind puts another host and port into an address.
func behind(address, hostPort string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("put a link into an address: %w", err)
	}
	u.Host = hostPort
	return u.String(), nil
}
