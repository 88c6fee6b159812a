package certificate_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func (c course) setLogo(t *testing.T, hash string) int {
	t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewNRGBA(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	return c.DB.Ent.Logo.Create().SetSha256(hash).SetPng(picture.Bytes()).SetAlt("The board's lamp").SetMadeAt(c.Now(t)).SaveX(c.Context()).ID
}

func (c course) setProgramme(t *testing.T, name string, set func(*ent.ProgrammeCreate)) {
	t.Helper()
	create := c.DB.Ent.Programme.Create().SetName(name).SetChangedAt(c.Now(t)).SetChangedBy(c.admin.PersonID)
	set(create)
	create.ExecX(c.Context())
}

func signed(name string) []training.Signatory {
	return []training.Signatory{{Name: name, Role: "Direktore", RoleEnglish: "Director"}}
}

func TestACertificateKeepsTheLookThatItWasIssuedWith(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		s.DB.Ent.Course.Update().SetProgramme("Baltic Flame").ExecX(s.Context())
		c.setProgramme(t, "", func(p *ent.ProgrammeCreate) { p.SetSignatories(signed("Somebody Else")) })
		c.setProgramme(t, "Baltic Flame", func(p *ent.ProgrammeCreate) {
			p.SetOrganisers("State Fire Board and Coast Guard").SetSignatories(signed("Ilze Kalniņa")).SetLeftLogoID(c.setLogo(t, strings.Repeat("a", 64)))
		})
		holder := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask", Locale: "lv"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		s.DB.Ent.Programme.Update().SetOrganisers("Renamed").SetSignatories(signed("A Successor")).ClearLeftLogo().ExecX(s.Context())
		for lang, wants := range map[string][]string{
			"lv": {"State Fire Board and Coast Guard", "Ilze Kalniņa", "Direktore", "Director"},
			"en": {"State Fire Board and Coast Guard", "Ilze Kalniņa", "Director"},
		} {
			file := c.pdf(t, holder, number, lang)
			text := textOf(t, file.Bytes)
			for _, want := range wants {
				if !strings.Contains(text, want) {
					t.Errorf("the page in %s does not say %q: %s", lang, want, text)
				}
			}
			if strings.Contains(text, "Renamed") || strings.Contains(text, "Successor") || lang == "en" && strings.Contains(text, "Direktore") {
				t.Errorf("the page in %s says what it must not: %s", lang, text)
			}
			if !bytes.Contains(file.Bytes, []byte("/Subtype /Image")) && !bytes.Contains(file.Bytes, []byte("/Subtype/Image")) {
				t.Errorf("the page in %s has no logo", lang)
			}
		}
		// A new look alone is no reason to replace anything.
		c.close(t)
		if got := c.issue(t); got.Issued != 0 || c.standing(t, "anna") != number {
			t.Errorf("after a change of the look %+v", got)
		}
	})
}

func TestProgrammesWithoutALookOfTheirOwnHaveThatOfAllOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.setProgramme(t, "", func(p *ent.ProgrammeCreate) { p.SetSignatories(signed("Ilze Kalniņa")) })
		c.setProgramme(t, "Another", func(p *ent.ProgrammeCreate) { p.SetOrganisers("Another Board") })
		// Somebody saved its form without setting anything.
		s.DB.Ent.Course.Update().SetProgramme("Ours").ExecX(s.Context())
		if err := c.service.SetLook(s.Context(), c.admin, "Ours", certificate.LookChange{}); err != nil {
			t.Fatal(err)
		}
		sample, err := c.service.Sample(s.Context(), c.admin, "Ours", "en")
		if err != nil || !strings.Contains(textOf(t, sample.Bytes), "Ilze Kalniņa") {
			t.Errorf("the sample is not as certificates are (%v)", err)
		}
		holder := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		text := textOf(t, c.pdf(t, holder, c.standing(t, "anna"), "en").Bytes)
		if !strings.Contains(text, "Ilze Kalniņa") || !strings.Contains(text, "Baltic Training Board") || strings.Contains(text, "Another") {
			t.Errorf("the page says: %s", text)
		}
	})
}

func TestALetterThatCannotBeDrawnInASignatoryStopsTheIssue(t *testing.T) {
	s := testkit.SQLite(t)
	c := ended(t, s)
	c.setProgramme(t, "", func(p *ent.ProgrammeCreate) { p.SetSignatories(signed("Ilze 🔥 Kalniņa")) })
	c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask"}, training.Completed, 5)
	c.close(t)
	got := c.issue(t)
	if got.Issued != 0 || len(got.Stopped) != 1 || got.Stopped[0].Reason != "missing_glyph" || got.Stopped[0].Field != "signatory" ||
		!strings.Contains(got.Stopped[0].Rune, "🔥") {
		t.Errorf("%+v", got)
	}
}

func TestACertificateLapsesAsItsCourseSaysAtIssue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		s.DB.Ent.Course.Update().SetValidMonths(12).ExecX(s.Context())
		holder := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "anna")
		riga, err := time.LoadLocation("Europe/Riga")
		if err != nil {
			t.Fatal(err)
		}
		public := c.verify(t, number)
		day := training.ValidUntil(training.DateOf(public.IssuedAt.In(riga)), 12)
		if public.ExpiresAt == nil || !public.ExpiresAt.Equal(day.EndOfDay(riga)) {
			t.Fatalf("issued %s, it expires %v, want the end of %s", public.IssuedAt, public.ExpiresAt, day)
		}
		if text := textOf(t, c.pdf(t, holder, number, "en").Bytes); !strings.Contains(text, "Valid until") || !strings.Contains(text, day.String()) {
			t.Errorf("the page does not say until when: %s", text)
		}
		// What the course says later is for later certificates.
		s.DB.Ent.Course.Update().SetValidMonths(1).ExecX(s.Context())
		if again := c.verify(t, number); !again.ExpiresAt.Equal(*public.ExpiresAt) {
			t.Errorf("it now expires %s", again.ExpiresAt)
		}
		s.DB.Shift(public.ExpiresAt.Sub(s.Now(t)) - time.Second)
		if state := c.verify(t, number).State; state != "valid" {
			t.Errorf("on its last day it is %s", state)
		}
		s.DB.Shift(public.ExpiresAt.Sub(public.IssuedAt) + time.Minute)
		if state := c.verify(t, number).State; state != "expired" {
			t.Errorf("after its last day it is %s", state)
		}
		// Closing again states how long it is valid by the course of now.
		c.close(t)
		if got := c.issue(t); got.Issued != 1 || c.verify(t, number).State != "replaced" {
			t.Errorf("closed again after another time was set: %+v", got)
		}
	})
}

// To mend a name does not prolong what was learnt.
func TestACorrectionIsValidNoLongerThanWhatItReplaces(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		s.DB.Ent.Course.Update().SetValidMonths(12).ExecX(s.Context())
		c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Kask"}, training.Completed, 4)
		c.close(t)
		c.issue(t)
		first := c.verify(t, c.standing(t, "anna"))
		for days := 40; days <= 80; days += 40 {
			s.DB.Shift(time.Duration(days) * 24 * time.Hour)
			c.again(t, "anna", training.Completed, 5-days/80)
			c.issue(t)
			now := c.verify(t, c.standing(t, "anna"))
			if now.Number == first.Number || !now.IssuedAt.After(first.IssuedAt.AddDate(0, 0, days-1)) || !now.ExpiresAt.Equal(*first.ExpiresAt) {
				t.Errorf("after %d days issued %s, it expires %s, the first %s", days, now.IssuedAt, now.ExpiresAt, first.ExpiresAt)
			}
		}
	})
}

func TestACourseWithoutATimeGivesCertificatesForGood(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	if public := c.verify(t, number); public.ExpiresAt != nil {
		t.Errorf("it expires %s", public.ExpiresAt)
	}
	if text := textOf(t, c.pdf(t, holder, number, "en").Bytes); strings.Contains(text, "Valid until") {
		t.Errorf("the page says until when: %s", text)
	}
}
