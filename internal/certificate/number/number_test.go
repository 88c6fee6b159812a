package number

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func mustNew(t testing.TB) string {
	t.Helper()
	n, err := New(rand.Reader)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return n
}

func TestNewNumbersAreReadableAndDifferent(t *testing.T) {
	printed := regexp.MustCompile(`^[2-9A-HJKMNP-Z]{4}(-[2-9A-HJKMNP-Z]{4}){3}$`)
	seen := map[string]bool{}
	for range 5000 {
		n := mustNew(t)
		if !printed.MatchString(n) {
			t.Fatalf("number %q is not four groups of four unmistakable characters", n)
		}
		if seen[n] {
			t.Fatalf("number %q was drawn twice", n)
		}
		seen[n] = true
		if got, ok := Parse(n); !ok || got != n {
			t.Fatalf("Parse(%q) gave %q, %v", n, got, ok)
		}
	}
}

func TestNumbersCarryAtLeastSeventyBits(t *testing.T) {
	if bits := randomLength * math.Log2(float64(len(alphabet))); bits < 70 {
		t.Errorf("a number carries %.1f random bits, want 70", bits)
	}
	// Every character must be equally likely at every place, or the bits above
	// are fewer than counted. 31 sources of one repeated value reach each.
	for v := range len(alphabet) {
		n, err := New(bytes.NewReader(bytes.Repeat([]byte{byte(v) | 0xE0}, length)))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat(string(alphabet[v]), randomLength)
		if got := strings.ReplaceAll(n, "-", "")[:randomLength]; got != want {
			t.Errorf("byte value %d gave %q, want %q", v, got, want)
		}
	}
	skipped := append(bytes.Repeat([]byte{0x1F, 0xFF}, length), bytes.Repeat([]byte{3}, length)...)
	n, err := New(bytes.NewReader(skipped))
	if err != nil || !strings.HasPrefix(n, "5555-5555-5555-555") {
		t.Errorf("bytes beyond the alphabet gave %q, %v; they must be skipped", n, err)
	}
}

func TestNewFailsWithItsSource(t *testing.T) {
	broken := errors.New("no entropy")
	if n, err := New(iotest.ErrReader(broken)); !errors.Is(err, broken) || n != "" {
		t.Errorf("New gave %q and error %v, want the source's error", n, err)
	}
	if n, err := New(bytes.NewReader([]byte{1, 2, 3})); err == nil || n != "" {
		t.Errorf("New gave %q and error %v from a source that ran dry", n, err)
	}
}

func TestParseTakesNumbersAsPeopleWriteThem(t *testing.T) {
	const checked = "7K3M-9QXA-WB5T-2HND"
	for _, written := range []string{
		checked,
		strings.ToLower(checked),
		strings.ReplaceAll(checked, "-", ""),
		strings.ReplaceAll(checked, "-", " "),
		strings.ReplaceAll(checked, "-", "\u2013"),
		strings.ReplaceAll(checked, "-", "\u2011"),
		strings.ReplaceAll(checked, "-", "\u00A0"),
		"  " + checked + "\r\n",
		strings.Join(strings.Split(checked, ""), " "),
	} {
		if got, ok := Parse(written); !ok || got != checked {
			t.Errorf("Parse(%q) gave %q, %v, want %q", written, got, ok, checked)
		}
	}
	for _, wrong := range []string{
		"", "-", "7K3M", checked[:len(checked)-1], checked + "2", checked + checked,
		strings.Replace(checked, "7", "0", 1), strings.Replace(checked, "7", "1", 1),
		strings.Replace(checked, "7", "I", 1), strings.Replace(checked, "7", "L", 1), strings.Replace(checked, "7", "O", 1),
		strings.Replace(checked, "M", "М", 1), // the Cyrillic letter
		strings.Replace(checked, "-", "_", 1), strings.Replace(checked, "-", "\x00", 1),
		"ſ" + checked[1:], "\xFF" + checked[1:],
		checked + strings.Repeat(" ", longestInput),
	} {
		if got, ok := Parse(wrong); ok || got != "" {
			t.Errorf("Parse(%q) gave %q, %v, want it refused", wrong, got, ok)
		}
	}
}

// The check is a weighted sum, so what it makes of a slip depends on the places
// and the values alone: going through all of them is a proof for all numbers.
func TestEverySingleSlipAndEverySwapIsFound(t *testing.T) {
	for first := range length {
		for a := range len(alphabet) {
			for b := range len(alphabet) {
				if a == b {
					continue
				}
				slip := completed(t, map[int]int{first: a})
				slip[first] = b
				if n := format(slip); accepted(n) {
					t.Errorf("%s with %c misread at %d is not found out", n, alphabet[a], first)
				}
				for second := first + 1; second < length; second++ {
					swap := completed(t, map[int]int{first: a, second: b})
					swap[first], swap[second] = swap[second], swap[first]
					if n := format(swap); accepted(n) {
						t.Errorf("%s with %d and %d swapped is not found out", n, first, second)
					}
				}
			}
		}
	}
}

func accepted(s string) bool {
	_, ok := Parse(s)
	return ok
}

// completed is a valid number with the given values at their places: the first
// other place is set to whatever makes the check come out.
func completed(t *testing.T, fixed map[int]int) []int {
	t.Helper()
	values := make([]int, length)
	for place, v := range fixed {
		values[place] = v
	}
	free := 0
	for _, taken := fixed[free]; taken; _, taken = fixed[free] {
		free++
	}
	for v := range len(alphabet) {
		values[free] = v
		if check(values[:randomLength]) == values[randomLength] {
			return values
		}
	}
	t.Fatalf("no valid number with %v", fixed)
	return nil
}

func TestMaskKeepsTooLittleToFindACertificate(t *testing.T) {
	n := mustNew(t)
	want := n[:4] + "-****-****-****"
	for _, written := range []string{n, strings.ToLower(n), strings.ReplaceAll(n, "-", " ")} {
		if got := Mask(written); got != want {
			t.Errorf("Mask(%q) is %q, want %q", written, got, want)
		}
	}
	for _, other := range []string{"", "Jānis Bērziņš", n[:len(n)-1], n + "2"} {
		if got := Mask(other); got != "****" {
			t.Errorf("Mask(%q) is %q, want nothing of it", other, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "7K3M-9QXA-WB5T-2HND", "7k3m 9qxa wb5t 2hnd", "7K3M9QXAWB5T2HND", "2222-2222-2222-2222",
		"0O1I-L000-0000-0000", "７Ｋ３Ｍ－９ＱＸＡ", "----", "\u2028\u2029", "\xff\xfe", strings.Repeat("2", 1000), mustNew(f),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Parse(s)
		if !ok {
			if got != "" {
				t.Errorf("Parse(%q) refused it and gave %q", s, got)
			}
			return
		}
		if again, ok := Parse(got); !ok || again != got {
			t.Errorf("Parse(%q) gave %q, which reads as %q, %v", s, got, again, ok)
		}
	})
}
