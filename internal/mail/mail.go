// Package mail owns putting mails into words and handing them to the SMTP
// server, or showing them to the administrator where there is none. It does not
// own when a mail is due; that is the outbox's and the services'.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Service writes and sends mails.
type Service struct {
	db     *store.DB
	bundle *i18n.Bundle
	from   string
	smtp   *url.URL // nil: mails stay in the outbox
}

// New makes the service. smtpURL is smtp://user:password@host:port or
// smtps://…; empty: mails stay in the outbox. from is the sender's address.
func New(db *store.DB, bundle *i18n.Bundle, smtpURL, from string) (*Service, error) {
	s := &Service{db: db, bundle: bundle, from: from}
	if smtpURL == "" {
		return s, nil
	}
	parsed, err := url.Parse(smtpURL)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "smtp" && parsed.Scheme != "smtps" {
		return nil, fmt.Errorf("the address of the mail server must be smtp://user:password@host:port")
	}
	s.smtp = parsed
	if _, err := s.client(); err != nil {
		return nil, err
	}
	if _, err := netmail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("the sender's address %q cannot be used: %w", from, err)
	}
	return s, nil
}

// Out reports whether mails leave the house.
func (s *Service) Out() bool { return s.smtp != nil }

// Message is one mail in words.
type Message struct{ To, Lang, Subject, Body string }

// Write puts a mail into the words of its reader.
func (s *Service) Write(m outbox.Mail) Message {
	speaker := s.bundle.For(m.Locale)
	args := make([]any, 0, 2*len(m.Args))
	for name, value := range m.Args {
		args = append(args, name, value)
	}
	return Message{To: m.To, Lang: speaker.Lang(), Subject: speaker.T("mail."+m.Name+".subject", args...),
		Body: speaker.T("mail."+m.Name+".body", args...) + "\n\n" + speaker.T("mail.signature") + "\n"}
}

// Deliver is the outbox's doer of mails.
func (s *Service) Deliver(ctx context.Context, payload json.RawMessage) error {
	if !s.Out() {
		return errors.New("no mail server is set")
	}
	var m outbox.Mail
	if err := json.Unmarshal(payload, &m); err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	written := s.Write(m)
	message := gomail.NewMsg()
	if err := message.From(s.from); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := message.To(written.To); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	message.Subject(written.Subject)
	message.SetGenHeader(gomail.HeaderContentLang, written.Lang)
	message.SetBulk()
	message.SetBodyString(gomail.TypeTextPlain, written.Body)
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func (s *Service) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithTimeout(20 * time.Second), gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	if s.smtp.Scheme == "smtps" {
		options = append(options, gomail.WithSSLPort(false)) // 465 unless the address has a port
	}
	if port, err := strconv.Atoi(s.smtp.Port()); err == nil {
		options = append(options, gomail.WithPort(port))
	}
	if user := s.smtp.User; user != nil {
		password, _ := user.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(user.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(s.smtp.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return client, nil
}

// Kept is a mail as the administrator sees it.
type Kept struct {
	Message
	At      time.Time // UTC, when it was put
	SentAt  time.Time // UTC; zero: not sent
	GivenUp bool
	Tries   int
}

// List shows the newest mails of the outbox to administrators.
func (s *Service) List(ctx context.Context, actor training.Actor, limit int) ([]Kept, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, err
	}
	rows, err := s.db.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).
		Order(ent.Desc(outboxjob.FieldCreatedAt, outboxjob.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the outbox: %w", err)
	}
	list := make([]Kept, 0, len(rows))
	for _, row := range rows {
		var m outbox.Mail
		if err := json.Unmarshal(row.Payload, &m); err != nil {
			return nil, fmt.Errorf("read mail %d: %w", row.ID, err)
		}
		k := Kept{Message: s.Write(m), At: row.CreatedAt.UTC(), GivenUp: row.GivenUpAt != nil, Tries: row.Tries}
		if row.DoneAt != nil {
			k.SentAt = row.DoneAt.UTC()
		}
		list = append(list, k)
	}
	return list, nil
}
