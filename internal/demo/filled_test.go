package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/outboxjob"
	account "github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/training"
)

func checkFilled(t *testing.T, a *app.App, out string) {
	t.Helper()
	for what, check := range map[string]func(*testing.T, *app.App){
		"seats": checkSeats, "certificates": checkCertificates, "people": checkPeople, "jobs": checkJobs, "times": checkTimes,
		"waiting lists": checkWaiting, "approvals": checkApprovals,
	} {
		t.Run(what, func(t *testing.T) { check(t, a) })
	}
	t.Run("log-ins", func(t *testing.T) { checkLogIns(t, a, out) })
}

// The trainee who logs in finds an offer to accept, and others behind on the list.
func checkWaiting(t *testing.T, a *app.App) {
	rows := a.DB.Ent.Enrolment.Query().Where(enrolment.StatusIn(training.Offered, training.Waiting)).
		WithPerson().WithRun().AllX(t.Context())
	offered, waiting := "", 0
	for _, e := range rows {
		if e.Edges.Run.Code != "EMTCC-6" {
			continue
		}
		if e.Status == training.Offered {
			offered += e.Edges.Person.Email
		} else {
			waiting++
		}
	}
	there := a.DB.Ent.Run.Query().Where(run.Code("EMTCC-6")).ExistX(t.Context())
	if there && (offered != "janis.berzins@vugd.example" || waiting != 3) {
		t.Errorf("offered to %q, %d wait; want the trainee who logs in, and three", offered, waiting)
	}
}

// The training officer who logs in finds somebody to approve within a day, and
// others for whom there is more time.
func checkApprovals(t *testing.T, a *app.App) {
	if !a.DB.Ent.Run.Query().Where(run.Code("SMC-13")).ExistX(t.Context()) {
		return
	}
	rows := a.DB.Ent.Enrolment.Query().Where(enrolment.StatusEQ(training.Pending), enrolment.HasAgencyWith(agency.Slug("lv-vugd"))).AllX(t.Context())
	soon := 0
	for _, e := range rows {
		left := time.Until(*e.DeadlineAt)
		if left < 12*time.Hour {
			t.Errorf("enrolment %s has to be approved within %s: nobody looks at it in time", e.Ref, left)
		}
		if left < 24*time.Hour {
			soon++
		}
	}
	if len(rows) < 2 || soon != 1 {
		t.Errorf("%d to approve, %d of them within a day; want more, and one", len(rows), soon)
	}
}

func checkSeats(t *testing.T, a *app.App) {
	pools := a.DB.Ent.SeatPool.Query().WithRun().AllX(t.Context())
	taken := map[int]int{}
	living := map[[2]int]int{}
	for _, e := range a.DB.Ent.Enrolment.Query().AllX(t.Context()) {
		if e.Status.TakesSeat() != (e.PoolID != nil) {
			t.Errorf("enrolment %s is %s, its pool %v", e.Ref, e.Status, e.PoolID)
		}
		if e.PoolID != nil {
			taken[*e.PoolID]++
		}
		if e.Status.Living() {
			living[[2]int{e.RunID, e.PersonID}]++
		}
	}
	for who, n := range living {
		if n > 1 {
			t.Errorf("run %d has person %d %d times", who[0], who[1], n)
		}
	}
	size := map[int]int{}
	for _, p := range pools {
		if p.Taken != taken[p.ID] || p.Taken > p.Size {
			t.Errorf("run %s, pool %q: %d of %d taken, %d rows", p.Edges.Run.Code, p.Country, p.Taken, p.Size, taken[p.ID])
		}
		size[p.RunID] += p.Size
	}
	for _, r := range a.DB.Ent.Run.Query().AllX(t.Context()) {
		if size[r.ID] != r.Size {
			t.Errorf("run %s has %d seats, its pools %d", r.Code, r.Size, size[r.ID])
		}
	}
}

func checkRuns(t *testing.T, a *app.App) {
	runs := a.DB.Ent.Run.Query().WithPools().WithEnrolments().WithInstructors().AllX(t.Context())
	var sizes []int
	today := training.DateOf(time.Now()).String()
	var past, underWay, coming, withFree, soon int
	for _, r := range runs {
		sizes = append(sizes, r.Size)
		if len(r.Edges.Instructors) == 0 {
			t.Errorf("run %s has no instructor", r.Code)
		}
		taken := 0
		for _, p := range r.Edges.Pools {
			taken += p.Taken
			if p.Country != "" && (p.Size < 1 || p.Size > 2) {
				t.Errorf("run %s has a quota of %d for %s", r.Code, p.Size, p.Country)
			}
		}
		switch {
		case r.Ends < today:
			past++
			if r.ClosedAt == nil {
				t.Errorf("run %s ended on %s and is not closed", r.Code, r.Ends)
			}
		case r.Starts <= today:
			underWay++
		default:
			coming++
			if taken < r.Size {
				withFree++
			}
			if r.Starts < training.DateOf(time.Now()).AddDays(92).String() && taken > 0 {
				soon++
			}
		}
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median != 22 {
		t.Errorf("the median run has %d seats", median)
	}
	if past < 3 || underWay < 1 || coming < 20 || withFree < 10 || soon < 5 {
		t.Errorf("%d runs past, %d under way, %d to come, %d of them with free seats, %d of them soon and with people", past, underWay, coming, withFree, soon)
	}
}

func checkCertificates(t *testing.T, a *app.App) {
	revoked := 0
	for _, r := range a.DB.Ent.Run.Query().WithEnrolments().AllX(t.Context()) {
		if r.ClosedAt == nil {
			continue
		}
		progress, err := a.Certificates.Progress(t.Context(), r.ID)
		if err != nil || progress.Due == 0 || progress.Issued != progress.Due || len(progress.Stopped) != 0 {
			t.Errorf("run %s: certificates %+v (%v)", r.Code, progress, err)
		}
		for _, e := range r.Edges.Enrolments {
			if e.Status.Living() && !e.Status.IsResult() {
				t.Errorf("run %s is closed, and %s is %s", r.Code, e.Ref, e.Status)
			}
		}
	}
	for _, c := range a.DB.Ent.Certificate.Query().AllX(t.Context()) {
		if c.RevokedAt != nil {
			revoked++
		}
	}
	if revoked != 1 {
		t.Errorf("%d certificates are revoked, want one to show", revoked)
	}
}

func checkPeople(t *testing.T, a *app.App) {
	unconfirmed := a.DB.Ent.Person.Query().Where(account.AffiliationConfirmedAtIsNil(),
		account.HasAgencyWith(agency.Slug("lv-vugd"))).CountX(t.Context())
	if unconfirmed == 0 {
		t.Error("nobody waits for the training officer of lv-vugd")
	}
	roles := map[training.Role]int{}
	for _, p := range a.DB.Ent.Person.Query().AllX(t.Context()) {
		roles[p.Role]++
		if p.Name == "" || !strings.HasSuffix(p.Email, ".example") {
			t.Errorf("person %q, %s: the people must be invented and have names", p.Name, p.Email)
		}
	}
	for _, role := range training.Roles {
		if roles[role] == 0 {
			t.Errorf("there is no %s", role)
		}
	}
}

// What followed from what was done is done, but for the mails, which stay.
func checkJobs(t *testing.T, a *app.App) {
	for _, job := range a.DB.Ent.OutboxJob.Query().Where(outboxjob.DoneAtIsNil()).AllX(t.Context()) {
		if job.Kind != "mail" || job.Tries != 0 {
			t.Errorf("left in the outbox: %v", job)
		}
	}
}

func checkTimes(t *testing.T, a *app.App) {
	now := time.Now().Add(time.Minute)
	for _, e := range a.DB.Ent.Enrolment.Query().WithRun().AllX(t.Context()) {
		starts, err := training.ParseDate(e.Edges.Run.Starts)
		must(t, err)
		if e.CreatedAt.After(now) || e.CreatedAt.After(starts.In(time.UTC)) || e.CreatedAt.Before(e.Edges.Run.CreatedAt) {
			t.Errorf("enrolled at %v in a run made at %v that starts on %s", e.CreatedAt, e.Edges.Run.CreatedAt, starts)
		}
	}
	for _, c := range a.DB.Ent.Certificate.Query().WithRun().AllX(t.Context()) {
		ends, err := training.ParseDate(c.Edges.Run.Ends)
		must(t, err)
		if c.IssuedAt.After(now) || c.IssuedAt.Before(ends.In(time.UTC)) {
			t.Errorf("a certificate issued at %v for a run that ended on %s", c.IssuedAt, ends)
		}
	}
}

func checkLogIns(t *testing.T, a *app.App, out string) {
	password := regexp.MustCompile(`password of all: (\S+)\)`).FindStringSubmatch(out)
	if password == nil || !strings.Contains(out, a.Settings.BaseURL) {
		t.Fatalf("printed: %s", out)
	}
	roles := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\S+) +(\S+@\S+) +(\S.*)$`).FindAllStringSubmatch(out, -1) {
		who, err := a.People.LogIn(t.Context(), m[2], password[1])
		if err != nil {
			t.Errorf("%s cannot log in: %v", m[2], err)
			continue
		}
		roles[m[1]] = string(who.Role)
		if who.Name != m[3] {
			t.Errorf("%s is printed as %q, and is %q", m[2], m[3], who.Name)
		}
		if who.Role != training.RoleAdmin && !who.AffiliationConfirmed {
			t.Errorf("%s is not confirmed", m[2])
		}
	}
	want := map[string]string{"trainee": "trainee", "instructor": "instructor", "agency": "agency", "coordinator": "coordinator", "admin": "admin"}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
}
