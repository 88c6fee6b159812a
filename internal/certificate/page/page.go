// Package page draws the one page of a certificate as a PDF. It owns the
// layout, the fonts and every word spoken to gofpdf; it looks nothing up,
// translates nothing, signs nothing and stores nothing.
package page

import (
	"errors"
	"time"
)

// Layout names the layout and the fonts that pages are drawn with. Whoever changes what
// is drawn for the same facts counts it up. Each file names the one it was drawn with.
const Layout = "2"

// ErrTooLong is returned for texts that would not fit one page at a size a
// person can still read.
var ErrTooLong = errors.New("certificate text does not fit one page")

// Facts are what one certificate says, already in words of the page's two
// languages. The same Facts always give the same bytes.
type Facts struct {
	// Lang is the holder's language, a BCP 47 tag of the twelve.
	Lang string
	// Number is the certificate's number as printed, with its hyphens.
	Number string
	// VerifyURL is the full http or https address, ASCII alone, for the QR code
	// and for the text beside it.
	VerifyURL string
	// IssuedAt is the instant of issue. It becomes the PDF's creation and
	// modification date in UTC and is never printed: dates on the page are words.
	IssuedAt time.Time
	// Primary is the text in the holder's language; Secondary is set small
	// beneath it. A Secondary without Heading and Course counts as none: the page
	// has one language only.
	Primary, Secondary Text
	// Holder is the name as the person writes it.
	Holder string
	// Issuer is the line of the organiser's names.
	Issuer string
	// Logos are the organisers', left and right above the heading. One without PNG
	// is none.
	Logos [2]Logo
	// Signatories are those who answer for the certificate, at most two.
	Signatories []Signatory
	// Attachments travel inside the file. Their names must differ.
	Attachments []Attachment
}

// Logo is a picture of an organiser.
type Logo struct {
	PNG []byte // 8 bits a channel with or without alpha; at most 800 pixels wide and high
	Alt string // what it shows, for those who do not see it
}

// Signatory is a person named at the foot of the page, with room to sign above.
type Signatory struct {
	Name string
	Role string // in the holder's language
	// RoleSecondary is set small beneath; empty, or as Role: nothing is.
	RoleSecondary string
}

// Attachment is a file inside the PDF, such as the badge.
type Attachment struct {
	Name        string // of the file: ASCII letters, digits, dots, hyphens, underscores
	MIME        string
	Description string
	Bytes       []byte // at most 1 MiB
}

// Text are the sentences of one language, each complete in itself. An empty
// sentence is left out of the page.
type Text struct {
	Heading    string // "Certificate of completion"
	Awarded    string // "This certificate is awarded to", above the name
	Course     string // the course's title
	CourseLang string // language of Course, BCP 47; not drawn
	Completed  string // "has completed the course", between name and title
	Facts      []Fact // in the order of the page
	Signed     string // "Issued by … on 12 May 2027"
	VerifyHint string // "Check this certificate at", above number and address
}

// Fact is one labelled value, such as Dates or Place. The n-th fact of the
// secondary text is set beneath the n-th of the primary.
type Fact struct{ Label, Value string }

// absent reports whether a page has no text in this language.
func (t Text) absent() bool { return t.Heading == "" && t.Course == "" }

// Render draws the certificate on one A4 page, landscape, and returns the PDF.
//
// A text that cannot be drawn letter by letter gives a MissingGlyphError naming
// its field; texts that leave no room for themselves give ErrTooLong, a logo that is
// no sound picture ErrLogo. Nothing is ever left out in silence. Safe for use by several goroutines at once.
func Render(f Facts) ([]byte, error) {
	fonts, err := loadFonts()
	if err != nil {
		return nil, err
	}
	f, err = prepare(f, fonts)
	if err != nil {
		return nil, err
	}
	code, err := newCode(f.VerifyURL)
	if err != nil {
		return nil, err
	}
	logos, err := readLogos(f.Logos)
	if err != nil {
		return nil, err
	}
	sheet, err := compose(f, fonts, logos)
	if err != nil {
		return nil, err
	}
	return paint(f, fonts, sheet, code)
}
