package mail

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/outbox"
)

const from = "varde@varde.example"

func mailer(t *testing.T, url string) *Service {
	t.Helper()
	s, err := New(nil, bundle(t), url, from)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func deliver(t *testing.T, s *Service, m outbox.Mail) error {
	t.Helper()
	payload, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return s.Deliver(t.Context(), payload)
}

// arrived parses the one message that the server was given.
func arrived(t *testing.T, server *smtpServer) (netmail.Header, string) {
	t.Helper()
	_, messages := server.seen()
	if len(messages) != 1 {
		t.Fatalf("%d messages arrived", len(messages))
	}
	message, err := netmail.ReadMessage(strings.NewReader(messages[0]))
	if err != nil {
		t.Fatal(err)
	}
	var text io.Reader = message.Body
	if message.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		text = quotedprintable.NewReader(text)
	}
	body, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, strings.ReplaceAll(string(body), "\r\n", "\n")
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	for _, lang := range []string{"lv", "pl", "ru", "is", "en"} {
		t.Run(lang, func(t *testing.T) {
			server := serveSMTP(t, &smtpServer{})
			s := mailer(t, "smtp://"+server.address)
			m := outbox.Mail{To: "janis@vugd.example", Locale: lang, Name: "enrolment_confirmed", Args: map[string]string{
				"name": "Jānis Bērziņš-Ķēniņš", "course": "Pożary lasów w Łodzi: Ж, ß, Þ", "dates": "15.–19. marts", "place": "Łódź",
				"country": "Polska", "reference": "E-1", "link": "https://varde.example/lv/me/enrolments/E-1?a=1&b=2"}}
			if err := deliver(t, s, m); err != nil {
				t.Fatal(err)
			}
			header, body := arrived(t, server)
			want := s.Write(m)
			subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if err != nil || subject != want.Subject || !strings.Contains(subject, "Łodzi: Ж, ß, Þ") {
				t.Errorf("subject %q (%v), want %q", subject, err, want.Subject)
			}
			if body != want.Body {
				t.Errorf("body\n%s\nwant\n%s", body, want.Body)
			}
			kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
			if err != nil || kind != "text/plain" || !strings.EqualFold(params["charset"], "utf-8") {
				t.Errorf("content type %q", header.Get("Content-Type"))
			}
			if got := header.Get("Content-Language"); got != lang {
				t.Errorf("language %q", got)
			}
			checkEnvelope(t, server, header)
		})
	}
}

func checkEnvelope(t *testing.T, server *smtpServer, header netmail.Header) {
	t.Helper()
	for name, want := range map[string]string{"From": from, "To": "janis@vugd.example"} {
		if list, err := header.AddressList(name); err != nil || len(list) != 1 || list[0].Address != want {
			t.Errorf("%s: %q", name, header.Get(name))
		}
	}
	if at, err := header.Date(); err != nil || time.Since(at).Abs() > time.Hour {
		t.Errorf("date %q", header.Get("Date"))
	}
	if header.Get("Message-Id") == "" {
		t.Error("no Message-ID")
	}
	// Otherwise holiday notices come back.
	if header.Get("Precedence") != "bulk" {
		t.Errorf("precedence %q", header.Get("Precedence"))
	}
	commands, _ := server.seen()
	all := strings.Join(commands, "\n")
	if !strings.Contains(all, "MAIL FROM:<"+from+">") || !strings.Contains(all, "RCPT TO:<janis@vugd.example>") {
		t.Errorf("said to the server:\n%s", all)
	}
}

func TestNoHeaderCanBeSmuggledIn(t *testing.T) {
	server := serveSMTP(t, &smtpServer{})
	s := mailer(t, "smtp://"+server.address)
	m := outbox.Mail{To: "janis@vugd.example", Locale: "en", Name: "certificate_issued",
		Args: map[string]string{"course": "Fires\r\nBcc: all@vugd.example\r\n\r\nText", "name": "\r\n.\r\nMAIL FROM:<x@y.example>"}}
	if err := deliver(t, s, m); err != nil {
		t.Fatal(err)
	}
	header, _ := arrived(t, server)
	if header.Get("Bcc") != "" || !strings.Contains(header.Get("Subject"), "Fires") {
		t.Errorf("header %v", header)
	}
	if commands, _ := server.seen(); strings.Contains(strings.Join(commands, "\n"), "x@y.example") {
		t.Errorf("said to the server: %v", commands)
	}
}

func TestARefusedRecipientIsAnError(t *testing.T) {
	server := serveSMTP(t, &smtpServer{refuses: "nobody@vugd.example"})
	s := mailer(t, "smtp://"+server.address)
	err := deliver(t, s, outbox.Mail{To: "nobody@vugd.example", Locale: "en", Name: "login_link"})
	if err == nil || !strings.Contains(err.Error(), "no such person here") {
		t.Errorf("got %v, want the server's words", err)
	}
	if _, messages := server.seen(); len(messages) != 0 {
		t.Errorf("sent all the same: %v", messages)
	}
}

func TestWhatCannotBeSentIsAnError(t *testing.T) {
	server := serveSMTP(t, &smtpServer{})
	s := mailer(t, "smtp://"+server.address)
	for _, to := range []string{"", "no address", "two@vugd.example, more@vugd.example"} {
		if err := deliver(t, s, outbox.Mail{To: to, Locale: "en", Name: "login_link"}); err == nil {
			t.Errorf("a mail to %q was sent", to)
		}
	}
	if err := s.Deliver(t.Context(), json.RawMessage(`{"to": 1}`)); err == nil {
		t.Error("a damaged job was sent")
	}
	if err := deliver(t, mailer(t, "smtp://127.0.0.1:1"), outbox.Mail{To: "janis@vugd.example", Name: "login_link"}); err == nil {
		t.Error("a mail was sent to a server that is not there")
	}
	if err := deliver(t, mailer(t, ""), outbox.Mail{To: "janis@vugd.example", Name: "login_link"}); err == nil {
		t.Error("a mail was sent without a server")
	}
}

// The password of the mail server must not cross the net in the clear.
func TestNoPasswordIsSentInTheClear(t *testing.T) {
	server := serveSMTP(t, &smtpServer{offers: []string{"AUTH PLAIN LOGIN"}})
	s := mailer(t, "smtp://varde:hunter2@"+server.address)
	err := deliver(t, s, outbox.Mail{To: "janis@vugd.example", Locale: "en", Name: "login_link"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want an error without the password", err)
	}
	commands, messages := server.seen()
	if len(messages) != 0 || strings.Contains(fmt.Sprint(commands), "AUTH") {
		t.Errorf("said %v", commands)
	}
}

func TestTheAddressOfTheMailServer(t *testing.T) {
	tests := []struct{ url, server string }{ // server empty: refused
		{"smtp://mail.example:2525", "mail.example:2525"},
		{"smtp://user:pass%40word@mail.example:587", "mail.example:587"},
		{"smtp://mail.example", "mail.example:25"},
		{"smtps://mail.example", "mail.example:465"},
		{"smtps://user:password@mail.example:2465", "mail.example:2465"},
		{"mail.example:25", ""}, {"mail.example", ""}, {"http://mail.example", ""}, {"smtp://", ""}, {"smtp://:25", ""},
		{"smtp://mail.example:port", ""}, {"smtp://%zz@mail.example", ""}, {"smtp://mail.example:99999", ""}, {"smtp://mail.example:0", ""},
	}
	for _, tt := range tests {
		s, err := New(nil, nil, tt.url, from)
		if err != nil {
			if tt.server != "" || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v", tt.url, err)
			}
			continue
		}
		if tt.server == "" {
			t.Errorf("%s is accepted", tt.url)
			continue
		}
		client, err := s.client()
		if err != nil || client.ServerAddr() != tt.server || !s.Out() {
			t.Errorf("%s leads to %v (%v), want %s", tt.url, client, err, tt.server)
		}
	}
}

func TestASenderThatIsNoAddressIsToldAtOnce(t *testing.T) {
	for _, sender := range []string{"", "varde", "a@b, c@d"} {
		if _, err := New(nil, nil, "smtp://mail.example:25", sender); err == nil {
			t.Errorf("sender %q is accepted", sender)
		}
	}
	for _, sender := range []string{"varde@127.0.0.1", "varde@localhost", "Varde Ķ <varde@varde.example>"} {
		if _, err := New(nil, nil, "smtp://mail.example:25", sender); err != nil {
			t.Errorf("sender %q: %v", sender, err)
		}
	}
	if s, err := New(nil, nil, "", ""); err != nil || s.Out() {
		t.Errorf("without a server: %v", err)
	}
}
