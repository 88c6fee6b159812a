package roster_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// course is a run under way with its people, in the words of the tests.
type course struct {
	*testkit.Setup
	service           *roster.Service
	run               int
	instructor, admin training.Actor
}

// under makes a run of three days that began today in Riga, with 10 open seats
// and 2 for Estonia, and no one in it.
func under(t *testing.T, s *testkit.Setup) course {
	t.Helper()
	today := training.DateOf(s.Now(t))
	c := course{Setup: s, service: roster.New(s.DB)}
	c.instructor = s.Person(t, testkit.P{Email: "ilze@example.org", Name: "Ilze", Role: training.RoleInstructor})
	c.admin = s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
	c.run = s.Run(t, testkit.R{
		Code: "FIRE-1", Size: 12, Quotas: map[string]int{"EE": 2}, Instructors: []training.Actor{c.instructor},
		Starts: today.AddDays(-1), Ends: today.AddDays(1), Closes: s.Now(t).AddDate(0, 0, 1),
	})
	// Five half days of our own, so that each is worth a fifth whatever weekday
	// the tests run on, and all have begun.
	half := training.DefaultHalfDays(monday, monday.AddDays(2))[:5]
	if err := s.DB.Ent.Run.UpdateOneID(c.run).SetHalfDays(half).Exec(s.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

var monday = training.Date{Year: 2024, Month: 3, Day: 18}

var halfDays = []string{"2024-03-18/am", "2024-03-18/pm", "2024-03-19/am", "2024-03-19/pm", "2024-03-20/am"}

// enrol puts a new person into the run and gives the enrolment's identifier,
// which is the name. A seat comes from the pool of that country, or the open one.
func (c course) enrol(t *testing.T, name string, status training.Status, country string) string {
	t.Helper()
	ctx, now := c.Context(), c.Now(t)
	actor := c.Person(t, testkit.P{Email: name + "@example.org", Name: name, Country: country, Agency: "brigade-" + country, Confirmed: country != ""})
	create := c.DB.Ent.Enrolment.Create().SetRef(name).SetRunID(c.run).SetPersonID(actor.PersonID).
		SetStatus(status).SetCountry(country).SetCreatedAt(now).SetUpdatedAt(now)
	if actor.AgencyID != 0 {
		create.SetAgencyID(actor.AgencyID)
	}
	pool := c.DB.Ent.SeatPool.Query().Where(seatpool.RunID(c.run), seatpool.Country(country)).OnlyX(ctx)
	switch {
	case status.TakesSeat():
		create.SetPoolID(pool.ID)
		c.DB.Ent.SeatPool.UpdateOne(pool).AddTaken(1).ExecX(ctx)
	case status == training.Waiting:
		create.SetWaitingSince(now)
		c.DB.Ent.SeatPool.UpdateOne(pool).AddWaiting(1).ExecX(ctx)
	}
	create.ExecX(ctx)
	return name
}

// mark says in how many of the five half days somebody was present; at the
// others the person was absent.
func (c course) mark(t *testing.T, ref string, present int) {
	t.Helper()
	var change roster.Change
	for i, half := range halfDays {
		change.Presence = append(change.Presence, roster.Mark{HalfDay: half, Present: new(i < present)})
	}
	if _, _, err := c.service.Mark(c.Context(), c.instructor, "FIRE-1", ref, change); err != nil {
		t.Fatal(err)
	}
}

func (c course) close(t *testing.T) {
	t.Helper()
	if err := c.service.Close(c.Context(), c.instructor, "FIRE-1"); err != nil {
		t.Fatal(err)
	}
}

func (c course) status(t *testing.T, ref string) training.Status {
	t.Helper()
	return c.DB.Ent.Enrolment.Query().Where(enrolment.Ref(ref)).OnlyX(c.Context()).Status
}

// reasons is the history of an enrolment: message keys, oldest first.
func (c course) reasons(t *testing.T, ref string) []string {
	t.Helper()
	events := c.DB.Ent.Enrolment.Query().Where(enrolment.Ref(ref)).QueryEvents().Order(ent.Asc("id")).AllX(c.Context())
	var reasons []string
	for _, e := range events {
		reasons = append(reasons, e.Reason)
	}
	return reasons
}

// seats shows a pool as "taken/size, waiting".
func (c course) seats(t *testing.T, country string) string {
	t.Helper()
	p := c.DB.Ent.SeatPool.Query().Where(seatpool.RunID(c.run), seatpool.Country(country)).OnlyX(c.Context())
	return fmt.Sprintf("%d/%d, %d", p.Taken, p.Size, p.Waiting)
}

func (c course) seatVersion(t *testing.T) int {
	t.Helper()
	return c.DB.Ent.Run.Query().Where(run.ID(c.run)).OnlyX(c.Context()).SeatVersion
}

func (c course) line(t *testing.T, ref string) roster.Item {
	t.Helper()
	list, err := c.service.Roster(c.Context(), c.instructor, "FIRE-1")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list.Items, func(i roster.Item) bool { return i.Enrolment == ref })
	if i < 0 {
		t.Fatalf("%s is not on the roster", ref)
	}
	return list.Items[i]
}

func (c course) personID(t *testing.T, email string) int {
	t.Helper()
	return c.DB.Ent.Person.Query().Where(person.Email(email)).OnlyIDX(c.Context())
}

func wantKind(t *testing.T, err error, kind training.Kind, key string) {
	t.Helper()
	f, ok := training.AsFault(err)
	if !ok || f.Kind != kind || f.MessageKey() != key {
		t.Errorf("answer is %v, want %s with %s", err, kind, key)
	}
}

func wantField(t *testing.T, err error, field, key string) {
	t.Helper()
	f, ok := training.AsFault(err)
	if !ok || f.Kind != training.KindInvalid || len(f.Fields) != 1 || f.Fields[0].Field != field || f.Fields[0].Key != key {
		t.Errorf("answer is %v, want field %s with %s", err, field, key)
	}
}
