package catalogue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func mustHistory(t *testing.T, service *Service, actor training.Actor, lang string) map[string][]Revision {
	t.Helper()
	history, err := service.TextHistory(t.Context(), actor, "flom", lang)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

func TestATextRemembersWhoChangedItAndWhatItSaidBefore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		other := s.Person(t, testkit.P{Email: "sigrid@example.org", Name: "Sigrid Dahl", Role: training.RoleAdmin})
		if got := mustHistory(t, service, admin, "en"); len(got) != 0 {
			t.Errorf("nobody has edited anything, but there is a history: %+v", got)
		}
		began := s.Now(t)
		edit(t, service, other, "flom", "en", KindSummary, "All about floods.", OriginOriginal)
		edit(t, service, admin, "flom", "en", KindSummary, "", OriginOriginal)
		edit(t, service, other, "flom", "fi", KindSummary, "Tulvista.", OriginMachine)
		english := mustHistory(t, service, admin, "en")
		want := []Revision{
			{Text: "", Origin: OriginTranslated, By: "admin"},
			{Text: "All about floods.", Origin: OriginOriginal, By: "Sigrid Dahl"},
			{Text: "About floods.", Origin: OriginOriginal}, // as the import brought it
		}
		if diff := cmp.Diff(map[string][]Revision{KindSummary: want}, english, cmpopts.IgnoreFields(Revision{}, "At")); diff != "" {
			t.Error(diff)
		}
		if at := english[KindSummary][0].At; at.Before(began) || time.Since(at) > time.Minute {
			t.Errorf("edited at %s, the test began at %s", at, began)
		}
		if imported := english[KindSummary][2].At; imported.After(began) {
			t.Errorf("imported at %s, after %s", imported, began)
		}
		want = []Revision{{Text: "Tulvista.", Origin: OriginMachine, By: "Sigrid Dahl"}}
		if diff := cmp.Diff(map[string][]Revision{KindSummary: want}, mustHistory(t, service, admin, "fi"), cmpopts.IgnoreFields(Revision{}, "At")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnImportThatOverwritesLeavesWhatItOverwroteInTheHistory(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		edit(t, service, admin, "flom", "en", KindSummary, "All about floods.", OriginOriginal)
		mustImport(t, service, onFloods)
		if got := mustHistory(t, service, admin, "en")[KindSummary]; len(got) != 2 {
			t.Errorf("an import that left the text alone changed its history: %+v", got)
		}
		if _, err := service.ImportTrusted(t.Context(), strings.NewReader(onFloods), Overwrite); err != nil {
			t.Fatal(err)
		}
		want := []Revision{
			{Text: "About floods.", Origin: OriginOriginal},
			{Text: "All about floods.", Origin: OriginOriginal, By: "admin"},
			{Text: "About floods.", Origin: OriginOriginal},
		}
		if diff := cmp.Diff(want, mustHistory(t, service, admin, "en")[KindSummary], cmpopts.IgnoreFields(Revision{}, "At")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheHistoryOfTextsIsTheSecretariats(t *testing.T) {
	s := testkit.SQLite(t)
	service, admin := desk(t, s)
	for i := range mostRevisions + 3 {
		edit(t, service, admin, "flom", "fi", KindTitle, string(rune('A'+i)), OriginTranslated)
	}
	if got := mustHistory(t, service, admin, "fi")[KindTitle]; len(got) != mostRevisions || got[0].Text != string(rune('A'+mostRevisions+2)) {
		t.Errorf("%d revisions, the latest %q", len(got), got[0].Text)
	}
	teacher := s.Person(t, testkit.P{Email: "t@example.org", Role: training.RoleInstructor})
	if _, err := service.TextHistory(t.Context(), teacher, "flom", "fi"); !training.IsKind(err, training.KindForbidden) {
		t.Errorf("an instructor: %v", err)
	}
}

// However often imports and people take turns, the history has each state once.
func TestTheHistoryGoesOnThroughImports(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := desk(t, s)
		edit(t, service, admin, "flom", "en", KindSummary, "All about floods.", OriginOriginal)
		if _, err := service.ImportTrusted(t.Context(), strings.NewReader(onFloods), Overwrite); err != nil {
			t.Fatal(err)
		}
		second := strings.ReplaceAll(onFloods, "About floods.", "About floods, second edition.")
		mustImport(t, service, second)
		edit(t, service, admin, "flom", "en", KindSummary, "Mine.", OriginOriginal)
		var said []string
		for _, r := range mustHistory(t, service, admin, "en")[KindSummary] {
			said = append(said, r.Text)
		}
		want := []string{"Mine.", "About floods, second edition.", "About floods.", "All about floods.", "About floods."}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("the history (-want +got):\n%s", diff)
		}
	})
}
