package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

const password = "seven seas & a ferry "

// accounts are all people by address, as they log in.
func accounts(t *testing.T) map[string]people.Account {
	t.Helper()
	a := installation(t)
	defer a.Close()
	all := map[string]people.Account{}
	for _, email := range a.DB.Ent.Person.Query().Select(person.FieldEmail).StringsX(t.Context()) {
		token, err := a.People.IssueToken(t.Context(), email, 1)
		must(t, err)
		all[email], err = a.People.ByToken(t.Context(), token)
		must(t, err)
	}
	return all
}

func TestAUserThatIsAddedLogsIn(t *testing.T) {
	install(t)
	for _, end := range []string{"\n", "\r\n", "", "\nwhat follows is not read\n"} {
		email := "anna" + string(rune('a'+len(end))) + "@vugd.example"
		out := done(t, password+end, "user", "add", "--email", strings.ToUpper(email), "--name", "Anna Bērziņa", "--role", "agency",
			"--country", "LV", "--agency", "lv-vugd", "--locale", "lv", "--password-stdin")
		if out != "" {
			t.Errorf("printed %q", out)
		}
		a := installation(t)
		account, err := a.People.LogIn(t.Context(), email, password)
		must(t, err)
		if account.Name != "Anna Bērziņa" || account.Role != training.RoleAgency || account.Country != "LV" || account.AgencySlug != "lv-vugd" ||
			account.Locale != "lv" || !account.AffiliationConfirmed || !account.EmailConfirmed {
			t.Errorf("added as %+v", account)
		}
		must(t, a.Close())
	}
}

func TestWithoutAPasswordALinkOrTokenIsTheWayIn(t *testing.T) {
	install(t)
	done(t, "", "user", "add", "--email", "anna@vugd.example", "--name", "Anna")
	account := accounts(t)["anna@vugd.example"]
	if account.Role != training.RoleTrainee || account.Locale != "en" || account.HasPassword || account.AffiliationConfirmed {
		t.Errorf("added as %+v", account)
	}
}

func TestAUserThatCannotBe(t *testing.T) {
	install(t)
	done(t, "", "user", "add", "--email", "taken@vugd.example", "--name", "Taken")
	for _, tt := range []struct {
		what, in, args string
		words          []string
	}{
		{"an address that is taken", "", "--email TAKEN@vugd.example", []string{"email"}},
		{"an unknown role", "", "--email a@vugd.example --role chief", []string{"role"}},
		{"an officer without an agency", "", "--email a@vugd.example --role agency --country LV", []string{"agency"}},
		{"a weak password", "ferry\n", "--email a@vugd.example --password-stdin", []string{"password"}},
		{"two things", "", "--email a@vugd.example --role chief --country XX", []string{"role", "country"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			refused(t, exitNo, tt.in, append([]string{"user", "add"}, strings.Fields(tt.args)...), tt.words...)
		})
	}
	if all := accounts(t); len(all) != 1 {
		t.Errorf("added all the same: %v", all)
	}
}

func TestManyUsersAreAddedAllOrNone(t *testing.T) {
	folder := install(t)
	const header = "email,name,role,country,agency,locale\n"
	good := "anna@vugd.example,\"Bērziņa, Anna\",trainee,LV,lv-vugd,lv\nkertu@paasteamet.example,Kertu Õunapuu,instructor,EE,ee-paasteamet,et\n"
	for what, tt := range map[string]struct {
		text  string
		words []string
	}{
		"a bad record":          {header + good + "leena@pelastus.example,Leena,chief,FI,,fi\n", []string{"3", "role"}},
		"the same person twice": {header + good + "ANNA@vugd.example,Anna,trainee,LV,,lv\n", []string{"3", "email"}},
		"too few columns":       {header + good + "leena@pelastus.example,Leena\n", []string{"3"}},
		"no header":             {good, []string{"email,name,role,country,agency,locale"}},
		"nothing":               {"", []string{"email,name,role,country,agency,locale"}},
		"another encoding":      {header + "anna@vugd.example,B\xe7rzi\xf2a,trainee,LV,,lv\n", []string{"UTF-8"}},
	} {
		file := write(t, filepath.Join(folder, "people.csv"), tt.text)
		t.Run(what, func(t *testing.T) { refused(t, exitNo, "", []string{"user", "add", "--from", file}, tt.words...) })
	}
	refused(t, exitUsage, password, []string{"user", "add", "--from", write(t, filepath.Join(folder, "people.csv"), header+good), "--password-stdin"}, "--password-stdin")
	if all := accounts(t); len(all) != 0 {
		t.Fatalf("added all the same: %v", all)
	}
	file := write(t, filepath.Join(folder, "people.csv"), "\ufeff"+header+good)
	if out := done(t, "", "user", "add", "--from", file); out != "" {
		t.Errorf("printed %q", out)
	}
	refused(t, exitNo, header+"leena@pelastus.example,,,,,\n", []string{"user", "add", "--from", "-"}, "1", "role")
	done(t, header+"leena@pelastus.example,,trainee,,,\n", "user", "add", "--from", "-")
	all := accounts(t)
	if anna := all["anna@vugd.example"]; anna.Name != "Bērziņa, Anna" || anna.AgencySlug != "lv-vugd" || anna.Locale != "lv" {
		t.Errorf("anna: %+v", anna)
	}
	if kertu := all["kertu@paasteamet.example"]; kertu.Role != training.RoleInstructor || kertu.Country != "EE" {
		t.Errorf("kertu: %+v", kertu)
	}
	if _, there := all["leena@pelastus.example"]; !there || len(all) != 3 {
		t.Errorf("added: %v", all)
	}
}

func TestALinkIsPrintedThatWorksOnce(t *testing.T) {
	install(t)
	t.Setenv("VARDE_BASE_URL", "https://varde.example/")
	done(t, "", "user", "add", "--email", "anna@vugd.example", "--name", "Anna", "--locale", "lv")
	out := done(t, "", "user", "link", "--email", "Anna@VUGD.example")
	m := regexp.MustCompile(`^https://varde\.example/lv/link/(\S+)\n$`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("printed %q, want one address", out)
	}
	a := installation(t)
	account, purpose, err := a.People.UseLink(t.Context(), m[1])
	if err != nil || account.Email != "anna@vugd.example" || purpose != people.PurposeLogIn {
		t.Errorf("leads to %+v, %q (%v)", account, purpose, err)
	}
	if _, _, err := a.People.UseLink(t.Context(), m[1]); !training.IsKind(err, training.KindNotFound) {
		t.Errorf("a second time: %v", err)
	}
	must(t, a.Close())
	refused(t, exitNo, "", []string{"user", "link", "--email", "nobody@vugd.example"}, "nobody@vugd.example")
}

func TestTokensStandAloneInTheOrderOfTheAddresses(t *testing.T) {
	folder := install(t)
	emails := []string{"c@vugd.example", "a@vugd.example", "b@vugd.example"}
	for _, email := range emails {
		done(t, "", "user", "add", "--email", email)
	}
	one := done(t, "", "token", "issue", "--email", "a@vugd.example", "--days", "2")
	file := write(t, filepath.Join(folder, "emails.txt"), strings.Join(emails, "\n"))
	fromFile := done(t, "", "token", "issue", "--emails-from", file)
	// As Windows writes it, with an empty line, capitals and one twice.
	fromInput := done(t, "C@vugd.example\r\n\r\n  a@vugd.example \r\nb@vugd.example\r\na@vugd.example\r\n", "token", "issue", "--emails-from", "-")
	a := installation(t)
	for _, tt := range []struct {
		out  string
		want []string
	}{
		{one, []string{"a@vugd.example"}}, {fromFile, emails}, {fromInput, append(slices.Clone(emails), "a@vugd.example")},
	} {
		var got []string
		for line := range strings.SplitSeq(strings.TrimSuffix(tt.out, "\n"), "\n") {
			account, err := a.People.ByToken(t.Context(), line)
			must(t, err)
			got = append(got, account.Email)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Error(diff)
		}
	}
	row := a.DB.Ent.APIToken.Query().FirstX(t.Context())
	if life := row.ExpiresAt.Sub(row.CreatedAt); life != 48*time.Hour {
		t.Errorf("a token of two days lives %v", life)
	}
}

func TestTokensForNobodyAreNotIssued(t *testing.T) {
	install(t)
	done(t, "", "user", "add", "--email", "a@vugd.example")
	refused(t, exitNo, "", []string{"token", "issue", "--email", "nobody@vugd.example"}, "nobody@vugd.example")
	refused(t, exitNo, "a@vugd.example\nnobody@vugd.example\n", []string{"token", "issue", "--emails-from", "-"}, "nobody@vugd.example")
	for _, days := range []string{"0", "100000"} {
		refused(t, exitNo, "", []string{"token", "issue", "--email", "a@vugd.example", "--days", days}, "days")
	}
	a := installation(t)
	if n := a.DB.Ent.APIToken.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d tokens were issued", n)
	}
}
