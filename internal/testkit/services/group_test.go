package services

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// within gives the service time to find out by itself.
func within(t *testing.T, condition func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := eventually(ctx, condition); err != nil {
		t.Fatal(err)
	}
}

func TestSentinelPutsAReplicaInThePlaceOfALostMaster(t *testing.T) {
	s, err := StartRedisSentinel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: s.MasterName, SentinelAddrs: s.Addresses, Password: s.Password})
	t.Cleanup(func() { client.Close() })
	set := func(ctx context.Context) error { return client.Set(ctx, "word", "kept", 0).Err() }
	within(t, set)
	lost, err := s.Master(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lost.Crash()
	within(t, set)
	// The client has heard of the new one; the Sentinel that is asked here may hear of it a moment later.
	master := lost
	within(t, func(ctx context.Context) (err error) {
		if master, err = s.Master(ctx); err == nil && master == lost {
			err = fmt.Errorf("the lost one is still called the master\n%s", s.Logs())
		}
		return err
	})
	if err := lost.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, err := s.Master(t.Context()); err != nil || now != master {
		t.Errorf("the one that came back is the master again (%v)", err)
	}
	assertEnds(t, s.Stop, append(s.data, s.sentinels...))
}

func TestAClusterPutsAReplicaInThePlaceOfALostMaster(t *testing.T) {
	c, err := StartRedisCluster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	// By itself this client asks once a minute only which node is the master.
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Addresses, Password: c.Password,
		ClusterStateReloadInterval: 100 * time.Millisecond})
	t.Cleanup(func() { client.Close() })
	set := func(ctx context.Context) error { return client.Set(ctx, "word", "kept", 0).Err() }
	within(t, set)
	lost, err := c.MasterOf(t.Context(), "word")
	if err != nil {
		t.Fatal(err)
	}
	lost.Crash()
	within(t, set)
	master, err := c.MasterOf(t.Context(), "word")
	if err != nil || master == lost {
		t.Fatalf("the lost one still answers for the key (%v)\n%s", err, c.Logs())
	}
	if err := lost.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.whole(t.Context()); err != nil {
		t.Errorf("%v\n%s", err, c.Logs())
	}
	assertEnds(t, c.Stop, c.nodes)
}

func assertEnds(t *testing.T, stop func(), nodes []*Server) {
	t.Helper()
	stop()
	for _, node := range nodes {
		assertGone(t, node.ward.folder)
	}
}

func TestAServerOfAGroupGivesNoDatabases(t *testing.T) {
	s := start(t, func(ctx context.Context) (*Server, error) { return startNode(ctx, "redis", redisNode{}) })
	if url, _, err := s.NewDatabase(t.Context()); err == nil {
		t.Errorf("got %s", url)
	}
}

func TestAProcessIsKilledAndStartedAgainInItsFolder(t *testing.T) {
	p, err := NewProcess("varde-process-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	for _, word := range []string{"first", "second"} {
		if err := p.Start(exec.Command("/bin/sh", "-c", "echo "+word+" | tee -a words; exec sleep 600")); err != nil {
			t.Fatal(err)
		}
		within(t, func(context.Context) error {
			if !strings.Contains(p.LastWords(), word) {
				return errors.New("it has not spoken: " + p.LastWords())
			}
			return nil
		})
		p.Kill()
		<-p.Exited()
	}
	if words := p.LastWords(); words != "first\nsecond" {
		t.Errorf("it said %q", words)
	}
	if err := p.Start(exec.Command("/bin/sh", "-c", "test \"$(cat words)\" = \"first\nsecond\" && exec sleep 600")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Exited():
		t.Error("its folder is not the one that it had")
	case <-time.After(300 * time.Millisecond):
	}
	p.Stop()
	p.Stop()
	assertGone(t, p.Folder)
}
