package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/training"
)

// Tx is a transaction under way. Now is the database's clock when it began.
type Tx struct {
	*ent.Client
	SQL *sql.Tx
	Now time.Time
}

// attempts is how often a transaction is tried that lost a race in the
// database; after that the person is told plainly.
const attempts = 5

// RetryWhenSlow is what a client is told to wait when the database took too long.
const RetryWhenSlow = 5 * time.Second

// InTx runs work in one transaction and commits it. Work may run several times
// and so must not touch anything outside of the transaction. A fault that work
// returns undoes everything and is given back as it is.
func (db *DB) InTx(ctx context.Context, work func(*Tx) error) error {
	return db.Retry(ctx, func() error { return db.once(ctx, work) })
}

// Retry runs one statement, or a transaction, again where it lost a race in the
// database.
func (db *DB) Retry(ctx context.Context, work func() error) error {
	var err error
	for try := range attempts {
		if try > 0 {
			time.Sleep(time.Duration(rand.Int64N(int64(try) * int64(20*time.Millisecond))))
		}
		err = work()
		// Whose time is up while a transaction runs may hear only that it is over.
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrTxDone) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return &training.Fault{Kind: training.KindUnavailable, RetryAfter: RetryWhenSlow, Cause: err}
		}
		if err == nil || !lostRace(err) || ctx.Err() != nil {
			return err
		}
	}
	return &training.Fault{Kind: training.KindConflict, Key: "fault.busy", Cause: err}
}

func (db *DB) once(ctx context.Context, work func(*Tx) error) error {
	if err := db.queue(ctx); err != nil {
		return err
	}
	defer db.leave()
	sqlTx, err := db.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer sqlTx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	now, err := db.now(ctx, sqlTx)
	if err != nil {
		return err
	}
	driver := txDriver{entsql.NewDriver(db.Dialect, entsql.Conn{ExecQuerier: sqlTx})}
	if err := work(&Tx{Client: ent.NewClient(ent.Driver(driver)), SQL: sqlTx, Now: now}); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// txDriver keeps ent from opening a transaction inside ours, as its bulk
// inserts would.
type txDriver struct{ *entsql.Driver }

func (d txDriver) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d.Driver), nil }

func (d txDriver) Close() error { return nil }

func (db *DB) queue(ctx context.Context) error {
	if db.writer == nil {
		return nil
	}
	select {
	case db.writer <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) leave() {
	if db.writer != nil {
		<-db.writer
	}
}

// lostRace reports whether the same transaction may well succeed when tried
// again: serialization failure, deadlock, or a locked SQLite file.
func lostRace(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		code := lite.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	return false
}

// Broke reports whether the error is the violation of the named constraint or
// index. SQLite names the columns of a unique index instead of the index, so
// those are given too: "enrolments.run_id, enrolments.person_id".
func Broke(err error, constraint, columns string) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(pg.Code, "23") && pg.ConstraintName == constraint
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		text := lite.Error()
		return lite.Code()&0xff == sqlite3.SQLITE_CONSTRAINT &&
			(strings.Contains(text, constraint) || columns != "" && strings.Contains(text, columns))
	}
	return false
}
