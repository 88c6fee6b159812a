package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

const (
	looksPath = certificatesPath + "/looks"
	lookPath  = certificatesPath + "/programme"
)

// mostLook bounds the form of a look: two logos and the texts.
const mostLook = 5 << 20

// logoSides are the fields of the two logos, in the order of the service.
var logoSides = []string{"left_logo", "right_logo"}

// AdminLooksPage lists the programmes, and says what is set of how their
// certificates look.
type AdminLooksPage struct {
	Base
	Rows []LookRow
}

// LookRow is a programme in the list.
type LookRow struct {
	Name, Href string
	Hint       string // what the row without a programme is for; empty: it has one
	Courses    string
	Set        []string // what is set, in lines
	Unset      string   // what is the case instead; empty: something is set
}

func (h *Handlers) adminLooks(c *fiber.Ctx) error {
	lines, err := h.certificates.Looks(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	page := AdminLooksPage{Base: h.newBase(c, "")}
	page.Title = page.T("looks.title")
	slices.SortStableFunc(lines, func(a, b certificate.ProgrammeLine) int {
		return cmp.Or(cmp.Compare(min(len(a.Programme), 1), min(len(b.Programme), 1)), page.CLDR().Compare(a.Programme, b.Programme))
	})
	for _, line := range lines {
		page.Rows = append(page.Rows, page.lookRow(line))
	}
	return h.render(c, fiber.StatusOK, "admin_looks", &page)
}

func (b *Base) lookRow(line certificate.ProgrammeLine) LookRow {
	row := LookRow{Name: line.Programme, Href: b.Href(lookAddress(line.Programme)), Courses: b.Int(line.Courses)}
	if line.Programme == "" {
		row.Name, row.Hint, row.Courses = b.T("looks.others"), b.T("looks.others_hint"), ""
	}
	if line.Organisers != "" {
		row.Set = append(row.Set, b.T("looks.organisers"))
	}
	if n := len(line.Signatories); n > 0 {
		row.Set = append(row.Set, b.T("looks.set_signatories", "count", n))
	}
	logos := 0
	for _, l := range line.Logos {
		if l != nil {
			logos++
		}
	}
	if logos > 0 {
		row.Set = append(row.Set, b.T("looks.set_logos", "count", logos))
	}
	switch {
	case len(row.Set) > 0:
	case line.Programme != "":
		row.Unset = b.T("looks.set_as_others")
	default:
		row.Unset = b.T("looks.set_nothing")
	}
	return row
}

func lookAddress(programme string) string { return lookPath + "?name=" + url.QueryEscape(programme) }

// AdminLookPage is the form of how the certificates of one programme look, and of
// how long those of its courses are valid.
type AdminLookPage struct {
	Base
	Programme   string
	Action      string
	Changed     string // when it was set last; empty: never
	Organisers  Field
	Signatories []SignatoryFields
	Logos       []LogoFields
	Courses     []ValidityRow
	Language    Field // of the sample
}

// SignatoryFields are those of one person.
type SignatoryFields struct {
	Legend            string
	Name, Role, InEng Field
}

// LogoFields are those of one picture.
type LogoFields struct {
	Legend  string
	File    Field
	Alt     Field
	Picture string // address of the one that is set; empty: none
	Remove  string // label of the choice to take it away
	Removed bool   // that was chosen
}

// ValidityRow is a course with for how many months its certificates are valid.
type ValidityRow struct {
	Name   CourseName
	Code   string
	Months Field
}

func (h *Handlers) lookForm(c *fiber.Ctx) error { return h.showLook(c, nil) }

// showLook shows the form: as things stand, or with what was typed and what is
// wrong with it.
func (h *Handlers) showLook(c *fiber.Ctx, fault *training.Fault) error {
	name := c.Query("name")
	look, err := h.certificates.Look(c.UserContext(), actorOf(c), name)
	if err != nil {
		return err
	}
	courses, err := h.catalogue.Validities(c.UserContext(), actorOf(c), name)
	if err != nil {
		return err
	}
	page, status := AdminLookPage{Base: h.newBase(c, ""), Programme: name, Action: lookAddress(name)}, fiber.StatusOK
	page.Title = page.T("looks.others")
	if name != "" {
		page.Title = page.T("looks.of", "programme", name)
	}
	typed := func(_, now string) string { return now }
	if fault != nil {
		status, page.Faults = statusOf(fault), fieldFaults(page.Speaker, fault)
		typed = func(field, now string) string {
			if text, sent := sentValue(c, field); sent {
				return text
			}
			return now
		}
	}
	page.Action = page.Href(page.Action)
	if !look.ChangedAt.IsZero() {
		page.Changed = page.T("looks.changed", "at", page.Instant(look.ChangedAt, "UTC"))
	}
	page.look(look, typed, fault != nil)
	page.validities(courses, typed)
	page.Language = page.Select("lang", "looks.sample_language", page.Lang(), page.languageOptions())
	return h.render(c, status, "admin_look", &page)
}

// look prepares the fields; again tells that the form was refused, so that files
// which it brought have to be chosen once more.
func (p *AdminLookPage) look(look certificate.Look, typed func(field, now string) string, again bool) {
	text := func(field, now string, settings ...string) Field {
		f := p.Input(field, "looks."+field, typed(field, now), settings...)
		p.named(field, f.Label)
		return f
	}
	p.Organisers = text("organisers", look.Organisers, "hint", "looks.organisers_hint", "optional", "yes")
	signatories := append(slices.Clone(look.Signatories), make([]training.Signatory, training.MaxSignatories)...)
	for i, one := range signatories[:training.MaxSignatories] {
		field := "signatory_" + strconv.Itoa(i+1)
		p.Signatories = append(p.Signatories, SignatoryFields{Legend: p.T("looks." + field),
			Name: text(field+"_name", one.Name), Role: text(field+"_role", one.Role),
			InEng: text(field+"_role_english", one.RoleEnglish, "optional", "yes")})
	}
	for i, field := range logoSides {
		logo := LogoFields{Legend: p.T("looks." + field), File: text(field, ""), Remove: p.T("looks.remove"),
			Removed: typed(field+"_remove", "") != ""}
		logo.File.Label, logo.File.Hint = p.T("looks.file"), p.T("looks.file_hint")
		if again {
			logo.File.Hint = p.T("looks.file_again")
		}
		alt := ""
		if now := look.Logos[i]; now != nil {
			logo.Picture, alt = p.Href(certificatesPath, "/logo.png?name=", url.QueryEscape(p.Programme), "&side=", field, "&v=", strconv.Itoa(now.ID)), now.Alt
		}
		logo.Alt = text(field+"_alt", alt, "hint", "looks.alt_hint")
		p.Logos = append(p.Logos, logo)
	}
}

func (p *AdminLookPage) validities(courses []catalogue.Validity, typed func(field, now string) string) {
	for _, v := range courses {
		row := ValidityRow{Name: p.courseTitle(v.Course), Code: v.Course.Code}
		now := ""
		if v.Months > 0 {
			now = strconv.Itoa(v.Months)
		}
		field := monthsField(v.Slug)
		row.Months = p.Input(field, "looks.months", typed(field, now))
		p.named(field, row.Name.Text)
		p.Courses = append(p.Courses, row)
	}
	slices.SortStableFunc(p.Courses, func(a, b ValidityRow) int { return p.CLDR().Compare(a.Name.Text, b.Name.Text) })
}

// named calls a fault by the name of its field, where the field alone would not
// tell it from another.
func (p *AdminLookPage) named(field, label string) {
	for i := range p.Faults {
		if p.Faults[i].Field == field {
			p.Faults[i].Label = label
		}
	}
}

func monthsField(slug string) string { return "months-" + slug }

// languageOptions are the twelve by their own names.
func (b *Base) languageOptions() []OptionGroup {
	var options []Option
	for _, lang := range languageOrder {
		options = append(options, Option{lang, autonym(lang), lang})
	}
	return []OptionGroup{{Options: options}}
}

// sentValue is a text of the form that was sent, whichever way.
func sentValue(c *fiber.Ctx, name string) (string, bool) {
	if form, err := c.MultipartForm(); err == nil {
		values, sent := form.Value[name]
		return strings.Join(values, ""), sent
	}
	return c.FormValue(name), c.Request().PostArgs().Has(name)
}

func (h *Handlers) saveLook(c *fiber.Ctx) error {
	ctx, actor, name := c.UserContext(), actorOf(c), c.Query("name")
	if err := mayAdminister(c); err != nil {
		return err
	}
	change, err := readLook(c)
	if err != nil {
		return err
	}
	courses, err := h.catalogue.Validities(ctx, actor, name)
	if err != nil {
		return err
	}
	months, wrong := readMonths(c, courses)
	err = h.certificates.CheckLook(ctx, actor, name, change)
	if fault, ok := invalid(err); ok {
		wrong = append(fault.Fields, wrong...)
	} else if err != nil {
		return err
	}
	if fault, ok := invalid(training.Invalid(wrong)); ok {
		return h.showLook(c, fault)
	}
	// Everything was looked at before anything is written: what follows fails
	// where the database does.
	if err := h.certificates.SetLook(ctx, actor, name, change); err != nil {
		return err
	}
	if err := h.catalogue.SetValidities(ctx, actor, months); err != nil {
		return err
	}
	return h.done(c, lookAddress(name), "notice.look_saved")
}

func readLook(c *fiber.Ctx) (certificate.LookChange, error) {
	value := func(name string) string { text, _ := sentValue(c, name); return text }
	change := certificate.LookChange{Organisers: value("organisers")}
	for i := range training.MaxSignatories {
		field := "signatory_" + strconv.Itoa(i+1)
		change.Signatories = append(change.Signatories, training.Signatory{Name: value(field + "_name"), Role: value(field + "_role"),
			RoleEnglish: value(field + "_role_english")})
	}
	for i, field := range logoSides {
		file, err := sentLogo(c, field)
		if err != nil {
			return change, err
		}
		change.Logos[i] = certificate.LogoChange{File: file, Alt: value(field + "_alt"), Remove: value(field+"_remove") != ""}
	}
	return change, nil
}

// sentLogo is the picture of a field, one byte more than is taken at most; nothing
// where none was chosen.
func sentLogo(c *fiber.Ctx, field string) ([]byte, error) {
	sent, err := c.FormFile(field)
	if errors.Is(err, fasthttp.ErrMissingFile) || errors.Is(err, fasthttp.ErrNoMultipartForm) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(err)
	}
	file, err := sent.Open()
	if err != nil {
		return nil, fmt.Errorf("open the picture that was sent: %w", err)
	}
	defer file.Close()
	picture, err := io.ReadAll(io.LimitReader(file, certificate.MaxLogoFile+1))
	if err != nil {
		return nil, unreadable(err)
	}
	return picture, nil
}

// readMonths are those months that differ from what is set, by the courses'
// slugs, and what is wrong with others.
func readMonths(c *fiber.Ctx, courses []catalogue.Validity) (map[string]int, []training.FieldFault) {
	changed := map[string]int{}
	var wrong []training.FieldFault
	for _, v := range courses {
		text, sent := sentValue(c, monthsField(v.Slug))
		if !sent {
			continue
		}
		months, err := 0, error(nil)
		if text = strings.TrimSpace(text); text != "" {
			months, err = strconv.Atoi(text)
		}
		switch {
		case err != nil, months < 0, months > training.MaxValidMonths:
			wrong = append(wrong, training.FieldFault{Field: monthsField(v.Slug), Key: "invalid.between",
				Args: training.Args{"min": 1, "max": training.MaxValidMonths}})
		case months != v.Months:
			changed[v.Slug] = months
		}
	}
	return changed, wrong
}

// lookSample is a page as certificates of the programme look.
func (h *Handlers) lookSample(c *fiber.Ctx) error {
	file, err := h.certificates.Sample(c.UserContext(), actorOf(c), c.Query("name"), c.Query("lang", langOf(c)))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, attachment(file.Name))
	return c.Send(file.Bytes)
}

// lookLogo is a picture that is set, for the form that sets it.
func (h *Handlers) lookLogo(c *fiber.Ctx) error {
	look, err := h.certificates.Look(c.UserContext(), actorOf(c), c.Query("name"))
	if err != nil {
		return err
	}
	side := slices.Index(logoSides, c.Query("side"))
	if side < 0 || look.Logos[side] == nil {
		return training.NotFound()
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(look.Logos[side].PNG)
}
