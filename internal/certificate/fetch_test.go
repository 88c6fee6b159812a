package certificate_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestACertificateIsForTheHolderTheAgencyTheInstructorAndAdministrators(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun", Agency: "rescue", Country: "EE", Confirmed: true}, training.Completed, 5)
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		for who, actor := range map[string]training.Actor{
			"holder": holder, "officer": officer, "instructor": c.instructor, "administrator": c.admin,
		} {
			if _, err := c.service.PDF(s.Context(), actor, number, ""); err != nil {
				t.Errorf("the %s is refused: %v", who, err)
			}
		}

		police := testkit.P{Email: "p@example.org", Role: training.RoleAgency, Agency: "police", Country: "EE", Confirmed: true}
		unconfirmed := testkit.P{Email: "u@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE"}
		for who, p := range map[string]testkit.P{
			"colleague":               {Email: "c@example.org", Agency: "rescue", Country: "EE", Confirmed: true},
			"officer of another":      police,
			"officer not confirmed":   unconfirmed,
			"coordinator":             {Email: "k@example.org", Role: training.RoleCoordinator, Country: "EE", Confirmed: true},
			"instructor of another":   {Email: "i@example.org", Role: training.RoleInstructor},
			"instructor in that role": {Email: "j@example.org", Role: training.RoleInstructor, Agency: "rescue", Country: "EE", Confirmed: true},
		} {
			actor := s.Person(t, p)
			_, err := c.service.PDF(s.Context(), actor, number, "")
			wantKind(t, who, err, training.KindNotFound)
			_, err = c.service.PDF(s.Context(), actor, number, "xx")
			wantKind(t, who+" in a language we do not speak", err, training.KindNotFound)
		}
		for _, number := range []string{number, "nonsense", "2222-2222-2222-2222"} {
			_, err := c.service.PDF(s.Context(), training.Actor{}, number, "")
			wantKind(t, "a visitor", err, training.KindUnauthenticated)
		}
		for _, missing := range []string{"", "nonsense", "2222-2222-2222-2222"} {
			_, err := c.service.PDF(s.Context(), c.admin, missing, "")
			wantKind(t, "number "+missing, err, training.KindNotFound)
		}
		_, err := c.service.PDF(s.Context(), holder, number, "xx")
		if f, ok := training.AsFault(err); !ok || f.Kind != training.KindInvalid || f.Fields[0].Field != "lang" {
			t.Errorf("a language we do not speak: %v", err)
		}
	})
}

// The row alone makes the page: whatever is renamed afterwards, the bytes stay.
func TestTheSameCertificateIsAlwaysTheSameBytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun", Locale: "et", Agency: "rescue", Country: "EE", Confirmed: true}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		first := c.pdf(t, holder, number, "")

		c.rename(t, holder, "Mari Kask")
		s.DB.Ent.Agency.UpdateOneID(holder.AgencyID).SetName("Renamed").ExecX(s.Context())
		s.DB.Ent.CourseText.Update().SetText("Renamed").ExecX(s.Context())
		s.DB.Ent.Run.UpdateOneID(c.run).SetPlace("Elsewhere").ExecX(s.Context())
		s.DB.Shift(400 * 24 * time.Hour)
		moved := certificate.New(s.DB, certificate.Options{BaseURL: "https://moved.example", Issuer: "Renamed", Words: words(t)})
		second, err := moved.PDF(s.Context(), holder, strings.ToLower(number), "et")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes, second.Bytes) || first.Name != second.Name {
			t.Errorf("%s and %s differ", first.Name, second.Name)
		}
		for _, tag := range []string{"no", "nn", "NB"} {
			if norwegian := c.pdf(t, holder, number, tag); !bytes.Equal(norwegian.Bytes, c.pdf(t, holder, number, "nb").Bytes) {
				t.Errorf("%q is not the Norwegian page", tag)
			}
		}
		if other := c.pdf(t, holder, number, "pl"); bytes.Equal(first.Bytes, other.Bytes) {
			t.Error("another language is the same page")
		}
	})
}

func TestThePageSaysWhatWasDone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun", Locale: "et", Agency: "rescue", Country: "EE", Confirmed: true}, training.Completed, 4)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		file := c.pdf(t, holder, number, "")
		text := textOf(t, file.Bytes)
		for _, want := range []string{
			"Mari Õun", "et Certificate of completion", "Course course-1-ship-1", "2027-03-15 to 2027-03-17",
			"Riga, country LV", "et 3 days", "et 4 of 5 half days", "language en", "SHIP-1", "Agency rescue", "country EE",
			"Baltic Training Board", number, "https://varde.example/verify/" + number,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q: %s", want, text)
			}
		}
		if strings.Contains(textOf(t, c.pdf(t, holder, number, "en").Bytes), "et ") {
			t.Error("the English page says something in Estonian")
		}
		if want := "Varde-COURSE-1-SHIP-1-Mari-Oun-" + number + ".pdf"; file.Name != want {
			t.Errorf("the file is called %s, want %s", file.Name, want)
		}
	})
}

func TestAnUnconfirmedPersonsCertificateNamesNeitherAgencyNorState(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun", Agency: "rescue", Country: "EE"}, training.Completed, 5)
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
		// What is confirmed after the enrolment changes nothing.
		s.DB.Ent.Person.UpdateOneID(holder.PersonID).SetAffiliationConfirmedAt(s.Now(t)).ExecX(s.Context())
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		text := textOf(t, c.pdf(t, holder, number, "en").Bytes)
		for _, unwanted := range []string{"rescue", "country EE", "Agency", "Country of service"} {
			if strings.Contains(text, unwanted) {
				t.Errorf("the page says %q: %s", unwanted, text)
			}
		}
		_, err := c.service.PDF(s.Context(), officer, number, "")
		wantKind(t, "the officer of the declared agency", err, training.KindNotFound)
	})
}

func TestACertificateStaysWithTheAgencyOfThenWhenThePersonMoves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Agency: "rescue", Country: "EE", Confirmed: true}, training.Completed, 5)
		rescue := s.Person(t, testkit.P{Email: "r@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
		police := s.Person(t, testkit.P{Email: "p@example.org", Role: training.RoleAgency, Agency: "police", Country: "FI", Confirmed: true})
		s.DB.Ent.Person.UpdateOneID(holder.PersonID).SetAgencyID(police.AgencyID).SetCountry("FI").ExecX(s.Context())
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		_, err := c.service.PDF(s.Context(), police, number, "")
		wantKind(t, "the new agency", err, training.KindNotFound)
		text := textOf(t, c.pdf(t, rescue, number, "").Bytes)
		if !strings.Contains(text, "Agency rescue") || strings.Contains(text, "police") {
			t.Errorf("the page names the wrong agency: %s", text)
		}
		old, err := c.service.OfAgency(s.Context(), rescue, "rescue", certificate.Filter{})
		if err != nil || len(old) != 1 {
			t.Errorf("the agency of then lists %v (%v)", old, err)
		}
		new, err := c.service.OfAgency(s.Context(), police, "police", certificate.Filter{})
		if err != nil || len(new) != 0 {
			t.Errorf("the new agency lists %v (%v)", new, err)
		}
	})
}

func TestNamesStandOnThePageAsTheirPeopleWriteThem(t *testing.T) {
	names := map[string]string{
		"is": "Þórður Ægisson", "lt": "Žydrūnė Šiaučiūnaitė", "pl": "Łukasz Żółć-Świątek", "lv": "Jānis Bērziņš-Ķēniņš",
		"et": "Õnne Ööbik", "ru": "Юрий Щербаков", "nb": "Bjørn Ødegård", "sv": "Ragnheiður Þóra Guðmundsdóttir",
		"de": "Maximilian-Alexander Freiherr von Schöneberg-Württemberg zu Lauenstein-Grünwald",
	}
	files := map[string]string{
		"is": "Thordur-Aegisson", "lt": "Zydrune-Siauciunaite", "pl": "Lukasz-Zolc-Swiatek", "lv": "Janis-Berzins-Kenins",
		"et": "Onne-Oobik", "ru": "Iurii-Shcherbakov", "nb": "Bjorn-Odegard", "sv": "Ragnheidur-Thora-Gudmundsdottir",
		"de": "Maximilian-Alexander-Freiherr-von-Schoneberg-Wurttemberg-zu",
	}
	s := testkit.SQLite(t)
	c := ended(t, s)
	for lang, name := range names {
		c.came(t, testkit.P{Email: lang + "@example.org", Name: name, Locale: lang}, training.Completed, 5)
	}
	c.close(t)
	if got := c.issue(t); got.Issued != len(names) {
		t.Fatalf("issued: %+v", got)
	}
	for lang, name := range names {
		number := c.standing(t, lang)
		file := c.pdf(t, c.admin, number, "")
		if text := textOf(t, file.Bytes); !strings.Contains(text, name) {
			t.Errorf("the page does not say %q: %s", name, text)
		}
		if want := "Varde-COURSE-1-SHIP-1-" + files[lang] + "-" + number + ".pdf"; file.Name != want {
			t.Errorf("the file is called %s, want %s", file.Name, want)
		}
	}
}
