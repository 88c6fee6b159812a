package services

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Fast is for tests that do not measure and do not ask what survives a power cut: it spares the disk, and keeps the
// folder in memory where there is room. Commits are still kept over a Crash, for the operating system goes on.
var Fast = []string{neverSync, "full_page_writes=off", "max_wal_size=256MB"}

const neverSync = "fsync=off"

// Postgres starts a private PostgreSQL from nothing, in the C.UTF-8 locale, listening on 127.0.0.1 alone and asking for
// a password. Settings are PostgreSQL's own, such as "fsync=off"; without any it keeps its promises as one in earnest
// does. The context bounds the start alone.
func Postgres(ctx context.Context, settings ...string) (*Server, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	owner, err := postgresOwner()
	if err != nil {
		return nil, err
	}
	parent := os.TempDir()
	if slices.Contains(settings, neverSync) {
		parent = memoryFolder()
	}
	p := &postgres{bin: bin, owner: owner, password: rand.Text(), settings: settings}
	return startServer(ctx, filepath.Join(parent, "varde-postgres-"), p)
}

// memoryFolder is a folder held in memory if there is one with room for a test run and nobody has asked for another. On
// a disk, a new database takes some ten times as long, most of it for making its three hundred files.
func memoryFolder() string {
	const shared, room = "/dev/shm", 2 << 30
	var disk syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(shared, &disk) != nil || disk.Bavail*uint64(disk.Bsize) < room {
		return os.TempDir()
	}
	return shared
}

type postgres struct {
	bin      string
	owner    *syscall.Credential // nil: whoever runs the tests
	password string
	settings []string
}

// postgresBin is the folder of initdb and postgres. Debian keeps both out of the path, one folder for each version.
func postgresBin() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", fmt.Errorf("look for PostgreSQL: %w", err)
		}
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", fmt.Errorf("look for PostgreSQL: %w", err)
	}
	newest, bin := -1, ""
	for _, path := range found {
		dir := filepath.Dir(path)
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err == nil && version > newest {
			newest, bin = version, dir
		}
	}
	if bin == "" {
		return "", missing("PostgreSQL")
	}
	return bin, nil
}

// postgresOwner is the account PostgreSQL runs under for root, as whom it refuses to run.
func postgresOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("account for PostgreSQL, which root may not run: %w", err)
	}
	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("account for PostgreSQL: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (p *postgres) prepare(ctx context.Context, folder string) error {
	passwordFile := filepath.Join(folder, "password")
	if err := os.WriteFile(passwordFile, []byte(p.password+"\n"), 0o600); err != nil {
		return err
	}
	if p.owner != nil {
		for _, path := range []string{folder, passwordFile} {
			if err := os.Chown(path, int(p.owner.Uid), int(p.owner.Gid)); err != nil {
				return err
			}
		}
	}
	// A plain password over the loopback spares each of the thousands of connections the costly scram exchange.
	initdb := exec.CommandContext(ctx, filepath.Join(p.bin, "initdb"), "-D", filepath.Join(folder, "data"),
		"-U", "postgres", "-A", "password", "--pwfile", passwordFile, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	p.runAsOwner(initdb)
	initdb.Dir = folder
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	return os.Remove(passwordFile)
}

func (p *postgres) command(folder string, port int) *exec.Cmd {
	args := []string{
		"-D", filepath.Join(folder, "data"),
		"-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=",
		"-c", "max_connections=200",
		"-c", "cluster_name=" + filepath.Base(folder), // names the folder in the process list
	}
	for _, setting := range p.settings {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(filepath.Join(p.bin, "postgres"), args...)
	p.runAsOwner(cmd)
	return cmd
}

func (p *postgres) runAsOwner(cmd *exec.Cmd) {
	cmd.SysProcAttr = ownSession()
	cmd.SysProcAttr.Credential = p.owner
}

func (p *postgres) url(port int) string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", p.password, port)
}

// endSignal asks for an immediate shutdown, after which a restart recovers from the log as after a power cut. Killing
// the postmaster instead could leave its children, and the memory they share, in the way of that restart.
func (p *postgres) endSignal() string { return "QUIT" }

func (p *postgres) ping(ctx context.Context, url string) error {
	return onPostgres(ctx, url, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
}

func (p *postgres) newDatabase(ctx context.Context, url string) (string, func(), error) {
	return createDatabase(ctx, url, "template1")
}

// CopyDatabase makes a copy of the PostgreSQL database at the URL, on the same server, to which nobody may be connected
// meanwhile: a test takes a copy of a database with all its tables faster than it makes the tables anew. It gives the
// URL of the copy and what removes it, as Server.NewDatabase does.
func CopyDatabase(ctx context.Context, source string) (string, func(), error) {
	config, err := pgx.ParseConfig(source)
	if err != nil {
		return "", nil, fmt.Errorf("copy a database: %w", err)
	}
	admin, err := withDatabase(source, "postgres")
	if err != nil {
		return "", nil, err
	}
	return createDatabase(ctx, admin, config.Database)
}

func createDatabase(ctx context.Context, admin, template string) (string, func(), error) {
	name := "test_" + rand.Text()
	database, err := withDatabase(admin, name)
	if err != nil {
		return "", nil, err
	}
	quoted := pgx.Identifier{name}.Sanitize()
	err = execPostgres(ctx, admin, "CREATE DATABASE "+quoted+" TEMPLATE "+pgx.Identifier{template}.Sanitize())
	if err != nil {
		return "", nil, fmt.Errorf("new PostgreSQL database: %w", err)
	}
	drop := func() {
		// The test's own context has ended by the time its clean-up runs.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_ = execPostgres(ctx, admin, "DROP DATABASE IF EXISTS "+quoted+" WITH (FORCE)")
	}
	return database, sync.OnceFunc(drop), nil
}

func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("address of PostgreSQL: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

func execPostgres(ctx context.Context, url, statement string) error {
	return onPostgres(ctx, url, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

func onPostgres(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}
