package seal

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// withTable puts objects, numbered from 1, into a file with a classic table; the
// first is the catalogue.
func withTable(objects ...string) []byte {
	out := []byte("%PDF-1.7\n")
	table := fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		table = fmt.Appendf(table, "%010d 00000 n \n", len(out))
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := len(out)
	out = append(out, table...)
	return fmt.Appendf(out, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
}

// Whatever a stranger sends to the page where certificates are checked, the
// server answers soon and without growing.
func TestHostileFilesAreAnsweredSoon(t *testing.T) {
	trust := Trust{Chain: testIssuer(t).Chain()}
	long := func(s string) string { return strings.Repeat(s, (MaxBytes-1<<10)/len(s)) }
	signed := string(mustSign(t, smallPDF(t), testIssuer(t), options()))
	bomb := packed(t, bytes.Repeat([]byte("bomb"), 64<<20/4))
	attached := withTable("<</Names <</EmbeddedFiles <</Names [(a) 2 0 R]>>>>>>",
		"<</UF (badge.jwt) /EF <</F 3 0 R>>>>",
		fmt.Sprintf("<</Length %d /Filter /FlateDecode>>\nstream\n%s\nendstream", len(bomb), bomb))
	for name, pdf := range map[string][]byte{
		"nested arrays":           withTable(long("[")),
		"nested dictionaries":     withTable(long("<</A")),
		"many numbers":            withTable("<</AcroForm <</Fields [" + long("1 ") + "]>>>>"),
		"one object, many times":  withTable("<</AcroForm <</Fields ["+strings.Repeat("2 0 R ", 10_000)+"]>>>>", "<</A ["+strings.Repeat("0 ", 400_000)+"]>>"),
		"fields of fields":        withTable("<</AcroForm <</Fields [2 0 R]>>>>", "<</Kids ["+strings.Repeat("2 0 R ", 1000)+"]>>"),
		"object within itself":    withTable("<</AcroForm 2 0 R>>", "2 0 R"),
		"white space":             withTable(long(" ")),
		"comments":                withTable(long("%\n")),
		"string without end":      withTable("(" + long("\\(")),
		"digits without end":      withTable("<" + long("0")),
		"name without end":        withTable("/" + long("#41")),
		"many ranges":             []byte("%PDF-1.7\n" + long("/ByteRange[0 1 2 3]")),
		"many ends":               []byte("%PDF-1.7\n" + long("startxref\n9\n%%EOF\n")),
		"many updates of genuine": []byte(signed + long("/ByteRange[0 1 2 "+fmt.Sprint(len(signed)+100)+"]")),
		"table of millions":       []byte("%PDF-1.7\nxref\n0 9999999999\n" + long("0000000000 00000 n \n") + "trailer<<>>\nstartxref\n9\n%%EOF\n"),
		"sections in a ring":      []byte("%PDF-1.7\nxref\n0 0\ntrailer\n<</Root 1 0 R /Prev 9>>\nstartxref\n9\n%%EOF\n"),
		"place beyond the file":   []byte("%PDF-1.7\nstartxref\n9999999999\n%%EOF\n"),
		"bomb":                    attached,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			if v := Check(pdf, trust); v.Genuine {
				t.Errorf("got %+v", v)
			}
			if content, err := ReadAttachment(pdf, badgeName); err == nil {
				t.Errorf("an attachment of %d bytes", len(content))
			}
			if took := time.Since(begun); took > time.Minute {
				t.Errorf("took %v", took)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
				t.Errorf("%d MB", grown>>20)
			}
		})
	}
}

func packed(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What other programs write is read as it is meant.
func TestValuesOfPDF(t *testing.T) {
	for text, want := range map[string]string{
		`(a\(b\)\\ (c) \101\n\
x)`: "a(b)\\ (c) A\nx",
		"(\\r\\t\\b\\f\\7\\q)":      "\r\t\b\f\aq",
		"<41 4>":                    "A@",
		"% comment\n /N#61me ":      "Name",
		"<feff00e50101>":            "åā",
		"<</A 1 /B (x)>>":           "",
		"[1 2 R 3 0 R true -4 .5 ]": "",
	} {
		budget := 1 << 12
		v, err := (&lexer{data: []byte(text), budget: &budget}).value(0)
		if err != nil || readText(v.text) != want {
			t.Errorf("%s: %q, %v; want %q", text, readText(v.text), err, want)
		}
	}
	for _, text := range []string{"", "(", "(\\", "<", "<4g>", "<<", "<</A", "<</A>>", "<</A 1 /A 2>>", "<</A 1 /#41 2>>", "<<1 2>>", "[", "[1", "]", "/N#4", "nil", ")"} {
		budget := 1 << 12
		if v, err := (&lexer{data: []byte(text), budget: &budget}).value(0); err == nil {
			t.Errorf("%s: read as %+v", text, v)
		}
	}
}
