package certificate

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// dressed are the page's facts with the logos, people and names of its programme
// as they were at issue.
func (s *Service) dressed(ctx context.Context, row *ent.Certificate, facts Facts, lang string) (page.Facts, error) {
	p := s.pageFacts(row, facts, lang)
	for i, hash := range facts.Logos {
		l, err := s.logo(ctx, hash)
		if err != nil {
			return page.Facts{}, err
		}
		if l != nil {
			p.Logos[i] = page.Logo{PNG: l.Png, Alt: l.Alt}
		}
	}
	for _, one := range facts.Signatories {
		p.Signatories = append(p.Signatories, signatory(one, lang))
	}
	return p, nil
}

// signatory says a role in English alone on an English page, and else as the
// secretariat wrote it with English beneath.
func signatory(one training.Signatory, lang string) page.Signatory {
	if lang == "en" {
		return page.Signatory{Name: one.Name, Role: cmp.Or(one.RoleEnglish, one.Role)}
	}
	return page.Signatory{Name: one.Name, Role: one.Role, RoleSecondary: one.RoleEnglish}
}

// pageFacts puts a certificate into words: the language asked for first, English
// beneath where that is another one.
func (s *Service) pageFacts(row *ent.Certificate, facts Facts, lang string) page.Facts {
	p := page.Facts{
		Lang: lang, Number: row.Number, VerifyURL: facts.VerifyURL, IssuedAt: store.Instant(row.IssuedAt),
		Holder: row.Holder, Issuer: cmp.Or(facts.Organisers, facts.Issuer), Primary: s.text(row, facts, lang),
	}
	if lang != "en" {
		p.Secondary = s.text(row, facts, "en")
	}
	return p
}

func (s *Service) text(row *ent.Certificate, facts Facts, lang string) page.Text {
	w := s.words(lang)
	title, titleLang := facts.Titles.In(lang)
	text := page.Text{
		Heading:    w.T("certificate.heading"),
		Awarded:    w.T("certificate.awarded"),
		Course:     title,
		CourseLang: titleLang,
		Completed:  w.T("certificate.completed"),
		Signed:     w.T("certificate.signed", "issuer", facts.Issuer, "date", w.Date(facts.dayOfIssue(row.IssuedAt))),
		VerifyHint: w.T("certificate.verify_hint"),
	}
	for _, f := range labelled(row, facts, w) {
		text.Facts = append(text.Facts, page.Fact{Label: w.T("certificate.fact_" + f.name), Value: f.value})
	}
	return text
}

type fact struct{ name, value string }

// labelled are the facts in the order of the page. What is not known is left
// out, in every language alike.
func labelled(row *ent.Certificate, facts Facts, w Words) []fact {
	all := []fact{
		{"dates", w.DateRange(facts.dates())},
		{"place", w.T("certificate.place", "place", facts.Place, "country", w.Country(facts.Country))},
		{"duration", w.T("certificate.days", "count", facts.Days)},
		{"attendance", w.T("certificate.half_days", "present", facts.Attendance.Present, "count", facts.Attendance.Total)},
		{"language", w.LanguageName(facts.Language)},
		{"code", facts.CourseCode},
		{"run", facts.Run},
		{"organiser", facts.Provider},
		{"agency", facts.Agency},
	}
	if facts.AgencyState != "" {
		all = append(all, fact{"state", w.Country(facts.AgencyState)})
	}
	if day := facts.lastDay(row.IssuedAt); !day.IsZero() {
		all = append(all, fact{"valid_until", w.Date(day)})
	}
	known := all[:0]
	for _, f := range all {
		if f.value != "" {
			known = append(known, f)
		}
	}
	return known
}

// factNamed tells which fact a path of the page's facts means, in words that a
// history can keep: "holder", "course", "agency",
// "signatory".
func factNamed(path string, row *ent.Certificate, facts Facts, w Words) string {
	if _, rest, ok := strings.Cut(path, ".Facts["); ok {
		index, _, _ := strings.Cut(rest, "]")
		list := labelled(row, facts, w)
		if i, err := strconv.Atoi(index); err == nil && i < len(list) {
			return list[i].name
		}
	}
	if strings.HasPrefix(path, "Signatories[") {
		return "signatory"
	}
	return strings.ToLower(path[strings.LastIndex(path, ".")+1:])
}
