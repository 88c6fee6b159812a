package handlers

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// AgencyHomePage lets an administrator choose an agency, and tells an officer
// whose own agency nobody has confirmed yet.
type AgencyHomePage struct {
	Base
	Unconfirmed string // name of the agency that the officer declared; empty with Waits: none
	Waits       bool   // the reader is an officer whose agency is not confirmed
	Countries   []AgencyCountry
}

// AgencyCountry is the agencies of one country.
type AgencyCountry struct {
	Name     string
	Agencies []AgencyLink
}

// AgencyLink leads to the page of an agency.
type AgencyLink struct{ Name, Lang, Href string }

func (h *Handlers) agencyHome(c *fiber.Ctx) error {
	actor, viewer := actorOf(c), viewerOf(c)
	if actor.Role == training.RoleAgency && actor.AgencyID != 0 {
		return h.done(c, "/agency/"+viewer.AgencySlug, "")
	}
	page := AgencyHomePage{Base: h.newBase(c, ""), Waits: actor.Role == training.RoleAgency, Unconfirmed: viewer.AgencyName}
	page.Title = page.T("agency.home_title")
	if page.Waits {
		return h.render(c, fiber.StatusOK, "agency_home", &page)
	}
	if err := mayAdminister(c); err != nil {
		return err
	}
	agencies, err := h.people.Agencies(c.UserContext())
	if err != nil {
		return err
	}
	page.inSecretariat()
	page.Countries = page.byCountry(agencies)
	return h.render(c, fiber.StatusOK, "agency_home", &page)
}

// byCountry groups agencies, which come by country, and sorts both as the
// language does.
func (b *Base) byCountry(agencies []people.Agency) []AgencyCountry {
	links := map[string][]AgencyLink{}
	for _, a := range agencies {
		name := b.Country(a.Country)
		links[name] = append(links[name], AgencyLink{a.Name, b.agencyLang(a.Country), b.Href("/agency/", a.Slug)})
	}
	var countries []AgencyCountry
	for name, list := range links {
		slices.SortStableFunc(list, func(x, y AgencyLink) int { return b.CLDR().Compare(x.Name, y.Name) })
		countries = append(countries, AgencyCountry{name, list})
	}
	slices.SortFunc(countries, func(x, y AgencyCountry) int { return b.CLDR().Compare(x.Name, y.Name) })
	return countries
}

// mayManageAnAgency answers nil to officers of any agency and to
// administrators. Whose agency an object is of is the services' to ask.
func mayManageAnAgency(actor training.Actor) error {
	return training.Can(actor, training.ActManageAgency, training.Subject{AgencyID: actor.AgencyID})
}

type affiliationStep func(ctx context.Context, actor training.Actor, personID int, agencySlug, country string) error

// onPerson takes a step with the affiliation that the reader saw on the page.
func (h *Handlers) onPerson(c *fiber.Ctx, step affiliationStep) error {
	id, err := c.ParamsInt("person")
	if err != nil {
		return training.NotFound()
	}
	if err := step(c.UserContext(), actorOf(c), id, c.FormValue("agency"), c.FormValue("country")); err != nil {
		return err
	}
	h.wakeOutbox()
	return nil
}

func (h *Handlers) confirmMember(c *fiber.Ctx) error {
	if err := h.onPerson(c, h.people.ConfirmAffiliation); err != nil {
		return err
	}
	return h.done(c, "/agency/"+c.Params("slug"), "notice.person_confirmed")
}

func (h *Handlers) rejectMember(c *fiber.Ctx) error {
	if err := h.onPerson(c, h.people.RejectAffiliation); err != nil {
		return err
	}
	return h.done(c, "/agency/"+c.Params("slug"), "notice.person_rejected")
}

type enrolmentStep func(ctx context.Context, actor training.Actor, ref string) (enrolment.Enrolment, error)

// onEnrolment takes a step with the enrolment named in the address, where it
// belongs on the page that the address is of.
func (h *Handlers) onEnrolment(c *fiber.Ctx, step enrolmentStep, belongs func(enrolment.Enrolment) bool) error {
	ref := c.Params("ref")
	e, err := h.enrolment.Get(c.UserContext(), actorOf(c), ref)
	if err != nil {
		return err
	}
	if !belongs(e) {
		return training.NotFound()
	}
	if _, err = step(c.UserContext(), actorOf(c), ref); err != nil {
		return err
	}
	h.wakeOutbox()
	return nil
}

// onStaff takes a step with an enrolment of the agency's own people.
func (h *Handlers) onStaff(c *fiber.Ctx, step enrolmentStep, notice string) error {
	slug := c.Params("slug")
	if err := mayManageAnAgency(actorOf(c)); err != nil {
		return err
	}
	if err := h.onEnrolment(c, step, func(e enrolment.Enrolment) bool { return e.AgencySlug == slug }); err != nil {
		return err
	}
	return h.done(c, "/agency/"+slug, notice)
}

func (h *Handlers) approveEnrolment(c *fiber.Ctx) error {
	return h.onStaff(c, h.enrolment.Approve, "notice.enrolment_approved")
}

func (h *Handlers) declineEnrolment(c *fiber.Ctx) error {
	return h.onStaff(c, h.enrolment.Decline, "notice.enrolment_declined")
}

func (h *Handlers) agencyCancels(c *fiber.Ctx) error {
	return h.onStaff(c, h.enrolment.Cancel, "notice.enrolment_withdrawn")
}

// zoneOfCountry is the time zone of a country's capital, in which its people
// are told instants; UTC where it is not known.
func zoneOfCountry(country string) string {
	if zone, ok := capitalZones[country]; ok {
		return zone
	}
	return "UTC"
}
