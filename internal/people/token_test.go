package people

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAPIToken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		clock := time.Now()
		people := New(s.DB, Options{Now: func() time.Time { return clock }})
		anna := s.Person(t, testkit.P{Email: email, Country: "LV", Agency: "lv-vugd", Confirmed: true})
		token := must[string](t)(people.IssueToken(ctx, "Anna@vugd.example", 30))
		if !regexp.MustCompile(`^vrd_[a-z2-7]{32}$`).MatchString(token) {
			t.Errorf("token %q", token)
		}
		if a := must[Account](t)(people.ByToken(ctx, token)); a.Actor() != anna {
			t.Errorf("the token acts as %+v", a.Actor())
		}
		session := startSession(t, people, anna)
		for what, forged := range map[string]string{"none": "", "forged": token[:35] + "a" + "a", "a session's": session, "prefixed": "vrd_" + session} {
			if _, err := people.ByToken(ctx, forged); err != ErrNoSession {
				t.Errorf("%s token: %v", what, err)
			}
		}
		if _, err := people.Session(ctx, token); err != ErrNoSession {
			t.Errorf("an API token as a cookie: %v", err)
		}
		clock = clock.Add(30*24*time.Hour + time.Minute)
		if _, err := people.ByToken(ctx, token); err != ErrNoSession {
			t.Errorf("a token over: %v", err)
		}
		clock = time.Now()
		disable(t, s, anna.PersonID)
		clock = clock.Add(time.Second)
		if _, err := people.ByToken(ctx, token); err != ErrNoSession {
			t.Errorf("the token of a disabled person, a second later: %v", err)
		}
		_, err := people.IssueToken(ctx, email, 30)
		wantFault(t, err, training.KindNotFound, "fault.not_found_address")
	})
}

func TestIssueManyTokens(t *testing.T) {
	const many = 2000
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		users, emails := make([]NewUser, many), make([]string, many)
		for i := range many {
			emails[i] = fmt.Sprintf("p%d@vugd.example", many-i)
			users[i] = NewUser{Email: emails[i], Name: "Person", Role: training.RoleTrainee}
		}
		if err := people.AddUsers(ctx, users); err != nil {
			t.Fatal(err)
		}
		tokens := must[[]string](t)(people.IssueTokens(ctx, append(emails, emails[0]), 30))
		if len(tokens) != many+1 || tokens[0] == tokens[many] {
			t.Fatalf("%d tokens, the last like the first: %v", len(tokens), tokens[0] == tokens[many])
		}
		for i := range many + 1 {
			if i%250 != 0 {
				continue
			}
			if a := must[Account](t)(people.ByToken(ctx, tokens[i])); a.Email != emails[i%many] {
				t.Errorf("token %d acts as %s, want %s", i, a.Email, emails[i%many])
			}
		}
		before := s.DB.Ent.APIToken.Query().CountX(ctx)
		_, err := people.IssueTokens(ctx, []string{emails[0], "typo@vugd.example"}, 30)
		wantFault(t, err, training.KindNotFound, "fault.not_found_address")
		if fault, _ := training.AsFault(err); fault.Args["email"] != "typo@vugd.example" {
			t.Errorf("the fault names %v", fault.Args)
		}
		if n := s.DB.Ent.APIToken.Query().CountX(ctx); n != before {
			t.Errorf("%d tokens were made in spite of the unknown address", n-before)
		}
	})
}

// Programs that ask at the same moment are looked up together: none may act as
// another, and a token that is unknown or has ended gets nobody.
func TestTokensLookedUpAtOnceActAsTheirOwnPeople(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const many = 60
		ctx := s.Context()
		now := time.Now()
		people := New(s.DB, Options{Now: func() time.Time { return now }})
		users, emails := make([]NewUser, many), make([]string, many)
		for i := range many {
			emails[i] = fmt.Sprintf("p%d@vugd.example", i)
			users[i] = NewUser{Email: emails[i], Name: "Person", Role: training.RoleTrainee}
		}
		if err := people.AddUsers(ctx, users); err != nil {
			t.Fatal(err)
		}
		tokens := must[[]string](t)(people.IssueTokens(ctx, emails, 30))
		ended := must[[]string](t)(people.IssueTokens(ctx, emails, 1))
		now = now.AddDate(0, 0, 2)
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				if a, err := people.ByToken(ctx, tokens[i]); err != nil || a.Email != emails[i] {
					t.Errorf("the token of %s acts as %q, %v", emails[i], a.Email, err)
				}
			})
			for _, bad := range []string{ended[i], newAPIToken()} {
				wg.Go(func() {
					if a, err := people.ByToken(ctx, bad); !errors.Is(err, ErrNoSession) {
						t.Errorf("a token that is good for nothing acts as %q, %v", a.Email, err)
					}
				})
			}
		}
		wg.Wait()
	})
}

func TestTokenDays(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	s.Person(t, testkit.P{Email: email})
	for _, days := range []int{-1, 0, 3651} {
		_, err := people.IssueToken(s.Context(), email, days)
		wantField(t, err, "days", "invalid.between")
	}
}
