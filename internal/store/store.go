// Package store owns the connection to the database: opening it, bringing it up
// to date, transactions with their retries, the database's clock, and turning
// its errors into faults. It owns no rule and no query of the services.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // driver "sqlite"

	"github.com/varde-platform/varde/ent"
)

// DB is an open database.
type DB struct {
	// Ent reads and writes outside of transactions. Writes that must not be
	// lost or doubled go through InTx.
	Ent     *ent.Client
	SQL     *sql.DB
	Dialect string // dialect.SQLite or dialect.Postgres

	writer chan struct{} // SQLite has one writer: a queue is fairer than its busy timeout
	clock  atomic.Pointer[reading]
	offset atomic.Int64 // nanoseconds added to the clock; see Shift
	unlock func()
}

// sqlitePragmas: immediate transactions, because a deferred one that turns into
// a writer can fail at once; synchronous FULL, because a seat that was promised
// survives a power cut; times in UTC, because they are kept and compared as text.
const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_txlock=immediate&_time_format=sqlite&_timezone=UTC"

// Open connects to sqlite:PATH or postgres://…; it does not migrate.
func Open(ctx context.Context, address string) (*DB, error) {
	db := &DB{unlock: func() {}}
	path, isSQLite := strings.CutPrefix(address, "sqlite:")
	switch {
	case isSQLite && path != "" && path != ":memory:": // each connection would have a memory of its own
		if err := db.openSQLite(path); err != nil {
			return nil, err
		}
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		if err := db.openPostgres(address); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("database address must be sqlite:PATH or postgres://…")
	}
	if err := db.SQL.PingContext(ctx); err != nil {
		db.SQL.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	db.Ent = ent.NewClient(ent.Driver(entsql.OpenDB(db.Dialect, db.SQL)))
	return db, nil
}

func (db *DB) openSQLite(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the database: %w", err)
	}
	if err := createForOwner(path); err != nil {
		return err
	}
	conn, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+sqlitePragmas)
	if err != nil {
		return fmt.Errorf("open SQLite: %w", err)
	}
	conn.SetMaxOpenConns(8)
	conn.SetMaxIdleConns(8)
	db.SQL, db.Dialect, db.writer = conn, dialect.SQLite, make(chan struct{}, 1)
	return nil
}

// createForOwner makes the file where it is missing: SQLite would let everybody
// read it, and it holds the hashes of passwords. One that is there is not opened,
// because closing it would take away the locks that SQLite has on it.
func createForOwner(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the database file: %w", err)
	}
	return file.Close()
}

// noticeLoss is how long a PostgreSQL that cannot be reached may go unnoticed,
// where its address does not say so by connect_timeout.
const noticeLoss = 10 * time.Second

func (db *DB) openPostgres(address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("open PostgreSQL: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = noticeLoss
	}
	// A server that vanished is noticed soon, not after the two minutes that are usual.
	config.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: noticeLoss / 2, Interval: noticeLoss / 4, Count: 2}}).DialContext
	conn := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(preferIndexes))
	conn.SetMaxOpenConns(24)
	conn.SetMaxIdleConns(24)
	conn.SetConnMaxLifetime(time.Hour)
	db.SQL, db.Dialect = conn, dialect.Postgres
	return nil
}

// preferIndexes tells PostgreSQL that a page read by an index costs hardly more
// than one read in order, as it is in memory or on a solid disk. Else it reads
// small tables whole for one row, and goes on so for a while when they have grown.
func preferIndexes(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET random_page_cost = 1.1")
	return err
}

// Close ends all connections and gives the exclusive lock back.
func (db *DB) Close() error {
	defer db.unlock()
	return db.SQL.Close()
}

// Ready answers nil while the database does.
func (db *DB) Ready(ctx context.Context) error {
	var one int
	return db.SQL.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Now is the database's clock in UTC, cut to microseconds: deadlines are judged
// by it, so that servers whose own clocks differ agree. It is asked once a
// second and counted on from there by this machine's monotonic clock, which no
// setting of the time moves.
func (db *DB) Now(ctx context.Context) (time.Time, error) {
	return db.now(ctx, db.SQL)
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// clockLife is how long a reading of the database's clock is counted on.
const clockLife = time.Second

// reading is what the database's clock said when ours said local.
type reading struct{ said, local time.Time }

func (db *DB) now(ctx context.Context, q rowQuerier) (time.Time, error) {
	now := time.Now()
	if db.Dialect == dialect.Postgres {
		r := db.clock.Load()
		if r == nil || time.Since(r.local) > clockLife {
			r = &reading{}
			if err := q.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&r.said); err != nil {
				return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
			}
			r.local = time.Now()
			db.clock.Store(r)
		}
		now = r.said.Add(time.Since(r.local))
	}
	jump, err := clockJump()
	if err != nil {
		return time.Time{}, err
	}
	return Instant(now.Add(time.Duration(db.offset.Load()) + jump)), nil
}

// Shift moves this process's view of the database's clock. Tests and the demo
// use it to live through weeks in a moment; a serving program never does.
func (db *DB) Shift(by time.Duration) { db.offset.Store(int64(by)) }

// Instant is t as it is stored: UTC, cut to microseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
