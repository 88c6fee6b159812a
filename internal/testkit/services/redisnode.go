package services

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisNode is one of several Redis servers that belong together; Sentinels are Redis servers too.
type redisNode struct {
	program   string
	password  string   // empty: none, as of a Sentinel
	settings  []string // besides those that all have
	arguments func(port int) []string
	check     func(context.Context, *redis.Client) error
}

// startNode starts one of them; its folder is named after the kind of group it is of.
func startNode(ctx context.Context, group string, n redisNode) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, missing("Redis")
	}
	n.program = program
	return startServer(ctx, filepath.Join(os.TempDir(), "varde-"+group+"-"), &n)
}

func (n *redisNode) prepare(_ context.Context, folder string) error {
	lines := append([]string{"bind 127.0.0.1", "set-proc-title no"}, n.settings...)
	return os.WriteFile(redisSettings(folder), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

func (n *redisNode) command(folder string, port int) *exec.Cmd {
	args := []string{redisSettings(folder), "--port", strconv.Itoa(port)}
	if n.arguments != nil {
		args = append(args, n.arguments(port)...)
	}
	cmd := exec.Command(n.program, args...)
	cmd.SysProcAttr = ownSession()
	return cmd
}

func (n *redisNode) url(port int) string {
	if n.password == "" {
		return "redis://" + loopback(port)
	}
	return "redis://:" + n.password + "@" + loopback(port)
}

func (n *redisNode) ping(ctx context.Context, url string) error {
	return onRedis(url, func(client *redis.Client) error {
		if n.check != nil {
			return n.check(ctx, client)
		}
		return client.Ping(ctx).Err()
	})
}

func (n *redisNode) newDatabase(context.Context, string) (string, func(), error) {
	return "", nil, errors.New("a server of a group has no databases to give")
}

func (n *redisNode) endSignal() string { return "KILL" }

// dataSettings are of a node that holds data: it keeps none of it on disk, and begins at once to hand it to a replica.
func dataSettings(password string) []string {
	return []string{"requirepass " + password, "masterauth " + password, "save \"\"", "appendonly no",
		"repl-diskless-sync-delay 0", "repl-ping-replica-period 1", "repl-timeout 5"}
}

// addresses are where nodes listen.
func addresses(nodes []*Server) []string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = loopback(n.port)
	}
	return list
}

func stopAll(nodes []*Server) {
	for _, n := range nodes {
		n.Stop()
	}
}

func logsOf(nodes []*Server) string {
	var all strings.Builder
	for _, node := range nodes {
		fmt.Fprintf(&all, "%s:\n%s\n", loopback(node.port), node.ward.lastWords())
	}
	return all.String()
}

// info is a section of what a Redis server tells of itself.
func info(ctx context.Context, node *Server, section string) (map[string]string, error) {
	facts := map[string]string{}
	err := onRedis(node.URL, func(client *redis.Client) error {
		text, err := client.Info(ctx, section).Result()
		for line := range strings.Lines(text) {
			if name, value, found := strings.Cut(strings.TrimSpace(line), ":"); found {
				facts[name] = value
			}
		}
		return err
	})
	return facts, err
}

// eventually waits until the condition answers nil. What it waited for in vain is in the error.
func eventually(ctx context.Context, condition func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	var last error
	for {
		err := condition(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil { // else it may only say that time is up
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// linked answers nil where the node is a replica that has all its master has.
func linked(ctx context.Context, node *Server) error {
	facts, err := info(ctx, node, "replication")
	if err != nil {
		return err
	}
	if facts["role"] != "slave" || facts["master_link_status"] != "up" {
		return fmt.Errorf("the node at %s is %s, link to its master %q", loopback(node.port), facts["role"], facts["master_link_status"])
	}
	return nil
}
