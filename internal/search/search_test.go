package search

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// library is documents held in memory.
type library struct {
	ids   []int
	texts map[int][]Text
}

func (l library) Len() int { return len(l.ids) }

func (l library) ID(doc int) int { return l.ids[doc] }

func (l library) Texts(doc int, yield func(Text)) {
	for _, t := range l.texts[l.ids[doc]] {
		yield(t)
	}
}

func (l library) Mark(doc int, h *maphash.Hash) {
	for _, t := range l.texts[l.ids[doc]] {
		h.WriteString(t.Text)
		h.WriteByte(0)
	}
}

// of makes a library of titles and, after a bar, other texts in one language.
func of(lang string, documents ...string) library {
	l := library{texts: map[int][]Text{}}
	for id, d := range documents {
		title, rest, _ := strings.Cut(d, "|")
		l.ids = append(l.ids, id)
		l.texts[id] = []Text{{Lang: lang, Title: true, Text: title}, {Lang: lang, Text: rest}}
	}
	return l
}

// order is the documents found, best first.
func order(f Found) []int {
	hits := slices.Clone(f.Hits)
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(a.Rank, b.Rank) })
	docs := []int{}
	for _, h := range hits {
		docs = append(docs, h.Doc)
	}
	return docs
}

func TestWhatIsCloserComesFirst(t *testing.T) {
	x := New(of("sv",
		"Om eld|Här nämns skogsbrandsläckning",
		"Skogsbrandsläckning",
		"Skogsbränder",
		"Skogsbrand",
		"Om eld|Här nämns skogsbrand",
		"Släckning av brand i skog",
	))
	for typed, want := range map[string][]int{
		"skogsbrand":   {3, 2, 1, 4, 0},
		"Skogsbränder": {2, 3, 1, 4, 0},
		"brand":        {5, 1, 2, 3, 0, 4}, // parts of words come after the word, in titles before texts
	} {
		if diff := gocmp.Diff(want, order(x.Search(typed, "sv"))); diff != "" {
			t.Errorf("%s: %s", typed, diff)
		}
	}
}

func TestTheReadersLanguageComesFirst(t *testing.T) {
	l := library{ids: []int{0, 1, 2, 3}, texts: map[int][]Text{
		0: {{Lang: "da", Title: true, Text: "Kursus for ledere"}, {Lang: "nb", Text: "Kurs: redning"}},
		1: {{Lang: "da", Title: true, Text: "Redning"}},
		2: {{Lang: "nb", Title: true, Text: "Redning"}},
		3: {{Lang: "da", Title: true, Text: "Ledere"}, {Lang: "da", Text: "Om redning"}},
	}}
	x := New(l)
	if diff := gocmp.Diff([]int{2, 1, 0, 3}, order(x.Search("redning", "nb"))); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]int{1, 2, 3, 0}, order(x.Search("redning", "da"))); diff != "" {
		t.Error(diff)
	}
}

func TestAllWordsMustBeFoundButSmallOnes(t *testing.T) {
	x := New(of("en", "Course for trainers", "Trainers", "Course in Riga"))
	for typed, want := range map[string][]int{
		"course trainers":     {0},
		"course for trainers": {0},
		"the trainers":        {0, 1},
		"trainers with riga":  {},
		"for":                 {0},
		"course course":       {0, 2},
	} {
		if diff := gocmp.Diff(want, order(x.Search(typed, "en"))); diff != "" {
			t.Errorf("%s: %s", typed, diff)
		}
	}
}

func TestErrorsOfTypingAreForgiven(t *testing.T) {
	x := New(of("en", "Rescue swimmers", "Negotiation", "Fire", "Map", "Module 2024"))
	for typed, want := range map[string][]int{
		"resuce": {0}, "rescu": {0}, "reskue": {0}, "swimmres": {0}, "swimers": {0},
		"negociasion": {1}, "negtiaton": {1}, "fier": {2},
		"mep":    {}, // three letters
		"eescue": {}, // the first letter
		"resxxe": {}, // two in six
		"2025":   {}, // another number is another thing
		"rescue": {0},
	} {
		f := x.Search(typed, "en")
		if diff := gocmp.Diff(want, order(f)); diff != "" {
			t.Errorf("%s: %s", typed, diff)
		}
		if len(want) > 0 && (f.Taken == "") != (typed == "rescu" || typed == "rescue") {
			t.Errorf("%s was taken for %q", typed, f.Taken)
		}
	}
}

func TestAWordWellTypedIsNotTakenForAnother(t *testing.T) {
	x := New(of("en", "Border control", "Boarder training", "Order"))
	if f := x.Search("border", "en"); f.Taken != "" || !slices.Equal(order(f), []int{0}) {
		t.Errorf("found %v, taken for %q", order(f), f.Taken)
	}
	// But where it leads nowhere together with the others, it may have been meant for one.
	if f := x.Search("border training", "en"); f.Taken == "" || !slices.Equal(order(f), []int{1}) {
		t.Errorf("found %v, taken for %q", order(f), f.Taken)
	}
}

func TestFormsOfAWordBelongTogether(t *testing.T) {
	for lang, families := range map[string][]string{
		"da": {"brand brande branden brandene", "øvelse øvelser øvelsen", "grænse grænsen grænser"},
		"de": {"Waldbrand Waldbrände Waldbränden", "Übung Übungen", "Grenze Grenzen"},
		"en": {"fire fires", "training trainings", "police policing"},
		"et": {"päästja päästjad päästjate", "kursus kursused kursuste", "põleng põlengud põlengute"},
		"fi": {"metsäpalo metsäpalot metsäpalojen metsäpaloissa", "hallinta hallinnan hallintaa", "pelastaja pelastajat pelastajien"},
		"is": {"skógareldur skógareldar skógareldum", "almannavarnir almannavörnum", "sjálfboðaliði sjálfboðaliðar sjálfboðaliðum"},
		"lt": {"gaisras gaisrai gaisrų gaisro", "pasienietis pasieniečio", "gelbėtojas gelbėtojų"},
		"lv": {"ugunsgrēks ugunsgrēki ugunsgrēku ugunsgrēkā", "glābējs glābēju glābējiem", "evakuācija evakuācijas"},
		"nb": {"brann branner brannen", "øvelse øvelser øvelsen", "grense grensen"},
		"pl": {"pożar pożary pożarów pożaru pożarom", "ratownik ratownicy ratowników", "granica granicy granic"},
		"ru": {"пожар пожары пожаров пожару", "спасатель спасатели спасателей", "граница границы"},
		"sv": {"skogsbrand skogsbränder skogsbränderna", "övning övningar övningen", "gräns gränser"},
	} {
		for _, family := range families {
			forms := strings.Fields(family)
			for _, typed := range forms {
				x := New(of(lang, forms...))
				found := order(x.Search(typed, lang))
				bare := order(x.Search(fold(typed), lang))
				if len(found) != len(forms) || len(bare) != len(forms) {
					t.Errorf("%s: %s finds %d of %s, without marks %d", lang, typed, len(found), family, len(bare))
				}
			}
		}
	}
}

func TestWhatPeopleTypeForLettersThatTheyDoNotHave(t *testing.T) {
	x := New(of("de", "Ölverschmutzung", "Überwachung", "Führung"))
	for typed, want := range map[string]int{"Oelverschmutzung": 0, "olverschmutzung": 0, "UEBERWACHUNG": 1, "fuehrung": 2, "F\u00adühr\u200bung": 2} {
		if diff := gocmp.Diff([]int{want}, order(x.Search(typed, "de"))); diff != "" {
			t.Errorf("%s: %s", typed, diff)
		}
	}
}

func TestTheLastWordMayBeUnfinished(t *testing.T) {
	x := New(of("fi", "Ensihoito", "EU-kurssi", "Evakuointi"))
	if diff := gocmp.Diff([]int{0}, order(x.Typing("en", "fi"))); diff != "" {
		t.Error(diff)
	}
	if found := order(x.Search("en", "fi")); len(found) != 0 {
		t.Errorf("a finished word of two letters finds %v", found)
	}
	if found := order(x.Typing("en kurssi", "fi")); !slices.Equal(found, []int{1}) {
		t.Errorf("found %v", found)
	}
}

func TestBlankIsNoSearch(t *testing.T) {
	x := New(of("en", "One", "Two"))
	for _, text := range []string{"", "  ", "\u00a0", "\t\n", "\u200b\u00ad", "\x00\x07"} {
		if f := x.Search(text, "en"); !f.All {
			t.Errorf("%q is a search", text)
		}
	}
	for _, text := range []string{"!", "---", "“”", "💥"} {
		if f := x.Search(text, "en"); f.All || len(f.Hits) > 0 {
			t.Errorf("%q finds %+v", text, f)
		}
	}
}

func TestAProposalFindsSomething(t *testing.T) {
	x := New(of("en", "Border guard", "Swimmer"))
	for typed, want := range map[string]string{
		"birder guart": "border guard", "zwimmer": "swimmer", "qqqqqq": "", "ab": "", "": "", "!!": "", "swimmer guard": "",
	} {
		if got := x.Nearest(typed, "en"); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestNothingIsFoundInNothing(t *testing.T) {
	x := New(library{})
	if f := x.Search("border", "en"); f.All || len(f.Hits) > 0 || x.Nearest("border", "en") != "" {
		t.Errorf("%+v", f)
	}
}

// However documents come, go and change, an index carried on finds what one made
// anew does.
func TestAnIndexCarriedOnFindsTheSame(t *testing.T) {
	words := []string{"fire", "fires", "border", "guard", "rescue", "swimmer", "Riga", "forest"}
	rapid.Check(t, func(t *rapid.T) {
		l := library{texts: map[int][]Text{}}
		x := New(l)
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			for range rapid.IntRange(0, 90).Draw(t, "changes") {
				id := rapid.IntRange(0, 150).Draw(t, "id")
				text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "words"), " ")
				if l.texts[id] == nil {
					at, _ := slices.BinarySearch(l.ids, id)
					l.ids = slices.Insert(slices.Clone(l.ids), at, id)
				} else if text == "" {
					at, _ := slices.BinarySearch(l.ids, id)
					l.ids = slices.Delete(slices.Clone(l.ids), at, at+1)
					delete(l.texts, id)
					continue
				}
				l.texts[id] = []Text{{Lang: "en", Title: id%2 == 0, Text: text}}
			}
			x = x.With(l)
			anew := New(l)
			for _, typed := range []string{"fire", "rescue swimmer", "riga", "gaurd", "bord"} {
				if diff := gocmp.Diff(anew.Search(typed, "en").Hits, x.Search(typed, "en").Hits); diff != "" {
					t.Fatalf("%s: %s", typed, diff)
				}
			}
		}
	})
}

func TestOneChangeReadsOneDocument(t *testing.T) {
	documents := make([]string, 2000)
	for i := range documents {
		documents[i] = "Course|text"
	}
	l := of("en", documents...)
	x := New(l)
	l.texts[7] = []Text{{Lang: "en", Title: true, Text: "Changed"}}
	next := x.With(l)
	if len(next.parts) != 2 || len(next.parts[1].documents) != 1 || next.parts[0] != x.parts[0] {
		t.Errorf("%d parts", len(next.parts))
	}
	if found := order(next.Search("changed", "en")); !slices.Equal(found, []int{7}) {
		t.Errorf("found %v", found)
	}
	if found := next.Search("course", "en").Hits; len(found) != len(documents)-1 {
		t.Errorf("%d found", len(found))
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"fire", "fire", 0}, {"fire", "fier", 1}, {"fire", "fir", 1}, {"fire", "fires", 1},
		{"fire", "firm", 1}, {"rescue", "resuce", 1}, {"пожар", "пажор", 2}, {"abcdef", "ghijkl", 4},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := distance([]rune(pair[0]), []rune(pair[1]), 3); got != tt.want {
				t.Errorf("%s, %s: %d, want %d", pair[0], pair[1], got, tt.want)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"HK-1, RAD 10":            {"HK", "1", "RAD", "10"},
		"CEPOL's EU:n Schengen’s": {"CEPOL", "EU", "Schengen"},
		"fire: map":               {"fire", "map"},
		"Note:warning":            {"Note", "warning"},
		"ä\u0308o\u0301b":         {"ä\u0308o\u0301b"},
		"a\x00b\xffc":             {"a", "b", "c"},
		"«Пожар» – 12-й":          {"Пожар", "12", "й"},
		strings.Repeat("x", 65):   nil,
		"50 % (e.g.) 💥 №5":        {"50", "e", "g", "5"},
	} {
		var got []string
		tokens(text, func(w string) { got = append(got, w) })
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// FuzzSearch looks for anything: there is always an answer, and it is about
// documents that exist.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"", "border", "pożarów", "\u202eabc", "a\x00b", "\xff\xfe", strings.Repeat("ä", 300), "ﷺ", "İstanbul ıı", "ǅ", "'s", ":n", "-", "Ⅷ"} {
		f.Add(s, "en")
	}
	l := library{ids: []int{1, 2}, texts: map[int][]Text{}}
	for _, lang := range languages {
		l.texts[1] = append(l.texts[1], Text{lang, true, "Border metsäpalo pożary skogsbrand пожар ugunsgrēks"})
		l.texts[2] = append(l.texts[2], Text{lang, false, "almannavarnir Übung kursus gaisras"})
	}
	x := New(l)
	f.Fuzz(func(t *testing.T, text, lang string) {
		for _, found := range []Found{x.Search(text, lang), x.Typing(text, lang)} {
			for _, hit := range found.Hits {
				if hit.Doc < 0 || hit.Doc >= l.Len() {
					t.Errorf("%q finds %d", text, hit.Doc)
				}
			}
		}
		x.Nearest(text, lang)
		// As a text it can be read, and is found by itself.
		own := New(library{ids: []int{1}, texts: map[int][]Text{1: {{Lang: "fi", Title: true, Text: text}}}})
		words, _ := newWords(text)
		if utf8.RuneCountInString(text) > maxSearch {
			return // its last word is cut
		}
		if f := own.Search(text, lang); len(words) > 0 && len(f.Hits) != 1 {
			t.Errorf("%q does not find itself", text)
		}
	})
}
