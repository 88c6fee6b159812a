package handlers

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// ReplacePage lets an officer give the seat of one member of the agency to
// another.
type ReplacePage struct {
	Base
	Slug, Agency, AgencyLang string
	Ref, Name                string // of the person who has the seat
	Course                   CourseName
	When, Where              string
	Why                      string // why nobody can take it; empty: somebody can
	Email                    Field
}

// replaceable reports whether an agency may still replace the person.
func replaceable(e enrolment.Enrolment) bool {
	return (e.Status == training.Confirmed || e.Status == training.Pending) && e.Now.Before(startOf(e))
}

// staffEnrolment finds an enrolment that names the agency of the address, for
// its officers.
func (h *Handlers) staffEnrolment(c *fiber.Ctx) (enrolment.Enrolment, error) {
	if err := mayManageAnAgency(actorOf(c)); err != nil {
		return enrolment.Enrolment{}, err
	}
	e, err := h.enrolment.Get(c.UserContext(), actorOf(c), c.Params("ref"))
	if err == nil && e.AgencySlug != c.Params("slug") {
		err = training.NotFound()
	}
	return e, err
}

func (h *Handlers) replaceForm(c *fiber.Ctx) error {
	e, err := h.staffEnrolment(c)
	if err != nil {
		return err
	}
	return h.showReplace(c, e, "", nil)
}

func (h *Handlers) replaceParticipant(c *fiber.Ctx) error {
	e, err := h.staffEnrolment(c)
	if err != nil {
		return err
	}
	email := c.FormValue("email")
	_, err = h.enrolment.Replace(c.UserContext(), actorOf(c), e.Ref, email)
	if fault, is := training.AsFault(err); is && (statusOf(fault) == fiber.StatusConflict || len(fault.Fields) > 0) {
		return h.showReplace(c, e, email, fault)
	}
	if err != nil {
		return err
	}
	h.wakeOutbox()
	return h.done(c, "/agency/"+e.AgencySlug+"#enrolments", "notice.replaced")
}

// showReplace shows the form, with what was chosen and what was wrong with it.
func (h *Handlers) showReplace(c *fiber.Ctx, e enrolment.Enrolment, email string, fault *training.Fault) error {
	page, status := ReplacePage{Base: h.newBase(c, ""), Slug: e.AgencySlug, Agency: e.AgencyName, Ref: e.Ref, Name: e.PersonName}, fiber.StatusOK
	page.NoIndex = true
	page.inSecretariat()
	page.Title = page.T("agency.replace_title", "name", e.PersonName)
	page.AgencyLang, page.Course = page.agencyLang(e.State), page.courseName(e.Titles)
	page.When, page.Where = page.DateRange(e.Starts, e.Ends), page.where(e.Place, e.Country)
	if fault != nil {
		status = statusOf(fault)
		page.refuse(fault)
	}
	colleagues, err := h.colleagues(c.UserContext(), actorOf(c), e)
	if err != nil {
		return err
	}
	page.Why = page.whyNobody(e, colleagues)
	page.Email = page.Select("email", "agency.replace_by", email, page.colleagueOptions(colleagues))
	return h.render(c, status, "agency_replace", &page)
}

// colleagues are the members of the enrolment's agency who have no seat in its
// run.
func (h *Handlers) colleagues(ctx context.Context, actor training.Actor, e enrolment.Enrolment) ([]people.Member, error) {
	members, err := h.people.Members(ctx, actor, e.AgencySlug)
	if err != nil {
		return nil, err
	}
	inRun, err := h.enrolment.OfAgency(ctx, actor, e.AgencySlug, enrolment.Filter{Run: e.Run})
	if err != nil {
		return nil, err
	}
	seated := map[int]bool{}
	for _, other := range inRun {
		seated[other.PersonID] = seated[other.PersonID] || other.Status.TakesSeat()
	}
	return slices.DeleteFunc(members, func(m people.Member) bool { return seated[m.PersonID] || m.PersonID == e.PersonID }), nil
}

func (p *ReplacePage) whyNobody(e enrolment.Enrolment, colleagues []people.Member) string {
	switch {
	case e.Status != training.Confirmed && e.Status != training.Pending:
		return p.T("fault.status", "status", p.T("status."+string(e.Status)))
	case !replaceable(e):
		return p.T("fault.replace_late")
	case len(colleagues) == 0:
		return p.T("agency.replace_nobody")
	}
	return ""
}

func (p *ReplacePage) colleagueOptions(colleagues []people.Member) []OptionGroup {
	slices.SortStableFunc(colleagues, func(a, b people.Member) int { return p.CLDR().Compare(a.Name, b.Name) })
	options := []Option{{Label: p.T("agency.replace_choose")}}
	for _, m := range colleagues {
		label := m.Email
		if m.Name != "" {
			label = p.T("agency.replace_option", "name", m.Name, "email", m.Email)
		}
		options = append(options, Option{Value: m.Email, Label: label})
	}
	return []OptionGroup{{Options: options}}
}

// refuse says at the field what stands in the way of the person chosen, and
// above the page what stands in the way of anybody. Some faults speak to the
// person whom they are about, who is not the reader here.
func (p *ReplacePage) refuse(fault *training.Fault) {
	at := func(text string) { p.Faults = []FieldFault{{Field: "email", Text: text}} }
	switch {
	case len(fault.Fields) > 0: // the address is chosen here, not typed
		at(p.T("agency.replace_whom"))
	case fault.Kind == training.KindAlreadyEnrolled:
		at(p.T("agency.replace_enrolled"))
	case fault.Key == "fault.not_eligible_language":
		at(p.T("agency.replace_language", spoken(p.Speaker, fault.Args)...))
	case fault.Key == "fault.profile_incomplete":
		at(p.T("agency.replace_profile"))
	case fault.Key == "fault.email_not_confirmed":
		at(p.T("agency.replace_email"))
	case fault.Kind == training.KindNotEligible:
		at(p.sentence(fault))
	default:
		p.Notices = append(p.Notices, Notice{"bad", p.sentence(fault)})
	}
}
