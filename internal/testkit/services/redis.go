package services

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisDatabases is how many databases one Redis has; more would make its sweep for expired keys visit each less often.
const redisDatabases = 64

// freeDatabases is the key, in database 0, of the set of database numbers no test uses. Redis itself hands them out, so
// that the test binaries of one run, which share it, never get the same.
const freeDatabases = "services:free-databases"

// Redis starts a private Redis that keeps nothing, listening on 127.0.0.1 alone and asking for a password. It has room
// for 63 databases of NewDatabase at a time. The context bounds the start alone.
func Redis(ctx context.Context) (*Server, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, missing("Redis")
	}
	r := &redisServer{program: program, password: rand.Text()}
	return startServer(ctx, filepath.Join(os.TempDir(), "varde-redis-"), r)
}

type redisServer struct {
	program  string
	password string
}

func (r *redisServer) prepare(_ context.Context, folder string) error {
	// The password stands in a file because arguments are there for every user of the machine to read.
	settings := fmt.Sprintf("bind 127.0.0.1\nrequirepass %s\ndatabases %d\nsave \"\"\nappendonly no\n"+
		"set-proc-title no\n", r.password, redisDatabases)
	return os.WriteFile(redisSettings(folder), []byte(settings), 0o600)
}

func redisSettings(folder string) string { return filepath.Join(folder, "redis.conf") }

func (r *redisServer) command(folder string, port int) *exec.Cmd {
	cmd := exec.Command(r.program, redisSettings(folder), "--port", strconv.Itoa(port))
	cmd.SysProcAttr = ownSession()
	return cmd
}

func (r *redisServer) url(port int) string {
	return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", r.password, port)
}

func (r *redisServer) endSignal() string { return "KILL" }

// ping also lays out the free databases, of which a Redis that has just started knows nothing.
func (r *redisServer) ping(ctx context.Context, url string) error {
	numbers := make([]any, 0, redisDatabases)
	for number := 1; number < redisDatabases; number++ {
		numbers = append(numbers, number)
	}
	return onRedis(url, func(client *redis.Client) error {
		return client.SAdd(ctx, freeDatabases, numbers...).Err()
	})
}

func (r *redisServer) newDatabase(ctx context.Context, server string) (string, func(), error) {
	var number string
	err := onRedis(server, func(client *redis.Client) error {
		var err error
		number, err = client.SPop(ctx, freeDatabases).Result()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return "", nil, fmt.Errorf("new Redis database: all %d are in use", redisDatabases-1)
	}
	if err != nil {
		return "", nil, fmt.Errorf("new Redis database: %w", err)
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, fmt.Errorf("address of Redis: %w", err)
	}
	u.Path = "/" + number
	drop := func() {
		// The test's own context has ended by the time its clean-up runs.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_ = giveBackRedis(ctx, server, u.String(), number)
	}
	return u.String(), sync.OnceFunc(drop), nil // a second drop would empty what another test uses by then
}

// giveBackRedis frees a number only once its database is empty, so that no test ever finds another's keys.
func giveBackRedis(ctx context.Context, server, database, number string) error {
	err := onRedis(database, func(client *redis.Client) error { return client.FlushDB(ctx).Err() })
	if err != nil {
		return err
	}
	return onRedis(server, func(client *redis.Client) error { return client.SAdd(ctx, freeDatabases, number).Err() })
}

func onRedis(url string, do func(*redis.Client) error) error {
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	options.MaxRetries, options.DialerRetries, options.PoolSize = -1, 1, 1
	client := redis.NewClient(options)
	return errors.Join(do(client), client.Close())
}
