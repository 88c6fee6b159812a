package page

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func readFile(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever people call themselves and their courses, a page or a clear answer.
func FuzzRender(f *testing.F) {
	logo := roundLogo(f, 20)
	for _, name := range append([]string{
		"", " ", "\xff", "🔥", "a\u0301", "\u0344", "\u1100\u1161", strings.Repeat("W", 500), strings.Repeat("i", 300),
		"Anna\x00Whitfield", "Anna\r\nWhitfield", "\u202EannA", "\u200FA\u200E", "שרה כהן", "L\u0325\u0304", "K\u035FH", "K\u035F",
		"\u0301", "A\u030B\u030B", strings.Repeat("M\u0310", 100), "-\u2010–/", "\u00A0", "(\\)", eightyLetters,
	}, registerNames...) {
		f.Add(name, name, name, uint8(len(name)), logo)
	}
	f.Add("A", strings.Repeat("Ж ", 200), strings.Repeat("m", 200), uint8(255), logo[:30])
	f.Fuzz(func(t *testing.T, holder, course, value string, shape uint8, picture []byte) {
		facts := sample("ru")
		facts.Holder, facts.Primary.Course = holder, course
		facts.Primary.Facts = []Fact{{value, holder}, {course, value}}
		facts.Secondary.Facts = facts.Primary.Facts[:shape%3]
		facts.Secondary.Course = value
		facts.Signatories = []Signatory{{holder, value, course}, {value, holder, ""}}[:shape/3%3]
		if shape&0x40 != 0 {
			facts.Logos[shape>>7].PNG = picture
		}
		facts.IssuedAt = time.Unix(int64(shape), 0)
		pdf, err := Render(facts)
		if (err == nil) != (len(pdf) > 0) {
			t.Errorf("Render gave %d bytes and error %v", len(pdf), err)
		}
		if err != nil && strings.Contains(err.Error(), "draw certificate") {
			t.Errorf("what the checks let pass could not be drawn: %v", err)
		}
		if len([]rune(holder)) > longestName && err == nil {
			t.Errorf("a name of %d letters was drawn", len([]rune(holder)))
		}
	})
}

func TestNamesNoPageCanHoldHaveAClearAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		holder string
		short  bool
	}{
		"three hundred letters":   {strings.Repeat("Ж", 300), false},
		"three hundred in words":  {filler(300, 9), false},
		"two hundred in words":    {filler(200, 9), true},
		"two hundred in one word": {strings.Repeat("m", 200), true},
		"eighty":                  {eightyLetters, true},
	} {
		f := crowded(t)
		f.Holder = c.holder
		_, err := Render(f)
		if c.short && err != nil || !c.short && !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: Render gave %v", name, err)
		}
	}
}
