package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// ImportPage takes a catalogue and tells what became of it.
type ImportPage struct {
	Base
	Done    []string // what an import did; empty: none yet
	Kept    []KeptText
	Refused []string // what is wrong with the file, each with record and field
}

// KeptText is a text that an import left as it was edited in Varde.
type KeptText struct {
	Course     CourseName
	Code, What string
	Href       string // where it can be looked at and changed
}

func (h *Handlers) importForm(c *fiber.Ctx) error { return h.showImport(c, nil, nil) }

func (h *Handlers) importCourses(c *fiber.Ctx) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	sent, err := c.FormFile("file")
	if errors.Is(err, fasthttp.ErrMissingFile) || errors.Is(err, fasthttp.ErrNoMultipartForm) || err == nil && sent.Size == 0 {
		return h.showImport(c, nil, training.InvalidField("file", "invalid.choose_file", nil))
	}
	if err != nil {
		return &training.Fault{Kind: training.KindInvalid, Unreadable: true, Key: "fault.unreadable", Cause: err}
	}
	file, err := sent.Open()
	if err != nil {
		return fmt.Errorf("open the file that was sent: %w", err)
	}
	defer file.Close()
	var options []catalogue.ImportOption
	if c.FormValue("overwrite") != "" {
		options = append(options, catalogue.Overwrite)
	}
	result, err := h.catalogue.Import(c.UserContext(), actorOf(c), file, options...)
	if err != nil {
		return h.showImport(c, nil, err)
	}
	return h.showImport(c, &result, nil)
}

// showImport shows the form, with what an import did or why it was refused. An
// import is not sent on to another page: its figures would be lost, and to send
// it again changes nothing.
func (h *Handlers) showImport(c *fiber.Ctx, result *catalogue.ImportResult, failure error) error {
	if err := mayAdminister(c); err != nil {
		return err
	}
	page, status := ImportPage{Base: h.newBase(c, "")}, fiber.StatusOK
	page.Title = page.T("admin.import_title")
	if result != nil {
		page.Done = []string{
			page.T("admin.import_added", "count", result.Added), page.T("admin.import_changed", "count", result.Changed),
			page.T("admin.import_unchanged", "count", result.Unchanged),
		}
		var err error
		if page.Kept, err = h.keptTexts(c, &page.Base, result.Kept); err != nil {
			return err
		}
	}
	fault, known := training.AsFault(failure)
	switch {
	case failure == nil:
	case known && fault.Kind == training.KindTooLarge:
		page.Faults, status = []FieldFault{{Field: "file", Text: sentence(page.Speaker, fault)}}, statusOf(fault)
	case known && fault.Kind == training.KindInvalid:
		page.refuse(fault)
		status = fiber.StatusUnprocessableEntity
	default:
		return failure
	}
	return h.render(c, status, "admin_import", &page)
}

func (h *Handlers) keptTexts(c *fiber.Ctx, b *Base, kept []catalogue.Kept) ([]KeptText, error) {
	list := make([]KeptText, len(kept))
	for i, k := range kept {
		course, err := h.catalogue.BySlug(c.UserContext(), k.Slug)
		if err != nil {
			return nil, err
		}
		list[i] = KeptText{Course: b.courseTitle(course), Code: k.Code, Href: b.textsHref(k.Slug, k.Lang),
			What: b.T("texts.kept_what", "text", b.T(textLabels[k.Kind]), "language", b.spokenLanguage(k.Lang))}
	}
	return list, nil
}

// refuse tells at the one field of the form that the file was refused, and what
// is wrong with it in a list. A form without a file has no such list.
func (p *ImportPage) refuse(fault *training.Fault) {
	details := fieldFaults(p.Speaker, fault)
	if fault.Key == "" {
		p.Faults = details
		return
	}
	p.Faults = []FieldFault{{Field: "file", Text: sentence(p.Speaker, fault)}}
	for _, d := range details {
		p.Refused = append(p.Refused, d.Text)
	}
}
