package page

import (
	"testing"
	"unicode"
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

// Each variant has all letters of the one before, and draws them no wider.
func TestVariantsOfAFontAgree(t *testing.T) {
	for _, family := range []string{"NotoSerif", "NotoSans"} {
		smaller := map[rune]int{}
		for _, variant := range variants {
			ttf, err := fontFiles.ReadFile("fonts/" + family + "-" + variant + ".ttf")
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := readFont(ttf)
			if err != nil {
				t.Fatal(err)
			}
			larger := map[rune]int{}
			for _, g := range parsed.glyphs {
				larger[g.code] = g.advance
			}
			for r, advance := range smaller {
				if got, ok := larger[r]; !ok || got != advance {
					t.Errorf("%s-%s: %U is %d wide, in the smaller variant %d", family, variant, r, got, advance)
				}
			}
			if len(larger) <= len(smaller) {
				t.Errorf("%s-%s has no more letters than the smaller variant", family, variant)
			}
			smaller = larger
		}
	}
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
