package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/proof/cluster"
	"github.com/varde-platform/varde/internal/testkit/services"
)

// The stages stand side by side, because after some weather a seat stays held
// for half a minute and there is nothing to do but to wait.

func TestServersAndRedis(t *testing.T) {
	t.Parallel()
	store := privateRedis(t)
	s := newStage(t, store.URL, false)
	s.rounds(t, killedServer(), restartedRedis(store), forgetfulRedis(store), jumpingClock())
}

func TestDatabaseAndNetwork(t *testing.T) {
	t.Parallel()
	s := newStage(t, privateRedis(t).URL, true)
	s.rounds(t, crashedPostgres(), spoiltLinks(), cutOffServer())
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	store, err := services.StartRedisSentinel(t.Context())
	must(t, err)
	t.Cleanup(store.Stop)
	s := newStage(t, "redis+sentinel://:"+store.Password+"@"+strings.Join(store.Addresses, ",")+"/"+store.MasterName, false)
	s.rounds(t, lostMaster(store))
}

func TestRedisCluster(t *testing.T) {
	t.Parallel()
	store, err := services.StartRedisCluster(t.Context())
	must(t, err)
	t.Cleanup(store.Stop)
	s := newStage(t, "redis://:"+store.Password+"@"+strings.Join(store.Addresses, ","), false)
	s.rounds(t, lostNode(store))
}

// killedServer: kill -9 while it has questions to answer.
func killedServer() weather {
	return weather{
		name:           "kill -9 of a server",
		sparesDatabase: true,
		sparesRedis:    true,
		oneServer:      true,
		comes:          func(_ *testing.T, s *scene) { s.cluster.Servers[s.victim].Kill() },
		felt: func(s *scene) error {
			return errors.Join(s.atLeast(1, at(s.victim, lost)), s.atLeast(10, in(during, elsewhere(s.victim, enrolled))))
		},
		goes: func(t *testing.T, s *scene) {
			must(t, s.cluster.Servers[s.victim].Start())
			must(t, s.cluster.Servers[s.victim].AwaitReady(t.Context()))
		},
	}
}

// restartedRedis: it dies, is away for a while, and comes back empty.
func restartedRedis(store *services.Server) weather {
	return weather{
		name:           "kill and restart of Redis",
		sparesDatabase: true,
		comes:          func(*testing.T, *scene) { store.Crash() },
		felt: func(s *scene) error {
			return errors.Join(s.atLeast(10, in(during, noHolds)), s.atLeast(10, in(during, enrolled)))
		},
		goes: func(t *testing.T, _ *scene) { must(t, store.Restart(t.Context())) },
	}
}

// forgetfulRedis: FLUSHALL, again and again.
func forgetfulRedis(store *services.Server) weather {
	forget := func() error {
		options, err := redis.ParseURL(store.URL)
		if err != nil {
			return err
		}
		client := redis.NewClient(options)
		return errors.Join(client.FlushAll(context.Background()).Err(), client.Close())
	}
	return weather{
		name:           "FLUSHALL",
		sparesDatabase: true,
		comes:          func(t *testing.T, _ *scene) { must(t, forget()) },
		felt: func(s *scene) error {
			return errors.Join(forget(), s.atLeast(5, in(during, expired)), s.atLeast(30, in(during, enrolled)))
		},
		goes: func(t *testing.T, _ *scene) { must(t, forget()) },
	}
}

// crashedPostgres: it recovers from its log, as after a power cut.
func crashedPostgres() weather {
	return weather{
		name:        "crash and restart of PostgreSQL",
		sparesRedis: true,
		comes:       func(_ *testing.T, s *scene) { s.postgres.Crash() },
		felt:        func(s *scene) error { return s.atLeast(20, in(during, failed)) },
		goes:        func(t *testing.T, s *scene) { must(t, s.postgres.Restart(t.Context())) },
	}
}

// spoiltLinks: all connections are slow, then cut again and again; then one
// server gets no word from the database, and the others none from Redis.
func spoiltLinks() weather {
	const late, jitter, soon = 40 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond
	return weather{
		name: "slow and cut connections",
		comes: func(t *testing.T, s *scene) {
			s.eachLink(t, func(l *cluster.Link) error { return l.Slow(late, jitter) })
			began := time.Now()
			s.await(t, "slow", func() error {
				return errors.Join(s.atLeast(20, since(began, looked)), s.atLeast(5, since(began, enrolled)))
			})
			if n := s.tally.count(since(began, quickerThan(late-jitter, looked))); n > 0 {
				t.Errorf("%d answers were quicker than the database", n)
			}
			s.eachLink(t, func(l *cluster.Link) error { return l.Cut(soon) })
			began = time.Now()
			s.await(t, "cut", func() error { return s.atLeast(50, since(began, failed)) })
			s.eachLink(t, heal)
			victim := s.cluster.Servers[s.victim]
			must(t, victim.Database.Silence())
			s.await(t, "a silent database", func() error {
				if n := s.tally.underWay[s.victim].Load(); n < 20 {
					return fmt.Errorf("%d questions wait", n)
				}
				return nil
			})
			victim.Database.Heal()
			for i, server := range s.cluster.Servers {
				if i != s.victim {
					must(t, server.Redis.Silence())
				}
			}
		},
		felt: func(s *scene) error {
			return errors.Join(s.atLeast(5, in(during, elsewhere(s.victim, noHolds))), s.atLeast(5, in(during, elsewhere(s.victim, enrolled))))
		},
		goes: func(t *testing.T, s *scene) { s.eachLink(t, heal) },
	}
}

// eachLink does something to all links.
func (sc *scene) eachLink(t *testing.T, do func(*cluster.Link) error) {
	t.Helper()
	for _, server := range sc.cluster.Servers {
		must(t, errors.Join(do(server.Database), do(server.Redis)))
	}
}

func heal(l *cluster.Link) error {
	l.Heal()
	return nil
}

// cutOffServer: one server alone does not reach Redis, and gets no word of that.
func cutOffServer() weather {
	return weather{
		name:           "one server cut off from Redis",
		sparesDatabase: true,
		oneServer:      true,
		comes:          func(t *testing.T, s *scene) { must(t, s.cluster.Servers[s.victim].Redis.Silence()) },
		felt: func(s *scene) error {
			return errors.Join(s.atLeast(5, in(during, at(s.victim, noHolds))), s.atLeast(5, in(during, at(s.victim, enrolled))),
				s.atLeast(5, in(during, elsewhere(s.victim, held))))
		},
		goes: func(_ *testing.T, s *scene) { s.cluster.Servers[s.victim].Redis.Heal() },
	}
}

// jumpingClock: hours forward, past the release of quotas, then days, and back.
func jumpingClock() weather {
	return weather{
		name:           "a clock that jumps",
		sparesDatabase: true,
		sparesRedis:    true,
		releases:       func() string { return time.Now().Add(3 * time.Hour).UTC().Format(time.RFC3339) },
		comes: func(t *testing.T, s *scene) {
			for _, hours := range []time.Duration{5, 60, -7, 4} {
				must(t, s.cluster.MoveClock(hours*time.Hour))
				marked := s.tally.count(enrolled)
				s.await(t, fmt.Sprintf("%d hours", hours), func() error { return s.atLeast(marked+10, enrolled) })
			}
		},
		felt: func(s *scene) error {
			released := 0
			err := s.db.QueryRow(`SELECT count(*) FROM seat_pools p JOIN runs r ON r.id = p.run_id
				WHERE starts_with(r.code, $1) AND p.released_at IS NOT NULL`, s.name+"-").Scan(&released)
			if err == nil && released != 2*runsEach {
				err = fmt.Errorf("%d quotas are released", released)
			}
			return err
		},
		goes: func(t *testing.T, s *scene) { must(t, s.cluster.MoveClock(0)) },
	}
}

// lostMaster: Sentinel puts a replica in its place; the lost one comes back as a
// replica.
func lostMaster(store *services.RedisSentinel) weather {
	var gone *services.Server
	return weather{
		name:           "Sentinel failover",
		sparesDatabase: true,
		comes: func(t *testing.T, _ *scene) {
			var err error
			gone, err = store.Master(t.Context())
			must(t, err)
			gone.Crash()
		},
		felt: func(s *scene) error {
			master, err := store.Master(context.Background())
			if err == nil && master == gone {
				err = errors.New("nobody is in the master's place")
			}
			return errors.Join(err, s.atLeast(5, in(during, noHolds)), s.atLeast(5, in(during, enrolled)))
		},
		goes: func(t *testing.T, _ *scene) { must(t, gone.Restart(t.Context())) },
	}
}

// lostNode: the master that keeps the first run's holds goes, and its replica
// follows it.
func lostNode(store *services.RedisCluster) weather {
	var gone *services.Server
	key := func(s *scene) (string, error) {
		var id int
		err := s.db.QueryRow(`SELECT id FROM runs WHERE code = $1`, s.runs[0].code).Scan(&id)
		return fmt.Sprintf("varde:{run%d}:figures", id), err
	}
	return weather{
		name:           "a Cluster node lost",
		sparesDatabase: true,
		comes: func(t *testing.T, s *scene) {
			name, err := key(s)
			must(t, err)
			gone, err = store.MasterOf(t.Context(), name)
			must(t, err)
			gone.Crash()
		},
		felt: func(s *scene) error {
			name, err := key(s)
			if err != nil {
				return err
			}
			master, err := store.MasterOf(context.Background(), name)
			if err == nil && master == gone {
				err = errors.New("nobody is in the node's place")
			}
			return errors.Join(err, s.atLeast(5, in(during, noHolds)), s.atLeast(5, in(during, enrolled)))
		},
		goes: func(t *testing.T, _ *scene) { must(t, gone.Restart(t.Context())) },
	}
}
