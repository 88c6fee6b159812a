package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// selfVariable makes this test binary the command itself.
const selfVariable = "VARDE_TEST_BE_WITH_SERVICES"

func TestMain(m *testing.M) {
	if os.Getenv(selfVariable) != "" {
		os.Unsetenv(selfVariable)
		main()
	}
	os.Exit(m.Run())
}

// withServices is the command about to run a shell script, with its servers' folders in the folder given.
func withServices(t *testing.T, temporary, script string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "--", "/bin/sh", "-c", script)
	cmd.Env = append(os.Environ(), selfVariable+"=1", "TMPDIR="+temporary,
		services.PostgresURLVariable+"=", services.RedisURLVariable+"=")
	cmd.Stderr = os.Stderr
	return cmd
}

// readableTempDir is one that PostgreSQL's own account can enter too.
func readableTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTheCommandGetsItsServersInputAndArguments(t *testing.T) {
	cmd := withServices(t, readableTempDir(t),
		`echo "$`+services.PostgresURLVariable+`"; echo "$`+services.RedisURLVariable+`"; cat`)
	cmd.Stdin = strings.NewReader("read from standard input")
	output, err := cmd.Output()
	lines := strings.Split(string(output), "\n")
	if err != nil || len(lines) != 3 {
		t.Fatalf("got %q (%v)", output, err)
	}
	for i, want := range []string{"postgres://", "redis://", "read from standard input"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %q, want %s…", i+1, lines[i], want)
		}
	}
}

func TestTheExitCodeIsThatOfTheCommandAndNothingIsLeft(t *testing.T) {
	tests := map[string]struct {
		script string
		want   int
	}{
		"success":              {"exit 0", 0},
		"failure":              {"exit 3", 3},
		"killed":               {"kill -KILL $$", 128 + 9},
		"leaving a child":      {"sleep 300 & exit 4", 4},
		"leaving a deaf child": {"trap '' TERM INT HUP; sleep 300 & exit 5", 5},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary := readableTempDir(t)
			cmd := withServices(t, temporary, "echo $$; "+test.script)
			output, _ := cmd.Output()
			if got := cmd.ProcessState.ExitCode(); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
			assertNothingLeft(t, temporary, strings.TrimSpace(string(output)), nil)
		})
	}
}

func TestWrongUseIsToldAtOnce(t *testing.T) {
	tests := map[string]struct {
		arguments []string
		want      int
	}{
		"no command":      {nil, 2},
		"dashes alone":    {[]string{"--"}, 2},
		"unknown command": {[]string{"--", "/no/such/command"}, 127},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], test.arguments...)
			cmd.Env = append(os.Environ(), selfVariable+"=1")
			var said bytes.Buffer
			cmd.Stderr = &said
			_ = cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != test.want || said.Len() == 0 {
				t.Errorf("exit code %d, want %d; it said %q", got, test.want, &said)
			}
		})
	}
}

func TestASignalEndsTheCommandAndLeavesNothing(t *testing.T) {
	tests := map[string]struct {
		signal syscall.Signal
		script string // says its process group when it is ready
		want   int    // of with-services; -1 where it is itself killed
	}{
		"interrupted":            {syscall.SIGINT, "echo $$; exec sleep 300", 128 + 2},
		"terminated":             {syscall.SIGTERM, "echo $$; exec sleep 300", 128 + 15},
		"terminal closed":        {syscall.SIGHUP, "echo $$; exec sleep 300", 128 + 1},
		"grandchildren hear too": {syscall.SIGTERM, "echo $$; sleep 300 & sleep 300; wait", 128 + 15},
		"the command decides":    {syscall.SIGTERM, "trap 'exit 7' TERM; echo $$; sleep 300 & wait", 7},
		"a deaf command":         {syscall.SIGTERM, "trap '' TERM; echo $$; while :; do sleep 1; done", 128 + 9},
		"killed outright":        {syscall.SIGKILL, "echo $$; exec sleep 2", -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			temporary := readableTempDir(t)
			cmd := withServices(t, temporary, test.script)
			output, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			group, err := bufio.NewReader(output).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			folders, err := filepath.Glob(filepath.Join(temporary, "varde-*"))
			if err != nil || len(folders) != 2 {
				t.Errorf("folders of two servers expected, got %v (%v)", folders, err)
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, output)
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
			assertNothingLeft(t, temporary, strings.TrimSpace(group), folders)
		})
	}
}

func TestNothingOutlivesAParentThatIsKilled(t *testing.T) {
	temporary := readableTempDir(t)
	self := withServices(t, temporary, "echo $$; sleep 300")
	// The true after it keeps the shell from giving its own process to with-services.
	parent := exec.Command("/bin/sh", append([]string{"-c", `"$@"; true`, "sh"}, self.Args...)...)
	parent.Env, parent.Stderr = self.Env, os.Stderr
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	group, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob(filepath.Join(temporary, "varde-*"))
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	assertNothingLeft(t, temporary, strings.TrimSpace(group), folders)
}

func TestASignalWhileTheServersStartLeavesNothing(t *testing.T) {
	temporary := readableTempDir(t)
	cmd := withServices(t, temporary, "echo the command was run")
	var output bytes.Buffer
	cmd.Stdout = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var folders []string
	for deadline := time.Now().Add(15 * time.Second); len(folders) == 0 && time.Now().Before(deadline); {
		folders, _ = filepath.Glob(filepath.Join(temporary, "varde-postgres-*"))
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 128+15 || output.Len() > 0 {
		t.Errorf("exit code %d, want 143; output %q", got, &output)
	}
	assertNothingLeft(t, temporary, "none", folders)
}

// assertNothingLeft allows the guards a moment, which they need after with-services itself was killed.
func assertNothingLeft(t *testing.T, temporary, group string, folders []string) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if left = leftovers(t, temporary, group, folders); len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind: %q", left)
}

// leftovers gives the folders still there, and the processes that belong to the group of the command or whose command
// line names one of the folders, as that of every server and guard does.
func leftovers(t *testing.T, temporary, group string, folders []string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(temporary, "varde-*"))
	if err != nil {
		t.Fatal(err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(processes) == 0 {
		t.Fatalf("the list of processes cannot be read (%v)", err)
	}
	for _, process := range processes {
		line, err := os.ReadFile(filepath.Join(process, "cmdline"))
		if err != nil || len(line) == 0 {
			continue // gone, or waiting to be collected by its parent
		}
		mine := bytes.Contains(line, []byte(temporary)) || processGroup(process) == group
		for _, folder := range folders {
			mine = mine || bytes.Contains(line, []byte(filepath.Base(folder)))
		}
		if mine {
			left = append(left, string(line))
		}
	}
	return left
}

// processGroup is the third field after the name, which stands in brackets and may hold spaces.
func processGroup(process string) string {
	stat, err := os.ReadFile(filepath.Join(process, "stat"))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 3 {
		return ""
	}
	return fields[2]
}
