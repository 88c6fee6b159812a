package services

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// RedisCluster is a Redis Cluster of three masters, each with a replica that takes its place when it is lost.
type RedisCluster struct {
	Addresses []string // of all nodes
	Password  string

	nodes []*Server
}

const (
	clusterMasters = 3
	clusterSlots   = 16384
)

// StartRedisCluster starts the six nodes, each with a folder of its own, and returns once all agree that the cluster is
// whole. The context bounds the start alone.
func StartRedisCluster(ctx context.Context) (*RedisCluster, error) {
	c := &RedisCluster{Password: rand.Text()}
	if err := c.start(ctx); err != nil {
		c.Stop()
		return nil, fmt.Errorf("start a Redis Cluster: %w", err)
	}
	c.Addresses = addresses(c.nodes)
	return c, nil
}

func (c *RedisCluster) start(ctx context.Context) error {
	settings := append(dataSettings(c.Password), "cluster-enabled yes", "cluster-node-timeout 1000",
		"cluster-replica-validity-factor 0", "cluster-allow-replica-migration no")
	for range 2 * clusterMasters {
		node, err := startNode(ctx, "cluster", redisNode{password: c.Password, settings: settings, arguments: busArguments})
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, node)
	}
	for i, node := range c.nodes {
		if err := c.introduce(ctx, i, node); err != nil {
			return err
		}
	}
	if err := eventually(ctx, func(ctx context.Context) error { return c.agreed(ctx, "ok") }); err != nil {
		return err
	}
	for i, replica := range c.nodes[clusterMasters:] {
		if err := follow(ctx, replica, c.nodes[i]); err != nil {
			return err
		}
	}
	return c.whole(ctx)
}

// busPort is where the nodes talk to each other. Redis' own choice, ten thousand above, may be one of the ports that
// systems take for outgoing connections.
func busPort(port int) int { return port - 10000 }

func busArguments(port int) []string { return []string{"--cluster-port", strconv.Itoa(busPort(port))} }

// introduce gives a master its slots, and has every node but the first meet that one.
func (c *RedisCluster) introduce(ctx context.Context, i int, node *Server) error {
	return onRedis(node.URL, func(client *redis.Client) error {
		if i < clusterMasters {
			first, next := i*clusterSlots/clusterMasters, (i+1)*clusterSlots/clusterMasters
			if err := client.ClusterAddSlotsRange(ctx, first, next-1).Err(); err != nil {
				return err
			}
			if err := client.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
				return err
			}
		}
		if i == 0 {
			return nil
		}
		port := c.nodes[0].port
		return client.Do(ctx, "CLUSTER", "MEET", "127.0.0.1", port, busPort(port)).Err()
	})
}

// agreed answers nil where every node knows all the others and says the cluster is in that state.
func (c *RedisCluster) agreed(ctx context.Context, state string) error {
	for _, node := range c.nodes {
		var text string
		err := onRedis(node.URL, func(client *redis.Client) error {
			var err error
			text, err = client.ClusterInfo(ctx).Result()
			return err
		})
		if err != nil {
			return err
		}
		if !strings.Contains(text, "cluster_state:"+state+"\r\n") ||
			!strings.Contains(text, fmt.Sprintf("cluster_known_nodes:%d\r\n", len(c.nodes))) {
			return fmt.Errorf("the node at %s says %q", loopback(node.port), text)
		}
	}
	return nil
}

func follow(ctx context.Context, replica, master *Server) error {
	var id string
	err := onRedis(master.URL, func(client *redis.Client) error {
		var err error
		id, err = client.Do(ctx, "CLUSTER", "MYID").Text()
		return err
	})
	if err != nil {
		return err
	}
	return onRedis(replica.URL, func(client *redis.Client) error { return client.ClusterReplicate(ctx, id).Err() })
}

// MasterOf is the node that answers for a key, as the nodes that are there see it.
func (c *RedisCluster) MasterOf(ctx context.Context, key string) (*Server, error) {
	var failed error
	for _, node := range c.nodes {
		address, err := masterOf(ctx, node, key)
		if err != nil {
			failed = err
			continue
		}
		for _, other := range c.nodes {
			if loopback(other.port) == address {
				return other, nil
			}
		}
		failed = fmt.Errorf("nobody of ours listens at %q", address)
	}
	return nil, fmt.Errorf("find the master of %s: %w", key, failed)
}

func masterOf(ctx context.Context, node *Server, key string) (string, error) {
	var address string
	err := onRedis(node.URL, func(client *redis.Client) error {
		slot, err := client.ClusterKeySlot(ctx, key).Result()
		if err != nil {
			return err
		}
		shards, err := client.ClusterShards(ctx).Result()
		for _, shard := range shards {
			if hasSlot(shard, slot) {
				address = masterIn(shard)
			}
		}
		return err
	})
	return address, err
}

func hasSlot(shard redis.ClusterShard, slot int64) bool {
	return slices.ContainsFunc(shard.Slots, func(s redis.SlotRange) bool { return s.Start <= slot && slot <= s.End })
}

func masterIn(shard redis.ClusterShard) string {
	for _, n := range shard.Nodes {
		if n.Role == "master" && n.Health == "online" {
			return loopback(int(n.Port))
		}
	}
	return ""
}

// whole waits until every node is there, all agree, and each master has a replica that is linked to it.
func (c *RedisCluster) whole(ctx context.Context) error {
	return eventually(ctx, func(ctx context.Context) error {
		if err := c.agreed(ctx, "ok"); err != nil {
			return err
		}
		replicas := 0
		for _, node := range c.nodes {
			facts, err := info(ctx, node, "replication")
			if err != nil {
				return err
			}
			if facts["role"] == "slave" && facts["master_link_status"] == "up" {
				replicas++
			}
		}
		if replicas != len(c.nodes)-clusterMasters {
			return fmt.Errorf("%d replicas are linked to a master", replicas)
		}
		return nil
	})
}

// Logs are the ends of what all nodes said, for messages.
func (c *RedisCluster) Logs() string { return logsOf(c.nodes) }

// Stop ends all nodes and removes their folders.
func (c *RedisCluster) Stop() { stopAll(c.nodes) }
