package services

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// RedisSentinel is a Redis master with two replicas, and three Sentinels that put a replica in its place when it is lost.
type RedisSentinel struct {
	Addresses  []string // of the Sentinels, which ask for no password
	MasterName string
	Password   string // of master and replicas

	data, sentinels []*Server
}

// agreement is how many Sentinels must find a master lost: most of the three.
const agreement = 2

// StartRedisSentinel starts all six, each with a folder of its own, and returns once every Sentinel knows the others and
// both replicas. The context bounds the start alone.
func StartRedisSentinel(ctx context.Context) (*RedisSentinel, error) {
	s := &RedisSentinel{MasterName: "varde-" + rand.Text(), Password: rand.Text()}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start Redis with Sentinel: %w", err)
	}
	s.Addresses = addresses(s.sentinels)
	return s, nil
}

func (s *RedisSentinel) start(ctx context.Context) error {
	for i := range 3 {
		node := redisNode{password: s.Password, settings: dataSettings(s.Password)}
		if i > 0 {
			node.settings = append(node.settings, fmt.Sprintf("replicaof 127.0.0.1 %d", s.data[0].port))
		}
		server, err := startNode(ctx, "redis", node)
		if err != nil {
			return err
		}
		s.data = append(s.data, server)
	}
	// A Sentinel finds the replicas that are linked when it first asks, and looks again ten seconds later only.
	for _, replica := range s.data[1:] {
		if err := eventually(ctx, func(ctx context.Context) error { return linked(ctx, replica) }); err != nil {
			return err
		}
	}
	for range 3 {
		server, err := startNode(ctx, "sentinel", s.sentinel())
		if err != nil {
			return err
		}
		s.sentinels = append(s.sentinels, server)
	}
	return s.whole(ctx)
}

func (s *RedisSentinel) sentinel() redisNode {
	monitor := func(setting string, value any) string {
		return fmt.Sprintf("sentinel %s %s %v", setting, s.MasterName, value)
	}
	return redisNode{
		settings: []string{
			monitor("monitor", fmt.Sprintf("127.0.0.1 %d %d", s.data[0].port, agreement)),
			monitor("auth-pass", s.Password),
			monitor("down-after-milliseconds", 1000),
			monitor("failover-timeout", 3000),
			monitor("parallel-syncs", 2),
		},
		arguments: func(int) []string { return []string{"--sentinel"} },
		check: func(ctx context.Context, client *redis.Client) error {
			return client.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", s.MasterName).Err()
		},
	}
}

// Master is the server that the first Sentinel calls the master.
func (s *RedisSentinel) Master(ctx context.Context) (*Server, error) {
	var address []string
	err := onRedis(s.sentinels[0].URL, func(client *redis.Client) error {
		var err error
		address, err = client.Do(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", s.MasterName).StringSlice()
		return err
	})
	if err != nil || len(address) != 2 {
		return nil, fmt.Errorf("ask Sentinel for the master: %v, %w", address, err)
	}
	for _, node := range s.data {
		if loopback(node.port) == address[0]+":"+address[1] {
			return node, nil
		}
	}
	return nil, fmt.Errorf("the master by Sentinel is a stranger: %v", address)
}

// whole waits until all Sentinels agree on a master that is there, with two replicas and two other Sentinels.
func (s *RedisSentinel) whole(ctx context.Context) error {
	return eventually(ctx, func(ctx context.Context) error {
		master, err := s.Master(ctx)
		if err != nil {
			return err
		}
		want := fmt.Sprintf("name=%s,status=ok,address=%s,slaves=2,sentinels=3", s.MasterName, loopback(master.port))
		for _, sentinel := range s.sentinels {
			facts, err := info(ctx, sentinel, "sentinel")
			if err != nil {
				return err
			}
			if facts["master0"] != want {
				return fmt.Errorf("a Sentinel says %q", facts["master0"])
			}
		}
		for _, node := range s.data {
			if node == master {
				continue
			}
			if err := linked(ctx, node); err != nil {
				return err
			}
		}
		return nil
	})
}

// Logs are the ends of what all six said, for messages.
func (s *RedisSentinel) Logs() string { return logsOf(s.data) + logsOf(s.sentinels) }

// Stop ends all six and removes their folders.
func (s *RedisSentinel) Stop() {
	stopAll(s.sentinels)
	stopAll(s.data)
}
