package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// MissingGlyphError says that a text has something the page cannot draw as it
// should look: a letter the fonts lack, a combining mark that has no known place
// on its letter, a control character, or (Rune U+FFFD) bytes that are no text.
type MissingGlyphError struct {
	Field string // path inside Facts, such as "Holder" or "Primary.Facts[2].Value"
	Rune  rune   // the first one that cannot be drawn
}

func (e MissingGlyphError) Error() string {
	return fmt.Sprintf("certificate text %s has %U, which the page cannot draw", e.Field, e.Rune)
}

// A name has no more letters than people can give one; other texts are bounded so
// that setting them takes no time.
const (
	longestName = 200
	longestText = 3000
)

// Check tells, by setting the page without painting it, why Render would refuse
// its texts and logos.
func Check(f Facts) error {
	fonts, err := loadFonts()
	if err != nil {
		return err
	}
	f, err = prepare(f, fonts)
	if err != nil {
		return err
	}
	logos, err := readLogos(f.Logos)
	if err != nil {
		return err
	}
	_, err = compose(f, fonts, logos)
	return err
}

// prepare returns the facts with every text in normal form C, or the reason why
// they cannot be drawn. gofpdf itself drops letters it does not know and panics
// on some, so nothing may pass here that its fonts lack.
func prepare(f Facts, fonts *fontPair) (Facts, error) {
	if err := checkWhole(f); err != nil {
		return Facts{}, err
	}
	f.IssuedAt = f.IssuedAt.UTC()
	if f.Secondary.absent() {
		f.Secondary = Text{}
	}
	c := checker{fonts: fonts}
	c.text("Number", &f.Number)
	c.text("VerifyURL", &f.VerifyURL)
	c.text("Holder", &f.Holder)
	c.text("Issuer", &f.Issuer)
	f.Signatories = slices.Clone(f.Signatories)
	for i := range f.Signatories {
		c.signatory(fmt.Sprintf("Signatories[%d].", i), &f.Signatories[i])
	}
	c.language("Primary", &f.Primary)
	c.language("Secondary", &f.Secondary)
	if c.err == nil && utf8.RuneCountInString(f.Holder) > longestName {
		c.err = fmt.Errorf("%w: Holder has more than %d letters", ErrTooLong, longestName)
	}
	return f, c.err
}

// checkWhole refuses facts that would make a page no one could check.
func checkWhole(f Facts) error {
	for _, required := range []struct{ field, value string }{
		{"Number", f.Number}, {"Holder", f.Holder}, {"Issuer", f.Issuer},
		{"Primary.Heading", f.Primary.Heading}, {"Primary.Course", f.Primary.Course},
	} {
		if strings.TrimSpace(required.value) == "" {
			return fmt.Errorf("certificate text %s is empty", required.field)
		}
	}
	if f.IssuedAt.IsZero() {
		return errors.New("certificate has no instant of issue")
	}
	if _, err := language.Parse(f.Lang); err != nil {
		return fmt.Errorf("certificate language: %w", err)
	}
	if len(f.Signatories) > mostSignatories {
		return fmt.Errorf("certificate has %d signatories, there is room for %d", len(f.Signatories), mostSignatories)
	}
	return checkAddress(f.VerifyURL)
}

func checkAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("certificate address: %w", err)
	}
	ascii := !slices.ContainsFunc([]byte(address), func(b byte) bool { return b <= ' ' || b > '~' })
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !ascii {
		return fmt.Errorf("certificate address %q is not a full web address in ASCII", address)
	}
	return nil
}

// checker normalises texts until the first that cannot be drawn.
type checker struct {
	fonts *fontPair
	err   error
}

func (c *checker) signatory(name string, s *Signatory) {
	c.text(name+"Name", &s.Name)
	c.text(name+"Role", &s.Role)
	c.text(name+"RoleSecondary", &s.RoleSecondary)
	if c.err == nil && strings.TrimSpace(s.Name) == "" {
		c.err = fmt.Errorf("certificate text %sName is empty", name)
	}
}

func (c *checker) language(name string, t *Text) {
	c.text(name+".Heading", &t.Heading)
	c.text(name+".Awarded", &t.Awarded)
	c.text(name+".Course", &t.Course)
	c.text(name+".Completed", &t.Completed)
	c.text(name+".Signed", &t.Signed)
	c.text(name+".VerifyHint", &t.VerifyHint)
	t.Facts = slices.Clone(t.Facts)
	for i := range t.Facts {
		c.text(fmt.Sprintf("%s.Facts[%d].Label", name, i), &t.Facts[i].Label)
		c.text(fmt.Sprintf("%s.Facts[%d].Value", name, i), &t.Facts[i].Value)
	}
}

func (c *checker) text(field string, s *string) {
	if c.err != nil {
		return
	}
	if utf8.RuneCountInString(*s) > longestText {
		c.err = fmt.Errorf("%w: %s has more than %d letters", ErrTooLong, field, longestText)
		return
	}
	if !utf8.ValidString(*s) {
		c.err = MissingGlyphError{Field: field, Rune: utf8.RuneError}
		return
	}
	*s = norm.NFC.String(*s)
	if r, missing := c.fonts.lacks(*s); missing {
		c.err = MissingGlyphError{Field: field, Rune: r}
	}
}

// lacks gives the first letter or mark of a text that the page cannot draw.
func (p *fontPair) lacks(text string) (rune, bool) {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !p.draws(r) {
			return r, true
		}
		if end := markedLetter(text[i:]); end > 0 {
			if _, placed := p.serif.clusters[text[i:i+end]]; !placed {
				r, _ = utf8.DecodeRuneInString(text[i+n:])
				return r, true
			}
			n = end
		}
		i += n
	}
	return 0, false
}
