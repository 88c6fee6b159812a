package handlers

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

// TeachPage lists the editions that the reader teaches.
type TeachPage struct {
	Base
	OfAll  bool // the reader is the secretariat and sees everybody's
	Groups []TeachGroup
}

// TeachGroup is the editions that stand alike, under a heading.
type TeachGroup struct {
	Title string
	Runs  []TeachRun
}

// TeachRun is one edition in the list.
type TeachRun struct {
	Href, Code          string
	Course              CourseName
	Dates, Place, Count string
	Late, Cancelled     bool // Late: over and not closed
}

// Where an edition stands for who teaches it, in the order of the list.
const (
	standsOver    = "over" // its last day is past and it is not closed
	standsRunning = "running"
	standsComing  = "coming"
	standsEnded   = "ended" // closed or cancelled
)

func standing(r roster.Run, now time.Time) string {
	today := todayIn(now, r.TimeZone)
	switch {
	case r.Closed() || !r.CancelledAt.IsZero():
		return standsEnded
	case r.Ends.Before(today):
		return standsOver
	case today.Before(r.Starts):
		return standsComing
	}
	return standsRunning
}

func todayIn(now time.Time, zone string) training.Date {
	return training.DateOf(now.In(zoneOrUTC(zone)))
}

func zoneOrUTC(zone string) *time.Location {
	if loc, err := time.LoadLocation(zone); err == nil {
		return loc
	}
	return time.UTC
}

func (h *Handlers) teach(c *fiber.Ctx) error {
	runs, err := h.roster.Runs(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	page := TeachPage{Base: h.newBase(c, ""), OfAll: actorOf(c).Role == training.RoleAdmin}
	page.inSecretariat()
	page.Title = page.TeachTitle()
	page.Groups = page.groups(runs, h.options.Clock())
	return h.render(c, fiber.StatusOK, "teach", &page)
}

// TeachTitle names the list of editions: the secretariat's has everybody's.
func (b *Base) TeachTitle() string {
	if b.Viewer.Role == training.RoleAdmin {
		return b.T("teach.title_all")
	}
	return b.T("teach.title")
}

// groups sorts the editions, which come latest first; what is still to come is
// shown next one first.
func (b *Base) groups(runs []roster.Run, now time.Time) []TeachGroup {
	var groups []TeachGroup
	for _, stands := range []string{standsOver, standsRunning, standsComing, standsEnded} {
		group := TeachGroup{Title: b.T("teach.group_" + stands)}
		for _, r := range runs {
			if standing(r, now) == stands {
				group.Runs = append(group.Runs, b.teachRun(r, stands))
			}
		}
		if stands != standsEnded {
			slices.Reverse(group.Runs)
		}
		if len(group.Runs) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func (b *Base) teachRun(r roster.Run, stands string) TeachRun {
	return TeachRun{
		Href: b.Href("/teach/", r.Code), Code: r.Code, Course: b.courseName(r.Titles), Dates: b.DateRange(r.Starts, r.Ends),
		Place: b.where(r.Place, r.Country), Count: b.T("teach.participants", "count", r.Enrolled, "size", r.Size),
		Late: stands == standsOver, Cancelled: !r.CancelledAt.IsZero(),
	}
}

func (h *Handlers) markPresence(c *fiber.Ctx) error {
	code, half := c.Params("code"), c.FormValue("half_day")
	marks := map[string]*bool{}
	for ref, value := range changedFields(c, "mark-") {
		switch value {
		case "present":
			marks[ref] = new(true)
		case "absent":
			marks[ref] = new(false)
		default:
			marks[ref] = nil
		}
	}
	for _, ref := range c.Request().PostArgs().PeekMulti("unmark") {
		marks[string(ref)] = nil
	}
	err := h.roster.MarkMany(c.UserContext(), actorOf(c), code, half, marks)
	if fault, ok := invalid(err); ok {
		return h.showRoster(c, fault)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/teach/"+code+rosterViewAsked(c).query(), "notice.marks_saved")
}

func (h *Handlers) setResults(c *fiber.Ctx) error {
	code := c.Params("code")
	results := changedFields(c, "result-")
	if len(results) == 0 { // whoever may not is told so even then
		if _, err := h.roster.Roster(c.UserContext(), actorOf(c), code); err != nil {
			return err
		}
	}
	for _, ref := range sortedKeys(results) {
		change := roster.Change{ClearResult: true}
		if results[ref] != "" {
			change = roster.Change{Result: new(training.Status(results[ref]))}
		}
		if _, _, err := h.roster.Mark(c.UserContext(), actorOf(c), code, ref, change); err != nil {
			return err
		}
	}
	return h.done(c, "/teach/"+code+"#results", "notice.results_saved")
}

// changedFields gives what the form's fields of a prefix say, by the rest of
// their names, without those that still say what "was-" and their name says the
// page showed: two who mark at the same time do not undo each other's marks.
func changedFields(c *fiber.Ctx, prefix string) map[string]string {
	sent := map[string]string{}
	for key, value := range c.Request().PostArgs().All() {
		sent[string(key)] = string(value)
	}
	changed := map[string]string{}
	for name, value := range sent {
		rest, ok := strings.CutPrefix(name, prefix)
		was, known := sent["was-"+name]
		if ok && (!known || was != value) {
			changed[rest] = value
		}
	}
	return changed
}

func (h *Handlers) closeRun(c *fiber.Ctx) error {
	code := c.Params("code")
	if c.FormValue("confirm") == "" {
		fault, _ := training.AsFault(training.InvalidField("confirm", "invalid.confirm_close", nil))
		return h.showRoster(c, fault)
	}
	if err := h.roster.Close(c.UserContext(), actorOf(c), code); err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/teach/"+code, "notice.run_closed")
}

func (h *Handlers) instructorCancels(c *fiber.Ctx) error {
	code := c.Params("code")
	if err := training.Can(actorOf(c), training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return err
	}
	cancel := h.enrolment.Cancel
	if err := h.onEnrolment(c, cancel, func(e enrolment.Enrolment) bool { return e.Run == code }); err != nil {
		return err
	}
	return h.done(c, "/teach/"+code, "notice.participant_removed")
}
