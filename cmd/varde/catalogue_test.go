package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/catalogue/data"
)

// courses is what an import may change, as text.
func courses(t *testing.T) []string {
	t.Helper()
	a := installation(t)
	defer a.Close()
	var list []string
	for _, c := range a.DB.Ent.Course.Query().WithTexts().AllX(t.Context()) {
		list = append(list, c.String(), fmt.Sprint(c.Edges.Texts))
	}
	return list
}

func TestTheShippedCatalogueIsImportedOnce(t *testing.T) {
	folder := install(t)
	file := write(t, filepath.Join(folder, "courses.json"), string(data.Courses))
	if out := done(t, "", "import", "courses", file); out != "courses: 100 added, 0 changed, 0 unchanged\n" {
		t.Errorf("first: %q", out)
	}
	before := courses(t)
	if out := done(t, "", "import", "courses", file); out != "courses: 0 added, 0 changed, 100 unchanged\n" {
		t.Errorf("second: %q", out)
	}
	if diff := cmp.Diff(before, courses(t)); diff != "" {
		t.Error(diff)
	}
}

func TestABadCatalogueIsRefusedByRecordAndFieldAndChangesNothing(t *testing.T) {
	folder := install(t)
	good := `{"id": "one", "title": "First"}`
	if out := done(t, "["+good+"]", "import", "courses", "-"); out != "courses: 1 added, 0 changed, 0 unchanged\n" {
		t.Errorf("from standard input: %q", out)
	}
	before := courses(t)
	changed := `{"id": "one", "title": "Changed"}`
	for _, tt := range []struct {
		what, second string
		words        []string
	}{
		{"an unknown profession", `{"id": "two", "title": "T", "target_professions": ["juggler"]}`, []string{"Record 2 (two)", "professions", "juggler"}},
		{"the same id twice", `{"id": "one", "title": "T"}`, []string{"Record 2 (one)", "field id", "record 1"}},
		{"a wrong type", `{"id": "two", "title": 7}`, []string{"Record 2 (two)", "field title", "text"}},
		{"a record that is none", `"two"`, []string{"Record 2"}},
		{"two things at once", `{"id": "two", "title": "T", "target_professions": ["juggler"], "topics": ["juggling"]}`, []string{"juggler", "juggling"}},
	} {
		file := write(t, filepath.Join(folder, "bad.json"), "["+changed+",\n"+tt.second+"]")
		t.Run(tt.what, func(t *testing.T) { refused(t, exitNo, "", []string{"import", "courses", file}, tt.words...) })
	}
	for what, text := range map[string]string{
		"cut off": "[" + changed + ",\n{\"id\": \"two\"",
		"broken":  "[" + changed + ",\n{\"id\" \"two\"}]",
		"empty":   "",
		"zeros":   strings.Repeat("\x00", 5000),
	} {
		file := write(t, filepath.Join(folder, "bad.json"), text)
		t.Run(what, func(t *testing.T) { refused(t, exitNo, "", []string{"import", "courses", file}) })
	}
	file := write(t, filepath.Join(folder, "bad.json"), "["+changed+",\n{\"id\" \"two\"}]")
	refused(t, exitNo, "", []string{"import", "courses", file}, "line 2", "record 2")
	if diff := cmp.Diff(before, courses(t)); diff != "" {
		t.Errorf("a refused catalogue changed something: %s", diff)
	}
}

func TestTextsEditedInVardeAreListedAndOverwrittenOnlyOnDemand(t *testing.T) {
	folder := install(t)
	file := write(t, filepath.Join(folder, "courses.json"), `[{"id": "one", "title": "First", "description": "Words."}]`)
	done(t, "", "import", "courses", file)
	a := installation(t)
	a.DB.Ent.CourseText.Update().Where(coursetext.Kind("summary")).SetText("Better words.").SetEditedAt(time.Now()).ExecX(t.Context())
	must(t, a.Close())
	before := courses(t)
	const kept = "courses: 0 added, 0 changed, 1 unchanged\n" +
		"texts kept as they were edited in Varde: 1; import courses --overwrite takes those of the file\n  first: summary in en\n"
	if out := done(t, "", "import", "courses", file); out != kept {
		t.Errorf("without --overwrite: %q", out)
	}
	if diff := cmp.Diff(before, courses(t)); diff != "" {
		t.Error(diff)
	}
	if out := done(t, "", "import", "courses", "--overwrite", file); out != "courses: 0 added, 1 changed, 0 unchanged\n" {
		t.Errorf("with --overwrite: %q", out)
	}
	if out := done(t, "", "import", "courses", file, "--overwrite"); out != "courses: 0 added, 0 changed, 1 unchanged\n" {
		t.Errorf("once more: %q", out)
	}
	refused(t, exitUsage, "", []string{"import", "courses", "--overwrite"}, "FILE")
}

// Somebody gives the wrong file: it is not to fill the memory.
func TestAHugeFileIsRefusedBeforeItIsReadWhole(t *testing.T) {
	folder := install(t)
	done(t, "", "migrate")
	path := filepath.Join(folder, "huge.json")
	file, err := os.Create(path)
	must(t, err)
	_, err = file.WriteString(`[{"id": "a", "title": "`)
	must(t, err)
	megabyte := bytes.Repeat([]byte("x"), 1<<20)
	for range 200 {
		_, err := file.Write(megabyte)
		must(t, err)
	}
	must(t, file.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	refused(t, exitNo, "", []string{"import", "courses", path}, "larger than 64 MB")
	runtime.ReadMemStats(&after)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("refused after %v", took)
	}
	if grown := (after.Sys - before.Sys) >> 20; grown > 400 {
		t.Errorf("took %d MB of memory", grown)
	}
}
