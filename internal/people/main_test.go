package people

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// realCost is what passwords cost outside of tests, which use the least there is.
var realCost = cost

func TestMain(m *testing.M) {
	cost = argonCost{memory: 64, passes: 1, threads: 1}
	os.Exit(m.Run())
}

const (
	base     = "https://varde.example"
	email    = "anna@vugd.example"
	password = "seven seas & a ferry"
)

func withMail(s *testkit.Setup) *Service {
	return New(s.DB, Options{MailOut: true, BaseURL: base + "/"})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func signUp(t *testing.T, s *Service) Account {
	t.Helper()
	return must[Account](t)(s.SignUp(t.Context(), SignUp{Email: email, Password: password, Locale: "lv"}))
}

// mails are all that stand in the outbox, oldest first.
func mails(t *testing.T, s *testkit.Setup) []outbox.Mail {
	t.Helper()
	rows, err := s.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).
		Order(ent.Asc(outboxjob.FieldID)).All(s.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := make([]outbox.Mail, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Payload, &list[i]); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// lastMail is the newest mail, which must be of that name.
func lastMail(t *testing.T, s *testkit.Setup, name string) outbox.Mail {
	t.Helper()
	all := mails(t, s)
	if len(all) == 0 || all[len(all)-1].Name != name {
		t.Fatalf("last mail is not %s: %v", name, all)
	}
	return all[len(all)-1]
}

// tokenIn is the end of the link in a mail or on standard output.
func tokenIn(t *testing.T, link, start string) string {
	t.Helper()
	token, ok := strings.CutPrefix(link, start)
	if !ok || len(token) != 43 {
		t.Fatalf("link %q does not consist of %q and a token of 43 characters", link, start)
	}
	return token
}

func wantFault(t *testing.T, err error, kind training.Kind, key string) {
	t.Helper()
	fault, ok := training.AsFault(err)
	if !ok || fault.Kind != kind || fault.MessageKey() != key {
		t.Fatalf("got %v, want %s (%s)", err, kind, key)
	}
}

func wantField(t *testing.T, err error, field, key string) {
	t.Helper()
	fault, ok := training.AsFault(err)
	if !ok || fault.Kind != training.KindInvalid || len(fault.Fields) != 1 ||
		fault.Fields[0].Field != field || fault.Fields[0].Key != key {
		t.Fatalf("got %v, want the one field fault %s: %s", err, field, key)
	}
}

// disable does what the secretariat does to an account.
func disable(t *testing.T, s *testkit.Setup, id int) {
	t.Helper()
	if err := s.DB.Ent.Person.UpdateOneID(id).SetDisabledAt(s.Now(t)).Exec(s.Context()); err != nil {
		t.Fatal(err)
	}
}

// later runs f as if that much time had passed.
func later(s *testkit.Setup, by time.Duration, f func()) {
	s.DB.Shift(by)
	defer s.DB.Shift(0)
	f()
}
