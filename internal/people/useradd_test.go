package people

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func findByEmail(t *testing.T, s *testkit.Setup, address string) Account {
	t.Helper()
	return must[Account](t)(findAccount(t.Context(), s.DB.SQL, accountByEmail, address))
}

func TestAddUser(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{MailOut: true})
		err := people.AddUser(ctx, NewUser{Email: "Ilze@VUGD.example", Name: "Ilze Kārkliņa", Role: training.RoleAgency,
			Country: "lv", Agency: "lv-vugd", Locale: "lv", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		ilze := must[Account](t)(people.LogIn(ctx, "ilze@vugd.example", password))
		want := Account{ID: ilze.ID, Email: "ilze@vugd.example", Name: "Ilze Kārkliņa", Locale: "lv", Role: training.RoleAgency,
			Country: "LV", AgencySlug: "lv-vugd", AgencyName: "lv-vugd", AgencyID: ilze.AgencyID, AffiliationConfirmed: true,
			EmailConfirmed: true, HasPassword: true, ProfileComplete: true}
		if diff := cmp.Diff(want, ilze); diff != "" {
			t.Error(diff)
		}
		if err := people.MayHold(ilze); err != nil {
			t.Errorf("may not hold: %v", err)
		}
		if a := must[Agency](t)(people.AgencyBySlug(ctx, "lv-vugd")); a.ID != ilze.AgencyID || a.Country != "LV" {
			t.Errorf("the agency is %+v", a)
		}
		// A second member needs no country: it is the agency's.
		if err := people.AddUser(ctx, NewUser{Email: "janis@vugd.example", Role: training.RoleTrainee, Agency: "lv-vugd"}); err != nil {
			t.Fatal(err)
		}
		janis := findByEmail(t, s, "janis@vugd.example")
		if got := janis.Actor(); got.Country != "LV" || got.AgencyID != ilze.AgencyID || janis.HasPassword || janis.Locale != "en" {
			t.Errorf("the second member is %+v", janis)
		}
		wantField(t, people.AddUser(ctx, NewUser{Email: "ILZE@vugd.example", Role: training.RoleAdmin}), "email", "invalid.email_taken")
		if err := people.AddUser(ctx, NewUser{Email: "sigrid@secretariat.example", Role: training.RoleAdmin, Locale: "no"}); err != nil {
			t.Fatal(err)
		}
		if sigrid := findByEmail(t, s, "sigrid@secretariat.example"); sigrid.AffiliationConfirmed || sigrid.Locale != "nb" {
			t.Errorf("the administrator is %+v", sigrid)
		}
	})
}

func TestAddUserRefuses(t *testing.T) {
	s := testkit.SQLite(t)
	people := New(s.DB, Options{})
	good := NewUser{Email: email, Name: "Anna", Role: training.RoleTrainee, Country: "LV", Agency: "lv-vugd", Locale: "lv"}
	for _, tt := range []struct {
		what       string
		change     func(*NewUser)
		field, key string
	}{
		{"no address", func(u *NewUser) { u.Email = "" }, "email", "invalid.email"},
		{"an emoji", func(u *NewUser) { u.Name = "Anna 🔥" }, "name", "invalid.name_characters"},
		{"no role", func(u *NewUser) { u.Role = "" }, "role", "invalid.role"},
		{"no such role", func(u *NewUser) { u.Role = "root" }, "role", "invalid.role"},
		{"no such country", func(u *NewUser) { u.Country = "XX" }, "country", "invalid.choose_country"},
		{"a coordinator of nowhere", func(u *NewUser) { u.Role, u.Country, u.Agency = training.RoleCoordinator, "", "" }, "country", "invalid.role_needs_country"},
		{"an officer of nothing", func(u *NewUser) { u.Role, u.Agency = training.RoleAgency, "" }, "agency", "invalid.role_needs_agency"},
		{"a spoilt slug", func(u *NewUser) { u.Agency = "lv vugd" }, "agency", "invalid.slug"},
		{"a new agency of nowhere", func(u *NewUser) { u.Country = "" }, "country", "invalid.agency_needs_country"},
		{"no such language", func(u *NewUser) { u.Locale = "xx" }, "locale", "invalid.locale"},
		{"a short password", func(u *NewUser) { u.Password = "short" }, "password", "invalid.password_length"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			bad := good
			tt.change(&bad)
			wantField(t, people.AddUser(s.Context(), bad), tt.field, tt.key)
		})
	}
	if n := s.DB.Ent.Person.Query().CountX(s.Context()) + s.DB.Ent.Agency.Query().CountX(s.Context()); n != 0 {
		t.Errorf("%d people and agencies were made in spite of the faults", n)
	}
}

func TestAddUsersAllOrNone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		s.Person(t, testkit.P{Email: "known@vugd.example"})
		row := func(email string) NewUser {
			return NewUser{Email: email, Name: "Anna", Role: training.RoleTrainee, Country: "LV", Agency: "lv-new"}
		}
		nowhere := row("c@vugd.example")
		nowhere.Country, nowhere.Agency = "", "lv-other"
		for _, tt := range []struct {
			what  string
			third NewUser
			key   string
		}{
			{"a known address", row("Known@vugd.example"), "invalid.email_taken"},
			{"the same address twice", row("A@vugd.example"), "invalid.email_twice"},
			{"a spoilt address", row("c"), "invalid.email"},
			{"a new agency of nowhere", nowhere, "invalid.agency_needs_country"},
		} {
			err := people.AddUsers(ctx, []NewUser{row("a@vugd.example"), row("b@vugd.example"), tt.third})
			fault, ok := training.AsFault(err)
			if !ok || fault.Key != "fault.invalid_record" || fault.Args["record"] != 3 || fault.Fields[0].Key != tt.key {
				t.Errorf("%s: %v", tt.what, err)
			}
		}
		if n := s.DB.Ent.Person.Query().CountX(ctx); n != 1 {
			t.Errorf("%d people, want the one there was", n)
		}
		if n := s.DB.Ent.Agency.Query().CountX(ctx); n != 0 {
			t.Errorf("%d agencies were made in spite of the faults", n)
		}
	})
}

func TestAddManyUsers(t *testing.T) {
	const many, agencies = 5000, 600
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		people := New(s.DB, Options{})
		users := make([]NewUser, many)
		for i := range users {
			country := []string{"LV", "EE", "FI"}[i%3]
			users[i] = NewUser{Email: fmt.Sprintf("p%d@x.example", i), Name: "Person", Role: training.RoleTrainee,
				Country: country, Agency: fmt.Sprintf("agency-%d", i%agencies)}
			if i%10 == 0 {
				users[i].Agency = ""
			}
		}
		if err := people.AddUsers(ctx, users); err != nil {
			t.Fatal(err)
		}
		if n := s.DB.Ent.Person.Query().CountX(ctx); n != many {
			t.Errorf("%d people, want %d", n, many)
		}
		for _, i := range []int{0, 1, 499, 500, 4999} {
			a := findByEmail(t, s, users[i].Email)
			if a.AgencySlug != users[i].Agency || a.Country != users[i].Country || !a.AffiliationConfirmed {
				t.Errorf("record %d became %+v", i, a)
			}
		}
		if n := len(must[[]Agency](t)(people.Agencies(ctx))); n != agencies-agencies/10 {
			t.Errorf("%d agencies", n)
		}
		if err := people.AddUsers(ctx, nil); err != nil {
			t.Errorf("nobody to add: %v", err)
		}
	})
}

func TestParseUsersCSV(t *testing.T) {
	const header = "email,name,role,country,agency,locale\n"
	want := []NewUser{
		{Email: "anna@vugd.example", Name: "Bērziņa, Anna", Role: training.RoleTrainee, Country: "LV", Agency: "lv-vugd", Locale: "lv"},
		{Email: "bo@ferry.example", Name: "Bo", Role: training.RoleInstructor},
	}
	body := "anna@vugd.example,\"Bērziņa, Anna\",trainee,LV,lv-vugd,lv\nbo@ferry.example,Bo,instructor,,,\n"
	for what, file := range map[string]string{
		"plain":              header + body,
		"with a byte order":  "\ufeff" + header + body,
		"from Windows":       strings.ReplaceAll(header+body, "\n", "\r\n"),
		"with an empty line": header + "\n" + body,
		"spelt otherwise":    " Email,NAME,Role,country,agency,locale\n" + body,
	} {
		users, err := ParseUsersCSV(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, users); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	swapped := must[[]NewUser](t)(ParseUsersCSV(strings.NewReader("name,email,role,country,agency,locale\nBo,bo@ferry.example,instructor,,,\n")))
	if diff := cmp.Diff(want[1:], swapped); diff != "" {
		t.Errorf("columns in another order:\n%s", diff)
	}
}

func TestParseUsersCSVRefuses(t *testing.T) {
	const header = "email,name,role,country,agency,locale\n"
	good := "a@x.example,A,trainee,LV,,\n"
	for _, tt := range []struct {
		what, file, key string
		record          any
	}{
		{"an empty file", "", "fault.invalid_header", nil},
		{"no header", good, "fault.invalid_header", nil},
		{"a missing column", "email,name,role,country,agency\na@x.example,A,trainee,LV,\n", "fault.invalid_header", nil},
		{"a column too many", "email,name,role,country,agency,locale,shoe\n", "fault.invalid_header", nil},
		{"a column twice", "email,name,role,country,agency,locale,email\n", "fault.invalid_header", nil},
		{"a short record", header + good + "b@x.example,B\n", "fault.invalid_record_unreadable", 2},
		{"an open quote", header + good + good + "\"b@x.example,B,trainee,LV,,\n", "fault.invalid_record_unreadable", 3},
		{"Latin letters of old", header + "a@x.example,J\xe2nis,trainee,LV,,\n", "fault.invalid_not_utf8", nil},
	} {
		_, err := ParseUsersCSV(strings.NewReader(tt.file))
		fault, ok := training.AsFault(err)
		if !ok || fault.Key != tt.key || !fault.Unreadable || fault.Args["record"] != tt.record {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
	_, err := ParseUsersCSV(strings.NewReader(header + strings.Repeat(good, maxUsersFile/len(good))))
	wantFault(t, err, training.KindTooLarge, "fault.too_large")
}
