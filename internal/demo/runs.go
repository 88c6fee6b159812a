package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/demo/data"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

type plan struct {
	Course, Code, Place, Country, Language string
	StartInDays                            int `json:"start_in_days"`
	Days, Size                             int
	TimeZone                               string `json:"time_zone"`
	Quotas                                 []catalogue.NewQuota
	Instructors                            []string
	Approval                               bool
	Fill                                   float64
	Closed                                 bool
	People                                 []string
	// AskedHoursAgo tells of people whose agency has to approve how long it has been
	// asked already, by address. The agencies of all others are asked now.
	AskedHoursAgo map[string]int `json:"asked_hours_ago"`
	// Waits are people who wait first, Waiting how many in all; Withdraws: one with
	// a seat then gives it back, so that the first of them has an offer.
	Waits     []string
	Waiting   int
	Withdraws bool
}

// Days before the first day on which things happen (domain.md, section 7).
const (
	publishedBefore = 120
	enrolledBefore  = 60
)

// plannedRuns is a list of plans; tests have a shorter one.
var plannedRuns = data.Runs

// luck is the same each time: a demonstration can be talked about.
func luck() *rand.Rand { return rand.New(rand.NewPCG(1992, 3)) }

func (d *demo) addRuns(ctx context.Context) error {
	var plans []plan
	if err := json.Unmarshal(plannedRuns, &plans); err != nil {
		return fmt.Errorf("read the runs: %w", err)
	}
	chance := luck()
	now := time.Now()
	for _, p := range plans {
		if err := d.addRun(ctx, p, now, chance); err != nil {
			return fmt.Errorf("run %s: %w", p.Code, err)
		}
	}
	return nil
}

// days of a run: it begins on a Monday, but for the one that is under way,
// which began on the last weekday before today.
func (p plan) days(now time.Time) span {
	first := training.DateOf(now).AddDays(p.StartInDays)
	if p.StartInDays == -1 {
		for first.Weekend() { // nothing is taught at the weekend
			first = first.AddDays(-1)
		}
		return span{first, first.AddDays(p.Days - 1)}
	}
	for first.In(time.UTC).Weekday() != time.Monday {
		first = first.AddDays(1)
	}
	return span{first, first.AddDays(p.Days - 1)}
}

func (d *demo) addRun(ctx context.Context, p plan, now time.Time, chance *rand.Rand) error {
	days := p.days(now)
	first := days.from.In(time.UTC)
	d.at(now, first.AddDate(0, 0, -publishedBefore))
	course, known := d.slugs[p.Course]
	if !known {
		return fmt.Errorf("there is no course %s", p.Course)
	}
	_, err := d.Catalogue.CreateRun(ctx, d.admin, course, catalogue.NewRun{Code: p.Code, Starts: days.from.String(),
		Ends: days.to.String(), TimeZone: p.TimeZone, Place: p.Place, Country: p.Country, Language: p.Language,
		Size: p.Size, Quotas: p.Quotas, Instructors: p.Instructors, Approval: p.Approval})
	if err != nil {
		return err
	}
	enrolled := first.AddDate(0, 0, -enrolledBefore)
	if p.Approval && p.StartInDays > 0 { // or the time to approve would be over
		enrolled = now
	}
	order := d.order(p.People, chance)
	seated, err := d.enrol(ctx, p, days, order, func(one *person) {
		d.at(now, enrolled.Add(-time.Duration(p.AskedHoursAgo[one.Email])*time.Hour))
	})
	if err != nil {
		return err
	}
	d.at(now, enrolled)
	if p.Waiting > 0 {
		d.at(now, now)
		if err := d.wait(ctx, p, days, order, seated); err != nil {
			return err
		}
	}
	if err := d.drain(ctx); err != nil {
		return err
	}
	if p.StartInDays >= 0 {
		return nil
	}
	return d.teach(ctx, p, days, now, chance)
}

// at moves the database's clock to an instant, but never past now.
func (d *demo) at(now, t time.Time) {
	d.DB.Shift(min(0, t.Sub(now)))
}

// order is that in which people come: those named first, then the others who do
// not log in.
func (d *demo) order(named []string, chance *rand.Rand) []*person {
	var order []*person
	for _, email := range named {
		order = append(order, d.byMail[email])
	}
	for _, i := range chance.Perm(len(d.people)) {
		if one := &d.people[i]; one.Role == "trainee" && !one.Login && !slices.Contains(order, one) {
			order = append(order, one)
		}
	}
	return order
}

// seat is one that somebody took.
type seat struct {
	who *person
	got enrolment.Enrolment
}

// enrol lets people whom the dates suit take seats until the run is as full as
// planned, each when it is the person's time.
func (d *demo) enrol(ctx context.Context, p plan, days span, order []*person, its func(*person)) ([]seat, error) {
	want := int(math.Round(p.Fill * float64(p.Size)))
	var seated []seat
	for _, one := range order {
		if want == 0 {
			break
		}
		if one.isBusy(days) {
			continue
		}
		its(one)
		got, err := d.Enrolment.Confirm(ctx, one.actor, p.Code, "")
		switch {
		case training.IsKind(err, training.KindSeatGone):
			continue // the own state's seats are taken, and the open ones too
		case err != nil:
			return nil, fmt.Errorf("enrol %s: %w", one.Email, err)
		}
		one.busy = append(one.busy, days)
		seated = append(seated, seat{one, got})
		want--
	}
	return seated, nil
}

// wait lets people join the waiting list of a full run, and somebody withdraw
// whose seat is open to all.
func (d *demo) wait(ctx context.Context, p plan, days span, order []*person, seated []seat) error {
	var named []*person
	for _, email := range p.Waits {
		named = append(named, d.byMail[email])
	}
	waiting := 0
	for _, one := range slices.Concat(named, order) {
		if waiting == p.Waiting {
			break
		}
		if one.isBusy(days) {
			continue
		}
		got, err := d.Enrolment.ConfirmOrWait(ctx, one.actor, p.Code, "")
		if err != nil {
			return fmt.Errorf("let %s wait: %w", one.Email, err)
		}
		one.busy = append(one.busy, days)
		if got.Status == training.Waiting {
			waiting++
		}
	}
	if !p.Withdraws {
		return nil
	}
	for _, s := range seated {
		if s.got.Quota == "" && !s.who.Login {
			_, err := d.Enrolment.Cancel(ctx, s.who.actor, s.got.Ref)
			return err
		}
	}
	return nil
}

func (p *person) isBusy(days span) bool {
	for _, b := range p.busy {
		if !days.to.Before(b.from) && !b.to.Before(days.from) {
			return true
		}
	}
	return false
}

// teach marks the half days that are over, and closes the run where it is.
func (d *demo) teach(ctx context.Context, p plan, days span, now time.Time, chance *rand.Rand) error {
	d.at(now, days.to.AddDays(1).In(time.UTC))
	instructor := d.byMail[p.Instructors[0]].actor
	list, err := d.Roster.Roster(ctx, instructor, p.Code)
	if err != nil {
		return err
	}
	diligence := make([]float64, len(list.Items))
	for i := range diligence {
		diligence[i] = []float64{1, 1, 1, 1, 1, 1, 0.97, 0.95, 0.5, 0}[chance.IntN(10)]
		if d.isLogin(list.Items[i].Email) {
			diligence[i] = 1
		}
	}
	today := training.DateOf(now)
	for _, half := range list.HalfDays {
		if !half.Date().Before(today) {
			continue
		}
		marks := map[string]*bool{}
		for i, item := range list.Items {
			present := chance.Float64() < diligence[i]
			marks[item.Enrolment] = &present
		}
		if err := d.Roster.MarkMany(ctx, instructor, p.Code, half.Key, marks); err != nil {
			return err
		}
	}
	if !p.Closed {
		return nil
	}
	return errors.Join(d.Roster.Close(ctx, instructor, p.Code), d.drain(ctx))
}

func (d *demo) isLogin(email string) bool {
	p := d.byMail[email]
	return p != nil && p.Login
}

// drain has done at once what follows from what was done.
func (d *demo) drain(ctx context.Context) error {
	for {
		n, err := d.Outbox.Drain(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// revokeOne shows what a revoked certificate looks like: one of an agency other
// than the training officer's who logs in.
func (d *demo) revokeOne(ctx context.Context) error {
	d.DB.Shift(0)
	for _, p := range d.people {
		list, err := d.Certificates.Mine(ctx, p.actor)
		if err != nil {
			return err
		}
		if len(list) > 0 && !p.Login && p.Agency != "lv-vugd" {
			return d.Certificates.Revoke(ctx, d.admin, list[0].Number, "issued_in_error", "Demonstration")
		}
	}
	return nil
}
