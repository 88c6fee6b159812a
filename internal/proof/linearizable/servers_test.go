package linearizable_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// serversOf is how many servers each set-up has: SQLite and the embedded Redis
// are one process's alone.
var serversOf = map[string]int{"sqlite": 1, "postgres": 3}

// start serves the set-up's database on as many servers as it has and gives
// where they answer. They end with the test.
func start(t *testing.T, s *testkit.Setup) []*app.App {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	testkit.SigningKey(t, filepath.Dir(secret))
	if _, err := config.Secret(secret, true); err != nil {
		t.Fatal(err)
	}
	apps := make([]*app.App, serversOf[s.Name])
	for i := range apps {
		apps[i] = serve(t, map[string]string{"VARDE_DATABASE_URL": s.DatabaseURL, "VARDE_REDIS_URL": s.RedisURL,
			"VARDE_SECRET_FILE": secret, "VARDE_API_LIMIT": "100000000"})
	}
	return apps
}

func serve(t *testing.T, env map[string]string) *app.App {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	env["VARDE_ADDR"] = listener.Addr().String()
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), settings, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(a.Serve(serving, listener, "proof"), a.Close()) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return a
}

// populate writes the people and runs of a history into the database.
func populate(t *testing.T, s *testkit.Setup, w *world, of []shape) {
	t.Helper()
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range w.people {
		agency := ""
		if p.country != "" {
			agency = strings.ToLower(p.country) + "-proof"
		}
		s.Person(t, testkit.P{Email: p.email, Country: p.country, Agency: agency, Confirmed: agency != ""})
	}
	s.Person(t, testkit.P{Email: w.admin.email, Role: training.RoleAdmin})
	for i, sh := range of {
		made := testkit.R{Code: w.runs[i].code, Size: sh.size, Quotas: sh.quotas, Approval: sh.approval}
		if sh.soon {
			made.Starts = training.DateOf(s.Now(t).In(riga)).AddDays(2)
		}
		s.Run(t, made)
	}
}

// enter gives the people their tokens and tells them where the servers are.
func enter(t *testing.T, worlds []*world, apps []*app.App) {
	t.Helper()
	for _, w := range worlds {
		everybody := append(slices.Clone(w.people), w.admin)
		emails := make([]string, len(everybody))
		for i, p := range everybody {
			emails[i] = p.email
		}
		tokens, err := apps[0].People.IssueTokens(t.Context(), emails, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range everybody {
			p.token = tokens[i]
		}
		for _, a := range apps {
			w.bases = append(w.bases, a.Settings.BaseURL)
		}
	}
}

// readOrder reads in which order the database has written the changes of all
// runs down. It is where the checker looks first for an order, and no more: what
// it finds has to give the answers that the clients saw.
func readOrder(t *testing.T, s *testkit.Setup, worlds []*world) {
	t.Helper()
	events, err := s.DB.Ent.EnrolmentEvent.Query().Order(ent.Asc(enrolmentevent.FieldID)).All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.DB.Ent.Enrolment.Query().WithRun().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enrolments := map[int]*ent.Enrolment{}
	for _, row := range rows {
		enrolments[row.ID] = row
	}
	runs := map[string][]changed{}
	for _, e := range events {
		row := enrolments[e.EnrolmentID]
		from, _ := statusOf(e.FromStatus)
		to, _ := statusOf(e.ToStatus)
		runs[row.Edges.Run.Code] = append(runs[row.Edges.Run.Code], changed{row.Ref, from, to, e.At})
	}
	for _, w := range worlds {
		w.order = map[*run][]changed{}
		for _, r := range w.runs {
			w.order[r] = runs[r.code]
		}
	}
}

// What a busy database and a first request under way are answered with.
const (
	busyText    = "Many people are doing this right now, and it did not go through. Nothing was changed; try again."
	changedText = "Somebody changed this in the meantime. Load the page again and look at what it says now."
	runningText = "The same request is still being worked on."
)
