package services

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestAfterACrashThereIsTheSameAddress(t *testing.T) {
	for kind, starter := range starters {
		t.Run(kind, func(t *testing.T) {
			s := start(t, starter)
			url := newDatabase(t, s)
			if err := put(t.Context(), url, "committed"); err != nil {
				t.Fatal(err)
			}
			s.Crash()
			if _, err := get(t.Context(), url); err == nil {
				t.Fatal("the crashed server answers")
			}
			if err := s.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			word, err := get(t.Context(), url)
			if kind == "redis" && !errors.Is(err, redis.Nil) {
				t.Errorf("Redis still holds %q (%v)", word, err)
			}
			if kind == "postgres" && (err != nil || word != "committed") {
				t.Errorf("PostgreSQL holds %q (%v)", word, err)
			}
		})
	}
}

func TestStopLeavesNothingBehind(t *testing.T) {
	for kind, starter := range starters {
		t.Run(kind, func(t *testing.T) {
			s := start(t, starter)
			if len(processesOf(t, s.ward.folder)) == 0 {
				t.Fatal("the running server is not found, so nothing could be said about a stopped one")
			}
			s.Stop()
			s.Stop()
			assertGone(t, s.ward.folder)
			if conn, err := net.Dial("tcp", loopback(s.port)); err == nil {
				conn.Close()
				t.Error("the port still answers")
			}
		})
	}
}

func TestStoppingACrashedServerLeavesNothingBehind(t *testing.T) {
	for kind, starter := range starters {
		t.Run(kind, func(t *testing.T) {
			s := start(t, starter)
			s.Crash()
			s.Stop()
			assertGone(t, s.ward.folder)
		})
	}
}

func TestAStartThatFailsTellsWhyAndLeavesNothingBehind(t *testing.T) {
	temporary := readableTempDir(t)
	t.Setenv("TMPDIR", temporary)
	_, err := Postgres(t.Context(), "no_such_setting=on")
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for kind, starter := range starters {
		if _, err := starter(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled: got %v", kind, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(temporary, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// readableTempDir is one that PostgreSQL's own account can enter too, as the system's temporary folder can be.
func readableTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func assertGone(t *testing.T, folder string) {
	t.Helper()
	if left := processesOf(t, folder); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("folder %s still there (%v)", folder, err)
	}
}

// processesOf gives the command lines that name the folder: every process of a server does, and its guard.
func processesOf(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		t.Fatalf("the list of processes cannot be read (%v)", err)
	}
	var lines []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(filepath.Base(folder))) {
			lines = append(lines, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
		}
	}
	return lines
}

// abandonVariable makes this test binary a process that starts servers and dies without stopping them.
const abandonVariable = "VARDE_TEST_ABANDON"

func TestMain(m *testing.M) {
	if death := os.Getenv(abandonVariable); death != "" {
		abandon(death)
	}
	os.Exit(m.Run())
}

func abandon(death string) {
	shared := []starter{sharers["redis"]}
	if death == "kill" {
		shared = append(shared, sharers["postgres"])
	}
	for _, get := range shared {
		s, err := get(context.Background())
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString(s.ward.folder + "\n")
	}
	switch death {
	case "exit":
		os.Exit(0)
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	panic("a test that panics")
}

func TestSharedServersEndWithTheirTestBinary(t *testing.T) {
	for _, death := range []string{"exit", "kill", "panic"} {
		t.Run(death, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), abandonVariable+"="+death, PostgresURLVariable+"=", RedisURLVariable+"=")
			output, _ := cmd.Output()
			folders := strings.Fields(string(output))
			if len(folders) == 0 {
				t.Fatalf("no server was started: %q", output)
			}
			deadline := time.Now().Add(15 * time.Second)
			for _, folder := range folders {
				for len(processesOf(t, folder)) > 0 && time.Now().Before(deadline) {
					time.Sleep(20 * time.Millisecond)
				}
				assertGone(t, folder)
			}
		})
	}
}
