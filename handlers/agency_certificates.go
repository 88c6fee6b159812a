package handlers

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

const (
	// lapsingWithin is how many days before it lapses a certificate is spoken of.
	lapsingWithin = 90
	// mostDays bounds how far ahead may be asked for, in days.
	mostDays = 10_000
	// certificatesPerPage is how many certificates of an agency a page shows.
	certificatesPerPage = 100
)

// AgencyCertificates are the certificates of an agency, a page of them, and how
// they are narrowed and taken along.
type AgencyCertificates struct {
	Rows                               []StaffCertificate
	Found                              string
	Course, From, To, Holder, Expiring Field
	Filtered                           bool
	All                                string // address of the list without filters
	Where                              string // which page of how many; empty: there is one
	Earlier, Later                     string // addresses; empty: there is none
	Archive                            string // address of all that are found as one file; empty: there are none
	ArchiveSize                        string // how many files are in it
	Progress                           string // address under which a download says how far it is
}

// StaffCertificate is a certificate of somebody who serves the agency.
type StaffCertificate struct {
	Number, Holder, Issued string
	Course                 CourseName
	State                  StatusTag
	ValidUntil             string // empty: for good
	Files                  CertificateFiles
}

// CertificateFiles are the files of one certificate. The partial
// "certificatefiles" draws it.
type CertificateFiles struct {
	Of        string // what tells it from others: a holder, or a course
	PDF       string // address; empty: it is not for handing on
	Languages []LanguageLink
	Badge     string
}

// certificateFiles are the files under an address: those of a certificate that was
// revoked or replaced are not for handing on.
func (b *Base) certificateFiles(under, of string, l certificate.Listed) CertificateFiles {
	files := CertificateFiles{Of: of}
	if l.State != training.CertificateValid && l.State != training.CertificateExpired {
		return files
	}
	files.PDF, files.Badge = b.Href(under, "/certificates/", l.Number, ".pdf"), b.Href(under, "/certificates/", l.Number, ".badge.jwt")
	for _, lang := range languageOrder {
		files.Languages = append(files.Languages, LanguageLink{Lang: lang, Name: autonym(lang), Href: files.PDF + "?lang=" + lang})
	}
	return files
}

// certificateFilter reads how a list of certificates is narrowed by the address.
func certificateFilter(c *fiber.Ctx) (certificate.Filter, error) {
	f := certificate.Filter{Course: c.Query("course"), Holder: strings.TrimSpace(c.Query("holder"))}
	var faults []training.FieldFault
	for name, day := range map[string]*training.Date{"from": &f.From, "to": &f.To} {
		if c.Query(name) == "" {
			continue
		}
		parsed, err := training.ParseDate(c.Query(name))
		if err != nil {
			faults = append(faults, training.FieldFault{Field: name, Key: "invalid.date"})
		}
		*day = parsed
	}
	if days := c.Query("expiring"); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < 1 || n > mostDays {
			faults = append(faults, training.FieldFault{Field: "expiring", Key: "invalid.between", Args: training.Args{"min": 1, "max": mostDays}})
			n = 0
		}
		f.Expiring = n
	}
	slices.SortFunc(faults, func(a, b training.FieldFault) int { return cmp.Compare(a.Field, b.Field) })
	return f, training.Invalid(faults)
}

// toManagers is what is wrong with a question about the agency of the address, for
// those who manage it. All others are told that they do not, whatever they asked.
func (h *Handlers) toManagers(c *fiber.Ctx, wrong error) error {
	if wrong == nil {
		return nil // whoever answers the question asks for the right to it
	}
	if err := h.certificates.Manages(c.UserContext(), actorOf(c), c.Params("slug")); err != nil {
		return err
	}
	return wrong
}

// certificateQuery is the filter as the query of an address, of the page that is
// given; 0: of none.
func certificateQuery(f certificate.Filter, page int) string {
	values := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			values.Set(name, value)
		}
	}
	set("course", f.Course, f.Course != "")
	set("from", f.From.String(), !f.From.IsZero())
	set("to", f.To.String(), !f.To.IsZero())
	set("holder", f.Holder, f.Holder != "")
	set("expiring", strconv.Itoa(f.Expiring), f.Expiring > 0)
	set("page", strconv.Itoa(page), page > 1)
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

func (v agencyView) lapsingHref() string {
	return v.Href("/agency/", v.Slug, certificateQuery(certificate.Filter{Expiring: lapsingWithin}, 0), "#certificates")
}

// filterCertificates gives the status of the page: what cannot be asked for is
// told at its field.
func (h *Handlers) filterCertificates(c *fiber.Ctx, v agencyView, courses []certificate.OfCourse, fault *training.Fault) (int, error) {
	status, list := fiber.StatusOK, &v.Certificates
	filter, err := certificateFilter(c)
	if wrong, ok := invalid(err); ok {
		fault = wrong
	}
	if fault != nil {
		v.Faults, status = fieldFaults(v.Speaker, fault), statusOf(fault)
	}
	list.Course = v.Select("course", "agency.filter_course", filter.Course, v.courseOptions(courses))
	list.From = v.Input("from", "agency.filter_from", c.Query("from"), "type", "date")
	list.To = v.Input("to", "agency.filter_to", c.Query("to"), "type", "date")
	list.Holder = v.Input("holder", "agency.filter_holder", c.Query("holder"), "type", "search", "autocomplete", "off")
	list.Expiring = v.Select("expiring", "agency.filter_expiring", c.Query("expiring"), v.expiringOptions(filter.Expiring))
	found, err := h.certificates.OfAgencyPage(c.UserContext(), actorOf(c), v.Slug, filter, c.QueryInt("page", 1), certificatesPerPage)
	if err != nil {
		return 0, err
	}
	for _, cert := range found.Certificates {
		list.Rows = append(list.Rows, v.certificate(cert))
	}
	list.Found = v.T("agency.found_certificates", "count", found.Total)
	if list.Filtered = certificateQuery(filter, 0) != ""; list.Filtered {
		list.All = v.Href("/agency/", v.Slug, "#certificates")
	}
	list.Where, list.Earlier, list.Later = v.turning(found.Page, found.Pages, func(n int) string {
		return v.Href("/agency/", v.Slug, certificateQuery(filter, n), "#certificates")
	})
	if found.Total > 0 {
		list.Archive = v.Href("/agency/", v.Slug, "/certificates.zip", certificateQuery(filter, 0))
		list.ArchiveSize = v.T("agency.archive_size", "count", found.Total)
		list.Progress = v.Href("/agency/", v.Slug, "/certificates/progress/")
	}
	return status, nil
}

func (v agencyView) certificate(cert certificate.Listed) StaffCertificate {
	row := StaffCertificate{
		Number: cert.Number, Holder: cert.Holder, Course: v.courseName(cert.Titles), State: v.StateTag(cert.State),
		Issued: v.DateShort(cert.IssuedOn), Files: v.certificateFiles("/agency/"+v.Slug, cert.Holder, cert),
	}
	if !cert.ValidUntil.IsZero() {
		row.ValidUntil = v.T("certificates.valid_until", "date", v.DateShort(cert.ValidUntil))
	}
	return row
}

// courseOptions are the courses that the agency has certificates of.
func (v agencyView) courseOptions(courses []certificate.OfCourse) []OptionGroup {
	var options []Option
	for _, course := range courses {
		name := v.courseName(course.Titles)
		options = append(options, Option{course.Slug, name.Text, name.Lang})
	}
	slices.SortFunc(options, func(a, b Option) int {
		return cmp.Or(v.CLDR().Compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
	})
	return []OptionGroup{{Options: append([]Option{{Label: v.T("agency.any_course")}}, options...)}}
}

// expiringOptions are the times ahead that can be chosen, and the one that an
// address asks for beside them.
func (v agencyView) expiringOptions(asked int) []OptionGroup {
	days := []int{30, lapsingWithin, 180}
	if asked > 0 && !slices.Contains(days, asked) {
		days = append(days, asked)
		slices.Sort(days)
	}
	options := []Option{{Label: v.T("agency.any_expiry")}}
	for _, n := range days {
		options = append(options, Option{Value: strconv.Itoa(n), Label: v.T("agency.expiring_within", "count", n)})
	}
	return []OptionGroup{{Options: options}}
}
