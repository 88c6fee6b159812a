package page

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// drawn is the SHA-256 of what each layout draws for the samples, with its fonts.
var drawn = map[string]string{
	"2": "22788b5c0c9455c99378a216906ed8e789bad85f239abbc19f257540c091d0e9",
}

// A row names the layout that it was issued with, so that years later anyone can say
// which program repeats its page. The name is worth nothing if the drawing changes
// under it.
func TestALayoutAlwaysDrawsTheSame(t *testing.T) {
	sum := sha256.New()
	fonts, err := filepath.Glob("fonts/*.ttf")
	if err != nil || len(fonts) == 0 {
		t.Fatalf("%d fonts, %v", len(fonts), err)
	}
	for _, name := range append(fonts, "fonts/marks.txt") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	samples := []Facts{dressed(t, "lv", 2, 2), dressed(t, "ru", 1, 1), crowded(t)}
	for _, lang := range slices.Sorted(maps.Keys(sampleText)) {
		samples = append(samples, sample(lang))
	}
	marked := sample("en")
	marked.Holder = "Ǩiurâl L\u0325\u0304 Ǯiđgg"
	for _, f := range append(samples, marked) {
		sum.Write(content(t, mustRender(t, f)))
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != drawn[Layout] {
		t.Errorf("layout %q draws %s and not %q: if that is meant, it is a new layout: count Layout up and note its sum here",
			Layout, got, drawn[Layout])
	}
}

// content is what is drawn on the page, unpacked: how it is packed may change with Go.
func content(t *testing.T, pdf []byte) []byte {
	t.Helper()
	_, object, found := bytes.Cut(pdf, fmt.Appendf(nil, "\n%d 0 obj\n", contentObject))
	_, packed, begun := bytes.Cut(object, []byte("stream\n"))
	if !found || !begun {
		t.Fatal("the page has no content")
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
