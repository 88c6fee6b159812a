package page

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestWhatCannotBeDrawnIsNamed(t *testing.T) {
	holder := func(s string) func(*Facts) { return func(f *Facts) { f.Holder = s } }
	for name, c := range map[string]struct {
		change func(*Facts)
		field  string
		r      rune
	}{
		"emoji":                    {holder("Anna 🔥 Whitfield"), "Holder", '🔥'},
		"emoji of the basic plane": {holder("Anna ☺ Whitfield"), "Holder", '☺'},
		"mark without a letter":    {holder("\u0301Anna"), "Holder", '\u0301'},
		"mark that does not merge": {holder("Q\u0302guyen"), "Holder", '\u0302'},
		"second mark on a letter":  {holder("Kq\u0323\u0308rl"), "Holder", '\u0323'},
		"cyrillic stress mark":     {holder("Ю\u0301рий"), "Holder", '\u0301'},
		"new line":                 {holder("Anna\nWhitfield"), "Holder", '\n'},
		"tab":                      {holder("Anna\tWhitfield"), "Holder", '\t'},
		"null":                     {holder("Anna\x00"), "Holder", 0},
		"soft hyphen":              {holder("Whit\u00ADfield"), "Holder", '\u00AD'},
		"zero-width joiner":        {holder("Anna\u200D"), "Holder", '\u200D'},
		"right-to-left override":   {holder("\u202EannA"), "Holder", '\u202E'},
		"byte order mark":          {holder("\uFEFFAnna"), "Holder", '\uFEFF'},
		"chinese":                  {holder("李小龙"), "Holder", '李'},
		"private use":              {holder("\uE000"), "Holder", '\uE000'},
		"broken UTF-8":             {holder("Anna \xC5"), "Holder", utf8.RuneError},
		"surrogate in UTF-8":       {holder("\xED\xA0\x80"), "Holder", utf8.RuneError},
		"replacement character":    {holder("Anna \uFFFD"), "Holder", utf8.RuneError},
		"number":                   {func(f *Facts) { f.Number = "7K3M\u2060" }, "Number", '\u2060'},
		"issuer":                   {func(f *Facts) { f.Issuer = "防災" }, "Issuer", '防'},
		"heading":                  {func(f *Facts) { f.Primary.Heading = "Tunnistus ✓" }, "Primary.Heading", '✓'},
		"awarded":                  {func(f *Facts) { f.Primary.Awarded = "→" }, "Primary.Awarded", '→'},
		"course":                   {func(f *Facts) { f.Primary.Course = "消火" }, "Primary.Course", '消'},
		"completed":                {func(f *Facts) { f.Primary.Completed = "a\u0007" }, "Primary.Completed", '\a'},
		"signed":                   {func(f *Facts) { f.Secondary.Signed = "x\u0328\u0328" }, "Secondary.Signed", '\u0328'},
		"hint":                     {func(f *Facts) { f.Secondary.VerifyHint = "𝔄" }, "Secondary.VerifyHint", '𝔄'},
		"label":                    {func(f *Facts) { f.Primary.Facts = []Fact{{"Ort", "A"}, {"שם", "B"}} }, "Primary.Facts[1].Label", 'ש'},
		"value of second language": {func(f *Facts) { f.Secondary.Facts = []Fact{{"Place", "قطر"}} }, "Secondary.Facts[0].Value", 'ق'},
	} {
		t.Run(name, func(t *testing.T) {
			f := sample("et")
			c.change(&f)
			pdf, err := Render(f)
			var missing MissingGlyphError
			if !errors.As(err, &missing) {
				t.Fatalf("Render gave error %v, want a MissingGlyphError", err)
			}
			if want := (MissingGlyphError{Field: c.field, Rune: c.r}); missing != want {
				t.Errorf("Render gave %v, want %v", missing, want)
			}
			if pdf != nil {
				t.Error("Render gave a page together with the error")
			}
			if checked := Check(f); !errors.Is(checked, missing) {
				t.Errorf("Check gave %v, Render %v", checked, err)
			}
		})
	}
}

func TestUncheckableFactsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Facts){
		"no holder":            func(f *Facts) { f.Holder = "" },
		"holder of spaces":     func(f *Facts) { f.Holder = "  \u00A0" },
		"no number":            func(f *Facts) { f.Number = "" },
		"no issuer":            func(f *Facts) { f.Issuer = "" },
		"no heading":           func(f *Facts) { f.Primary.Heading = "" },
		"no course":            func(f *Facts) { f.Primary.Course = "" },
		"no instant":           func(f *Facts) { f.IssuedAt = time.Time{} },
		"no language":          func(f *Facts) { f.Lang = "" },
		"language with syntax": func(f *Facts) { f.Lang = "en) /OpenAction (x" },
		"no address":           func(f *Facts) { f.VerifyURL = "" },
		"half an address":      func(f *Facts) { f.VerifyURL = "/verify/7K3M" },
		"another scheme":       func(f *Facts) { f.VerifyURL = "javascript:alert(1)" },
		"address beyond ASCII": func(f *Facts) { f.VerifyURL = "https://varde.example/pārbaudīt" },
		"address with a space": func(f *Facts) { f.VerifyURL = "https://varde.example/verify 7" },
		"endless address":      func(f *Facts) { f.VerifyURL = "https://varde.example/" + strings.Repeat("a", 4000) },
	} {
		t.Run(name, func(t *testing.T) {
			f := sample("fi")
			change(&f)
			if pdf, err := Render(f); err == nil || pdf != nil {
				t.Errorf("Render gave %d bytes and error %v, want an error alone", len(pdf), err)
			}
		})
	}
}

func TestCheckAnswersAsRenderDoes(t *testing.T) {
	long, spoiled := sample("de"), sample("de")
	long.Primary.Course = filler(2900, 8)
	spoiled.Logos[0] = Logo{PNG: []byte("no picture"), Alt: "lamp"}
	for name, f := range map[string]Facts{"sound": sample("de"), "too long": long, "bad logo": spoiled} {
		_, err := Render(f)
		if checked := Check(f); fmt.Sprint(checked) != fmt.Sprint(err) || (err == nil) != (name == "sound") {
			t.Errorf("%s: Check gave %v, Render %v", name, checked, err)
		}
	}
}

// What the checks would let pass by mistake must not take the process down.
func TestPanicWhileDrawingIsAnError(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	unchecked := sheet{lines: []line{{face: fonts.sans, size: 12, text: "🔥"}}}
	if pdf, err := paint(sample("en"), fonts, unchecked, code{modules: 21}); err == nil || pdf != nil {
		t.Errorf("paint gave %d bytes and error %v, want an error alone", len(pdf), err)
	}
}
