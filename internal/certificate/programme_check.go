package certificate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/training"
)

// checkedLook is a look that a page can be drawn with.
type checkedLook struct {
	organisers  string
	signatories []training.Signatory
	logos       [training.MaxLogos]*Logo
}

// longestLine bounds what stands in one line of a certificate, in letters.
const longestLine = 160

func checkLook(now Look, change LookChange) (checkedLook, error) {
	var c checkedLook
	var faults fieldFaults
	c.organisers = faults.line("organisers", change.Organisers)
	for i, given := range change.Signatories {
		if one := faults.signatory(fmt.Sprintf("signatory_%d", i+1), given); one != (training.Signatory{}) {
			c.signatories = append(c.signatories, one)
		}
	}
	for i, side := range []string{"left_logo", "right_logo"} {
		c.logos[i] = faults.logo(side, now.Logos[i], change.Logos[i])
	}
	return c, faults.err()
}

// fieldFaults gathers what is wrong with a form.
type fieldFaults []training.FieldFault

func (f *fieldFaults) add(field, key string, args training.Args) {
	*f = append(*f, training.FieldFault{Field: field, Key: key, Args: args})
}

// line is a text of one line as it can be drawn.
func (f *fieldFaults) line(field, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len([]rune(text)) > longestLine {
		f.add(field, "invalid.too_long", training.Args{"max": longestLine})
	} else if missing, ok := undrawable(text); ok {
		f.add(field, "invalid.letter", training.Args{"letter": readable(missing)})
	}
	return text
}

// signatory is one with a name and a role, or none.
func (f *fieldFaults) signatory(field string, given training.Signatory) training.Signatory {
	one := training.Signatory{Name: f.line(field+"_name", given.Name), Role: f.line(field+"_role", given.Role),
		RoleEnglish: f.line(field+"_role_english", given.RoleEnglish)}
	switch {
	case one == (training.Signatory{}):
	case one.Name == "":
		f.add(field+"_name", "invalid.required", nil)
	case one.Role == "":
		f.add(field+"_role", "invalid.required", nil)
	}
	return one
}

// logo is a picture to put in the place of that which is there, nil for none.
func (f *fieldFaults) logo(field string, now *Logo, given LogoChange) *Logo {
	same := len(given.File) == 0
	if given.Remove || same && now == nil {
		return nil
	}
	alt := f.line(field+"_alt", given.Alt)
	switch {
	case same && (alt == "" || alt == now.Alt):
		return nil
	case same:
		return &Logo{PNG: now.PNG, Alt: alt}
	case alt == "":
		f.add(field+"_alt", "invalid.logo_alt", nil)
	}
	png, err := normalLogo(given.File)
	if err != nil {
		f.add(field, "invalid.logo", nil)
		return nil
	}
	return &Logo{PNG: png, Alt: alt}
}

func (f fieldFaults) err() error {
	return training.Invalid(f)
}

// undrawable finds a letter that no certificate can show, by drawing one.
func undrawable(text string) (rune, bool) {
	if text == "" {
		return 0, false
	}
	words := page.Text{Heading: "-", Course: "-"}
	_, err := page.Render(page.Facts{Lang: "en", Number: "-", VerifyURL: "https://example.org", Holder: "-", IssuedAt: time.Unix(0, 0),
		Issuer: text, Primary: words})
	missing, ok := errors.AsType[page.MissingGlyphError](err)
	return missing.Rune, ok
}
