package page

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// box is the room a line takes: from the top of an accented capital to the foot
// of a letter with a tail.
func box(l line) area {
	em := l.size * mmPerPoint
	return area{l.x, l.y - 0.8*em, l.width(), 1.02 * em}
}

func overlap(a, b area) bool {
	return a.x < b.x+b.width && b.x < a.x+a.width && a.y < b.y+b.height && b.y < a.y+a.height
}

func mustLogos(t *testing.T, f Facts) [2]*placedPicture {
	t.Helper()
	logos, err := readLogos(f.Logos)
	if err != nil {
		t.Fatalf("readLogos: %v", err)
	}
	return logos
}

func checkSheet(t *testing.T, f Facts) {
	t.Helper()
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	s, err := compose(f, fonts, mustLogos(t, f))
	if err != nil {
		t.Fatalf("compose: %v", err)
	}
	taken := []area{{codeX, codeY, codeSize, codeSize}, s.mark.area()}
	for _, p := range s.pictures {
		if p.at.width > logoWidth+0.01 || p.at.height > logoHeight+0.01 {
			t.Errorf("a logo takes %.1f by %.1f mm", p.at.width, p.at.height)
		}
		taken = append(taken, p.at)
	}
	for i, one := range taken {
		for _, other := range taken[:i] {
			if overlap(one, other) {
				t.Errorf("%+v lies over %+v", one, other)
			}
		}
	}
	for _, l := range s.lines {
		b := box(l)
		if b.x < left-0.01 || b.x+b.width > right+0.01 || b.y < 2*frameInset || b.y+b.height > pageHeight-2*frameInset+0.01 {
			t.Errorf("%q leaves the page's margins: %+v", l.text, b)
		}
		if l.size < smallestType {
			t.Errorf("%q is set in %.1f points, too small to read", l.text, l.size)
		}
		if slices.ContainsFunc(taken, func(other area) bool { return overlap(b, other) }) {
			t.Errorf("%q lies over something else: %+v", l.text, b)
		}
		taken = append(taken, b)
	}
}

// filler is a text of n letters in words of wordLength.
func filler(n, wordLength int) string {
	word := string([]rune(strings.Repeat("mø", wordLength))[:wordLength])
	letters := []rune(strings.Repeat(word+" ", n))
	return strings.TrimSpace(string(letters[:n]))
}

func TestNothingLiesOverAnythingElse(t *testing.T) {
	for lang := range sampleText {
		checkSheet(t, sample(lang))
	}
	logos := dressed(t, "ru", 2, 2).Logos
	for _, nameLength := range []int{1, 20, 45, 60, 80} {
		for _, titleLength := range []int{1, 60, 110, 200} {
			for _, wordLength := range []int{1, 6, 19, 75} {
				f := sample("ru")
				f.Holder = filler(nameLength, wordLength)
				f.Primary.Course = filler(titleLength, wordLength)
				f.Secondary.Course = filler(titleLength, max(1, wordLength/2))
				checkSheet(t, f)
				f.Signatories = sampleSignatories
				f.Logos = logos
				checkSheet(t, f)
			}
		}
	}
}

func TestAnyNumberOfFactsFindsRoom(t *testing.T) {
	for n := range 13 {
		f := sample("pl")
		all := slices.Concat(f.Primary.Facts, f.Primary.Facts)
		f.Primary.Facts = all[:n]
		checkSheet(t, f)
		f.Primary.Facts = slices.Clone(f.Primary.Facts)
		for i := range f.Primary.Facts {
			f.Primary.Facts[i] = Fact{filler(40, 9), filler(70, 9)}
		}
		checkSheet(t, f)
	}
}

func TestTextWithoutRoomIsRefused(t *testing.T) {
	f := sample("de")
	f.Primary.Course = filler(6000, 8)
	if _, err := Render(f); !errors.Is(err, ErrTooLong) {
		t.Errorf("Render of a title of 6000 letters gave error %v, want ErrTooLong", err)
	}
}

func TestLongNamesAndTitlesKeepTheirWords(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text  string
		width float64
		want  []string
	}{
		"short":               {"Riga", 50, []string{"Riga"}},
		"between words":       {"aaaa bbbb cccc", 25, []string{"aaaa bbbb", "cccc"}},
		"not before a dot":    {"aaaa · bbbb", 12, []string{"aaaa ·", "bbbb"}},
		"not at a hyphen":     {"aaaa b-bbb", 16, []string{"aaaa", "b-bbb"}},
		"long word at hyphen": {"aaaaaa-bbbbbb", 20, []string{"aaaaaa-", "bbbbbb"}},
		"long word cut":       {"aaaaaaaa", 10, []string{"aaaa", "aaaa"}},
		"no-break space kept": {"aaaa 12\u00A0May", 20, []string{"aaaa", "12\u00A0May"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := fonts.sans.wrap(c.text, 12, c.width, false)
			if !slices.Equal(got, c.want) {
				t.Errorf("wrap gave %q, want %q", got, c.want)
			}
		})
	}
}

func TestEvenLinesLeaveNoWordAlone(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	const title = "Cross-border firefighting on board ships in the Baltic"
	greedy := fonts.serif.wrap(title, 20, 160, false)
	even := fonts.serif.wrap(title, 20, 160, true)
	if len(greedy) != 2 || len(even) != 2 {
		t.Fatalf("title took %d and %d lines, want 2", len(greedy), len(even))
	}
	if strings.Join(even, " ") != title {
		t.Errorf("even lines lost something: %q", even)
	}
	if short, long := fonts.serif.width(even[1], 20), fonts.serif.width(even[0], 20); short < 0.7*long {
		t.Errorf("lines of %.0f and %.0f mm are not even: %q", long, short, even)
	}
}

func TestWhatBothLanguagesSayAlikeIsSaidOnce(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	f := sample("sv")
	f.Secondary.Course = f.Primary.Course
	s, err := compose(f, fonts, mustLogos(t, f))
	if err != nil {
		t.Fatal(err)
	}
	for _, once := range []string{"SHIP-07", f.Primary.Course} {
		n := 0
		for _, l := range s.lines {
			if l.text == once {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q is on the page %d times, want once", once, n)
		}
	}
}

func TestSecondLanguageWithoutHeadingAndCourseIsNone(t *testing.T) {
	plain, half := sample("en"), sample("en")
	half.Secondary = Text{Signed: "Utfärdat", Facts: []Fact{{"Datum", "12 maj"}}}
	if !bytes.Equal(mustRender(t, plain), mustRender(t, half)) {
		t.Error("parts of a second language are on a page of one language")
	}
}
