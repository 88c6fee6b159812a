package kv

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// target is what an address says.
type target struct {
	Addrs              []string
	Username, Password string
	DB                 int
	TLS, Cluster       bool
	Master             string
}

func TestEachDocumentedFormOfAnAddress(t *testing.T) {
	tests := []struct {
		address string
		want    target
	}{
		{"redis://localhost:6379", target{Addrs: []string{"localhost:6379"}}},
		{"redis://localhost:6379/", target{Addrs: []string{"localhost:6379"}}},
		{"redis://[::1]:6379/0", target{Addrs: []string{"[::1]:6379"}}},
		{"redis://:secret@redis.example:6380/3", target{Addrs: []string{"redis.example:6380"}, Password: "secret", DB: 3}},
		{"redis://varde:p%40s%2Fs%3A%2C@10.0.0.1:6379/12", target{Addrs: []string{"10.0.0.1:6379"}, Username: "varde", Password: "p@s/s:,", DB: 12}},
		{"rediss://varde:secret@redis.example:6380", target{Addrs: []string{"redis.example:6380"}, Username: "varde", Password: "secret", TLS: true}},
		{"redis://one:6379,two:6379,three:6379", target{Addrs: []string{"one:6379", "two:6379", "three:6379"}, Cluster: true}},
		{"redis://one:6379,redis://two:6379", target{Addrs: []string{"one:6379", "two:6379"}, Cluster: true}},
		{"rediss://varde:secret@one:6379,two:6379", target{Addrs: []string{"one:6379", "two:6379"}, Username: "varde", Password: "secret", Cluster: true, TLS: true}},
		{"redis+sentinel://one:26379/mymaster", target{Addrs: []string{"one:26379"}, Master: "mymaster"}},
		{"redis+sentinel://varde:secret@one:26379,two:26379/mymaster", target{Addrs: []string{"one:26379", "two:26379"}, Username: "varde", Password: "secret", Master: "mymaster"}},
		{"redis+sentinel://one:26379,two:26379/mymaster/2", target{Addrs: []string{"one:26379", "two:26379"}, Master: "mymaster", DB: 2}},
	}
	for _, tt := range tests {
		o, err := parse(tt.address)
		if err != nil {
			t.Errorf("%s: %v", tt.address, err)
			continue
		}
		got := target{o.Addrs, o.Username, o.Password, o.DB, o.TLSConfig != nil, o.IsClusterMode, o.MasterName}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.address, diff)
		}
		if o.TLSConfig != nil && (o.TLSConfig.InsecureSkipVerify || o.TLSConfig.MinVersion < tls.VersionTLS12) {
			t.Errorf("%s: the certificate of the server is not checked well", tt.address)
		}
		conn, err := Open(tt.address)
		if err != nil {
			t.Errorf("%s: %v", tt.address, err)
			continue
		}
		if _, cluster := conn.UniversalClient.(*redis.ClusterClient); cluster != tt.want.Cluster {
			t.Errorf("%s is opened as %T", tt.address, conn.UniversalClient)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("%s: %v", tt.address, err)
		}
	}
}

func TestWhatIsNoAddressIsRefusedWithoutTellingThePassword(t *testing.T) {
	for _, address := range []string{
		"localhost:6379", "redis", "http://localhost:6379", "unix:///run/redis.sock", "://localhost:6379",
		"redis://", "redis:///0", "redis://localhost", "redis://:hunter2@", "redis://localhost:", "redis://localhost:port",
		"redis://:6379", "redis://localhost:99999", "redis://one:6379,", "redis://,one:6379", "redis://one:6379,two",
		"redis://localhost:6379/first", "redis://localhost:6379/-1", "redis://localhost:6379/1/2", "redis://localhost:6379?db=1",
		"redis://:%zzhunter2@localhost:6379", "redis://:with/hunter2@localhost:6379/1", "redis://:hunter2@2@localhost:6379",
		"redis://u:hunter2@one:6379,u:hunter2@two:6379",
		"redis+sentinel://one:26379", "redis+sentinel://one:26379/", "redis+sentinel://one:26379//1", "redis+sentinel://one:26379/m/x",
		"redis+sentinel://one/mymaster",
	} {
		conn, err := Open(address)
		if err == nil {
			conn.Close()
			t.Errorf("%s is accepted", address)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password stands in the error: %v", err)
		}
	}
}

func ping(t *testing.T, conn *Conn) {
	t.Helper()
	if err := conn.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// The embedded server's keys would otherwise live for ever.
func TestKeysOfTheEmbeddedServerEndByThemselves(t *testing.T) {
	conn, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx := t.Context()
	if err := conn.Set(ctx, "short", 1, 300*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	if err := conn.Set(ctx, "long", 1, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Exists(ctx, "short").Result(); n != 1 || err != nil {
		t.Errorf("gone at once (%v)", err)
	}
	began := time.Now()
	for {
		n, err := conn.Exists(ctx, "short").Result()
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		if time.Since(began) > 5*time.Second {
			t.Fatal("still there after five seconds")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("ended after %v", took)
	}
	if left, err := conn.TTL(ctx, "long").Result(); err != nil || left < 50*time.Second || left > time.Minute {
		t.Errorf("the other has %v left (%v)", left, err)
	}
}

func TestTwoEmbeddedServersKnowNothingOfEachOther(t *testing.T) {
	one, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	if err := one.Set(t.Context(), "key", 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := two.Exists(t.Context(), "key").Result(); n != 0 || err != nil {
		t.Errorf("the other's key is there (%v)", err)
	}
}

func TestARealServerIsReachedInItsDatabase(t *testing.T) {
	server, err := services.SharedRedis()
	if err != nil {
		t.Fatal(err)
	}
	url, drop, err := server.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	conn, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ping(t, conn)
	info, err := conn.Do(t.Context(), "CLIENT", "INFO").Text()
	if err != nil || !strings.Contains(info, " db="+url[strings.LastIndex(url, "/")+1:]+" ") {
		t.Errorf("%s (%v)", info, err)
	}
}

// Enrolling goes on without Redis, so it must be known soon that it is away.
func TestADeadServerFailsFast(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for what, address := range map[string]string{"nobody listens": "127.0.0.1:1", "nobody answers": silent.Addr().String()} {
		conn, err := Open("redis://" + address)
		if err != nil {
			t.Fatalf("%s: opening waits for the server: %v", what, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		began := time.Now()
		if err := conn.Ping(ctx).Err(); err == nil {
			t.Errorf("%s, and yet there is an answer", what)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: known after %v", what, took)
		}
		cancel()
		conn.Close()
	}
}

// The demonstration leaves Redis before the connection is closed.
func TestClosingTwiceIsNoError(t *testing.T) {
	for _, address := range []string{"", "redis://127.0.0.1:1", "redis://127.0.0.1:1,127.0.0.1:2", "redis+sentinel://127.0.0.1:1/m"} {
		conn, err := Open(address)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := conn.UniversalClient.Close(); err != nil && err != redis.ErrClosed {
				t.Errorf("%q: %v", address, err)
			}
			if err := conn.Close(); err != nil {
				t.Errorf("%q: %v", address, err)
			}
		}
	}
}
