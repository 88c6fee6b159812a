package handlers_test

import (
	"bufio"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
)

// Browsers and proxies open connections that they may need later. What they read
// there could be taken for the answer to a request that was sent at that moment.
func TestAConnectionOnWhichNothingIsAskedEndsWithoutAPage(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	s.web.Server().ReadTimeout = 50 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.web.Listener(listener) //nolint:errcheck // ends with Shutdown
	defer s.web.Shutdown()      //nolint:errcheck // the test is over
	for what, begun := range map[string]string{"nothing": "", "half a request": "POST /api/v1/runs/X/holds HTTP/1.1\r\nHost: va"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(begun)); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusRequestTimeout || !response.Close {
			t.Errorf("%s: answered %d, and the connection is to be closed: %v", what, response.StatusCode, response.Close)
		}
	}
	if log := s.log.String(); log != "" {
		t.Errorf("it is noted: %s", log)
	}
}
