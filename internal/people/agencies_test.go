package people

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func slugs(list []Agency) []string {
	var all []string
	for _, a := range list {
		all = append(all, a.Slug)
	}
	return all
}

func TestAgencies(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		clock := time.Now()
		people := New(s.DB, Options{Now: func() time.Time { return clock }})
		admin := s.Person(t, testkit.P{Email: "sigrid@secretariat.example", Role: training.RoleAdmin})
		if err := people.AddAgencies(ctx, []Agency{
			{Slug: "lv-vugd", Name: "Valsts ugunsdzēsības un glābšanas dienests", Country: "LV", Kind: "fire_rescue"},
			{Slug: "ee-rescue", Name: "Päästeamet", Country: "EE", Kind: "rescue_service"},
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ee-rescue", "lv-vugd"}, slugs(must[[]Agency](t)(people.Agencies(ctx)))); diff != "" {
			t.Error(diff)
		}
		made := must[Agency](t)(people.AddAgency(ctx, admin, Agency{Slug: "ee-ppa", Name: " Politsei- ja  Piirivalveamet ", Country: "EE"}))
		want := Agency{ID: made.ID, Slug: "ee-ppa", Name: "Politsei- ja Piirivalveamet", Country: "EE", Kind: "other"}
		if diff := cmp.Diff(want, made); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, must[Agency](t)(people.AgencyBySlug(ctx, "ee-ppa"))); diff != "" {
			t.Error(diff)
		}
		all := []string{"ee-ppa", "ee-rescue", "lv-vugd"}
		must[[]Agency](t)(people.Agencies(ctx))[0].Slug = "spoilt by a caller"
		if diff := cmp.Diff(all, slugs(must[[]Agency](t)(people.Agencies(ctx)))); diff != "" {
			t.Error(diff)
		}
		s.Agency(t, "aa-other", "AD") // by another server
		clock = clock.Add(time.Minute)
		if diff := cmp.Diff(append([]string{"aa-other"}, all...), slugs(must[[]Agency](t)(people.Agencies(ctx)))); diff != "" {
			t.Errorf("a minute later another server's agency is missing:\n%s", diff)
		}
	})
}

func TestAddAgencyRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		admin := s.Person(t, testkit.P{Email: "sigrid@secretariat.example", Role: training.RoleAdmin})
		good := Agency{Slug: "lv-vugd", Name: "VUGD", Country: "LV", Kind: "fire_rescue"}
		must[Agency](t)(people.AddAgency(ctx, admin, good))
		for _, tt := range []struct {
			change     func(*Agency)
			field, key string
		}{
			{func(*Agency) {}, "slug", "invalid.slug_taken"},
			{func(a *Agency) { a.Slug = "" }, "slug", "invalid.slug"},
			{func(a *Agency) { a.Slug = "LV/VUGD" }, "slug", "invalid.slug"},
			{func(a *Agency) { a.Slug = "../x" }, "slug", "invalid.slug"},
			{func(a *Agency) { a.Name = "" }, "name", "invalid.name_length"},
			{func(a *Agency) { a.Country = "XX" }, "country", "invalid.choose_country"},
			{func(a *Agency) { a.Kind = "circus" }, "kind", "invalid.choose_kind"},
		} {
			bad := good
			tt.change(&bad)
			_, err := people.AddAgency(ctx, admin, bad)
			wantField(t, err, tt.field, tt.key)
		}
		officer := s.Person(t, testkit.P{Email: "o@vugd.example", Role: training.RoleAgency, Country: "LV", Agency: "lv-vugd", Confirmed: true})
		_, err := people.AddAgency(ctx, officer, Agency{Slug: "lv-new", Name: "New", Country: "LV"})
		wantFault(t, err, training.KindForbidden, "fault.forbidden")
		_, err = people.AgencyBySlug(ctx, "lv-new")
		wantFault(t, err, training.KindNotFound, "fault.not_found")

		again := good
		again.Name = "Another name"
		if err := people.AddAgencies(ctx, []Agency{again, {Slug: "lv-vp", Name: "Valsts policija", Country: "LV"}}); err != nil {
			t.Fatal(err)
		}
		if a := must[Agency](t)(people.AgencyBySlug(ctx, "lv-vugd")); a.Name != "VUGD" {
			t.Errorf("adding again changed the name to %q", a.Name)
		}
		err = people.AddAgencies(ctx, []Agency{{Slug: "lv-one", Name: "One", Country: "LV"}, {Slug: "lv-two", Name: "Two"}})
		wantField(t, err, "country", "invalid.choose_country")
		_, err = people.AgencyBySlug(ctx, "lv-one")
		wantFault(t, err, training.KindNotFound, "fault.not_found")
	})
}
