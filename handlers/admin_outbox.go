package handlers

import (
	"html/template"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/mail"
)

// OutboxPage shows the mails as their readers get them.
type OutboxPage struct {
	Base
	Out   bool // mails leave the house
	Mails []OutboxMail
}

// OutboxMail is one mail.
type OutboxMail struct {
	To, Lang, Subject string // Lang is empty where it is that of the page
	At, Status        string
	State             string // of the status: "confirmed", "pending" or "failed"
	Icon              template.HTML
	Paragraphs        [][]MailPiece
}

// MailPiece is a piece of a mail's text: words, a link or the end of a line.
type MailPiece struct {
	Text string
	Link bool
	Ends bool // the line ends after it
}

// mostMails is how many mails the outbox shows, the newest first.
const mostMails = 100

func (h *Handlers) adminOutbox(c *fiber.Ctx) error {
	mails, err := h.mail.List(c.UserContext(), actorOf(c), mostMails)
	if err != nil {
		return err
	}
	page := OutboxPage{Base: h.newBase(c, ""), Out: h.mail.Out()}
	page.Title = page.T("admin.outbox_title")
	zone := zoneOfCountry(page.Viewer.Country)
	for _, m := range mails {
		page.Mails = append(page.Mails, page.mail(m, zone))
	}
	return h.render(c, fiber.StatusOK, "admin_outbox", &page)
}

func (p *OutboxPage) mail(m mail.Kept, zone string) OutboxMail {
	shown := OutboxMail{To: m.To, Lang: m.Lang, Subject: m.Subject, At: p.Instant(m.At, zone), Paragraphs: paragraphs(m.Body)}
	if m.Lang == p.Lang() {
		shown.Lang = ""
	}
	switch {
	case !m.SentAt.IsZero():
		shown.State, shown.Status, shown.Icon = "confirmed", p.T("admin.mail_sent"), p.Icon("confirmed")
	case m.GivenUp:
		shown.State, shown.Status, shown.Icon = "failed", p.T("admin.mail_given_up"), p.Icon("error")
	case !p.Out:
		shown.State, shown.Status, shown.Icon = "pending", p.T("admin.mail_kept"), p.Icon("email")
	default:
		shown.State, shown.Status, shown.Icon = "pending", p.T("admin.mail_waiting"), p.Icon("pending")
	}
	return shown
}

// address is a web address in a text; the punctuation after it is the text's.
var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)]`)

// paragraphs cuts a mail into paragraphs, and these into pieces.
func paragraphs(body string) [][]MailPiece {
	var all [][]MailPiece
	for text := range strings.SplitSeq(strings.TrimSpace(body), "\n\n") {
		var pieces []MailPiece
		for line := range strings.SplitSeq(text, "\n") {
			pieces = append(pieces, linePieces(line)...)
		}
		all = append(all, pieces)
	}
	return all
}

func linePieces(line string) []MailPiece {
	var pieces []MailPiece
	at := 0
	for _, found := range address.FindAllStringIndex(line, -1) {
		pieces = append(pieces, MailPiece{Text: line[at:found[0]]}, MailPiece{Text: line[found[0]:found[1]], Link: true})
		at = found[1]
	}
	pieces = append(pieces, MailPiece{Text: line[at:], Ends: true})
	return slices.DeleteFunc(pieces, func(p MailPiece) bool { return p.Text == "" && !p.Ends })
}
