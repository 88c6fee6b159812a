// Command with-services runs another command, as a rule go test, with a private PostgreSQL and Redis that its
// environment names, and ends with its exit code. It owns the order of starting and ending; the servers themselves are
// the business of package services.
//
// The command runs in a process group of its own, so it cannot read from a terminal. Signals are handed on to that
// group; whatever of it is left after the command has ended is killed. If whoever started with-services dies first, as
// make does on SIGKILL, that counts as SIGTERM.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/varde-platform/varde/internal/testkit/services"
)

// patience is how long the command may go on after a signal before it is killed.
const patience = 10 * time.Second

// signalled is the reason why the work was broken off.
type signalled struct{ signal syscall.Signal }

func (s signalled) Error() string { return s.signal.String() }

func main() {
	command := os.Args[1:]
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with-services [--] COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	code, err := run(untilToldToEnd(), command)
	if err != nil {
		fmt.Fprintln(os.Stderr, "with-services:", err)
	}
	os.Exit(code)
}

// untilToldToEnd gives a context that ends with the first signal or with the parent. Later signals change nothing: the
// servers still have to go.
func untilToldToEnd() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		if s, ok := (<-arrived).(syscall.Signal); ok {
			cancel(signalled{s})
		}
	}()
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(time.Second)
		}
		cancel(signalled{syscall.SIGTERM})
	}()
	return ctx
}

// run gives the exit code; the error says what kept the command from running.
func run(ctx context.Context, command []string) (int, error) {
	servers, err := startServers(ctx)
	defer stopServers(servers)
	if reason, ok := context.Cause(ctx).(signalled); ok {
		return 128 + int(reason.signal), nil
	}
	if err != nil {
		return 1, err
	}
	environment := append(os.Environ(),
		services.PostgresURLVariable+"="+servers[0].URL,
		services.RedisURLVariable+"="+servers[1].URL)
	return runChild(ctx, command, environment)
}

// startServers gives the PostgreSQL and the Redis, in that order and nil where one failed.
func startServers(ctx context.Context) ([]*services.Server, error) {
	starts := []func() (*services.Server, error){
		func() (*services.Server, error) { return services.Postgres(ctx, services.Fast...) },
		func() (*services.Server, error) { return services.Redis(ctx) },
	}
	servers, failures := make([]*services.Server, len(starts)), make([]error, len(starts))
	var starting sync.WaitGroup
	for i, start := range starts {
		starting.Go(func() { servers[i], failures[i] = start() })
	}
	starting.Wait()
	return servers, errors.Join(failures...)
}

func stopServers(servers []*services.Server) {
	var stopping sync.WaitGroup
	for _, server := range servers {
		if server != nil {
			stopping.Go(server.Stop)
		}
	}
	stopping.Wait()
}

func runChild(ctx context.Context, command, environment []string) (int, error) {
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Env = environment
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	// go test dies of SIGTERM without a word to the test binaries it started: the whole group has to hear of it.
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	child.Cancel = func() error {
		var reason signalled
		if !errors.As(context.Cause(ctx), &reason) {
			reason.signal = syscall.SIGTERM
		}
		return syscall.Kill(-child.Process.Pid, reason.signal)
	}
	child.WaitDelay = patience
	if err := child.Start(); err != nil {
		return 127, err
	}
	_ = child.Wait() // how it ended stands in its state
	_ = syscall.Kill(-child.Process.Pid, syscall.SIGKILL)
	return exitCode(child.ProcessState), nil
}

// exitCode is that of a shell: 128 and the signal for what died of one.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
