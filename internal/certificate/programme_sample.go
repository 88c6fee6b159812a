package certificate

import (
	"context"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/training"
)

// sampleNumber has the form of a number and is none: no number has a 0.
const sampleNumber = "0000-0000-0000-0000"

// Sample is a page that shows how certificates of a programme look as it is set
// now, in one of the twelve languages. It is not sealed, names nobody, and says
// on top that it is a sample. Faults: not_found (the programme), invalid (lang).
func (s *Service) Sample(ctx context.Context, actor training.Actor, name, lang string) (File, error) {
	look, err := s.Look(ctx, actor, name)
	if err == nil && look.unset() {
		look, err = s.Look(ctx, actor, "")
	}
	if err != nil {
		return File{}, err
	}
	wanted := training.CanonicalLanguage(lang)
	if !training.SpeaksLanguage(wanted) {
		return File{}, training.InvalidField("lang", "invalid.language", training.Args{"value": lang})
	}
	pdf, err := s.drawSample(ctx, wanted, look)
	if err != nil {
		return File{}, err
	}
	return File{Name: "Varde-sample-" + wanted + ".pdf", Bytes: pdf}, nil
}

// drawSample draws made-up facts of usual length.
func (s *Service) drawSample(ctx context.Context, lang string, look Look) ([]byte, error) {
	now, err := s.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	row, facts := s.madeUp(lang, look, now)
	p := s.pageFacts(row, facts, lang)
	s.marked(&p.Primary, lang)
	if lang != "en" {
		s.marked(&p.Secondary, "en")
	}
	for i, l := range look.Logos {
		if l != nil {
			p.Logos[i] = page.Logo{PNG: l.PNG, Alt: l.Alt}
		}
	}
	for _, one := range look.Signatories {
		p.Signatories = append(p.Signatories, signatory(one, lang))
	}
	done, err := s.slot(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return page.Render(p)
}

// marked says in the place of the heading that the page is a sample.
func (s *Service) marked(text *page.Text, lang string) {
	w := s.words(lang)
	text.Heading, text.Course, text.CourseLang = w.T("certificate.sample_heading"), w.T("certificate.sample_course"), lang
}

func (s *Service) madeUp(lang string, look Look, now time.Time) (*ent.Certificate, Facts) {
	w, day := s.words(lang), training.DateOf(now)
	facts := Facts{
		Issuer: s.issuer, VerifyURL: s.baseURL + "/verify", CourseCode: "000",
		Titles: training.Titles{Text: map[string]string{lang: w.T("certificate.sample_course")}, Original: lang},
		Run:    "SAMPLE-1", Starts: day.AddDays(-2).String(), Ends: day.String(), TimeZone: "UTC",
		Place: "Rīga", Country: "LV", Language: lang, Days: 3, Minutes: 3 * 6 * 60,
		Attendance: training.Attendance{Present: 6, Total: 6}, Threshold: 80,
		Appearance: Appearance{Organisers: look.Organisers, Signatories: look.Signatories},
	}
	return &ent.Certificate{Number: sampleNumber, Holder: w.T("certificate.sample_holder"), Language: lang, IssuedAt: now}, facts
}
