package page

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/font/sfnt"
)

// Letters beyond A to Z of the twelve languages and of neighbours in the region,
// and the signs their sentences use.
const regionLetters = "ÆØÅæøå ÄÖÜßäöüẞ ÕõŠšŽž ÁÐÉÍÓÚÝÞáðéíóúýþ " +
	"ĄČĘĖĮŠŲŪŽąčęėįšųūž ĀČĒĢĪĶĻŅŖŠŪŽāčēģīķļņŗšūž ĄĆĘŁŃÓŚŹŻąćęłńóśźż " +
	"АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя ІЇЄҐЎіїєґў " +
	"ÁČĐŊŠŦŽáčđŋšŧž ǍǦǤǨǮÂʒǍǧǥǩǯ „“”‚‘’«»‹›–—…·•§°№€"

// Letters of DIN SPEC 91379 that lie outside the blocks of European alphabets,
// one or more of each kind.
const registerLetters = "ƏəƗɨƷʒƠơƯưƇƈǕǖǗǘǙǚǛǜǞǟǪǫǬǭǰǴǵǸǹȒȓȘșȚțȞȟȦȧȨȩȪȫȬȭȮȯȰȱȲȳ" +
	"ḂḃḆḇḊḋḌḍḎḏḐḑḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḰḱḲḳḴḵḶḷḺḻṀṁṂṃṄṅṆṇṈṉṒṓṔṕṖṗṘṙṚṛṞṟṠṡṢṣṪṫṬṭṮṯ" +
	"ẀẁẂẃẄẅẆẇẌẍẎẏẐẑẒẓẔẕẖẗẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồ" +
	"ʹʺʾʿˈˌʰʳˢᵈᵗ⁰⁴₀₉™′″†‰"

func TestFontsHaveTheLettersOfEuropeanRegisters(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range regionLetters + registerLetters {
		if !fonts.draws(r) {
			t.Errorf("no letter for %q (%U)", r, r)
		}
	}
	for r := rune(0); r < 0x3000; r++ {
		if fonts.draws(r) && (unicode.IsMark(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%U would be drawn though it cannot stand by itself", r)
		}
	}
}

// gofpdf reads only TrueType outlines, and gives a wrong width to glyphs behind
// the last one with a width of its own.
func TestFontsAreWhatGofpdfReads(t *testing.T) {
	for name, ttf := range map[string]string{"serif": serifTTF, "sans": sansTTF} {
		if !strings.HasPrefix(ttf, "\x00\x01\x00\x00") {
			t.Errorf("%s is no TrueType font", name)
		}
		font, err := sfnt.Parse([]byte(ttf))
		if err != nil {
			t.Fatal(err)
		}
		ownWidths := sfnt.GlyphIndex(table(t, ttf, "hhea", 34))
		for r := rune(' '); r <= 0xFFFF; r++ {
			if glyph, err := font.GlyphIndex(nil, r); err != nil || glyph >= ownWidths-1 {
				t.Errorf("%s: glyph %d of %U has no width of its own (%v)", name, glyph, r, err)
			}
		}
	}
}

// table reads the 16-bit number at an offset of a font's table.
func table(t *testing.T, ttf, tag string, offset int) int {
	t.Helper()
	number := func(at, bytes int) int {
		n := 0
		for _, b := range []byte(ttf[at : at+bytes]) {
			n = n<<8 | int(b)
		}
		return n
	}
	for entry := range number(4, 2) {
		if at := 12 + 16*entry; ttf[at:at+4] == tag {
			return number(number(at+8, 4)+offset, 2)
		}
	}
	t.Fatalf("font has no table %s", tag)
	return 0
}

func TestDarkModulesAreCoveredOnce(t *testing.T) {
	bitmap := [][]bool{
		{true, true, false, true},
		{true, true, false, true},
		{false, true, true, false},
		{true, false, false, true},
	}
	covered := make([][]int, len(bitmap))
	for y := range covered {
		covered[y] = make([]int, len(bitmap[y]))
	}
	merged := mergeModules(bitmap)
	for _, m := range merged {
		for y := m.y; y < m.y+m.h; y++ {
			for x := m.x; x < m.x+m.w; x++ {
				covered[y][x]++
			}
		}
	}
	for y, row := range bitmap {
		for x, dark := range row {
			want := 0
			if dark {
				want = 1
			}
			if covered[y][x] != want {
				t.Errorf("module %d,%d is covered %d times, want %d", x, y, covered[y][x], want)
			}
		}
	}
	if len(merged) != 5 {
		t.Errorf("%d rectangles, want 5: equal runs above each other are one", len(merged))
	}
}
