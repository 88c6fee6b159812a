//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"entgo.io/ent/dialect"
)

// ErrInUse says that another process serves from the same SQLite file.
var ErrInUse = errors.New("another varde serves from this database file")

// LockForServing makes this process the only one that serves from a SQLite
// file; the kernel gives the lock back however the process ends. On PostgreSQL
// any number of servers may serve.
func (db *DB) LockForServing(address string) error {
	if db.Dialect != dialect.SQLite {
		return nil
	}
	path := strings.TrimPrefix(address, "sqlite:") + ".lock"
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return ErrInUse
	}
	db.unlock = func() { file.Close() }
	return nil
}
