package handlers

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// AdminRunsPage lists the editions to come with their seats.
type AdminRunsPage struct {
	Base
	Found          string
	Runs           []AdminRun
	Where          string // which page of how many; empty: there is one
	Earlier, Later string // addresses; empty: there is none
}

// AdminRun is one edition of the list.
type AdminRun struct {
	Href, Code           string
	Course               CourseName
	Dates, Place, Window string
	Taken, Free, Waiting string
}

const adminRunsPerPage = 50

func (h *Handlers) adminRuns(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	found, err := h.catalogue.Coming(c.UserContext(), c.QueryInt("page", 1), adminRunsPerPage)
	if err != nil {
		return err
	}
	runs := make([]catalogue.Run, len(found.Runs))
	for i, listed := range found.Runs {
		runs[i] = *listed.Run
	}
	pools, err := h.seatsOf(c.UserContext(), runs)
	if err != nil {
		return err
	}
	page := AdminRunsPage{Base: h.newBase(c, "")}
	page.Title, page.Found = page.T("admin.runs_title"), page.T("admin.runs_found", "count", found.Total)
	for _, listed := range found.Runs {
		row := page.adminRun(listed, pools[listed.Run.ID])
		row.Window = page.window(listed.Run, h.options.Clock())
		page.Runs = append(page.Runs, row)
	}
	page.Where, page.Earlier, page.Later = page.turning(found.Page, found.Pages, func(n int) string {
		return page.Href("/admin/runs?page=", strconv.Itoa(n))
	})
	return h.render(c, fiber.StatusOK, "admin_runs", &page)
}

func (b *Base) adminRun(listed catalogue.Listed, pools []training.Pool) AdminRun {
	r, waiting := listed.Run, 0
	for _, p := range pools {
		waiting = max(waiting, p.Waiting) // whoever waits for a quota waits for the open seats too
	}
	sum := training.Figures(pools, waiting, true)
	return AdminRun{Href: b.Href("/admin/runs/", r.Code), Code: r.Code, Course: b.courseTitle(listed.Course),
		Dates: b.DateRange(r.Starts, r.Ends), Place: b.where(r.Place, r.Country),
		Taken: b.T("admin.taken_of", "taken", b.Int(sum.Taken), "size", b.Int(sum.Size)),
		Free:  b.Int(sum.Free), Waiting: b.Int(sum.Waiting)}
}
