package handlers

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/mail"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// mayAdminister answers nil to the secretariat.
func mayAdminister(c *fiber.Ctx) error {
	return training.Can(actorOf(c), training.ActAdminister, training.Subject{})
}

// AdminPage is the secretariat's desk: figures, and what there is to do.
type AdminPage struct {
	Base
	Figures []Figure
	Tasks   []Task
}

// Task is a piece of the secretariat's work. State is empty where there is
// nothing to do.
type Task struct{ Href, What, Hint, State string }

func (h *Handlers) admin(c *fiber.Ctx) error {
	ctx, actor := c.UserContext(), actorOf(c)
	if err := mayAdminister(c); err != nil {
		return err
	}
	courses, err := h.catalogue.ImportedCourseCount(ctx)
	if err != nil {
		return err
	}
	pending, err := h.people.PendingAffiliations(ctx, actor)
	if err != nil {
		return err
	}
	runs, err := h.roster.Runs(ctx, actor)
	if err != nil {
		return err
	}
	mails, err := h.mail.List(ctx, actor, mostMails)
	if err != nil {
		return err
	}
	page := AdminPage{Base: h.newBase(c, "")}
	page.Title = page.T("admin.title")
	stands := map[string]int{}
	for _, r := range runs {
		stands[standing(r, h.options.Clock())]++
	}
	page.Figures = []Figure{
		{page.T("admin.figure_courses"), page.Int(courses)}, {page.T("admin.figure_coming"), page.Int(stands[standsComing])},
		{page.T("admin.figure_running"), page.Int(stands[standsRunning])}, {page.T("admin.figure_people"), page.Int(len(pending))},
	}
	page.Tasks = h.tasks(&page.Base, courses, len(pending), stands[standsOver], undelivered(mails))
	return h.render(c, fiber.StatusOK, "admin", &page)
}

// undelivered counts mails that were given up.
func undelivered(mails []mail.Kept) int {
	n := 0
	for _, m := range mails {
		if m.GivenUp {
			n++
		}
	}
	return n
}

func (h *Handlers) tasks(b *Base, courses, people, over, mails int) []Task {
	todo := func(open bool) string {
		if open {
			return b.T("admin.to_do")
		}
		return ""
	}
	hint := func(n int, some, none string) string { // a number is told where there is one
		if n == 0 {
			return b.T(none)
		}
		return b.T(some, "count", n)
	}
	post := hint(mails, "admin.task_outbox_hint", "admin.task_outbox_none")
	if !h.mail.Out() {
		post = b.T("admin.task_outbox_kept")
	}
	return []Task{
		{b.Href("/admin/people"), b.T("admin.task_people"), hint(people, "admin.task_people_hint", "admin.task_people_none"), todo(people > 0)},
		{b.Href("/admin/courses"), b.T("admin.task_courses"), b.T("admin.task_courses_hint"), ""},
		{b.Href("/admin/texts"), b.T("texts.title"), b.T("texts.task_hint"), ""},
		{b.Href(certificatesPath), b.T("register.title"), b.T("register.task_hint"), ""},
		{b.Href(looksPath), b.T("looks.title"), b.T("looks.task_hint"), ""},
		{b.Href("/admin/runs"), b.T("admin.task_runs"), b.T("admin.task_runs_hint"), ""},
		{b.Href("/admin/states"), b.T("admin.task_states"), b.T("admin.task_states_hint"), ""},
		{b.Href("/admin/import"), b.T("admin.task_import"), b.T("admin.task_import_hint", "count", courses), todo(courses == 0)},
		{b.Href("/teach"), b.T("admin.task_teach"), hint(over, "admin.task_teach_hint", "admin.task_teach_none"), todo(over > 0)},
		{b.Href("/agency"), b.T("admin.task_agencies"), b.T("admin.task_agencies_hint"), ""},
		{b.Href("/admin/outbox"), b.T("admin.task_outbox"), post, todo(mails > 0)},
	}
}

// AdminCoursesPage lists the catalogue, to make editions from.
type AdminCoursesPage struct {
	Base
	Query          string
	Found          string
	Courses        []AdminCourse
	Where          string // which page of how many; empty: there is one
	Earlier, Later string // addresses; empty: there is none
}

// AdminCourse is one course of the list.
type AdminCourse struct {
	Name             CourseName
	Code, Provider   string
	Href, NewEdition string
	Texts            string // address of its texts and translations
	Coming           string
}

const adminCoursesPerPage = 50

func (h *Handlers) adminCourses(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	page := AdminCoursesPage{Base: h.newBase(c, ""), Query: strings.TrimSpace(c.Query("q"))}
	page.Title = page.T("admin.courses_title")
	found, err := h.catalogue.Find(c.UserContext(), catalogue.Query{
		Text: page.Query, Lang: page.Lang(), Page: c.QueryInt("page", 1), PerPage: adminCoursesPerPage,
	})
	if err != nil {
		return err
	}
	page.Found = page.T("admin.courses_found", "count", found.Total)
	for _, course := range found.Courses {
		page.Courses = append(page.Courses, h.adminCourse(&page.Base, course))
	}
	page.Where, page.Earlier, page.Later = page.turning(found.Page, found.Pages, func(n int) string {
		return page.Href("/admin/courses", coursesQuery(page.Query, n))
	})
	return h.render(c, fiber.StatusOK, "admin_courses", &page)
}

func (h *Handlers) adminCourse(b *Base, course *catalogue.Course) AdminCourse {
	return AdminCourse{
		Name: b.courseTitle(course), Code: course.Code, Provider: course.Provider, Href: b.Href("/courses/", course.Slug),
		NewEdition: b.Href("/admin/courses/", course.Slug, "/runs/new"), Texts: b.textsHref(course.Slug, b.Lang()),
		Coming: b.T("admin.coming", "count", len(catalogue.ComingRuns(course, h.options.Clock()))),
	}
}

func (b *Base) courseTitle(course *catalogue.Course) CourseName {
	title, _ := b.phrase(course, catalogue.KindTitle)
	return CourseName{title.Text, title.Lang}
}

// turning says which page this is and leads to those before and after; at gives
// the address of a page.
func (b *Base) turning(page, pages int, at func(int) string) (where, earlier, later string) {
	if pages < 2 {
		return "", "", ""
	}
	if page > 1 {
		earlier = at(min(page-1, pages))
	}
	if page < pages {
		later = at(page + 1)
	}
	return b.T("admin.page_of", "page", page, "pages", pages), earlier, later
}

// AffiliationTable is people whose agency and country wait to be confirmed; the
// partial "affiliations" draws it.
type AffiliationTable struct {
	Base *Base
	Rows []AffiliationRow
	Lead bool // to confirm the first of them is what the page asks for first
}

// AffiliationRow is one of them. Agency and Country are what the form sends
// back: what the reader saw.
type AffiliationRow struct {
	Name, Email, Profession, Role string
	AgencyName, AgencyLang        string
	CountryName                   string
	Agency, Country               string
	Confirm, Reject               string // addresses of the forms
}

func (b *Base) affiliationTable(all []people.Affiliation, under string) AffiliationTable {
	table := AffiliationTable{Base: b}
	for _, a := range all {
		table.Rows = append(table.Rows, AffiliationRow{
			Name: a.Name, Email: a.Email, Role: b.T("role." + string(a.Role)), Profession: b.worded("profession.", a.Profession),
			AgencyName: a.AgencyName, AgencyLang: b.agencyLang(a.Country), CountryName: b.countryName(a.Country), Agency: a.AgencySlug, Country: a.Country,
			Confirm: b.personHref(under, a.PersonID, "/confirm"), Reject: b.personHref(under, a.PersonID, "/reject"),
		})
	}
	return table
}

// AdminPeoplePage lists everybody whose affiliation waits to be confirmed.
type AdminPeoplePage struct {
	Base
	Affiliations AffiliationTable
}

func (h *Handlers) adminPeople(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	pending, err := h.people.PendingAffiliations(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	page := AdminPeoplePage{Base: h.newBase(c, "")}
	page.Title = page.T("admin.people_title")
	page.Affiliations = page.affiliationTable(pending, "/admin")
	page.Affiliations.Lead = true
	return h.render(c, fiber.StatusOK, "admin_people", &page)
}

func (h *Handlers) adminConfirms(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	if err := h.onPerson(c, h.people.ConfirmAffiliation); err != nil {
		return err
	}
	return h.done(c, "/admin/people", "notice.person_confirmed")
}

func (h *Handlers) adminRejects(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	if err := h.onPerson(c, h.people.RejectAffiliation); err != nil {
		return err
	}
	return h.done(c, "/admin/people", "notice.person_rejected")
}

func (b *Base) personHref(under string, id int, step string) string {
	return b.Href(under, "/people/", strconv.Itoa(id), step)
}

func coursesQuery(q string, page int) string {
	values := url.Values{"page": {strconv.Itoa(page)}}
	if q != "" {
		values.Set("q", q)
	}
	return "?" + values.Encode()
}
