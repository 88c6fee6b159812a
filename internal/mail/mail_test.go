package mail

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
	"github.com/varde-platform/varde/locales"
)

var loaded = sync.OnceValues(func() (*i18n.Bundle, error) { return i18n.Load(locales.Files) })

func bundle(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// arguments are what the services give to the mails of each name.
var arguments = map[string][]string{
	"login_link":            {"link"},
	"reset_password":        {"link"},
	"confirm_email":         {"link"},
	"affiliation_confirmed": {"link"},
	"affiliation_rejected":  {"link"},
	"certificate_issued":    {"name", "course", "number", "link", "verify"},
	"certificate_replaced":  {"name", "course", "number", "link", "verify", "replaced"},
	"certificate_revoked":   {"name", "course", "number", "verify", "reason"},
	"enrolment_pending":     enrolmentArguments,
	"enrolment_confirmed":   enrolmentArguments,
	"enrolment_declined":    enrolmentArguments,
	"enrolment_cancelled":   enrolmentArguments,
	"enrolment_waiting":     append(slices.Clone(enrolmentArguments), "position"),
	"seat_offered":          append(slices.Clone(enrolmentArguments), "deadline"),
	"approval_asked":        append(slices.Clone(enrolmentArguments), "deadline"),
	"seat_free":             enrolmentArguments,
	"offer_lapsed":          enrolmentArguments,
	"offer_declined":        enrolmentArguments,
	"approval_lapsed":       enrolmentArguments,
	"run_closed":            enrolmentArguments,
	"approval_given":        enrolmentArguments,
	"enrolment_replaced":    enrolmentArguments,
	"enrolment_placed":      enrolmentArguments,
	"left_list":             enrolmentArguments,
}

var enrolmentArguments = []string{"name", "person", "course", "dates", "place", "country", "agency", "reference", "link"}

// values are as awkward as they come.
var values = map[string]string{
	"name": `Zoë O’Neill & "Jānis" <{{.link}}>`, "course": "Pożary & <b>Ж</b> 50%", "number": "7K3M-9QXA", "reference": "E-4711",
	"link": "https://varde.example/lv/link/abc?x=1&y=<2>", "verify": "https://varde.example/verify/7K3M", "replaced": "2HNF-WB5T",
	"reason": "Izsniegts kļūdas pēc.", "dates": "15.–19. marts", "place": "Łódź", "country": "Polska", "agency": "VUGD",
}

// messagesOf are the messages of English by key.
func messagesOf(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	text, err := locales.Files.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestThereIsATestForEachMail(t *testing.T) {
	var names []string
	for key := range messagesOf(t) {
		if name, ok := strings.CutSuffix(key, ".subject"); ok && strings.HasPrefix(name, "mail.") {
			names = append(names, strings.TrimPrefix(name, "mail."))
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(arguments)), names); diff != "" {
		t.Error(diff)
	}
}

func TestEveryMailIsWholeInEveryLanguage(t *testing.T) {
	s, err := New(nil, bundle(t), "", from)
	if err != nil {
		t.Fatal(err)
	}
	english := messagesOf(t)
	for _, lang := range training.Languages {
		for name, given := range arguments {
			args := map[string]string{}
			for _, arg := range given {
				args[arg] = values[arg]
			}
			m := s.Write(outbox.Mail{To: "janis@vugd.example", Locale: lang, Name: name, Args: args})
			if m.To != "janis@vugd.example" || m.Lang != lang {
				t.Errorf("%s %s: to %q in %q", lang, name, m.To, m.Lang)
			}
			if strings.ContainsAny(m.Subject, "\r\n") || m.Subject == "" {
				t.Errorf("%s %s: subject %q", lang, name, m.Subject)
			}
			whole := m.Subject + "\n" + m.Body
			for _, arg := range given {
				whole = strings.ReplaceAll(whole, values[arg], "")
				said := strings.Contains(string(english["mail."+name+".body"]), "{{."+arg+"}}")
				if said && !strings.Contains(m.Body, values[arg]) {
					t.Errorf("%s %s does not say the %s as it is:\n%s", lang, name, arg, m.Body)
				}
			}
			for _, wrong := range []string{"<no value>", "{{", "}}", "mail." + name, "mail.signature"} {
				if strings.Contains(whole, wrong) {
					t.Errorf("%s %s says %q:\n%s", lang, name, wrong, whole)
				}
			}
			if !strings.HasSuffix(m.Body, "\n\n"+bundle(t).For(lang).T("mail.signature")+"\n") {
				t.Errorf("%s %s is not signed:\n%s", lang, name, m.Body)
			}
			if e := s.Write(outbox.Mail{Locale: "en", Name: name, Args: args}); lang != "en" && (e.Subject == m.Subject || e.Body == m.Body) {
				t.Errorf("%s %s is in English", lang, name)
			}
		}
	}
}

func TestALanguageThatVardeDoesNotSpeakIsEnglish(t *testing.T) {
	s, err := New(nil, bundle(t), "", from)
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"", "uk", "EN"} {
		m := s.Write(outbox.Mail{Locale: locale, Name: "login_link", Args: map[string]string{"link": "x"}})
		if m.Lang != "en" || m.Subject != "Your link to sign in" {
			t.Errorf("%q: %+v", locale, m)
		}
	}
}

func TestTheAdministratorReadsTheNewestMails(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		ctx := s.Context()
		service, err := New(s.DB, bundle(t), "", from)
		if err != nil {
			t.Fatal(err)
		}
		began := s.Now(t)
		for i, locale := range []string{"en", "lv", "pl"} {
			s.DB.Shift(time.Duration(i) * time.Hour)
			err := s.DB.InTx(ctx, func(tx *store.Tx) error {
				if err := outbox.Put(ctx, tx, outbox.Job{Kind: "other", Key: "other " + locale}); err != nil {
					return err
				}
				return outbox.PutMail(ctx, tx, outbox.Mail{To: locale + "@vugd.example", Locale: locale, Name: "login_link", Key: locale,
					Args: map[string]string{"link": "https://varde.example/" + locale}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sent, err := s.DB.SQL.ExecContext(ctx, "UPDATE outbox_jobs SET tries = 2, done_at = due_at WHERE dedupe_key = 'lv'")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := sent.RowsAffected(); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		list, err := service.List(ctx, admin, 2)
		if err != nil || len(list) != 2 {
			t.Fatalf("%d mails (%v), want the newest two", len(list), err)
		}
		pl, lv := list[0], list[1]
		if pl.To != "pl@vugd.example" || !strings.Contains(pl.Body, "https://varde.example/pl") || !pl.SentAt.IsZero() || pl.GivenUp {
			t.Errorf("newest: %+v", pl)
		}
		if lv.To != "lv@vugd.example" || lv.Lang != "lv" || lv.Tries != 2 || !lv.SentAt.Equal(lv.At) ||
			lv.At.Location() != time.UTC || lv.At.Sub(began) < time.Hour {
			t.Errorf("the one before: %+v", lv)
		}
	})
}

func TestOnlyAnAdministratorReadsMails(t *testing.T) {
	s := testkit.SQLite(t)
	service, err := New(s.DB, bundle(t), "", from)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.List(s.Context(), training.Actor{}, 10); !training.IsKind(err, training.KindUnauthenticated) {
		t.Errorf("a visitor: %v", err)
	}
	for _, role := range training.Roles {
		actor := s.Person(t, testkit.P{Email: string(role) + "@example.org", Role: role, Country: "LV", Agency: "lv-vugd", Confirmed: true})
		_, err := service.List(s.Context(), actor, 10)
		if role == training.RoleAdmin && err != nil || role != training.RoleAdmin && !training.IsKind(err, training.KindForbidden) {
			t.Errorf("%s: %v", role, err)
		}
	}
}
