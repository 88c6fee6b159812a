// Package kv owns the connection to Redis: a single server, Sentinel, Cluster,
// or one embedded in the process. It owns no script, and no key but those of notes.
package kv

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// A dead Redis has to fail fast: enrolling goes on without it.
const (
	dialTimeout = 500 * time.Millisecond
	callTimeout = 2 * time.Second
	poolWait    = 3 * time.Second
	// A cluster puts another node in the place of a lost one in seconds; who asks
	// the lost one learns of it only here.
	topologyLife = time.Second
)

// Conn is an open connection.
type Conn struct {
	redis.UniversalClient
	close func() error
}

// Close ends the connection, and the embedded server where there is one. It may
// have been left before.
func (c *Conn) Close() error {
	if err := c.close(); !errors.Is(err, redis.ErrClosed) {
		return err
	}
	return nil
}

// Leave ends the connection alone: everything that asks Redis is told from now
// on that it is away.
func (c *Conn) Leave() error { return c.UniversalClient.Close() }

// Open connects to the address of VARDE_REDIS_URL; it does not wait for the
// server to answer. Forms: empty (embedded), redis://[user:password@]host:port/db,
// rediss://… with TLS, several addresses with commas (Cluster), and
// redis+sentinel://[user:password@]host:port,host:port/master-name[/db].
func Open(address string) (*Conn, error) {
	if address == "" {
		return embedded()
	}
	options, err := parse(address)
	if err != nil {
		return nil, err
	}
	client := connect(options)
	return &Conn{UniversalClient: client, close: client.Close}, nil
}

func connect(o *redis.UniversalOptions) redis.UniversalClient {
	if !o.IsClusterMode {
		client := redis.NewUniversalClient(o)
		client.AddHook(newBreaker())
		return client
	}
	options := o.Cluster()
	options.ClusterStateReloadInterval = topologyLife
	client := redis.NewClusterClient(options)
	client.OnNewNode(func(node *redis.Client) { node.AddHook(newBreaker()) })
	return client
}

// errAddress does not repeat the address: a password may stand anywhere in one
// that cannot be read.
var errAddress = errors.New("the address of Redis must be like redis://user:password@host:port/0, " +
	"with @ / : and , in user and password written as %40 %2F %3A and %2C")

func parse(address string) (*redis.UniversalOptions, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return nil, errAddress
	}
	// The addresses after the first may repeat the scheme.
	rest = strings.ReplaceAll(rest, ","+scheme+"://", ",")
	hosts, tail, _ := strings.Cut(rest, "/")
	user := &url.Userinfo{}
	if credentials, after, found := strings.Cut(hosts, "@"); found {
		parsed, err := url.Parse("redis://" + credentials + "@x")
		if err != nil {
			return nil, errAddress
		}
		user, hosts = parsed.User, after
	}
	addresses := strings.Split(hosts, ",")
	if slices.ContainsFunc(addresses, func(a string) bool { return !hasHostAndPort(a) }) {
		return nil, errAddress
	}
	password, _ := user.Password()
	o := &redis.UniversalOptions{
		Addrs: addresses, Username: user.Username(), Password: password,
		DialTimeout: dialTimeout, ReadTimeout: callTimeout, WriteTimeout: callTimeout, PoolTimeout: poolWait,
		MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
	}
	return o, place(o, scheme, tail)
}

func hasHostAndPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	n, notNumber := strconv.ParseUint(port, 10, 16)
	return err == nil && notNumber == nil && n > 0 && host != "" && !strings.ContainsAny(host, "@?#")
}

func place(o *redis.UniversalOptions, scheme, tail string) error {
	switch scheme {
	case "redis":
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	case "redis+sentinel":
		o.MasterName, tail, _ = strings.Cut(tail, "/")
		if o.MasterName == "" {
			return errors.New("the address of Sentinel must end in /master-name")
		}
	default:
		return fmt.Errorf("the address of Redis cannot start with %s://", scheme)
	}
	o.IsClusterMode = scheme != "redis+sentinel" && len(o.Addrs) > 1
	if tail == "" {
		return nil
	}
	db, err := strconv.ParseUint(tail, 10, 16)
	if err != nil {
		return errors.New("the address of Redis must end in the number of a database, or in nothing after the port")
	}
	o.DB = int(db)
	return nil
}

// embedded starts a Redis inside the process. Its keys end only when told how
// much time has passed.
func embedded() (*Conn, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		const step = 200 * time.Millisecond
		tick := time.NewTicker(step)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				server.FastForward(now.Sub(last))
				last = now
			}
		}
	}()
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr()}, PoolSize: 32})
	return &Conn{UniversalClient: client, close: func() error {
		stop()
		err := client.Close()
		server.Close()
		return err
	}}, nil
}
