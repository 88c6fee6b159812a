package people

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// cast is one person of each sort around the agency lv-vugd.
type cast struct {
	anna    training.Actor // has named lv-vugd, unconfirmed
	officer training.Actor // of lv-vugd
	foreign training.Actor // officer of ee-ppa
	admin   training.Actor
}

func newCast(t *testing.T, s *testkit.Setup) cast {
	t.Helper()
	return cast{
		anna: s.Person(t, testkit.P{Email: email, Name: "Anna", Country: "LV", Agency: "lv-vugd", Locale: "lv"}),
		officer: s.Person(t, testkit.P{Email: "ilze@vugd.example", Role: training.RoleAgency, Country: "LV",
			Agency: "lv-vugd", Confirmed: true}),
		foreign: s.Person(t, testkit.P{Email: "kertu@ppa.example", Role: training.RoleAgency, Country: "EE",
			Agency: "ee-ppa", Confirmed: true}),
		admin: s.Person(t, testkit.P{Email: "sigrid@secretariat.example", Role: training.RoleAdmin}),
	}
}

func accountOf(t *testing.T, people *Service, who training.Actor) Account {
	t.Helper()
	return must[Account](t)(people.Profile(t.Context(), who))
}

func TestOfficerConfirms(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		c := newCast(t, s)
		for range 2 { // pressed twice
			if err := people.ConfirmAffiliation(ctx, c.officer, c.anna.PersonID, "lv-vugd", "LV"); err != nil {
				t.Fatal(err)
			}
		}
		want := training.Actor{PersonID: c.anna.PersonID, Role: training.RoleTrainee, AgencyID: c.officer.AgencyID, Country: "LV"}
		if diff := cmp.Diff(want, accountOf(t, people, c.anna).Actor()); diff != "" {
			t.Error(diff)
		}
		if by := s.DB.Ent.Person.GetX(ctx, c.anna.PersonID).AffiliationConfirmedBy; by == nil || *by != c.officer.PersonID {
			t.Errorf("confirmed by %v, want the officer", by)
		}
		mail := lastMail(t, s, "affiliation_confirmed")
		if mail.To != email || mail.Locale != "lv" || mail.Args["link"] != base+"/lv/me" || len(mails(t, s)) != 1 {
			t.Errorf("mails %v", mails(t, s))
		}
		if pending := must[[]Affiliation](t)(people.PendingAffiliations(ctx, c.officer)); len(pending) != 0 {
			t.Errorf("still pending: %v", pending)
		}
	})
}

func TestWhoCannotConfirm(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		c := newCast(t, s)
		unconfirmed := s.Person(t, testkit.P{Email: "new@vugd.example", Role: training.RoleAgency, Country: "LV", Agency: "lv-vugd"})
		coordinator := s.Person(t, testkit.P{Email: "c@iem.example", Role: training.RoleCoordinator, Country: "LV",
			Agency: "lv-iem", Confirmed: true})
		instructor := s.Person(t, testkit.P{Email: "i@vugd.example", Role: training.RoleInstructor, Country: "LV",
			Agency: "lv-vugd", Confirmed: true})
		tests := []struct {
			what   string
			actor  training.Actor
			person int
			kind   training.Kind
		}{
			{"the officer of another agency", c.foreign, c.anna.PersonID, training.KindNotFound},
			{"an officer, for nobody", c.officer, 99999, training.KindNotFound},
			{"an administrator, for nobody", c.admin, 99999, training.KindNotFound},
			{"a visitor", training.Actor{}, c.anna.PersonID, training.KindUnauthenticated},
			{"a visitor, for nobody", training.Actor{}, 99999, training.KindUnauthenticated},
			{"the person", c.anna, c.anna.PersonID, training.KindForbidden},
			{"the person, for nobody", c.anna, 99999, training.KindForbidden},
			{"a coordinator", coordinator, c.anna.PersonID, training.KindForbidden},
			{"an instructor", instructor, c.anna.PersonID, training.KindForbidden},
			{"an officer whom nobody confirmed", unconfirmed, c.anna.PersonID, training.KindNotFound},
			{"an officer, for an officer", c.officer, unconfirmed.PersonID, training.KindNotFound},
			{"an officer, for itself", unconfirmed, unconfirmed.PersonID, training.KindNotFound},
		}
		for _, tt := range tests {
			for act, do := range map[string]func() error{
				"confirm": func() error { return people.ConfirmAffiliation(ctx, tt.actor, tt.person, "lv-vugd", "LV") },
				"reject":  func() error { return people.RejectAffiliation(ctx, tt.actor, tt.person, "lv-vugd", "LV") },
			} {
				if err := do(); !training.IsKind(err, tt.kind) {
					t.Errorf("%s may %s: %v, want %s", tt.what, act, err, tt.kind)
				}
			}
		}
		for _, who := range []training.Actor{c.anna, unconfirmed} {
			if a := accountOf(t, people, who); a.AffiliationConfirmed || a.AgencySlug != "lv-vugd" {
				t.Errorf("somebody got through: %+v", a)
			}
		}
		if err := people.ConfirmAffiliation(ctx, c.admin, unconfirmed.PersonID, "lv-vugd", "LV"); err != nil {
			t.Errorf("an administrator confirms an officer: %v", err)
		}
	})
}

func TestChangedBetweenViewAndClick(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		c := newCast(t, s)
		profile := annas()
		profile.Country, profile.AgencySlug = "EE", "ee-ppa"
		must[Account](t)(people.SaveProfile(ctx, c.anna, profile))
		for what, do := range map[string]func(training.Actor, string, string) error{
			"confirm": func(a training.Actor, agency, country string) error {
				return people.ConfirmAffiliation(ctx, a, c.anna.PersonID, agency, country)
			},
			"reject": func(a training.Actor, agency, country string) error {
				return people.RejectAffiliation(ctx, a, c.anna.PersonID, agency, country)
			},
		} {
			err := do(c.admin, "lv-vugd", "LV")
			wantFault(t, err, training.KindConflict, "fault.conflict_affiliation")
			// To the officer the person is now a stranger, like any other.
			wantFault(t, do(c.officer, "lv-vugd", "LV"), training.KindNotFound, "fault.not_found")
			// The officer who may decide has not seen what there is to decide.
			wantFault(t, do(c.foreign, "lv-vugd", "LV"), training.KindConflict, "fault.conflict_affiliation")
			wantFault(t, do(c.foreign, "ee-ppa", "LV"), training.KindConflict, "fault.conflict_affiliation")
			if a := accountOf(t, people, c.anna); a.AffiliationConfirmed || a.AgencySlug != "ee-ppa" {
				t.Fatalf("%s went through: %+v", what, a)
			}
		}
		if err := people.ConfirmAffiliation(ctx, c.foreign, c.anna.PersonID, "ee-ppa", "EE"); err != nil {
			t.Error(err)
		}
	})
}

// Whatever the order, nobody ends up confirmed for an agency that no one entitled
// has looked at.
func TestConfirmingRacesWithAChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		c := newCast(t, s)
		for range 10 {
			here, there := annas(), annas()
			there.Country, there.AgencySlug = "EE", "ee-ppa"
			must[Account](t)(people.SaveProfile(ctx, c.anna, here))
			var group sync.WaitGroup
			group.Go(func() {
				if _, err := people.SaveProfile(ctx, c.anna, there); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				err := people.ConfirmAffiliation(ctx, c.admin, c.anna.PersonID, "lv-vugd", "LV")
				if err != nil && !training.IsKind(err, training.KindConflict) {
					t.Error(err)
				}
			})
			group.Wait()
			if a := accountOf(t, people, c.anna); a.AffiliationConfirmed || a.AgencySlug != "ee-ppa" {
				t.Fatalf("confirmed unseen: %+v", a)
			}
		}
	})
}

func TestOneOfTwoDecides(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := withMail(s)
		c := newCast(t, s)
		var confirmed, rejected atomic.Bool
		var group sync.WaitGroup
		group.Go(func() {
			confirmed.Store(people.ConfirmAffiliation(s.Context(), c.officer, c.anna.PersonID, "lv-vugd", "LV") == nil)
		})
		group.Go(func() {
			rejected.Store(people.RejectAffiliation(s.Context(), c.admin, c.anna.PersonID, "lv-vugd", "LV") == nil)
		})
		group.Wait()
		a := accountOf(t, people, c.anna)
		if confirmed.Load() == rejected.Load() || a.AffiliationConfirmed != confirmed.Load() || len(mails(t, s)) != 1 {
			t.Errorf("confirmed %v, rejected %v: %+v", confirmed.Load(), rejected.Load(), a)
		}
	})
}

func TestReject(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		c := newCast(t, s)
		if err := people.RejectAffiliation(ctx, c.officer, c.anna.PersonID, "lv-vugd", "LV"); err != nil {
			t.Fatal(err)
		}
		if a := accountOf(t, people, c.anna); a.AgencyID != 0 || a.Country != "LV" || a.AffiliationConfirmed {
			t.Errorf("rejected: %+v", a)
		}
		if mail := lastMail(t, s, "affiliation_rejected"); mail.To != email {
			t.Errorf("mail %v", mail)
		}
		// The country alone is now for an administrator.
		wantFault(t, people.RejectAffiliation(ctx, c.officer, c.anna.PersonID, "", "LV"), training.KindNotFound, "fault.not_found")
		if err := people.RejectAffiliation(ctx, c.admin, c.anna.PersonID, "", "LV"); err != nil {
			t.Fatal(err)
		}
		if a := accountOf(t, people, c.anna); a.Country != "" {
			t.Errorf("rejected: %+v", a)
		}
		wantFault(t, people.ConfirmAffiliation(ctx, c.admin, c.anna.PersonID, "", ""), training.KindConflict, "fault.conflict_affiliation")
		// A confirmed member is not rejected.
		wantFault(t, people.RejectAffiliation(ctx, c.admin, c.officer.PersonID, "lv-vugd", "LV"), training.KindConflict, "fault.conflict_affiliation")
	})
}

func TestPendingAffiliations(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		c := newCast(t, s)
		anna := Affiliation{PersonID: c.anna.PersonID, Name: "Anna", Email: email, Profession: "firefighter",
			Role: training.RoleTrainee, Country: "LV", AgencySlug: "lv-vugd", AgencyName: "Agency lv-vugd"}
		alone := Affiliation{Name: "Bo", Email: "bo@ferry.example", Profession: "firefighter", Role: training.RoleTrainee, Country: "SE"}
		alone.PersonID = s.Person(t, testkit.P{Email: alone.Email, Name: "Bo", Country: "SE"}).PersonID
		second := Affiliation{Name: "New", Email: "new@vugd.example", Profession: "firefighter", Role: training.RoleAgency,
			Country: "LV", AgencySlug: "lv-vugd", AgencyName: "Agency lv-vugd"}
		second.PersonID = s.Person(t, testkit.P{Email: second.Email, Name: "New", Role: training.RoleAgency, Country: "LV", Agency: "lv-vugd"}).PersonID
		disable(t, s, s.Person(t, testkit.P{Email: "gone@vugd.example", Country: "LV", Agency: "lv-vugd"}).PersonID)
		signedUp := must[Account](t)(people.SignUp(ctx, SignUp{Email: "x@y.example", Password: password}))

		tests := []struct {
			who  string
			by   training.Actor
			want []Affiliation
		}{
			{"the officer sees who wants to be of the own agency", c.officer, []Affiliation{anna}},
			{"the officer of another agency sees nobody", c.foreign, []Affiliation{}},
			{"an administrator sees all", c.admin, []Affiliation{anna, alone, second}},
		}
		for _, tt := range tests {
			if diff := cmp.Diff(tt.want, must[[]Affiliation](t)(people.PendingAffiliations(ctx, tt.by))); diff != "" {
				t.Errorf("%s:\n%s", tt.who, diff)
			}
		}
		_, err := people.PendingAffiliations(ctx, signedUp.Actor())
		wantFault(t, err, training.KindForbidden, "fault.forbidden")
		_, err = people.PendingAffiliations(ctx, training.Actor{PersonID: second.PersonID, Role: training.RoleAgency})
		wantFault(t, err, training.KindNotFound, "fault.not_found")
	})
}

// Somebody without an agency has the country confirmed alone.
func TestConfirmingACountry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := New(s.DB, Options{})
		c := newCast(t, s)
		bo := s.Person(t, testkit.P{Email: "bo@ferry.example", Country: "SE"})
		if err := people.ConfirmAffiliation(s.Context(), c.admin, bo.PersonID, "", "SE"); err != nil {
			t.Fatal(err)
		}
		if got := accountOf(t, people, bo).Actor(); got.Country != "SE" || got.AgencyID != 0 {
			t.Errorf("acts as %+v", got)
		}
	})
}
