package testkit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Now is the database's clock.
func (s *Setup) Now(t *testing.T) time.Time {
	t.Helper()
	now, err := s.DB.Now(s.context)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// Agency makes an agency, or finds the one of that slug, and gives its id.
func (s *Setup) Agency(t *testing.T, slug, country string) int {
	t.Helper()
	if row, err := s.DB.Ent.Agency.Query().Where(agency.Slug(slug)).Only(s.context); err == nil {
		return row.ID
	}
	row, err := s.DB.Ent.Agency.Create().SetSlug(slug).SetName("Agency " + slug).SetCountry(country).
		SetKind("fire_rescue").SetCreatedAt(s.Now(t)).Save(s.context)
	if err != nil {
		t.Fatal(err)
	}
	return row.ID
}

// P describes a person; what is left out gets a sensible value.
type P struct {
	Email, Name, Country, Agency, Profession, Locale string
	Role                                             training.Role
	Confirmed                                        bool // member of agency and country
	EmailUnconfirmed                                 bool
}

// Person makes a person and gives it as the actor it is.
func (s *Setup) Person(t *testing.T, p P) training.Actor {
	t.Helper()
	now := s.Now(t)
	p.Role = cmp.Or(p.Role, training.RoleTrainee)
	create := s.DB.Ent.Person.Create().SetEmail(strings.ToLower(p.Email)).
		SetName(cmp.Or(p.Name, strings.Split(p.Email, "@")[0])).SetRole(p.Role).
		SetLocale(cmp.Or(p.Locale, "en")).SetProfession(cmp.Or(p.Profession, "firefighter")).
		SetCountry(p.Country).SetCreatedAt(now)
	actor := training.Actor{Role: p.Role}
	if p.Agency != "" {
		id := s.Agency(t, p.Agency, p.Country)
		create.SetAgencyID(id)
		if p.Confirmed {
			actor.AgencyID = id
		}
	}
	if p.Confirmed {
		create.SetAffiliationConfirmedAt(now)
		actor.Country = p.Country
	}
	if !p.EmailUnconfirmed {
		create.SetEmailConfirmedAt(now)
	}
	row, err := create.Save(s.context)
	if err != nil {
		t.Fatal(err)
	}
	actor.PersonID = row.ID
	return actor
}

// Course makes a course with a title and gives its id.
func (s *Setup) Course(t *testing.T, importID string) int {
	t.Helper()
	now := s.Now(t)
	row, err := s.DB.Ent.Course.Create().SetImportID(importID).SetSlug(importID).SetCode(strings.ToUpper(importID)).
		SetProfessions([]string{"firefighter"}).SetTopics([]string{"forest_fires"}).SetLanguages([]string{"en"}).
		SetPrerequisiteCodes([]string{}).SetInferred([]string{}).SetImportHash("-").
		SetCreatedAt(now).SetUpdatedAt(now).Save(s.context)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DB.Ent.CourseText.Create().SetCourseID(row.ID).SetKind("title").SetLanguage("en").
		SetText("Course " + importID).SetOrigin("original").SetUpdatedAt(now).Save(s.context)
	if err != nil {
		t.Fatal(err)
	}
	return row.ID
}

// R describes a run; what is left out gets a sensible value: 24 open seats,
// enrolment open, five days in Riga starting in thirty days.
type R struct {
	Code        string
	Course      int // 0: a new one
	Size        int
	Quotas      map[string]int
	Instructors []training.Actor
	Starts      training.Date
	Ends        training.Date
	TimeZone    string
	Opens       time.Time
	Closes      time.Time
	Threshold   int
	Conditions  training.Conditions
	Discreet    bool
	Approval    bool
}

// Run makes a run with its pools and gives its id.
func (s *Setup) Run(t *testing.T, r R) int {
	t.Helper()
	now := s.Now(t)
	if r.Course == 0 {
		s.nextCourseID++
		r.Course = s.Course(t, fmt.Sprintf("course-%d-%s", s.nextCourseID, strings.ToLower(r.Code)))
	}
	zone, err := time.LoadLocation(cmp.Or(r.TimeZone, "Europe/Riga"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Starts.IsZero() {
		r.Starts = training.DateOf(now.In(zone)).AddDays(30)
	}
	if r.Ends.IsZero() {
		r.Ends = r.Starts.AddDays(4)
	}
	if r.Closes.IsZero() {
		r.Closes = r.Starts.In(zone)
	}
	size := cmp.Or(r.Size, 24)
	create := s.DB.Ent.Run.Create().SetCode(r.Code).SetCourseID(r.Course).
		SetStarts(r.Starts.String()).SetEnds(r.Ends.String()).SetTimeZone(zone.String()).
		SetPlace("Riga").SetCountry("LV").SetLanguage("en").SetClosesAt(store.Instant(r.Closes)).SetSize(size).
		SetThreshold(cmp.Or(r.Threshold, training.DefaultThreshold)).SetConditions(r.Conditions).
		SetDiscreet(r.Discreet).SetApproval(r.Approval).
		SetHalfDays(training.DefaultHalfDays(r.Starts, r.Ends)).SetCreatedAt(now)
	if !r.Opens.IsZero() {
		create.SetOpensAt(store.Instant(r.Opens))
	}
	for _, i := range r.Instructors {
		create.AddInstructorIDs(i.PersonID)
	}
	row, err := create.Save(s.context)
	if err != nil {
		t.Fatal(err)
	}
	s.pools(t, row.ID, size, r)
	return row.ID
}

func (s *Setup) pools(t *testing.T, run, size int, r R) {
	t.Helper()
	var quotas []training.QuotaPlan
	for country, n := range r.Quotas {
		quotas = append(quotas, training.QuotaPlan{Country: country, Size: n})
	}
	slices.SortFunc(quotas, func(a, b training.QuotaPlan) int { return cmp.Compare(a.Country, b.Country) })
	pools, err := training.PlanPools(size, quotas, training.Window{Opens: r.Opens, Closes: r.Closes})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pools {
		create := s.DB.Ent.SeatPool.Create().SetRunID(run).SetCountry(p.Country).SetSize(p.Size)
		if !p.ReleasesAt.IsZero() {
			create.SetReleasesAt(store.Instant(p.ReleasesAt))
		}
		if err := create.Exec(s.context); err != nil {
			t.Fatal(err)
		}
	}
}
