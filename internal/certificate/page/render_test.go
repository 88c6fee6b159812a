package page

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// registerNames are the names a certificate must write exactly as given.
var registerNames = []string{
	"Þórður Ægisson", "Žydrūnė Šiaučiūnaitė", "Łukasz Żółć-Świątek", "Jānis Bērziņš-Ķēniņš",
	"Õnne Ööbik", "Юрий Щербаков", "Bjørn Ødegård", "Ragnheiður Þóra Guðmundsdóttir",
	"Ǩiurâl Ǯiđgg", "Nguyễn Thị Hồng Ánh", "Ștefan Țîrlea", "İpek Yıldız Ağaoğlu", "D’Arcy O'Neill-Ŵynn",
	"Αλέξανδρος Παπαδόπουλος", "Її Ґалаґан-Ўсціновіч",
}

const eightyLetters = "Maximilian-Alexander Freiherr von Schöneberg-Württemberg zu Lauenstein-Grünwalde"

// run gives input to one of the tools a checker would use. A missing tool fails
// the test: without it nothing would have been proved.
func run(t *testing.T, input []byte, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, stderr.String())
	}
	return string(out)
}

func mustRender(t testing.TB, f Facts) []byte {
	t.Helper()
	pdf, err := Render(f)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	return pdf
}

// words is a text with all white space alike, as lines may break anywhere.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestNamesComeBackLetterByLetter(t *testing.T) {
	for _, name := range append([]string{eightyLetters}, registerNames...) {
		f := sample("en")
		f.Holder = name
		text := run(t, mustRender(t, f), "pdftotext", "-raw", "-", "-")
		if !strings.Contains(words(text), name) {
			t.Errorf("name %q is not in the page's text:\n%s", name, text)
		}
	}
}

func TestEveryLanguageIsOnThePageInFull(t *testing.T) {
	for lang := range sampleText {
		f := sample(lang)
		text := words(run(t, mustRender(t, f), "pdftotext", "-raw", "-", "-"))
		said := []string{f.Number, f.VerifyURL, f.Holder, f.Issuer}
		for _, one := range []Text{f.Primary, f.Secondary} {
			said = append(said, one.Heading, one.Awarded, one.Course, one.Completed, one.Signed, one.VerifyHint)
			for _, fact := range one.Facts {
				said = append(said, fact.Label, fact.Value)
			}
		}
		for _, s := range said {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is not in the page's text:\n%s", lang, s, text)
			}
		}
	}
}

// A screen reader follows the order in which the page is drawn.
func TestThePageIsReadFromTopToBottom(t *testing.T) {
	f := dressed(t, "lv", 2, 2)
	text := words(run(t, mustRender(t, f), "pdftotext", "-raw", "-", "-"))
	at := -1
	for _, next := range []string{
		f.Primary.Heading, f.Secondary.Heading, f.Primary.Awarded, f.Holder, f.Primary.Completed, f.Primary.Course,
		f.Primary.Facts[0].Value, f.Primary.Facts[6].Value, "Council of the Baltic", f.Signatories[0].Name, f.Signatories[1].Role, f.Number,
	} {
		found := strings.Index(text, next)
		if found < at {
			t.Errorf("%q is read before what stands above it:\n%s", next, text)
		}
		at = found
	}
}

func TestEveryLanguageIsOneSoundPageWithItsFonts(t *testing.T) {
	for lang := range sampleText {
		pdf := mustRender(t, sample(lang))
		info := run(t, pdf, "pdfinfo", "-")
		for _, line := range []string{`Pages: +1`, `Page size: +841\.89 x 595\.28 pts \(A4\)`, `Encrypted: +no`} {
			if !regexp.MustCompile(line).MatchString(info) {
				t.Errorf("%s: pdfinfo does not say %q:\n%s", lang, line, info)
			}
		}
		checkFonts(t, lang, run(t, pdf, "pdffonts", "-"))
		file := filepath.Join(t.TempDir(), "page.pdf")
		if err := os.WriteFile(file, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, nil, "qpdf", "--check", file)
		if !bytes.Contains(pdf, []byte("/Lang ("+lang+")")) {
			t.Errorf("%s: the document does not name its language", lang)
		}
	}
}

func checkFonts(t *testing.T, lang, listing string) {
	t.Helper()
	rows := strings.Split(strings.TrimSpace(listing), "\n")[2:]
	if len(rows) != 2 {
		t.Errorf("%s: %d fonts on the page, want 2:\n%s", lang, len(rows), listing)
	}
	embeddedWithUnicode := regexp.MustCompile(` CID TrueType +Identity-H +yes +yes +yes `)
	for _, row := range rows {
		if !embeddedWithUnicode.MatchString(row) {
			t.Errorf("%s: font is not embedded TrueType with Unicode: %s", lang, row)
		}
	}
}

func TestDocumentSaysWhatItIs(t *testing.T) {
	info := words(run(t, mustRender(t, sample("lv")), "pdfinfo", "-isodates", "-"))
	for _, want := range []string{
		"Title: Apliecība par kursa apguvi: Ugunsgrēku dzēšana uz pasažieru kuģiem",
		"Author: " + sampleIssuer,
		"Producer: Varde, layout " + Layout,
		"Subject: " + sampleNumber,
		"CreationDate: 2027-06-12T09:30:00",
		"ModDate: 2027-06-12T09:30:00",
	} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not say %q: %s", want, info)
		}
	}
}

func TestCodeLeadsToTheVerifyAddress(t *testing.T) {
	for _, address := range []string{
		sampleURL,
		"http://127.0.0.1:8080/verify/7K3M",
		"https://certificates.training.baltic-sea-region.example/lv/verify/" + sampleNumber + "?from=paper",
	} {
		f := dressed(t, "de", 2, 2)
		f.VerifyURL = address
		dir := t.TempDir()
		run(t, mustRender(t, f), "pdftoppm", "-png", "-r", "110", "-singlefile", "-", filepath.Join(dir, "page"))
		read := run(t, nil, "zbarimg", "--quiet", "--raw", filepath.Join(dir, "page.png"))
		if diff := cmp.Diff(address, strings.TrimSpace(read)); diff != "" {
			t.Errorf("QR code read back (-want +got):\n%s", diff)
		}
	}
}

func TestSameFactsGiveSameBytes(t *testing.T) {
	for _, lang := range []string{"en", "lv", "ru"} {
		const pages = 8
		var wg sync.WaitGroup
		got := make([][]byte, pages)
		for i := range got {
			wg.Go(func() {
				pdf, err := Render(sample(lang))
				if err != nil {
					t.Errorf("Render: %v", err)
				}
				got[i] = pdf
			})
		}
		wg.Wait()
		for i := 1; i < pages; i++ {
			if !bytes.Equal(got[0], got[i]) {
				t.Errorf("%s: page %d differs from page 0 though the facts are the same", lang, i)
			}
		}
	}
}

func TestDecomposedLettersAreDrawnAsOne(t *testing.T) {
	composed, decomposed := sample("pl"), sample("pl")
	decomposed.Holder = norm.NFD.String(composed.Holder)
	decomposed.Primary.Facts = []Fact{{"Nazwa", norm.NFD.String("Świnoujście")}}
	composed.Primary.Facts = []Fact{{"Nazwa", "Świnoujście"}}
	if decomposed.Holder == composed.Holder {
		t.Fatal("the sample's name has nothing to decompose")
	}
	if !bytes.Equal(mustRender(t, composed), mustRender(t, decomposed)) {
		t.Error("a letter and its mark typed apart are not drawn like the letter typed at once")
	}
	if want := norm.NFD.String("Świnoujście"); decomposed.Primary.Facts[0].Value != want {
		t.Error("Render changed the caller's facts")
	}
}

var widthsArray = regexp.MustCompile(`(?s)/W \[(.*?)\]\n/CIDToGIDMap`)

// A width in the document that differs from the font's would push the letters of
// a name apart or into each other.
func TestDocumentWidthsAreTheFontsWidths(t *testing.T) {
	fonts, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range append(registerNames, "AAAA BBB CCĀĀ ĒĒĒ ŠŠŠ", "ЖЖЖЗИИ абвгд", "ąćęłńóśźż ĄĆĘŁŃÓŚŹŻ") {
		f := sample("en")
		f.Holder = name
		arrays := widthsArray.FindAllSubmatch(mustRender(t, f), -1)
		if len(arrays) != 2 {
			t.Fatalf("%d width arrays, want 2", len(arrays))
		}
		serif := parseWidths(t, string(arrays[0][1]))
		for _, r := range name {
			if serif[r] != fonts.serif.advance(r) {
				t.Errorf("name %d: width of %q is %d in the document, %d in the font", i, r, serif[r], fonts.serif.advance(r))
			}
		}
	}
}

// parseWidths reads a width array, "first [w w w] first [w w]".
func parseWidths(t *testing.T, s string) map[rune]int {
	t.Helper()
	widths := map[rune]int{}
	for list := range strings.SplitSeq(s, "]") {
		first, rest, _ := strings.Cut(list, "[")
		code, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil && strings.TrimSpace(list) != "" {
			t.Fatalf("width array: %q: %v", list, err)
		}
		for i, field := range strings.Fields(rest) {
			width, err := strconv.Atoi(field)
			if err != nil {
				t.Fatalf("width array: %q: %v", list, err)
			}
			widths[rune(code+i)] = width
		}
	}
	return widths
}

func BenchmarkRender(b *testing.B) {
	f := sample("lv")
	b.ReportAllocs()
	for b.Loop() {
		mustRender(b, f)
	}
}

func BenchmarkRenderParallel(b *testing.B) {
	f := sample("lv")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mustRender(b, f)
		}
	})
}
