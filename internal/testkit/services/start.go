package services

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// startServer starts a server on a free port, in a new folder whose path begins with the given one. The context bounds
// the start alone.
func startServer(ctx context.Context, folder string, e engine) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	w, err := newWard(folder, e.endSignal())
	if err != nil {
		return nil, err
	}
	if err := e.prepare(ctx, w.folder); err != nil {
		w.close()
		return nil, fmt.Errorf("prepare the server in %s: %w", w.folder, err)
	}
	s := &Server{engine: e, ward: w}
	if err := s.launchSomewhere(ctx); err != nil {
		w.close()
		return nil, fmt.Errorf("start the server in %s: %w", w.folder, err)
	}
	return s, nil
}

// launchSomewhere tries a few ports, since another process may take one between the look and the start.
func (s *Server) launchSomewhere(ctx context.Context) error {
	var failures error
	for range 3 {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		s.port, s.URL = port, s.engine.url(port)
		if err = s.launch(ctx); err == nil {
			return nil
		}
		failures = errors.Join(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return failures
}

// launch starts the server on its port and returns once it answers.
func (s *Server) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := s.ward.start(s.engine.command(s.ward.folder, s.port)); err != nil {
		return err
	}
	err := s.awaitAnswer(ctx)
	if err != nil {
		s.ward.kill("KILL")
		return fmt.Errorf("%w; its log ends:\n%s", err, s.ward.lastWords())
	}
	return nil
}

func (s *Server) awaitAnswer(ctx context.Context) error {
	for {
		err := s.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.ward.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("no answer from it (%w): %w", context.Cause(ctx), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ask connects plainly first, because the Redis client logs every connection refused.
func (s *Server) ask(ctx context.Context) error {
	var dial net.Dialer
	conn, err := dial.DialContext(ctx, "tcp", loopback(s.port))
	if err != nil {
		return err
	}
	return errors.Join(conn.Close(), s.engine.ping(ctx, s.URL))
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// freePort stays below the range from which systems take the ports of outgoing connections, of which a test run opens
// and closes thousands: a port from there could be gone a moment later, and for good after a Crash.
func freePort(ctx context.Context) (int, error) {
	var listen net.ListenConfig
	for range 100 {
		port := 20000 + rand.IntN(12000)
		l, err := listen.Listen(ctx, "tcp", loopback(port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 31999")
}
