package certificate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func (c course) title(t *testing.T, lang, text string) {
	t.Helper()
	courseID := c.DB.Ent.Run.GetX(c.Context(), c.run).CourseID
	c.DB.Ent.CourseText.Create().SetCourseID(courseID).SetKind("title").SetLanguage(lang).SetText(text).
		SetOrigin("translated").SetUpdatedAt(c.Now(t)).ExecX(c.Context())
}

// The file is offered in twelve languages, so each of them must be one that can be
// made.
func TestATextThatCannotBePrintedInAnotherLanguageStopsTheCertificate(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*testing.T, course)
		stop  certificate.Stop
	}{
		"a letter of a title": {func(t *testing.T, c course) { c.title(t, "pl", "Pożary 🔥") },
			certificate.Stop{Enrolment: "anna", Reason: "missing_glyph", Field: "course", Rune: "🔥 (U+1F525)"}},
		"a title that is too long": {func(t *testing.T, c course) { c.title(t, "pl", strings.Repeat("pożary ", 400)) },
			certificate.Stop{Enrolment: "anna", Reason: "too_long"}},
		"a role that English pages do not show": {func(t *testing.T, c course) {
			c.setProgramme(t, "", func(p *ent.ProgrammeCreate) {
				p.SetSignatories([]training.Signatory{{Name: "Ilze", Role: "消防", RoleEnglish: "Director"}})
			})
		}, certificate.Stop{Enrolment: "anna", Reason: "missing_glyph", Field: "signatory", Rune: "消 (U+6D88)"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := ended(t, testkit.SQLite(t))
			c.title(t, "fi", "Alusten palot")
			test.spoil(t, c)
			c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Ozola", Locale: "en"}, training.Completed, 5)
			c.close(t)
			if diff := cmp.Diff(certificate.IssueResult{Due: 1, Stopped: []certificate.Stop{test.stop}}, c.issue(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Certificates from before every language was tried say what is the matter.
func TestAnIssuedCertificateThatCannotBePrintedInALanguageSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		title, key string
		args       training.Args
	}{
		"a letter":         {"Pożary 🔥", "event.certificate_stopped_missing_glyph", training.Args{"rune": "🔥 (U+1F525)"}},
		"too long a title": {strings.Repeat("pożary ", 400), "event.certificate_stopped_too_long", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.SQLite(t)
			c := ended(t, s)
			anna := c.came(t, testkit.P{Email: "anna@example.org", Name: "Anna Ozola", Locale: "lv"}, training.Completed, 5)
			c.close(t)
			c.issue(t)
			row := s.DB.Ent.Certificate.Query().OnlyX(s.Context())
			row.Facts["titles"].(map[string]any)["text"].(map[string]any)["pl"] = test.title
			facts, err := json.Marshal(row.Facts)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE certificates SET facts = $1", string(facts)); err != nil {
				t.Fatal(err)
			}
			c.pdf(t, anna, row.Number, "lv")
			_, err = c.service.PDF(s.Context(), anna, row.Number, "pl")
			fault, ok := training.AsFault(err)
			if !ok || fault.Kind != training.KindConflict || fault.MessageKey() != test.key {
				t.Fatalf("the answer is %v", err)
			}
			if diff := cmp.Diff(test.args, fault.Args); diff != "" {
				t.Error(diff)
			}
			args := []any{}
			for name, value := range fault.Args {
				args = append(args, name, value)
			}
			speaker{t, "en"}.T(fault.MessageKey(), args...)
		})
	}
}
