package services

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// guardScript waits until the process that started it is gone, for the pipe on its standard input then ends, whether
// that process closed it, was killed or lost its power over a panic. It is told the server's process id line by line; an
// empty line says that there is none any more, so that it never signals a stranger who got the same id. A child of the
// server that outlives it for an instant may still write a file into a folder being removed, hence the second try.
const guardScript = `
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
	kill -s "$1" "$server"
	tries=0
	while kill -0 "$server" && [ "$tries" -lt 200 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -s KILL "$server"
fi 2>/dev/null
rm -rf "$2" || { sleep 1; rm -rf "$2"; }
`

// ward is a temporary folder and at most one server running in it. A guard process ends the server and removes the
// folder when the ward is closed or when this process dies in any way, SIGKILL included.
type ward struct {
	folder string
	orders io.WriteCloser
	gone   chan struct{} // closed when the guard has done its work
	server *exec.Cmd
	exited chan struct{} // closed when server has ended
}

// newWard makes a new folder whose path begins with the given one, and its guard.
func newWard(folder, endSignal string) (*ward, error) {
	folder, err := os.MkdirTemp(filepath.Split(folder))
	if err != nil {
		return nil, fmt.Errorf("folder for a private server: %w", err)
	}
	guard := exec.Command("/bin/sh", "-c", guardScript, "guard", endSignal, folder)
	guard.SysProcAttr = ownSession()
	orders, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("guard of a private server: %w", err), os.RemoveAll(folder))
	}
	w := &ward{folder: folder, orders: orders, gone: make(chan struct{})}
	go func() {
		// Waiting also keeps the pipe referenced: were it collected, the guard would end a server still in use.
		_ = guard.Wait()
		close(w.gone)
	}()
	return w, nil
}

// ownSession keeps a ^C at the terminal from ending a server before the tests that use it.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func (w *ward) start(server *exec.Cmd) error {
	log, err := os.OpenFile(w.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log of a private server: %w", err)
	}
	defer log.Close()
	server.Dir, server.Stdout, server.Stderr = w.folder, log, log
	if err := server.Start(); err != nil {
		return fmt.Errorf("start %s: %w", filepath.Base(server.Path), err)
	}
	if _, err := fmt.Fprintln(w.orders, server.Process.Pid); err != nil {
		return errors.Join(fmt.Errorf("guard of a private server: %w", err), server.Process.Kill(), server.Wait())
	}
	exited := make(chan struct{})
	w.server, w.exited = server, exited
	go func() {
		_ = server.Wait()
		_, _ = fmt.Fprintln(w.orders) // fails when the guard is already at work, which then sees the end itself
		close(exited)
	}()
	return nil
}

// kill ends the server and keeps the folder.
func (w *ward) kill(signal string) {
	_ = w.server.Process.Signal(signals[signal])
	<-w.exited
}

func (w *ward) close() {
	_ = w.orders.Close()
	<-w.gone
	if w.exited != nil {
		<-w.exited
	}
}

func (w *ward) logFile() string { return filepath.Join(w.folder, "log") }

// lastWords is the end of the server's log, for messages.
func (w *ward) lastWords() string {
	text, err := os.ReadFile(w.logFile())
	if err != nil {
		return err.Error()
	}
	const enough = 1500
	text = bytes.TrimSpace(text)
	return string(text[max(0, len(text)-enough):])
}

// signals are named as kill(1) names them, because the guard is a shell.
var signals = map[string]syscall.Signal{"KILL": syscall.SIGKILL, "QUIT": syscall.SIGQUIT}
