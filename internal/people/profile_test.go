package people

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func annas() Profile {
	return Profile{Name: "Anna Bērziņa", Profession: "firefighter", Country: "LV", AgencySlug: "lv-vugd",
		LanguageLevel: "B2", Locale: "lv"}
}

func TestFirstProfileIsUnconfirmed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		vugd := s.Agency(t, "lv-vugd", "LV")
		account := signUp(t, people)
		wantFault(t, people.MayHold(account), training.KindNotEligible, "fault.profile_incomplete")

		saved := must[Account](t)(people.SaveProfile(ctx, account.Actor(), annas()))
		want := Account{ID: account.ID, Email: email, Name: "Anna Bērziņa", Locale: "lv", Profession: "firefighter",
			LanguageLevel: "B2", Role: training.RoleTrainee, Country: "LV", AgencySlug: "lv-vugd",
			AgencyName: "Agency lv-vugd", AgencyID: vugd, HasPassword: true, ProfileComplete: true}
		if diff := cmp.Diff(want, saved); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(training.Actor{PersonID: account.ID, Role: training.RoleTrainee}, saved.Actor()); diff != "" {
			t.Errorf("an unconfirmed country or agency counts:\n%s", diff)
		}
		if diff := cmp.Diff(want, must[Account](t)(people.Profile(ctx, account.Actor()))); diff != "" {
			t.Error(diff)
		}
		if err := people.MayHold(saved); err != nil {
			t.Errorf("may not hold: %v", err)
		}
	})
}

func TestAChangeIsUnconfirmedAgain(t *testing.T) {
	tests := []struct {
		what   string
		change func(*Profile)
		stays  bool
	}{
		{"nothing", func(*Profile) {}, true},
		{"another name", func(p *Profile) { p.Name = "Anna Kalniņa" }, true},
		{"another profession", func(p *Profile) { p.Profession = "medical" }, true},
		{"spaces around the country", func(p *Profile) { p.Country = " LV " }, true},
		{"another agency", func(p *Profile) { p.AgencySlug = "lv-vp" }, false},
		{"no agency", func(p *Profile) { p.AgencySlug = "" }, false},
		{"another country", func(p *Profile) { p.Country, p.AgencySlug = "EE", "ee-ppa" }, false},
	}
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := New(s.DB, Options{})
		s.Agency(t, "lv-vp", "LV")
		s.Agency(t, "ee-ppa", "EE")
		for i, tt := range tests {
			role := []training.Role{training.RoleTrainee, training.RoleInstructor}[i%2]
			anna := s.Person(t, testkit.P{Email: strings.ReplaceAll(tt.what, " ", "-") + "@vugd.example",
				Country: "LV", Agency: "lv-vugd", Confirmed: true, Role: role})
			profile := annas()
			tt.change(&profile)
			saved := must[Account](t)(people.SaveProfile(s.Context(), anna, profile))
			if saved.AffiliationConfirmed != tt.stays {
				t.Errorf("%s: confirmed %v, want %v", tt.what, saved.AffiliationConfirmed, tt.stays)
			}
			if !tt.stays && (saved.Actor().Country != "" || saved.Actor().AgencyID != 0) {
				t.Errorf("%s: still acts for %+v", tt.what, saved.Actor())
			}
		}
	})
}

// An enrolment names the agency and country of the moment of enrolling.
func TestAChangeAltersNoEnrolment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		s.Agency(t, "ee-ppa", "EE")
		anna := s.Person(t, testkit.P{Email: email, Country: "LV", Agency: "lv-vugd", Confirmed: true})
		run := s.Run(t, testkit.R{Code: "FIRE-1", Quotas: map[string]int{"LV": 4}})
		now := s.Now(t)
		before := s.DB.Ent.Enrolment.Create().SetRef("E1").SetRunID(run).SetPersonID(anna.PersonID).
			SetStatus(training.Confirmed).SetAgencyID(anna.AgencyID).SetCountry("LV").
			SetCreatedAt(now).SetUpdatedAt(now).SaveX(ctx)
		profile := annas()
		profile.Country, profile.AgencySlug = "EE", "ee-ppa"
		must[Account](t)(people.SaveProfile(ctx, anna, profile))
		after := s.DB.Ent.Enrolment.GetX(ctx, before.ID)
		if *after.AgencyID != anna.AgencyID || after.Country != "LV" || after.Status != training.Confirmed ||
			!after.UpdatedAt.Equal(before.UpdatedAt) {
			t.Errorf("the enrolment moved with the person: %v, was %v", after, before)
		}
	})
}

func TestWhoHasPowerOverOthersCannotMove(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		s.Agency(t, "lv-vp", "LV")
		for _, role := range []training.Role{training.RoleAgency, training.RoleCoordinator, training.RoleAdmin} {
			actor := s.Person(t, testkit.P{Email: string(role) + "@vugd.example", Role: role,
				Country: "LV", Agency: "lv-vugd", Confirmed: true})
			profile := annas()
			profile.AgencySlug = "lv-vp"
			_, err := people.SaveProfile(ctx, actor, profile)
			wantField(t, err, "agency", "invalid.ask_secretariat")
			profile = annas()
			profile.Country = "EE"
			_, err = people.SaveProfile(ctx, actor, profile)
			wantField(t, err, "country", "invalid.ask_secretariat")
			saved := must[Account](t)(people.SaveProfile(ctx, actor, annas()))
			if saved.Actor() != actor || saved.Name != "Anna Bērziņa" {
				t.Errorf("%s: a new name made %+v of %+v", role, saved.Actor(), actor)
			}
		}
		admin := s.Person(t, testkit.P{Email: "sigrid@secretariat.example", Role: training.RoleAdmin})
		must[Account](t)(people.SaveProfile(ctx, admin, Profile{Name: "Sigrid Almquist-Rehn"}))
	})
}

func TestProfileRefuses(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	s.Agency(t, "lv-vugd", "LV")
	s.Agency(t, "ee-ppa", "EE")
	s.Agency(t, "eu-frontex", "EU")
	actor := signUp(t, people).Actor()
	tests := []struct {
		what       string
		change     func(*Profile)
		field, key string
	}{
		{"no name", func(p *Profile) { p.Name = "  " }, "name", "invalid.name_length"},
		{"one letter", func(p *Profile) { p.Name = "A" }, "name", "invalid.name_length"},
		{"one letter and its mark", func(p *Profile) { p.Name = "A\u0304" }, "name", "invalid.name_length"},
		{"201 letters", func(p *Profile) { p.Name = strings.Repeat("a", 201) }, "name", "invalid.name_length"},
		{"an emoji", func(p *Profile) { p.Name = "Anna 🔥" }, "name", "invalid.name_characters"},
		{"a symbol", func(p *Profile) { p.Name = "Anna ☺" }, "name", "invalid.name_characters"},
		{"a line break", func(p *Profile) { p.Name = "Anna\nBērziņa" }, "name", "invalid.name_characters"},
		{"a null", func(p *Profile) { p.Name = "Anna\x00" }, "name", "invalid.name_characters"},
		{"a turn of direction", func(p *Profile) { p.Name = "Anna \u202eanizrēB" }, "name", "invalid.name_characters"},
		{"broken text", func(p *Profile) { p.Name = "Anna \xff\xfe" }, "name", "invalid.name_characters"},
		{"no letter", func(p *Profile) { p.Name = "12345" }, "name", "invalid.name_characters"},
		{"no profession", func(p *Profile) { p.Profession = "" }, "profession", "invalid.choose_profession"},
		{"no such profession", func(p *Profile) { p.Profession = "wizard" }, "profession", "invalid.choose_profession"},
		{"no country", func(p *Profile) { p.Country, p.AgencySlug = "", "" }, "country", "invalid.choose_country"},
		{"no such country", func(p *Profile) { p.Country, p.AgencySlug = "XX", "" }, "country", "invalid.choose_country"},
		{"no such agency", func(p *Profile) { p.AgencySlug = "lv-none" }, "agency", "invalid.agency_unknown"},
		{"a foreign agency", func(p *Profile) { p.AgencySlug = "ee-ppa" }, "agency", "invalid.agency_elsewhere"},
		{"the Union's agency", func(p *Profile) { p.AgencySlug = "eu-frontex" }, "agency", "invalid.agency_elsewhere"},
		{"no such level", func(p *Profile) { p.LanguageLevel = "C3" }, "language_level", "invalid.choose_language_level"},
		{"no such language", func(p *Profile) { p.Locale = "xx" }, "locale", "invalid.locale"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			profile := annas()
			tt.change(&profile)
			_, err := people.SaveProfile(s.Context(), actor, profile)
			wantField(t, err, tt.field, tt.key)
			if a := must[Account](t)(people.Profile(s.Context(), actor)); a.Name != "" || a.Country != "" {
				t.Errorf("a refused profile was stored: %+v", a)
			}
		})
	}
	_, err := people.SaveProfile(s.Context(), actor, Profile{})
	if fault, ok := training.AsFault(err); !ok || len(fault.Fields) != 3 {
		t.Errorf("an empty form is told of at once: %v", err)
	}
}

func TestProfileAccepts(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	s.Agency(t, "eu-frontex", "EU")
	actor := signUp(t, people).Actor()
	for typed, want := range map[string]string{
		"  Jānis   Bērziņš-Ķēniņš ":     "Jānis Bērziņš-Ķēniņš",
		"A\u030asa O\u0308berg":         "Åsa Öberg",
		"Þórður Æ. d’Arc":               "Þórður Æ. d’Arc",
		"Марія Ковальчук":               "Марія Ковальчук",
		"Li":                            "Li",
		strings.Repeat("Anna ", 40)[1:]: strings.Repeat("Anna ", 40)[1:199],
	} {
		p := Profile{Name: typed, Profession: "border_guard", Country: "EU", AgencySlug: "eu-frontex"}
		saved := must[Account](t)(people.SaveProfile(s.Context(), actor, p))
		if saved.Name != want || saved.AgencySlug != "eu-frontex" || saved.Locale != "lv" {
			t.Errorf("%q was saved as %+v", typed, saved)
		}
	}
	p := Profile{Name: "Ana Costa", Profession: "police", Country: "PT"}
	if a := must[Account](t)(people.SaveProfile(s.Context(), actor, p)); a.Country != "PT" || a.AgencySlug != "" {
		t.Errorf("a guest from elsewhere is %+v", a)
	}
}

// What the secretariat has set may differ from what the form offers; saving the
// rest of the profile leaves it alone.
func TestTheSecretariatsWordStands(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		s.Agency(t, "eu-frontex", "EU")
		if err := people.AddUser(ctx, NewUser{Email: email, Role: training.RoleTrainee, Country: "LV", Agency: "eu-frontex"}); err != nil {
			t.Fatal(err)
		}
		before := must[Account](t)(people.ByToken(ctx, must[string](t)(people.IssueToken(ctx, email, 1))))
		profile := annas()
		profile.AgencySlug = "eu-frontex"
		saved := must[Account](t)(people.SaveProfile(ctx, before.Actor(), profile))
		if saved.Actor() != before.Actor() || saved.Actor().Country != "LV" || saved.Name == "" {
			t.Errorf("%+v became %+v", before, saved)
		}
	})
}

func TestProfileIsOnesOwn(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	_, err := people.Profile(s.Context(), training.Actor{})
	wantFault(t, err, training.KindUnauthenticated, "fault.unauthenticated")
	_, err = people.SaveProfile(s.Context(), training.Actor{}, annas())
	wantFault(t, err, training.KindUnauthenticated, "fault.unauthenticated")
	_, err = people.SaveProfile(s.Context(), training.Actor{PersonID: 99, Role: training.RoleTrainee}, annas())
	wantFault(t, err, training.KindNotFound, "fault.not_found")
}
