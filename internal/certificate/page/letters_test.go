package page

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// registerLetters91379 reads the letters that a European register must be able to
// write.
func registerLetters91379(t testing.TB) (single, marked []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/din91379.txt")
	if err != nil {
		t.Fatal(err)
	}
	code := func(s string) rune {
		n, err := strconv.ParseUint(s, 16, 16)
		if err != nil {
			t.Fatalf("testdata/din91379.txt: %v", err)
		}
		return rune(n)
	}
	for row := range strings.Lines(string(text)) {
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		if first, last, ok := strings.Cut(row, "-"); ok {
			for r := code(first); r <= code(last); r++ {
				single = append(single, string(r))
			}
			continue
		}
		letter := ""
		for one := range strings.FieldsSeq(row) {
			letter += string(code(one))
		}
		if utf8.RuneCountInString(letter) == 1 {
			single = append(single, letter)
		} else {
			marked = append(marked, letter)
		}
	}
	return single, marked
}

func TestListOfRegisterLettersIsWhole(t *testing.T) {
	single, marked := registerLetters91379(t)
	if len(single) != 500 || len(marked) != 149 {
		t.Errorf("%d letters and %d sequences, the standard has 500 and 149", len(single), len(marked))
	}
}

// Each letter is drawn and comes back as it was given, in serif and in sans, in
// company and alone; one that could not be would have to stop the page by name.
func TestLettersOfEuropeanRegistersComeBack(t *testing.T) {
	single, marked := registerLetters91379(t)
	all := append(single, marked...)
	for len(all) > 0 {
		const together = 25
		some := all[:min(together, len(all))]
		all = all[len(some):]
		f := sample("de")
		f.Holder = strings.Join(some, " ")
		f.Primary.Facts = nil
		for _, letter := range some[:min(5, len(some))] {
			f.Primary.Facts = append(f.Primary.Facts, Fact{"Name", "n" + letter + "o"})
		}
		pdf, err := Render(f)
		if missing := (MissingGlyphError{}); errors.As(err, &missing) {
			t.Errorf("%q: %v", f.Holder, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text := norm.NFC.String(words(run(t, pdf, "pdftotext", "-raw", "-", "-")))
		for _, letter := range some {
			if !strings.Contains(text, norm.NFC.String(letter)) {
				t.Errorf("%q (%+q) is not in the page's text:\n%s", letter, letter, text)
			}
		}
		for _, fact := range f.Primary.Facts {
			if !strings.Contains(text, norm.NFC.String(fact.Value)) {
				t.Errorf("%q (%+q) is not in the page's text:\n%s", fact.Value, fact.Value, text)
			}
		}
	}
}

// A letter with its marks is as wide as the letter: the glyphs of its marks have
// places, not widths. A j without its dot is as wide as with it.
func TestMarksTakeNoRoom(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*face{fonts.serif, fonts.sans} {
		for letter, glyphs := range f.clusters {
			first, _ := utf8.DecodeRuneInString(letter)
			if len(glyphs) != utf8.RuneCountInString(letter) || glyphs[0].x != 0 || glyphs[0].y != 0 ||
				f.advance(glyphs[0].code) != f.advance(first) || f.advanceAll(letter) != f.advance(first) {
				t.Errorf("%s: %q is drawn as %+v, %d wide", f.family, letter, glyphs, f.advanceAll(letter))
			}
			for _, g := range glyphs {
				if f.smallest[g.code] == 0 {
					t.Errorf("%s lacks %U of %q", f.family, g.code, letter)
				}
			}
		}
	}
}

// TestPicturesOfLettersWithMarks draws the letters that have no code point of
// their own into the folder that VARDE_PICTURES names: whether a mark sits well
// only an eye can tell. Without the folder it sees that they all find room.
func TestPicturesOfLettersWithMarks(t *testing.T) {
	_, marked := registerLetters91379(t)
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	s := sheet{mark: markPlace{side: markSide, baseline: 20}}
	for i, letter := range marked {
		x, y := left+float64(i%14)*17.5, 30+float64(i/14)*12
		s.lines = append(s.lines,
			line{face: fonts.serif, size: 20, colour: ink, x: x, y: y, text: norm.NFC.String(letter)},
			line{face: fonts.sans, size: 12, colour: ink, x: x + 9.5, y: y, text: norm.NFC.String(letter)})
	}
	code, err := newCode(sampleURL)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := paint(sample("de"), fonts, s, code)
	if err != nil {
		t.Fatal(err)
	}
	if folder := os.Getenv("VARDE_PICTURES"); folder != "" {
		toPicture(t, pdf, filepath.Join(folder, "letters"), 110)
	}
}
