package people

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestConfirmingTheAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		account := signUp(t, people)
		mail := lastMail(t, s, "confirm_email")
		if mail.To != email || mail.Locale != "lv" {
			t.Errorf("mail to %s in %s", mail.To, mail.Locale)
		}
		token := tokenIn(t, mail.Args["link"], base+"/lv/link/")
		account.Name = "Anna Bērziņa"
		wantFault(t, people.MayHold(account), training.KindNotEligible, "fault.email_not_confirmed")

		later(s, 7*24*time.Hour-time.Minute, func() {
			info := must[LinkInfo](t)(people.LookLink(ctx, token))
			if diff := cmp.Diff(LinkInfo{Purpose: PurposeEmail, Email: email}, info); diff != "" {
				t.Error(diff)
			}
			used, purpose, err := people.UseLink(ctx, token)
			if err != nil || purpose != PurposeEmail || !used.EmailConfirmed {
				t.Fatalf("used as %q, %+v: %v", purpose, used, err)
			}
			used.Name = "Anna Bērziņa"
			if err := people.MayHold(used); err != nil {
				t.Errorf("still may not hold: %v", err)
			}
		})
		if err := people.SendConfirmation(ctx, account.Actor()); err != nil {
			t.Fatal(err)
		}
		if n := len(mails(t, s)); n != 1 {
			t.Errorf("a confirmed address is asked to confirm again: %d mails", n)
		}
	})
}

func TestAskingForTheConfirmationAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := withMail(s)
		actor := signUp(t, people).Actor()
		first := tokenIn(t, lastMail(t, s, "confirm_email").Args["link"], base+"/lv/link/")
		if err := people.SendConfirmation(s.Context(), actor); err != nil {
			t.Fatal(err)
		}
		second := tokenIn(t, lastMail(t, s, "confirm_email").Args["link"], base+"/lv/link/")
		_, _, err := people.UseLink(s.Context(), first)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		if _, _, err := people.UseLink(s.Context(), second); err != nil {
			t.Error(err)
		}
	})
}

func TestLogInLink(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		account := signUp(t, people)
		if err := people.SendLogInLink(ctx, "ANNA@vugd.example", "fi"); err != nil {
			t.Fatal(err)
		}
		mail := lastMail(t, s, "login_link")
		if mail.Locale != "fi" {
			t.Errorf("asked on a Finnish page, mailed in %s", mail.Locale)
		}
		token := tokenIn(t, mail.Args["link"], base+"/fi/link/")
		for range 3 { // a mail scanner
			must[LinkInfo](t)(people.LookLink(ctx, token, PurposeLogIn, PurposeEmail))
		}
		_, err := people.LookLink(ctx, token, PurposeReset)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		_, err = people.ResetPassword(ctx, token, "another good password")
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")

		used, purpose, err := people.UseLink(ctx, token)
		if err != nil || used.ID != account.ID || purpose != PurposeLogIn || !used.EmailConfirmed {
			t.Fatalf("used as %q by %+v: %v", purpose, used, err)
		}
		_, _, err = people.UseLink(ctx, token)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		_, err = people.LookLink(ctx, token)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		// Whoever signed up with this address may have been a stranger.
		if _, err := people.LogIn(ctx, email, password); err == nil {
			t.Error("a password from before the address was shown to be the owner's still works")
		}
	})
}

func TestLinkWorksOnceAmongMany(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := withMail(s)
		signUp(t, people)
		token := tokenIn(t, must[string](t)(people.LinkFor(s.Context(), email)), base+"/lv/link/")
		var worked atomic.Int32
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				_, _, err := people.UseLink(s.Context(), token)
				if err == nil {
					worked.Add(1)
				} else if !training.IsKind(err, training.KindNotFound) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if worked.Load() != 1 {
			t.Errorf("the link worked %d times", worked.Load())
		}
	})
}

func TestLinksEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		account := signUp(t, people)
		link := func() string {
			return tokenIn(t, must[string](t)(people.LinkFor(ctx, email)), base+"/lv/link/")
		}
		older, newer := link(), link()
		_, _, err := people.UseLink(ctx, older)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		later(s, 30*time.Minute+time.Second, func() {
			_, err := people.LookLink(ctx, newer)
			wantFault(t, err, training.KindNotFound, "fault.not_found_link")
			_, _, err = people.UseLink(ctx, newer)
			wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		})
		later(s, 30*time.Minute-10*time.Second, func() { must[LinkInfo](t)(people.LookLink(ctx, newer)) })
		disable(t, s, account.ID)
		_, _, err = people.UseLink(ctx, newer)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		_, err = people.LinkFor(ctx, email)
		wantFault(t, err, training.KindNotFound, "fault.not_found_address")
	})
}

func TestResetPassword(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		account := signUp(t, people)
		bert := startSession(t, people, s.Person(t, testkit.P{Email: "bert@vugd.example"}))
		phone, desk := startSession(t, people, account.Actor()), startSession(t, people, account.Actor())
		if err := people.SendReset(ctx, email, "lv"); err != nil {
			t.Fatal(err)
		}
		token := tokenIn(t, lastMail(t, s, "reset_password").Args["link"], base+"/lv/reset/")
		_, _, err := people.UseLink(ctx, token)
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
		_, err = people.ResetPassword(ctx, token, email)
		wantField(t, err, "password", "invalid.password_is_email")
		wantSessions(t, people, map[string]bool{phone: true, desk: true})

		later(s, 2*time.Hour-time.Minute, func() {
			reset := must[Account](t)(people.ResetPassword(ctx, token, "another good password"))
			if reset.ID != account.ID || !reset.EmailConfirmed {
				t.Errorf("reset %+v", reset)
			}
		})
		wantSessions(t, people, map[string]bool{phone: false, desk: false, bert: true})
		if _, err := people.LogIn(ctx, email, password); err == nil {
			t.Error("the old password still works")
		}
		must[Account](t)(people.LogIn(ctx, email, "another good password"))
		_, err = people.ResetPassword(ctx, token, "yet another password")
		wantFault(t, err, training.KindNotFound, "fault.not_found_link")
	})
}

func TestAskingForAMailTellsNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		gone := s.Person(t, testkit.P{Email: "gone@vugd.example"})
		disable(t, s, gone.PersonID)
		for what, send := range map[string]func(string) error{
			"log-in link": func(e string) error { return people.SendLogInLink(ctx, e, "en") },
			"reset":       func(e string) error { return people.SendReset(ctx, e, "en") },
		} {
			for _, address := range []string{"nobody@vugd.example", "gone@vugd.example"} {
				if err := send(address); err != nil {
					t.Errorf("%s for %s: %v", what, address, err)
				}
			}
			wantField(t, send("no address"), "email", "invalid.email")
		}
		if got := mails(t, s); len(got) != 0 {
			t.Errorf("mails to nobody: %v", got)
		}
	})
}

func TestTokensAreKeptAsHashesAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := withMail(s)
		signUp(t, people)
		token := tokenIn(t, must[string](t)(people.LinkFor(s.Context(), email)), base+"/lv/link/")
		api := must[string](t)(people.IssueToken(s.Context(), email, 1))
		for _, row := range s.DB.Ent.OneTimeLink.Query().AllX(s.Context()) {
			if strings.Contains(row.TokenHash, token) {
				t.Error("the link's token is stored as it is")
			}
		}
		if row := s.DB.Ent.APIToken.Query().OnlyX(s.Context()); strings.Contains(row.TokenHash, api) {
			t.Error("the API token is stored as it is")
		}
	})
}
