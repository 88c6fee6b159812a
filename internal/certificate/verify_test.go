package certificate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	entcertificate "github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAnyoneWithTheNumberIsToldWhatItProves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "mari@example.org", Name: "Mari Õun"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		got := c.verify(t, " "+number[:4]+" "+number[5:]+" ")
		want := certificate.Public{
			Number: number, State: "valid", Holder: "Mari Õun",
			Titles: training.Titles{Text: map[string]string{"en": "Course course-1-ship-1"}, Original: "en"},
			Starts: monday, Ends: monday.AddDays(2), TimeZone: "Europe/Riga", Issuer: "Baltic Training Board", IssuedAt: got.IssuedAt,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if age := s.Now(t).Sub(got.IssuedAt); age < 0 || age > time.Minute {
			t.Errorf("it was issued %v ago", age)
		}
	})
}

func TestMalformedAndUnknownNumbersAreMissingAlike(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "mari@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		wrong := "2" + number[1:]
		if number[0] == '2' {
			wrong = "3" + number[1:]
		}
		var first error
		for _, typed := range []string{"", "x", "2222-2222-2222-2222", wrong, number + "2", "' OR 1=1"} {
			_, err := c.service.Verify(s.Context(), typed)
			wantKind(t, typed, err, training.KindNotFound)
			if first == nil {
				first = err
			}
			if err != nil && err.Error() != first.Error() {
				t.Errorf("%q answers %v, others %v", typed, err, first)
			}
			_, err = c.service.HolderMatches(s.Context(), typed, "mari")
			wantKind(t, "the name for "+typed, err, training.KindNotFound)
		}
	})
}

func TestACertificateExpires(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "mari@example.org"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		// Rows with an end come from elsewhere; no run sets one yet.
		row := s.DB.Ent.Certificate.Query().OnlyX(s.Context())
		end := s.Now(t).Add(time.Hour)
		if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE certificates SET expires_at = $1 WHERE id = $2", end, row.ID); err != nil {
			t.Fatal(err)
		}
		if p := c.verify(t, row.Number); p.State != "valid" || !p.ExpiresAt.Equal(end) {
			t.Errorf("before its end it is %s until %v", p.State, p.ExpiresAt)
		}
		s.DB.Shift(2 * time.Hour)
		if p := c.verify(t, row.Number); p.State != "expired" {
			t.Errorf("after its end it is %s", p.State)
		}
	})
}

func TestADiscreetRunNamesNobodyButAnswersToAName(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		c.came(t, testkit.P{Email: "mari@example.org", Name: "Þórður Weiß  Ægisson"}, training.Completed, 5)
		c.close(t)
		c.issue(t)
		s.DB.Ent.Run.UpdateOneID(c.run).SetDiscreet(true).ExecX(s.Context())
		number := c.standing(t, "mari")
		if p := c.verify(t, number); p.Holder != "" || !p.Discreet {
			t.Errorf("the page names %q", p.Holder)
		}
		for name, want := range map[string]bool{
			"Þórður Weiß Ægisson":              true,
			"  þórður   WEISS ægisson\u00a0":   true,
			"Þo\u0301rður Weiß Ægisson":        true, // composed by the browser
			"Þórður Ægisson":                   false,
			"Thordur Weiss Aegisson":           false,
			"Þórður WeißÆgisson":               false,
			"":                                 false,
			"Þórður Weiß Ægisson Þórðurdóttir": false,
		} {
			got, err := c.service.HolderMatches(s.Context(), number, name)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%q matches: %v, want %v", name, got, want)
			}
		}
	})
}

func TestAnAdministratorRevokesOnceWithAReason(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := ended(t, s)
		holder := c.came(t, testkit.P{Email: "mari@example.org", Agency: "rescue", Country: "EE", Confirmed: true}, training.Completed, 5)
		officer := s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Agency: "rescue", Country: "EE", Confirmed: true})
		c.close(t)
		c.issue(t)
		number := c.standing(t, "mari")
		revoke := func(actor training.Actor, number, reason string) error {
			return c.service.Revoke(s.Context(), actor, number, reason, " the free text ")
		}
		for who, actor := range map[string]training.Actor{"holder": holder, "officer": officer, "instructor": c.instructor} {
			wantKind(t, who, revoke(actor, number, "issued_in_error"), training.KindForbidden)
		}
		wantKind(t, "a visitor", revoke(training.Actor{}, number, "issued_in_error"), training.KindUnauthenticated)
		wantKind(t, "a missing number", revoke(c.admin, "nonsense", "issued_in_error"), training.KindNotFound)
		for _, reason := range []string{"", "because"} {
			wantKind(t, "reason "+reason, revoke(c.admin, number, reason), training.KindInvalid)
		}
		if p := c.verify(t, number); p.State != "valid" {
			t.Fatalf("refused, it is %s", p.State)
		}
		if err := revoke(c.admin, number, "withdrawn_by_issuer"); err != nil {
			t.Fatal(err)
		}
		p := c.verify(t, number)
		if p.State != "revoked" || p.Reason != "withdrawn_by_issuer" || p.RevokedAt == nil {
			t.Errorf("revoked, it says %+v", p)
		}
		wantKind(t, "once more", revoke(c.admin, number, "facts_wrong"), training.KindConflict)
		if again := c.verify(t, number); again.Reason != p.Reason || !again.RevokedAt.Equal(*p.RevokedAt) {
			t.Errorf("the second try changed it to %+v", again)
		}
		mails := c.mails(t)["certificate_revoked"]
		if len(mails) != 1 || mails[0].Args["reason"] != "The issuer has withdrawn it." || mails[0].Args["number"] != number {
			t.Errorf("the holder is told %v", mails)
		}
		row := s.DB.Ent.Certificate.Query().Where(entcertificate.Number(number)).OnlyX(s.Context())
		if row.RevokedNote != "the free text" {
			t.Errorf("the secretariat's note is %q", row.RevokedNote)
		}
	})
}
