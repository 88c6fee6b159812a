package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// runForm is a new edition as it was typed.
type runForm struct {
	Code, Starts, Ends, Place, Address, Country        string
	TimeZone, Language                                 string
	Size, Threshold, Opens, Closes, Withdraw, Releases string
	Quotas                                             map[string]string // by member state
	Approval, Discreet                                 bool
	Instructors                                        []string // e-mail addresses
}

// RunFormPage is the form of a new edition of a course.
type RunFormPage struct {
	Base
	Course                                             CourseName
	CourseHref, Action                                 string
	Code, Starts, Ends, Place, Address, Country        Field
	TimeZone, Language                                 Field
	Size, Threshold, Opens, Closes, Withdraw, Releases Field
	Quotas                                             []Field
	QuotaError, InstructorError                        string
	Instructors                                        []InstructorChoice
	Approval, Discreet                                 bool
}

// InstructorChoice is one person who can be named as instructor.
type InstructorChoice struct {
	ID, Name, Email, Agency string
	Chosen                  bool
}

const (
	usualSeats = 22 // where no source says how many a course takes
	// datetimeLocal is how browsers write a day and time without a zone.
	datetimeLocal = "2006-01-02T15:04"
)

func (h *Handlers) newRunForm(c *fiber.Ctx) error {
	course, err := h.courseToRun(c)
	if err != nil {
		return err
	}
	return h.showRunForm(c, course, usualRun(course), nil)
}

// courseToRun is the course of the address, for the secretariat.
func (h *Handlers) courseToRun(c *fiber.Ctx) (*catalogue.Course, error) {
	if err := mayAdminister(c); err != nil {
		return nil, err
	}
	return h.catalogue.BySlug(c.UserContext(), c.Params("slug"))
}

// usualRun fills the form with what the course says.
func usualRun(course *catalogue.Course) runForm {
	form := runForm{
		Place: course.Place, Country: course.Country, TimeZone: capitalZones[course.Country], Language: "en",
		Size: strconv.Itoa(usualSeats), Threshold: strconv.Itoa(training.DefaultThreshold),
	}
	if len(course.Languages) > 0 && !slices.Contains(course.Languages, "en") {
		form.Language = course.Languages[0]
	}
	if course.SeatsTypical != nil && *course.SeatsTypical > 0 {
		form.Size = strconv.Itoa(*course.SeatsTypical)
	}
	return form
}

func (h *Handlers) createRun(c *fiber.Ctx) error {
	course, err := h.courseToRun(c)
	if err != nil {
		return err
	}
	form := readRunForm(c)
	run, err := h.catalogue.CreateRun(c.UserContext(), actorOf(c), course.Slug, form.newRun())
	if fault, ok := invalid(err); ok {
		return h.showRunForm(c, course, form, form.atFields(fault.Fields))
	}
	if err != nil {
		return err
	}
	return h.done(c, "/runs/"+run.Code, "notice.run_created")
}

func readRunForm(c *fiber.Ctx) runForm {
	typed := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	form := runForm{
		Code: typed("code"), Starts: typed("starts"), Ends: typed("ends"), Place: typed("place"), Address: typed("address"), Country: typed("country"),
		TimeZone: typed("time_zone"), Language: typed("language"), Size: typed("size"), Threshold: typed("threshold"),
		Opens: typed("opens"), Closes: typed("closes"), Withdraw: typed("withdraw_until"), Releases: typed("releases"), Quotas: map[string]string{},
		Approval: typed("approval") != "", Discreet: typed("discreet") != "",
	}
	for key, value := range c.Request().PostArgs().All() {
		if country, ok := strings.CutPrefix(string(key), "quota-"); ok {
			form.Quotas[country] = strings.TrimSpace(string(value))
		}
		if string(key) == "instructors" {
			form.Instructors = append(form.Instructors, string(value))
		}
	}
	return form
}

// newRun is what was typed as the document that the catalogue takes. What
// cannot be read becomes something that it refuses at the same field.
func (f runForm) newRun() catalogue.NewRun {
	run := catalogue.NewRun{
		Code: f.Code, Starts: f.Starts, Ends: f.Ends, TimeZone: f.TimeZone, Place: f.Place, Address: f.Address, Country: f.Country,
		Language: f.Language, Size: wholeNumber(f.Size), Instructors: f.Instructors, Approval: f.Approval, Discreet: f.Discreet,
		Opens: f.instant(datetimeLocal, f.Opens), Closes: f.instant(datetimeLocal, f.Closes), WithdrawUntil: f.instant(datetimeLocal, f.Withdraw),
	}
	if f.Threshold != "" {
		run.Threshold = new(wholeNumber(f.Threshold))
	}
	for _, country := range sortedKeys(f.Quotas) {
		if size := f.Quotas[country]; size != "" && size != "0" {
			quota := catalogue.NewQuota{Country: country, Size: wholeNumber(size), ReleasesAt: f.instant(time.DateOnly, f.Releases)}
			run.Quotas = append(run.Quotas, quota)
		}
	}
	return run
}

// wholeNumber reads a whole number; -1, which no field takes, where it is none.
func wholeNumber(typed string) int {
	if n, err := strconv.Atoi(typed); err == nil {
		return n
	}
	return -1
}

// instant reads a local time of the edition; what cannot be read is given back
// as it is. Where the time zone is wrong any will do: it is refused anyway.
func (f runForm) instant(layout, typed string) string {
	loc := zoneOrUTC(f.TimeZone)
	for _, try := range []string{layout, layout + ":05"} { // some browsers add seconds
		if t, err := time.ParseInLocation(try, typed, loc); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return typed
}

// atFields puts the faults at the fields of the form, which has one for each
// state and one release date for all, and says of an empty one that it is.
func (f runForm) atFields(faults []training.FieldFault) []training.FieldFault {
	var all []training.FieldFault
	for _, fault := range faults {
		switch {
		case fault.Field == "quotas" && (fault.Key == "invalid.release_outside" || fault.Key == "invalid.in_the_past"):
			fault.Field = "releases"
		case fault.Field == "quotas" && fault.Key == "invalid.instant":
			fault.Field, fault.Key = "releases", "invalid.date"
		case fault.Field == "quotas" && fault.Key == "invalid.between":
			all = append(all, f.badQuotas(fault)...)
			continue
		case fault.Key == "invalid.instant":
			fault.Key = "invalid.local_time"
		case fault.Args["value"] == "", fault.Field == "code" && f.Code == "", fault.Field == "size" && f.Size == "":
			fault.Key = "invalid.required"
		}
		all = append(all, fault)
	}
	return uniqueFaults(all)
}

func (f runForm) badQuotas(fault training.FieldFault) []training.FieldFault {
	var faults []training.FieldFault
	for _, country := range sortedKeys(f.Quotas) {
		typed := f.Quotas[country]
		if n := wholeNumber(typed); typed != "" && (n < 0 || n > training.MaxSeats) {
			fault.Field = "quota-" + country
			faults = append(faults, fault)
		}
	}
	return faults
}

// uniqueFaults keeps the first fault of each field: one sentence can be shown.
func uniqueFaults(faults []training.FieldFault) []training.FieldFault {
	var unique []training.FieldFault
	for _, fault := range faults {
		if !slices.ContainsFunc(unique, func(f training.FieldFault) bool { return f.Field == fault.Field }) {
			unique = append(unique, fault)
		}
	}
	return unique
}

func (h *Handlers) showRunForm(c *fiber.Ctx, course *catalogue.Course, form runForm, faults []training.FieldFault) error {
	ctx, status := c.UserContext(), fiber.StatusOK
	states, err := h.people.StatesNow(ctx, training.DateOf(h.options.Clock().UTC()))
	if err != nil {
		return err
	}
	instructors, err := h.people.Instructors(ctx, actorOf(c))
	if err != nil {
		return err
	}
	page := RunFormPage{Base: h.newBase(c, ""), CourseHref: "/courses/" + course.Slug, Approval: form.Approval, Discreet: form.Discreet}
	page.Course, page.CourseHref = page.courseTitle(course), page.Href("/courses/", course.Slug)
	page.Action = page.Href("/admin/courses/", course.Slug, "/runs/new")
	page.Title = page.T("admin.run_title")
	if len(faults) > 0 {
		page.Faults = fieldFaults(page.Speaker, &training.Fault{Fields: faults})
		status = fiber.StatusUnprocessableEntity
	}
	page.fields(course, form)
	page.quotas(states, form)
	page.instructors(instructors, form)
	page.nameFaults()
	return h.render(c, status, "admin_run", &page)
}

func (p *RunFormPage) fields(course *catalogue.Course, f runForm) {
	p.Code = p.Input("code", "admin.run_code", f.Code, "hint", "admin.run_code_hint")
	p.Starts = p.Input("starts", "admin.run_starts", f.Starts, "type", "date")
	p.Ends = p.Input("ends", "admin.run_ends", f.Ends, "type", "date")
	p.Place = p.Input("place", "admin.run_place", f.Place, "hint", "admin.run_place_hint")
	p.Address = p.Input("address", "admin.run_address", f.Address, "hint", "admin.run_address_hint", "optional", "yes")
	p.Country = p.Select("country", "admin.run_country", f.Country, p.countryOptions(f.Country))
	p.TimeZone = p.Select("time_zone", "admin.run_time_zone", f.TimeZone, p.zoneOptions(f.TimeZone), "hint", "admin.run_time_zone_hint")
	p.Language = p.Select("language", "admin.run_language", f.Language, p.languageOptions(course.Languages, f.Language))
	p.Size = p.Input("size", "admin.run_size", f.Size, "type", "number", "hint", "admin.run_size_hint")
	p.Threshold = p.Input("threshold", "admin.run_threshold", f.Threshold, "type", "number", "hint", "admin.run_threshold_hint")
	p.Opens = p.Input("opens", "admin.run_opens", f.Opens, "type", "datetime-local", "hint", "admin.run_opens_hint", "optional", "yes")
	p.Closes = p.Input("closes", "admin.run_closes", f.Closes, "type", "datetime-local", "hint", "admin.run_closes_hint", "optional", "yes")
	p.Withdraw = p.Input("withdraw_until", "admin.run_withdraw", f.Withdraw, "type", "datetime-local", "hint", "admin.run_withdraw_hint", "optional", "yes")
	p.Releases = p.Input("releases", "admin.run_releases", f.Releases, "type", "date", "hint", "admin.run_releases_hint", "optional", "yes")
}

// nameFaults says in the summary which field is meant, for six of them may be
// empty and each says the same, and lists them in the order of the form.
func (p *RunFormPage) nameFaults() {
	fields := []Field{p.Code, p.Starts, p.Ends, p.Place, p.Address, p.Country, p.Language, p.TimeZone, p.Size, {Name: "quotas"}}
	fields = slices.Concat(fields, p.Quotas, []Field{p.Releases, p.Opens, p.Closes, p.Withdraw, p.Threshold, {Name: "instructors"}})
	place := func(f FieldFault) int {
		return slices.IndexFunc(fields, func(field Field) bool { return field.Name == f.Field })
	}
	for i, fault := range p.Faults {
		if at := place(fault); at >= 0 {
			p.Faults[i].Label = fields[at].Label
		}
	}
	slices.SortStableFunc(p.Faults, func(a, b FieldFault) int { return cmp.Compare(place(a), place(b)) })
}

// sorted makes the options of a select, by their labels in the language's order.
func (p *RunFormPage) sorted(values []string, label func(string) string) []OptionGroup {
	options := make([]Option, 0, len(values)+1)
	for _, v := range values {
		options = append(options, Option{Value: v, Label: label(v)})
	}
	slices.SortFunc(options, func(a, b Option) int {
		return cmp.Or(p.CLDR().Compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
	})
	return []OptionGroup{{Options: append([]Option{{Label: p.T("admin.choose")}}, options...)}}
}

// with adds a value that is given but not listed, so that the form keeps it.
func with(values []string, given string) []string {
	if given == "" || slices.Contains(values, given) {
		return values
	}
	return append(values, given)
}

func (p *RunFormPage) countryOptions(given string) []OptionGroup {
	return p.sorted(with(sortedKeys(capitalZones), given), p.Speaker.Country)
}

func (p *RunFormPage) zoneOptions(given string) []OptionGroup {
	zones := slices.Clone(otherZones)
	for _, country := range sortedKeys(capitalZones) {
		zones = with(zones, capitalZones[country])
	}
	return p.sorted(with(zones, given), p.City)
}

func (p *RunFormPage) languageOptions(taught []string, given string) []OptionGroup {
	languages := slices.Clone(training.Languages)
	for _, lang := range taught {
		languages = with(languages, lang)
	}
	return p.sorted(with(languages, given), p.LanguageName)
}

func (p *RunFormPage) quotas(states []string, f runForm) {
	p.QuotaError = p.Error("quotas")
	for _, state := range states {
		name := "quota-" + state
		p.Quotas = append(p.Quotas, Field{Name: name, Label: p.Speaker.Country(state), Value: f.Quotas[state],
			Type: "number", Error: p.Error(name)})
	}
	slices.SortFunc(p.Quotas, func(a, b Field) int { return p.CLDR().Compare(a.Label, b.Label) })
}

func (p *RunFormPage) instructors(all []people.Instructor, f runForm) {
	p.InstructorError = p.Error("instructors")
	for i, person := range all {
		p.Instructors = append(p.Instructors, InstructorChoice{
			ID: "instructor-" + strconv.Itoa(i), Name: cmp.Or(person.Name, person.Email), Email: person.Email, Agency: person.AgencyName,
			Chosen: slices.Contains(f.Instructors, person.Email),
		})
	}
	slices.SortStableFunc(p.Instructors, func(a, b InstructorChoice) int { return p.CLDR().Compare(a.Name, b.Name) })
}
