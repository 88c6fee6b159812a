package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/training"
)

const (
	certificatesPath = "/admin/certificates"
	// registerPerPage is how many certificates a page of the register shows.
	registerPerPage = 50
)

// certificateStates are the ways in which a certificate can stand, in the order of
// the choice.
var certificateStates = []string{training.CertificateValid, training.CertificateExpired, training.CertificateReplaced, training.CertificateRevoked}

// AdminCertificatesPage is the register of all certificates, a page of it, and how
// it is narrowed.
type AdminCertificatesPage struct {
	Base
	Number, Holder, Run, State Field
	Rows                       []RegisterRow
	Found                      string
	Filtered                   bool
	Where                      string // which page of how many; empty: there is one
	Earlier, Later             string // addresses; empty: there is none
}

// RegisterRow is one certificate of the register.
type RegisterRow struct {
	Number, Href, Holder string
	Course               CourseName
	Run, Dates           string
	Issued, ValidUntil   string // ValidUntil empty: for good
	State                StatusTag
	Verify               string // address of what everybody sees
	PDF                  string // empty: it is not for handing on
}

func (h *Handlers) adminCertificates(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	page, status := AdminCertificatesPage{Base: h.newBase(c, "")}, fiber.StatusOK
	page.Title = page.T("register.title")
	filter, err := registerFilter(c)
	if fault, ok := invalid(err); ok {
		page.Faults, status = fieldFaults(page.Speaker, fault), statusOf(fault)
	}
	page.fields(filter, c.Query("number"))
	if status == fiber.StatusOK {
		found, err := h.certificates.Register(c.UserContext(), actorOf(c), filter, c.QueryInt("page", 1), registerPerPage)
		if err != nil {
			return err
		}
		page.list(found, filter)
	}
	return h.render(c, status, "admin_certificates", &page)
}

// registerFilter reads how the register is narrowed by the address. A number is
// the whole one: a part of it would find another's.
func registerFilter(c *fiber.Ctx) (certificate.Filter, error) {
	f := certificate.Filter{Holder: strings.TrimSpace(c.Query("holder")), Run: strings.TrimSpace(c.Query("run"))}
	if state := c.Query("state"); slices.Contains(certificateStates, state) {
		f.State = state
	}
	typed := strings.TrimSpace(c.Query("number"))
	if typed == "" {
		return f, nil
	}
	canonical, ok := number.Parse(typed)
	if !ok {
		return f, training.InvalidField("number", "invalid.certificate_number", nil)
	}
	f.Numbers = []string{canonical}
	return f, nil
}

func (p *AdminCertificatesPage) fields(f certificate.Filter, typed string) {
	p.Number = p.Input("number", "register.number", typed, "type", "search", "autocomplete", "off")
	p.Holder = p.Input("holder", "register.holder", f.Holder, "type", "search", "autocomplete", "off")
	p.Run = p.Input("run", "register.run", f.Run, "type", "search", "autocomplete", "off")
	p.State = p.Select("state", "register.state", f.State, p.Choices(certificateStates, "state.", "register.any_state"))
	p.Filtered = typed != "" || registerQuery(f, 0) != ""
}

func (p *AdminCertificatesPage) list(found certificate.ListPage, f certificate.Filter) {
	for _, l := range found.Certificates {
		p.Rows = append(p.Rows, p.registerRow(l))
	}
	p.Found = p.T("agency.found_certificates", "count", found.Total)
	p.Where, p.Earlier, p.Later = p.turning(found.Page, found.Pages, func(n int) string {
		return p.Href(certificatesPath, registerQuery(f, n))
	})
}

func (b *Base) registerRow(l certificate.Listed) RegisterRow {
	row := RegisterRow{Number: l.Number, Href: b.recordHref(l.Number), Holder: l.Holder, Course: b.courseName(l.Titles), Run: l.RunCode,
		Dates: b.DateRangeShort(l.Starts, l.Ends), Issued: b.DateShort(l.IssuedOn), State: b.StateTag(l.State), Verify: b.Href("/verify/", l.Number)}
	if !l.ValidUntil.IsZero() {
		row.ValidUntil = b.T("certificates.valid_until", "date", b.DateShort(l.ValidUntil))
	}
	row.PDF = b.certificateFiles("/admin", l.Holder, l).PDF
	return row
}

// recordHref is the address of a certificate as the secretariat sees it.
func (b *Base) recordHref(number string) string { return b.Href(certificatesPath, "/", number) }

// registerQuery is the filter as the query of an address, of the page that is
// given; 0: of none.
func registerQuery(f certificate.Filter, page int) string {
	values := url.Values{}
	for name, value := range map[string]string{"number": strings.Join(f.Numbers, ""), "holder": f.Holder, "run": f.Run, "state": f.State} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if page > 1 {
		values.Set("page", strconv.Itoa(page))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}
