package services

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Process is a program that a proof starts, kills and starts again, such as Varde itself. Like a server it ends, and its
// folder goes, with the process that asked for it. Its methods are not for concurrent use.
type Process struct {
	// Folder is empty at first and stays until Stop.
	Folder string

	ward *ward
}

// NewProcess makes the folder, whose name begins with the given one; nothing runs yet.
func NewProcess(name string) (*Process, error) {
	w, err := newWard(filepath.Join(os.TempDir(), name), "KILL")
	if err != nil {
		return nil, err
	}
	return &Process{Folder: w.folder, ward: w}, nil
}

// Start runs the command in the folder, in a session of its own; what it says goes to the end of the log.
func (p *Process) Start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = ownSession()
	return p.ward.start(cmd)
}

// Kill ends what runs as kill -9 does, and returns when it has ended.
func (p *Process) Kill() { p.ward.kill("KILL") }

// Exited is closed when what was started last has ended. It must not be asked before Start.
func (p *Process) Exited() <-chan struct{} { return p.ward.exited }

// LogFile is the path of the file with all that was said on standard output and standard error.
func (p *Process) LogFile() string { return p.ward.logFile() }

// LastWords is the end of the log, for messages.
func (p *Process) LastWords() string { return p.ward.lastWords() }

// Stop ends what runs and removes the folder; a second call does nothing.
func (p *Process) Stop() { p.ward.close() }

// FreePort finds a port of 127.0.0.1 at which nobody listens, outside of the range that systems take for outgoing
// connections. Somebody else may still take it before it is used.
func FreePort(ctx context.Context) (int, error) {
	port, err := freePort(ctx)
	if err != nil {
		return 0, fmt.Errorf("find a port: %w", err)
	}
	return port, nil
}
