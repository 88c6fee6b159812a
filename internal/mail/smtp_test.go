package mail

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
)

// smtpServer is a mail server that speaks as much SMTP as a delivery needs and
// remembers what it was given.
type smtpServer struct {
	address string
	offers  []string // extensions it names
	refuses string   // the recipient it does not know

	mutex    sync.Mutex
	commands []string
	messages []string // as received, without the last line
}

func serveSMTP(t *testing.T, s *smtpServer) *smtpServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	ctx, end := context.WithCancel(context.Background())
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { conn.Close() }) // a client that gave up may leave it open
			sessions.Go(func() {
				defer conn.Close()
				s.session(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		end()
		sessions.Wait()
	})
	return s
}

func (s *smtpServer) session(conn net.Conn) {
	say := func(lines ...string) {
		for _, line := range lines {
			_, _ = conn.Write([]byte(line + "\r\n")) // a client that is gone is seen when reading
		}
	}
	lines := bufio.NewScanner(conn)
	say("220 mail.example ESMTP")
	for lines.Scan() {
		line := lines.Text()
		s.note(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case verb == "EHLO":
			say("250-mail.example")
			for _, extension := range s.offers {
				say("250-" + extension)
			}
			say("250 8BITMIME")
		case verb == "RCPT" && s.refuses != "" && strings.Contains(line, s.refuses):
			say("550 5.1.1 no such person here")
		case verb == "DATA":
			say("354 go on")
			s.keep(body(lines))
			say("250 2.0.0 kept")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 2.0.0 fine")
		}
	}
}

// body reads up to the line with a point alone.
func body(lines *bufio.Scanner) string {
	var text strings.Builder
	for lines.Scan() && lines.Text() != "." {
		text.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\r\n")
	}
	return text.String()
}

func (s *smtpServer) note(command string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.commands = append(s.commands, command)
}

func (s *smtpServer) keep(message string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.messages = append(s.messages, message)
}

// seen is what the server was told and given so far.
func (s *smtpServer) seen() (commands, messages []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string{}, s.commands...), append([]string{}, s.messages...)
}
