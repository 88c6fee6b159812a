package handlers

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// textLabels name the kinds of text as the course's page does.
var textLabels = map[string]string{
	catalogue.KindTitle: "course.fact_title", catalogue.KindSummary: "course.fact_summary",
	catalogue.KindOutcomes: "course.outcomes", catalogue.KindPrerequisites: "course.needs",
	catalogue.KindRoute: "course.fact_route", catalogue.KindCosts: "course.fact_costs",
	catalogue.KindDurationNote: "course.fact_length", catalogue.KindDatesNote: "course.fact_dates",
	catalogue.KindDeadlineNote: "course.fact_deadline",
}

// AdminTextsPage tells for one language on which courses there is most to
// translate.
type AdminTextsPage struct {
	Base
	Choices        []LanguageLink
	Into           string // name of the language
	Figures        []Figure
	Rows           []NeedsRow
	Where          string // which page of how many; empty: there is one
	Earlier, Later string // addresses; empty: there is none
}

// NeedsRow is one course of it. Done is empty where there is something to do.
type NeedsRow struct {
	Name                          CourseName
	Code, Href                    string
	Missing, Older, Machine, Done string
}

func (h *Handlers) adminTexts(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	if c.Query("lang") == "" {
		return intoOwn(c)
	}
	page := AdminTextsPage{Base: h.newBase(c, "")}
	lang := c.Query("lang")
	found, err := h.catalogue.TextsOverview(c.UserContext(), actorOf(c), lang, page.Lang(), c.QueryInt("page", 1))
	if err != nil {
		return err
	}
	page.Title = page.T("texts.title")
	page.Choices = page.textLanguages("/admin/texts", lang, training.Languages)
	page.Into = page.spokenLanguage(lang)
	page.Figures = []Figure{{page.T("texts.missing"), page.Int(found.Sum.Missing)}, {page.T("texts.older"), page.Int(found.Sum.Older)},
		{page.T("texts.state_machine"), page.Int(found.Sum.Machine)}}
	for _, needs := range found.Courses {
		page.Rows = append(page.Rows, page.needsRow(needs, lang))
	}
	page.Where, page.Earlier, page.Later = page.turning(found.Page, found.Pages, func(n int) string {
		return page.Href("/admin/texts?lang=", lang, "&page=", strconv.Itoa(n))
	})
	return h.render(c, fiber.StatusOK, "admin_texts", &page)
}

// intoOwn leads to the texts in the language of the page. From then on the address
// says which texts are meant, whatever language the page is in.
func intoOwn(c *fiber.Ctx) error {
	query := url.Values{"lang": {langOf(c)}}
	if page := c.Query("page"); page != "" {
		query.Set("page", page)
	}
	return c.Redirect(c.Path()+"?"+query.Encode(), fiber.StatusSeeOther)
}

func (b *Base) needsRow(needs catalogue.TextNeeds, lang string) NeedsRow {
	row := NeedsRow{Name: b.courseTitle(needs.Course), Code: needs.Course.Code, Href: b.textsHref(needs.Course.Slug, lang)}
	row.Missing, row.Older, row.Machine = b.Int(needs.Missing), b.Int(needs.Older), b.Int(needs.Machine)
	if needs.All() == 0 {
		row.Done = b.T("texts.done")
	}
	return row
}

func (b *Base) textsHref(slug, lang string) string {
	return b.Href("/admin/courses/", slug, "/texts?lang=", lang)
}

// textLanguages are the languages into which texts can be put, in the order of
// the language menu, then those that Varde does not speak.
func (b *Base) textLanguages(path, chosen string, langs []string) []LanguageLink {
	order := slices.Clone(languageOrder)
	for _, lang := range langs {
		if !slices.Contains(order, lang) {
			order = append(order, lang)
		}
	}
	links := make([]LanguageLink, len(order))
	for i, lang := range order {
		links[i] = LanguageLink{Lang: lang, Name: capital(b.spokenLanguage(lang)), Href: b.Href(path, "?lang=", lang), Current: lang == chosen}
		if training.SpeaksLanguage(lang) {
			links[i].Name = autonym(lang)
		}
	}
	return links
}

// CourseTextsPage shows the texts of a course in one language beside what they
// are translated from.
type CourseTextsPage struct {
	Base
	Course     CourseName
	CourseHref string // of the course's page, in the language of the texts where Varde speaks it
	Action     string
	Choices    []LanguageLink
	Into       string // name of the language
	IntoLang   string
	Overview   string
	Lines      []TextLine
	Rest       []TextLine // of which the course has nothing in any language
	RestOpen   bool       // somebody has typed something there
	Previews   []TextPreview
	Typed      bool   // they show what was typed, and not what is saved
	SeePage    string // words of the link to the course's page
}

// TextLine is one kind of text with its fields.
type TextLine struct {
	Name, Heading    string
	Source           Phrase // empty: there is nothing beside it
	SourceNote       string
	Standing         TextStanding
	Stored           Phrase // what somebody else has saved meanwhile
	StoredNote       string // empty: nobody has
	Text, State      Field
	Rows             int // of the text's field
	FitsOffered      bool
	Fits             bool
	Seen, SeenSource string
	Last             string      // who changed it last, and when; empty: nobody
	History          []TextState // the latest first
}

// TextStanding says in a word how a text stands; Status and Icon as in a status.
type TextStanding struct {
	Status, Words string
	Icon          template.HTML
}

func (h *Handlers) courseTexts(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	if _, err := h.catalogue.BySlug(c.UserContext(), c.Params("slug")); err != nil {
		return err
	}
	if c.Query("lang") == "" {
		return intoOwn(c)
	}
	return h.showTexts(c, fiber.StatusOK, nil, nil)
}

func (h *Handlers) saveCourseTexts(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	slug, lang, edits := c.Params("slug"), c.Query("lang", langOf(c)), readTexts(c)
	if c.FormValue("preview") != "" {
		return h.showTexts(c, fiber.StatusOK, edits, nil)
	}
	changed, err := h.catalogue.SaveTexts(c.UserContext(), actorOf(c), slug, lang, edits)
	if fault, ok := training.AsFault(err); ok && len(fault.Fields) > 0 {
		return h.showTexts(c, statusOf(fault), edits, fault)
	}
	if err != nil {
		return err
	}
	notice := "notice.texts_saved"
	if changed == 0 {
		notice = "notice.texts_same"
	}
	return h.done(c, "/admin/courses/"+slug+"/texts?lang="+lang, notice)
}

func readTexts(c *fiber.Ctx) []catalogue.TextEdit {
	var edits []catalogue.TextEdit
	for _, kind := range catalogue.Kinds {
		if !c.Request().PostArgs().Has(kind) {
			continue // a form that does not show a text does not delete it
		}
		edits = append(edits, catalogue.TextEdit{Kind: kind, Text: c.FormValue(kind), Origin: c.FormValue("state-" + kind),
			Fits: c.FormValue("fits-"+kind) != "", Seen: c.FormValue("seen-" + kind), SeenSource: c.FormValue("source-" + kind)})
	}
	return edits
}

// showTexts shows the form: as things stand, or with what was typed and what is
// wrong with it, or how that would look if nothing is. After a conflict what stands now is beside what was typed, and
// to send that again overwrites it knowingly.
func (h *Handlers) showTexts(c *fiber.Ctx, status int, typed []catalogue.TextEdit, fault *training.Fault) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	page := CourseTextsPage{Base: h.newBase(c, "")}
	lang := c.Query("lang", page.Lang())
	sheet, err := h.catalogue.TextSheet(c.UserContext(), actorOf(c), c.Params("slug"), lang)
	if err != nil {
		return err
	}
	course, err := h.catalogue.BySlug(c.UserContext(), sheet.Slug)
	if err != nil {
		return err
	}
	history, err := h.catalogue.TextHistory(c.UserContext(), actorOf(c), sheet.Slug, sheet.Lang)
	if err != nil {
		return err
	}
	page.head(course, sheet)
	page.Typed = typed != nil && fault == nil
	if page.Typed {
		course = course.With(sheet.Lang, typed)
	}
	page.Previews = page.previews(course)
	conflict := fault != nil && fault.Kind == training.KindConflict
	if fault != nil {
		page.Faults = fieldFaults(page.Speaker, fault)
		for i, f := range page.Faults {
			page.Faults[i].Label = page.T(textLabels[f.Field])
		}
		if conflict {
			page.Notices = append(page.Notices, Notice{Tone: "bad", Text: sentence(page.Speaker, fault)})
		}
	}
	page.lines(sheet, typed, conflict, history)
	return h.render(c, status, "admin_course_texts", &page)
}

// lines prepares the texts that the course has, and apart from them those that it
// has not. Outcomes stand among the first: no import brings them, so that whoever
// looks for them must find them.
func (p *CourseTextsPage) lines(sheet catalogue.Sheet, typed []catalogue.TextEdit, conflict bool, history map[string][]catalogue.Revision) {
	for _, line := range sheet.Lines {
		var edit *catalogue.TextEdit
		if i := slices.IndexFunc(typed, func(e catalogue.TextEdit) bool { return e.Kind == line.Kind }); i >= 0 {
			edit = &typed[i]
		}
		row := p.textLine(line, edit, conflict)
		row.Last, row.History = p.history(history[line.Kind])
		if line.Source.Text+line.Text.Text != "" || line.Kind == catalogue.KindOutcomes {
			p.Lines = append(p.Lines, row)
			continue
		}
		p.Rest = append(p.Rest, row)
		p.RestOpen = p.RestOpen || row.Text.Value != "" || row.StoredNote != ""
	}
}

func (p *CourseTextsPage) head(course *catalogue.Course, sheet catalogue.Sheet) {
	p.Course, p.IntoLang = p.courseTitle(course), sheet.Lang
	p.Into = p.spokenLanguage(sheet.Lang)
	p.Title = p.T("texts.course_title", "course", p.Course.Text, "language", p.Into)
	p.CourseHref, p.SeePage = p.Href("/courses/", sheet.Slug), p.T("texts.see_page", "language", p.Into)
	if training.SpeaksLanguage(sheet.Lang) {
		p.CourseHref = "/" + sheet.Lang + "/courses/" + sheet.Slug
	}
	p.Action, p.Overview = p.textsHref(sheet.Slug, sheet.Lang), p.Href("/admin/texts")
	if training.SpeaksLanguage(sheet.Lang) {
		p.Overview = p.Href("/admin/texts?lang=", sheet.Lang)
	}
	p.Choices = p.textLanguages("/admin/courses/"+sheet.Slug+"/texts", sheet.Lang, sheet.Languages)
}

// textLine prepares one kind of text; edit is what was typed, nil where nothing
// was.
func (p *CourseTextsPage) textLine(line catalogue.SheetLine, edit *catalogue.TextEdit, conflict bool) TextLine {
	row := TextLine{Name: line.Kind, Heading: p.T(textLabels[line.Kind]), Standing: p.standing(line), FitsOffered: line.Older, Seen: line.Seen, SeenSource: line.SeenSource}
	if line.Source.Text != "" {
		row.Source = p.inLanguage(line.Source)
		row.SourceNote = p.T("texts.from_"+line.Source.Origin, "language", p.spokenLanguage(line.Source.Lang))
	}
	text, origin := line.Text.Text, line.Text.Origin
	if edit != nil {
		text, origin, row.Fits = edit.Text, edit.Origin, edit.Fits
		row.SeenSource = edit.SeenSource
		if conflict && p.Error(line.Kind) != "" {
			row.Stored, row.StoredNote = p.inLanguage(line.Text), p.T("texts.stored_now")
			if line.Text.Text == "" {
				row.StoredNote = p.T("texts.stored_none")
			}
		} else {
			row.Seen = edit.Seen
		}
	}
	if origin == "" {
		origin = catalogue.OriginTranslated
		if line.Source.Text == "" {
			origin = catalogue.OriginOriginal
		}
	}
	row.Text = p.Input(line.Kind, "texts.into", text)
	row.Text.Label = p.T("texts.into", "language", p.Into)
	row.Rows = rowsFor(max(len(text), len(line.Source.Text)))
	row.State = p.Select("state-"+line.Kind, "texts.state", origin, p.origins())
	return row
}

// rowsFor is how many lines a field shows for a text of so many bytes.
func rowsFor(length int) int { return min(max(length/40+1, 2), 14) }

// origins are the states of a text that can be chosen.
func (p *CourseTextsPage) origins() []OptionGroup {
	return p.Base.Choices([]string{catalogue.OriginOriginal, catalogue.OriginTranslated, catalogue.OriginMachine}, "texts.state_", "")
}

func (p *CourseTextsPage) standing(line catalogue.SheetLine) TextStanding {
	said := func(status, icon, key string) TextStanding {
		return TextStanding{Status: status, Words: p.T(key), Icon: p.Icon(icon)}
	}
	switch {
	case line.Missing():
		return said("late", "alert", "texts.missing")
	case line.Text.Text == "":
		return said("", "info", "texts.none")
	case line.Older:
		return said("late", "alert", "texts.older")
	case line.Text.Origin == catalogue.OriginMachine:
		return said("pending", "pending", "texts.state_machine")
	case line.Text.Origin == catalogue.OriginTranslated:
		return said("confirmed", "confirmed", "texts.state_translated")
	}
	return said("", "document", "texts.state_original")
}
