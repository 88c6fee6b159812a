package outbox_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s *testkit.Setup, jobs ...outbox.Job) {
	t.Helper()
	must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error {
		for _, job := range jobs {
			if err := outbox.Put(s.Context(), tx, job); err != nil {
				return err
			}
		}
		return nil
	}))
}

// stored are all jobs, oldest first.
func stored(t *testing.T, s *testkit.Setup) []*ent.OutboxJob {
	t.Helper()
	rows, err := s.DB.Ent.OutboxJob.Query().Order(ent.Asc(outboxjob.FieldID)).All(s.Context())
	must(t, err)
	return rows
}

func theOne(t *testing.T, s *testkit.Setup) *ent.OutboxJob {
	t.Helper()
	rows := stored(t, s)
	if len(rows) != 1 {
		t.Fatalf("%d jobs, want one: %v", len(rows), rows)
	}
	return rows[0]
}

func TestAJobOfWhatDidNotHappenDoesNotExist(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		refused := errors.New("refused")
		err := s.DB.InTx(s.Context(), func(tx *store.Tx) error {
			must(t, outbox.Put(s.Context(), tx, outbox.Job{Kind: "k", Key: "1"}))
			must(t, outbox.PutMail(s.Context(), tx, outbox.Mail{Key: "2"}))
			return refused
		})
		if !errors.Is(err, refused) || len(stored(t, s)) != 0 {
			t.Errorf("%v; jobs %v", err, stored(t, s))
		}
	})
}

func TestTheSameKeyIsPutOnceForEver(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		put(t, s, outbox.Job{Kind: "k", Key: "same", Payload: "first"}, outbox.Job{Kind: "k", Key: "same", Payload: "second"})
		put(t, s, outbox.Job{Kind: "other", Key: "same", Payload: "third", Due: time.Now().Add(time.Hour)})
		w, done := worker(s, "k")
		drain(t, s, w)
		put(t, s, outbox.Job{Kind: "k", Key: "same", Payload: "after it was done"})
		drain(t, s, w)
		if diff := cmp.Diff(map[string]int{`"first"`: 1}, done.counts()); diff != "" {
			t.Error(diff)
		}
		if row := theOne(t, s); row.Kind != "k" || row.DoneAt == nil {
			t.Errorf("the first job was changed: %v", row)
		}
	})
}

func TestAMailIsKeptAsItsNameAndArguments(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		mail := outbox.Mail{To: "janis@vugd.example", Locale: "lv", Name: "login_link",
			Args: map[string]string{"link": "https://varde.example/lv/link?a=1&b=<2>", "name": "Jānis"}, Key: "login:1"}
		must(t, s.DB.InTx(s.Context(), func(tx *store.Tx) error { return outbox.PutMail(s.Context(), tx, mail) }))
		row := theOne(t, s)
		if row.Kind != outbox.MailKind || row.DedupeKey != "login:1" {
			t.Errorf("kind %q, key %q", row.Kind, row.DedupeKey)
		}
		var got outbox.Mail
		must(t, json.Unmarshal(row.Payload, &got))
		mail.Key = ""
		if diff := cmp.Diff(mail, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAPayloadThatIsNoJSONIsRefused(t *testing.T) {
	s := testkit.SQLite(t)
	err := s.DB.InTx(s.Context(), func(tx *store.Tx) error {
		return outbox.Put(s.Context(), tx, outbox.Job{Kind: "k", Key: "1", Payload: func() {}})
	})
	if err == nil || len(stored(t, s)) != 0 {
		t.Errorf("%v; jobs %v", err, stored(t, s))
	}
}
