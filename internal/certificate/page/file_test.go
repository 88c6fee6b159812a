package page

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

const badgeName = "badge.jwt"

func withBadge(f Facts) Facts {
	f.Attachments = []Attachment{
		{Name: "facts.json", MIME: "application/json", Description: "Факты", Bytes: []byte(`{"name":"Jānis"}`)},
		{Name: badgeName, MIME: "application/vc+jwt", Description: "Open Badge 3.0 (signed)", Bytes: []byte(strings.Repeat("eyJhbGciOiJSUzI1NiJ9.", 200))},
	}
	return f
}

func writePDF(t *testing.T, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAttachmentsTravelInTheFile(t *testing.T) {
	f := withBadge(dressed(t, "lv", 2, 2))
	file := writePDF(t, mustRender(t, f))
	if report := run(t, nil, "qpdf", "--check", file); !strings.Contains(report, "No syntax or stream encoding errors found") {
		t.Errorf("qpdf: %s", report)
	}
	for _, a := range f.Attachments {
		got := run(t, nil, "qpdf", "--show-attachment="+a.Name, file)
		if got != string(a.Bytes) {
			t.Errorf("%s: %d bytes came back, want %d", a.Name, len(got), len(a.Bytes))
		}
	}
	list := run(t, nil, "qpdf", "--list-attachments", "--verbose", file)
	for _, want := range []string{"application/vc+jwt", "Факты", "Open Badge 3.0 (signed)"} {
		if !strings.Contains(list, want) {
			t.Errorf("qpdf does not list %q:\n%s", want, list)
		}
	}
	// An associated file is named by the catalogue too, by way of its kind.
	catalogue := run(t, nil, "qpdf", "--show-object=1", file)
	if !strings.Contains(catalogue, "/AF [") {
		t.Errorf("the attachments are not associated with the document: %s", catalogue)
	}
	dir := t.TempDir()
	run(t, nil, "pdfdetach", "-saveall", "-o", dir, file)
	saved, err := os.ReadFile(filepath.Join(dir, badgeName))
	if err != nil || !bytes.Equal(saved, f.Attachments[1].Bytes) {
		t.Errorf("pdfdetach saved %d bytes (%v)", len(saved), err)
	}
}

func TestAttachmentsThatNoFileCanCarryAreRefused(t *testing.T) {
	good := Attachment{Name: badgeName, MIME: "application/vc+jwt", Bytes: []byte("x")}
	for name, change := range map[string]func(*Attachment){
		"no name":           func(a *Attachment) { a.Name = "" },
		"path":              func(a *Attachment) { a.Name = "../badge.jwt" },
		"name in Cyrillic":  func(a *Attachment) { a.Name = "значок.jwt" },
		"no kind":           func(a *Attachment) { a.MIME = "" },
		"kind with syntax":  func(a *Attachment) { a.MIME = "text/plain>>" },
		"no text":           func(a *Attachment) { a.Description = "\xff" },
		"more than a badge": func(a *Attachment) { a.Bytes = make([]byte, mostAttached+1) },
	} {
		f, one := sample("en"), good
		change(&one)
		f.Attachments = []Attachment{one}
		if pdf, err := Render(f); err == nil || pdf != nil {
			t.Errorf("%s: Render gave %d bytes and error %v, want an error alone", name, len(pdf), err)
		}
	}
	f := sample("en")
	f.Attachments = []Attachment{good, good}
	if _, err := Render(f); err == nil {
		t.Error("two attachments of one name are both in the file")
	}
}

// What was drawn before must not show: the fonts of a worker know all letters
// they ever drew.
func TestBytesDoNotDependOnWhatWasDrawnBefore(t *testing.T) {
	pages := []Facts{sample("en"), sample("ru"), crowded(t), withBadge(dressed(t, "lv", 2, 1))}
	other := sample("de")
	other.Holder = "Ǩiurâl Ǯiđgg Đặng Αλέξανδρος L̥̄"
	var first [][]byte
	for _, f := range pages {
		first = append(first, mustRender(t, f))
	}
	for range 3 {
		for i, f := range pages {
			mustRender(t, other)
			if !bytes.Equal(mustRender(t, f), first[i]) {
				t.Errorf("page %d differs after others were drawn", i)
			}
		}
	}
}

func TestDocumentsOfOneContentHaveOneName(t *testing.T) {
	id := regexp.MustCompile(`/ID \[<([0-9a-f]{32})> <([0-9a-f]{32})>\]`)
	names := map[string]int{}
	for i := range 3 {
		f := sample("en")
		f.Number = fmt.Sprintf("7K3M-9QXA-WB5T-2HN%d", i%2)
		m := id.FindSubmatch(mustRender(t, f))
		if m == nil || string(m[1]) != string(m[2]) {
			t.Fatal("the file has no name of its own")
		}
		names[string(m[1])]++
	}
	if len(names) != 2 {
		t.Errorf("three files of two contents have %d names", len(names))
	}
}

// A document carries no more of a font than its letters need.
func TestDocumentsAreSmall(t *testing.T) {
	const kB = 1000
	rare := sample("de")
	rare.Holder = "Ǩiurâl Ǯiđgg"
	for name, c := range map[string]struct {
		facts Facts
		most  int
	}{
		"Latin":              {sample("lv"), 45 * kB},
		"Cyrillic and Latin": {sample("ru"), 55 * kB},
		"rare letters":       {rare, 85 * kB},
	} {
		if n := len(mustRender(t, c.facts)); n > c.most {
			t.Errorf("%s: %d bytes, want at most %d", name, n, c.most)
		} else {
			t.Logf("%s: %d bytes", name, n)
		}
	}
}

// The fonts that a worker keeps must not grow with the documents it draws.
func TestManyDocumentsTakeNoMoreMemoryThanFew(t *testing.T) {
	f := sample("lv")
	heap := func(documents int) uint64 {
		for i := range documents {
			f.Number = fmt.Sprintf("7K3M-9QXA-%04d", i)
			mustRender(t, f)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := heap(50)
	many := heap(500)
	const growth = 8 << 20 // a page is some 40 kB, so 500 kept would be 20 MB
	if many > few+growth {
		t.Errorf("after 50 documents %d kB are in use, after 500 more %d kB", few>>10, many>>10)
	}
}
