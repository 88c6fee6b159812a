package certificate_test

import (
	"encoding/json"
	"fmt"
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

// What no page can bear is told by its letter, whatever it is, and keeps nobody else
// from a certificate.
func TestNamesThatNoCertificateCanBearStopItWithAClearAnswer(t *testing.T) {
	c := ended(t, testkit.SQLite(t))
	names := []struct{ name, letter string }{
		{"Anna\tOzola", "U+0009"},
		{"Anna\r\nOzola", "U+000D"},
		{"Anna\u0085Ozola", "U+0085"},
		{"\u202eanna\u202c", "U+202E"},
		{"Anna\u200f Ozola", "U+200F"},
		{"\u2067Anna\u2069", "U+2067"},
		{"Anna\u200b", "U+200B"},
		{"שרה כהן", "ש (U+05E9)"},
		{"Anna 👩‍🚒", "👩 (U+1F469)"},
		{"Q\u0302uentin", "◌\u0302 (U+0302)"},
		{"Anna \ufffd", "U+FFFD"},
	}
	want := certificate.IssueResult{Due: len(names) + 2, Issued: 2}
	for i, one := range names {
		ref := fmt.Sprintf("p%02d", i)
		holder := c.came(t, testkit.P{Email: ref + "@example.org"}, training.Completed, 5)
		c.rename(t, holder, one.name)
		want.Stopped = append(want.Stopped, certificate.Stop{Enrolment: ref, Reason: "missing_glyph", Field: "holder", Rune: one.letter})
	}
	c.came(t, testkit.P{Email: "fine@example.org", Name: "Ragnheiður Þóra Guðmundsdóttir"}, training.Completed, 5)
	c.came(t, testkit.P{Email: "long@example.org", Name: strings.Repeat("Ž", 200)}, training.Completed, 5) // an account takes no more
	c.close(t)
	if diff := cmp.Diff(want, c.issue(t)); diff != "" {
		t.Error(diff)
	}
}
