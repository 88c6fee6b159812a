package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// CoursePage tells all that is known of a course, with its coming runs.
type CoursePage struct {
	Base
	Heading, Summary Phrase
	Note             string // that heading or summary are not in the reader's language
	Machine          *MachineNote
	Topic            Phrase // leads back to the courses of the first topic
	Professions      []Phrase
	Outcomes         []Phrase
	OutcomesNote     string
	Needs            []Phrase
	NeedsNote        string
	Runs             []RunRow
	Facts, More      []Fact
	FactsNote        string
	Inferred         string
	Structured       StructuredCourse
}

// MachineNote says that a machine translated the texts of a page, and leads to
// the page in the language in which people wrote them.
type MachineNote struct{ Text, Link, Href, Lang string } // without Href: Varde does not speak that language

// Phrase is some words of a page: in another language than the page's where
// Lang is set, leading elsewhere where Href is.
type Phrase struct{ Text, Lang, Href string }

// Fact is something known of a course. A fact that is not known is no Fact.
type Fact struct {
	Label  string
	Values []Phrase
}

func (h *Handlers) course(c *fiber.Ctx) error {
	course, err := h.catalogue.BySlug(c.UserContext(), c.Params("slug"))
	if err != nil {
		return err
	}
	page := CoursePage{Base: h.newBase(c, "")}
	page.describe(course)
	codes, err := h.courseCodes(c.UserContext(), &page.Base, course.PrerequisiteCodes)
	if err != nil {
		return err
	}
	page.Needs = append(codes, page.Needs...)
	if page.Runs, err = h.runRows(c, &page.Base, catalogue.ComingRuns(course, h.options.Clock())); err != nil {
		return err
	}
	page.Structured = page.structuredRows(course, page.Runs, h.options.Clock())
	return h.render(c, fiber.StatusOK, "course", &page)
}

func (p *CoursePage) describe(course *catalogue.Course) {
	p.Heading, _ = p.phrase(course, catalogue.KindTitle)
	p.Summary, _ = p.phrase(course, catalogue.KindSummary)
	p.Title, p.Description = p.Heading.Text, p.Summary.Text
	p.Note = p.otherLanguages("course.not_translated", course, catalogue.KindTitle, catalogue.KindSummary)
	p.Machine = p.machineNote(course)
	if len(course.Topics) > 0 {
		p.Topic = p.topics(course)[0]
	}
	p.Professions = p.professions(course)
	p.Outcomes = p.outcomes(course)
	p.OutcomesNote = p.otherLanguages("course.not_translated", course, catalogue.KindOutcomes)
	if needs, ok := p.phrase(course, catalogue.KindPrerequisites); ok {
		p.Needs = []Phrase{needs}
		p.NeedsNote = p.otherLanguages("course.not_translated", course, catalogue.KindPrerequisites)
	}
	p.Facts, p.More = p.facts(course), p.moreFacts(course)
	p.FactsNote = p.otherLanguages("course.facts_not_translated", course, catalogue.KindDurationNote, catalogue.KindCosts,
		catalogue.KindRoute, catalogue.KindDatesNote, catalogue.KindDeadlineNote)
	p.Inferred = p.inferred(course)
}

// outcomes are what the course leads to, one for each line that somebody wrote.
func (p *CoursePage) outcomes(course *catalogue.Course) []Phrase {
	text, _ := p.phrase(course, catalogue.KindOutcomes)
	var list []Phrase
	for line := range strings.Lines(text.Text) {
		if line = strings.TrimLeft(strings.TrimSpace(line), "-–•* "); line != "" {
			list = append(list, Phrase{Text: line, Lang: text.Lang})
		}
	}
	return list
}

// machineNote is nil where people wrote all that the reader is shown.
func (p *CoursePage) machineNote(course *catalogue.Course) *MachineNote {
	// The description is the most of what there is to read, so that its original
	// decides where the link leads.
	for _, kind := range append([]string{catalogue.KindSummary}, catalogue.Kinds...) {
		text, ok := course.Text(kind, p.Lang())
		if !ok || text.Origin != catalogue.OriginMachine {
			continue
		}
		note := &MachineNote{Text: p.T("course.machine_unreviewed")}
		original, _ := course.Original(kind)
		if original.Origin != catalogue.OriginMachine && training.SpeaksLanguage(original.Lang) && original.Lang != p.Lang() {
			note.Lang, note.Href = original.Lang, "/"+original.Lang+"/courses/"+course.Slug
			note.Link = p.T("course.machine_original", "language", p.spokenLanguage(original.Lang))
		}
		return note
	}
	return nil
}

// facts are what somebody needs to choose a course.
func (p *CoursePage) facts(course *catalogue.Course) []Fact {
	var list factList
	list.add(p.T("course.fact_code"), Phrase{Text: course.Code})
	length := []Phrase{{Text: p.days(course.DurationDays)}}
	if note, ok := p.phrase(course, catalogue.KindDurationNote); ok {
		length = append(length, note)
	}
	list.add(p.T("course.fact_length"), length...)
	list.add(p.T("course.fact_form"), Phrase{Text: p.known("delivery.", course.DeliveryForm)})
	list.add(p.T("course.fact_level"), Phrase{Text: p.known("level.", course.Level)})
	list.add(p.T("course.fact_language"), p.courseLanguages(course)...)
	list.add(p.T("course.fact_place"), Phrase{Text: p.where(course.Place, course.Country)})
	list.add(p.T("course.fact_topics"), p.topics(course)...)
	list.add(p.T("course.fact_organiser"), Phrase{Text: course.Provider})
	list.add(p.T("course.fact_programme"), Phrase{Text: course.Programme})
	list.add(p.T("course.fact_costs"), p.costs(course)...)
	return list
}

// costs are what the course costs or, where nobody says so, whom to ask.
func (b *Base) costs(course *catalogue.Course) []Phrase {
	if costs, ok := b.phrase(course, catalogue.KindCosts); ok {
		return []Phrase{costs}
	}
	said := []Phrase{{Text: b.T("run.costs_none")}}
	if course.SourceURL != "" {
		said = append(said, Phrase{Text: b.T("course.costs_ask"), Href: course.SourceURL})
	}
	return said
}

// moreFacts are what sources tell beside.
func (p *CoursePage) moreFacts(course *catalogue.Course) []Fact {
	var list factList
	for _, title := range course.Texts[catalogue.KindTitle] {
		if title.Origin == catalogue.OriginOriginal && title.Text != p.Heading.Text {
			list.add(p.T("course.fact_original_title"), p.inLanguage(title))
		}
	}
	list.addText(&p.Base, "course.fact_route", course, catalogue.KindRoute)
	list.addText(&p.Base, "course.fact_deadline", course, catalogue.KindDeadlineNote)
	list.addText(&p.Base, "course.fact_dates", course, catalogue.KindDatesNote)
	list.add(p.T("course.fact_seats"), p.number(course.SeatsTypical))
	list.add(p.T("course.fact_participants"), p.number(course.ParticipantsObserved))
	list.add(p.T("course.fact_states"), p.number(course.StatesObserved))
	source := course.SourceTitle
	if source == "" {
		source = course.SourceURL
	}
	list.add(p.T("course.fact_source"), Phrase{Text: source, Href: course.SourceURL})
	return list
}

type factList []Fact

// add keeps what has a value.
func (l *factList) add(label string, values ...Phrase) {
	values = slices.DeleteFunc(values, func(v Phrase) bool { return v.Text == "" })
	if len(values) > 0 {
		*l = append(*l, Fact{label, values})
	}
}

func (l *factList) addText(b *Base, labelKey string, course *catalogue.Course, kind string) {
	if text, ok := b.phrase(course, kind); ok {
		l.add(b.T(labelKey), text)
	}
}

// inferredLabels name the facts of the imported catalogue as the page does.
var inferredLabels = map[string]string{
	"code": "course.fact_code", "title": "course.fact_title", "title_en": "course.fact_title",
	"description": "course.fact_summary", "provider": "course.fact_organiser", "programme": "course.fact_programme",
	"country": "course.fact_place", "place": "course.fact_place", "target_professions": "course.for_whom",
	"topics": "course.fact_topics", "language": "course.fact_language", "duration_days": "course.fact_length",
	"duration_note": "course.fact_length", "seats_typical": "course.fact_seats",
	"participants_observed": "course.fact_participants", "participant_states_observed": "course.fact_states",
	"prerequisite_codes": "course.needs", "prerequisite_text": "course.needs", "delivery_form": "course.fact_form",
	"level": "course.fact_level", "application_route": "course.fact_route", "costs": "course.fact_costs",
	"dates_observed": "course.fact_dates", "application_deadline_observed": "course.fact_deadline",
}

// inferred says which facts no source states.
func (p *CoursePage) inferred(course *catalogue.Course) string {
	var labels []string
	for _, name := range course.Inferred {
		label := name
		if key, ok := inferredLabels[name]; ok {
			label = p.T(key)
		}
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return p.T("course.inferred", "facts", p.And(labels))
}

// courseCodes names the courses of codes, leading to each that the catalogue
// has.
func (h *Handlers) courseCodes(ctx context.Context, b *Base, codes []string) ([]Phrase, error) {
	var phrases []Phrase
	for _, code := range codes {
		course, ok, err := h.catalogue.ByCode(ctx, code)
		if err != nil {
			return nil, err
		}
		phrase := Phrase{Text: b.T("course.needs_course", "code", code)}
		if ok {
			title, _ := b.phrase(course, catalogue.KindTitle)
			phrase = Phrase{Text: code + ": " + title.Text, Lang: title.Lang, Href: b.Href("/courses/", course.Slug)}
		}
		phrases = append(phrases, phrase)
	}
	return phrases, nil
}

func (b *Base) professions(course *catalogue.Course) []Phrase {
	var list []Phrase
	for _, id := range course.Professions {
		list = append(list, Phrase{Text: b.T("profession." + id), Href: b.Href("/courses?profession=", id)})
	}
	return list
}

func (b *Base) topics(course *catalogue.Course) []Phrase {
	var list []Phrase
	for _, id := range course.Topics {
		list = append(list, Phrase{Text: b.T("topic." + id), Href: b.Href("/courses?topic=", id)})
	}
	return list
}

func (b *Base) courseLanguages(course *catalogue.Course) []Phrase {
	var list []Phrase
	for _, lang := range course.Languages {
		list = append(list, Phrase{Text: capital(b.spokenLanguage(lang)), Href: b.Href("/courses?language=", lang)})
	}
	return list
}

// phrase gives a text of a course in the language that serves the reader best.
func (b *Base) phrase(course *catalogue.Course, kind string) (Phrase, bool) {
	text, ok := course.Text(kind, b.Lang())
	return b.inLanguage(text), ok
}

func (b *Base) inLanguage(text catalogue.Text) Phrase {
	phrase := Phrase{Text: text.Text}
	if text.Lang != b.Lang() {
		phrase.Lang = text.Lang
	}
	return phrase
}

// notTranslated says, by the message of key, which languages the texts of these
// kinds are in, where that is not the reader's, and whether a machine translated
// one; empty: nothing to say.
func (b *Base) notTranslated(key string, course *catalogue.Course, kinds ...string) string {
	sentences := []string{b.otherLanguages(key, course, kinds...)}
	if slices.ContainsFunc(kinds, func(kind string) bool {
		text, _ := course.Text(kind, b.Lang())
		return text.Origin == catalogue.OriginMachine
	}) {
		sentences = append(sentences, b.T("course.machine"))
	}
	return strings.TrimSpace(strings.Join(sentences, " "))
}

// otherLanguages says only the first of it.
func (b *Base) otherLanguages(key string, course *catalogue.Course, kinds ...string) string {
	var langs []string
	for _, kind := range kinds {
		text, ok := course.Text(kind, b.Lang())
		if name := b.spokenLanguage(text.Lang); ok && text.Lang != b.Lang() && !slices.Contains(langs, name) {
			langs = append(langs, name)
		}
	}
	if len(langs) == 0 {
		return ""
	}
	return b.T(key, "languages", b.And(langs))
}

// known says a word of a vocabulary that the catalogue does not check, as it
// stands where no message has it.
func (b *Base) known(prefix, value string) string {
	key := prefix + strings.ReplaceAll(value, " ", "_")
	if said := b.T(key); said != key {
		return said
	}
	return value
}

// days writes a length; nil and 0 are none.
func (b *Base) days(days *float64) string {
	if days == nil || *days == 0 {
		return ""
	}
	// The plural form goes by the number as it is written, one decimal or none.
	count := strings.TrimSuffix(strconv.FormatFloat(*days, 'f', 1, 64), ".0")
	return b.T("course.days", "count", count, "days", b.CLDR().Decimal(*days, 1))
}

func (b *Base) number(n *int) Phrase {
	if n == nil {
		return Phrase{}
	}
	return Phrase{Text: b.Int(*n)}
}

// where joins a place and its country, as far as they are known.
func (b *Base) where(place, country string) string {
	parts := []string{place}
	if country != "" {
		parts = append(parts, b.Country(country))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// spokenLanguage names a language of instruction or of a text. Norwegian is
// kept as nb, and called Norwegian: nobody teaches in its spelling.
func (b *Base) spokenLanguage(code string) string {
	if code == "nb" {
		code = "no"
	}
	return b.LanguageName(code)
}

func (b *Base) taughtIn(langs []string) string {
	names := make([]string, len(langs))
	for i, lang := range langs {
		names[i] = b.spokenLanguage(lang)
	}
	return b.T("course.taught_in", "languages", b.And(names))
}

// capital makes the first letter of a name that stands alone a capital.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
