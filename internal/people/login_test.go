package people

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestSignUpAndLogIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{BaseURL: base})
		made := must[Account](t)(people.SignUp(ctx, SignUp{Email: " Anna@VUGD.example ", Password: password, Locale: "lv"}))
		if made.Email != email || made.Role != training.RoleTrainee || made.Locale != "lv" || !made.HasPassword {
			t.Errorf("signed up as %+v", made)
		}
		if made.ProfileComplete || made.AffiliationConfirmed || made.EmailConfirmed {
			t.Errorf("a new account knows too much of itself: %+v", made)
		}
		if got := mails(t, s); len(got) != 0 {
			t.Errorf("without SMTP nothing needs confirming, yet there is mail: %v", got)
		}
		account := must[Account](t)(people.LogIn(ctx, "ANNA@vugd.example", password))
		if account.ID != made.ID {
			t.Errorf("logged in as %d, want %d", account.ID, made.ID)
		}
		_, err := people.SignUp(ctx, SignUp{Email: "anna@vugd.EXAMPLE", Password: password})
		wantField(t, err, "email", "invalid.email_taken")
	})
}

func TestSignUpRefuses(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	tests := []struct{ what, email, password, field, key string }{
		{"no address", "", password, "email", "invalid.email"},
		{"a name with the address", "Anna <anna@vugd.example>", password, "email", "invalid.email"},
		{"an address without a domain", "anna", password, "email", "invalid.email"},
		{"a second header line", "anna@vugd.example\nbcc:x@y.example", password, "email", "invalid.email"},
		{"a quoted local part", `"anna b"@vugd.example`, password, "email", "invalid.email"},
		{"letters no mail server has to know", "jānis@vugd.example", password, "email", "invalid.email"},
		{"a long address", strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 100) + "example", password, "email", "invalid.email"},
		{"a long local part", strings.Repeat("a", 65) + "@vugd.example", password, "email", "invalid.email"},
		{"nine characters", email, "123456789", "password", "invalid.password_length"},
		{"nine characters in eighteen bytes", email, "āčēģīķļņš", "password", "invalid.password_length"},
		{"a book", email, strings.Repeat("x", 129), "password", "invalid.password_length"},
		{"the address as password", email, "Anna@vugd.example", "password", "invalid.password_is_email"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			_, err := people.SignUp(s.Context(), SignUp{Email: tt.email, Password: tt.password})
			wantField(t, err, tt.field, tt.key)
		})
	}
	long := SignUp{Email: email, Password: strings.Repeat("ā", 128), Locale: "xx"}
	if a := must[Account](t)(people.SignUp(s.Context(), long)); a.Locale != "en" {
		t.Errorf("an unknown language became %q, want en", a.Locale)
	}
}

func TestWrongLogInsLookAlike(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := New(s.DB, Options{})
		signUp(t, people)
		gone := must[Account](t)(people.SignUp(s.Context(), SignUp{Email: "gone@vugd.example", Password: password}))
		disable(t, s, gone.ID)
		s.Person(t, testkit.P{Email: "linkonly@vugd.example"})
		for _, tt := range []struct{ what, email, password string }{
			{"wrong password", email, "seven seas & a fairy"},
			{"no password", email, ""},
			{"unknown address", "nobody@vugd.example", password},
			{"no address at all", "nobody", password},
			{"disabled account", "gone@vugd.example", password},
			{"account without a password", "linkonly@vugd.example", ""},
		} {
			_, err := people.LogIn(s.Context(), tt.email, tt.password)
			if err == nil {
				t.Fatalf("%s: logged in", tt.what)
			}
			wantFault(t, err, training.KindUnauthenticated, "fault.wrong_login")
			if err.Error() != "unauthenticated (fault.wrong_login)" {
				t.Errorf("%s: the answer tells more: %v", tt.what, err)
			}
		}
	})
}

// An unknown address must cost as much as a known one. The hash is what costs:
// while no hash can be made, neither gets an answer.
func TestUnknownAddressIsHashedToo(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	signUp(t, people)
	s.Person(t, testkit.P{Email: "linkonly@vugd.example"})
	takeAllSlots(t)
	for _, address := range []string{email, "linkonly@vugd.example", "nobody@vugd.example", "nobody"} {
		ctx, cancel := context.WithTimeout(s.Context(), 20*time.Millisecond)
		_, err := people.LogIn(ctx, address, "not the password")
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: answered without a hash: %v", address, err)
		}
	}
}

// What is shown without a question to the database is what the last one answered,
// for some minutes, and nothing of somebody whom this server has signed out.
func TestASessionIsRememberedForAWhile(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		clock := time.Now()
		people := New(s.DB, Options{Now: func() time.Time { return clock }})
		anna := s.Person(t, testkit.P{Email: "anna@vugd.example", Name: "Anna"})
		token := startSession(t, people, anna)
		seen := func(name string) {
			t.Helper()
			account, known := people.LatelySeen(token)
			if known != (name != "") || account.Name != name {
				t.Errorf("%v later it is %q, want %q", time.Since(clock), account.Name, name)
			}
		}
		seen("") // nobody has asked yet
		must[Account](t)(people.Session(s.Context(), token))
		clock = clock.Add(time.Minute)
		seen("Anna")
		clock = clock.Add(2 * time.Minute)
		seen("")
		must[Account](t)(people.Session(s.Context(), token))
		seen("Anna")
		if err := people.EndSession(s.Context(), token); err != nil {
			t.Fatal(err)
		}
		seen("")
	})
}

func TestSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		clock := time.Now()
		people := New(s.DB, Options{Now: func() time.Time { return clock }})
		officer := s.Person(t, testkit.P{Email: "ilze@vugd.example", Name: "Ilze", Country: "LV", Agency: "lv-vugd",
			Role: training.RoleAgency, Confirmed: true, Locale: "lv"})
		token, expires, err := people.StartSession(ctx, officer.PersonID)
		if err != nil {
			t.Fatal(err)
		}
		if days := expires.Sub(clock).Hours() / 24; days < 29.9 || days > 30.1 {
			t.Errorf("the session lasts %.1f days, want 30", days)
		}
		account := must[Account](t)(people.Session(ctx, token))
		if account.Actor() != officer || account.AgencySlug != "lv-vugd" || account.Locale != "lv" || account.Name != "Ilze" {
			t.Errorf("the session is that of %+v", account)
		}
		row := s.DB.Ent.Session.Query().OnlyX(ctx)
		if strings.Contains(row.TokenHash, token) || len(row.TokenHash) != 64 {
			t.Errorf("stored %q for the token", row.TokenHash)
		}
		if _, err := people.Session(ctx, token+"x"); err != ErrNoSession {
			t.Errorf("a forged token: %v", err)
		}
		if _, err := people.Session(ctx, ""); err != ErrNoSession {
			t.Errorf("no token: %v", err)
		}
		clock = expires
		if _, err := people.Session(ctx, token); err != ErrNoSession {
			t.Errorf("a session over: %v", err)
		}
		clock = expires.Add(-time.Second)
		disable(t, s, officer.PersonID)
		if _, err := people.Session(ctx, token); err != ErrNoSession {
			t.Errorf("the session of a disabled person: %v", err)
		}
	})
}

func TestEndSessions(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		anna, bert := s.Person(t, testkit.P{Email: email}), s.Person(t, testkit.P{Email: "bert@vugd.example"})
		phone, desk, berts := startSession(t, people, anna), startSession(t, people, anna), startSession(t, people, bert)
		if err := people.EndSession(ctx, phone); err != nil {
			t.Fatal(err)
		}
		if err := people.EndSession(ctx, phone); err != nil {
			t.Errorf("signing out twice: %v", err)
		}
		wantSessions(t, people, map[string]bool{phone: false, desk: true, berts: true})
		if err := people.EndAllSessions(ctx, anna); err != nil {
			t.Fatal(err)
		}
		wantSessions(t, people, map[string]bool{desk: false, berts: true})
		wantFault(t, people.EndAllSessions(ctx, training.Actor{}), training.KindUnauthenticated, "fault.unauthenticated")
	})
}

func startSession(t *testing.T, people *Service, who training.Actor) string {
	t.Helper()
	token, _, err := people.StartSession(t.Context(), who.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func wantSessions(t *testing.T, people *Service, living map[string]bool) {
	t.Helper()
	for token, want := range living {
		_, err := people.Session(t.Context(), token)
		if want && err != nil || !want && err != ErrNoSession {
			t.Errorf("session: %v, want living %v", err, want)
		}
	}
}

func TestChangePassword(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		actor := signUp(t, people).Actor()
		old, fresh := password, "another good password"
		token := startSession(t, people, actor)
		wantField(t, people.ChangePassword(ctx, actor, "wrong", fresh), "old", "invalid.password_wrong")
		wantField(t, people.ChangePassword(ctx, actor, old, "short"), "password", "invalid.password_length")
		wantSessions(t, people, map[string]bool{token: true})
		if err := people.ChangePassword(ctx, actor, old, fresh); err != nil {
			t.Fatal(err)
		}
		wantSessions(t, people, map[string]bool{token: false})
		if _, err := people.LogIn(ctx, email, old); err == nil {
			t.Error("the old password still works")
		}
		must[Account](t)(people.LogIn(ctx, email, fresh))

		byLink := s.Person(t, testkit.P{Email: "link@vugd.example"})
		if err := people.ChangePassword(ctx, byLink, "", fresh); err != nil {
			t.Fatalf("a first password: %v", err)
		}
		must[Account](t)(people.LogIn(ctx, "link@vugd.example", fresh))
	})
}

func TestSetPassword(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		anna := s.Person(t, testkit.P{Email: email})
		token := startSession(t, people, anna)
		if err := people.SetPassword(ctx, "Anna@vugd.example", password); err != nil {
			t.Fatal(err)
		}
		must[Account](t)(people.LogIn(ctx, email, password))
		wantSessions(t, people, map[string]bool{token: false})
		wantFault(t, people.SetPassword(ctx, "no@vugd.example", password), training.KindNotFound, "fault.not_found_address")
		wantField(t, people.SetPassword(ctx, email, "short"), "password", "invalid.password_length")
	})
}

func TestSetLocale(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		people := New(s.DB, Options{})
		anna := s.Person(t, testkit.P{Email: email})
		for given, want := range map[string]string{"uk": "", "no": "nb", "fi": "fi", "": ""} {
			err := people.SetLocale(s.Context(), anna, given)
			if want == "" {
				wantField(t, err, "locale", "invalid.locale")
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if a := must[Account](t)(people.Profile(s.Context(), anna)); a.Locale != want {
				t.Errorf("%q became %q, want %q", given, a.Locale, want)
			}
		}
	})
}

func TestCleanup(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := withMail(s)
		anna := s.Person(t, testkit.P{Email: email})
		old := startSession(t, people, anna)
		must[string](t)(people.IssueToken(ctx, email, 30))
		must[string](t)(people.LinkFor(ctx, email))
		if err := people.Cleanup(ctx); err != nil {
			t.Fatal(err)
		}
		wantSessions(t, people, map[string]bool{old: true})
		s.DB.Shift(31 * 24 * time.Hour)
		young := startSession(t, people, anna)
		if err := people.Cleanup(ctx); err != nil {
			t.Fatal(err)
		}
		wantSessions(t, people, map[string]bool{old: false, young: true})
		if n := s.DB.Ent.APIToken.Query().CountX(ctx) + s.DB.Ent.OneTimeLink.Query().CountX(ctx); n != 0 {
			t.Errorf("%d old tokens and links are left", n)
		}
	})
}
